//! Functions that run on the server and can be called from pages and, over HTTP, from the browser.
//!
//! Rules: explicit prefix and endpoint, so that an open tab survives a release; errors are a closed list of codes
//! and never text; a function that gives out private data asks for the session itself, whatever page calls it.

mod account;
#[cfg(feature = "ssr")]
mod context;
#[cfg(feature = "dev")]
mod dev_status;
mod error;
mod pages_off;
#[cfg(feature = "password")]
mod password_form;
#[cfg(feature = "ssr")]
mod preference;
#[cfg(feature = "totp")]
mod second_step;
mod set_language;
mod set_theme;
mod sign_in_form;
mod verify_request;

#[cfg(feature = "passkey")]
pub use account::account_passkeys;
pub use account::{account, account_devices, account_methods, activity, link_offer};
#[cfg(feature = "dev")]
pub use dev_status::{Feature, FeatureState, dev_status};
pub use error::FnError;
#[cfg(feature = "password")]
pub use password_form::password;
#[cfg(feature = "totp")]
pub use second_step::{second_step, second_step_form};
pub use set_language::set_language;
pub use set_theme::set_theme;
pub use sign_in_form::sign_in_form;
pub use verify_request::verify_request;

#[cfg(feature = "ssr")]
pub(crate) use context::set_status;
#[cfg(feature = "password")]
pub(crate) use password_form::load_password_form;
#[cfg(feature = "totp")]
pub(crate) use second_step::load_second_step_form;
pub(crate) use sign_in_form::{load_auth_form, load_sign_in_form};
pub(crate) use verify_request::load_verify_request;

pub(crate) use pages_off::load_pages_off;
