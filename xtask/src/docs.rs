//! `cargo xtask docs`: the pages of the providers, from the catalogue. Rule: the words are in `examples/provider_docs.rs`,
//! which knows the catalogue; its test says when a page is old.

use std::process::Command;

use crate::failure::Result;
use crate::process::run;
use crate::project::{Project, cargo};

/// Writes `docs/providers/` and the table in `docs/providers.md`.
pub fn command(project: &Project) -> Result {
    let mut command = Command::new(cargo());
    command.args(["run", "--quiet", "--package", "leptos-auth", "--features", "sqlite"]);
    command.args(["--example", "provider_docs"]).current_dir(project.path(""));
    run(&mut command, "The pages of the providers are not written: the reason is above.")
}
