//! Providers: each is a sign-in method, described as data. The protocol steps are in `src/oauth`.

pub mod catalog;
mod credentials;
pub(crate) mod expression;
#[cfg(feature = "ldap")]
mod ldap;
mod oauth1;
mod profile;
mod service;

use url::Url;

pub use crate::oauth::{ProviderCheck, ProviderChecker};
pub use credentials::{Authorize, AuthorizedUser, Credentials, CredentialsError, CredentialsProvider};
pub use oauth1::{OAuth1Endpoints, OAuth1Version, SignatureMethod, Whoami};
pub use profile::{InvalidProfile, Profile, ProfileMap, ProfileReader};
pub use service::{OAuth1Service, Quirks, Service, ServiceEndpoints, Setting, SettingKind};

#[cfg(feature = "ldap")]
pub(crate) use ldap::directory;

use crate::{
    secret::Secret,
    types::{ProviderInfo, ProviderType, SignInMethod},
};

/// A provider that speaks OAuth 2, OpenID Connect or OAuth 1. Begin with [`OAuthProvider::oidc`],
/// [`OAuthProvider::oauth2`], [`OAuthProvider::oauth1`] or a service of the [`catalog`], and change what differs.
#[derive(Clone, Debug)]
pub struct OAuthProvider {
    /// The word in URLs, cookies, tables and variable names.
    pub id: String,
    /// What people read on the button.
    pub name: String,
    /// Our name at the provider.
    pub client_id: String,
    /// Our password at the provider; empty where a key or nothing proves who we are.
    pub client_secret: Secret,
    /// The key that proves it instead. `AUTH_<NAME>_PRIVATE_KEY`.
    pub client_key: Option<ClientKey>,
    /// How we prove who we are.
    pub client_authentication: ClientAuthentication,
    /// Whether this method is used even if the discovery document does not offer it. `AUTH_<NAME>_TOKEN_AUTH` sets both.
    pub client_authentication_is_fixed: bool,
    /// Where the provider is.
    pub endpoints: Endpoints,
    /// What is asked for, in order.
    pub scopes: Vec<String>,
    /// More parameters of the authorization request, for example `access_type=offline` at Google.
    pub authorization_params: Vec<(String, String)>,
    /// Whether the code is bound to this attempt by PKCE (RFC 7636): yes, unless the provider refuses it.
    pub pkce: bool,
    /// Whether the parameters of a sign-in are sent to the provider beforehand, so that nobody can read or change them in
    /// the browser (RFC 9126). Done in any case where the discovery document demands it. `AUTH_<NAME>_PAR`.
    pub pushes_requests: bool,
    /// Whether signing out here goes on to the provider, which ends its session too (OpenID Connect RP-Initiated
    /// Logout 1.0). `AUTH_<NAME>_LOGOUT`.
    pub federated_sign_out: bool,
    /// Whether an address that this provider calls verified counts as proven, as if we had mailed it.
    /// `AUTH_<NAME>_TRUST_EMAIL`.
    ///
    /// Only for providers that are known to check: with any other, somebody could claim another's address.
    pub trusts_email: bool,
    /// Whether the userinfo endpoint is always requested, even if the ID token has all claims. Its claims then take precedence.
    /// Without a usable endpoint every sign-in is rejected. `AUTH_<NAME>_USERINFO`.
    pub always_asks_userinfo: bool,
    /// Reads the person from the ID token's claims or the userinfo answer.
    pub profile: ProfileReader,
    /// How its button looks.
    pub style: ProviderStyle,
    /// Where it departs from the standards.
    pub quirks: Quirks,
}

/// How the button of a provider looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderStyle {
    /// The path of its mark: an SVG of 24 × 24 in `public/` with an element of the id `mark`, for example
    /// `/marks/github.svg`. Without one the first letter of the name stands for it.
    pub mark: Option<String>,
    /// The brand's colour, as `#rrggbb`: the mark has it where it can be seen on a button. Without one the mark has the
    /// colour of the words beside it.
    pub color: Option<String>,
}

/// How the client authenticates to a provider (RFC 6749 section 2.3.1; OpenID Connect Core 1.0 section 9). The discovery
/// document decides how a secret is sent, unless [`OAuthProvider::client_authentication_is_fixed`] is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// The secret by HTTP Basic.
    Basic,
    /// The secret in the form.
    Post,
    /// The secret signs, and is not sent (RFC 7523).
    SecretJwt,
    /// [`OAuthProvider::client_key`] signs (RFC 7523).
    PrivateKeyJwt,
    /// Not at all: a public client, which has PKCE alone (RFC 6749 section 2.1).
    None,
}

impl ClientAuthentication {
    /// Its name in discovery documents.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
            Self::SecretJwt => "client_secret_jwt",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::None => "none",
        }
    }
}

/// The private key that stands in for a client secret.
#[derive(Clone, Debug)]
pub struct ClientKey {
    /// PEM: RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519.
    pub pem: Secret,
    /// The provider's name for the public half, as `kid`. `AUTH_<NAME>_KEY_ID`.
    pub key_id: Option<String>,
    /// Apple: the team that the key belongs to. The key then makes the client secret itself. `AUTH_APPLE_TEAM_ID`.
    pub team_id: Option<String>,
}

/// Where a provider is.
#[derive(Clone, Debug)]
pub enum Endpoints {
    /// OpenID Connect: everything follows from the issuer (OpenID Connect Discovery 1.0).
    Issuer(String),
    /// Plain OAuth 2: fixed URLs.
    Fixed(Box<FixedEndpoints>),
    /// OAuth 1 (RFC 5849).
    OAuth1(Box<OAuth1Endpoints>),
}

/// The URLs of a plain OAuth 2 provider.
#[derive(Clone, Debug)]
pub struct FixedEndpoints {
    /// Where the browser goes.
    pub authorization: String,
    /// Where the code becomes a token.
    pub token: String,
    /// Who the token speaks for.
    pub userinfo: Userinfo,
    /// What the `iss` parameter of the callback must be, if it comes (RFC 9207).
    pub issuer: Option<String>,
}

/// The request that says who the token speaks for.
#[derive(Clone, Debug)]
pub struct Userinfo {
    /// The URL. It may hold `{names}`: members of the token answer, `access_token` included.
    pub url: String,
    /// The form to post; a GET without one.
    pub form: Option<String>,
    /// How the access token is sent.
    pub access_token: AccessTokenIn,
    /// More headers.
    pub headers: Vec<(String, String)>,
    /// A second URL with a list of addresses, which is put into the first answer as `emails`.
    pub emails: Option<String>,
}

/// How a request carries the access token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTokenIn {
    /// `Authorization: Bearer` (RFC 6750 section 2.1).
    Header,
    /// A parameter of that name in the query.
    Query(&'static str),
    /// The URL holds it.
    Url,
}

impl Userinfo {
    /// A GET with the access token in its header.
    #[must_use]
    pub fn at(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            form: None,
            access_token: AccessTokenIn::Header,
            headers: Vec::new(),
            emails: None,
        }
    }
}

impl OAuthProvider {
    /// A provider that is described by its discovery document, here that of `issuer`.
    ///
    /// Its word on e-mail addresses is not trusted: set [`OAuthProvider::trusts_email`] for one that checks them.
    #[must_use]
    pub fn oidc(id: &str, name: &str, issuer: &str, client_id: String, client_secret: Secret) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            client_id,
            client_secret,
            client_key: None,
            client_authentication: ClientAuthentication::Basic,
            client_authentication_is_fixed: false,
            endpoints: Endpoints::Issuer(issuer.to_owned()),
            scopes: ["openid", "profile", "email"].map(str::to_owned).to_vec(),
            authorization_params: Vec::new(),
            pkce: true,
            pushes_requests: false,
            federated_sign_out: false,
            trusts_email: false,
            always_asks_userinfo: false,
            profile: ProfileReader::Map(ProfileMap::CLAIMS),
            style: ProviderStyle::default(),
            quirks: Quirks::NONE,
        }
    }

    /// A plain OAuth 2 provider: where it is, and where the parts of a profile stand in its userinfo answer.
    ///
    /// ```
    /// use leptos_auth::{Secret, provider::{FixedEndpoints, OAuthProvider, ProfileMap, Userinfo}};
    ///
    /// let endpoints = FixedEndpoints {
    ///     authorization: "https://acme.example/oauth/authorize".into(),
    ///     token: "https://acme.example/oauth/token".into(),
    ///     userinfo: Userinfo::at("https://api.acme.example/me"),
    ///     issuer: None,
    /// };
    /// let profile = ProfileMap { name: "display_name", email: "email", ..ProfileMap::ID };
    /// let acme = OAuthProvider::oauth2("acme", "Acme", "our-id".into(), Secret::new("from a vault"), endpoints, profile);
    /// let acme = OAuthProvider { scopes: vec!["read:me".into()], ..acme };
    /// ```
    #[must_use]
    pub fn oauth2(
        id: &str,
        name: &str,
        client_id: String,
        client_secret: Secret,
        endpoints: FixedEndpoints,
        profile: ProfileMap,
    ) -> Self {
        Self {
            endpoints: Endpoints::Fixed(Box::new(endpoints)),
            scopes: Vec::new(),
            profile: ProfileReader::Map(profile),
            ..Self::oidc(id, name, "", client_id, client_secret)
        }
    }

    /// A provider that speaks OAuth 1: where it is, and where the parts of a profile stand in its userinfo answer.
    ///
    /// ```
    /// use leptos_auth::{Secret, provider::{OAuth1Endpoints, OAuthProvider, ProfileMap}};
    ///
    /// let at = |path: &str| format!("https://photos.example/{path}");
    /// let endpoints = OAuth1Endpoints::new(&at("initiate"), &at("authorize"), &at("token"), &at("me"));
    /// let profile = ProfileMap { name: "display_name", ..ProfileMap::ID };
    /// let photos = OAuthProvider::oauth1("photos", "Photos", "our-key".into(), Secret::new("from a vault"), endpoints, profile);
    /// ```
    #[must_use]
    pub fn oauth1(
        id: &str,
        name: &str,
        client_id: String,
        client_secret: Secret,
        endpoints: OAuth1Endpoints,
        profile: ProfileMap,
    ) -> Self {
        Self {
            endpoints: Endpoints::OAuth1(Box::new(endpoints)),
            scopes: Vec::new(),
            profile: ProfileReader::Map(profile),
            ..Self::oidc(id, name, "", client_id, client_secret)
        }
    }

    /// Whether the provider speaks OpenID Connect.
    #[must_use]
    pub const fn r#type(&self) -> ProviderType {
        match self.endpoints {
            Endpoints::Issuer(_) => ProviderType::Oidc,
            Endpoints::Fixed(_) | Endpoints::OAuth1(_) => ProviderType::OAuth,
        }
    }

    /// Whether the way back is a form that a page of the provider posts (OAuth 2.0 Form Post Response Mode): it is, when
    /// the authorization request asks for that.
    pub(crate) fn is_form_post(&self) -> bool {
        self.authorization_params.iter().any(|(name, value)| name == "response_mode" && value == "form_post")
    }

    /// What a sign-in page draws of it.
    pub(crate) fn method(&self) -> SignInMethod {
        let ProviderStyle { mark, color } = self.style.clone();
        SignInMethod { id: self.id.clone(), name: self.name.clone(), r#type: self.r#type(), mark, color }
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

/// What a sign-in page draws of a way to sign in that is no provider elsewhere.
pub(crate) fn own_method(id: &str, name: &str, r#type: ProviderType) -> SignInMethod {
    SignInMethod { id: id.to_owned(), name: name.to_owned(), r#type, mark: None, color: None }
}

/// An URL of the REST API. Ids are words of letters, digits and dashes.
fn api_url(base_url: &Url, action: &str, provider: &str) -> Url {
    let mut url = base_url.clone();
    url.set_path(&format!("/api/auth/{action}/{provider}"));
    url
}
