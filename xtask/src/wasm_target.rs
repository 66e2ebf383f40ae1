//! Makes rustc able to compile for the browser. Rule: try rustup, then Debian's compiler with the
//! library source, then stop with one sentence; the flags of the second way live in the environment of
//! that one command, so that nobody with rustup ever meets them.

use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::machine;
use crate::process::{output, run, succeeds};
use crate::project::cargo;

/// The name of the compile target.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Debian's rustc with the source of the standard library and a linker, about 25 seconds to install.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-19"];
/// The name under which rustup gets to know Debian's compiler.
const DEBIAN_TOOLCHAIN: &str = "debian";

/// Who compiles for the browser.
#[derive(Clone, Copy)]
pub enum WasmCompiler {
    /// The toolchain of the project.
    Ordinary,
    /// Debian's, which builds the standard library for the target on the way.
    Debian,
}

impl WasmCompiler {
    /// `cargo SUBCOMMAND --target wasm32-unknown-unknown`.
    pub fn cargo(self, subcommand: &str) -> Command {
        match self {
            Self::Ordinary => {
                let mut command = Command::new(cargo());
                command.args([subcommand, "--target", TARGET]);
                command
            }
            Self::Debian => {
                let mut command = Command::new("cargo");
                command
                    .env("RUSTC_BOOTSTRAP", "1")
                    .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", "wasm-ld-19")
                    .args([&format!("+{DEBIAN_TOOLCHAIN}"), subcommand, "-Zbuild-std=std,panic_abort"])
                    .args(["--target", TARGET]);
                command
            }
        }
    }
}

/// Whether a compiler for the browser is installed.
pub fn is_there() -> bool {
    has_target() || has_debian_toolchain()
}

/// Finds or installs a compiler for the browser.
pub fn ensure() -> Result<WasmCompiler> {
    if has_target() || (add_with_rustup() && has_target()) {
        return Ok(WasmCompiler::Ordinary);
    }
    if has_debian_toolchain() || (machine::can_install() && install_debian_toolchain().is_ok()) {
        return Ok(WasmCompiler::Debian);
    }
    Err(Failure::new(format!(
        "rustc cannot compile for the browser: `rustup target add {TARGET}` failed (is static.rust-lang.org \
         reachable?), and Debian's {} can only stand in for it on Debian, as root, with rustup.",
        DEBIAN_PACKAGES.join(", ")
    )))
}

fn has_target() -> bool {
    let mut rustc = Command::new("rustc");
    let folder = output(rustc.args(["--print", "target-libdir", "--target", TARGET]), "");
    folder.is_ok_and(|folder| Path::new(folder.trim()).exists())
}

fn add_with_rustup() -> bool {
    succeeds(Command::new("rustup").args(["target", "add", TARGET]))
}

fn has_debian_toolchain() -> bool {
    let works = Command::new("rustc").args([&format!("+{DEBIAN_TOOLCHAIN}"), "--version"]).output();
    works.is_ok_and(|output| output.status.success()) && Path::new("/usr/bin/wasm-ld-19").exists()
}

fn install_debian_toolchain() -> Result {
    println!("\nrustup cannot add the target; installing Debian's {}.", DEBIAN_PACKAGES.join(", "));
    machine::install(&DEBIAN_PACKAGES)?;
    run(
        Command::new("rustup").args(["toolchain", "link", DEBIAN_TOOLCHAIN, "/usr"]),
        "rustup did not accept Debian's compiler.",
    )
}
