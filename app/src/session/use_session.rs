//! The hook: who is signed in, as signals. It only reads; asking the server is the business of `browser/`, so ten
//! components that use the hook cause no request of their own.

use leptos::{prelude::*, serde_json};
use leptos_auth::types::{Session, SessionUser};
use serde::{Serialize, de::DeserializeOwned};

use super::{Pending, store::SessionStore};
use crate::claims::Claims;

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
pub struct UseSession<C: Send + Sync + 'static = Claims> {
    /// Loading, authenticated or unauthenticated.
    pub status: Signal<SessionStatus>,
    /// The session, or `None`. Draw from this one: it does not blink while an update runs.
    pub data: Signal<Option<Session<C>>>,
    /// True while `data` is the last answer and the server cannot be asked: offline, busy, or away.
    pub unconfirmed: Signal<bool>,
}

impl<C: Send + Sync> Copy for UseSession<C> {}

impl<C: Send + Sync> Clone for UseSession<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Clone + Send + Sync> UseSession<C> {
    /// Reads the session again (`GET /api/auth/session`). All calls of one moment share one request. Answers with
    /// the session that holds afterwards: when the server could not be asked, the one from before.
    pub fn update(&self) -> Pending<Option<Session<C>>> {
        #[cfg(feature = "hydrate")]
        return self.after(super::browser::update(None));
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
    /// #[island]
    /// fn Rename() -> impl IntoView {
    ///     let session = use_session();
    ///     view! {
    ///         <button on:click=move |_| {
    ///             session.update_with(&[("name", "Ada")]);
    ///         }>"Call me Ada"</button>
    ///     }
    /// }
    /// ```
    pub fn update_with(&self, data: &impl Serialize) -> Pending<Option<Session<C>>> {
        #[cfg(feature = "hydrate")]
        if let Ok(data) = serde_json::to_string(data) {
            return self.after(super::browser::update(Some(data)));
        }
        let _ = data;
        Pending::ready(self.data.get_untracked())
    }

    /// What holds when `update` is over; `None` too when the component is gone by then.
    #[cfg(feature = "hydrate")]
    fn after(self, update: Pending<()>) -> Pending<Option<Session<C>>> {
        Pending::start(async move {
            update.await;
            self.data.try_get_untracked().flatten()
        })
    }
}

/// The session of this page, kept fresh by the [`SessionProvider`](super::SessionProvider) around it. Live in an
/// `#[island]`; a `#[component]` is drawn by the server, once, and does not follow it.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session;
///
/// #[island]
/// fn Greeting() -> impl IntoView {
///     let session = use_session();
///     move || match session.data.get() {
///         Some(session) => view! { <p>"Hello " {session.user.name}</p> }.into_any(),
///         None => view! { <a href="/signin">"Sign in"</a> }.into_any(),
///     }
/// }
/// ```
///
/// What the app adds to a session is in [`Claims`]. They may be named, and need not be:
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::{
///     claims::{Claims, Role},
///     session::use_session,
/// };
///
/// #[island]
/// fn Tools() -> impl IntoView {
///     let role = move || use_session().data.get().and_then(|session| session.user.claims.role);
///     let named = use_session::<Claims>();
///     let same = move || named.data.get().and_then(|session| session.user.claims.role);
///     move || (role() == Some(Role::Admin) && same() == role()).then(|| view! { <a href="/admin">"Admin"</a> })
/// }
/// ```
#[must_use]
pub fn use_session<C: Send + Sync>() -> UseSession<C>
where
    // Only `Claims` can be meant, so the compiler finds it without being told. See decision 0009.
    UseSession: Into<UseSession<C>>,
{
    SessionStore::current().hook.into()
}

/// The same session for a component with claims of its own, for example one that is shared by several apps. It sees
/// those of the app's [`Claims`] that have the same names in JSON; if they do not fit, it gets `C::default()`.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session_as;
///
/// #[derive(Clone, Default, PartialEq, serde::Deserialize)]
/// struct Badge {
///     #[serde(default)]
///     role: String,
/// }
///
/// #[island]
/// fn RoleBadge() -> impl IntoView {
///     let session = use_session_as::<Badge>();
///     move || session.data.get().map(|session| view! { <small>{session.user.claims.role}</small> })
/// }
/// ```
#[must_use]
pub fn use_session_as<C>() -> UseSession<C>
where
    C: DeserializeOwned + Default + Clone + PartialEq + Send + Sync + 'static,
{
    let UseSession { status, data, unconfirmed } = SessionStore::current().hook;
    let data = Memo::new(move |_| data.get().map(convert::<C>));
    UseSession { status, data: data.into(), unconfirmed }
}

/// By way of JSON, where claims of two types meet.
fn convert<C: DeserializeOwned + Default>(session: crate::claims::Session) -> Session<C> {
    let Session { user, expires } = session;
    let SessionUser { id, name, email, image, claims } = user;
    let claims = serde_json::to_value(claims).and_then(serde_json::from_value).unwrap_or_default();
    Session { user: SessionUser { id, name, email, image, claims }, expires }
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
/// #[island]
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
/// runs in the browser, so in an `#[island]`, each time the session ends or turns out to be missing.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::use_session_required_or;
///
/// #[island]
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
    crate::effect::effect(move || {
        if store.gate() == super::store::Gate::Closed {
            act();
        }
    });
}
