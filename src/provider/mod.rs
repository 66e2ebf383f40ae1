//! What a provider is: a way to sign in. Each is data; the protocol steps are in `src/oauth`.

pub mod catalog;
mod credentials;
#[cfg(feature = "ldap")]
mod ldap;
mod profile;

use url::Url;

pub use credentials::{Authorize, AuthorizedUser, Credentials, CredentialsError, CredentialsProvider};
pub use profile::{InvalidProfile, Profile};

#[cfg(feature = "ldap")]
pub(crate) use ldap::directory;

use crate::{
    secret::Secret,
    types::{ProviderInfo, ProviderType},
};

/// A provider that speaks OAuth 2 or OpenID Connect.
pub struct OAuthProvider {
    /// The word in URLs, cookies, tables and variable names.
    pub id: String,
    /// What people read on the button.
    pub name: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our password at the provider.
    pub client_secret: Secret,
    /// How the secret is sent to the token endpoint.
    pub client_authentication: ClientAuthentication,
    /// Where the provider is.
    pub endpoints: Endpoints,
    /// What is asked for, in order.
    pub scopes: Vec<String>,
    /// More parameters of the authorization request, for example `access_type=offline` at Google.
    pub authorization_params: Vec<(String, String)>,
    /// Whether signing out here goes on to the provider, which ends its session too (OpenID Connect RP-Initiated
    /// Logout 1.0). `AUTH_<NAME>_LOGOUT`.
    pub federated_sign_out: bool,
    /// Whether an address that this provider calls verified counts as proven, as if we had mailed it.
    ///
    /// Only for providers that are known to check: with any other, somebody could claim another's address.
    pub trusts_email: bool,
    /// Reads the person from the ID token's claims or the userinfo answer.
    pub profile: fn(&serde_json::Value) -> Result<Profile, InvalidProfile>,
}

/// Client authentication at the token endpoint (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// HTTP Basic.
    Basic,
    /// In the form.
    Post,
}

/// Where a provider is.
pub enum Endpoints {
    /// OpenID Connect: everything follows from the issuer (OpenID Connect Discovery 1.0).
    Issuer(String),
    /// Plain OAuth 2: fixed URLs.
    Fixed(Box<FixedEndpoints>),
}

/// The URLs of a plain OAuth 2 provider.
pub struct FixedEndpoints {
    /// Where the browser goes.
    pub authorization: Url,
    /// Where the code becomes a token.
    pub token: Url,
    /// Who the token speaks for.
    pub userinfo: Url,
    /// A second answer with addresses, put into the first one as `emails`.
    pub emails: Option<Url>,
    /// What the `iss` parameter of the callback must be, if it comes (RFC 9207).
    pub issuer: Option<String>,
}

impl OAuthProvider {
    /// Whether the provider speaks OpenID Connect.
    #[must_use]
    pub const fn r#type(&self) -> ProviderType {
        match self.endpoints {
            Endpoints::Issuer(_) => ProviderType::Oidc,
            Endpoints::Fixed(_) => ProviderType::OAuth,
        }
    }

    /// What to register at the provider, and what is sent as `redirect_uri`: always the same bytes.
    pub(crate) fn callback_url(&self, base_url: &Url) -> Url {
        api_url(base_url, "callback", &self.id)
    }

    /// What to register as `post_logout_redirect_uri`, and what is sent: always the same bytes.
    pub(crate) fn signed_out_url(&self, base_url: &Url) -> Url {
        api_url(base_url, "signout", &self.id)
    }
}

/// There are no settings of a directory in this build.
#[cfg(not(feature = "ldap"))]
pub(crate) fn directory(settings: &crate::config::LdapSettings) -> Result<CredentialsProvider, String> {
    match *settings {}
}

/// What clients may know of a way to sign in.
pub(crate) fn info(base_url: &Url, id: &str, name: &str, r#type: ProviderType) -> ProviderInfo {
    ProviderInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        r#type,
        signin_url: api_url(base_url, "signin", id).into(),
        callback_url: api_url(base_url, "callback", id).into(),
    }
}

/// An URL of the REST API. Ids are words of letters, digits and dashes.
fn api_url(base_url: &Url, action: &str, provider: &str) -> Url {
    let mut url = base_url.clone();
    url.set_path(&format!("/api/auth/{action}/{provider}"));
    url
}
