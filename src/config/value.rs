//! Detects values that were copied with something extra: quotes of an env file, an invisible character, an unexpanded
//! shell command.
//!
//! Rule: a value is never changed, except that white space around it is removed. A value that works today, such as a
//! secret in quotes, must mean the same after an update.

use super::{ConfigError, Environment};

/// Returns what does not belong to a value, as a sentence fragment. `None` if nothing looks wrong without knowing the
/// purpose of the value.
#[must_use]
pub fn copied_with(variable: &str, value: &str) -> Option<&'static str> {
    let value = value.trim();
    let (first, last) = (value.chars().next()?, value.chars().next_back()?);
    // `environment()` inserts it for bytes that are not UTF-8.
    if value.contains(char::REPLACEMENT_CHARACTER) {
        return Some("holds bytes that are not UTF-8: write it again by hand");
    }
    if is_invisible(first) || is_invisible(last) {
        return Some("begins or ends with an invisible character: write it again by hand");
    }
    let is_quoted = is_quote(first) && is_quote(last) && value.chars().nth(1).is_some();
    // Font names may be in quotes.
    if is_quoted && variable != "AUTH_THEME_FONT" {
        return Some("begins and ends with a quote, which is a part of the value: remove both");
    }
    let mut words = value.split_once('=').map_or("", |(name, _)| name).split_whitespace();
    let name = words.next().filter(|word| *word != "export").or_else(|| words.next());
    if name == Some(variable) {
        return Some("begins with its own name: write only what follows the equals sign");
    }
    if value.starts_with("$(") || value.starts_with("${") || value.starts_with('`') {
        return Some("is a command or a variable that no shell has replaced: write the value itself");
    }
    // A PEM key has several lines.
    if value.contains(|c: char| c.is_control()) && !value.contains("-----BEGIN ") {
        return Some("holds a line break or another control character: write it in one line");
    }
    None
}

/// Replaces the reason of a configuration error with what was copied along with the value, which is its cause.
pub fn explain(env: &Environment, mistake: &mut ConfigError) {
    let value = env.get(&mistake.variable).map(String::as_str).unwrap_or_default();
    let Some(reason) = copied_with(&mistake.variable, value) else { return };
    let example = mistake.message.find("Example: ").map(|start| mistake.message[start..].to_owned());
    mistake.message = match example {
        Some(example) => format!("{reason}. {example}"),
        None => reason.to_owned(),
    };
}

/// Straight and typographic quotation marks of all languages.
fn is_quote(letter: char) -> bool {
    matches!(
        letter,
        '"' | '\'' | '\u{2018}'..='\u{201f}' | '\u{ab}' | '\u{bb}' | '\u{2039}' | '\u{203a}' | '\u{300c}'..='\u{300f}'
            | '\u{ff02}' | '\u{ff07}'
    )
}

/// Invisible characters that are not white space: byte order mark, joiners, text direction marks, soft hyphen.
fn is_invisible(letter: char) -> bool {
    matches!(
        letter,
        '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{ad}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_14_what_was_copied_with_a_value_is_named() {
        for (value, word) in [
            ("\"abc\"", "quote"),
            ("'abc'", "quote"),
            ("  \"abc\" \r\n", "quote"),
            ("\u{201c}abc\u{201d}", "quote"),
            ("\u{201e}abc\u{201c}", "quote"),
            ("\u{2018}abc\u{2019}", "quote"),
            ("\u{ab}abc\u{bb}", "quote"),
            ("\"\"", "quote"),
            ("\u{feff}abc", "invisible"),
            ("abc\u{200b}", "invisible"),
            ("AUTH_X=abc", "its own name"),
            ("export AUTH_X=abc", "its own name"),
            ("$(openssl rand -base64 33)", "no shell"),
            ("${SECRET}", "no shell"),
            ("ab\nc", "line break"),
            ("ab\u{fffd}c", "UTF-8"),
        ] {
            let reason = copied_with("AUTH_X", value);
            assert!(reason.is_some_and(|reason| reason.contains(word)), "{value:?}: {reason:?}");
        }
        for fine in [
            "",
            "abc",
            "  abc\r\n",
            "\u{a0}abc\u{a0}",
            "\"",
            "it's",
            "\"Ada\" <a@b.test>",
            "a=b",
            "AUTH_Y=1",
            "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----",
        ] {
            assert_eq!(copied_with("AUTH_X", fine), None, "control: {fine:?}");
        }
        assert_eq!(copied_with("AUTH_THEME_FONT", "\"Segoe UI\""), None, "control: a name in quotes");
    }

    #[test]
    fn i_14_the_cause_stands_in_place_of_the_reason_and_the_example_stays() {
        let env = Environment::from([("PORT".to_owned(), "\"hunter2\"".to_owned())]);
        let mut mistake = ConfigError {
            variable: "PORT".to_owned(),
            message: "is not a number from 0 to 65535. Example: PORT=3000".to_owned(),
        };
        explain(&env, &mut mistake);
        let expected =
            "begins and ends with a quote, which is a part of the value: remove both. Example: PORT=3000";
        assert_eq!(mistake.message, expected);
        let before = mistake.clone();
        explain(&Environment::new(), &mut mistake);
        assert_eq!(mistake, before, "control");
    }
}
