//! Does anybody sit in front of it? A question that is asked while nobody does says so, and need not renew the
//! session: else an open page would stay signed in for ever (TS-05). What counts is any tab, since the last question.

use std::rc::Rc;

use leptos::prelude::window;

use super::{Client, listen::listen};

pub(super) fn start(client: &Rc<Client>) {
    for event in ["pointerdown", "keydown", "wheel"] {
        let client = Rc::clone(client);
        listen(&window(), event, move |_| client.act());
    }
}

impl Client {
    /// The person does something. Only the first act after a question is written down.
    pub fn act(&self) {
        if self.is_idle() {
            self.acted.set();
        }
    }

    /// Has nobody done anything since the last question?
    pub fn is_idle(&self) -> bool {
        self.acted.get() <= self.asked.get()
    }
}
