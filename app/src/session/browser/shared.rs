//! What the tabs of one browser share through localStorage: a mark of who is signed in, and when one of them last
//! asked. Rule: no part of a session and no secret goes in here. Storage that is full or forbidden is no error:
//! each tab then looks after itself.

use leptos::prelude::window;
use web_sys::Storage;

use crate::session::message;

const MARK: &str = "leptos-auth.state";
const QUESTION: &str = "leptos-auth.asked";

/// Milliseconds by the wall clock, the only one that tabs share.
pub(super) fn now() -> f64 {
    js_sys::Date::now()
}

/// When this page was asked for.
pub(super) fn page_began() -> f64 {
    window().performance().map_or(0.0, |performance| performance.time_origin())
}

/// Who is signed in as far as any tab knows: see `message::mark`.
pub(super) fn mark() -> Option<String> {
    get(MARK)
}

pub(super) fn set_mark(fingerprint: &str) {
    set(MARK, &message::mark(fingerprint, now()));
}

/// When any tab last asked the server; 0 when that is not known.
pub(super) fn last_question() -> f64 {
    get(QUESTION).and_then(|text| text.parse().ok()).unwrap_or_default()
}

pub(super) fn set_last_question(now: f64) {
    set(QUESTION, &format!("{now:.0}"));
}

/// Writes a value for the storage event that it causes in the other tabs.
pub(super) fn set(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn get(key: &str) -> Option<String> {
    storage()?.get_item(key).ok()?
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}
