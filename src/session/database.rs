//! Database sessions: the cookie holds 256 random bits, the row their SHA-256. A read is one query; a row's end
//! is moved only when `update_age` has passed, by one of the requests that notice it.

use std::sync::Arc;

use http::HeaderValue;

use super::{SessionRead, public_session};
use crate::{
    adapter::{Adapter, SessionRecord, User},
    clock::Timestamp,
    config::SessionSettings,
    cookie::{CookieNames, Cookies},
    error::AuthError,
    hash, random,
};

pub(super) struct DatabaseSessions {
    pub(super) settings: SessionSettings,
    pub(super) cookies: Arc<CookieNames>,
    pub(super) adapter: Arc<dyn Adapter>,
}

impl DatabaseSessions {
    pub(super) async fn read(&self, cookies: &Cookies<'_>, now: Timestamp) -> Result<SessionRead, AuthError> {
        let Some(token) = self.cookies.session_token(cookies) else {
            return Ok(SessionRead { session: None, set_cookies: self.cookies.clear_session(cookies) });
        };
        match self.adapter.get_session_and_user(&token_hash(&token), now).await? {
            Some((record, user)) => self.renew(record, user, &token, cookies, now).await,
            None => Ok(SessionRead { session: None, set_cookies: self.cookies.clear_session(cookies) }),
        }
    }

    pub(super) async fn begin(
        &self,
        user: &User,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        let token = random::token();
        let record = SessionRecord {
            token_hash: token_hash(&token),
            user_id: user.id.clone(),
            expires: now.plus(self.settings.max_age),
        };
        self.adapter.create_session(&record, now).await?;
        if let Some(former) = self.cookies.session_token(cookies) {
            self.adapter.delete_session(&token_hash(&former)).await?;
        }
        Ok(self.cookies.set_session(&token, Some((self.settings.max_age, now)), cookies))
    }

    pub(super) async fn end(&self, cookies: &Cookies<'_>) -> Result<Vec<HeaderValue>, AuthError> {
        if let Some(token) = self.cookies.session_token(cookies) {
            self.adapter.delete_session(&token_hash(&token)).await?;
        }
        Ok(self.cookies.clear_session(cookies))
    }

    async fn renew(
        &self,
        record: SessionRecord,
        user: User,
        token: &str,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<SessionRead, AuthError> {
        let full_length = now.plus(self.settings.max_age);
        let is_due = full_length.since(record.expires) >= self.settings.update_age;
        // Of many requests one moves the end; a session that was ended meanwhile stays ended (SE-18).
        if is_due && self.adapter.update_session(&record.token_hash, record.expires, full_length).await? {
            let set_cookies = self.cookies.set_session(token, Some((self.settings.max_age, now)), cookies);
            return Ok(SessionRead { session: Some(public_session(user, full_length)), set_cookies });
        }
        Ok(SessionRead { session: Some(public_session(user, record.expires)), set_cookies: Vec::new() })
    }
}

fn token_hash(token: &str) -> String {
    hash::sha256_hex(&[token])
}
