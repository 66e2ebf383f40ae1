//! Says that the device is offline while it is. Nobody is signed out by that.

use leptos::prelude::*;
use leptos_auth_locales::offline;

use super::{Icon, Mark};
use crate::text::t;

/// The region that screen readers watch; empty while all is well.
#[island]
pub fn OfflineRegion() -> impl IntoView {
    let is_offline = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    crate::effect::effect(move || {
        is_offline.set(!window().navigator().on_line());
        let listeners = [
            window_event_listener_untyped("offline", move |_| is_offline.set(true)),
            window_event_listener_untyped("online", move |_| is_offline.set(false)),
        ];
        on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    });
    view! { <div role="status">{move || is_offline.get().then(OfflineNotice)}</div> }
}

/// The words.
#[component]
pub fn OfflineNotice() -> impl IntoView {
    view! {
        <p class="offline">
            <Icon mark=Mark::Offline/>
            {t(offline::TEXT)}
        </p>
    }
}
