//! The browser's side of the session: one [`Client`] per page, started by `SessionProvider`. Each trigger has its
//! own file and knows only `refresh` and `read`; what they may do is decided in `flight.rs` alone.
//!
//! | file | asks the server when |
//! | --- | --- |
//! | `visibility` | the page is looked at again, or comes back from the back/forward cache |
//! | `online` | the network is back |
//! | `keepalive` | it is time, and this tab is the `leader` |
//! | `expiry` | the session should be over |
//! | `broadcast` | another tab says that something changed |
//! | `retry` | the last question was not answered |

mod activity;
mod broadcast;
mod clock;
mod expiry;
mod fetch;
mod flight;
mod form;
mod keepalive;
mod leader;
mod leave;
mod listen;
mod online;
mod popup;
mod retry;
mod shared;
mod sign_in;
mod sign_out;
mod timer;
mod update;
mod visibility;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use leptos::prelude::*;

use super::{
    SessionSnapshot,
    message::{self, Reconcile},
    store::SessionStore,
};
use crate::effect::effect;

pub(crate) use self::popup::tell_and_close;
pub(super) use self::{
    leave::{leave_to_sign_in, load_anew},
    sign_in::sign_in,
    sign_out::sign_out,
    update::update,
};

/// The settings of `SessionProvider`.
pub(super) struct Options {
    /// Seconds; 0 is off.
    pub interval: u32,
    /// Seconds; a session that is younger is not read again by itself.
    pub max_age: u32,
    pub on_focus: bool,
    pub when_offline: bool,
    pub base_path: String,
}

/// All that the triggers of one page share.
struct Client {
    store: SessionStore,
    options: Options,
    flight: RefCell<Option<Rc<flight::Flight>>>,
    broadcast: broadcast::Broadcast,
    retry: retry::Retry,
    expiry: timer::Timer,
    keepalive: timer::Timer,
    look: timer::Timer,
    leader: leader::Leader,
    clock: clock::Clock,
    /// When any tab last asked the server.
    asked: shared::Moment,
    /// When the person last did something in any tab.
    acted: shared::Moment,
    /// A question was put off until the page is visible or online again.
    due: Cell<bool>,
    /// The browser said `offline`. The event decides, not `navigator.onLine`: a page that was just loaded has
    /// reached its server, whatever a machine without a network card thinks of itself.
    offline: Cell<bool>,
    /// The page is on its way to another address: nobody else may send it somewhere.
    leaving: Cell<bool>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Client>>> = const { RefCell::new(None) };
}

/// Starts the triggers once the page is awake, and stops them with the provider.
/// The server rendered the page at `rendered`, in ms.
pub(super) fn install(store: SessionStore, rendered: f64, options: Options) {
    let client = Rc::new(Client {
        store,
        options,
        flight: RefCell::default(),
        broadcast: broadcast::Broadcast::default(),
        retry: retry::Retry::default(),
        expiry: timer::Timer::default(),
        keepalive: timer::Timer::default(),
        look: timer::Timer::default(),
        leader: leader::Leader::default(),
        clock: clock::Clock::new(rendered),
        asked: shared::Moment::new("leptos-auth.asked"),
        acted: shared::Moment::new("leptos-auth.acted"),
        due: Cell::new(false),
        offline: Cell::new(false),
        leaving: Cell::new(false),
    });
    CURRENT.set(Some(Rc::clone(&client)));
    let held = StoredValue::new_local(Rc::clone(&client));
    on_cleanup(move || {
        let _ = held.try_with_value(|client| client.stop());
    });
    effect(move || client.start(rendered));
}

/// The client of this page; `None` without a `SessionProvider`.
fn current() -> Option<Rc<Client>> {
    CURRENT.with_borrow(Clone::clone)
}

impl Client {
    fn start(self: &Rc<Self>, rendered: f64) {
        broadcast::start(self);
        visibility::start(self);
        activity::start(self);
        online::start(self);
        expiry::start(self);
        match self.store.known() {
            SessionSnapshot::Unavailable => self.refresh(),
            SessionSnapshot::Known(session) => {
                self.asked.set(); // A page that was just loaded has asked.
                self.compare(&message::fingerprint(session.as_ref()), rendered);
            }
        }
        keepalive::tick(self);
    }

    /// The timers hold the client: without this it would live on.
    fn stop(&self) {
        CURRENT.with_borrow_mut(|current| current.take_if(|current| std::ptr::eq(Rc::as_ptr(current), self)));
        self.cancel();
        self.broadcast.stop();
        self.retry.clear();
        self.expiry.clear();
        self.keepalive.clear();
        self.look.clear();
        self.leader.resign();
    }

    /// Plain forms sign people in and out by loading a page: this is how the other tabs hear of it.
    fn compare(self: &Rc<Self>, page: &str, rendered: f64) {
        match message::reconcile(shared::mark().as_deref(), page, rendered) {
            Reconcile::Agree => {}
            Reconcile::Mark => shared::set_mark(page, rendered),
            Reconcile::Tell => {
                shared::set_mark(page, rendered);
                self.broadcast.tell();
            }
            Reconcile::Ask => self.refresh(),
        }
    }
}
