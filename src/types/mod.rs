//! Records that the browser and the server share. Everything here is public to the signed-in user:
//! never put a token, a hash or a secret into one of these types.

mod account_devices;
mod account_methods;
mod account_overview;
mod activity;
mod device_session;
mod done;
mod error_code;
mod link_offer;
mod passkey_list;
mod password_form;
mod provider_info;
mod second_step;
mod session;
mod sign_in_form;
mod sign_in_method;
mod verify_request;

pub use account_devices::AccountDevices;
pub use account_methods::{AccountMethods, EmailMethod, LinkedAccount, ProviderMethod};
pub use account_overview::AccountOverview;
pub use activity::{Activity, ActivityItem};
pub use device_session::DeviceSession;
pub use done::Done;
pub use error_code::ErrorCode;
pub use link_offer::LinkOffer;
pub use passkey_list::{PasskeyInfo, PasskeyList};
pub use password_form::{PasswordForm, PasswordOverview};
pub use provider_info::{ProviderInfo, ProviderType};
pub use second_step::{
    Enrolment, QrPicture, SecondStep, SecondStepForm, SecondStepInUse, SecondStepOverview,
};
pub use session::{Claims, Session, SessionUser};
pub use sign_in_form::SignInForm;
pub use sign_in_method::SignInMethod;
pub use verify_request::VerifyRequest;
