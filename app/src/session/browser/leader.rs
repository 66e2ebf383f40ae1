//! Which tab polls for all: the visible one that has a lock of the browser (Web Locks API). Who closes or crashes
//! loses it, and the next in the queue has it at once. Browsers without locks (also on plain http) use a lease in
//! localStorage that has to be renewed; it is not exact, two tabs may hold it for a moment, and nothing depends on it
//! but the number of requests.

use std::{cell::RefCell, rc::Rc};

use leptos::{prelude::window, task::spawn_local};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::{Client, fetch, keepalive, shared, visibility};
use crate::session::Pending;

/// Name of the lock.
const LOCK: &str = "leptos-auth.leader";

pub(super) struct Leader {
    lock: RefCell<Lock>,
    /// Names this tab in the lease.
    id: u32,
}

impl Default for Leader {
    fn default() -> Self {
        Self { lock: RefCell::default(), id: shared::random() }
    }
}

#[derive(Default)]
enum Lock {
    /// Not asked for.
    #[default]
    Free,
    /// In the queue.
    Queued,
    /// Ours until this is answered.
    Held(Pending<()>),
    /// The browser has none, or none for us.
    Missing,
}

impl Leader {
    /// Lets another tab lead: this one is hidden, or goes away.
    pub fn resign(&self) {
        let is_held = matches!(*self.lock.borrow(), Lock::Held(_));
        if is_held && let Lock::Held(held) = self.lock.take() {
            held.resolve(());
        }
        shared::drop_lease(self.id);
    }

    /// The browser gave us the lock. A page that was hidden meanwhile gives it back.
    fn hold(&self) -> Option<Pending<()>> {
        let held = (!visibility::is_hidden()).then(Pending::open);
        *self.lock.borrow_mut() = held.clone().map_or(Lock::Free, Lock::Held);
        held
    }
}

/// Does this tab lead? If not, it stands in the queue from now on.
pub(super) fn leads(client: &Rc<Client>) -> bool {
    if matches!(*client.leader.lock.borrow(), Lock::Free) {
        queue(client);
    }
    match *client.leader.lock.borrow() {
        Lock::Held(_) => true,
        Lock::Free | Lock::Queued => false,
        Lock::Missing => shared::take_lease(client.leader.id),
    }
}

fn queue(client: &Rc<Client>) {
    let weak = Rc::downgrade(client);
    let granted = Closure::once_into_js(move |_lock: JsValue| {
        let client = weak.upgrade();
        let held = client.as_ref().and_then(|client| client.leader.hold());
        if let (Some(client), Some(_)) = (client, &held) {
            keepalive::tick(&client);
        }
        // The lock is ours until this promise is.
        future_to_promise(async move {
            if let Some(held) = held {
                held.await;
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    *client.leader.lock.borrow_mut() = Lock::Queued;
    let request = request(&granted);
    let weak = Rc::downgrade(client);
    spawn_local(async move {
        let is_refused = match request {
            Some(promise) => JsFuture::from(promise).await.is_err(),
            None => true,
        };
        if is_refused && let Some(client) = weak.upgrade() {
            *client.leader.lock.borrow_mut() = Lock::Missing;
            keepalive::tick(&client);
        }
    });
}

/// `navigator.locks.request(LOCK, granted)`, which web-sys calls unstable.
fn request(granted: &JsValue) -> Option<js_sys::Promise> {
    let locks = fetch::field(&window().navigator(), "locks")?;
    let request: js_sys::Function = fetch::field(&locks, "request")?.dyn_into().ok()?;
    request.call2(&locks, &JsValue::from_str(LOCK), granted).ok()?.dyn_into().ok()
}
