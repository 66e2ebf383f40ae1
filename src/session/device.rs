//! A session as its user sees it in a list: which browser, from where, since when.

use leptos_auth_locales::{Language, mail};

use crate::{adapter::SessionRecord, types::DeviceSession};

/// What is kept of a `User-Agent`: enough to tell devices apart.
const LONGEST: usize = 300;

pub(super) fn shortened(user_agent: &str) -> String {
    user_agent.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

pub(super) fn device_session(
    record: SessionRecord,
    current: Option<&str>,
    language: &Language,
) -> DeviceSession {
    DeviceSession {
        is_current: current == Some(record.id.as_str()),
        id: record.id,
        device: record.user_agent.as_deref().map(|user_agent| name(user_agent, language)),
        address: record.address,
        provider: record.provider,
        signed_in: record.created.to_rfc3339(),
        last_used: record.renewed.to_rfc3339(),
        expires: record.expires.to_rfc3339(),
    }
}

/// Browser and system, as far as the `User-Agent` tells. It is the browser's own word and serves recognition only.
///
/// The order decides: Edge and Opera call themselves Chrome as well, and Chrome calls itself Safari.
pub(crate) fn name(user_agent: &str, language: &Language) -> String {
    const BROWSERS: [(&str, &str); 8] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 7] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("CrOS", "ChromeOS"),
        ("Mac OS X", "Mac"),
        ("Linux", "Linux"),
    ];
    let find = |known: &[(&str, &'static str)]| {
        known.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => {
            language.fill(mail::DEVICE, &[("browser", browser), ("system", system)])
        }
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        // A program: `curl/8.5.0`, `MyApp/2.1 (…)`.
        (None, None) => user_agent.split(['/', ' ']).next().unwrap_or_default().chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_the_names_that_people_know() {
        for (user_agent, expected) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on Windows",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", ""),
        ] {
            assert_eq!(name(user_agent, Language::english()), expected);
        }
    }

    #[test]
    fn lg_05_a_long_or_odd_word_is_cut() {
        assert_eq!(shortened(&format!("a\n\u{0}{}", "b".repeat(100_000))).len(), LONGEST);
        assert!(!shortened("a\r\nb").contains('\n'));
    }
}
