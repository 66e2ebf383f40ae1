//! Records that the browser and the server share. Everything here is public to the signed-in user:
//! never put a token, a hash or a secret into one of these types.

mod account_overview;
mod device_session;
mod done;
mod error_code;
mod passkey_list;
mod provider_info;
mod session;
mod sign_in_form;
mod sign_in_method;
mod verify_request;

pub use account_overview::AccountOverview;
pub use device_session::DeviceSession;
pub use done::Done;
pub use error_code::ErrorCode;
pub use passkey_list::{PasskeyInfo, PasskeyList};
pub use provider_info::{ProviderInfo, ProviderType};
pub use session::{Claims, Session, SessionUser};
pub use sign_in_form::SignInForm;
pub use sign_in_method::SignInMethod;
pub use verify_request::VerifyRequest;
