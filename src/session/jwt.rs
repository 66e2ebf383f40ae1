//! Stateless sessions: an encrypted token with the claims of Auth.js v5, which reads and writes the same.
//!
//! A read asks nobody. Sign-out removes the cookie; a token that was copied before stays good until it expires.

use std::sync::Arc;

use http::HeaderValue;
use serde::{Deserialize, Serialize};

use super::{SessionRead, public_session};
use crate::{
    adapter::{Adapter, User},
    clock::Timestamp,
    config::SessionSettings,
    cookie::{CookieNames, Cookies},
    error::AuthError,
    jwt::TokenKeys,
    random,
    secret::Secret,
};

/// Clocks of several servers may differ by so much; Auth.js allows the same.
const LEEWAY_SECONDS: i64 = 15;

pub(super) struct JwtSessions {
    settings: SessionSettings,
    pub(super) cookies: Arc<CookieNames>,
    keys: TokenKeys,
    adapter: Option<Arc<dyn Adapter>>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    picture: Option<String>,
    sub: String,
    iat: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    #[serde(default)]
    jti: Option<String>,
}

impl JwtSessions {
    pub(super) fn new(
        settings: SessionSettings,
        cookies: Arc<CookieNames>,
        secrets: &[Secret],
        adapter: Option<Arc<dyn Adapter>>,
    ) -> Self {
        let keys = TokenKeys::derive(secrets, &cookies.session);
        Self { settings, cookies, keys, adapter }
    }

    pub(super) fn read(&self, cookies: &Cookies<'_>, now: Timestamp) -> SessionRead {
        let Some(claims) = self.claims(cookies, now) else {
            return SessionRead { session: None, set_cookies: self.cookies.clear_session(cookies) };
        };
        let age = now.since(Timestamp::from_seconds(claims.iat));
        if age >= self.settings.update_age {
            let user = claims.into_user();
            let set_cookies = self.begin(&user, cookies, now);
            let session = Some(public_session(user, now.plus(self.settings.max_age)));
            return SessionRead { session, set_cookies };
        }
        let expires = Timestamp::from_seconds(claims.exp);
        SessionRead { session: Some(public_session(claims.into_user(), expires)), set_cookies: Vec::new() }
    }

    /// The user as the database has them now; without a database as the token has them.
    pub(super) async fn refresh(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<SessionRead, AuthError> {
        let Some(claims) = self.claims(cookies, now) else { return Ok(self.read(cookies, now)) };
        let user = match &self.adapter {
            Some(adapter) => adapter.get_user(&claims.sub).await?,
            None => Some(claims.into_user()),
        };
        let Some(user) = user else {
            return Ok(SessionRead { session: None, set_cookies: self.cookies.clear_session(cookies) });
        };
        let set_cookies = self.begin(&user, cookies, now);
        Ok(SessionRead { session: Some(public_session(user, now.plus(self.settings.max_age))), set_cookies })
    }

    pub(super) fn begin(&self, user: &User, cookies: &Cookies<'_>, now: Timestamp) -> Vec<HeaderValue> {
        let claims = Claims {
            name: user.name.clone(),
            email: user.email.clone(),
            picture: user.image.clone(),
            sub: user.id.clone(),
            iat: now.as_seconds(),
            exp: now.plus(self.settings.max_age).as_seconds(),
            nbf: None,
            jti: Some(random::uuid()),
        };
        let token = self.keys.encrypt(&serde_json::to_vec(&claims).unwrap_or_default());
        self.cookies.set_session(&token, Some((self.settings.max_age, now)), cookies)
    }

    fn claims(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<Claims> {
        let token = self.cookies.session_token(cookies)?;
        let claims: Claims = serde_json::from_slice(&self.keys.decrypt(&token)?).ok()?;
        let seconds = now.as_seconds();
        let is_running = claims.exp.saturating_add(LEEWAY_SECONDS) > seconds
            && claims.iat.saturating_sub(LEEWAY_SECONDS) <= seconds
            && claims.nbf.is_none_or(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) <= seconds);
        // Nobody without a subject: a token that merely decrypts is not a user (GHSA-v64w-49xw-qq89).
        (is_running && !claims.sub.is_empty()).then_some(claims)
    }
}

impl Claims {
    fn into_user(self) -> User {
        User { id: self.sub, name: self.name, email: self.email, email_verified: None, image: self.picture }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::{HeaderMap, header};

    use super::*;
    use crate::config::SessionStrategy;

    const NOW: Timestamp = Timestamp::from_seconds(1_795_242_994);

    fn sessions() -> JwtSessions {
        let settings = SessionSettings {
            strategy: SessionStrategy::Jwt,
            max_age: Duration::from_secs(3600),
            update_age: Duration::from_secs(600),
        };
        JwtSessions::new(settings, Arc::new(CookieNames::new(false)), &[Secret::new("x".repeat(32))], None)
    }

    fn user() -> User {
        User {
            id: "u1".to_owned(),
            name: Some("Ada".to_owned()),
            email: None,
            email_verified: None,
            image: None,
        }
    }

    fn sent(set: &[HeaderValue]) -> HeaderMap {
        set.iter()
            .map(|cookie| {
                let pair = cookie.to_str().unwrap().split(';').next().unwrap();
                (header::COOKIE, pair.parse().unwrap())
            })
            .collect()
    }

    fn who(claims: &serde_json::Value, seconds_later: i64) -> Option<String> {
        let token = sessions().keys.encrypt(&serde_json::to_vec(claims).unwrap());
        let headers = HeaderMap::from_iter([(
            header::COOKIE,
            format!("authjs.session-token={token}").parse().unwrap(),
        )]);
        let now = Timestamp::from_seconds(NOW.as_seconds() + seconds_later);
        sessions().read(&Cookies::of(&headers), now).session.map(|session| session.user.id)
    }

    #[test]
    fn a_session_is_read_then_renewed_then_over() {
        let cookies = sent(&sessions().begin(&user(), &Cookies::of(&HeaderMap::new()), NOW));
        let read = |seconds| sessions().read(&Cookies::of(&cookies), NOW.plus(Duration::from_secs(seconds)));
        let fresh = read(599);
        assert_eq!(fresh.session.unwrap().expires, NOW.plus(Duration::from_secs(3600)).to_rfc3339());
        assert!(fresh.set_cookies.is_empty());
        let renewed = read(600);
        assert_eq!(renewed.session.unwrap().expires, NOW.plus(Duration::from_secs(4200)).to_rfc3339());
        assert_eq!(renewed.set_cookies.len(), 1);
        assert!(read(3614).session.is_some(), "SK-01: leeway");
        let over = read(3615);
        assert!(over.session.is_none() && over.set_cookies[0].to_str().unwrap().contains("Max-Age=0"));
    }

    #[test]
    fn jw_07_odd_claims_are_nobody() {
        use serde_json::json;
        let (iat, exp) = (NOW.as_seconds(), NOW.as_seconds() + 3600);
        assert_eq!(
            who(&json!({ "sub": "u1", "iat": iat, "exp": exp, "role": "x" }), 0).as_deref(),
            Some("u1"),
            "control"
        );
        for claims in [
            json!({ "sub": "u1", "iat": iat }),
            json!({ "sub": "u1", "iat": iat, "exp": 1e308 }),
            json!({ "sub": "u1", "iat": iat, "exp": "9999999999" }),
            json!({ "sub": "u1", "iat": iat, "exp": exp as f64 + 0.5 }),
            json!({ "sub": "u1", "iat": iat + 3600, "exp": exp + 3600 }),
            json!({ "sub": "u1", "iat": iat, "exp": exp, "nbf": iat + 60 }),
            json!({ "sub": "", "iat": iat, "exp": exp }),
            json!({ "sub": 1, "iat": iat, "exp": exp }),
            json!({ "iat": iat, "exp": exp }),
            json!({ "state": "x", "provider": "github", "exp": exp }),
        ] {
            assert_eq!(who(&claims, 0), None, "{claims}");
        }
    }
}
