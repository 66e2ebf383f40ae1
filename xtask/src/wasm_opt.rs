//! wasm-opt from npm's `binaryen`, pinned in `xtask/tools/`. Rule: the features are named one by one,
//! because with `--all-features` browsers refuse the module; Debian's binaryen 108 is never used,
//! because it damages what wasm-bindgen 0.2.130 writes. Without npm the bundle stays larger.

use std::path::Path;
use std::process::Command;

use crate::failure::Result;
use crate::files::copy;
use crate::npm;
use crate::process::run;
use crate::project::Project;

const FLAGS: [&str; 10] = [
    "--merge-similar-functions",
    "-Oz",
    "--converge",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-multivalue",
];

/// Writes the optimised module, or the same one when the tool cannot be had.
pub fn optimise(project: &Project, from: &Path, to: &Path) -> Result {
    let tools = project.path("xtask/tools");
    if !npm::is_there() || npm::install(&tools).is_err() {
        println!(
            "wasm-opt needs Node and npm, which cannot be used here: the bundle is several times larger."
        );
        return copy(from, to);
    }
    let mut command = Command::new("node");
    command.arg(tools.join("node_modules/binaryen/bin/wasm-opt")).args(FLAGS).arg(from).arg("-o").arg(to);
    run(&mut command, "wasm-opt could not optimise the browser bundle.")
}
