//! Asks when the page is looked at again: a laptop that wakes, a tab or window that comes to the front, a page
//! that the back button takes out of the back/forward cache. Also when nobody is signed in, so that a sign-in
//! elsewhere is noticed.

use std::rc::Rc;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{PageTransitionEvent, VisibilityState};

use super::{Client, flight::Want, keepalive, listen::listen, shared};
use crate::session::timing;

pub(super) fn start(client: &Rc<Client>) {
    let seen = Rc::clone(client);
    listen(&document(), "visibilitychange", move |_| {
        if is_hidden() {
            seen.look.clear();
            seen.keepalive.clear();
            seen.leader.resign();
        } else {
            look(&seen);
            keepalive::tick(&seen);
        }
    });
    let focused = Rc::clone(client);
    listen(&window(), "focus", move |_| {
        focused.act();
        look(&focused);
    });
    let shown = Rc::clone(client);
    listen(&window(), "pageshow", move |event| {
        let event: PageTransitionEvent = event.unchecked_into();
        if event.persisted() {
            // The page slept with what it knew, and messages were lost meanwhile.
            shown.leaving.set(false);
            shown.act();
            shown.read(Want::Fresh);
        }
    });
}

pub(super) fn is_hidden() -> bool {
    document().visibility_state() == VisibilityState::Hidden
}

/// All windows of a screen come to light together, and both events come for one look. The window with the focus asks
/// first, and the gap between questions of any tab makes it one request.
fn look(client: &Rc<Client>) {
    client.look.clear();
    if document().has_focus().unwrap_or(true) {
        ask_if_due(client);
    } else {
        let later = Rc::clone(client);
        client.look.set(timing::look_wait(js_sys::Math::random()), move || ask_if_due(&later));
    }
}

fn ask_if_due(client: &Rc<Client>) {
    let since = shared::now() - client.asked.get();
    let is_old = || timing::focus_is_due(since, client.options.max_age) || client.is_behind();
    if client.due.get() || (client.options.on_focus && is_old()) {
        client.refresh();
    }
}
