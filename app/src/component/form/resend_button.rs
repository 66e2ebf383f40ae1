//! "Send again": always usable without scripts (the server counts too), counted down with them.

use std::time::Duration;

use leptos::prelude::*;
use leptos_auth_locales::resend_button;

use crate::effect::effect;
use crate::text::{t, t_with};

/// The button, and how long it still waits.
#[island]
pub fn ResendButton(
    /// Seconds until the server sends another email.
    wait: u32,
    /// Whether there is nothing else to do on the page.
    #[prop(optional)]
    is_primary: Option<bool>,
) -> impl IntoView {
    let left = RwSignal::new(wait);
    let is_counting = RwSignal::new(false);
    effect(move || {
        is_counting.set(true);
        let tick = move || left.update(|left| *left = left.saturating_sub(1));
        if let Ok(timer) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    let is_waiting = move || is_counting.get() && left.get() > 0;
    // Read out every ten seconds at most; seen every second.
    let announced = move || left.get().div_ceil(10) * 10;
    view! {
        <button class=if is_primary.unwrap_or_default() { "button button-primary" } else { "button" } disabled=is_waiting>
            {t(resend_button::SEND_AGAIN)}
        </button>
        <span class="hint" aria-hidden="true">{move || wait_text(left.get())}</span>
        <span class="sr-only" role="status">{move || announcement(announced())}</span>
    }
}

fn wait_text(seconds: u32) -> Option<String> {
    (seconds > 0).then(|| t_with(resend_button::WAIT, &[("seconds", &seconds.to_string())]))
}

fn announcement(seconds: u32) -> Option<String> {
    (seconds > 0).then(|| t_with(resend_button::ANNOUNCEMENT, &[("seconds", &seconds.to_string())]))
}
