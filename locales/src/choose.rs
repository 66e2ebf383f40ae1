//! Which language a person reads: the one they chose on this site, else the best that their browser asks for.

use crate::Language;

/// Cookie with the tag of the chosen language.
pub const COOKIE: &str = "language";

/// Longer headers are nobody's list of languages.
const MAX_HEADER: usize = 1024;

/// Both arguments come from the browser and are read as untrusted: what is no tag of ours counts for nothing.
/// `accept_language` is a list as in RFC 9110 section 12.5.4, for example `de-CH, fr;q=0.8, *;q=0.1`.
#[must_use]
pub fn choose(cookie: Option<&str>, accept_language: Option<&str>) -> &'static Language {
    let chosen = cookie.and_then(Language::of_tag);
    chosen.or_else(|| asked_for(accept_language?)).unwrap_or_else(Language::english)
}

/// The one with the highest weight, of several the first.
fn asked_for(list: &str) -> Option<&'static Language> {
    let mut best: Option<(u16, &'static Language)> = None;
    for range in list.get(..MAX_HEADER.min(list.len()))?.split(',') {
        let mut parts = range.split(';');
        let Some(language) = parts.next().and_then(|range| of_range(range.trim())) else { continue };
        let weight =
            parts.find_map(|parameter| parameter.trim().strip_prefix("q=")).map_or(Some(1000), weight);
        let Some(weight) = weight.filter(|weight| *weight > 0) else { continue };
        if best.is_none_or(|(highest, _)| weight > highest) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// `de-CH` is served by `de` (RFC 4647 section 3.4, lookup).
fn of_range(range: &str) -> Option<&'static Language> {
    let mut range = range;
    loop {
        let found = Language::of_tag(range).filter(|language| !language.is_for_tests());
        if found.is_some() {
            return found;
        }
        range = range.rsplit_once('-')?.0;
    }
}

/// `0.8` in thousandths.
fn weight(text: &str) -> Option<u16> {
    let (whole, decimals) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let is_sound = decimals.len() <= 3 && decimals.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{decimals:0<3}").parse::<u16>().ok().filter(|_| is_sound)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_choice_counts_then_what_the_browser_asks_for() {
        for (cookie, header, expected) in [
            (None, None, "en"),
            (Some("de"), None, "de"),
            (Some("de"), Some("fr"), "de"),
            (Some("xx"), Some("fr"), "fr"),
            (Some(""), Some("xx"), "en"),
            (None, Some("de-CH, fr;q=0.8"), "de"),
            (None, Some("xx, fr;q=0.2, es;q=0.9"), "es"),
            (None, Some("zh-Hant-TW"), "zh"),
            (None, Some("FR"), "fr"),
            (None, Some("de;q=0, ja;q=0.1"), "ja"),
            (None, Some("de;q=2, ja;q=0.1"), "ja"),
            (None, Some("de;q=x"), "en"),
            (None, Some("*"), "en"),
            (None, Some(", ,;q=1,-"), "en"),
            (None, Some("en-XA, fr;q=0.1"), "en"),
        ] {
            assert_eq!(choose(cookie, header).tag, expected, "{cookie:?} {header:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_browsers_send_gives_a_language(cookie in ".{0,40}", header in ".{0,2000}") {
            let tag = choose(Some(&cookie), Some(&header)).tag;
            prop_assert!(Language::of_tag(tag).is_some());
        }
    }
}
