//! The language that the person behind a request reads, in pages as in mails.

use http::{HeaderMap, header};
use leptos_auth_locales::{COOKIE, Language, choose};

/// The one they chose on this site, else the best that their browser asks for, else English.
#[must_use]
pub fn of_request(headers: &HeaderMap) -> &'static Language {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies.flat_map(|list| list.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    });
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok());
    choose(chosen, accepted)
}
