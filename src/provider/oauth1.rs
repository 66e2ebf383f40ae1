//! Where a provider is that speaks OAuth 1.0 (RFC 5849), and how.

pub use crate::oauth::SignatureMethod;

/// The URLs and habits of an OAuth 1 provider. What such services call consumer key and consumer secret are the client id
/// and secret of [`super::OAuthProvider`]; with [`SignatureMethod::RsaSha1`] the secret is a private key in PEM.
#[derive(Clone, Debug)]
pub struct OAuth1Endpoints {
    /// Where a sign-in begins: temporary credentials (section 2.1).
    pub request_token: String,
    /// Whether that is asked by GET: by POST, unless the service says otherwise.
    pub request_token_by_get: bool,
    /// Where the browser goes (section 2.2).
    pub authorization: String,
    /// Where temporary credentials become a token (section 2.3).
    pub access_token: String,
    /// Who the token speaks for, as JSON.
    pub userinfo: String,
    /// For a service that tells first a name and then what belongs to it.
    pub whoami: Option<Whoami>,
    /// How requests are signed.
    pub signature: SignatureMethod,
    /// Which edition of the protocol is spoken.
    pub version: OAuth1Version,
}

/// An edition of OAuth 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OAuth1Version {
    /// The first one, without a verifier. Whoever begins a sign-in and gets somebody else to agree to it at the service
    /// comes in as that person (<https://oauth.net/advisories/2009-1/>): only for a service that has nothing else.
    V1_0,
    /// Revision A, which is RFC 5849.
    V1_0a,
}

/// Two questions for who it was: the first is answered by a name, and `{whoami}` in the userinfo URL is that name.
#[derive(Clone, Debug)]
pub struct Whoami {
    /// Where the name is told, as plain text.
    pub url: String,
    /// The list in the userinfo answer that the person is in.
    pub list: &'static str,
    /// What of a person in that list is the name.
    pub name: &'static str,
}

impl OAuth1Endpoints {
    /// Revision A with HMAC-SHA1, as most services have it.
    #[must_use]
    pub fn new(request_token: &str, authorization: &str, access_token: &str, userinfo: &str) -> Self {
        Self {
            request_token: request_token.to_owned(),
            request_token_by_get: false,
            authorization: authorization.to_owned(),
            access_token: access_token.to_owned(),
            userinfo: userinfo.to_owned(),
            whoami: None,
            signature: SignatureMethod::HmacSha1,
            version: OAuth1Version::V1_0a,
        }
    }
}
