//! Database sessions: the cookie holds 256 random bits, the row their SHA-256 (unless the adapter stores them differently).
//! A read is one query. A row's expiry is extended only after `update_age` has passed, by one of the requests that notice
//! it.
use std::sync::Arc;

use http::HeaderValue;

use super::{
    Beginning, Ended, Parts, Reading, SessionDetails, SessionRead,
    rotation::{Rotated, root, successor},
    session_user,
};
use crate::{
    adapter::{Adapter, SessionRecord, User},
    callback::SessionSource,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    hash, random,
    request::ActionRequest,
};

pub(super) struct DatabaseSessions {
    pub(super) parts: Parts,
    pub(super) adapter: Arc<dyn Adapter>,
}

impl DatabaseSessions {
    pub(super) async fn read(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
        reading: Reading<'_>,
    ) -> Result<SessionRead, AuthError> {
        let Some((token, mut record, user)) = self.find(cookies, now).await? else {
            return Ok(SessionRead::nobody(&self.parts.cookies, cookies));
        };
        let reading = self.parts.reading(reading, &token, cookies);
        let mut set_cookies = Vec::new();
        if let Some(expires) = self.renewed_end(&record, now, reading)
            && self.renew(&record, expires, now, reading).await?
        {
            record.expires = expires;
            set_cookies = self.parts.set_cookies(&token, record.remembered, expires, cookies, now);
        } else if self.parts.must_tidy(cookies, reading) {
            set_cookies = self.parts.set_cookies(&token, record.remembered, record.expires, cookies, now);
        }
        let public = session_user(&user);
        let session = self.parts.public_session(public, record.expires, SessionSource::User(&user)).await?;
        let details =
            SessionDetails { id: record.id, signed_in: record.created, provider: Some(record.provider) };
        Ok(SessionRead { session: Some(session), details: Some(details), set_cookies })
    }

    pub(super) async fn begin(
        &self,
        beginning: &Beginning<'_>,
        request: &ActionRequest<'_>,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        let token = random::token();
        let record = self.parts.record(beginning, request, |_| self.stored(&token));
        super::store(&*self.adapter, &record).await?;
        for former in self.of_request(&request.cookies, request.now).await? {
            self.adapter.delete_session(&self.stored(&former)).await?;
        }
        Ok(self.parts.set_cookies(&token, record.remembered, record.expires, &request.cookies, request.now))
    }

    pub(super) async fn rotate(&self, request: &ActionRequest<'_>) -> Result<Option<Rotated>, AuthError> {
        let Some((former, record, _)) = self.find(&request.cookies, request.now).await? else {
            return Ok(None);
        };
        let token = random::token();
        let record = SessionRecord { token_hash: self.stored(&token), id: successor(&record.id), ..record };
        super::store(&*self.adapter, &record).await?;
        if !self.adapter.delete_session(&self.stored(&former)).await? {
            // The session was ended meanwhile, or another request has rotated it.
            self.adapter.delete_session(&record.token_hash).await?;
            return Ok(None);
        }
        let set_cookies =
            self.parts.set_cookies(&token, record.remembered, record.expires, &request.cookies, request.now);
        Ok(Some(Rotated { csrf_binding: root(&self.name(&token)).to_owned(), set_cookies }))
    }

    pub(super) async fn end(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Option<Ended>, AuthError> {
        let found = self.find(cookies, now).await?;
        for token in self.of_request(cookies, now).await? {
            self.adapter.delete_session(&self.stored(&token)).await?;
        }
        Ok(found.map(|(_, record, _)| Ended { user_id: record.user_id, provider: Some(record.provider) }))
    }

    /// Returns whether a token belongs to an active session.
    pub(super) async fn is_running(&self, token: &str, now: Timestamp) -> Result<bool, AuthError> {
        let record = self.adapter.get_session(&self.stored(token), now).await?;
        Ok(record.is_some_and(|record| self.parts.may_have_begun(record.created)))
    }

    /// Returns the name of a token in memory, which grants no access.
    pub(super) fn name(&self, token: &str) -> String {
        hash::sha256_hex(&[token])
    }

    /// Returns the session of the request, with the token that the request carries.
    pub(super) async fn find(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Option<(String, SessionRecord, User)>, AuthError> {
        for token in self.tokens(cookies) {
            let found = self.adapter.get_session_and_user(&self.stored(&token), now).await?;
            if let Some((record, user)) =
                found.filter(|(record, _)| self.parts.may_have_begun(record.created))
            {
                return Ok(Some((token, record, user)));
            }
        }
        Ok(None)
    }

    /// Returns the tokens that may be database sessions. Longer ones are another kind of session, or from other software.
    fn tokens(&self, cookies: &Cookies<'_>) -> Vec<String> {
        short(self.parts.cookies.session_tokens(cookies))
    }

    /// Returns the tokens to revoke with the session of the request: its valid bearer token, or else those in its cookies,
    /// including those of earlier configurations.
    async fn of_request(&self, cookies: &Cookies<'_>, now: Timestamp) -> Result<Vec<String>, AuthError> {
        if let Some(bearer) = self.parts.cookies.bearer_token(cookies)
            && self.is_running(&bearer, now).await?
        {
            return Ok(vec![bearer]);
        }
        Ok(short(self.parts.cookies.cookie_tokens(cookies)))
    }

    fn stored(&self, token: &str) -> String {
        self.adapter.stored_session_token(token)
    }

    /// Extends a session. Returns `false` if it was extended or ended meanwhile.
    async fn renew(
        &self,
        record: &SessionRecord,
        expires: Timestamp,
        now: Timestamp,
        reading: Reading<'_>,
    ) -> Result<bool, AuthError> {
        match self.adapter.update_session(&record.token_hash, record.expires, expires, now).await {
            // The session stays valid for longer: a later request renews it. A read-only database must not sign users out.
            Err(error) if matches!(reading, Reading::Use) => {
                tracing::warn!(%error, "cannot renew a session");
                Ok(false)
            }
            result => Ok(result?),
        }
    }

    /// Of many requests one moves the end; a session that was ended meanwhile stays ended (SE-18).
    fn renewed_end(&self, record: &SessionRecord, now: Timestamp, reading: Reading<'_>) -> Option<Timestamp> {
        let is_due = match reading {
            Reading::Look => false,
            Reading::Update(_) => true,
            Reading::Use => now.since(record.renewed) >= self.parts.update_age(record.max_age),
        };
        let expires = self.parts.end(record.created, record.max_age, now);
        (is_due && expires > record.expires).then_some(expires)
    }
}

/// Keeps the tokens that a database session can have. Longer ones are another kind of session, or from other software.
fn short(mut tokens: Vec<String>) -> Vec<String> {
    const LONGEST: usize = 255;
    tokens.retain(|token| token.len() <= LONGEST);
    tokens
}
