//! Sessions: begun at sign-in, read on every request, renewed while in use, ended.
//!
//! Two strategies with one face: [`jwt`] keeps everything in the cookie, [`database`] keeps a row. A new sign-in
//! always gets a new token and ends the session that the browser had (session fixation, OWASP ASVS 7.2.4).

mod database;
mod jwt;

use std::sync::Arc;

use http::HeaderValue;

use crate::{
    adapter::{Adapter, User},
    clock::Timestamp,
    config::{SessionSettings, SessionStrategy},
    cookie::{CookieNames, Cookies},
    error::AuthError,
    secret::Secret,
    types::{Claims, Session, SessionUser},
};
use database::DatabaseSessions;
use jwt::JwtSessions;

/// What a request's session cookie says, and the cookies that the answer must set.
#[derive(Clone, Debug, Default)]
pub struct SessionRead {
    /// Who is signed in, if anybody.
    pub session: Option<Session>,
    /// A renewed session cookie, or the removal of one that says nothing.
    pub set_cookies: Vec<HeaderValue>,
}

/// The sessions of an application.
pub(crate) struct Sessions {
    strategy: Strategy,
}

enum Strategy {
    Jwt(JwtSessions),
    Database(DatabaseSessions),
}

impl Sessions {
    pub(crate) fn new(
        settings: SessionSettings,
        cookies: Arc<CookieNames>,
        secrets: &[Secret],
        adapter: Option<Arc<dyn Adapter>>,
    ) -> Self {
        let strategy = match (settings.strategy, adapter) {
            (SessionStrategy::Database, Some(adapter)) => {
                Strategy::Database(DatabaseSessions { settings, cookies, adapter })
            }
            (_, adapter) => Strategy::Jwt(JwtSessions::new(settings, cookies, secrets, adapter)),
        };
        Self { strategy }
    }

    /// Who the request comes from. A cookie that says nothing is removed; a store that is away changes nothing.
    pub(crate) async fn read(&self, cookies: &Cookies<'_>, now: Timestamp) -> Result<SessionRead, AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => Ok(sessions.read(cookies, now)),
            Strategy::Database(sessions) => sessions.read(cookies, now).await,
        }
    }

    /// Reads anew what may have changed behind the session (`update` of the hook), and renews it.
    pub(crate) async fn refresh(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<SessionRead, AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.refresh(cookies, now).await,
            Strategy::Database(sessions) => sessions.read(cookies, now).await,
        }
    }

    /// Begins a session for a user: the cookies to set.
    pub(crate) async fn begin(
        &self,
        user: &User,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => Ok(sessions.begin(user, cookies, now)),
            Strategy::Database(sessions) => sessions.begin(user, cookies, now).await,
        }
    }

    /// Ends the request's session: the cookies to remove.
    pub(crate) async fn end(&self, cookies: &Cookies<'_>) -> Result<Vec<HeaderValue>, AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => Ok(sessions.cookies.clear_session(cookies)),
            Strategy::Database(sessions) => sessions.end(cookies).await,
        }
    }
}

/// The part of a user that leaves the server.
fn public_session(user: User, expires: Timestamp) -> Session {
    let User { id, name, email, image, .. } = user;
    let user = SessionUser { id, name, email, image, claims: Claims::new() };
    Session { user, expires: expires.to_rfc3339() }
}
