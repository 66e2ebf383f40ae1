//! Database sessions: the cookie holds 256 random bits, the row their SHA-256 (unless the adapter stores them in
//! another way). A read is one query; a row's end is moved only when `update_age` has passed, by one of the requests
//! that notice it.

use std::sync::Arc;

use http::HeaderValue;

use super::{Beginning, Ended, Parts, Reading, SessionDetails, SessionRead, session_user};
use crate::{
    adapter::{Adapter, SessionRecord, User},
    callback::SessionSource,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    random,
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
        let mut set_cookies = Vec::new();
        if let Some(expires) = self.renewed_end(&record, now, reading)
            && self.adapter.update_session(&record.token_hash, record.expires, expires, now).await?
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
        for former in self.tokens(&request.cookies) {
            self.adapter.delete_session(&self.stored(&former)).await?;
        }
        Ok(self.parts.set_cookies(&token, record.remembered, record.expires, &request.cookies, request.now))
    }

    pub(super) async fn rotate(&self, request: &ActionRequest<'_>) -> Result<Vec<HeaderValue>, AuthError> {
        let Some((former, record, _)) = self.find(&request.cookies, request.now).await? else {
            return Ok(Vec::new());
        };
        let former = self.stored(&former);
        let token = random::token();
        let record = SessionRecord { token_hash: self.stored(&token), id: random::uuid(), ..record };
        super::store(&*self.adapter, &record).await?;
        self.adapter.delete_session(&former).await?;
        Ok(self.parts.set_cookies(&token, record.remembered, record.expires, &request.cookies, request.now))
    }

    pub(super) async fn end(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Option<Ended>, AuthError> {
        let found = self.find(cookies, now).await?;
        // Also those that the browser has of older settings: nobody is signed in afterwards.
        for token in self.tokens(cookies) {
            self.adapter.delete_session(&self.stored(&token)).await?;
        }
        Ok(found.map(|(_, record, _)| Ended { user_id: record.user_id, provider: Some(record.provider) }))
    }

    /// The token that the request's session is stored under.
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

    /// The tokens that may be one of ours. Longer ones are of another kind of session, or of other software.
    fn tokens(&self, cookies: &Cookies<'_>) -> Vec<String> {
        const LONGEST: usize = 255;
        let mut tokens = self.parts.cookies.session_tokens(cookies);
        tokens.retain(|token| token.len() <= LONGEST);
        tokens
    }

    fn stored(&self, token: &str) -> String {
        self.adapter.stored_session_token(token)
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
