//! Sessions: started at sign-in, read on every request, renewed while in use, ended.
//!
//! Two strategies with the same interface: [`jwt`] keeps everything in the cookie, [`database`] keeps a row. A new sign-in
//! always gets a new token and ends the session that the browser had (session fixation, OWASP ASVS 7.2.4).
//!
//! | limit | set by |
//! | --- | --- |
//! | time without use | `AUTH_SESSION_MAX_AGE`; shorter without "Keep me signed in", or by the `sign_in` callback |
//! | time since the sign-in | `AUTH_SESSION_ABSOLUTE_MAX_AGE` |
//! | signed in before a given time | `AUTH_SESSION_NOT_BEFORE` |
//! | ended by its user, or the application | [`Auth::end_session`](crate::Auth::end_session) and related methods |

mod database;
pub(crate) mod device;
mod jwt;
mod revocation;
mod rotation;
mod token;

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use leptos_auth_locales::Language;
use serde_json::Value;

use crate::{
    adapter::{Account, Adapter, SessionRecord, User},
    callback::{Hooks, SessionSource},
    clock::Timestamp,
    config::{SessionSettings, SessionStrategy},
    cookie::{CookieNames, Cookies},
    error::AuthError,
    event::Observers,
    jwt::SessionTokens,
    random,
    request::ActionRequest,
    types::{Claims, DeviceSession, Session, SessionUser},
};
use database::DatabaseSessions;
use jwt::JwtSessions;
use rotation::Replaced;

pub(crate) use device::name as device_name;
pub(crate) use rotation::{Rotated, root};
pub use token::Token;

/// How often rows are looked up: a session that is rotated while it is being ended gets another row.
const ROUNDS: usize = 3;

/// What a request's session cookie says, and the cookies that the answer must set.
#[derive(Clone, Debug, Default)]
pub struct SessionRead {
    /// Who is signed in, if anybody.
    pub session: Option<Session>,
    /// What the server knows of that session besides.
    pub details: Option<SessionDetails>,
    /// A renewed session cookie, or the removal of one that says nothing.
    pub set_cookies: Vec<HeaderValue>,
}

/// What only the server has to know of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionDetails {
    /// Its id in the list of sessions. The part after a dot changes when the session gets a new token.
    pub id: String,
    /// When its user proved who they are.
    pub signed_in: Timestamp,
    /// Id of the provider that they came by; a token of Auth.js does not tell.
    pub provider: Option<String>,
}

impl SessionRead {
    fn nobody(cookies: &CookieNames, request: &Cookies<'_>) -> Self {
        Self { session: None, details: None, set_cookies: cookies.clear_unknown_session(request) }
    }
}

/// A session that has ended.
pub(crate) struct Ended {
    pub(crate) user_id: String,
    /// Id of the provider that the user came by; a token of Auth.js does not tell.
    pub(crate) provider: Option<String>,
}

/// Who begins a session, and how.
pub(crate) struct Beginning<'a> {
    pub(crate) user: &'a User,
    pub(crate) is_new: bool,
    pub(crate) provider: &'a str,
    pub(crate) account: Option<&'a Account>,
    pub(crate) profile: Option<&'a Value>,
    /// Whether the cookie outlives the browser.
    pub(crate) remembered: bool,
    /// What the `sign_in` callback limits it to.
    pub(crate) max_age: Option<Duration>,
}

/// Why a session is read.
#[derive(Clone, Copy)]
pub(crate) enum Reading<'a> {
    /// Its user does something: it may be renewed.
    Use,
    /// A page looks whether it is still there while its user is away: it is not renewed (TS-05).
    Look,
    /// `update()`: it is renewed now. What the browser sent along is for the `jwt` callback.
    Update(Option<&'a Value>),
}

/// The sessions of an application.
pub(crate) struct Sessions {
    strategy: Strategy,
    replaced: Replaced,
}

enum Strategy {
    Jwt(Box<JwtSessions>),
    Database(DatabaseSessions),
}

/// What both strategies need.
pub(crate) struct Parts {
    pub(crate) settings: SessionSettings,
    pub(crate) cookies: Arc<CookieNames>,
    pub(crate) hooks: Hooks,
    pub(crate) observers: Observers,
}

impl Sessions {
    pub(crate) fn new(parts: Parts, tokens: SessionTokens, adapter: Option<Arc<dyn Adapter>>) -> Self {
        let strategy = match (parts.settings.strategy, adapter) {
            (None | Some(SessionStrategy::Database), Some(adapter)) => {
                Strategy::Database(DatabaseSessions { parts, adapter })
            }
            (_, adapter) => Strategy::Jwt(Box::new(JwtSessions::new(parts, tokens, adapter))),
        };
        Self { strategy, replaced: Replaced::default() }
    }

    /// Returns who made the request. Removes a cookie without a session, unless the cookie was replaced a short time ago or
    /// the request only reads: the browser may have a new cookie by the time it receives the response. If the database is
    /// unavailable, nothing changes.
    pub(crate) async fn read(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
        reading: Reading<'_>,
    ) -> Result<SessionRead, AuthError> {
        let mut read = match &self.strategy {
            Strategy::Jwt(sessions) => sessions.read(cookies, now, reading).await?,
            Strategy::Database(sessions) => sessions.read(cookies, now, reading).await?,
        };
        if read.session.is_none() && !read.set_cookies.is_empty() {
            let is_replaced = self.names(cookies).iter().any(|name| self.replaced.contains(name, now));
            if is_replaced || matches!(reading, Reading::Look) {
                read.set_cookies.clear();
            }
        }
        if let Some(session) = &read.session {
            self.parts().observers.tell("session", |events| events.session(session)).await;
        }
        Ok(read)
    }

    /// The claims of the request's token, if sessions are stateless and this one is good.
    pub(crate) fn claims(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<Token> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.claims(cookies, now),
            Strategy::Database(_) => None,
        }
    }

    /// Returns the session token that the request carries, unchanged. The token of a database session is not checked.
    pub(crate) fn raw_token(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<String> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.raw_token(cookies, now),
            Strategy::Database(sessions) => sessions.parts.cookies.session_tokens(cookies).into_iter().next(),
        }
    }

    /// Begins a session for a user: the cookies to set.
    pub(crate) async fn begin(
        &self,
        beginning: &Beginning<'_>,
        request: &ActionRequest<'_>,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        let set_cookies = match &self.strategy {
            Strategy::Jwt(sessions) => sessions.begin(beginning, request).await?,
            Strategy::Database(sessions) => sessions.begin(beginning, request).await?,
        };
        self.replaced.add(self.names(&request.cookies), request.now);
        Ok(set_cookies)
    }

    /// Continues the request's session under a new token, because the user's sign-in methods have changed (SE-02). The old
    /// token is rejected from then on; on other instances within a second. The time of the sign-in stays the same, because
    /// later actions are not a new sign-in.
    ///
    /// Returns `None` if the session has ended meanwhile, or another request has rotated it.
    pub(crate) async fn rotate(&self, request: &ActionRequest<'_>) -> Result<Option<Rotated>, AuthError> {
        let rotated = match &self.strategy {
            Strategy::Jwt(sessions) => sessions.rotate(request).await?,
            Strategy::Database(sessions) => sessions.rotate(request).await?,
        };
        self.replaced.add(self.names(&request.cookies), request.now);
        Ok(rotated)
    }

    /// Returns what CSRF tokens of the request's session are bound to. It reveals nothing about the session's token, and
    /// whether the session has ended does not matter. `None` without a session cookie.
    ///
    /// # Errors
    /// If there are several session cookies and the database is unavailable: the token belongs to the valid one, because a
    /// neighboring host may have planted the others (F-D3).
    pub(crate) async fn csrf_binding(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, AuthError> {
        let valid = match &self.strategy {
            _ if self.names(cookies).len() < 2 => None,
            Strategy::Jwt(sessions) => {
                sessions.claims(cookies, now).and_then(|token| token.session_id().map(str::to_owned))
            }
            Strategy::Database(sessions) => {
                sessions.find(cookies, now).await?.map(|(token, ..)| sessions.name(&token))
            }
        };
        Ok(valid.map(|name| root(&name).to_owned()).or_else(|| self.first_csrf_binding(cookies)))
    }

    /// The same, where the request has no other session cookies.
    pub(crate) fn first_csrf_binding(&self, cookies: &Cookies<'_>) -> Option<String> {
        self.names(cookies).first().map(|name| root(name).to_owned())
    }

    /// Returns whether the request has a bearer token of an active session. Any other is ignored: a proxy may have added it.
    pub(crate) async fn has_bearer(&self, cookies: &Cookies<'_>, now: Timestamp) -> Result<bool, AuthError> {
        let Some(bearer) = self.parts().cookies.bearer_token(cookies) else { return Ok(false) };
        match &self.strategy {
            Strategy::Jwt(sessions) => Ok(sessions.is_valid(&bearer, now)),
            Strategy::Database(sessions) => sessions.is_running(&bearer, now).await,
        }
    }

    /// Returns the names of the tokens in the request's cookies, which grant no access.
    fn names(&self, cookies: &Cookies<'_>) -> Vec<String> {
        let tokens = self.parts().cookies.cookie_tokens(cookies).into_iter();
        match &self.strategy {
            Strategy::Jwt(sessions) => tokens.filter_map(|token| sessions.name(&token)).collect(),
            Strategy::Database(sessions) => tokens.map(|token| sessions.name(&token)).collect(),
        }
    }

    /// Ends the request's session: which it was, if any, and the cookies to remove.
    pub(crate) async fn end(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<(Option<Ended>, Vec<HeaderValue>), AuthError> {
        let ended = match &self.strategy {
            Strategy::Jwt(sessions) => sessions.end(cookies, now).await?,
            Strategy::Database(sessions) => sessions.end(cookies, now).await?,
        };
        Ok((ended, self.parts().cookies.clear_session(cookies)))
    }

    /// The running sessions of a user; without a database nobody has a list.
    pub(crate) async fn list(
        &self,
        user_id: &str,
        current: Option<&str>,
        language: &Language,
        now: Timestamp,
    ) -> Result<Vec<DeviceSession>, AuthError> {
        let Some(adapter) = self.adapter() else { return Ok(Vec::new()) };
        let mut records = adapter.list_sessions(user_id, now).await?;
        records.retain(|record| self.parts().may_have_begun(record.created));
        Ok(records.into_iter().map(|record| device::device_session(record, current, language)).collect())
    }

    /// Ends one session of a user; `false` when they have no such session.
    pub(crate) async fn end_one(&self, user_id: &str, id: &str, now: Timestamp) -> Result<bool, AuthError> {
        let Some(adapter) = self.adapter() else { return Ok(false) };
        for _ in 0..ROUNDS {
            let records = adapter.list_sessions(user_id, now).await?;
            let Some(record) = records.into_iter().find(|record| root(&record.id) == root(id)) else {
                return Ok(false);
            };
            if let Strategy::Jwt(sessions) = &self.strategy {
                sessions.revoke([record.id], now).await?;
            }
            if adapter.delete_session(&record.token_hash).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Ends all sessions of a user that have begun until now, but one.
    pub(crate) async fn end_all(
        &self,
        user_id: &str,
        except: Option<&str>,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let except = except.map(root);
        let Some(adapter) = self.adapter() else {
            return match &self.strategy {
                Strategy::Jwt(sessions) => sessions.revoke_user(user_id, except, [].into_iter(), now).await,
                Strategy::Database(_) => Ok(()),
            };
        };
        for round in 0..ROUNDS {
            let mut records = adapter.list_sessions(user_id, now).await?;
            // A row that the clock of another instance marks as newer is ended only in the first round.
            records
                .retain(|record| Some(root(&record.id)) != except && (round == 0 || record.created <= now));
            if let (Strategy::Jwt(sessions), true) = (&self.strategy, round == 0 || !records.is_empty()) {
                // Also by id, because the clock of another instance may be ahead.
                let ids = records.iter().map(|record| record.id.clone());
                sessions.revoke_user(user_id, except, ids, now).await?;
            }
            if records.is_empty() {
                break;
            }
            for record in records {
                adapter.delete_session(&record.token_hash).await?;
            }
        }
        Ok(())
    }

    /// Makes the stateless sessions void that a deleted user may still hold; their rows went with the user.
    pub(crate) async fn user_deleted(&self, user_id: &str, now: Timestamp) -> Result<(), AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.user_deleted(user_id, now).await,
            Strategy::Database(_) => Ok(()),
        }
    }

    /// Makes what sessions say of a user new at their next request.
    pub(crate) async fn user_changed(&self, user_id: &str, now: Timestamp) -> Result<(), AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.user_changed(user_id, now).await,
            Strategy::Database(_) => Ok(()), // the user is read for each request
        }
    }

    /// Returns when other instances may have ended sessions.
    pub(crate) async fn wait_for_revocations(&self) {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.wait_for_revocations().await,
            Strategy::Database(_) => std::future::pending().await,
        }
    }

    /// Takes over what other instances have ended.
    pub(crate) async fn refresh_revocations(&self) -> Result<(), AuthError> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.refresh_revocations().await,
            Strategy::Database(_) => Ok(()),
        }
    }

    /// Forgets ended sessions whose tokens have all expired.
    pub(crate) fn forget_revocations(&self, now: Timestamp) {
        if let Strategy::Jwt(sessions) = &self.strategy {
            sessions.forget_revocations(now);
        }
    }

    fn parts(&self) -> &Parts {
        match &self.strategy {
            Strategy::Jwt(sessions) => &sessions.parts,
            Strategy::Database(sessions) => &sessions.parts,
        }
    }

    fn adapter(&self) -> Option<&Arc<dyn Adapter>> {
        match &self.strategy {
            Strategy::Jwt(sessions) => sessions.adapter.as_ref(),
            Strategy::Database(sessions) => Some(&sessions.adapter),
        }
    }
}

impl Parts {
    /// How long a session lives after a renewal.
    fn max_age(&self, beginning: &Beginning<'_>) -> Duration {
        let SessionSettings { max_age, unremembered_max_age, .. } = self.settings;
        let longest = if beginning.remembered { max_age } else { max_age.min(unremembered_max_age) };
        beginning.max_age.map_or(longest, |wanted| wanted.min(longest))
    }

    /// How old a session that lives so long is when it is renewed: one that is shorter than usual, in its second half.
    fn update_age(&self, max_age: Duration) -> Duration {
        let usual = self.settings.update_age;
        if max_age < self.settings.max_age { usual.min(max_age / 2) } else { usual }
    }

    /// Returns how to read the session of this token: a program that sends it in a header renews it only by an update.
    fn reading<'r>(&self, reading: Reading<'r>, token: &str, cookies: &Cookies<'_>) -> Reading<'r> {
        let is_bearer = self.cookies.bearer_token(cookies).is_some_and(|bearer| bearer == token);
        match reading {
            Reading::Use if is_bearer => Reading::Look,
            reading => reading,
        }
    }

    /// Whether a session of that age may be used at all: the operator can end all older ones (OP-11).
    fn may_have_begun(&self, signed_in: Timestamp) -> bool {
        self.settings.not_before.is_none_or(|first| signed_in >= first)
    }

    /// Returns whether the browser has several session cookies, so that only the valid one should stay. A page that only reads
    /// changes no cookie, because another tab may be signing in.
    fn must_tidy(&self, cookies: &Cookies<'_>, reading: Reading<'_>) -> bool {
        !matches!(reading, Reading::Look)
            && !cookies.has_bearer()
            && self.cookies.has_several_sessions(cookies)
    }

    /// The end of a session that is renewed now.
    fn end(&self, signed_in: Timestamp, max_age: Duration, now: Timestamp) -> Timestamp {
        let end = now.plus(max_age);
        match self.settings.absolute_max_age {
            Some(absolute) => end.min(signed_in.plus(absolute)),
            None => end,
        }
    }

    fn set_cookies(
        &self,
        token: &str,
        remembered: bool,
        expires: Timestamp,
        request: &Cookies<'_>,
        now: Timestamp,
    ) -> Vec<HeaderValue> {
        self.cookies.set_session(token, remembered.then_some((expires.since(now), now)), request)
    }

    /// The row of a session that begins.
    fn record(
        &self,
        beginning: &Beginning<'_>,
        request: &ActionRequest<'_>,
        token_hash: impl FnOnce(&str) -> String,
    ) -> SessionRecord {
        let id = random::uuid();
        let max_age = self.max_age(beginning);
        SessionRecord {
            token_hash: token_hash(&id),
            id,
            user_id: beginning.user.id.clone(),
            created: request.now,
            renewed: request.now,
            expires: self.end(request.now, max_age, request.now),
            max_age,
            remembered: beginning.remembered,
            provider: beginning.provider.to_owned(),
            user_agent: request.user_agent.map(device::shortened),
            address: request.client.map(|address| address.to_string()),
        }
    }

    /// The part of a session that leaves the server.
    async fn public_session(
        &self,
        user: SessionUser,
        expires: Timestamp,
        source: SessionSource<'_>,
    ) -> Result<Session, AuthError> {
        let mut session = Session { user, expires: expires.to_rfc3339() };
        self.hooks.session(&mut session, source).await?;
        Ok(session)
    }
}

/// Stores the row of a session that begins. The store refuses it when the user was deleted while they signed in
/// (CC-08): then nothing is away, and they simply do not come in.
async fn store(adapter: &dyn Adapter, record: &SessionRecord) -> Result<(), AuthError> {
    let Err(error) = adapter.create_session(record).await else { return Ok(()) };
    match adapter.get_user(&record.user_id).await? {
        Some(_) => Err(error.into()),
        None => Err(AuthError::AccessDenied("the user was deleted a moment ago")),
    }
}

fn session_user(user: &User) -> SessionUser {
    SessionUser {
        id: user.id.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        image: user.image.clone(),
        claims: Claims::new(),
    }
}
