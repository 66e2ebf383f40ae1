//! Offline, what is known stays and is marked unconfirmed. Online again, the server is asked.

use std::rc::Rc;

use leptos::prelude::window;

use super::{Client, listen::listen};

pub(super) fn start(client: &Rc<Client>) {
    let gone = Rc::clone(client);
    listen(&window(), "offline", move |_| {
        gone.offline.set(true);
        gone.store.doubt();
    });
    let back = Rc::clone(client);
    listen(&window(), "online", move |_| {
        back.offline.set(false);
        if back.due.get() || back.store.is_unconfirmed() {
            back.refresh();
        }
    });
}
