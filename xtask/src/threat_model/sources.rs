//! Finds which files cite an id and which tests carry it. A Rust test carries the ids in its name, in its body and in the
//! comment right above it; a browser test file carries all ids in it. A function that is no test carries none, whatever its
//! name; ignored tests do, because `cargo xtask test` runs them. Rule: the code is read by lines without a parser, because
//! rustfmt determines where a function ends.

use std::collections::{BTreeMap, BTreeSet};

use super::ids;
use crate::failure::Result;
use crate::files::{read_text, walk};
use crate::project::Project;

/// Where ids may appear.
const FOLDERS: [&str; 12] = [
    "app",
    "docs",
    "end2end/peers",
    "end2end/support",
    "end2end/tests",
    "examples",
    "locales",
    "migrations",
    "server",
    "src",
    "style",
    "xtask",
];
const FILES: [&str; 3] = ["Cargo.toml", "README.md", "SECURITY.md"];
const KINDS: [&str; 6] = ["css", "md", "rs", "sql", "toml", "ts"];
/// The document itself, and the examples in the tests of this command.
const LEFT_OUT: [&str; 2] = [super::DOCUMENT, "xtask/src/threat_model"];

/// The ids in the sources.
#[derive(Default)]
pub struct Sources {
    /// The first place (`file:line`) that cites an id.
    pub cited: BTreeMap<String, String>,
    /// The tests that carry an id: names of functions, and files of browser tests.
    pub tests: BTreeMap<String, BTreeSet<String>>,
}

impl Sources {
    /// Reads all sources of the project.
    pub fn read(project: &Project) -> Result<Self> {
        let root = project.path("");
        let mut files: Vec<_> = FILES.map(|file| project.path(file)).into();
        for folder in FOLDERS {
            files.extend(walk(&project.path(folder))?);
        }
        let mut sources = Self::default();
        for file in files {
            let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string().replace('\\', "/");
            let is_text =
                file.extension().and_then(|kind| kind.to_str()).is_some_and(|kind| KINDS.contains(&kind));
            if is_text && file.is_file() && !LEFT_OUT.iter().any(|left_out| name.starts_with(left_out)) {
                sources.add(&name, &read_text(&file)?);
            }
        }
        Ok(sources)
    }

    /// Adds one file.
    pub fn add(&mut self, file: &str, text: &str) {
        if file.ends_with(".rs") {
            return self.add_rust(file, text);
        }
        let is_test = file.ends_with(".spec.ts");
        for (number, line) in text.lines().enumerate() {
            for id in ids::in_text(line) {
                self.cite(&id, file, number);
                if is_test {
                    self.carry(id, file);
                }
            }
        }
    }

    fn add_rust(&mut self, file: &str, text: &str) {
        let mut above = Above::default();
        // The test that a line belongs to, and the line that ends it.
        let mut test: Option<(String, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let (code, comment) = line.split_once("//").unwrap_or((line, ""));
            for id in ids::in_text(comment) {
                self.cite(&id, file, number);
                above.ids.insert(id);
            }
            let scene = scene(code);
            if let Some(name) = scene.or_else(|| function(code)) {
                let carried = ids::in_name(name);
                carried.named.iter().for_each(|id| self.cite(id, file, number));
                if above.is_test || scene.is_some() && !carried.named.is_empty() {
                    let indent = &code[..code.len() - code.trim_start().len()];
                    let all = carried
                        .named
                        .into_iter()
                        .chain(carried.between)
                        .chain(std::mem::take(&mut above.ids));
                    all.for_each(|id| self.carry(id, name));
                    if function(code).is_some() {
                        test = Some((name.to_owned(), format!("{indent}}}")));
                    }
                }
            }
            above.after(code.trim());
            if let Some((name, end)) = &test {
                ids::in_text(line).into_iter().for_each(|id| self.carry(id, name));
                if line == end {
                    test = None;
                }
            }
        }
    }

    fn cite(&mut self, id: &str, file: &str, line: usize) {
        self.cited.entry(id.to_owned()).or_insert_with(|| format!("{file}:{}", line + 1));
    }

    fn carry(&mut self, id: String, test: &str) {
        self.tests.entry(id).or_default().insert(test.to_owned());
    }
}

/// What is directly above a function.
#[derive(Default)]
struct Above {
    ids: BTreeSet<String>,
    is_test: bool,
}

impl Above {
    /// Moves to the next line: comments, which contain no code, and attributes belong to what follows.
    fn after(&mut self, code: &str) {
        if code.starts_with("#[") {
            self.is_test |= code.starts_with("#[test]") || code.starts_with("#[tokio::test");
        } else if !code.is_empty() {
            *self = Self::default();
        }
    }
}

/// Returns the name in `pub async fn name(…`.
fn function(code: &str) -> Option<&str> {
    let (before, after) = code.split_once("fn ")?;
    let is_declaration =
        before.split_whitespace().all(|word| ["pub", "pub(crate)", "pub(super)", "async"].contains(&word));
    let end = after.find(|character: char| !character.is_alphanumeric() && character != '_')?;
    is_declaration.then(|| &after[..end])
}

/// Returns the name in `op_01_any_machine: crate::scene::flows,`, from which a macro creates a test for each database.
fn scene(code: &str) -> Option<&str> {
    let (name, after) = code.trim().split_once(": ")?;
    let is_name = name.chars().all(|character| character.is_alphanumeric() || character == '_');
    (is_name && after.starts_with("crate::")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::Sources;

    fn tests_of(file: &str, text: &str) -> Vec<String> {
        let mut sources = Sources::default();
        sources.add(file, text);
        let names = |(id, tests): (&String, &std::collections::BTreeSet<String>)| {
            format!("{id} {}", tests.iter().cloned().collect::<Vec<_>>().join(" "))
        };
        sources.tests.iter().map(names).collect()
    }

    #[test]
    fn a_test_carries_the_ids_of_its_name_its_comment_and_its_body() {
        let text = "\
//! Rows OA.
/// The limit (DS-11).
const LIMIT: usize = 5;

/// RD-10
#[tokio::test(flavor = \"multi_thread\")]
async fn only_pages_are_followed() {
    assert!(a, \"LG-07: never\"); // RD-01
}

#[test]
fn cr_01_cr_02_alike() {
}

/// LK-01
fn helper() {}

scenes! {
    op_01_any_machine: crate::scene::flows,
}

async fn lk_02_a_helper() {
    assert!(a, \"LK-02\");
}

#[tokio::test]
#[ignore = \"needs PostgreSQL\"]
async fn rl_05_on_postgres() {
}
";
        assert_eq!(
            tests_of("a.rs", text),
            [
                "CR-01 cr_01_cr_02_alike",
                "CR-02 cr_01_cr_02_alike",
                "LG-07 only_pages_are_followed",
                "OP-01 op_01_any_machine",
                "RD-01 only_pages_are_followed",
                "RD-10 only_pages_are_followed",
                "RL-05 rl_05_on_postgres",
            ]
        );
        let mut sources = Sources::default();
        sources.add("a.rs", text);
        let cited: Vec<_> = sources.cited.iter().map(|(id, place)| format!("{id} {place}")).collect();
        assert_eq!(
            cited,
            [
                "CR-01 a.rs:12",
                "CR-02 a.rs:12",
                "DS-11 a.rs:2",
                "LK-01 a.rs:15",
                "LK-02 a.rs:22",
                "OP-01 a.rs:19",
                "RD-01 a.rs:8",
                "RD-10 a.rs:5",
                "RL-05 a.rs:28",
            ]
        );
    }

    #[test]
    fn a_range_is_cited_at_its_ends_and_carried_as_a_whole() {
        assert_eq!(tests_of("a.rs", "#[test]\nfn em_01_to_em_03_plain() {\n}\n").len(), 3);
    }

    #[test]
    fn files_of_browser_tests_carry_their_ids_and_their_support_does_not() {
        let text = "test(\"TS-04 four tabs\", async () => {\n";
        assert_eq!(tests_of("end2end/tests/a.spec.ts", text), ["TS-04 end2end/tests/a.spec.ts"]);
        assert_eq!(tests_of("end2end/support/a.ts", text), [""; 0]);
    }
}
