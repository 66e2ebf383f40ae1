//! Protects a page. The server sends everybody else to the sign-in page and renders nothing of what is inside; the browser
//! takes it away the moment the session ends. Rule: what is inside belongs to one user. For another one the server draws
//! the page anew; it is never re-labelled.

use std::time::Duration;

use leptos::{children::ViewFn, html, prelude::*};
use leptos_auth_locales::require_session;

use super::store::{Gate, SessionStore};
use crate::effect::effect;
use crate::text::t;

/// Before a page is asked for again that the server could not draw: it may fail again.
const PAUSE: Duration = Duration::from_secs(1);

/// Shows its content to a signed-in user only.
///
/// | session | shown |
/// | --- | --- |
/// | signed in, also while it cannot be confirmed | the content |
/// | nobody signed in | the sign-in page, which leads back here |
/// | the server cannot tell (status 503) | the notice `unavailable`, until it can |
///
/// The data behind the content must be refused by the server as well: a server function asks for the session by
/// itself, whatever page calls it.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::RequireSession;
///
/// #[component]
/// fn Billing() -> impl IntoView {
///     view! {
///         <RequireSession>
///             <h1>"Your invoices"</h1>
///         </RequireSession>
///     }
/// }
/// ```
///
/// A page with a long form may rather stay when the session ends. With `ended` it does: the content is hidden, not
/// dropped, the notice is shown, and after the same user has signed in again (in another tab) all that was typed
/// is back. If somebody else signs in, it is dropped.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::RequireSession;
///
/// #[component]
/// fn Write() -> impl IntoView {
///     let ended = || view! {
///         <p role="alert">"You are signed out. " <a href="/signin" target="_blank">"Sign in"</a> " to go on."</p>
///     };
///     view! {
///         <RequireSession ended=ended>
///             <textarea></textarea>
///         </RequireSession>
///     }
/// }
/// ```
#[component]
pub fn RequireSession(
    /// Shown while it is not known whether somebody is signed in.
    #[prop(optional, into)]
    unavailable: Option<ViewFn>,
    /// When given, the page stays after the end of the session and shows this instead of its content.
    #[prop(optional, into)]
    ended: Option<ViewFn>,
    /// The private content.
    children: Children,
) -> impl IntoView {
    let store = SessionStore::current();
    #[cfg(feature = "ssr")]
    super::server::refuse_unless_open(store);
    match untrack(|| store.gate()) {
        Gate::Open(user) => {
            let stays = ended.is_some();
            view! {
                <Private user stays>{children()}</Private>
                {ended.map(|ended| view! { <Ended>{ended.run()}</Ended> })}
            }
            .into_any()
        }
        Gate::Unknown => {
            let notice = unavailable.map_or_else(checking, |unavailable| unavailable.run());
            view! { <UntilKnown/> {notice} }.into_any()
        }
        Gate::Closed => ().into_any(),
    }
}

/// What belongs to one user: gone with the session, or hidden where the page `stays`.
#[island]
fn Private(user: String, stays: bool, children: Children) -> impl IntoView {
    let store = SessionStore::current();
    let content = NodeRef::<html::Div>::new();
    let mut is_gone = false;
    effect(move || {
        let gate = store.gate();
        let is_theirs = match &gate {
            Gate::Open(now) => *now == user,
            Gate::Closed => stays,
            Gate::Unknown => true,
        };
        if is_theirs && !is_gone {
            return;
        }
        is_gone = true;
        if let Some(content) = content.get_untracked() {
            content.set_inner_html("");
        }
        leave(&gate, Duration::ZERO);
    });
    let is_hidden = move || store.gate() == Gate::Closed;
    view! { <div class="no-box" hidden=is_hidden node_ref=content>{children()}</div> }
}

/// What stands in its place when the session has ended.
#[island]
fn Ended(children: Children) -> impl IntoView {
    let store = SessionStore::current();
    let is_hidden = move || store.gate() != Gate::Closed;
    view! { <div class="no-box" hidden=is_hidden>{children()}</div> }
}

/// Asks the server for the page again as soon as it can tell who is signed in.
#[island]
fn UntilKnown() -> impl IntoView {
    let store = SessionStore::current();
    effect(move || leave(&store.gate(), PAUSE));
}

/// This page is not for whoever is signed in now.
fn leave(gate: &Gate, pause: Duration) {
    #[cfg(feature = "hydrate")]
    match gate {
        Gate::Open(_) => super::browser::load_anew(pause),
        Gate::Closed => super::browser::leave_to_sign_in(),
        Gate::Unknown => {}
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (gate, pause);
}

fn checking() -> AnyView {
    view! { <p role="status">{t(require_session::CHECKING)}</p> }.into_any()
}
