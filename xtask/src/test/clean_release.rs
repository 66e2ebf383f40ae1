//! Checks that a server without the feature `dev` contains nothing of it. Rule: the same search must find everything in the
//! server with the feature; otherwise the search itself is broken.

use std::path::PathBuf;
use std::process::Command;

use super::{PACKAGES, PROGRAM};
use crate::dev_traces::{TRACES, find};
use crate::failure::{Failure, Result};
use crate::files::copy;
use crate::process::run;
use crate::project::{Project, SERVER, cargo};

/// The server that the browser tests use.
pub const WITH_DEV: &str = "with-dev";

/// Keeps a copy of the server that cargo has just built: every build gives it the same name.
pub fn keep(project: &Project, kind: &str) -> Result<PathBuf> {
    let kept = kept(project, kind);
    copy(&project.target("debug").join(SERVER), &kept)?;
    Ok(kept)
}

fn kept(project: &Project, kind: &str) -> PathBuf {
    project.target("xtask").join(kind).join(SERVER)
}

/// Builds the server without the feature and searches both.
pub fn check(project: &Project) -> Result {
    let with_dev = kept(project, WITH_DEV);
    if !with_dev.exists() {
        return Err(Failure::new(
            "There is no server with the feature dev to compare with: run `cargo xtask test`.",
        ));
    }
    let mut command = Command::new(cargo());
    // All databases and the directory are there so that no dependency is compiled again.
    command
        .args(["build", "--features", "leptos-auth-server/all-databases,leptos-auth-server/ldap"])
        .args(PACKAGES)
        .args(PROGRAM);
    run(command.current_dir(project.path("")), "The server does not compile without the feature dev.")?;
    let without_dev = keep(project, "without-dev")?;
    let (expected, found) = (find(&with_dev)?, find(&without_dev)?);
    if expected != TRACES {
        return Err(Failure::new(format!(
            "With the feature dev the search only finds {expected:?} of {TRACES:?}."
        )));
    }
    if !found.is_empty() {
        return Err(Failure::new(format!("A server without the feature dev contains {found:?}.")));
    }
    Ok(())
}
