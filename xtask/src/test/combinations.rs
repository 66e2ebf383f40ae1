//! Checks that a sign-in method can be left out: the server compiles without a warning, and crates that only this method
//! needs are not built.

use super::PACKAGES;
use crate::failure::{Failure, Result};
use crate::process::{output, run};
use crate::project::{Project, SERVER, cargo};
use std::process::Command;

/// The features of the server that can be left out, and what each brings along.
const WAYS: [(&str, &[&str]); 3] =
    [("password", &["argon2", "bcrypt", "scrypt"]), ("passkey", &[]), ("totp", &["qrcode"])];
/// As in the other steps, so that little is compiled twice.
const ALWAYS: [&str; 3] = ["dev", "all-databases", "ldap"];
/// With these cargo unifies the features of dependencies as it does for clippy.
const UNIFYING: [&str; 6] = ["--package", "xtask", "--lib", "--bins", "--example", "bench_floor"];

/// Builds with none of the ways, and with each alone; all of them together is what every other step builds.
pub fn check(project: &Project) -> Result {
    let alone = WAYS.iter().map(|(way, _)| vec![*way]);
    for ways in std::iter::once(Vec::new()).chain(alone) {
        println!("  features {}", features(&ways));
        let mut clippy = server(project, "clippy", &ways);
        clippy.args(PACKAGES).args(UNIFYING).args(["--", "-D", "warnings"]);
        run(&mut clippy, "The server does not compile with these features alone.")?;
        let crates = tree(project, &ways)?;
        for (way, own) in WAYS.iter().filter(|(way, _)| !ways.contains(way)) {
            if let Some(found) = own.iter().find(|name| has(&crates, name)) {
                let message = format!("Without the feature {way} the crate {found} is built all the same.");
                return Err(Failure::new(message));
            }
        }
    }
    let everything = tree(project, &WAYS.map(|(way, _)| way))?;
    let unknown = WAYS.iter().flat_map(|(_, own)| *own).find(|name| !has(&everything, name));
    match unknown {
        Some(name) => {
            Err(Failure::new(format!("No feature brings the crate {name} along: is it still used?")))
        }
        None => Ok(()),
    }
}

fn server(project: &Project, subcommand: &str, ways: &[&str]) -> Command {
    let mut command = Command::new(cargo());
    command.args([subcommand, "--locked", "--package", SERVER, "--no-default-features"]);
    command.args(["--features", &features(ways)]).current_dir(project.path(""));
    command
}

/// Returns the features with the name of their package, because other packages are built too.
fn features(ways: &[&str]) -> String {
    let features = ALWAYS.iter().chain(ways).map(|feature| format!("{SERVER}/{feature}"));
    features.collect::<Vec<_>>().join(",")
}

/// The names of all crates, a line each.
fn tree(project: &Project, ways: &[&str]) -> Result<String> {
    let mut tree = server(project, "tree", ways);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    output(&mut tree, "cargo cannot list the dependencies: it says why above.")
}

fn has(tree: &str, name: &str) -> bool {
    tree.lines().any(|line| line.split(' ').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::{features, has};

    #[test]
    fn features_name_the_package() {
        let server = "leptos-auth-server";
        let expected = format!("{server}/dev,{server}/all-databases,{server}/ldap,{server}/totp");
        assert_eq!(features(&["totp"]), expected);
    }

    #[test]
    fn a_crate_is_found_by_its_whole_name() {
        let tree = "leptos-auth v0.1.0 (/src)\nargon2 v0.6.0\n";
        assert!(has(tree, "argon2") && !has(tree, "argon") && !has(tree, "rgon2"));
    }
}
