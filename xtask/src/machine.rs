//! What this machine lets us do. Rule: packages are installed by themselves only on Debian and only for
//! root, which is what a container or a CI job looks like; everybody else is told what to install.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::failure::Result;
use crate::process::{output, run, succeeds};

/// Whether `install` may be called.
pub fn can_install() -> bool {
    let is_root = output(Command::new("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0");
    is_root && Path::new("/etc/debian_version").exists() && succeeds(Command::new("apt-get").arg("--version"))
}

/// Installs Debian packages without asking anything; only what goes wrong is shown.
pub fn install(packages: &[&str]) -> Result {
    let apt = || {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    run(apt().args(["update", "-qq"]), "Debian's package lists could not be read.")?;
    run(
        apt().args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages),
        &format!("Debian could not install {}.", packages.join(" ")),
    )
}
