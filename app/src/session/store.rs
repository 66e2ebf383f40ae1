//! The one place that knows the session in this page: a few signals, written by `browser/`, read by everybody.
//! Rule: once something is known, [`SessionStore::doubt`] is all that a failure can do to it.

use leptos::prelude::*;
use leptos_auth::types::Session;

use super::{SessionSnapshot, SessionStatus};

/// The signals behind `use_session`. Copy, like every signal.
#[derive(Clone, Copy)]
pub(super) struct SessionStore {
    answer: RwSignal<SessionSnapshot>,
    updates: RwSignal<u32>,
    unconfirmed: RwSignal<bool>,
    pub data: Memo<Option<Session>>,
    pub status: Memo<SessionStatus>,
    pub gate: Memo<Gate>,
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
        let gate = Memo::new(move |_| answer.with(gate_of));
        let status = Memo::new(move |_| match gate.get() {
            _ if updates.get() > 0 => SessionStatus::Loading,
            Gate::Open(_) => SessionStatus::Authenticated,
            Gate::Closed => SessionStatus::Unauthenticated,
            Gate::Unknown => SessionStatus::Loading,
        });
        Self { answer, updates, unconfirmed, data, status, gate }
    }

    /// The store of the surrounding `SessionProvider`; without one, what the request says.
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| {
            leptos::logging::debug_warn!("use_session() outside <SessionProvider>: it will never change");
            Self::new(SessionSnapshot::of_request())
        })
    }

    /// True while the server could not be asked and what is shown is its last answer.
    pub fn unconfirmed(self) -> Signal<bool> {
        self.unconfirmed.into()
    }
}

#[cfg_attr(not(feature = "hydrate"), allow(dead_code, reason = "on the server the store never changes"))]
impl SessionStore {
    /// The server answered.
    pub fn adopt(self, session: Option<Session>) {
        self.answer.set(SessionSnapshot::Known(session));
        self.set_unconfirmed(false);
    }

    /// The server could not be asked: keep what is known, and say that it is old.
    pub fn doubt(self) {
        self.set_unconfirmed(true);
    }

    /// An explicit update began (`true`) or ended. The data stays as it is meanwhile.
    pub fn set_updating(self, begun: bool) {
        self.updates.update(|count| *count = if begun { *count + 1 } else { count.saturating_sub(1) });
    }

    /// The last answer, without subscribing to it.
    pub fn known(self) -> SessionSnapshot {
        self.answer.get_untracked()
    }

    pub fn is_unconfirmed(self) -> bool {
        self.unconfirmed.get_untracked()
    }

    fn set_unconfirmed(self, unconfirmed: bool) {
        if self.is_unconfirmed() != unconfirmed {
            self.unconfirmed.set(unconfirmed);
        }
    }
}

fn gate_of(answer: &SessionSnapshot) -> Gate {
    match answer {
        SessionSnapshot::Known(Some(session)) => Gate::Open(session.user.id.clone()),
        SessionSnapshot::Known(None) => Gate::Closed,
        SessionSnapshot::Unavailable => Gate::Unknown,
    }
}
