//! Protects a page. The server sends everybody else to the sign-in page and renders nothing of what is inside;
//! the browser takes it away the moment the session ends. Rule: what is inside belongs to one user. When another
//! one signs in it is built anew, never re-labelled.

use leptos::{children::ViewFn, either::Either, prelude::*};
use leptos_auth_locales::require_session;

use super::store::{Gate, SessionStore};
use crate::text::t;

/// Shows its content to a signed-in user only.
///
/// | session | shown |
/// | --- | --- |
/// | signed in, also while it cannot be confirmed | the content |
/// | nobody signed in | the sign-in page, which leads back here |
/// | the server cannot tell (status 503) | the notice `unavailable` |
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
    children: ChildrenFn,
) -> impl IntoView {
    let store = SessionStore::current();
    #[cfg(feature = "ssr")]
    super::server::refuse_unless_open(store);
    let holder = holder(store.gate, ended.is_some());
    #[cfg(feature = "hydrate")]
    Effect::new(move |_| {
        if store.gate.get() == Gate::Closed && holder.get().is_none() {
            super::browser::leave_to_sign_in();
        }
    });
    let content = move || {
        let Holder { turn, .. } = holder.get()?;
        let hidden = move || store.gate.get() == Gate::Closed;
        let view = view! { <div hidden=hidden>{children()}</div> };
        Some(if turn { Either::Left(view) } else { Either::Right(view) })
    };
    let notice = move || match store.gate.get() {
        Gate::Unknown => unavailable.as_ref().map_or_else(checking, ViewFn::run),
        Gate::Closed if holder.get().is_some() => ended.as_ref().map_or_else(|| ().into_any(), ViewFn::run),
        _ => ().into_any(),
    };
    view! { {content} {notice} }
}

/// Whose content is on the page.
#[derive(Clone, PartialEq, Eq)]
struct Holder {
    user: String,
    /// Changes with the user. Drawing the same kind of view again would reuse its elements, and what the last user
    /// typed would still be in the fields; the other side of an `Either` is drawn from nothing.
    turn: bool,
}

/// Content outlives the session only where the page `stays`.
fn holder(gate: RwSignal<Gate>, stays: bool) -> Memo<Option<Holder>> {
    Memo::new(move |before: Option<&Option<Holder>>| {
        let before = before.and_then(Option::as_ref);
        match gate.get() {
            Gate::Open(user) => {
                let turn = before.is_some_and(|before| before.turn ^ (before.user != user));
                Some(Holder { user, turn })
            }
            Gate::Closed if stays => before.cloned(),
            _ => None,
        }
    })
}

fn checking() -> AnyView {
    view! { <p role="status">{t(require_session::CHECKING)}</p> }.into_any()
}
