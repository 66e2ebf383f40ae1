//! The project's commands: `cargo xtask dev | doctor | test | evidence | services | db | build | css | docs | threat-model |
//! bench`. Rule: this is the only script layer; everything that a developer, the CI or a document runs is one of these commands.

mod bench;
mod checkout;
mod compress;
mod css;
mod database;
mod db;
mod dev;
mod dev_traces;
mod docs;
mod doctor;
mod env_file;
mod evidence;
mod failure;
mod files;
mod machine;
mod npm;
mod prerequisites;
mod process;
mod project;
mod release;
mod service;
mod services;
mod site;
mod step;
mod test;
mod threat_model;
mod wasm;
mod wasm_opt;
mod wasm_target;

use std::process::ExitCode;

use failure::{Failure, Result};
use project::Project;

const HELP: &str = "\
cargo xtask dev      build what has changed and start the server on http://localhost:3000
cargo xtask doctor   say all that is wrong with this machine, the settings and the providers, and what to do
                     --json           for programs
cargo xtask test     run every check and test; the last line is the totals
                     --quick          without the browser
                     --filter WORD    only tests whose names contain the word
                     --only PART      `checks`: what compilers check; `servers`: other builds of the server
cargo xtask evidence run what takes too long for every test run, and write docs/evidence.md
                     PART …           some of cut-points, races, kills, hostile, soak, fuzz
                     --quick          minutes instead of hours, written to target/xtask/evidence-quick.md
cargo xtask services start the databases that tests need, and say where they are
cargo xtask db copy OLD NEW
                     copy everybody from one database to another: each is a URL, or a variable that holds one
cargo xtask build    make a release in target/dist/
cargo xtask css      generate the style sheet only, and name classes that have no rule
cargo xtask docs     write the pages of the providers in docs/providers
cargo xtask threat-model
                     compare docs/threat-model.md with the comments and tests that cite its ids
                     --write          bring its column of tests up to date
cargo xtask bench    measure the release against bare axum handlers
cargo xtask help     show this list";

/// The commands that compile the project.
const COMPILING: [&str; 8] = ["bench", "build", "db", "dev", "docs", "doctor", "evidence", "test"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<ExitCode> {
    let (command, options) = arguments.split_first().map_or(("help", arguments), |(c, o)| (c.as_str(), o));
    if ["help", "--help", "-h"].contains(&command) {
        println!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let project = Project::find()?;
    if COMPILING.contains(&command)
        && let Some(code) = checkout::claim(&project, arguments)?
    {
        return Ok(code);
    }
    match command {
        "test" => return test::command(&project, &test::Options::parse(options)?),
        "evidence" => return evidence::command(&project, options),
        "doctor" => return doctor::command(&project, options),
        "threat-model" => return threat_model::command(&project, options),
        "db" => return db::command(&project, options),
        _ if !options.is_empty() => {
            return Err(Failure::new(format!("`cargo xtask {command}` takes no options.\n\n{HELP}")));
        }
        "services" => return services::command(&project),
        "dev" => return dev::command(&project),
        "build" => release::command(&project)?,
        "bench" => bench::command(&project)?,
        "css" => css::command(&project)?,
        "docs" => docs::command(&project)?,
        unknown => return Err(Failure::new(format!("There is no command {unknown:?}.\n\n{HELP}"))),
    }
    Ok(ExitCode::SUCCESS)
}
