//! How one text is read out of a service's answer, written as short as a note:
//!
//! | expression | value |
//! | --- | --- |
//! | `user.name` | that member; a whole number becomes a text |
//! | `emails[0].value`, `emails[primary].email` | of a list the item of that number, or the first whose member is true |
//! | `first_name + last_name` | those that are there, with a space between them |
//! | `https://cdn.example.com/{id}/{avatar}.png` | a text around values, which are percent-encoded; nothing when one is missing |
//! | `{+photo.prefix}100x100{+photo.suffix}` | the same with the values as they are |
//! | `name \| login` | the first that is there |
//!
//! The answer is hostile: whatever it holds, the result is a text or nothing.

use serde_json::Value;

use crate::percent;

/// The text that an expression names.
pub(crate) fn text(answer: &Value, expression: &str) -> Option<String> {
    expression.split(" | ").find_map(|alternative| {
        if alternative.contains('{') {
            return fill(alternative, |name| member(answer, name).and_then(to_text));
        }
        let parts = alternative.split(" + ");
        let parts: Vec<_> = parts.filter_map(|path| member(answer, path).and_then(to_text)).collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    })
}

/// Whether a condition holds: `verified` is the boolean true and nothing else (ID-20), `verified = 1` a value of that
/// text; `valid & verified` both of them. Several conditions are separated as alternatives are.
pub(crate) fn is_true(answer: &Value, condition: &str) -> bool {
    let holds = |term: &str| match term.split_once(" = ") {
        Some((path, wanted)) => member(answer, path).and_then(to_text).is_some_and(|value| value == wanted),
        None => member(answer, term) == Some(&Value::Bool(true)),
    };
    condition.split(" | ").any(|alternative| alternative.split(" & ").all(holds))
}

/// A text with the values of its `{names}`; nothing when one is missing or a brace is left open.
pub(crate) fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, name_and_more)) = rest.split_once('{') {
        let (name, more) = name_and_more.split_once('}')?;
        filled.push_str(before);
        match name.strip_prefix('+') {
            Some(name) => filled.push_str(&value(name)?),
            None => filled.extend(percent::encode(&value(name)?)),
        }
        rest = more;
    }
    filled.push_str(rest);
    Some(filled)
}

fn member<'a>(answer: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(answer, |value, step| match step.split_once('[') {
        None => value.get(step),
        Some((name, selector)) => {
            let list = if name.is_empty() { value } else { value.get(name)? }.as_array()?;
            let selector = selector.strip_suffix(']')?;
            match selector.parse::<usize>() {
                Ok(number) => list.get(number),
                Err(_) => list.iter().find(|item| item.get(selector) == Some(&Value::Bool(true))),
            }
        }
    })
}

fn to_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => (!text.trim().is_empty()).then(|| text.clone()),
        // A number with a fraction has more than one text: it can name nobody.
        Value::Number(number) if !number.is_f64() => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn every_form_is_read() {
        let answer = json!({
            "id": 42, "login": "ada", "name": null, "first": "Ada", "last": " ", "avatar": "a b/c",
            "data": { "user": [{ "id": "x" }, { "id": "y", "primary": true }] },
            "photo": { "prefix": "https://img.test/", "suffix": "/p.jpg" },
        });
        let read = |expression| text(&answer, expression);
        assert_eq!(read("id").as_deref(), Some("42"));
        assert_eq!(read("name | login").as_deref(), Some("ada"));
        assert_eq!(read("first + last | login").as_deref(), Some("Ada"));
        assert_eq!(read("last + name"), None);
        assert_eq!(read("data.user[0].id").as_deref(), Some("x"));
        assert_eq!(read("data.user[primary].id").as_deref(), Some("y"));
        assert_eq!(
            read("https://cdn.test/{id}/{avatar}.png").as_deref(),
            Some("https://cdn.test/42/a%20b%2Fc.png")
        );
        assert_eq!(read("{+photo.prefix}o{+photo.suffix}").as_deref(), Some("https://img.test/o/p.jpg"));
        assert_eq!(read("https://cdn.test/{name}.png"), None);
        assert_eq!(read("data | data.user | photo"), None);
    }

    #[test]
    fn numbers_with_a_fraction_name_nobody() {
        assert_eq!(text(&json!({ "id": 1.5 }), "id"), None);
        assert_eq!(text(&json!({ "id": 1e300 }), "id"), None);
        assert_eq!(
            text(&json!({ "id": 18_446_744_073_709_551_615_u64 }), "id").as_deref(),
            Some("18446744073709551615")
        );
    }

    #[test]
    fn id_20_conditions_are_exact() {
        let answer = json!({ "a": true, "b": "true", "c": 1, "d": "false", "e": [true] });
        for (condition, holds) in [
            ("a", true),
            ("b", false),
            ("c", false),
            ("d", false),
            ("e", false),
            ("f", false),
            ("c = 1", true),
            ("b = true", true),
            ("d = true", false),
            ("a = true", false),
            ("f | a", true),
            ("a & c = 1", true),
            ("a & f", false),
            ("a & d", false),
        ] {
            assert_eq!(is_true(&answer, condition), holds, "{condition}");
        }
    }

    proptest! {
        #[test]
        fn any_answer_gives_a_text_or_nothing(answer in "\\PC{0,60}", expression in "[a-z.+|{}\\[\\] 0-9]{0,30}") {
            let answer = json!({ "a": { "b": [answer] } });
            let _ = text(&answer, &expression);
            let _ = is_true(&answer, &expression);
        }
    }
}
