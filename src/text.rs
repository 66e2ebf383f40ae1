//! Normalizes text that users type or other software sends and that is compared or shown: codes and names.
//!
//! Rule: invisible characters do not count. A code may use any digits and any dashes. A name keeps what its script needs
//! and loses characters that are hidden or change the text direction of the page around it.

mod unicode;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

/// The longest name from other software. A longer one could fill a cookie.
const LONGEST_NAME: usize = 200;
/// The most combining marks on one letter. No language needs more, and hundreds of them cover the page.
const MOST_MARKS: usize = 8;

/// Returns a typed or pasted code in ASCII: full-width letters and the digits of every script become ASCII; spaces, dashes
/// and invisible characters are dropped. Returns at most `longest` characters: pass more than a valid code has, so that a
/// longer input stays invalid.
pub(crate) fn code(typed: &str, longest: usize) -> String {
    let kept = |c: &char| !c.is_whitespace() && !unicode::is_dash(*c) && !unicode::is_ignorable(*c);
    // NFKC expands one character to at most 18. The limit keeps a huge input from being read to its end.
    let typed = typed.chars().take(16 * (longest + 1));
    typed.nfkc().filter(kept).map(unicode::ascii_digit).take(longest).collect()
}

/// Returns a name as it is shown, on one line; `None` if no visible character remains.
///
/// | what | stays |
/// | --- | --- |
/// | joiners (U+200C, U+200D) | between letters of scripts that join, and between emoji |
/// | variation selectors | after a Han character or an emoji |
/// | combining marks | eight on one letter |
/// | line breaks and tabs | as a space |
/// | other controls, marks and overrides of direction, tags, fillers | never |
pub(crate) fn name(text: &str) -> Option<String> {
    let mut name = String::new();
    let mut marks = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let former = name.chars().next_back();
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        let is_kept = match c {
            '\u{200c}' | '\u{200d}' => {
                former.is_some_and(unicode::joins) && rest.peek().is_some_and(|next| unicode::joins(*next))
            }
            _ if unicode::is_variation_selector(c) => former.is_some_and(unicode::has_variations),
            _ if c.is_whitespace() => {
                name.push(if c.is_control() || unicode::breaks_line(c) { ' ' } else { c });
                false
            }
            _ => !c.is_control() && !unicode::is_ignorable(c) && marks <= MOST_MARKS,
        };
        if is_kept {
            name.push(c);
        }
    }
    let name = name.trim();
    name.chars().any(is_visible).then(|| name.to_owned())
}

/// Like [`name`], but cut to the length stored for names of other software, never inside a character as readers count it.
pub(crate) fn short_name(text: &str) -> Option<String> {
    // Dropped characters do not count towards the length, but a huge input is not read to its end.
    let start: String = text.chars().take(16 * LONGEST_NAME).collect();
    name(&cut(&name(&start)?, LONGEST_NAME))
}

/// Returns the length in characters as a reader counts them (grapheme clusters).
pub(crate) fn length(text: &str) -> usize {
    text.graphemes(true).count()
}

/// Returns the start of a text with at most this many code points, without a partial character (grapheme cluster) at the
/// end. A single character that is longer is cut.
fn cut(text: &str, longest: usize) -> String {
    let mut left = longest;
    let whole = text.graphemes(true).take_while(|cluster| {
        let size = cluster.chars().count();
        let fits = size <= left;
        left = left.saturating_sub(size);
        fits
    });
    let whole: String = whole.collect();
    if whole.is_empty() { text.chars().take(longest).collect() } else { whole }
}

fn is_visible(c: char) -> bool {
    !c.is_whitespace() && !c.is_control() && !is_combining_mark(c) && !unicode::is_ignorable(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn i_10_codes_are_read_in_the_digits_of_every_script() {
        for typed in [
            "12345678",
            "1234 5678",
            "1234-5678",
            "١٢٣٤٥٦٧٨",
            "۱۲۳۴۵۶۷۸",
            "１２３４５６７８",
            "१२३४५६७८",
            "১২৩৪৫৬৭৮",
            "๑๒๓๔๕๖๗๘",
            "𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖",
            "①②③④⑤⑥⑦⑧",
            "1234\u{2010}5678",
            "1234\u{2011}5678",
            "1234\u{2013}5678",
            "1234\u{2014}5678",
            "1234\u{2212}5678",
            "1234\u{30fc}5678",
            "\u{202a}1234\u{a0}5678\u{202c}",
            "\u{200e}12345678\u{200b}",
            "\u{feff}1234\u{202f}5678\u{2060}",
            "\u{2067}١٢٣٤ ٥٦٧٨\u{2069}",
            "1\u{fe0f}2345678",
        ] {
            assert_eq!(code(typed, 16), "12345678", "{typed:?}");
        }
        assert_eq!(code("ＡＢＣ\u{2013}ｘｙｚ", 16), "ABCxyz");
        for other in ["1234567", "123456789", "1234.5678", "1234567a", "½2345678"] {
            assert_ne!(code(other, 16), "12345678", "{other:?}");
        }
        assert_eq!(code(&"9".repeat(1 << 20), 16).len(), 16);
        assert_eq!(code(&"\u{200b}".repeat(1 << 20), 16), "");
    }

    #[test]
    fn i_11_names_keep_what_their_script_needs() {
        for kept in [
            "Ada",
            "Ada 👩\u{200d}💻",
            "👨\u{200d}👩\u{200d}👧\u{200d}👦",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}⚕\u{fe0f}",
            "علی\u{200c}رضا",
            "ക്\u{200d}ഷ",
            "क्\u{200c}ष",
            "辻\u{e0100}",
            "Nguyễn",
            "יִשְׂרָאֵל",
            "O\u{2019}Neil–Smith",
            "...",
        ] {
            assert_eq!(name(kept).as_deref(), Some(kept), "{kept:?}");
        }
    }

    #[test]
    fn i_11_names_lose_what_hides_and_what_turns_text_around() {
        for (typed, expected) in [
            ("\u{202e}adA", "adA"),
            ("\u{2066}Ada\u{2069}", "Ada"),
            ("A\u{200b}d\u{2060}a\u{ad}\u{feff}", "Ada"),
            ("Ada\u{e0041}\u{e007f}", "Ada"),
            ("A\u{200d}d\u{200c}a", "Ada"),
            ("Ada\u{200d}", "Ada"),
            ("\u{200d}\u{200c}علی\u{200c}", "علی"),
            ("علی\u{200c}\u{200c}رضا", "علی\u{200c}رضا"),
            ("A\u{fe0f}da\u{e0100}", "Ada"),
            ("Ada\r\nBcc:\tx", "Ada  Bcc: x"),
            ("Ada\u{2028}x\u{85}", "Ada x"),
            ("A\u{0}\u{7f}\u{9b}da", "Ada"),
            ("\u{3164}Ada\u{115f}", "Ada"),
        ] {
            assert_eq!(name(typed).as_deref(), Some(expected), "{typed:?}");
        }
        let zalgo = format!("A{}", "\u{301}".repeat(500));
        assert_eq!(name(&zalgo).unwrap().chars().count(), 1 + MOST_MARKS);
        for nothing in [
            "",
            " ",
            "\u{200d}",
            "\u{200b}\u{200c}",
            "\u{202e}",
            "\u{301}",
            "\u{3164}",
            "\u{2800}",
            "\u{a0}\u{3000}",
            "\u{fe0f}",
        ] {
            assert_eq!(name(nothing), None, "{nothing:?}");
        }
    }

    #[test]
    fn i_11_a_long_name_is_cut_between_two_characters() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let cut = short_name(&family.repeat(210)).unwrap();
        assert_eq!(cut, family.repeat(28), "196 code points");
        assert_eq!(short_name(&"n".repeat(200_000)).unwrap().len(), 200);
        let flags = short_name(&"🇩🇪".repeat(150)).unwrap();
        assert_eq!(flags.chars().count(), 200);
        let endless = short_name(&format!("👩{}", "\u{200d}👩".repeat(1000))).unwrap();
        assert!(endless.chars().count() <= 200 && endless.ends_with('👩'), "{endless}");
    }

    proptest! {
        #[test]
        fn i_11_a_clean_name_stays_as_it_is(text in "[\\PCa-zא-ת\u{200b}-\u{200f}\u{202a}-\u{202e}\u{301}\u{fe0f}👩]{0,40}") {
            if let Some(clean) = name(&text) {
                prop_assert_eq!(name(&clean), Some(clean.clone()));
                let is_odd = |c: char| {
                    c.is_control()
                        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{200e}' | '\u{200f}')
                };
                prop_assert!(!clean.chars().any(is_odd));
            }
        }

        #[test]
        fn i_10_what_is_read_as_a_code_is_short(text in "\\PC{0,60}") {
            prop_assert!(code(&text, 16).chars().count() <= 16);
        }
    }
}
