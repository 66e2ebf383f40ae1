//! npm packages for tests and tools. Rule: exactly what the lock file says (`npm ci`), and only when the
//! lock file has changed since the last time.

use std::path::Path;
use std::process::Command;

use crate::failure::Result;
use crate::files::{read_bytes, write_if_changed};
use crate::process::{exists, run};

/// Whether node and npm can be used.
pub fn is_there() -> bool {
    exists("node") && exists("npm")
}

/// Installs the packages of a folder.
pub fn install(folder: &Path) -> Result {
    let lock = read_bytes(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock");
    if read_bytes(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund"]).current_dir(folder);
    // Debian's Chromium is used; Playwright's own cannot be downloaded everywhere.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    run(&mut command, &format!("npm could not install the packages of {}.", folder.display()))?;
    write_if_changed(&stamp, &lock)?;
    Ok(())
}
