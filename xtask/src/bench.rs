//! `cargo xtask bench`: the release against bare axum handlers, in one run on one machine. Rule: what is
//! compared is the server's own processor time per request, because it hardly moves with the noise of
//! the machine.

mod fleet;
pub mod http;
mod load;
mod scenario;
pub mod server;
mod sign_in;
mod table;
mod weight;

use std::{process::Command, time::Duration};

use crate::failure::Result;
use crate::process::run;
use crate::project::{Project, cargo};
use crate::step::Steps;
use crate::{prerequisites, release, service};
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
    run(&mut Command::new(&programs.revocation), "The benchmark of ended sessions failed.")?;
    println!("\nDatabases on this machine");
    databases(project)
}

/// What the adapters do in a second.
fn databases(project: &Project) -> Result {
    let outcomes = service::start_all(&project.target("xtask/services"));
    let mut bench = Command::new(cargo());
    bench.args(["run", "--release", "--quiet", "--package", "leptos-auth", "--example", "bench_databases"]);
    bench.args(["--features", "sqlite,postgres,mysql,redis,mongodb"]).current_dir(project.path(""));
    for service::Outcome { kind, running } in &outcomes {
        if let Ok(running) = running {
            bench.env(kind.variable, &running.url);
        }
    }
    run(&mut bench, "The benchmark of databases failed.")
}
