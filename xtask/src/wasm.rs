//! The browser bundle: cargo for wasm32, then wasm-bindgen as a library of exactly the version in the
//! lock file, so that no tool has to be installed. Rule: the glue is written again only when the wasm
//! has changed.

use std::fs;
use std::path::{Path, PathBuf};

use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Failure, Result};
use crate::files::{create_folder, read_bytes, write_if_changed};
use crate::process::run;
use crate::project::{BUNDLE, Project};
use crate::wasm_target::{TARGET, WasmCompiler};

/// Which bundle to build.
pub struct Bundle {
    /// The cargo profile.
    profile: &'static str,
    /// The folder where cargo puts what it builds with that profile.
    folder: &'static str,
    /// The features of the app.
    pub features: &'static str,
    /// Keeps function names, for readable stack traces.
    names: bool,
}

/// The bundle of `dev` and of the tests. It has the server's profile, because with one of its own cargo
/// would compile all procedural macros a second time: 80 seconds of a first run.
pub const DEVELOPMENT: Bundle =
    Bundle { profile: "dev", folder: "debug", features: "hydrate,dev", names: true };
/// The bundle of a release: without the state gallery, as small as it gets.
pub const RELEASE: Bundle =
    Bundle { profile: "wasm-release", folder: "wasm-release", features: "hydrate", names: false };

impl Bundle {
    /// Compiles the app for the browser and returns the path of the module.
    pub fn compile(&self, project: &Project, compiler: WasmCompiler) -> Result<PathBuf> {
        let mut command = compiler.cargo("build");
        command.args(["--package", "leptos-auth-app", "--lib"]);
        command.args(["--features", self.features, "--profile", self.profile]).current_dir(project.path(""));
        run(&mut command, "The browser bundle did not compile: cargo says why above.")?;
        Ok(project.target(TARGET).join(self.folder).join("leptos_auth_app.wasm"))
    }

    /// Writes the JavaScript glue and the final module into `folder`; returns whether there was
    /// anything to do.
    pub fn bind(&self, module: &Path, folder: &Path) -> Result<bool> {
        let stamp = folder.join(".wasm-bindgen");
        let state = state(module)?;
        if read_bytes(&stamp).is_ok_and(|old| old == state.as_bytes()) {
            return Ok(false);
        }
        create_folder(folder)?;
        self.generate(module, folder)?;
        rename(folder)?;
        write_if_changed(&stamp, state.as_bytes())
    }

    fn generate(&self, module: &Path, folder: &Path) -> Result {
        let mut bindgen = Bindgen::new();
        let bindgen = bindgen.web(true).map_err(Failure::because("wasm-bindgen"))?;
        bindgen
            .input_path(module)
            .out_name(BUNDLE)
            .typescript(false)
            .omit_default_module_path(true)
            .remove_name_section(!self.names)
            .remove_producers_section(!self.names)
            .generate(folder)
            .map_err(Failure::because("wasm-bindgen cannot read the compiled module"))
    }
}

/// The name that cargo-leptos gives the module, so that both tools make the same site.
fn rename(folder: &Path) -> Result {
    let from = folder.join(format!("{BUNDLE}_bg.wasm"));
    fs::rename(&from, folder.join(format!("{BUNDLE}.wasm")))
        .map_err(Failure::because(format!("Cannot rename {}", from.display())))
}

/// What identifies a compiled module: cargo writes the file only when it has changed.
fn state(module: &Path) -> Result<String> {
    let sentence = format!("Cannot read {}", module.display());
    let metadata = fs::metadata(module).map_err(Failure::because(&sentence))?;
    let modified = metadata.modified().map_err(Failure::because(&sentence))?;
    let age = modified.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", module.display(), metadata.len(), age.as_nanos()))
}
