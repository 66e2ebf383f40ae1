//! `sign_in()`: starts or finishes a sign-in from a component, without a form on the page.

use leptos_auth::types::ErrorCode;

use super::Pending;

/// How to sign in. Has no `Debug`: it may hold a password.
#[derive(Clone)]
pub struct SignInOptions {
    /// Go to where the server says (`true`, the default): the provider, the page asked for, or the sign-in page with
    /// an error. With `false` this page stays, and the session is read again.
    pub redirect: bool,
    /// Sign in in a window beside this page, which stays as it is and learns of the session as every tab does. Where the
    /// browser blocks the window, the sign-in goes on in this page, as without. Ask for it in the handler of a click:
    /// browsers block windows that nobody asked for.
    pub popup: bool,
    /// Where to come back to: a path, or an address on this site. This page, when not given.
    pub callback_url: Option<String>,
    /// What the form of this provider asks for: `email`, or `username` and `password`.
    pub fields: Vec<(String, String)>,
}

impl Default for SignInOptions {
    fn default() -> Self {
        Self { redirect: true, popup: false, callback_url: None, fields: Vec::new() }
    }
}

impl SignInOptions {
    /// Adds a field of the form.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    /// Says where to come back to.
    #[must_use]
    pub fn callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Signs in in a window beside this page: the same as `popup: true`.
    #[must_use]
    pub fn popup(mut self) -> Self {
        self.popup = true;
        self
    }

    /// Stays on this page: the same as `redirect: false`.
    #[must_use]
    pub fn stay(mut self) -> Self {
        self.redirect = false;
        self
    }
}

/// What came of [`sign_in`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInResult {
    /// Nothing went wrong. For e-mail and OAuth this means that the next step can begin, not that somebody is
    /// signed in.
    pub ok: bool,
    /// What went wrong.
    pub error: Option<ErrorCode>,
    /// Your own word for it, from the `authorize` hook: only with `CredentialsSignin`.
    pub code: Option<String>,
    /// Where the sign-in goes on; `None` after an error.
    pub url: Option<String>,
}

impl SignInResult {
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn from_parts(url: Option<String>, error: Option<ErrorCode>, code: Option<String>) -> Self {
        let ok = error.is_none();
        Self { ok, error, code, url: url.filter(|_| ok) }
    }

    pub(super) fn failed(error: ErrorCode) -> Self {
        Self { ok: false, error: Some(error), code: None, url: None }
    }
}

/// Signs in with the provider of that id. An id that is not known (or empty) leads to the sign-in page, where the
/// person chooses. Works inside a [`SessionProvider`](super::SessionProvider), in the browser.
///
/// ```rust,no_run
/// use leptos::{prelude::*, task::spawn_local};
/// use leptos_auth_app::session::{SignInOptions, sign_in};
///
/// #[island]
/// fn Door() -> impl IntoView {
///     let message = RwSignal::new("");
///     let with_github = move |_| {
///         sign_in("github", SignInOptions::default().callback_url("/account"));
///     };
///     let with_password = move |_| {
///         let fields = SignInOptions::default().field("username", "demo").field("password", "demo-password");
///         spawn_local(async move {
///             if !sign_in("credentials", fields.stay()).await.ok {
///                 message.set("That did not work.");
///             }
///         });
///     };
///     view! {
///         <button on:click=with_github>"GitHub"</button>
///         <button on:click=with_password>"Demo"</button>
///         <p>{message}</p>
///     }
/// }
/// ```
pub fn sign_in(provider: impl Into<String>, options: SignInOptions) -> Pending<SignInResult> {
    #[cfg(feature = "hydrate")]
    return super::browser::sign_in(provider.into(), options);
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (provider.into(), options);
        Pending::ready(SignInResult::failed(ErrorCode::Configuration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_leads_nowhere() {
        let url = Some("/signin?error=CredentialsSignin&code=locked".to_owned());
        let error = Some(ErrorCode::CredentialsSignin);
        let failed = SignInResult::from_parts(url.clone(), error, Some("locked".to_owned()));
        assert_eq!((failed.ok, failed.url, failed.code.as_deref()), (false, None, Some("locked")));
        let ok = SignInResult::from_parts(url.clone(), None, None);
        assert_eq!((ok.ok, ok.url), (true, url));
    }
}
