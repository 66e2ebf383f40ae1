//! The pages, one file each: a loader (`…Page`, named in `routes.rs`) and a view that only renders its props, so that the
//! gallery can show every state. They are yours: change the texts, the order, the classes.

mod account;
mod email_link;
mod error;
mod error_help;
#[cfg(feature = "password")]
mod forgot_password;
mod home;
mod mail_link;
mod not_found;
mod popup;
#[cfg(feature = "password")]
mod reset_password;
#[cfg(feature = "totp")]
mod second_step;
mod server_error;
mod sign_in;
mod sign_out;
#[cfg(feature = "password")]
mod sign_up;
mod unavailable;
mod verify_request;
mod welcome;

#[cfg(feature = "passkey")]
pub use account::PasskeysPage;
#[cfg(feature = "totp")]
pub use account::SecondStepSettingsPage;
pub use account::{
    AccountPage, ActivityPage, ConfirmEmailPage, DataPage, DevicesPage, EmailPage, LinkPage, MethodsPage,
    UndoPage,
};
pub use email_link::EmailLinkPage;
pub use error::ErrorPage;
pub use error_help::ErrorHelpPage;
pub use home::HomePage;
pub use not_found::NotFoundPage;
pub use popup::PopupPage;
#[cfg(feature = "totp")]
pub use second_step::{RecoveryCodePage, SecondStepPage};
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
pub use verify_request::VerifyRequestPage;
pub use welcome::WelcomePage;

#[cfg(feature = "password")]
pub use {
    account::PasswordPage, forgot_password::ForgotPasswordPage, reset_password::ResetPasswordPage,
    sign_up::SignUpPage,
};

#[cfg(all(feature = "dev", feature = "passkey"))]
pub(crate) use account::PasskeysView;
#[cfg(all(feature = "dev", feature = "password"))]
pub(crate) use {
    account::PasswordView,
    forgot_password::{ForgotPassword, ForgotPasswordView},
    reset_password::{ResetPassword, ResetPasswordView},
    sign_up::{SignUp, SignUpView},
};
#[cfg(feature = "dev")]
pub(crate) use {
    account::{
        AccountForm, ActivityView, ConfirmEmailView, DataView, DevicesView, EmailView, LinkView, MethodsView,
        ProfileView, UndoView,
    },
    email_link::{EmailLink, EmailLinkView},
    error::ErrorView,
    error_help::ErrorHelpView,
    home::Overview,
    mail_link::IncompleteLinkView,
    popup::{Popup, PopupView},
    server_error::ServerErrorView,
    sign_in::{SignIn, SignInView},
    sign_out::{SignOut, SignOutView},
    unavailable::UnavailableView,
    verify_request::{VerifyRequestView, Waiting},
    welcome::WelcomeView,
};

#[cfg(all(feature = "dev", feature = "totp"))]
pub(crate) use {
    account::SecondStepSettingsView,
    second_step::{RecoveryCodeView, SecondStepSignIn, SecondStepView},
};

use leptos::prelude::*;
use leptos_auth::types::Done;
use leptos_router::hooks::use_location;

use crate::text::Problem;

/// Returns a query value of the address, decoded once. The router's map (0.8) decodes twice, so `%2541` would become `A`.
fn query(name: &str) -> Option<String> {
    value_in(&raw_query(), name)
}

/// Returns the query of the address, not decoded.
fn raw_query() -> String {
    use_location().search.get_untracked()
}

/// Returns the first value with this name in a query. Only the server renders pages, so the browser need not decode any.
fn value_in(query: &str, name: &str) -> Option<String> {
    #[cfg(feature = "ssr")]
    return url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(found, value)| (found == name).then(|| value.into_owned()));
    #[cfg(not(feature = "ssr"))]
    {
        let _ = (query, name);
        None
    }
}

/// Builds a URL of this site with a query. Encodes each value once; the router's map would decode it first.
pub(crate) use crate::session::with_query;

/// Whether the person said that others use this computer as well.
fn query_is_shared() -> bool {
    query("remember").is_some_and(|remember| remember == "false")
}

/// What the last form did, as the address says.
fn query_done() -> Option<Done> {
    query("done").and_then(|word| Done::parse(&word))
}

/// Why the form on this page did not work, as the address says.
fn query_problem() -> Option<Problem> {
    Problem::from_query(query("error").as_deref(), query("retryAfter").as_deref())
}
