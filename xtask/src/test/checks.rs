//! Checks by compilers: clippy for the server, the tools and the browser, each feature alone, the code of the documentation,
//! and rustdoc. Rule: all of them use the same features as clippy, so that no dependency is compiled again.

use super::{DEV, PACKAGES, Run, build_site, clean_release, combinations, customizing, docs_code};
use crate::failure::Result;
use crate::project::Project;
use crate::wasm;
use crate::wasm_target::WasmCompiler;

impl Run<'_> {
    /// `--only checks`.
    pub(super) fn checks(&mut self) {
        let mut clippy = self.cargo("clippy");
        clippy.args(PACKAGES).args(["--package", "xtask", "--all-targets"]).args(DEV);
        self.check("clippy", clippy.args(["--", "-D", "warnings"]));
        let mut rustdoc = self.cargo("doc");
        // With `--examples` cargo unifies features as it does for `--all-targets`, and with the tools as it does for clippy, so
        // rustdoc reuses what clippy has compiled.
        rustdoc.args(PACKAGES).args(["--package", "xtask", "--no-deps", "--lib", "--examples"]).args(DEV);
        self.check("rustdoc", rustdoc.env("RUSTDOCFLAGS", "-D warnings"));
        if !self.options.quick {
            self.step("each sign-in method can be left out", combinations::check);
            self.step("the Rust code of the documentation", docs_code::check);
        }
        self.browser_clippy();
        // Only the browser tests need it.
        if !self.options.quick
            && let Ok(compiler) = &self.wasm
        {
            let compiler = *compiler;
            self.step("compiling the site", |project| build_site(project, compiler));
        }
    }

    /// `--only servers`: the server without the feature dev, and the server of a customized copy.
    pub(super) fn servers(&mut self) {
        self.step("a server without the feature dev is clean", clean_release::check);
        self.step("the steps of docs/customizing.md", customizing::check);
    }

    fn step(&mut self, suite: &str, check: impl FnOnce(&Project) -> Result) {
        let project = self.project;
        let result = self.steps.noisy(suite, || check(project));
        self.count(suite, result);
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
}
