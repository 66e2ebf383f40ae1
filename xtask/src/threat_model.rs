//! `cargo xtask threat-model`: keeps docs/threat-model.md and the tests consistent. Rule: every id in a comment or a test has a
//! row, and every row names the tests that carry its id; this command writes that column.

mod document;
mod ids;
mod sources;

use std::collections::BTreeSet;
use std::process::ExitCode;

use crate::failure::{Failure, Result};
use crate::files::{read_text, write_if_changed};
use crate::project::Project;
use document::Document;
use sources::Sources;

const DOCUMENT: &str = "docs/threat-model.md";

/// Runs `cargo xtask threat-model`; `--write` updates the column of tests.
pub fn command(project: &Project, options: &[String]) -> Result<ExitCode> {
    match options {
        [] => check(project)?,
        [option] if option == "--write" => {
            let (text, sources) = read(project)?;
            let document = Document::parse(&text)?;
            let is_new =
                write_if_changed(&project.path(DOCUMENT), document.written(&sources.tests).as_bytes())?;
            println!("{DOCUMENT} {}", if is_new { "has changed" } else { "was up to date" });
            check(project)?;
        }
        _ => return Err(Failure::new("`cargo xtask threat-model` takes no option but --write.")),
    }
    Ok(ExitCode::SUCCESS)
}

/// Fails with one line for each id without a row, each row without a test, and an outdated column of tests.
pub fn check(project: &Project) -> Result {
    let (text, sources) = read(project)?;
    let document = Document::parse(&text)?;
    let problems = problems(&text, &document, &sources);
    if !problems.is_empty() {
        return Err(Failure::new(problems.join("\n")));
    }
    let pending = document.pending();
    if !pending.is_empty() {
        println!(
            "{} rows have no test yet and are listed in the comment `pending` of {DOCUMENT}. `cargo xtask threat-model --write` \
             removes those that have one now; without the comment a row without a test is an error: {}",
            pending.len(),
            pending.iter().copied().collect::<Vec<_>>().join(" ")
        );
    }
    Ok(())
}

fn read(project: &Project) -> Result<(String, Sources)> {
    Ok((read_text(&project.path(DOCUMENT))?, Sources::read(project)?))
}

fn problems(text: &str, document: &Document<'_>, sources: &Sources) -> Vec<String> {
    let (rows, pending) = (document.rows(), document.pending());
    let mut problems = Vec::new();
    for (id, place) in &sources.cited {
        if !rows.contains(id.as_str()) {
            problems.push(format!("{place}: {id} is cited, but {DOCUMENT} has no row for it."));
        }
    }
    let has_test = |id: &&str| sources.tests.contains_key(*id);
    for id in rows.iter().filter(|id| !has_test(id) && !pending.contains(**id)) {
        problems.push(format!("{DOCUMENT}: no test carries the id {id}."));
    }
    let unknown: BTreeSet<_> = pending.difference(&rows).collect();
    problems.extend(unknown.iter().map(|id| format!("{DOCUMENT}: the pending id {id} has no row.")));
    if document.written(&sources.tests) != text {
        problems.push(format!("{DOCUMENT} is old: run `cargo xtask threat-model --write` to update it."));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::{Document, Sources, problems};

    const TABLE: &str = "| id | what is tried | what must happen | tests |\n| --- | --- | --- | --- |\n";

    fn problems_of(rows: &str, source: &str) -> Vec<String> {
        let text = format!("{TABLE}{rows}");
        let mut sources = Sources::default();
        sources.add("a.rs", source);
        problems(&text, &Document::parse(&text).unwrap(), &sources)
    }

    #[test]
    fn a_row_and_its_test_belong_together() {
        let test = "#[test]\nfn lk_07_it() {\n}\n";
        let row = "| LK-07 | a | b | `lk_07_it` |\n";
        assert_eq!(problems_of(row, test), [""; 0]);
        assert!(problems_of("", test)[0].starts_with("a.rs:2: LK-07 is cited"));
        assert!(problems_of(row, "")[0].contains("no test carries the id LK-07"));
        assert!(problems_of("| LK-07 | a | b | |\n", test)[0].contains("is old"));
        assert!(problems_of(row, &format!("{test}// see RD-01\n"))[0].starts_with("a.rs:4: RD-01"));
    }

    #[test]
    fn a_pending_row_may_lack_a_test() {
        let row = "| F-A1 | a | b | |\n";
        assert!(problems_of(row, "")[0].contains("no test carries the id F-A1"));
        assert_eq!(problems_of(&format!("{row}\n<!-- pending: F-A1 -->\n"), ""), [""; 0]);
        let pending = format!("{row}\n<!-- pending: F-A1 F-A2 -->\n");
        assert!(problems_of(&pending, "")[0].contains("F-A2 has no row"));
        let test = "#[test]\nfn f_a1_it() {\n}\n";
        assert!(problems_of(&pending, test).iter().any(|problem| problem.contains("is old")));
    }
}
