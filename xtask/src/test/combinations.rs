//! What somebody leaves out is gone: the server without one of its ways in compiles without a warning, and the crates that
//! only this way needs are not built.

use crate::failure::{Failure, Result};
use crate::process::{output, run};
use crate::project::{Project, SERVER, cargo};
use std::process::Command;

/// The features of the server that can be left out, and what each brings along.
const WAYS: [(&str, &[&str]); 3] =
    [("password", &["argon2", "bcrypt", "scrypt"]), ("passkey", &[]), ("totp", &["qrcode"])];
/// As in the other steps, so that little is compiled twice.
const ALWAYS: &str = "dev,all-databases,ldap";

/// Builds with none of the ways, and with each alone; all of them together is what every other step builds.
pub fn check(project: &Project) -> Result {
    let alone = WAYS.iter().map(|(way, _)| format!("{ALWAYS},{way}"));
    for features in std::iter::once(ALWAYS.to_owned()).chain(alone) {
        println!("  features {features}");
        let mut clippy = server(project, "clippy", &features);
        run(clippy.args(["--", "-D", "warnings"]), "The server does not compile with these features alone.")?;
        let crates = tree(project, &features)?;
        for (way, own) in WAYS.iter().filter(|(way, _)| !features.contains(way)) {
            if let Some(found) = own.iter().find(|name| has(&crates, name)) {
                let message = format!("Without the feature {way} the crate {found} is built all the same.");
                return Err(Failure::new(message));
            }
        }
    }
    let everything = tree(project, &format!("{ALWAYS},password,passkey,totp"))?;
    let unknown = WAYS.iter().flat_map(|(_, own)| *own).find(|name| !has(&everything, name));
    match unknown {
        Some(name) => {
            Err(Failure::new(format!("No feature brings the crate {name} along: is it still used?")))
        }
        None => Ok(()),
    }
}

fn server(project: &Project, subcommand: &str, features: &str) -> Command {
    let mut command = Command::new(cargo());
    command.args([subcommand, "--locked", "--package", SERVER, "--no-default-features"]);
    command.args(["--features", features]).current_dir(project.path(""));
    command
}

/// The names of all crates, a line each.
fn tree(project: &Project, features: &str) -> Result<String> {
    let mut tree = server(project, "tree", features);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    output(&mut tree, "cargo cannot list the dependencies: it says why above.")
}

fn has(tree: &str, name: &str) -> bool {
    tree.lines().any(|line| line.split(' ').next() == Some(name))
}

#[cfg(test)]
mod tests {
    use super::has;

    #[test]
    fn a_crate_is_found_by_its_whole_name() {
        let tree = "leptos-auth v0.1.0 (/src)\nargon2 v0.6.0\n";
        assert!(has(tree, "argon2") && !has(tree, "argon") && !has(tree, "rgon2"));
    }
}
