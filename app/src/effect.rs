//! What an island does in the browser besides drawing.

use leptos::prelude::Effect;

/// Runs `act` when the island wakes, and again whenever a signal changes that it read. Never on the server.
///
/// The same as `Effect::new`, which is compiled anew for each closure: a kilobyte of wasm every time.
pub fn effect(act: impl FnMut() + 'static) {
    let mut act: Box<dyn FnMut()> = Box::new(act);
    Effect::new(move |_: Option<()>| act());
}
