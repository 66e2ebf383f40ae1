//! The one place that knows the session in this page: a few signals, written by `browser/`, read by everybody.
//! They belong to the provider, not to the component that asks, so they outlive whatever a change tears down.
//!
//! Rule: once something is known, [`SessionStore::doubt`] is all that a failure can do to it.

use leptos::prelude::*;

use super::{SessionSnapshot, SessionStatus, UseSession};
use crate::claims::Session;

/// The signals behind `use_session`. Copy, like every signal.
#[derive(Clone, Copy)]
pub(super) struct SessionStore {
    /// What the server said last.
    answer: RwSignal<SessionSnapshot>,
    updates: RwSignal<u32>,
    unconfirmed: RwSignal<bool>,
    pub hook: UseSession,
    /// `status` for components that need a user: who is about to be sent away is not told so, as in Auth.js.
    pub required: Signal<SessionStatus>,
}

/// May private content be shown?
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// To the user with this id.
    Open(String),
    /// Nobody is signed in.
    Closed,
    /// It is not known yet.
    Unknown,
}

impl SessionStore {
    pub fn new(snapshot: SessionSnapshot) -> Self {
        let unconfirmed = RwSignal::new(snapshot == SessionSnapshot::Unavailable);
        let answer = RwSignal::new(snapshot);
        let updates = RwSignal::new(0_u32);
        let data = Memo::new(move |_| answer.with(|answer| answer.session().cloned()));
        let status =
            Memo::new(
                move |_| if updates.get() > 0 { SessionStatus::Loading } else { answer.with(status_of) },
            );
        let required = Memo::new(move |_| match status.get() {
            SessionStatus::Unauthenticated => SessionStatus::Loading,
            status => status,
        });
        let hook = UseSession { status: status.into(), data: data.into(), unconfirmed: unconfirmed.into() };
        Self { answer, updates, unconfirmed, hook, required: required.into() }
    }

    /// May private content be shown? A component that asks follows the answer.
    pub fn gate(self) -> Gate {
        self.answer.with(gate_of)
    }

    /// The store of the surrounding `SessionProvider`; without one, what the request says.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| {
            leptos::logging::debug_warn!("use_session() outside <SessionProvider>: it will never change");
            Self::new(SessionSnapshot::of_request())
        })
    }
}

#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "on the server the store never changes"))]
impl SessionStore {
    /// The server answered.
    pub fn adopt(self, session: Option<Session>) {
        put(self.unconfirmed, false);
        put(self.answer, SessionSnapshot::Known(session));
    }

    /// The server could not be asked: keep what is known, and say that it is old.
    pub fn doubt(self) {
        put(self.unconfirmed, true);
    }

    /// An explicit update began (`true`) or ended. The data stays as it is meanwhile.
    pub fn set_updating(self, begun: bool) {
        self.updates.update(|count| *count = if begun { *count + 1 } else { count.saturating_sub(1) });
    }

    /// The last answer of the server.
    pub fn known(self) -> SessionSnapshot {
        self.answer.try_get_untracked().unwrap_or(SessionSnapshot::Unavailable)
    }

    pub fn is_unconfirmed(self) -> bool {
        self.unconfirmed.get_untracked()
    }
}

/// Sets a signal if that changes it. One that is gone with its provider is left alone.
fn put<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.try_with_untracked(|now| *now != value) == Some(true) {
        signal.set(value);
    }
}

fn gate_of(answer: &SessionSnapshot) -> Gate {
    match answer {
        SessionSnapshot::Known(Some(session)) => Gate::Open(session.user.id.clone()),
        SessionSnapshot::Known(None) => Gate::Closed,
        SessionSnapshot::Unavailable => Gate::Unknown,
    }
}

fn status_of(answer: &SessionSnapshot) -> SessionStatus {
    match answer {
        SessionSnapshot::Known(Some(_)) => SessionStatus::Authenticated,
        SessionSnapshot::Known(None) => SessionStatus::Unauthenticated,
        SessionSnapshot::Unavailable => SessionStatus::Loading,
    }
}
