//! Ids of threats in texts (`LK-07`, `F-A5`, `I-10`, `U-31`) and in the names of tests (`lk_07_…`, `f_a5_…`, `c4_…`).

use std::collections::BTreeSet;

/// English words that may begin the name of a test and are not a series of ids: `at_16_…`.
const WORDS: [&str; 21] = [
    "an", "as", "at", "by", "do", "go", "he", "if", "is", "it", "me", "my", "no", "of", "on", "or", "so",
    "to", "up", "us", "we",
];

/// Returns the ids that a text cites.
pub fn in_text(text: &str) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && character != '-');
    words.filter(|word| is_id(word)).map(str::to_owned).collect()
}

fn is_id(word: &str) -> bool {
    let Some((series, number)) = word.split_once('-') else { return false };
    match series.as_bytes() {
        [b'F'] => {
            let digits = number.strip_prefix(['A', 'B', 'C', 'D']).unwrap_or_default();
            (1..=2).contains(&digits.len()) && is_number(digits)
        }
        [b'I' | b'U'] => number.len() == 2 && is_number(number),
        [first, second] => {
            let is_series =
                first.is_ascii_uppercase() && (second.is_ascii_uppercase() || second.is_ascii_digit());
            is_series && number.len() == 2 && is_number(number)
        }
        _ => false,
    }
}

fn is_number(digits: &str) -> bool {
    digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Returns the ids at the beginning of a test's name. A range such as `em_01_to_em_12_…` also includes those in between.
pub fn in_name(name: &str) -> Ids {
    let parts: Vec<&str> = name.split('_').collect();
    let mut ids = Ids::default();
    let mut rest = parts.as_slice();
    while let Some((id, length)) = first(rest) {
        ids.named.insert(id.clone());
        rest = &rest[length..];
        if let ["to", after @ ..] = rest
            && let Some((last, length)) = first(after)
        {
            ids.between.extend(between(&id, &last));
            ids.named.insert(last);
            rest = &after[length..];
        }
    }
    ids
}

/// The ids in a name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Ids that are written out.
    pub named: BTreeSet<String>,
    /// Ids inside a range: not all of them must exist.
    pub between: BTreeSet<String>,
}

fn first(parts: &[&str]) -> Option<(String, usize)> {
    match parts {
        ["f", number, ..] => {
            let (area, digits) = number.split_at_checked(1)?;
            let is_id = "abcd".contains(area) && (1..=2).contains(&digits.len()) && is_number(digits);
            // Findings below best practice have no prefix in other texts.
            let prefix = if area == "c" { "" } else { "F-" };
            is_id.then(|| (format!("{prefix}{}{digits}", area.to_uppercase()), 2))
        }
        [series @ ("i" | "u"), number, ..] => {
            let is_id = (1..=2).contains(&number.len()) && is_number(number);
            is_id.then(|| (format!("{}-{number:0>2}", series.to_uppercase()), 2))
        }
        ["c", number, ..] if (1..=2).contains(&number.len()) && is_number(number) => {
            Some((format!("C{number}"), 2))
        }
        [number, ..]
            if number.len() <= 3
                && number.strip_prefix('c').is_some_and(|n| !n.is_empty() && is_number(n)) =>
        {
            Some((number.to_uppercase(), 1))
        }
        [series, number, ..] => {
            let id = format!("{}-{number}", series.to_uppercase());
            let is_id = series.len() == 2 && !WORDS.contains(series) && is_id(&id);
            is_id.then_some((id, 2))
        }
        _ => None,
    }
}

fn between(first: &str, last: &str) -> Vec<String> {
    let (Some((series, first)), Some((same, last))) = (first.rsplit_once('-'), last.rsplit_once('-')) else {
        return Vec::new();
    };
    let (Ok(first), Ok(last)) = (first.parse::<u8>(), last.parse::<u8>()) else { return Vec::new() };
    if series != same {
        return Vec::new();
    }
    (first.saturating_add(1)..last).map(|number| format!("{series}-{number:02}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{in_name, in_text};

    fn text(text: &str) -> Vec<String> {
        in_text(text).into_iter().collect()
    }

    fn name(name: &str) -> Vec<String> {
        in_name(name).named.into_iter().collect()
    }

    #[test]
    fn texts() {
        assert_eq!(
            text("rows LK-07/O1-02, `F-A5`; I-10…U-31 (F-B12)."),
            ["F-A5", "F-B12", "I-10", "LK-07", "O1-02", "U-31"]
        );
        assert_eq!(text("UTF-16 ES-256 SHA-256 RFC-72 AES-12 A-1 F-E1 I-1 IP-1 X-12 LK-070 C4"), [""; 0]);
    }

    #[test]
    fn names() {
        assert_eq!(name("lk_07_link_while_signed_in"), ["LK-07"]);
        assert_eq!(name("lk_02_lk_03_row_4_a_claim"), ["LK-02", "LK-03"]);
        assert_eq!(name("o1_05_i_10_f_a12_c4_many"), ["C4", "F-A12", "I-10", "O1-05"]);
        assert_eq!(name("f_c4_c_11_below"), ["C11", "C4"]);
        assert_eq!(name("i_1_one"), ["I-01"]);
        assert_eq!(name("cc_03_of_16_who_follow_one_wins"), ["CC-03"]);
        for other in ["at_16_requests", "a_row", "fn_1_a", "f_a", "i_am_here", "c_is_no_id", "counts_10"] {
            assert_eq!(name(other), [""; 0], "{other}");
        }
    }

    #[test]
    fn ranges() {
        let ids = in_name("em_01_to_em_04_only_plain_addresses");
        assert_eq!(ids.named.into_iter().collect::<Vec<_>>(), ["EM-01", "EM-04"]);
        assert_eq!(ids.between.into_iter().collect::<Vec<_>>(), ["EM-02", "EM-03"]);
    }
}
