//! `cargo xtask test`: everything that must hold before a change is good. Rule: all suites run even when
//! an early one fails, and the last line is the totals.
//!
//! The feature sets are chosen so that little is compiled twice: clippy and rustdoc share one set, the
//! test programs and both servers another.

mod browser;
mod cargo_test;
mod clean_release;
mod combinations;
mod customizing;
mod dependencies;
mod docs_code;
mod markdown;
mod report;

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::failure::{Failure, Result};
use crate::process::run;
use crate::project::{Project, SERVER, cargo};
use crate::step::Steps;
use crate::wasm_target::WasmCompiler;
use crate::{prerequisites, service, site, wasm, wasm_target};
use report::{Counts, Report};

/// The packages of the server side, built together so that their features unify in one way.
const PACKAGES: [&str; 8] = [
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
const DEV: [&str; 2] =
    ["--features", "leptos-auth-server/dev,leptos-auth-server/all-databases,leptos-auth-server/ldap"];

/// The server alone. Naming an example makes cargo unify features as it does for the tests, so that no dependency is compiled
/// again.
const PROGRAM: [&str; 4] = ["--bin", SERVER, "--example", "bench_floor"];

/// What to run.
#[derive(Default)]
pub struct Options {
    quick: bool,
    filter: Option<String>,
}

impl Options {
    /// Reads `--quick` and `--filter WORD`.
    pub fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--quick" => options.quick = true,
                "--filter" => {
                    let word = arguments.next().ok_or_else(|| Failure::new("--filter needs a word."))?;
                    options.filter = Some(word.clone());
                }
                other => return Err(Failure::new(format!("`cargo xtask test` does not know {other:?}."))),
            }
        }
        Ok(options)
    }
}

/// Runs the suites and prints the totals.
pub fn command(project: &Project, options: &Options) -> Result<ExitCode> {
    let mut run = Run {
        project,
        options,
        steps: Steps::new(if options.quick { 9 } else { 15 }),
        report: Report::default(),
        wasm: wasm_target::ensure(),
        databases: Vec::new(),
    };
    match prerequisites::check() {
        Ok(()) => {
            run.checks();
            run.tests();
        }
        missing => run.count("prerequisites", missing),
    }
    println!("\n{}", run.report);
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
    fn checks(&mut self) {
        self.check("rustfmt", self.cargo("fmt").args(["--all", "--check"]));
        let project = self.project;
        let dependencies = self.steps.quiet("dependencies", || dependencies::check(project));
        self.count("dependencies", dependencies);
        let mut clippy = self.cargo("clippy");
        clippy.args(PACKAGES).args(["--package", "xtask", "--all-targets"]).args(DEV);
        self.check("clippy", clippy.args(["--", "-D", "warnings"]));
        self.browser_clippy();
        if !self.options.quick {
            const SUITE: &str = "each way in can be left out";
            let combinations = self.steps.noisy(SUITE, || combinations::check(project));
            self.count(SUITE, combinations);
            const DOCUMENT: &str = "the steps of docs/customizing.md";
            let customizing = self.steps.noisy(DOCUMENT, || customizing::check(project));
            self.count(DOCUMENT, customizing);
            const CODE: &str = "the Rust code of the documentation";
            let code = self.steps.noisy(CODE, || docs_code::check(project));
            self.count(CODE, code);
        }
        let mut rustdoc = self.cargo("doc");
        // With `--examples` cargo unifies features as it does for `--all-targets`, so that rustdoc reuses
        // what clippy has compiled.
        rustdoc.args(PACKAGES).args(["--no-deps", "--lib", "--examples"]).args(DEV);
        self.check("rustdoc", rustdoc.env("RUSTDOCFLAGS", "-D warnings"));
    }

    fn browser_clippy(&mut self) {
        const SUITE: &str = "clippy for the browser";
        match &self.wasm {
            Ok(WasmCompiler::Ordinary) => {
                let mut clippy = WasmCompiler::Ordinary.cargo("clippy");
                clippy.args(["--package", "leptos-auth-app", "--lib"]);
                clippy.args(["--features", wasm::DEVELOPMENT.features, "--", "-D", "warnings"]);
                self.check(SUITE, clippy.current_dir(self.project.path("")));
            }
            Ok(WasmCompiler::Debian) => self.report.skip(SUITE, "Debian's compiler comes without clippy"),
            Err(failure) => self.report.skip(SUITE, &failure.to_string()),
        }
    }

    fn tests(&mut self) {
        let filter: Vec<&str> = self.options.filter.as_deref().into_iter().collect();
        let mut tools = self.cargo("test");
        self.cargo_test("tests of xtask", tools.args(["--package", "xtask"]).args(&filter));
        let mut build = self.cargo("test");
        if !self.check("compiling the tests", build.args(PACKAGES).args(DEV).arg("--no-run")) {
            return self.report.skip("all other tests", "the tests do not compile");
        }
        let mut tests = self.cargo("test");
        tests.args(PACKAGES).args(DEV).arg("--no-fail-fast").args(&filter);
        self.tests_with_databases(&mut tests);
        if self.options.quick {
            self.report.skip("browser tests", "left out by --quick");
        } else {
            self.server_tests();
        }
    }

    /// Tests that need a database are marked as ignored, so that a plain `cargo test` passes without any: here
    /// all run but those whose database is missing.
    fn tests_with_databases(&mut self, tests: &mut Command) {
        let tools = self.project.target("xtask/services");
        let databases = self.steps.noisy("starting the databases", || Ok(service::start_all(&tools)));
        self.databases = databases.unwrap_or_default();
        tests.args(["--", "--include-ignored"]);
        for service::Outcome { kind, running } in &self.databases {
            match running {
                Ok(running) => _ = tests.env(kind.variable, &running.url),
                Err(failure) => {
                    self.report.skip(&format!("tests on {}", kind.name), &failure.to_string());
                    tests.args(["--skip", &kind.tests()]);
                }
            }
        }
        self.cargo_test("unit, contract, doc, HTTP and database tests", tests);
    }

    /// What needs the finished server.
    fn server_tests(&mut self) {
        const SUITE: &str = "a server without the feature dev is clean";
        let project = self.project;
        match clean_release::keep(project, "with-dev") {
            Ok(server) => {
                let clean = self.steps.noisy(SUITE, || clean_release::check(project, &server));
                self.count(SUITE, clean);
                self.browser_tests(server);
            }
            Err(failure) => self.count(SUITE, Err(failure)),
        }
    }

    fn browser_tests(&mut self, server: PathBuf) {
        const SUITE: &str = "browser tests";
        let (project, site) = (self.project, self.project.site());
        let built = match &self.wasm {
            Ok(compiler) => {
                self.steps.noisy("building the site for the browser tests", || build_site(project, *compiler))
            }
            Err(failure) => return self.report.skip(SUITE, &failure.to_string()),
        };
        let succeeded = built.is_ok();
        self.count("building the site", built);
        if succeeded {
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

    fn cargo_test(&mut self, suite: &str, command: &mut Command) {
        match self.steps.noisy(suite, || cargo_test::run(command)) {
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
    use super::Options;

    #[test]
    fn options() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let options = Options::parse(&words("--quick --filter session")).unwrap();
        assert!(options.quick && options.filter.as_deref() == Some("session"));
        assert!(Options::parse(&words("--fast")).is_err() && Options::parse(&words("--filter")).is_err());
    }
}
