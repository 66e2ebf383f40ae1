//! One wake-up at a time. Setting it again replaces it; dropping it cancels it.

use std::{cell::Cell, time::Duration};

use leptos::leptos_dom::helpers::{TimeoutHandle, set_timeout_with_handle};

use crate::session::timing;

#[derive(Default)]
pub(super) struct Timer(Cell<Option<TimeoutHandle>>);

impl Timer {
    /// Runs `act` after `wait` milliseconds; a longer wait than `setTimeout` can count is cut.
    pub fn set(&self, wait: f64, act: impl FnOnce() + 'static) {
        self.clear();
        let wait = Duration::from_millis(u64::from(timing::timer(wait)));
        self.0.set(set_timeout_with_handle(act, wait).ok());
    }

    pub fn clear(&self) {
        if let Some(handle) = self.0.take() {
            handle.clear();
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.clear();
    }
}
