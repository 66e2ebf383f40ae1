//! The content of a discovery document (OpenID Connect Discovery 1.0 section 3).
//!
//! It must contain exactly the issuer that was requested (IP-07), and its endpoints must be https; http is accepted only
//! from an issuer on this machine, for endpoints on this machine (IP-08). Members that a sign-in does not need count as
//! absent if they cannot be used: see [`Members`].

use serde_json::{Map, Value};
use url::Url;

use super::members::{Members, text};
use crate::{
    config::{is_loopback, is_safe_endpoint},
    error::Source,
    provider::ClientAuthentication,
};

/// The members of the document that we use.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    pub(super) jwks_uri: Url,
    pub(super) id_token_signing_alg_values_supported: Vec<String>,
    pub(super) userinfo_signing_alg_values_supported: Option<Vec<String>>,
    pub(super) authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub(super) token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
    pub(super) pushed_authorization_request_endpoint: Option<Url>,
    pub(super) require_pushed_authorization_requests: bool,
    /// Optional endpoints in the document that cannot be used.
    pub(super) unusable: Vec<&'static str>,
}

impl Metadata {
    /// Parses a document. Its `issuer` must be `issuer` or match `template`.
    ///
    /// # Errors
    /// Returns which required member is missing or wrong. The text can be logged.
    pub(super) fn parse(
        document: &Map<String, Value>,
        issuer: &str,
        template: Option<&str>,
    ) -> Result<Self, Source> {
        let members = Members::new("discovery document", document);
        let named = members.required("issuer", text)?;
        if named != issuer && Some(named) != template {
            // Compared character by character; the issuer is public, so the error may show it.
            let named: String = named.chars().filter(|c| !c.is_control()).take(200).collect();
            return Err(format!(
                "the discovery document names the issuer {named}: use exactly this spelling"
            )
            .into());
        }
        let allow_loopback = Url::parse(issuer).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url));
        let needed = |name: &'static str| -> Result<Url, Source> {
            let url = members.required(name, text)?;
            let url = Url::parse(url).ok().filter(|url| is_safe_endpoint(url, allow_loopback));
            url.ok_or_else(|| format!("{name} of the discovery document is no https URL").into())
        };
        let mut unusable = Vec::new();
        let mut optional = |name: &'static str| {
            let url = members.url(name).filter(|url| is_safe_endpoint(url, allow_loopback));
            if url.is_none() && members.value(name).is_some() {
                unusable.push(name);
            }
            url
        };
        Ok(Self {
            issuer: named.to_owned(),
            authorization_endpoint: needed("authorization_endpoint")?,
            token_endpoint: needed("token_endpoint")?,
            jwks_uri: needed("jwks_uri")?,
            userinfo_endpoint: optional("userinfo_endpoint"),
            end_session_endpoint: optional("end_session_endpoint"),
            pushed_authorization_request_endpoint: optional("pushed_authorization_request_endpoint"),
            // OpenID Connect Core 1.0 section 2: every provider supports RS256.
            id_token_signing_alg_values_supported: members
                .texts("id_token_signing_alg_values_supported")
                .unwrap_or_else(|| vec!["RS256".to_owned()]),
            userinfo_signing_alg_values_supported: members.texts("userinfo_signing_alg_values_supported"),
            authorization_response_iss_parameter_supported: members
                .flag("authorization_response_iss_parameter_supported"),
            token_endpoint_auth_methods_supported: members.texts("token_endpoint_auth_methods_supported"),
            token_endpoint_auth_signing_alg_values_supported: members
                .texts("token_endpoint_auth_signing_alg_values_supported"),
            require_pushed_authorization_requests: members.flag("require_pushed_authorization_requests"),
            unusable,
        })
    }

    /// Returns the `wanted` client authentication method if the provider supports it, or else another one with the same
    /// secret. Sending the secret is usual, so it is used for signing only if the provider supports nothing else.
    pub(super) fn client_authentication(
        &self,
        wanted: ClientAuthentication,
    ) -> Result<ClientAuthentication, Source> {
        use ClientAuthentication::{Basic, None, Post, PrivateKeyJwt, SecretJwt};
        let Some(offered) = &self.token_endpoint_auth_methods_supported else { return Ok(wanted) };
        let is_offered = |method: &ClientAuthentication| offered.iter().any(|name| name == method.name());
        match wanted {
            // Many providers accept public clients without saying so.
            None => Ok(None),
            PrivateKeyJwt if is_offered(&PrivateKeyJwt) => Ok(PrivateKeyJwt),
            PrivateKeyJwt => {
                Err("the provider does not accept a private key (private_key_jwt): set the secret".into())
            }
            _ => match [wanted, Basic, Post, SecretJwt].into_iter().find(is_offered) {
                Some(method) => Ok(method),
                Option::None if is_offered(&PrivateKeyJwt) => {
                    Err("the provider takes no secret, but a private key (private_key_jwt)".into())
                }
                Option::None => Ok(wanted),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::any_json;

    /// Parses a valid document with these members replaced.
    fn parse(issuer: &str, changes: Value) -> Result<Metadata, String> {
        let mut document = json!({
            "issuer": "https://op.test", "authorization_endpoint": "https://op.test/a",
            "token_endpoint": "https://op.test/t", "jwks_uri": "https://keys.test/j",
        });
        let document = document.as_object_mut().unwrap();
        document.extend(changes.as_object().unwrap().clone());
        Metadata::parse(document, issuer, None).map_err(|error| error.to_string())
    }

    const NEEDED: [&str; 4] = ["issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"];
    const OPTIONAL_ENDPOINTS: [&str; 3] =
        ["userinfo_endpoint", "end_session_endpoint", "pushed_authorization_request_endpoint"];
    const OTHERS: [&str; 6] = [
        "id_token_signing_alg_values_supported",
        "userinfo_signing_alg_values_supported",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "authorization_response_iss_parameter_supported",
        "require_pushed_authorization_requests",
    ];

    #[test]
    fn ip_07_the_issuer_must_be_the_same_text() {
        assert!(parse("https://op.test", json!({})).is_ok(), "control");
        for issuer in ["https://op.test/", "https://OP.test", "http://op.test", "https://op.test.evil"] {
            assert!(parse("https://op.test", json!({ "issuer": issuer })).is_err(), "{issuer}");
        }
    }

    #[test]
    fn ip_08_endpoints_are_https() {
        for url in ["http://op.test/x", "http://localhost/x", "file:///x", "javascript:x"] {
            for name in &NEEDED[1..] {
                assert!(parse("https://op.test", json!({ *name: url })).is_err(), "{name} {url}");
            }
            for name in OPTIONAL_ENDPOINTS {
                let metadata = parse("https://op.test", json!({ name: url })).unwrap();
                assert_eq!(metadata.unusable, [name], "{url}");
                assert!(
                    metadata.userinfo_endpoint.is_none()
                        && metadata.end_session_endpoint.is_none()
                        && metadata.pushed_authorization_request_endpoint.is_none(),
                    "{name} {url}"
                );
            }
        }
        let local = json!({
            "issuer": "http://localhost:9", "authorization_endpoint": "http://localhost:9/a",
            "token_endpoint": "http://127.0.0.1:9/t", "jwks_uri": "http://[::1]:9/j",
        });
        assert!(parse("http://localhost:9", local.clone()).is_ok(), "control");
        assert!(
            parse("http://localhost:9", {
                let mut l = local;
                l["token_endpoint"] = json!("http://10.0.0.1/t");
                l
            })
            .is_err()
        );
    }

    #[test]
    fn i_06_an_error_names_the_member() {
        for name in NEEDED {
            for (value, problem) in [
                (json!(null), format!("the discovery document lacks {name}")),
                (json!(7), format!("{name} of the discovery document has the wrong type")),
            ] {
                assert_eq!(parse("https://op.test", json!({ name: value })).unwrap_err(), problem);
            }
        }
        for url in ["", "/token", "op.test/token"] {
            let problem = parse("https://op.test", json!({ "token_endpoint": url })).unwrap_err();
            assert_eq!(problem, "token_endpoint of the discovery document is no https URL", "{url}");
        }
    }

    #[test]
    fn i_06_booleans_may_be_texts() {
        for (value, expected) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(null), false),
            (json!(1), false),
            (json!("yes"), false),
            (json!([true]), false),
        ] {
            let metadata = parse(
                "https://op.test",
                json!({
                    "authorization_response_iss_parameter_supported": value,
                    "require_pushed_authorization_requests": value,
                }),
            );
            let metadata = metadata.unwrap();
            assert_eq!(metadata.authorization_response_iss_parameter_supported, expected, "{value}");
            assert_eq!(metadata.require_pushed_authorization_requests, expected, "{value}");
        }
    }

    #[test]
    fn i_06_odd_lists_keep_their_texts() {
        let methods = json!({ "token_endpoint_auth_methods_supported": [null, 7, "client_secret_post"] });
        let metadata = parse("https://op.test", methods).unwrap();
        let chosen = metadata.client_authentication(ClientAuthentication::Basic).unwrap();
        assert_eq!(chosen, ClientAuthentication::Post);
        for list in [json!(null), json!([]), json!([null]), json!("ES256"), json!({})] {
            let algorithms = json!({ "id_token_signing_alg_values_supported": list });
            let metadata = parse("https://op.test", algorithms).unwrap();
            assert_eq!(metadata.id_token_signing_alg_values_supported, ["RS256"], "{list}");
        }
    }

    proptest! {
        #[test]
        fn i_06_no_optional_member_makes_a_document_useless(
            members in proptest::collection::btree_map(
                prop_oneof![
                    proptest::sample::select([&OPTIONAL_ENDPOINTS[..], &OTHERS[..]].concat()).prop_map(str::to_owned),
                    "[a-z_]{1,12}".prop_filter("needed", |name| !NEEDED.contains(&name.as_str())),
                ],
                any_json(),
                0..8,
            )
        ) {
            let metadata = parse("https://op.test", json!(members)).unwrap();
            prop_assert_eq!(metadata.jwks_uri.as_str(), "https://keys.test/j");
            for wanted in [ClientAuthentication::Basic, ClientAuthentication::Post] {
                let _ = metadata.client_authentication(wanted);
            }
        }

        #[test]
        fn i_06_any_object_is_read_or_refused(members in proptest::collection::btree_map("\\PC{0,12}", any_json(), 0..8)) {
            let _ = parse("https://op.test", json!(members));
        }
    }
}
