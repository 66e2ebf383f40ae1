//! The services we know, one small file each. A service appears when its variables are set.

mod github;
mod google;
mod oidc;

pub use github::github;
pub use google::google;
pub use oidc::oidc;
