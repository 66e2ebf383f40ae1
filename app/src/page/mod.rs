//! The pages, one file each: a loader (`…Page`, named in `routes.rs`) and a view that only draws its props, so
//! that the gallery can show every state. They are yours: change the words, the order, the classes.

mod account;
mod email_link;
mod error;
mod home;
mod not_found;
mod server_error;
mod sign_in;
mod sign_out;
mod unavailable;
mod verify_request;
mod welcome;

#[cfg(feature = "passkey")]
pub use account::PasskeysPage;
pub use account::{AccountPage, ConfirmEmailPage, DataPage, EmailPage};
pub use email_link::EmailLinkPage;
pub use error::ErrorPage;
pub use home::HomePage;
pub use not_found::NotFoundPage;
/// Left out: there is no such page.
#[cfg(not(feature = "passkey"))]
pub use not_found::NotFoundPage as PasskeysPage;
pub use sign_in::SignInPage;
pub use sign_out::SignOutPage;
pub use verify_request::VerifyRequestPage;
pub use welcome::WelcomePage;

#[cfg(all(feature = "dev", feature = "passkey"))]
pub(crate) use account::PasskeysView;
#[cfg(feature = "dev")]
pub(crate) use {
    account::{AccountForm, ConfirmEmailView, DataView, EmailView, ProfileView},
    email_link::{EmailLink, EmailLinkView},
    error::ErrorView,
    home::Overview,
    server_error::ServerErrorView,
    sign_in::{SignIn, SignInView},
    sign_out::{SignOut, SignOutView},
    unavailable::UnavailableView,
    verify_request::{VerifyRequestView, Waiting},
    welcome::WelcomeView,
};

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::text::Problem;

/// A value of the address's query, as it was when the page opened.
fn query(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name))
}

/// Whether the person said that others use this computer as well.
fn query_is_shared() -> bool {
    query("remember").is_some_and(|remember| remember == "false")
}

/// Why the form on this page did not work, as the address says.
fn query_problem() -> Option<Problem> {
    Problem::from_query(query("error").as_deref(), query("retryAfter").as_deref())
}
