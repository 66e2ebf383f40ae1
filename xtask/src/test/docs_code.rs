//! Checks that the Rust code in README.md and docs/ compiles: all of it becomes one crate, which cargo checks.
//!
//! Most blocks are excerpts, so each names its surroundings, ```` ```rust in=island ````: a file of `docs/code` with the
//! imports and other code that readers take for granted. Rule: a block that names nothing is rejected, so that none is
//! skipped; only those that `customizing` puts into a copy of the project need none.

use std::process::Command;

use super::markdown::{Block, blocks};
use super::{DEV, customizing};
use crate::failure::{Failure, Result};
use crate::files::{copy, read_text, walk, write_if_changed};
use crate::process::run;
use crate::project::{Project, cargo};

/// Where blocks stand.
const SURROUNDINGS: &str = "docs/code";
/// What a block takes the place of.
const PLACE: &str = "/* the block */";
/// The dependencies of tests and tools: a crate with each name gets those of the section.
const OTHERS: [(&str, &str, &str); 5] = [
    ("core-tests", "Cargo.toml", "[dev-dependencies]"),
    ("app-tests", "app/Cargo.toml", "[dev-dependencies]"),
    ("locales-tests", "locales/Cargo.toml", "[dev-dependencies]"),
    ("server-tests", "server/Cargo.toml", "[dev-dependencies]"),
    ("tools", "xtask/Cargo.toml", "[dependencies]"),
];

/// Compiles every block of the documentation.
pub fn check(project: &Project) -> Result {
    let folder = project.target("xtask/docs-code");
    let write = |file: &str, text: &str| write_if_changed(&folder.join(file), text.as_bytes());
    let mut root = root(project);
    for file in documents(project)? {
        let text = read_text(&project.path(&file))?;
        for block in blocks(&text).iter().filter(|block| is_ours(&file, block)) {
            let module = module(&file, block.line);
            root += &format!("mod {module};\n");
            write(&format!("src/{module}.rs"), &surrounded(project, &file, block)?)?;
        }
    }
    write("src/lib.rs", &root)?;
    for (name, file, section) in OTHERS {
        write(&format!("{name}/src/lib.rs"), "")?;
        write(&format!("{name}/Cargo.toml"), &other(name, &read_text(&project.path(file))?, section))?;
    }
    write("Cargo.toml", &manifest(project, &read_text(&project.path("Cargo.toml"))?))?;
    // Nothing is chosen anew.
    copy(&project.path("Cargo.lock"), &folder.join("Cargo.lock"))?;
    let mut check = Command::new(cargo());
    // `--tests`, because a test of the documentation is code as well.
    check.args(["check", "--offline", "--tests", "--manifest-path"]);
    check.arg(folder.join("Cargo.toml")).args(DEV);
    check.current_dir(project.path("")).env("CARGO_TARGET_DIR", project.target(""));
    run(
        &mut check,
        "The documentation does not compile: docs_hook_md_line_6.rs, say, is the block in line 6 of docs/hook.md.",
    )
}

/// The documents, as paths in the project.
fn documents(project: &Project) -> Result<Vec<String>> {
    let mut documents = vec!["README.md".to_owned()];
    let root = project.path("");
    for file in walk(&project.path("docs"))? {
        let relative = file.strip_prefix(&root).unwrap_or(&file).display().to_string().replace('\\', "/");
        documents.extend(Some(relative).filter(|file| file.ends_with(".md")));
    }
    Ok(documents)
}

fn is_ours(file: &str, block: &Block<'_>) -> bool {
    ["rust", "rs"].contains(&block.language) && !customizing::is_step(file, block)
}

/// A name that leads from an error of the compiler to the block.
fn module(file: &str, line: usize) -> String {
    let name = file.to_lowercase().replace(|character: char| !character.is_alphanumeric(), "_");
    format!("{name}_line_{line}")
}

/// The block in what it names.
fn surrounded(project: &Project, file: &str, block: &Block<'_>) -> Result<String> {
    let at = format!("{file}:{}", block.line);
    let Some(name) = block.option("in") else {
        return Err(Failure::new(format!(
            "{at}: Rust code says with `in=NAME` which file of {SURROUNDINGS} it stands in, so that it is compiled."
        )));
    };
    let around = format!("{SURROUNDINGS}/{name}.rs");
    let Ok(text) = read_text(&project.path(&around)) else {
        return Err(Failure::new(format!("{at}: there is no file {around}.")));
    };
    match text.split_once(PLACE) {
        Some((before, after)) => Ok(format!("{before}{}{after}", block.content.trim_end())),
        None => Err(Failure::new(format!("{around} has no place for a block: {PLACE} is where it stands."))),
    }
}

/// The beginning of the crate. What code of the app calls `crate::text` is no part of its interface, so its file is a
/// module here.
fn root(project: &Project) -> String {
    let text = project.path("app/src/text/language.rs");
    let lints = "#![allow(unused, unexpected_cfgs)]\n#![deny(deprecated, unused_must_use)]\n";
    format!("{lints}\n#[path = {text:?}]\nmod text;\n")
}

/// The crate is not part of the workspace, so that it does not affect other commands. It has the versions and profiles of the
/// workspace, all features through the server, and the dependencies of tests and tools. Clippy has then already compiled all
/// dependencies.
fn manifest(project: &Project, workspace: &str) -> String {
    let mut manifest = shared(workspace);
    manifest += "\n[package]\nname = \"docs-code\"\nedition.workspace = true\npublish = false\n";
    manifest += "\n[features]\ndefault = [\"ssr\"]\nssr = []\n\n[dependencies]\n";
    for (name, folder) in [
        ("leptos-auth", ""),
        ("leptos-auth-app", "app"),
        ("leptos-auth-locales", "locales"),
        ("leptos-auth-server", "server"),
    ] {
        manifest += &format!("{name} = {{ path = {:?} }}\n", project.path(folder));
    }
    for name in ["http", "leptos", "reqwest", "serde_json", "tokio", "url"] {
        manifest += &format!("{name}.workspace = true\n");
    }
    manifest += "\n[dev-dependencies]\n";
    for (name, ..) in OTHERS {
        manifest += &format!("{name} = {{ path = \"{name}\" }}\n");
    }
    manifest
}

/// Returns a crate that contains only the dependencies of this section.
fn other(name: &str, manifest: &str, section: &str) -> String {
    let lines = manifest.lines().skip_while(|line| *line != section).skip(1);
    let dependencies: Vec<_> = lines.take_while(|line| !line.starts_with('[')).collect();
    let package = format!("[package]\nname = \"{name}\"\nedition.workspace = true\npublish = false\n");
    format!("{package}\n[dependencies]\n{}\n", dependencies.join("\n").trim_end())
}

/// What another workspace can take over. Packages are found by their folders, which are others there.
fn shared(workspace: &str) -> String {
    let mut is_shared = false;
    let mut sections = String::new();
    for line in workspace.lines() {
        if line.starts_with('[') {
            is_shared = ["[workspace.package]", "[workspace.dependencies]", "[profile."]
                .iter()
                .any(|section| line.starts_with(section));
        }
        if is_shared && !line.contains("{ path = ") {
            sections += line;
            sections.push('\n');
        }
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::{documents, is_ours, module, other, shared, surrounded};
    use crate::project::Project;
    use crate::test::markdown::blocks;

    #[test]
    fn a_block_that_would_not_be_compiled_is_refused() {
        let project = Project::find().unwrap();
        let found =
            blocks("```rust\nlet a = 1;\n```\n```rs in=nowhere\n```\n```rust in=file\nfn a() {}\n```\n");
        let code = |index: usize| surrounded(&project, "a.md", &found[index]);
        assert!(code(0).unwrap_err().to_string().starts_with("a.md:1: "));
        assert!(code(1).unwrap_err().to_string().starts_with("a.md:4: "));
        assert!(code(2).unwrap().ends_with("\nfn a() {}\n"));
    }

    #[test]
    fn only_steps_of_customizing_need_no_surroundings() {
        let found = blocks("```rust replace=a.rs\n```\n```rust\n```\n```sh\n```\n");
        let ours = |file: &str| found.iter().map(|block| is_ours(file, block)).collect::<Vec<_>>();
        assert_eq!(ours("docs/customizing.md"), [false, true, false]);
        assert_eq!(ours("docs/hook.md"), [true, true, false]);
    }

    #[test]
    fn documents_are_found_in_folders() {
        let documents = documents(&Project::find().unwrap()).unwrap();
        for file in ["README.md", "docs/hook.md", "docs/adapters/redis.md"] {
            assert!(documents.iter().any(|document| document == file), "{file}");
        }
        assert_eq!(module("docs/adapters/redis.md", 14), "docs_adapters_redis_md_line_14");
    }

    #[test]
    fn dependencies_of_tests_are_taken_over() {
        let manifest =
            "[package]\nname = \"b\"\n\n[dev-dependencies]\na = \"1\"\ntokio.workspace = true\n\n[lints]\n";
        let taken = other("tests", manifest, "[dev-dependencies]");
        assert!(taken.starts_with("[package]\nname = \"tests\"\n"));
        assert!(taken.ends_with("\n[dependencies]\na = \"1\"\ntokio.workspace = true\n"), "{taken}");
    }

    #[test]
    fn versions_and_profiles_are_taken_over() {
        let workspace = "[workspace]\nmembers = []\n\n[workspace.dependencies]\na = { path = \"a\" }\nb = \"1\"\n\n\
                         [package]\nname = \"c\"\n\n[profile.dev]\ndebug = false\n";
        assert_eq!(
            shared(workspace),
            "[workspace.dependencies]\nb = \"1\"\n\n[profile.dev]\ndebug = false\n"
        );
    }
}
