//! Finds the class names in Rust sources. Rule: only words inside string literals and the names of
//! `class:name=…` count, because half of the Tailwind vocabulary (flex, hidden, table, static) is
//! also Rust vocabulary and would bring rules that nobody uses.

use std::collections::BTreeSet;

/// What a source file says about classes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ClassNames {
    /// Words that may be classes.
    pub candidates: BTreeSet<String>,
    /// Words that must be classes: those of `class="…"` and `class:name`.
    pub certain: BTreeSet<String>,
}

impl ClassNames {
    /// Adds what one Rust file contains.
    pub fn scan(&mut self, source: &str) {
        let mut rest = source;
        let mut code = String::new();
        while let Some(character) = rest.chars().next() {
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else if let Some((words, length)) = string_literal(rest, &code) {
                self.add(words, code.trim_end().ends_with("class="));
                self.add_directives(&code);
                code.clear();
                length
            } else {
                let length = char_literal(rest).unwrap_or(character.len_utf8());
                code.push_str(&rest[..length]);
                length
            };
            if character == '\n' {
                self.add_directives(&code);
                code.clear();
            }
            rest = &rest[length..];
        }
    }

    fn add(&mut self, words: &str, certain: bool) {
        for word in words.split_whitespace().filter(|word| !is_something_else(word)) {
            self.candidates.insert(word.to_owned());
            if certain {
                self.certain.insert(word.to_owned());
            }
        }
    }

    /// `class:hidden=move || …` in a line of code.
    fn add_directives(&mut self, code: &str) {
        for after in code.split(" class:").skip(1) {
            if let Some((name, _)) = after.split_once('=') {
                self.add(name.trim(), true);
            }
        }
    }
}

/// The backslash that continues a string on the next line, and what encre-css would take for an
/// arbitrary property although it is none: `[::1]`.
fn is_something_else(word: &str) -> bool {
    word == "\\" || word.starts_with("[:")
}

/// The content and the whole length of a string literal at the start of `text`. `before` is the code
/// in front of it: a raw string only starts where no identifier ends.
fn string_literal<'a>(text: &'a str, before: &str) -> Option<(&'a str, usize)> {
    let inside_word = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '_');
    if let Some(raw) = text.strip_prefix('r').filter(|_| !inside_word) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let content = raw[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", &raw[..hashes]);
        let length = content.find(&end)?;
        return Some((&content[..length], 1 + hashes + 1 + length + end.len()));
    }
    let content = text.strip_prefix('"')?;
    let mut escaped = false;
    for (index, character) in content.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some((&content[..index], index + 2)),
            _ => {}
        }
    }
    None
}

/// The length of a character literal at the start of `text`; a lifetime is not one.
fn char_literal(text: &str) -> Option<usize> {
    let content = text.strip_prefix('\'')?;
    let first = content.chars().next()?;
    if first == '\\' {
        return content[2..].find('\'').map(|end| end + 4);
    }
    content[first.len_utf8()..].starts_with('\'').then(|| first.len_utf8() + 2)
}

#[cfg(test)]
mod tests {
    use super::ClassNames;

    fn scan(source: &str) -> ClassNames {
        let mut names = ClassNames::default();
        names.scan(source);
        names
    }

    fn words(set: &std::collections::BTreeSet<String>) -> Vec<&str> {
        set.iter().map(String::as_str).collect()
    }

    #[test]
    fn only_strings_and_directives_count() {
        let names = scan(
            "let table = hidden; // \"flex\"\n/* \"grid\" */ const A: &str = \"p-4 m-2 [::1]\";\n\
             view! { <p class=\"block \\\n [&>svg]:size-4\" class:opacity-50=move || busy>\"Hello\"</p> }\n",
        );
        assert_eq!(
            words(&names.candidates),
            ["Hello", "[&>svg]:size-4", "block", "m-2", "opacity-50", "p-4"]
        );
        assert_eq!(words(&names.certain), ["[&>svg]:size-4", "block", "opacity-50"]);
    }

    #[test]
    fn quotes_in_characters_lifetimes_and_raw_strings_do_not_confuse_it() {
        let names =
            scan("fn f<'a>(x: &'a str) { x.find('\"'); x.find('\\''); r#\"w-1 \"w-2\"\"#; \"h-\\\"1\" }");
        assert_eq!(words(&names.candidates), ["\"w-2\"", "h-\\\"1", "w-1"]);
    }
}
