//! What a client asks for, and whether it may (RFC 6749 section 4.1.1; OpenID Connect Core 1.0 section 3.1.2).
//!
//! Rule: unless client and redirect_uri are right, nobody is sent anywhere: the error is shown here (section 4.1.2.1).

use super::{Client, parameters::Parameters};

/// A request that may be put to the person.
#[derive(Debug, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// Where the answer goes.
    pub redirect_uri: String,
    /// Given back untouched.
    pub state: Option<String>,
    /// Put into the ID token.
    pub nonce: Option<String>,
    /// SHA-256 of the verifier (RFC 7636).
    pub code_challenge: String,
    /// What was asked for.
    pub scope: String,
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Told to the person: whoever made the request is not to be trusted.
    Shown(&'static str),
    /// Told to the client.
    Sent {
        /// Where.
        redirect_uri: String,
        /// With its state.
        state: Option<String>,
        /// A code of the specification.
        error: &'static str,
    },
}

impl AuthorizationRequest {
    /// Checks a query.
    pub fn check(query: &str, client: &Client) -> Result<Self, Refusal> {
        let parameters =
            Parameters::parse(query.as_bytes()).ok_or(Refusal::Shown("A parameter comes twice."))?;
        let get = |name: &str| parameters.get(name).map(str::to_owned);
        if parameters.get("client_id") != Some(client.id.as_str()) {
            return Err(Refusal::Shown("The client is not known here."));
        }
        if parameters.get("redirect_uri") != Some(client.redirect_uri.as_str()) {
            return Err(Refusal::Shown("The client is not registered with this redirect_uri."));
        }
        let refuse =
            |error| Refusal::Sent { redirect_uri: client.redirect_uri.clone(), state: get("state"), error };
        if parameters.get("response_type") != Some("code") {
            return Err(refuse("unsupported_response_type"));
        }
        let scope = get("scope").unwrap_or_default();
        if !scope.split(' ').any(|word| word == "openid") {
            return Err(refuse("invalid_scope"));
        }
        match (parameters.get("code_challenge_method"), get("code_challenge")) {
            // 43 characters: 256 bits in base64url.
            (Some("S256"), Some(code_challenge)) if code_challenge.len() == 43 => Ok(Self {
                redirect_uri: client.redirect_uri.clone(),
                state: get("state"),
                nonce: get("nonce"),
                code_challenge,
                scope,
            }),
            _ => Err(refuse("invalid_request")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "client_id=dev&redirect_uri=http%3A%2F%2Flocalhost%2Fcb&response_type=code&scope=openid+email&\
        state=s&nonce=n&code_challenge_method=S256&code_challenge=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn check(query: &str) -> Result<AuthorizationRequest, Refusal> {
        let client = Client {
            id: "dev".to_owned(),
            secret: String::new(),
            redirect_uri: "http://localhost/cb".to_owned(),
        };
        AuthorizationRequest::check(query, &client)
    }

    #[test]
    fn a_good_request_passes() {
        let request = check(GOOD).unwrap();
        assert_eq!((request.state.as_deref(), request.nonce.as_deref()), (Some("s"), Some("n")));
    }

    #[test]
    fn nobody_is_sent_to_an_unknown_place() {
        for (from, to) in [
            ("client_id=dev", "client_id=x"),
            ("client_id=dev&", ""),
            ("%2Fcb", "%2Fcb%2F"),
            ("localhost", "localhost.evil.test"),
            ("state=s", "state=s&state=t"),
        ] {
            assert!(matches!(check(&GOOD.replace(from, to)), Err(Refusal::Shown(_))), "{from} {to}");
        }
    }

    #[test]
    fn pkce_and_scope_are_required() {
        for (from, to, expected) in [
            ("S256", "plain", "invalid_request"),
            ("&code_challenge_method=S256", "", "invalid_request"),
            ("=aaaaaa", "=a", "invalid_request"),
            ("openid+", "", "invalid_scope"),
            ("response_type=code", "response_type=token", "unsupported_response_type"),
        ] {
            match check(&GOOD.replace(from, to)) {
                Err(Refusal::Sent { error, state, .. }) => {
                    assert_eq!((error, state.as_deref()), (expected, Some("s")))
                }
                other => panic!("{from}: {other:?}"),
            }
        }
    }
}
