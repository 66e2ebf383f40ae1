//! Asks when the session should be over. Whether it is, the server says: another tab may have renewed it, or this
//! clock may be wrong.

use std::rc::Rc;

use leptos::prelude::*;

use super::{Client, shared};
use crate::session::timing;

pub(super) fn start(client: &Rc<Client>) {
    let client = Rc::clone(client);
    Effect::new(move |_| {
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
    let timer = Rc::clone(client);
    client.expiry.set(timing::expiry_wait(ends - shared::now()), move || {
        if shared::now() < ends {
            arm(&timer, ends); // longer than a timer can count
        } else {
            timer.refresh();
        }
    });
}
