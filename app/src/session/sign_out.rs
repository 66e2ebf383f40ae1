//! `sign_out()`: ends the session from a component, in all tabs.

use leptos_auth::types::ErrorCode;

use super::Pending;

/// How to sign out.
#[derive(Clone, Debug)]
pub struct SignOutOptions {
    /// Go to `callback_url` afterwards (`true`, the default), or stay.
    pub redirect: bool,
    /// Where to go: a path, or an address on this site. This page, when not given.
    pub callback_url: Option<String>,
}

impl Default for SignOutOptions {
    fn default() -> Self {
        Self { redirect: true, callback_url: None }
    }
}

/// What came of [`sign_out`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOutResult {
    /// Signed out.
    pub ok: bool,
    /// Why not. The session then goes on.
    pub error: Option<ErrorCode>,
    /// Where the server wants to go; `None` after an error.
    pub url: Option<String>,
}

impl SignOutResult {
    pub(super) fn failed(error: ErrorCode) -> Self {
        Self { ok: false, error: Some(error), url: None }
    }
}

/// Ends the session. The other tabs follow at once. When the server cannot be reached nothing changes, and the
/// answer says so.
///
/// ```rust,no_run
/// use leptos::prelude::*;
/// use leptos_auth_app::session::{SignOutOptions, sign_out};
///
/// #[island]
/// fn Leave() -> impl IntoView {
///     let home = || SignOutOptions { callback_url: Some("/".to_owned()), ..Default::default() };
///     view! {
///         <button on:click=move |_| {
///             sign_out(home());
///         }>"Sign out"</button>
///     }
/// }
/// ```
pub fn sign_out(options: SignOutOptions) -> Pending<SignOutResult> {
    #[cfg(feature = "hydrate")]
    return super::browser::sign_out(options);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = options;
        Pending::ready(SignOutResult::failed(ErrorCode::Configuration))
    }
}
