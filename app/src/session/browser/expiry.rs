//! Asks when the session should be over by the server's clock. Whether it is, the server says: another tab may have
//! renewed it. Then all tabs have the same wrong end, so they do not ask at once: one does, and the others a minute
//! apart, unless they hear that somebody has signed out.

use std::rc::Rc;

use leptos::prelude::*;

use super::{Client, shared};
use crate::effect::effect;
use crate::session::timing;

pub(super) fn start(client: &Rc<Client>) {
    let client = Rc::clone(client);
    effect(move || {
        client.expiry.clear();
        let ends =
            client.store.hook.data.with(|session| session.as_ref().map(|s| js_sys::Date::parse(&s.expires)));
        if let Some(ends) = ends.filter(|ends| ends.is_finite()) {
            arm(&client, ends);
        }
    });
}

/// Once per end: an answer with the same end starts no new timer.
fn arm(client: &Rc<Client>, ends: f64) {
    let wait = timing::expiry_wait(ends - client.clock.now(), js_sys::Math::random());
    let timer = Rc::clone(client);
    client.expiry.set(wait, move || {
        let over = timer.clock.now() - ends;
        if timing::end_is_due(over, shared::now() - timer.asked.get()) {
            timer.refresh();
        } else {
            arm(&timer, ends); // longer than a timer can count, or another tab asked
        }
    });
}
