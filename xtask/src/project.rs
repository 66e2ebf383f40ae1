//! Paths of the checkout and of cargo's build folder. Rule: paths are built only here, so that every command works with a
//! moved build folder (CARGO_TARGET_DIR, `build.target-dir`) and in a copied checkout.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::process::output;

/// The base name of the browser bundle and of the style sheet.
pub const BUNDLE: &str = "leptos-auth";
/// The package and the program of the server.
pub const SERVER: &str = "leptos-auth-server";

/// The checkout and its build folder.
pub struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// Finds the checkout at run time and asks cargo for its build folder.
    ///
    /// The folder in which this program was compiled cannot be used: cargo reuses the program if a checkout is copied together
    /// with its build folder, and if two checkouts share one.
    pub fn find() -> Result<Self> {
        let package = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let current = std::env::current_dir().map_err(Failure::because("Cannot read the current folder"))?;
        let root = find_root(package.as_deref(), &current).ok_or_else(|| {
            Failure::new("This is not a checkout of the project: run `cargo xtask` inside it.")
        })?;
        let mut metadata = Command::new(cargo());
        metadata.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&root);
        let metadata = output(&mut metadata, "cargo cannot read the project: it says why above.")?;
        let target = string_field(&metadata, "target_directory")
            .ok_or_else(|| Failure::new("cargo metadata does not name the target folder."))?;
        Ok(Self { root, target: PathBuf::from(target) })
    }

    /// Returns a checkout and its build folder, for tests.
    #[cfg(test)]
    pub fn at(root: &Path, target: &Path) -> Self {
        Self { root: root.to_path_buf(), target: target.to_path_buf() }
    }

    /// A copy of the checkout in the build folder, with its own place for what is made of it.
    pub fn copy_in(&self, folder: &str) -> Self {
        let copy = self.target(folder);
        Self { root: copy.join("project"), target: copy }
    }

    /// The checkout, or a path inside it.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside cargo's build folder.
    pub fn target(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.target.join(relative)
    }

    /// The site that `dev` serves.
    pub fn site(&self) -> PathBuf {
        self.target("site")
    }

    /// The style sheet before it is copied to a site: cargo-leptos reads it here as well.
    pub fn style_sheet(&self) -> PathBuf {
        self.target("css").join(format!("{BUNDLE}.css"))
    }
}

/// Returns the checkout that contains the package `xtask` which cargo is running (cargo passes its folder to the programs
/// that it runs), or the first one at or above the current folder.
fn find_root(package: Option<&Path>, current: &Path) -> Option<PathBuf> {
    let named = package.into_iter().filter_map(Path::parent);
    named.chain(current.ancestors()).find(|folder| is_checkout(folder)).map(Path::to_path_buf)
}

fn is_checkout(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    folder.join("xtask/Cargo.toml").is_file() && manifest.lines().any(|line| line.trim() == "[workspace]")
}

/// The cargo that started us, so that nested calls use the same toolchain.
pub fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// A string field of a JSON text, for the one field that is needed: no JSON parser to compile.
fn string_field(json: &str, name: &str) -> Option<String> {
    let (_, after) = json.split_once(&format!("\"{name}\":\""))?;
    let mut value = String::new();
    let mut characters = after.chars();
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => value.push(characters.next()?),
            character => value.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::string_field;

    #[test]
    fn reads_a_path_with_escapes() {
        let json = r#"{"packages":[],"target_directory":"C:\\a \"b\"\\target","version":1}"#;
        assert_eq!(string_field(json, "target_directory").unwrap(), r#"C:\a "b"\target"#);
        assert_eq!(string_field(json, "missing"), None);
    }
}
