//! Asks when the page is looked at again: a laptop that wakes, a tab or window that comes to the front, a page
//! that the back button takes out of the back/forward cache. Also when nobody is signed in, so that a sign-in
//! elsewhere is noticed.

use std::rc::Rc;

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{PageTransitionEvent, VisibilityState};

use super::{Client, flight::Want, listen::listen, shared};
use crate::session::timing;

pub(super) fn start(client: &Rc<Client>) {
    let seen = Rc::clone(client);
    listen(&document(), "visibilitychange", move |_| look(&seen));
    let focused = Rc::clone(client);
    listen(&window(), "focus", move |_| look(&focused));
    let shown = Rc::clone(client);
    listen(&window(), "pageshow", move |event| {
        let event: PageTransitionEvent = event.unchecked_into();
        if event.persisted() {
            // The page slept with what it knew, and messages were lost meanwhile.
            shown.leaving.set(false);
            shown.read(Want::Fresh);
        }
    });
}

/// Both events come for one look: the gap between questions makes it one request.
fn look(client: &Rc<Client>) {
    if document().visibility_state() == VisibilityState::Hidden {
        return;
    }
    let focus = client.options.on_focus && timing::focus_is_due(shared::now(), client.last_question.get());
    if client.due.get() || focus {
        client.refresh();
    }
}
