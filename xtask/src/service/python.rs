//! Programs from PyPI. Rule: exact versions of everything, wheels only, in an environment of its own below the folder
//! of tools, so that nothing of the machine is changed.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Result;
use crate::files::{read_text, write_if_changed};
use crate::process::{run, succeeds};

/// The Debian packages of Python itself.
pub(super) const PACKAGES: &[&str] = &["python3", "python3-venv"];

/// Whether an environment can be made.
pub(super) fn is_installed() -> bool {
    succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"]))
}

/// The environment with that name.
pub(super) fn environment(tools: &Path, name: &str) -> PathBuf {
    tools.join(name)
}

/// Makes the environment and installs what is required, unless that has been done.
pub(super) fn install(tools: &Path, name: &str, requirements: &[&str]) -> Result {
    let environment = environment(tools, name);
    let (stamp, wanted) = (environment.join("installed"), requirements.join("\n"));
    if read_text(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    let no_environment = format!("Python could not make an environment for {name}.");
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment), &no_environment)?;
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]).args(requirements);
    run(&mut pip, &format!("pip could not install {name}."))?;
    write_if_changed(&stamp, wanted.as_bytes()).map(drop)
}
