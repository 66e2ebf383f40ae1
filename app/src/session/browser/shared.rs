//! What the tabs of one browser share through localStorage: a mark of who is signed in, when one of them last asked
//! and the person last did something, and which one leads where the browser has no locks. Rule: no part of a session and no secret goes in here. Storage that is full or forbidden is no error:
//! each tab then looks after itself.

use std::cell::Cell;

use leptos::prelude::window;
use web_sys::Storage;

use crate::session::{message, timing};

const MARK: &str = "leptos-auth.state";
const LEASE: &str = "leptos-auth.leader";

/// Milliseconds by the wall clock, the only one that tabs share.
pub(super) fn now() -> f64 {
    js_sys::Date::now()
}

/// A number that no other tab has.
pub(super) fn random() -> u32 {
    (js_sys::Math::random() * f64::from(u32::MAX)) as u32
}

/// Who is signed in as far as any tab knows: see `message::mark`.
pub(super) fn mark() -> Option<String> {
    get(MARK)
}

/// Leaves a mark, at `now` by the server's clock.
pub(super) fn set_mark(fingerprint: &str, now: f64) {
    set(MARK, &message::mark(fingerprint, now));
}

/// When something last happened in any tab, by [`now`]; where nothing can be shared, in this one. 0 is never.
pub(super) struct Moment {
    key: &'static str,
    own: Cell<f64>,
}

impl Moment {
    pub const fn new(key: &'static str) -> Self {
        Self { key, own: Cell::new(0.0) }
    }

    pub fn get(&self) -> f64 {
        get(self.key).and_then(|text| timing::read(&text)).unwrap_or_else(|| self.own.get())
    }

    /// It happens now.
    pub fn set(&self) {
        let now = now();
        self.own.set(now);
        set(self.key, &timing::write(now));
    }
}

/// Takes or renews the lease for the tab `id`, unless it is another one's.
pub(super) fn take_lease(id: u32) -> bool {
    let is_free = timing::may_lead(get(LEASE).as_deref(), id, now());
    if is_free {
        set(LEASE, &timing::lease(id, now()));
    }
    is_free
}

/// Gives it back, if it is ours.
pub(super) fn drop_lease(id: u32) {
    if get(LEASE).is_some_and(|lease| timing::is_lease_of(&lease, id)) {
        set(LEASE, "");
    }
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
