//! Passwords that everybody tries first. The list is in the program: nothing about a password is asked of anybody else.
//!
//! `common.txt` is sorted by bytes, one password a line, in lower case; `common.LICENSE.txt` says where it is from.

/// Some 20,000 passwords of 8 characters and more that were found in breaches.
const COMMON: &str = include_str!("common.txt");

/// Whether a password in lower case is in the list.
pub(super) fn is_breached(folded: &str) -> bool {
    let (mut from, mut to) = (0, COMMON.len());
    // The line around the middle, until no line is left.
    while from < to {
        let middle = from + (to - from) / 2;
        let start = COMMON[from..middle].rfind('\n').map_or(from, |end| from + end + 1);
        let end = COMMON[middle..to].find('\n').map_or(to, |length| middle + length);
        match COMMON[start..end].cmp(folded) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => from = end + 1,
            std::cmp::Ordering::Greater => to = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_as_the_search_needs_it() {
        assert!(COMMON.is_ascii() && COMMON.len() < 300_000);
        assert!(COMMON.lines().is_sorted() && COMMON.lines().all(|line| line.len() >= 8));
        assert_eq!(COMMON, COMMON.to_lowercase());
    }

    #[test]
    fn cr_07_each_line_is_found_and_nothing_else() {
        assert!(COMMON.lines().count() > 20_000);
        for line in COMMON.lines() {
            assert!(is_breached(line), "{line}");
            assert!(!is_breached(&format!("{line}\u{e9}")), "{line}");
        }
        for usual in ["password", "12345678", "qwertyuiop", "iloveyou1", "password123"] {
            assert!(is_breached(usual), "{usual}");
        }
        for other in ["", "\n", "correct horse battery staple", "zzzzzzzzzzzzzzzzzzzzzzz", "~~~~~~~~~~~~"] {
            assert!(!is_breached(other), "{other:?}");
        }
    }
}
