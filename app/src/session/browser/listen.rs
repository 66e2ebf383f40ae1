//! Event listeners that go away with their owner.

use leptos::prelude::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventTarget};

/// Calls `act` on each `event` of `target`, until the current owner is cleaned up.
pub(super) fn listen(target: &EventTarget, event: &'static str, act: impl Fn(Event) + 'static) {
    attach(target.clone(), event, Closure::new(act));
}

/// Not generic, so that its code is there once.
fn attach(target: EventTarget, event: &'static str, act: Closure<dyn Fn(Event)>) {
    let _ = target.add_event_listener_with_callback(event, act.as_ref().unchecked_ref());
    let held = StoredValue::new_local((target, act));
    on_cleanup(move || {
        let _ = held.try_with_value(|(target, act)| {
            target.remove_event_listener_with_callback(event, act.as_ref().unchecked_ref())
        });
    });
}
