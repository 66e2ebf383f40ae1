//! Asking who is signed in: one question at a time, whoever asks. Also the place where an answer becomes what the
//! page shows. Rule: an answer may be shared only if its question was still unsent when somebody joined, because
//! an older one may not know what they changed.

use std::{cell::Cell, rc::Rc};

use leptos::{prelude::document, task::spawn_local};
use web_sys::{AbortController, VisibilityState};

use super::{Client, fetch, shared, timer};
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
}

impl Flight {
    fn join(&self, want: Want) {
        if want != Want::Recent && self.sent.get() {
            self.again.set(true);
        }
        self.silent.set(self.silent.get() && want == Want::Heard);
    }
}

impl Client {
    /// Asks when it makes sense: not while the page is hidden or offline (then as soon as it is not), and not
    /// before the server wants to be asked again (then the retry timer asks).
    pub fn refresh(self: &Rc<Self>) {
        let offline = self.offline.get() && !self.options.when_offline;
        if offline || document().visibility_state() == VisibilityState::Hidden {
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
        });
        *self.flight.borrow_mut() = Some(Rc::clone(&flight));
        let done = flight.done.clone();
        spawn_local(Rc::clone(self).fly(flight));
        done
    }

    async fn fly(self: Rc<Self>, flight: Rc<Flight>) {
        let outcome = loop {
            flight.sent.set(true);
            self.last_question.set(shared::now());
            shared::set_last_question(shared::now());
            let outcome = fetch::session(self.options.base_path, &flight.abort).await;
            if !flight.again.take() {
                break outcome;
            }
        };
        // A cancelled flight has lost its place: its answer is older than what we know.
        let landed = self.flight.borrow_mut().take_if(|current| Rc::ptr_eq(current, &flight));
        if landed.is_some() {
            self.land(outcome, flight.silent.get()).await;
        }
        flight.done.resolve(());
    }

    /// Drops the question under way. Aborted before a sign-out, it also cannot bring its cookie back afterwards.
    pub fn cancel(&self) {
        if let Some(flight) = self.flight.take() {
            flight.abort.abort();
        }
    }

    /// Takes an answer over.
    pub async fn land(self: &Rc<Self>, outcome: Outcome, silent: bool) {
        match outcome {
            Outcome::Session(session) => {
                self.due.set(false);
                self.retry.clear();
                self.adopt(session, silent).await;
            }
            Outcome::Unavailable { retry_after } => {
                self.store.doubt();
                super::retry::schedule(self, retry_after);
            }
        }
    }

    /// Shows what the server said, and tells the other tabs when it is news to this browser.
    pub async fn adopt(&self, session: Option<Session>, silent: bool) {
        let now = message::fingerprint(session.as_ref());
        let before = match shared::mark() {
            Some(mark) => mark.split(' ').next().map(str::to_owned),
            None => Some(message::fingerprint(self.store.known().session())),
        };
        self.store.adopt(session);
        if before.as_ref() != Some(&now) {
            shared::set_mark(&now);
            if !silent {
                self.broadcast.tell();
            }
        }
        timer::turn().await;
        self.store.settle();
    }
}
