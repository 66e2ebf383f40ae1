//! The time by the server's clock, which alone decides about the end of a session. This machine's clock may be
//! wrong by hours, and may be set right while the page is open; so it only measures how long ago the server told.

use std::cell::Cell;

use leptos::prelude::window;

use super::{fetch, shared};
use crate::session::timing;

pub(super) struct Clock(Cell<Reading>);

/// Three clocks at one moment, in ms.
#[derive(Clone, Copy)]
struct Reading {
    server: f64,
    wall: f64,
    uptime: f64,
}

impl Clock {
    /// From the page: the server rendered it at `rendered` (ms), and it arrived when its first byte did.
    pub fn new(rendered: f64) -> Self {
        let uptime = response_start();
        Self(Cell::new(Reading { server: rendered, wall: shared::now() - (self::uptime() - uptime), uptime }))
    }

    /// Ms since 1970 by the server's clock.
    pub fn now(&self) -> f64 {
        let told = self.0.get();
        told.server + timing::elapsed(uptime() - told.uptime, shared::now() - told.wall)
    }

    /// From an answer with this `Date`.
    pub fn hear(&self, date: &str) {
        let date = js_sys::Date::parse(date);
        if date.is_finite() {
            let server = timing::corrected(self.now(), date);
            self.0.set(Reading { server, wall: shared::now(), uptime: uptime() });
        }
    }
}

/// Ms since the page was asked for. Nobody can set this clock, but it may stand still while the machine sleeps.
fn uptime() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// When the page began to arrive, as `uptime`.
fn response_start() -> f64 {
    let navigation =
        window().performance().map(|performance| performance.get_entries_by_type("navigation").get(0));
    navigation.and_then(|entry| fetch::field(&entry, "responseStart")?.as_f64()).unwrap_or_default()
}
