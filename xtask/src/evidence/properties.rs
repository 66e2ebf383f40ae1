//! Finds the property tests: the functions in `proptest!` blocks. Rule: new ones are found automatically.

use crate::failure::Result;
use crate::files::{read_text, walk};
use crate::project::Project;

/// Returns the names of all property tests in these folders.
pub fn names(project: &Project, folders: &[&str]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in folders {
        for file in walk(&project.path(folder))? {
            if file.extension().is_some_and(|kind| kind == "rs") {
                names.extend(in_text(&read_text(&file)?));
            }
        }
    }
    Ok(names)
}

/// rustfmt puts the closing brace of a block at the indentation of its first line.
fn in_text(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut end: Option<String> = None;
    for line in text.lines() {
        let code = line.trim_start();
        match &end {
            None if code.ends_with("proptest! {") => {
                end = Some(format!("{}}}", &line[..line.len() - code.len()]));
            }
            Some(brace) if line == brace => end = None,
            Some(_) => names.extend(
                code.strip_prefix("fn ").and_then(|rest| rest.split_once('(')).map(|it| it.0.to_owned()),
            ),
            None => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::in_text;

    #[test]
    fn only_functions_in_blocks_of_proptest_count() {
        let text = "\
fn before() {}
mod tests {
    proptest::proptest! {
        #[test]
        fn any_text(text in \".*\") {
            check();
        }
        #[test]
        fn any_bytes(bytes: Vec<u8>) {
        }
    }

    #[test]
    fn after() {}
}
";
        assert_eq!(in_text(text), ["any_text", "any_bytes"]);
    }
}
