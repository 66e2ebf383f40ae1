//! Unicode properties of characters (Unicode 17) that the standard library does not provide.

/// The zero of each run of decimal digits (`Nd`) that NFKC does not change. A run is ten digits, in order.
const ZEROS: [u32; 71] = [
    0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0be6, 0x0c66, 0x0ce6, 0x0d66, 0x0de6,
    0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90, 0x1b50, 0x1bb0,
    0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10, 0x104a0, 0x10d30,
    0x10d40, 0x11066, 0x110f0, 0x11136, 0x111d0, 0x112f0, 0x11450, 0x114d0, 0x11650, 0x116c0, 0x116d0,
    0x116da, 0x11730, 0x118e0, 0x11950, 0x11bf0, 0x11c50, 0x11d50, 0x11da0, 0x11de0, 0x11f50, 0x16a60,
    0x16ac0, 0x16b50, 0x16d70, 0x1ccf0, 0x1e140, 0x1e2f0, 0x1e4f0, 0x1e5f1, 0x1e950, 0x1d7ce, 0x1fbf0,
];

/// Returns the ASCII digit for a decimal digit of any script; returns any other character unchanged.
pub(super) fn ascii_digit(c: char) -> char {
    let value = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|value| *value < 10));
    value.and_then(|value| char::from_digit(value, 10)).unwrap_or(c)
}

/// Returns whether a character is a dash (`Pd`), or one that keyboards or copying produce in its place.
pub(super) fn is_dash(c: char) -> bool {
    matches!(
        c,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'
            ..='\u{2015}' | '\u{2e17}' | '\u{2e1a}'
        | '\u{2e3a}' | '\u{2e3b}' | '\u{2e40}' | '\u{2e5d}' | '\u{301c}' | '\u{3030}' | '\u{30a0}' | '\u{fe31}'
        | '\u{fe32}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' | '\u{10d6e}' | '\u{10ead}'
        // The minus sign, the hyphen bullet, the long vowel mark, the soft hyphen, modifiers.
        | '\u{2212}' | '\u{2043}' | '\u{30fc}' | '\u{ad}' | '\u{2d7}' | '\u{af}' | '_'
    )
}

/// Returns whether a character is invisible and not a space: `Default_Ignorable_Code_Point`, and the formatting
/// characters and blanks that are not in it.
pub(super) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        | '\u{2800}' | '\u{13430}'..='\u{1343f}')
}

/// Returns whether a line would end at this character.
pub(super) fn breaks_line(c: char) -> bool {
    matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Returns whether a character selects a variant of the character before it.
pub(super) fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Returns whether a variation selector changes how a character looks.
pub(super) fn has_variations(c: char) -> bool {
    is_pictographic(c)
        || matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Returns whether a joiner changes how a character looks: letters and marks of the scripts after Greek, Cyrillic and
/// Armenian, and emoji.
pub(super) fn joins(c: char) -> bool {
    let is_letter = c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c);
    let is_of_joining_script = c >= '\u{590}' && is_letter && !is_ignorable(c);
    is_of_joining_script || is_pictographic(c) || c == '\u{fe0f}'
}

/// Returns whether a character is an emoji or part of one: the blocks that contain them.
fn is_pictographic(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{27bf}' | '\u{2900}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_10_each_run_has_ten_digits() {
        for zero in ZEROS {
            for value in 0..10 {
                let digit = char::from_u32(zero + value).unwrap();
                assert!(digit.is_numeric(), "{digit:?}");
                assert_eq!(ascii_digit(digit).to_digit(10), Some(value), "{digit:?}");
            }
        }
        for other in ['a', '1', '½', 'Ⅷ', '-'] {
            assert_eq!(ascii_digit(other), other);
        }
    }
}
