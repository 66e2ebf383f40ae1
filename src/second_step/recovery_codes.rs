//! Recovery codes, for users who have lost their phone. Each works once; only hashes are stored.
//!
//! 80 random bits cannot be guessed, so no slow hash and no separate rate limit is needed.

use super::base32;
use crate::{hash, random, text};

/// How many there are.
const COUNT: usize = 10;
/// Letters and digits that nobody mixes up (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 16;

/// New codes, as `0x4k-9fjt-2mze-c7wd`.
pub(super) fn new() -> Vec<String> {
    (0..COUNT).map(|_| grouped(&base32(ALPHABET, &random::bytes::<10>()))).collect()
}

/// How one is stored.
pub(super) fn hashed(code: &str) -> String {
    hash::sha256_hex(&[&folded(code)])
}

/// Whether a text can be one at all.
pub(super) fn is_one(typed: &str) -> bool {
    let folded = folded(typed);
    folded.len() == LENGTH && folded.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// As codes are compared: without what people add and mix up when they copy from paper.
fn folded(typed: &str) -> String {
    let letters = text::code(typed, LENGTH + 1);
    let folded = letters.chars().map(|letter| match letter.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    folded.collect()
}

fn grouped(code: &str) -> String {
    let groups: Vec<_> = code.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
    groups.join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unlike_each_other_and_have_the_form_that_is_taken() {
        let codes: BTreeSet<_> = (0..100).flat_map(|_| new()).collect();
        assert_eq!(codes.len(), 100 * COUNT);
        assert!(codes.iter().all(|code| is_one(code) && code.len() == 19));
    }

    #[test]
    fn u_04_a_code_may_be_copied_badly() {
        let stored = hashed("0x4k-9fjt-2mze-c7w1");
        for typed in ["0X4K 9FJT 2MZE C7W1", "ox4k9fjt2mzec7wl", " Ox4k-9fjt-2mze-c7wI\n"] {
            assert!(is_one(typed), "{typed}");
            assert_eq!(hashed(typed), stored, "{typed}");
        }
        for typed in [
            "０Ｘ４Ｋ９ＦＪＴ２ＭＺＥＣ７Ｗ１",
            "0x4k\u{2013}9fjt\u{2212}2mze\u{2010}c7w1\u{200e}",
            "٠x٤k-٩fjt-٢mze-c٧w١",
        ] {
            assert!(is_one(typed) && hashed(typed) == stored, "I-10: {typed}");
        }
        for typed in ["", "123456", "0x4k-9fjt-2mze-c7w", "0x4k-9fjt-2mze-c7w11", "0x4k-9fjt-2mze-c7wu"] {
            assert!(!is_one(typed), "{typed}");
        }
        assert_ne!(hashed("0x4k-9fjt-2mze-c7w2"), stored);
    }
}
