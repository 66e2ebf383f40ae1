//! A server that speaks MongoDB's protocol: no Debian has MongoDB itself. SecantusDB has transactions, unique
//! indexes and `findOneAndDelete`. It is GPL software, run beside the tests and never shipped.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Kind, Place};
use crate::failure::Result;
use crate::files::{read_text, write_if_changed};
use crate::process::{run, succeeds};

/// An exact version: it is a beta, and its command line may change.
const REQUIREMENT: &str = "secantusdb==0.7.0b3";

pub(super) const MONGODB: Kind = Kind {
    name: "mongodb",
    variable: "TEST_MONGODB_URL",
    packages: &["python3", "python3-venv"],
    service: None,
    is_installed: || succeeds(Command::new("python3").args(["-c", "import ensurepip, venv"])),
    prepare: |_, tools| install(&environment(tools)),
    command,
    url: |place| format!("mongodb://127.0.0.1:{}/auth", place.port),
    last_signal: "KILL",
};

fn command(place: &Place, tools: &Path) -> Command {
    let mut server = Command::new(environment(tools).join("bin/secantusd-py"));
    server.args(["--port", &place.port.to_string(), "--storage-path", &place.path("data")]);
    server.args(["--cache-size", "256M", "--log-level", "WARNING"]);
    server
}

/// A Python environment of its own, so that nothing of the machine is changed.
fn environment(tools: &Path) -> PathBuf {
    tools.join("secantusdb")
}

fn install(environment: &Path) -> Result {
    let stamp = environment.join("installed");
    if read_text(&stamp).is_ok_and(|installed| installed == REQUIREMENT) {
        return Ok(());
    }
    let no_environment = "Python could not make an environment for SecantusDB.";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(environment), no_environment)?;
    let mut pip = Command::new(environment.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:", REQUIREMENT]);
    run(&mut pip, "pip could not install SecantusDB.")?;
    write_if_changed(&stamp, REQUIREMENT.as_bytes()).map(drop)
}
