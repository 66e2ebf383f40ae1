//! Reads the session every `refetch_interval` seconds while somebody is signed in, so that it does not run out
//! under their hands and its end is noticed. One tab asks for all: the one that leads, and only while it is visible
//! and online. The others hear of it when something has changed.
//!
//! A timer of minutes would be late by as long as the machine slept. So a visible page looks at the clock every few
//! seconds: after a night's sleep that is one question, soon, by one tab.

use std::rc::Rc;

use super::{Client, leader, shared, visibility};
use crate::session::timing;

/// Looks whether it is time, and again soon. Called when the page becomes visible or begins to lead.
pub(super) fn tick(client: &Rc<Client>) {
    let interval = f64::from(client.options.interval) * 1_000.0;
    if interval == 0.0 || visibility::is_hidden() {
        return;
    }
    let is_due = || timing::poll_is_due(shared::now() - client.asked.get(), interval);
    if leader::leads(client) && is_due() && client.store.known().session().is_some() {
        client.refresh();
    }
    let wait = timing::tick(shared::now() - client.asked.get(), interval);
    let next = Rc::clone(client);
    client.keepalive.set(wait, move || tick(&next));
}
