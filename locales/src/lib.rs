//! Every word that people read: pages, mails and the server's own error pages. One file for each language, beside this
//! crate: copy `en.toml` to `it.toml`, translate what stands between the quotes, and Italian is there.
//!
//! A text is named by a constant, such as [`sign_in::TITLE`]: a mistyped one does not compile. Where `en.toml` says
//! `{name}`, the text is filled by [`fill`]. The texts themselves are on the server only (feature `texts`).

mod choose;
mod date;

pub use choose::{COOKIE, choose};
pub use date::date_time;

include!(concat!(env!("OUT_DIR"), "/keys.rs"));
include!(concat!(env!("OUT_DIR"), "/languages.rs"));

/// Names one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(u16);

impl Key {
    /// Its place among the texts of every language.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// Where lines begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// On the left.
    Ltr,
    /// On the right, as in Arabic and Hebrew.
    Rtl,
}

impl Direction {
    /// Value of the attribute `dir`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ltr => "ltr",
            Self::Rtl => "rtl",
        }
    }
}

/// One language.
#[derive(Debug)]
pub struct Language {
    /// As in `lang` and `Accept-Language` (BCP 47).
    pub tag: &'static str,
    /// What its speakers call it.
    pub name: &'static str,
    /// Where its lines begin.
    pub direction: Direction,
    /// What the browser gets of it.
    #[cfg(feature = "texts")]
    pub file: TextFile,
    #[cfg(feature = "texts")]
    texts: &'static [&'static str],
}

/// The texts that pages show, as a JSON list in the order of [`Key::index`].
#[cfg(feature = "texts")]
#[derive(Debug)]
pub struct TextFile {
    /// Where the server has it; it changes with the content.
    pub path: &'static str,
    /// As it is.
    pub json: &'static [u8],
    /// Compressed.
    pub brotli: &'static [u8],
}

impl Language {
    /// English: what there is where nothing else is known.
    #[must_use]
    pub fn english() -> &'static Self {
        &LANGUAGES[0]
    }

    /// Whether it is only there for tests: nobody is offered it, and only who asks for it by its cookie reads it.
    #[must_use]
    pub fn is_for_tests(&self) -> bool {
        self.tag.ends_with("-XA")
    }

    /// The language with that tag.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.tag.eq_ignore_ascii_case(tag))
    }

    /// The language whose texts are at that path.
    #[cfg(feature = "texts")]
    #[must_use]
    pub fn of_file(path: &str) -> Option<&'static Self> {
        LANGUAGES.iter().find(|language| language.file.path == path)
    }

    /// One text.
    #[cfg(feature = "texts")]
    #[must_use]
    pub fn text(&self, key: Key) -> &'static str {
        self.texts[key.index()]
    }

    /// One text with its placeholders filled.
    #[cfg(feature = "texts")]
    #[must_use]
    pub fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }
}

/// Puts the values in the place of `{name}`. What stands in a value is never read as a placeholder.
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let found = after
            .split_once('}')
            .and_then(|(name, after)| Some((values.iter().find(|(known, _)| *known == name)?.1, after)));
        match found {
            Some((value, after)) => {
                filled.push_str(value);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "two")]), "{b} and two");
        assert_eq!(fill("{a}{a}", &[("a", "x")]), "xx");
        for text in ["", "plain", "{", "}", "{unknown}", "a { b } c"] {
            assert_eq!(fill(text, &[("a", "x")]), text);
        }
    }

    /// A text that is missing is English, and one that was forgotten is English as well: more than a few words that are the
    /// same are a copy.
    #[test]
    fn t_15_every_language_has_every_text() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let read = |tag: &str| {
            let text = std::fs::read_to_string(folder.join(format!("{tag}.toml"))).unwrap();
            let mut table: toml::Table = text.parse().unwrap();
            table.remove("language");
            let sections =
                table.into_iter().map(|(section, texts)| (section, texts.as_table().unwrap().clone()));
            sections
                .flat_map(|(section, texts)| {
                    texts.into_iter().map(move |(key, text)| (format!("{section}.{key}"), text.to_string()))
                })
                .collect::<std::collections::BTreeMap<_, _>>()
        };
        let english = read("en");
        let others =
            LANGUAGES.iter().filter(|language| !language.is_for_tests()).map(|language| language.tag);
        let others = others.filter(|tag| *tag != "en");
        for tag in others {
            let texts = read(tag);
            let missing: Vec<_> = english.keys().filter(|key| !texts.contains_key(*key)).collect();
            assert!(missing.is_empty(), "locales/{tag}.toml lacks {missing:?}");
            let is_word = |word: &&str| !word.contains('{') && word.chars().any(char::is_alphabetic);
            let words = |text: &str| text.split(' ').filter(is_word).count();
            let copied: Vec<_> = english
                .iter()
                .filter(|(key, text)| words(text) > 3 && texts[*key] == **text)
                .map(|(key, _)| key)
                .collect();
            assert!(copied.is_empty(), "locales/{tag}.toml has these in English: {copied:?}");
        }
    }

    #[test]
    fn tags_are_found_in_any_case() {
        assert_eq!(Language::of_tag("EN").map(|language| language.tag), Some("en"));
        assert!(Language::of_tag("xx").is_none());
        assert_eq!(Language::english().tag, "en");
    }
}
