//! `cargo xtask dev`: from a clean clone to a running server. Rule: what is up to date is skipped, so
//! that the second start takes seconds; the server itself says what to open.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::env_file::{self, Outcome};
use crate::failure::{Failure, Result};
use crate::process::run;
use crate::project::{Project, SERVER, cargo};
use crate::step::Steps;
use crate::{css, database, prerequisites, site, wasm, wasm_target};

/// Builds everything and becomes the server.
pub fn command(project: &Project) -> Result<ExitCode> {
    let mut steps = Steps::new(7);
    steps.quiet("Checking the prerequisites", prerequisites::check)?;
    let compiler = steps.quiet("Looking for the browser's compile target", wasm_target::ensure)?;
    let folder = project.site();
    let bundle = wasm::DEVELOPMENT;
    let module = steps.noisy("Building the browser bundle", || bundle.compile(project, compiler))?;
    steps.quiet("Writing its JavaScript glue", || bundle.bind(&module, &site::pkg(&folder)))?;
    let unknown = steps
        .quiet("Writing the style sheet and static files", || site::write_static_files(project, &folder))?;
    css::warn(&unknown);
    let server = steps.noisy("Building the server", || build_server(project))?;
    let outcome =
        steps.quiet("Looking for AUTH_SECRET", || env_file::ensure_secret(&project.path(".env")))?;
    if outcome != Outcome::Untouched {
        println!("      a new one is in .env");
    }
    become_server(Command::new(server).current_dir(project.path("")).env("LEPTOS_SITE_ROOT", folder))
}

/// The server with everything that development needs.
fn build_server(project: &Project) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    let features = [&["dev"], &*database::features(project)].concat().join(",");
    command.args(["build", "--package", SERVER, "--features", &features]).current_dir(project.path(""));
    run(&mut command, "The server did not compile: cargo says why above.")?;
    Ok(project.target("debug").join(SERVER))
}

/// The server takes the place of this process, so that Ctrl-C reaches it alone and it can end cleanly.
#[cfg(unix)]
fn become_server(command: &mut Command) -> Result<ExitCode> {
    let error = std::os::unix::process::CommandExt::exec(command);
    Err(Failure::because("The server cannot start")(error))
}

#[cfg(not(unix))]
fn become_server(command: &mut Command) -> Result<ExitCode> {
    run(command, "The server ended with an error.")?;
    Ok(ExitCode::SUCCESS)
}
