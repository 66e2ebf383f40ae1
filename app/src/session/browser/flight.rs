//! Asking who is signed in: one question at a time, whoever asks. Also the place where an answer becomes what the
//! page shows. Rule: an answer may be shared only if its question was still unsent when somebody joined, because
//! an older one may not know what they changed.

use std::{cell::Cell, rc::Rc};

use leptos::task::spawn_local;
use web_sys::AbortController;

use super::{Client, fetch, shared, visibility};
use crate::{
    claims::Session,
    session::{Pending, message, outcome::Outcome},
};

/// How recent the answer has to be, and who hears of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// A running question will do.
    Recent,
    /// It must be asked after this moment.
    Fresh,
    /// The same, because another tab told us: so we do not tell the others again.
    Heard,
}

/// A question under way.
pub(super) struct Flight {
    done: Pending<()>,
    abort: AbortController,
    sent: Cell<bool>,
    again: Cell<bool>,
    silent: Cell<bool>,
    renews: Cell<bool>,
}

impl Flight {
    fn join(&self, want: Want) {
        if want != Want::Recent && self.sent.get() {
            self.again.set(true);
        }
        self.silent.set(self.silent.get() && want == Want::Heard);
        self.renews.set(self.renews.get() || want == Want::Fresh);
    }
}

impl Client {
    /// Asks when it makes sense: not while the page is hidden or offline (then as soon as it is not), and not
    /// before the server wants to be asked again (then the retry timer asks).
    pub fn refresh(self: &Rc<Self>) {
        let offline = self.offline.get() && !self.options.when_offline;
        if offline || visibility::is_hidden() {
            self.due.set(true);
        } else if !self.retry.must_wait() {
            self.read(Want::Recent);
        }
    }

    /// Asks now. Answers when the store is up to date, or cannot be.
    pub fn read(self: &Rc<Self>, want: Want) -> Pending<()> {
        let running = self.flight.borrow().clone();
        if let Some(flight) = running {
            flight.join(want);
            return flight.done.clone();
        }
        let Ok(abort) = AbortController::new() else { return Pending::ready(()) };
        let flight = Rc::new(Flight {
            done: Pending::open(),
            abort,
            sent: Cell::new(false),
            again: Cell::new(false),
            silent: Cell::new(want == Want::Heard),
            renews: Cell::new(want == Want::Fresh),
        });
        *self.flight.borrow_mut() = Some(Rc::clone(&flight));
        let done = flight.done.clone();
        spawn_local(Rc::clone(self).fly(flight));
        done
    }

    async fn fly(self: Rc<Self>, flight: Rc<Flight>) {
        let outcome = loop {
            flight.sent.set(true);
            let is_idle = !flight.renews.get() && self.is_idle();
            self.asked.set();
            let answer = fetch::session(&self.options.base_path, is_idle, &flight.abort).await;
            let outcome = self.hear(answer);
            if !flight.again.take() {
                break outcome;
            }
        };
        // A cancelled flight has lost its place: its answer is older than what we know.
        let landed = self.flight.borrow_mut().take_if(|current| Rc::ptr_eq(current, &flight));
        if landed.is_some() {
            self.land(outcome, flight.silent.get());
        }
        flight.done.resolve(());
    }

    /// Drops the question under way. Aborted before a sign-out, it also cannot bring its cookie back afterwards.
    pub fn cancel(&self) {
        if let Some(flight) = self.flight.take() {
            flight.abort.abort();
        }
    }

    /// Reads an answer, and the clock of whoever sent it.
    pub fn hear(&self, answer: Option<fetch::Answer>) -> Outcome {
        if let Some(date) = answer.as_ref().and_then(|answer| answer.date.as_deref()) {
            self.clock.hear(date);
        }
        fetch::read(answer)
    }

    /// Takes an answer over.
    pub fn land(self: &Rc<Self>, outcome: Outcome, silent: bool) {
        match outcome {
            Outcome::Session(session) => {
                self.due.set(false);
                self.retry.clear();
                self.adopt(session, silent);
            }
            Outcome::Unavailable { retry_after } => {
                self.store.doubt();
                super::retry::schedule(self, retry_after);
            }
        }
    }

    /// Shows what the server said, and tells the other tabs when it is news to this browser.
    pub fn adopt(&self, session: Option<Session>, silent: bool) {
        let now = message::fingerprint(session.as_ref());
        let before = shared::mark().unwrap_or_else(|| self.fingerprint());
        self.store.adopt(session);
        if !message::is_mark_of(&before, &now) {
            shared::set_mark(&now, self.clock.now());
            if !silent {
                self.broadcast.tell();
            }
        }
    }

    /// A mark of whom this page takes for signed in.
    fn fingerprint(&self) -> String {
        message::fingerprint(self.store.known().session())
    }

    /// Does another tab know otherwise?
    pub fn is_behind(&self) -> bool {
        shared::mark().is_some_and(|mark| !message::is_mark_of(&mark, &self.fingerprint()))
    }
}
