//! Tells the other tabs that something changed, and hears it from them. See `message.rs` for what is said.
//! A tab does not hear itself: neither a channel nor storage delivers to its sender.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
};

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, MessageEvent, StorageEvent};

use super::{Client, flight::Want, listen::listen, shared, timer::Timer};
use crate::session::{message, timing};

/// Name of the channel, and of the storage key where there are no channels.
const CHANNEL: &str = "leptos-auth";

#[derive(Default)]
pub(super) struct Broadcast {
    /// Empty where the browser has no channels: then storage events do.
    channel: OnceCell<BroadcastChannel>,
    /// When the last message was followed.
    last: Cell<f64>,
    /// A message came soon after another one, and is followed when `timer` rings.
    waiting: Cell<bool>,
    timer: Timer,
}

impl Broadcast {
    pub fn stop(&self) {
        self.timer.clear();
    }

    /// Makes the other tabs ask the server once.
    pub fn tell(&self) {
        let message = message::changed(shared::random());
        match self.channel.get() {
            Some(channel) => drop(channel.post_message(&JsValue::from_str(&message))),
            None => shared::set(CHANNEL, &message),
        }
    }
}

pub(super) fn start(client: &Rc<Client>) {
    let hearer = Rc::clone(client);
    let Ok(channel) = BroadcastChannel::new(CHANNEL) else {
        listen(&window(), "storage", move |event| {
            let event: StorageEvent = event.unchecked_into();
            if event.key().as_deref() == Some(CHANNEL) {
                hear(&hearer, event.new_value());
            }
        });
        return;
    };
    listen(&channel, "message", move |event| {
        let event: MessageEvent = event.unchecked_into();
        hear(&hearer, event.data().as_string());
    });
    let held = StoredValue::new_local(channel.clone());
    on_cleanup(move || {
        let _ = held.try_with_value(BroadcastChannel::close);
    });
    let _ = client.broadcast.channel.set(channel);
}

/// Follows a message even while hidden: private content of somebody who signed out must not wait for a look.
fn hear(client: &Rc<Client>, message: Option<String>) {
    let heard = &client.broadcast;
    if heard.waiting.get() || !message.is_some_and(|text| message::is_changed(&text)) {
        return;
    }
    let wait = timing::message_wait(shared::now(), heard.last.get());
    if wait <= 0.0 {
        follow(client);
        return;
    }
    heard.waiting.set(true);
    let later = Rc::clone(client);
    heard.timer.set(wait, move || follow(&later));
}

fn follow(client: &Rc<Client>) {
    client.broadcast.waiting.set(false);
    client.broadcast.last.set(shared::now());
    client.read(Want::Heard);
}
