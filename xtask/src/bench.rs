//! `cargo xtask bench`: the release against bare axum handlers, in one run on one machine. Rule: what is
//! compared is the server's own processor time per request, because it hardly moves with the noise of
//! the machine.

mod fleet;
mod http;
mod load;
mod scenario;
mod server;
mod sign_in;
mod table;
mod weight;

use std::{process::Command, time::Duration};

use crate::failure::Result;
use crate::process::run;
use crate::project::Project;
use crate::step::Steps;
use crate::{prerequisites, release};
use fleet::{Fleet, Programs};

/// What a server may still do after its first answer before its memory is called idle.
const SETTLING_TIME: Duration = Duration::from_secs(1);

/// Builds everything, measures it and prints the tables.
pub fn command(project: &Project) -> Result {
    let mut steps = Steps::new(8);
    let folder = project.target("bench");
    let site = folder.join("site");
    steps.quiet("Checking the prerequisites", prerequisites::check)?;
    release::write_site(project, &site, &mut steps)?;
    let programs = steps.noisy("Building the servers", || Programs::build(project, &folder))?;
    let (weight, cpu) = steps.quiet("Measuring", || {
        let fleet = Fleet::start(&programs, &folder)?;
        std::thread::sleep(SETTLING_TIME);
        Ok((weight::rows(&programs.release, &site, &fleet.release)?, scenario::rows(&fleet)?))
    })?;
    table::print(
        "Server processor time per request, and how often that is the JSON floor and the JWE floor",
        &cpu,
    );
    println!("  (a release with the feature dev, because the benchmark signs the demo user in)");
    table::print("The release itself", &weight);
    println!("\nStateless sessions that were ended (target: at most 10 % on top)");
    run(&mut Command::new(&programs.revocation), "The benchmark of ended sessions failed.")
}
