//! GitHub: plain OAuth 2. <https://docs.github.com/apps/oauth-apps/building-oauth-apps>
//!
//! Register at <https://github.com/settings/developers>. `AUTH_GITHUB_ISSUER=https://ghe.example.com` for an
//! Enterprise server. The profile's own address is not marked as verified, so the list of addresses is asked.

use serde_json::Value;
use url::Url;

use crate::{
    provider::{ClientAuthentication, Endpoints, FixedEndpoints, InvalidProfile, OAuthProvider, Profile},
    secret::Secret,
};

/// GitHub, or the Enterprise server at that URL.
#[must_use]
pub fn github(client_id: String, client_secret: Secret, enterprise: Option<&Url>) -> OAuthProvider {
    let at = |base: &str, path: &str| {
        let base = enterprise.map_or(base, |url| url.as_str().trim_end_matches('/'));
        Url::parse(&format!("{base}{path}"))
    };
    let api = |path: &str| match enterprise {
        Some(_) => at("", &format!("/api/v3{path}")),
        None => at("https://api.github.com", path),
    };
    #[expect(clippy::unwrap_used, reason = "constants, or a path behind an URL that was parsed")]
    let endpoints = FixedEndpoints {
        authorization: at("https://github.com", "/login/oauth/authorize").unwrap(),
        token: at("https://github.com", "/login/oauth/access_token").unwrap(),
        userinfo: api("/user").unwrap(),
        emails: Some(api("/user/emails").unwrap()),
        issuer: Some(at("https://github.com", "/login/oauth").unwrap().into()),
    };
    OAuthProvider {
        id: "github".to_owned(),
        name: "GitHub".to_owned(),
        client_id,
        client_secret,
        client_authentication: ClientAuthentication::Basic,
        endpoints: Endpoints::Fixed(Box::new(endpoints)),
        scopes: vec!["read:user".to_owned(), "user:email".to_owned()],
        authorization_params: Vec::new(),
        federated_sign_out: false,
        trusts_email: true,
        profile,
    }
}

fn profile(user: &Value) -> Result<Profile, InvalidProfile> {
    let id = user["id"].as_u64().ok_or(InvalidProfile("id"))?;
    let name = if user["name"].is_string() { &user["name"] } else { &user["login"] };
    let addresses = user["emails"].as_array().map(Vec::as_slice).unwrap_or_default();
    let primary = addresses.iter().find(|address| address["primary"] == true);
    let email = primary.map_or(&user["email"], |address| &address["email"]);
    let profile = Profile::new(&Value::from(id.to_string()), name, email, &user["avatar_url"])?;
    let email_verified = primary.is_some_and(|address| address["verified"] == true);
    Ok(Profile { email_verified, ..profile })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_primary_address_counts_only_if_verified() {
        let user = |verified: bool| {
            json!({ "id": 7, "login": "ada", "name": null, "email": "public@example.com", "avatar_url": "https://a.test/7",
                "emails": [{ "email": "other@example.com", "primary": false, "verified": true },
                           { "email": "ada@example.com", "primary": true, "verified": verified }] })
        };
        let read = profile(&user(true)).unwrap();
        assert_eq!((read.account_id.as_str(), read.name.as_deref()), ("7", Some("ada")));
        assert_eq!(read.email.unwrap().as_str(), "ada@example.com");
        assert!(read.email_verified && !profile(&user(false)).unwrap().email_verified);
        assert!(!profile(&json!({ "id": 7, "email": "public@example.com" })).unwrap().email_verified);
        assert!(profile(&json!({ "login": "ada" })).is_err());
    }
}
