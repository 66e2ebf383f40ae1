//! The language of the user who sent a request, for pages and emails.

use http::{HeaderMap, header};
use leptos_auth_locales::{COOKIE, Language, choose};

use crate::cookie::Cookies;

/// The one they chose on this site, else the best that their browser asks for, else English.
#[must_use]
pub fn of_request(headers: &HeaderMap) -> &'static Language {
    let chosen = Cookies::of(headers).find(COOKIE, |tag| Language::of_tag(tag).map(|_| tag.to_owned()));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|list| list.to_str().ok());
    choose(chosen.as_deref(), accepted)
}
