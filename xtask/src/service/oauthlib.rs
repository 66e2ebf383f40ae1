//! An OAuth 1.0a provider by oauthlib, which judges our signatures: see `server/tests/peers`. BSD software, run beside
//! the tests and never shipped.

use std::path::Path;
use std::process::Command;

use super::{Kind, Place, python};
use crate::failure::{Failure, Result};

const NAME: &str = "oauthlib";
/// All of them, so that nothing else is chosen on another day. What stands behind oauthlib is for RSA.
const REQUIREMENTS: [&str; 5] =
    ["oauthlib==4.0.1", "pyjwt==2.15.1", "cryptography==50.0.2", "cffi==2.1.1", "pycparser==3.12"];
/// Part of this program, which may run far from the checkout.
const PROGRAM: &str = include_str!("../../../server/tests/peers/oauth1_provider.py");

pub(super) const OAUTHLIB: Kind = Kind {
    name: "oauthlib",
    variable: "TEST_OAUTH1_URL",
    packages: python::PACKAGES,
    service: None,
    is_installed: python::is_installed,
    prepare,
    command,
    url: |place| format!("http://127.0.0.1:{}", place.port),
    last_signal: "KILL",
};

fn prepare(place: &Place, tools: &Path) -> Result {
    let file = place.path("provider.py");
    std::fs::write(&file, PROGRAM).map_err(Failure::because(format!("Cannot write {file}")))?;
    python::install(tools, NAME, &REQUIREMENTS)
}

fn command(place: &Place, tools: &Path) -> Command {
    let mut provider = Command::new(python::environment(tools, NAME).join("bin/python"));
    provider.arg(place.path("provider.py")).arg(place.port.to_string());
    provider
}
