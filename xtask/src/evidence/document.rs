//! docs/evidence.md: one section for each part, with the command and its figures. Rule: a run replaces the sections of its
//! parts and leaves the others unchanged.

use std::collections::BTreeMap;

use super::PARTS;

const TITLE: &str = "\
# Evidence

What takes too long for every run of the tests, measured by `cargo xtask evidence`. Each section says which commit was measured; a
run replaces the sections of its parts. A failed run says so here.
";

/// The result of one part.
pub struct Section {
    /// The name of the part.
    pub name: String,
    /// What it shows.
    pub about: String,
    /// The command, the commit and the time.
    pub run: String,
    /// Whether all tests passed.
    pub has_succeeded: bool,
    /// What was measured, and the value.
    pub figures: Vec<(String, String)>,
}

/// The texts of the sections, by part.
#[derive(Default)]
pub struct Document {
    sections: BTreeMap<String, String>,
}

impl Document {
    /// Parses the output of `written`.
    pub fn parse(text: &str) -> Self {
        let sections = text.split("\n## ").skip(1).filter_map(|section| {
            let (name, content) = section.split_once('\n')?;
            Some((name.to_owned(), content.trim().to_owned()))
        });
        Self { sections: sections.collect() }
    }

    /// Replaces one section.
    pub fn put(&mut self, section: Section) {
        let Section { name, about, run, has_succeeded, figures } = section;
        let outcome = if has_succeeded { "All tests passed." } else { "**Tests failed.**" };
        let mut content = format!("{about}\n\n{run} {outcome}\n");
        if !figures.is_empty() {
            content += "\n| what | measured |\n| --- | --- |\n";
        }
        for (what, figure) in figures {
            content += &format!("| {what} | {figure} |\n");
        }
        self.sections.insert(name, content.trim().to_owned());
    }

    /// Returns the whole text, in the order of the parts.
    pub fn written(&self, machine: &str) -> String {
        let mut text = format!("{TITLE}\nMachine of the last run: {machine}.\n");
        for part in &PARTS {
            if let Some(content) = self.sections.get(part.name) {
                text += &format!("\n## {}\n\n{content}\n", part.name);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Document, Section};

    fn section(name: &str, figure: &str) -> Section {
        Section {
            name: name.to_owned(),
            about: "About.".to_owned(),
            run: "`command` on commit 1: 2 s.".to_owned(),
            has_succeeded: true,
            figures: vec![("rounds".to_owned(), figure.to_owned())],
        }
    }

    #[test]
    fn a_run_replaces_its_own_section_only() {
        let mut document = Document::default();
        document.put(section("soak", "1"));
        document.put(section("races", "2"));
        let mut read = Document::parse(&document.written("two cores"));
        read.put(section("races", "3"));
        let text = read.written("two cores");
        assert!(text.find("## races").unwrap() < text.find("## soak").unwrap());
        assert!(
            text.contains("| rounds | 1 |")
                && text.contains("| rounds | 3 |")
                && !text.contains("| rounds | 2 |")
        );
        assert_eq!(Document::parse(&text).written("two cores"), text);
    }
}
