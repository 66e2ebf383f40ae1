//! The hook: who is signed in, as signals. It only reads; asking the server is the business of `browser/`, so ten
//! components that use the hook cause no request of their own.

use leptos::prelude::*;
use leptos_auth::types::Session;
use serde::Serialize;

use super::{Pending, store::SessionStore};

/// What is known about the session right now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// Not known yet, or an explicit `update` is running (the data stays as it is meanwhile).
    Loading,
    /// Somebody is signed in.
    Authenticated,
    /// Nobody is signed in: only the server can say so, never a failed request.
    Unauthenticated,
}

impl SessionStatus {
    /// The word that Auth.js uses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Authenticated => "authenticated",
            Self::Unauthenticated => "unauthenticated",
        }
    }
}

/// The live session: copy it into as many closures as you like.
#[derive(Clone, Copy)]
pub struct UseSession {
    /// Loading, authenticated or unauthenticated.
    pub status: Signal<SessionStatus>,
    /// The session, or `None`. Draw from this one: it does not blink while an update runs.
    pub data: Signal<Option<Session>>,
    /// True while `data` is the last answer and the server cannot be asked: offline, busy, or away.
    pub unconfirmed: Signal<bool>,
}

impl UseSession {
    /// Reads the session again (`GET /api/auth/session`). All calls of one moment share one request. Answers with
    /// the session that holds afterwards: when the server could not be asked, the one from before.
    pub fn update(&self) -> Pending<Option<Session>> {
        #[cfg(feature = "hydrate")]
        return super::browser::update(None);
        #[cfg(not(feature = "hydrate"))]
        Pending::ready(self.data.get_untracked())
    }

    /// Changes the session (`POST /api/auth/session`): the server's `update` callback decides what it takes from
    /// `data`. Other tabs follow. When nobody is signed in, nothing changes.
    ///
    /// ```rust,no_run
    /// use leptos::prelude::*;
    /// use leptos_auth_app::session::use_session;
    ///
    /// #[component]
    /// fn Rename() -> impl IntoView {
    ///     let session = use_session();
    ///     view! {
    ///         <button on:click=move |_| {
    ///             session.update_with(&[("name", "Ada")]);
    ///         }>"Call me Ada"</button>
    ///     }
    /// }
    /// ```
    pub fn update_with(&self, data: &impl Serialize) -> Pending<Option<Session>> {
        #[cfg(feature = "hydrate")]
        if let Ok(data) = leptos::serde_json::to_string(data) {
            return super::browser::update(Some(data));
        }
        let _ = data;
        Pending::ready(self.data.get_untracked())
    }
}

/// The session of this page, kept fresh by the [`SessionProvider`](super::SessionProvider) around it.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session;
///
/// #[component]
/// fn Greeting() -> impl IntoView {
///     let session = use_session();
///     move || match session.data.get() {
///         Some(session) => view! { <p>"Hello " {session.user.name}</p> }.into_any(),
///         None => view! { <a href="/signin">"Sign in"</a> }.into_any(),
///     }
/// }
/// ```
#[must_use]
pub fn use_session() -> UseSession {
    SessionStore::current().hook
}

/// The same for a component that makes no sense without a user: whoever is signed out is sent to the sign-in page
/// and comes back to this very address, fragment included. `status` is then only loading or authenticated.
///
/// To protect a whole page, use [`RequireSession`](super::RequireSession): it also keeps the content from being
/// rendered.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session_required;
///
/// #[component]
/// fn Inbox() -> impl IntoView {
///     let session = use_session_required();
///     move || session.data.get().map(|session| view! { <h2>"Mail for " {session.user.name}</h2> })
/// }
/// ```
#[must_use]
pub fn use_session_required() -> UseSession {
    let store = SessionStore::current();
    #[cfg(feature = "ssr")]
    super::server::redirect_when_closed(store);
    #[cfg(feature = "hydrate")]
    when_closed(store, super::browser::leave_to_sign_in);
    UseSession { status: store.required, ..store.hook }
}

/// The same with an action of your own instead of the way to the sign-in page, for example to open a dialog. It
/// runs in the browser, each time the session ends or turns out to be missing.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session_required_or;
///
/// #[component]
/// fn Editor() -> impl IntoView {
///     let ask = RwSignal::new(false);
///     let session = use_session_required_or(move || ask.set(true));
///     view! {
///         <p>{move || session.data.get().and_then(|session| session.user.name)}</p>
///         <dialog open=move || ask.get()>"Please sign in."</dialog>
///     }
/// }
/// ```
#[must_use]
pub fn use_session_required_or(on_unauthenticated: impl Fn() + 'static) -> UseSession {
    let store = SessionStore::current();
    #[cfg(feature = "hydrate")]
    when_closed(store, on_unauthenticated);
    #[cfg(not(feature = "hydrate"))]
    let _ = on_unauthenticated;
    UseSession { status: store.required, ..store.hook }
}

#[cfg(feature = "hydrate")]
fn when_closed(store: SessionStore, act: impl Fn() + 'static) {
    Effect::new(move |_| {
        if store.gate.get() == super::store::Gate::Closed {
            act();
        }
    });
}
