//! `cargo xtask test`: everything that must pass before a change is merged. Rule: all suites run even if an early one fails,
//! and the last line is the totals.
//!
//! The feature sets are chosen so that little is compiled twice: clippy, rustdoc and all other checks share one set, the test
//! programs and both servers another. Tests often wait, for example for databases that are killed, but compilers do not.
//! Therefore, while the tests run, a second process with a lower priority (`--only checks`, then `--only servers`) compiles
//! what the tests do not need.

mod beside;
mod browser;
mod cargo_test;
mod checks;
mod clean_release;
mod combinations;
mod customizing;
mod dependencies;
mod docs_code;
mod markdown;
mod report;

use std::num::NonZero;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::process::run;
use crate::project::{Project, SERVER, cargo};
use crate::step::Steps;
use crate::wasm_target::WasmCompiler;
use crate::{prerequisites, service, site, threat_model, wasm, wasm_target};
use beside::Beside;
use report::{Counts, Report};

/// The packages of the server side, built together so that their features unify in one way.
pub const PACKAGES: [&str; 8] = [
    "--package",
    "leptos-auth",
    "--package",
    "leptos-auth-app",
    "--package",
    "leptos-auth-locales",
    "--package",
    SERVER,
];
/// What the tests sign in by, every database, and the directory.
pub const DEV: [&str; 2] =
    ["--features", "leptos-auth-server/dev,leptos-auth-server/all-databases,leptos-auth-server/ldap"];

/// The server alone. Naming an example makes cargo unify features as it does for the tests, so that no dependency is compiled
/// again.
const PROGRAM: [&str; 4] = ["--bin", SERVER, "--example", "bench_floor"];

/// What to run.
#[derive(Default)]
pub struct Options {
    part: Part,
    quick: bool,
    filter: Option<String>,
}

/// Which suites to run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Part {
    /// All of them.
    #[default]
    Everything,
    /// Checks by compilers.
    Checks,
    /// Servers that are built differently than for the tests.
    Servers,
}

impl Options {
    /// Reads `--quick`, `--filter WORD` and `--only PART`.
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter().map(String::as_str);
        while let Some(argument) = arguments.next() {
            match argument {
                "--quick" => options.quick = true,
                "--filter" => {
                    let word = arguments.next().ok_or_else(|| Failure::new("--filter needs a word."))?;
                    options.filter = Some(word.to_owned());
                }
                "--only" => {
                    options.part = match arguments.next() {
                        Some("checks") => Part::Checks,
                        Some("servers") => Part::Servers,
                        _ => return Err(Failure::new("--only needs `checks` or `servers`.")),
                    }
                }
                other => return Err(Failure::new(format!("`cargo xtask test` does not know {other:?}."))),
            }
        }
        Ok(options)
    }
}

/// Runs the suites and prints the time of each, then the totals.
pub fn command(project: &Project, options: &Options) -> Result<ExitCode> {
    let mut run = Run {
        project,
        options,
        // How many there are depends on their outcome, for example on whether the tests compile.
        steps: Steps::default(),
        report: Report::default(),
        wasm: wasm_target::ensure(),
        databases: Vec::new(),
    };
    match (prerequisites::check(), options.part) {
        (Ok(()), Part::Everything) => run.everything(),
        (Ok(()), Part::Checks) => run.checks(),
        (Ok(()), Part::Servers) => run.servers(),
        (missing, _) => run.count("prerequisites", missing),
    }
    println!("\n{}\n\n{}", run.steps, run.report);
    Ok(if run.report.succeeded() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Run<'a> {
    project: &'a Project,
    options: &'a Options,
    steps: Steps,
    report: Report,
    wasm: Result<WasmCompiler>,
    /// They run until all tests are done.
    databases: Vec<service::Outcome>,
}

impl Run<'_> {
    fn everything(&mut self) {
        let project = self.project;
        self.check("rustfmt", self.cargo("fmt").args(["--all", "--check"]));
        let dependencies = self.steps.quiet("dependencies", || dependencies::check(project));
        self.count("dependencies", dependencies);
        let threats = self.steps.noisy("the threat model", || threat_model::check(project));
        self.count("the threat model", threats);
        let filter: Vec<&str> = self.options.filter.as_deref().into_iter().collect();
        let mut tools = self.cargo("test");
        self.cargo_test("tests of xtask", tools.args(["--package", "xtask"]).args(&filter), || {});
        let mut build = self.cargo("test");
        if !self.check("compiling the tests", build.args(PACKAGES).args(DEV).arg("--no-run")) {
            self.report.skip("all other tests", "the tests do not compile");
            return self.checks();
        }
        let mut checks = Beside::new(project, "checks", self.options.quick);
        let mut tests = self.cargo("test");
        tests.args(PACKAGES).args(DEV).arg("--no-fail-fast").args(&filter);
        self.tests_with_databases(&mut tests, &mut checks);
        self.wait_for(checks);
        if self.options.quick {
            self.report.skip("browser tests", "left out by --quick");
        } else {
            self.server_tests();
        }
    }

    /// Tests that need a database are marked as ignored, so that a plain `cargo test` passes without any: here
    /// all run but those whose database is missing.
    fn tests_with_databases(&mut self, tests: &mut Command, checks: &mut Beside) {
        let tools = self.project.target("xtask/services");
        let databases = self.steps.noisy("starting the databases", || Ok(service::start_all(&tools)));
        self.databases = databases.unwrap_or_default();
        tests.args(["--", "--include-ignored"]);
        if std::env::var_os("RUST_TEST_THREADS").is_none() {
            // Most tests wait most of the time: for a database, a clock or a connection.
            let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
            tests.env("RUST_TEST_THREADS", (2 * processors).to_string());
        }
        for service::Outcome { kind, running } in &self.databases {
            match running {
                Ok(running) => _ = tests.env(kind.variable, &running.url),
                Err(failure) => {
                    self.report.skip(&format!("tests on {}", kind.name), &failure.to_string());
                    tests.args(["--skip", &kind.tests()]);
                }
            }
        }
        // Started only after cargo has found that everything is compiled: until then its lock blocks other compilations.
        self.cargo_test("unit, contract, doc, HTTP and database tests", tests, || checks.start());
    }

    /// What needs the finished server.
    fn server_tests(&mut self) {
        let project = self.project;
        let built = match &self.wasm {
            Ok(compiler) => self.steps.noisy("building the site", || build_site(project, *compiler)),
            Err(failure) => Err(Failure::new(failure.to_string())),
        };
        let server = match clean_release::keep(project, clean_release::WITH_DEV) {
            Ok(server) => server,
            Err(failure) => return self.count("keeping the server", Err(failure)),
        };
        let mut servers = Beside::new(project, "servers", false);
        servers.start();
        match built {
            Ok(()) => self.browser_tests(server),
            Err(failure) => self.report.skip("browser tests", &failure.to_string()),
        }
        self.wait_for(servers);
    }

    fn browser_tests(&mut self, server: PathBuf) {
        const SUITE: &str = "browser tests";
        let (project, site) = (self.project, self.project.site());
        let filter = self.options.filter.as_deref();
        let report = &mut self.report;
        let running = self.databases.iter().filter_map(|database| {
            Some((database.kind.variable, database.running.as_ref().ok()?.url.clone()))
        });
        let subject = browser::Subject { server, site, databases: running.collect() };
        let result = self.steps.noisy(SUITE, || browser::run_all(project, &subject, filter, report));
        if result.is_err() {
            self.count(SUITE, result);
        }
    }

    /// Adds the results of what ran in parallel to the tests.
    fn wait_for(&mut self, beside: Beside) {
        let title = format!("waiting for the {}", beside.part());
        match self.steps.noisy(&title, || beside.finish()) {
            Ok(report) => self.report.append(report),
            Err(failure) => self.count(&title, Err(failure)),
        }
    }

    /// Cargo in the checkout.
    fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(cargo());
        command.arg(subcommand).current_dir(self.project.path(""));
        command
    }

    /// A command that counts as one check.
    fn check(&mut self, suite: &str, command: &mut Command) -> bool {
        let result = self.steps.noisy(suite, || run(command, ""));
        self.report.add(suite, Counts::check(result.is_ok()));
        result.is_ok()
    }

    fn cargo_test(&mut self, suite: &str, command: &mut Command, on_start: impl FnMut()) {
        match self.steps.noisy(suite, || cargo_test::run(command, on_start)) {
            Ok(counts) => self.report.add(suite, counts),
            Err(failure) => self.count(suite, Err(failure)),
        }
    }

    fn count(&mut self, suite: &str, result: Result) {
        if let Err(failure) = &result {
            println!("{failure}");
        }
        self.report.add(suite, Counts::check(result.is_ok()));
    }
}

fn build_site(project: &Project, compiler: WasmCompiler) -> Result {
    let module = wasm::DEVELOPMENT.compile(project, compiler)?;
    wasm::DEVELOPMENT.bind(&module, &site::pkg(&project.site()))?;
    site::write_static_files(project, &project.site()).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Options, Part};

    #[test]
    fn options() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let options = Options::parse(&words("--quick --filter session")).unwrap();
        assert!(options.quick && options.filter.as_deref() == Some("session"));
        assert_eq!(options.part, Part::Everything);
        assert_eq!(Options::parse(&words("--only servers")).unwrap().part, Part::Servers);
        for wrong in ["--fast", "--filter", "--only", "--only tests"] {
            assert!(Options::parse(&words(wrong)).is_err(), "{wrong}");
        }
    }
}
