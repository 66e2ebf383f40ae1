//! Runs the steps of `docs/customizing.md`: its code blocks are applied to a copy of the project, which is built, started and
//! checked, so that the document stays correct.

use std::process::Command;

use super::markdown::{Block, blocks};
use super::{DEV, PACKAGES, PROGRAM};
use crate::bench::{http::Connection, http::get, server::Server};
use crate::failure::{Failure, Result};
use crate::files::{copy, read_text, remove_folder, write_if_changed};
use crate::process::{output, run};
use crate::project::{Project, SERVER, cargo};
use crate::{css, site};

const DOCUMENT: &str = "docs/customizing.md";

/// What a block of code does to a file.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Replace,
    Append,
}

/// Follows the document, and finds what it promises in the page and in the style sheet.
pub fn check(project: &Project) -> Result {
    let copied = project.copy_in("customized");
    copy_sources(project, &copied)?;
    let steps = steps(&read_text(&project.path(DOCUMENT))?);
    let count = steps.len();
    if count < 5 {
        return Err(Failure::new(format!(
            "{DOCUMENT} has {count} steps with a file: one has lost its `append=` or `replace=`."
        )));
    }
    for (step, file, content) in &steps {
        let path = copied.path(file);
        let before = if *step == Step::Append { read_text(&path).unwrap_or_default() } else { String::new() };
        write_if_changed(&path, format!("{before}\n{content}").trim_start().as_bytes())?;
    }
    rename(&copied)?;
    let mut build = Command::new(cargo());
    // The folder and the features of the tests: nothing but the project's own crates is compiled for this.
    build.args(["build", "--offline"]).args(PACKAGES).args(DEV).args(PROGRAM);
    build.current_dir(copied.path("")).env("CARGO_TARGET_DIR", project.target(""));
    run(&mut build, &format!("The project does not compile any more after the steps of {DOCUMENT}."))?;
    let sheet = css::write(&copied)?;
    site::write_static_files(&copied, &copied.site())?;
    look(project, &copied, &sheet.css)
}

/// Changes the version of the copy's packages. Otherwise cargo would use what it compiled of the copy for the project itself.
fn rename(copied: &Project) -> Result {
    let path = copied.path("Cargo.toml");
    let text = read_text(&path)?;
    let renamed = with_version(&text)
        .ok_or_else(|| Failure::new("Cargo.toml lacks the version in [workspace.package]."))?;
    write_if_changed(&path, renamed.as_bytes()).map(drop)
}

fn with_version(manifest: &str) -> Option<String> {
    let (before, after) = manifest.split_once("[workspace.package]\nversion = \"")?;
    let (version, after) = after.split_once('"')?;
    Some(format!("{before}[workspace.package]\nversion = \"{version}-customized\"{after}"))
}

fn copy_sources(project: &Project, copied: &Project) -> Result {
    remove_folder(&copied.path(""))?;
    let mut list = Command::new("git");
    list.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(project.path(""));
    for file in output(&mut list, "git cannot list the files of the project: it says why above.")?.lines() {
        let from = project.path(file);
        if from.is_file() && !file.starts_with("end2end/") {
            copy(&from, &copied.path(file))?;
        }
    }
    Ok(())
}

/// Whether a block is one of the steps.
pub fn is_step(file: &str, block: &Block<'_>) -> bool {
    file == DOCUMENT && step(block).is_some()
}

/// The blocks that name a file: ```` ```css append=style/base.css ````.
fn steps(document: &str) -> Vec<(Step, String, String)> {
    let steps = blocks(document).into_iter().filter_map(|block| {
        let (step, file) = step(&block)?;
        Some((step, file.to_owned(), block.content))
    });
    steps.collect()
}

fn step<'a>(block: &Block<'a>) -> Option<(Step, &'a str)> {
    let replaced = block.option("replace").map(|file| (Step::Replace, file));
    replaced.or_else(|| block.option("append").map(|file| (Step::Append, file)))
}

fn look(project: &Project, copied: &Project, css: &str) -> Result {
    let env = read_text(&copied.path(".env"))?;
    let variables = env.lines().filter_map(|line| line.split_once('='));
    let mut settings: Vec<_> = variables.map(|(name, value)| (name, value.trim_matches('"'))).collect();
    let site = copied.site().display().to_string();
    settings.extend([("DATABASE_URL", ""), ("LEPTOS_SITE_ROOT", site.as_str())]);
    let server = Server::start(&project.target("debug").join(SERVER), &settings, "/health")?;
    let page = ask(server.port, "/signin")?;
    for promised in [
        "class=\"split\"",
        "Bread that rises",
        "--color-brand:#9d174d",
        "src=\"/logo.svg\"",
        "name=\"csrfToken\"",
    ] {
        if !page.contains(promised) {
            return Err(Failure::new(format!(
                "After the steps of {DOCUMENT} the sign-in page lacks {promised}."
            )));
        }
    }
    let logo = ask(server.port, "/logo.svg")?;
    if !css.contains(".split{") || !logo.starts_with("<svg") {
        return Err(Failure::new(format!(
            "After the steps of {DOCUMENT} the style sheet or the logo is missing."
        )));
    }
    Ok(())
}

fn ask(port: u16, path: &str) -> Result<String> {
    let answer = Connection::open(port).and_then(|mut connection| connection.ask(&get(path, "")));
    let answer = answer.map_err(Failure::because(format!("The customized server does not answer {path}")))?;
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

#[cfg(test)]
mod tests {
    use super::{Step, steps, with_version};

    #[test]
    fn the_copy_has_another_version() {
        let manifest = "[workspace.package]\nversion = \"0.1.0\"\nedition = \"2024\"\n";
        assert_eq!(with_version(manifest).unwrap(), manifest.replace("0.1.0", "0.1.0-customized"));
        assert_eq!(with_version("[workspace]\n"), None);
    }

    #[test]
    fn only_blocks_that_name_a_file_are_steps() {
        let document = "a\n```sh\nls\n```\n```css append=style/base.css\n.a {\n}\n```\n```rust replace=a.rs\nfn a() {}\n```\n";
        let found = steps(document);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], (Step::Append, "style/base.css".to_owned(), ".a {\n}\n".to_owned()));
        assert_eq!((&found[1].0, found[1].1.as_str()), (&Step::Replace, "a.rs"));
    }
}
