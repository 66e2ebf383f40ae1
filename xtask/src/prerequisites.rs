//! What has to be on the machine before a build makes sense. Rule: everything that is missing is named
//! at once, one sentence each with the command that installs it; nothing is installed unasked.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::{exists, succeeds};

struct Prerequisite {
    sentence: &'static str,
    found: fn() -> bool,
    apt: &'static str,
    dnf: &'static str,
    brew: &'static str,
}

const PREREQUISITES: [Prerequisite; 3] = [
    Prerequisite {
        sentence: "A C compiler is missing (SQLite is built from source)",
        found: c_compiler,
        apt: "apt-get install build-essential",
        dnf: "dnf install gcc",
        brew: "xcode-select --install",
    },
    Prerequisite {
        sentence: "pkg-config is missing (it finds OpenSSL)",
        found: pkg_config,
        apt: "apt-get install pkg-config",
        dnf: "dnf install pkgconf-pkg-config",
        brew: "brew install pkgconf",
    },
    Prerequisite {
        sentence: "The headers of OpenSSL are missing (josekit encrypts with it)",
        found: openssl,
        apt: "apt-get install libssl-dev",
        dnf: "dnf install openssl-devel",
        brew: "brew install openssl@3",
    },
];

/// Fails with one sentence per missing prerequisite.
pub fn check() -> Result {
    let missing: Vec<String> = PREREQUISITES.iter().filter(|p| !(p.found)()).map(sentence).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::new(missing.join("\n"))) }
}

fn sentence(missing: &Prerequisite) -> String {
    let Prerequisite { sentence, apt, dnf, brew, .. } = missing;
    let managers = [("apt-get", apt), ("dnf", dnf), ("brew", brew)];
    match managers.iter().find(|(manager, _)| exists(manager)) {
        Some((_, command)) => format!("{sentence}: install it with `{command}`."),
        None => {
            format!("{sentence}: install it with `{apt}` (Debian), `{dnf}` (Fedora) or `{brew}` (macOS).")
        }
    }
}

fn c_compiler() -> bool {
    std::env::var_os("CC").is_some() || exists("cc")
}

/// OPENSSL_DIR replaces pkg-config, and on macOS the build script of openssl-sys asks Homebrew.
fn openssl_elsewhere() -> bool {
    let homebrew = ["/opt/homebrew/opt/openssl@3", "/usr/local/opt/openssl@3"];
    std::env::var_os("OPENSSL_DIR").is_some() || homebrew.iter().any(|path| Path::new(path).exists())
}

fn pkg_config() -> bool {
    openssl_elsewhere() || exists("pkg-config")
}

fn openssl() -> bool {
    openssl_elsewhere() || succeeds(Command::new("pkg-config").args(["--exists", "openssl"]))
}
