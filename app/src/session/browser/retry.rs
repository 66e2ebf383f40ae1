//! Asks again after a question that was not answered, ever more slowly, and not before the server wants it.

use std::{cell::Cell, rc::Rc};

use super::{Client, shared, timer::Timer};
use crate::session::timing;

#[derive(Default)]
pub(super) struct Retry {
    failures: Cell<u32>,
    not_before: Cell<f64>,
    timer: Timer,
}

impl Retry {
    /// Did the server ask us to be quiet until later?
    pub fn must_wait(&self) -> bool {
        shared::now() < self.not_before.get()
    }

    /// All is well again.
    pub fn clear(&self) {
        self.failures.set(0);
        self.not_before.set(0.0);
        self.timer.clear();
    }
}

/// After a failure.
pub(super) fn schedule(client: &Rc<Client>, retry_after: Option<u32>) {
    let retry = &client.retry;
    retry.failures.set(retry.failures.get().saturating_add(1));
    retry.not_before.set(timing::wish(retry_after).map_or(0.0, |wish| shared::now() + wish));
    let wait = timing::retry_wait(retry.failures.get(), retry_after, js_sys::Math::random());
    let again = Rc::clone(client);
    retry.timer.set(wait, move || {
        again.retry.not_before.set(0.0);
        again.refresh();
    });
}
