//! Reads the session every `refetch_interval` seconds while somebody is signed in, so that it does not run out
//! under their hands and its end is noticed. All tabs of a browser count from the last question that any of them
//! asked, so together they ask about once per interval. A hidden or offline tab asks nothing.

use std::rc::Rc;

use super::{Client, shared};
use crate::session::timing;

pub(super) fn start(client: &Rc<Client>) {
    if client.options.interval > 0 {
        // The page itself is fresh: the first question is a whole interval away.
        arm(client, shared::now());
    }
}

fn arm(client: &Rc<Client>, last: f64) {
    let interval = f64::from(client.options.interval) * 1_000.0;
    let wait = timing::poll_wait(shared::now(), last, interval, js_sys::Math::random());
    let timer = Rc::clone(client);
    client.keepalive.set(wait, move || {
        let due = timing::poll_is_due(
            shared::now(),
            shared::last_question().max(timer.last_question.get()),
            interval,
        );
        if due && timer.store.known().session().is_some() {
            timer.refresh();
        }
        arm(&timer, shared::last_question());
    });
}
