//! A server that speaks MongoDB's protocol: no Debian has MongoDB itself. SecantusDB has transactions, unique
//! indexes and `findOneAndDelete`. It is GPL software, run beside the tests and never shipped.

use std::path::Path;
use std::process::Command;

use super::{Kind, Place, python};

const NAME: &str = "secantusdb";
/// An exact version: it is a beta, and its command line may change.
const REQUIREMENT: &str = "secantusdb==0.7.0b3";

pub(super) const MONGODB: Kind = Kind {
    name: "mongodb",
    variable: "TEST_MONGODB_URL",
    packages: python::PACKAGES,
    service: None,
    is_installed: python::is_installed,
    prepare: |_, tools| python::install(tools, NAME, &[REQUIREMENT]),
    command,
    url: |place| format!("mongodb://127.0.0.1:{}/auth", place.port),
    last_signal: "KILL",
};

fn command(place: &Place, tools: &Path) -> Command {
    let mut server = Command::new(python::environment(tools, NAME).join("bin/secantusd-py"));
    server.args(["--port", &place.port.to_string(), "--storage-path", &place.path("data")]);
    server.args(["--cache-size", "256M", "--log-level", "WARNING"]);
    server
}
