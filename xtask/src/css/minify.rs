//! Takes comments and needless white space out of a style sheet. Rule: it only removes what can never
//! matter; strings and escaped characters are copied as they are. Brotli does the rest.

/// The same style sheet in fewer bytes.
pub fn minify(css: &str) -> String {
    let mut output = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(character) = rest.chars().next() {
        let length = match character {
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            '"' | '\'' => quoted(rest, character),
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ if character.is_whitespace() => rest.len() - rest.trim_start().len(),
            _ => character.len_utf8(),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if character.is_whitespace() {
            push_space(&mut output, rest);
        } else if !token.starts_with("/*") {
            push_token(&mut output, token);
        }
    }
    output.truncate(output.trim_end().len());
    output
}

/// A space stays only between two things that it separates. After a colon it goes, because there it
/// always follows a property or a media feature; before a colon it may be a descendant selector.
fn push_space(output: &mut String, rest: &str) {
    let before = output.chars().next_back();
    let after = rest.chars().next();
    let droppable = |c: char| matches!(c, '{' | '}' | ';' | ',');
    let empty_value = before == Some(':') && matches!(after, Some(';' | '}'));
    let needed = match (before, after) {
        (Some(before), Some(after)) => {
            !droppable(before) && !droppable(after) && !matches!(before, ':' | ' ') || empty_value
        }
        _ => false,
    };
    if needed {
        output.push(' ');
    }
}

fn push_token(output: &mut String, token: &str) {
    if token == "}" && output.ends_with(';') {
        output.pop();
    }
    output.push_str(token);
}

/// The length of a quoted string at the start of `text`, quotes included.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (index, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return index + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn keeps_what_matters() {
        let css = "/* a */\n.a :hover > b , .c {\n  margin : 0 auto;\n  content: \"a  ;  }\";\n}\n\n@media (width >= 40rem) {\n  .sm\\:p-\\[1\\,2\\] { --x: ; width: calc(1px + 2px); }\n}\n";
        assert_eq!(
            minify(css),
            ".a :hover > b,.c{margin :0 auto;content:\"a  ;  }\"}@media (width >= 40rem){.sm\\:p-\\[1\\,2\\]{--x: ;width:calc(1px + 2px)}}"
        );
    }

    #[test]
    fn a_comment_may_touch_anything() {
        assert_eq!(minify("a{color:red/* x */;}/* end"), "a{color:red}");
    }
}
