//! The tables of docs/threat-model.md. Rule: the command only writes the last column of tables with the columns `id` and
//! `tests`, and shortens the list of pending ids; everything else is copied unchanged.

use std::collections::{BTreeMap, BTreeSet};

use crate::failure::{Failure, Result};

const PENDING: (&str, &str) = ("<!-- pending:", "-->");

/// The document, line by line.
pub struct Document<'a> {
    lines: Vec<Line<'a>>,
}

enum Line<'a> {
    /// A row of a threat: its id, and all cells except the last.
    Row {
        id: &'a str,
        before: &'a str,
    },
    Pending(BTreeSet<&'a str>),
    Other(&'a str),
}

impl<'a> Document<'a> {
    /// Reads the tables. Fails if an id has two rows.
    pub fn parse(text: &'a str) -> Result<Self> {
        let (mut lines, mut ids) = (Vec::new(), BTreeSet::new());
        let mut is_table = false;
        for line in text.lines() {
            let cells: Vec<_> = cells(line).collect();
            is_table = if is_table {
                !cells.is_empty()
            } else {
                cells.first() == Some(&"id") && cells.last() == Some(&"tests")
            };
            let id = cells.first().filter(|cell| is_table && !["id", "---"].contains(cell));
            lines.push(match (id, pending(line)) {
                (Some(id), _) => {
                    if !ids.insert(*id) {
                        return Err(Failure::new(format!("{}: {id} has two rows.", super::DOCUMENT)));
                    }
                    let inner = line.trim_end().strip_suffix('|').unwrap_or(line);
                    Line::Row { id, before: &inner[..inner.rfind('|').unwrap_or(inner.len())] }
                }
                (None, Some(ids)) => Line::Pending(ids),
                (None, None) => Line::Other(line),
            });
        }
        Ok(Self { lines })
    }

    /// Returns the ids that have a row.
    pub fn rows(&self) -> BTreeSet<&'a str> {
        self.lines
            .iter()
            .filter_map(|line| if let Line::Row { id, .. } = line { Some(*id) } else { None })
            .collect()
    }

    /// Returns the ids that may lack a test.
    pub fn pending(&self) -> BTreeSet<&'a str> {
        let pending =
            self.lines.iter().filter_map(|line| if let Line::Pending(ids) = line { Some(ids) } else { None });
        pending.flatten().copied().collect()
    }

    /// Returns the text with these tests in the last column.
    pub fn written(&self, tests: &BTreeMap<String, BTreeSet<String>>) -> String {
        let mut text = String::new();
        for line in &self.lines {
            match line {
                Line::Row { id, before } => {
                    let names = tests.get(*id).into_iter().flatten().map(|name| format!("`{name}`"));
                    let names = names.collect::<Vec<_>>().join(", ");
                    let space = if names.is_empty() { "" } else { " " };
                    text += &format!("{before}|{space}{names} |\n");
                }
                Line::Pending(ids) => {
                    let left: Vec<_> = ids.iter().filter(|id| !tests.contains_key(**id)).copied().collect();
                    if !left.is_empty() {
                        text += &format!("{} {} {}\n", PENDING.0, left.join(" "), PENDING.1);
                    }
                }
                Line::Other(line) => {
                    text += line;
                    text.push('\n');
                }
            }
        }
        text
    }
}

/// Returns the cells of a table row; none for any other line.
fn cells(line: &str) -> impl Iterator<Item = &str> {
    let inner = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'));
    inner.into_iter().flat_map(|inner| inner.split('|')).map(str::trim)
}

fn pending(line: &str) -> Option<BTreeSet<&str>> {
    let ids = line.trim().strip_prefix(PENDING.0)?.strip_suffix(PENDING.1)?;
    Some(ids.split_whitespace().collect())
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::Document;

    const TEXT: &str = "\
# Threats

| name | tests |
| --- | --- |
| XX-01 | stays |

| id | what is tried | what must happen | tests |
| --- | --- | --- | --- |
| AA-01 | a | b | old |
| AA-02 | a | b | |

<!-- pending: AA-02 AA-03 -->
";

    fn tests(pairs: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
        let mut tests = BTreeMap::<_, BTreeSet<_>>::new();
        for (id, test) in pairs {
            tests.entry((*id).to_owned()).or_default().insert((*test).to_owned());
        }
        tests
    }

    #[test]
    fn only_the_column_of_tests_and_the_pending_ids_are_written() {
        let document = Document::parse(TEXT).unwrap();
        assert_eq!(document.rows().into_iter().collect::<Vec<_>>(), ["AA-01", "AA-02"]);
        let written =
            document.written(&tests(&[("AA-01", "aa_01_x"), ("AA-01", "aa_01_y"), ("AA-02", "aa_02_z")]));
        let expected = TEXT
            .replace("| AA-01 | a | b | old |", "| AA-01 | a | b | `aa_01_x`, `aa_01_y` |")
            .replace("| AA-02 | a | b | |", "| AA-02 | a | b | `aa_02_z` |")
            .replace("pending: AA-02 AA-03", "pending: AA-03");
        assert_eq!(written, expected);
    }

    #[test]
    fn an_empty_list_of_pending_ids_goes() {
        let document = Document::parse("<!-- pending: AA-02 -->\nend\n").unwrap();
        assert_eq!(document.written(&tests(&[("AA-02", "x")])), "end\n");
    }

    #[test]
    fn an_id_has_one_row() {
        assert!(Document::parse(&format!("{TEXT}{TEXT}")).is_err());
    }
}
