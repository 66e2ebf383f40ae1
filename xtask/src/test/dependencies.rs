//! What is built in: every crate has a licence that the project can be shipped under, and no crate of our own can
//! contain unsafe code (OP-14). Rule: cargo says what is built, so nothing is asked of the network that a build does not
//! ask for.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::files::read_text;
use crate::process::output;
use crate::project::{Project, cargo};
use crate::wasm;
use crate::wasm_target::TARGET;

/// Licences that ask for no more than their text being passed on.
const ALLOWED: [&str; 11] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "BSL-1.0",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
];
/// Licences of data that a crate embeds: webpki-roots holds Mozilla's list of certificates.
const ALLOWED_FOR_DATA: &str = "CDLA-Permissive-2.0";

/// Checks all crates of the server, of the browser bundle and of the tools.
pub fn check(project: &Project) -> Result {
    let features = "leptos-auth-server/dev,leptos-auth-server/all-databases,leptos-auth-server/ldap";
    let server = ["--workspace", "--features", features];
    let features = wasm::DEVELOPMENT.features;
    let browser = ["--package", "leptos-auth-app", "--features", features, "--target", TARGET];
    let refused = refused_licences(&(tree(project, &server)? + &tree(project, &browser)?));
    if !refused.is_empty() {
        return Err(Failure::new(format!("No licence that we know in: {}.", refused.join(", "))));
    }
    forbids_unsafe(project)
}

/// One line for each crate: name, version, `|`, licence.
fn tree(project: &Project, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(cargo());
    command.args(["tree", "--locked", "--no-dedupe", "--edges", "normal,build", "--prefix", "none"]);
    command.args(["--format", "{p}|{l}"]).args(arguments).current_dir(project.path(""));
    output(&mut command, "cargo cannot list the dependencies: it says why above.")
}

/// Names and licences of the crates that may not be there.
fn refused_licences(tree: &str) -> Vec<String> {
    let mut refused: Vec<_> = tree
        .lines()
        .filter_map(|line| line.split_once('|'))
        .filter(|(_, licence)| !is_allowed(licence))
        .map(|(name, licence)| format!("{} ({licence:?})", name.split(" (").next().unwrap_or_default()))
        .collect();
    refused.sort();
    refused.dedup();
    refused
}

/// Whether one of the choices that an SPDX expression gives consists of allowed licences. Old crates write `/` for `OR`.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    choice(&mut words) == Some(true) && words.next().is_none()
}

type Words<'w> = std::iter::Peekable<std::str::SplitWhitespace<'w>>;

fn choice(words: &mut Words<'_>) -> Option<bool> {
    let mut is_allowed = all_of(words)?;
    while words.next_if_eq(&"OR").is_some() {
        is_allowed |= all_of(words)?;
    }
    Some(is_allowed)
}

fn all_of(words: &mut Words<'_>) -> Option<bool> {
    let mut is_allowed = licence(words)?;
    while words.next_if_eq(&"AND").is_some() {
        is_allowed &= licence(words)?;
    }
    Some(is_allowed)
}

/// A licence, with an exception that gives more rights, or an expression in parentheses. `None`: it is neither.
fn licence(words: &mut Words<'_>) -> Option<bool> {
    let word = words.next()?;
    if word == "(" {
        let is_allowed = choice(words)?;
        return words.next_if_eq(&")").map(|_| is_allowed);
    }
    if words.next_if_eq(&"WITH").is_some() {
        words.next()?;
    }
    Some(ALLOWED.contains(&word) || word == ALLOWED_FOR_DATA)
}

/// The compiler keeps the rule; here is only looked that every package of ours has it.
fn forbids_unsafe(project: &Project) -> Result {
    if !read_text(&project.path("Cargo.toml"))?.contains("[workspace.lints.rust]\nunsafe_code = \"forbid\"\n")
    {
        return Err(Failure::new("Cargo.toml does not forbid unsafe code for the workspace."));
    }
    for folder in own_folders(&tree(project, &["--workspace", "--depth", "0"])?) {
        let manifest = Path::new(folder).join("Cargo.toml");
        if !takes_over_lints(&read_text(&manifest)?) {
            return Err(Failure::new(format!("{} lacks `[lints] workspace = true`.", manifest.display())));
        }
    }
    Ok(())
}

/// The folders of the packages in a tree without dependencies.
fn own_folders(tree: &str) -> Vec<&str> {
    tree.lines().filter_map(|line| Some(line.split_once(" (")?.1.split_once(")|")?.0)).collect()
}

fn takes_over_lints(manifest: &str) -> bool {
    manifest.contains("\n[lints]\nworkspace = true\n")
}

#[cfg(test)]
mod tests {
    use super::{is_allowed, own_folders, refused_licences, takes_over_lints};

    #[test]
    fn op_14_of_several_licences_we_choose() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-3.0-only OR MIT",
            "Apache-2.0 WITH LLVM-exception",
            "(MIT OR GPL-2.0-only) AND Unicode-3.0",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
        ] {
            assert!(is_allowed(licence), "{licence}");
        }
        for licence in [
            "",
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND AGPL-3.0-only",
            "GPL-2.0-only WITH Classpath-exception-2.0",
            "MIT OR",
            "(MIT",
            "MIT Apache-2.0",
            "mit",
        ] {
            assert!(!is_allowed(licence), "{licence}");
        }
    }

    #[test]
    fn op_14_a_crate_with_a_bad_licence_or_none_is_named() {
        let tree = "good v1.0.0|MIT\n\nbad v2.0.0 (proc-macro)|AGPL-3.0-only\nnone v0.1.0 (/tmp/none)|\nbad v2.0.0|AGPL-3.0-only\n";
        assert_eq!(refused_licences(tree), ["bad v2.0.0 (\"AGPL-3.0-only\")", "none v0.1.0 (\"\")"]);
    }

    #[test]
    fn op_14_every_package_is_found_and_needs_the_lints() {
        let tree = "core v0.1.0 (/src/app)|MIT\n\nserver v0.1.0 (/src/app (copy)/server)|MIT\n";
        assert_eq!(own_folders(tree), ["/src/app", "/src/app (copy)/server"]);
        assert!(takes_over_lints("[package]\nname = \"x\"\n\n[lints]\nworkspace = true\n"));
        assert!(!takes_over_lints("[package]\nname = \"x\"\n\n[lints.rust]\nunsafe_code = \"allow\"\n"));
    }
}
