//! `cargo xtask services`: the databases of the tests, for a person who runs single tests. They end with this
//! command.

use std::process::ExitCode;

use crate::failure::Result;
use crate::project::Project;
use crate::service;

/// Starts them, says where they are, and waits for Ctrl-C.
pub fn command(project: &Project) -> Result<ExitCode> {
    let outcomes = service::start_all(&project.target("xtask/services"));
    print!("{}", service::exports(&outcomes));
    println!("# They run until Ctrl-C. In another terminal, with the lines above:");
    println!("# cargo test --package leptos-auth-server --features dev --test faults -- --include-ignored");
    loop {
        std::thread::park();
    }
}
