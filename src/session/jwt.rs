//! Stateless sessions: an encrypted token with the claims of Auth.js v5, which can read and write it too.
//!
//! A read needs no query: revocations are held in memory ([`super::revocation`]). With a database each session also has a
//! row, for the list of sessions. It is checked when the token is renewed, so a session whose row was deleted ends then at
//! the latest.

use std::{sync::Arc, time::Duration};

use http::HeaderValue;
use serde_json::Value;

use super::{
    Beginning, Ended, Parts, Reading, SessionDetails, SessionRead, Token,
    revocation::{Revocations, Standing},
    rotation::{Rotated, root, successor},
};
use crate::{
    adapter::{Adapter, Revocation, Revoked, STATELESS, SessionRecord, User},
    callback::{JwtContext, JwtTrigger, SessionSource},
    clock::Timestamp,
    cookie::{Cookies, LONGEST_TOKEN},
    error::AuthError,
    jwt::SessionTokens,
    random,
    request::ActionRequest,
    types::{Claims, SessionUser},
};

/// Clocks of several servers may differ by so much; Auth.js allows the same.
const LEEWAY_SECONDS: i64 = 15;

pub(super) struct JwtSessions {
    pub(super) parts: Parts,
    pub(super) adapter: Option<Arc<dyn Adapter>>,
    tokens: SessionTokens,
    revocations: Revocations,
}

impl JwtSessions {
    pub(super) fn new(parts: Parts, tokens: SessionTokens, adapter: Option<Arc<dyn Adapter>>) -> Self {
        Self { parts, tokens, revocations: Revocations::new(adapter.clone()), adapter }
    }

    pub(super) async fn read(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
        reading: Reading<'_>,
    ) -> Result<SessionRead, AuthError> {
        let Some((text, token, standing)) = self.find(cookies, now) else {
            return Ok(SessionRead::nobody(&self.parts.cookies, cookies));
        };
        let (trigger, data) = match self.parts.reading(reading, &text, cookies) {
            Reading::Update(data) => (JwtTrigger::Update, data),
            _ if standing == Standing::Outdated => (JwtTrigger::Renewal, None),
            Reading::Use if self.is_due(&token, now) => (JwtTrigger::Renewal, None),
            Reading::Use | Reading::Look => {
                let set_cookies = self.tidied(&token, cookies, now, reading);
                return self.shown(token, set_cookies).await;
            }
        };
        let is_optional = standing == Standing::Good && trigger == JwtTrigger::Renewal;
        match self.renew(token.clone(), trigger, data, cookies, now).await {
            // The token is good for longer: a later request will renew it.
            Err(error) if error.is_unavailable() && is_optional => {
                tracing::warn!(%error, "cannot renew a session");
                self.shown(token, Vec::new()).await
            }
            result => result,
        }
    }

    pub(super) async fn begin(
        &self,
        beginning: &Beginning<'_>,
        request: &ActionRequest<'_>,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        let record = self.parts.record(beginning, request, row_key);
        let mut token = Token {
            sub: record.user_id.clone(),
            sid: Some(record.id.clone()),
            provider: Some(record.provider.clone()),
            auth_time: Some(record.created.as_millis() as f64 / 1000.0),
            max_age: (record.max_age != self.parts.settings.max_age).then_some(record.max_age.as_secs()),
            remembered: record.remembered,
            ..Token::default()
        };
        describe(&mut token, beginning.user);
        let context = JwtContext {
            trigger: if beginning.is_new { JwtTrigger::SignUp } else { JwtTrigger::SignIn },
            user: Some(beginning.user),
            account: beginning.account,
            profile: beginning.profile,
            data: None,
        };
        let set_cookies = self.issue(&mut token, context, &request.cookies, request.now).await?;
        if let Some(adapter) = &self.adapter {
            super::store(&**adapter, &record).await?;
        }
        self.end(&request.cookies, request.now).await?;
        Ok(set_cookies)
    }

    pub(super) async fn rotate(&self, request: &ActionRequest<'_>) -> Result<Option<Rotated>, AuthError> {
        let (cookies, now) = (&request.cookies, request.now);
        let Some((_, mut token, _)) = self.find(cookies, now) else { return Ok(None) };
        let signed_in = token.signed_in();
        token.auth_time.get_or_insert(signed_in.as_millis() as f64 / 1000.0);
        let former = token.session_id().map(str::to_owned);
        let id = successor(former.as_deref().unwrap_or(&random::uuid()));
        let row = match &self.adapter {
            None => None,
            Some(adapter) => match self.rotated_row(&**adapter, &token, &id, now).await? {
                Some(row) => Some((adapter, row)),
                // The session was ended meanwhile, or its user was deleted.
                None => {
                    self.revoke(former, now).await?;
                    return Ok(None);
                }
            },
        };
        if let Some((_, (_, user))) = &row {
            describe(&mut token, user);
        }
        let former_row = token.sid.replace(id);
        let context = JwtContext {
            trigger: JwtTrigger::Renewal,
            user: row.as_ref().map(|(_, (_, user))| user),
            account: None,
            profile: None,
            data: None,
        };
        let set_cookies = self.issue(&mut token, context, cookies, now).await?;
        if let Some((adapter, (record, _))) = &row {
            super::store(&***adapter, record).await?;
            if let Some(former) = former_row
                && !adapter.delete_session(&row_key(&former)).await?
            {
                // The session was ended meanwhile, or another request has rotated it.
                adapter.delete_session(&record.token_hash).await?;
                return Ok(None);
            }
        }
        self.revoke(former, now).await?;
        let csrf_binding = root(token.session_id().unwrap_or_default()).to_owned();
        Ok(Some(Rotated { csrf_binding, set_cookies }))
    }

    /// Returns the row of a session that continues under another id, and its user. `None` if either was deleted.
    async fn rotated_row(
        &self,
        adapter: &dyn Adapter,
        token: &Token,
        id: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AuthError> {
        let expires = self.parts.end(token.signed_in(), self.max_age(token), now);
        let Some(former) = &token.sid else {
            let Some(user) = adapter.get_user(&token.sub).await? else { return Ok(None) };
            return Ok(Some((self.row_of_authjs(token, id, expires, now), user)));
        };
        let found = adapter.get_session_and_user(&row_key(former), now).await?;
        let (token_hash, id) = (row_key(id), id.to_owned());
        Ok(found
            .map(|(record, user)| (SessionRecord { token_hash, id, renewed: now, expires, ..record }, user)))
    }

    pub(super) async fn end(
        &self,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Option<Ended>, AuthError> {
        let mut ended = None;
        for (token, standing) in self.of_request(cookies, now) {
            let is_void = standing == Standing::Void;
            if let Some(id) = token.session_id() {
                if !is_void {
                    self.revoke([id.to_owned()], now).await?;
                }
                // Also for a revoked session: all sessions may have been ended just before this one got its row.
                if let Some(adapter) = &self.adapter {
                    adapter.delete_session(&row_key(id)).await?;
                }
            }
            if !is_void && ended.is_none() {
                ended = Some(Ended { user_id: token.sub, provider: token.provider });
            }
        }
        Ok(ended)
    }

    /// Makes the tokens of sessions void.
    pub(super) async fn revoke(
        &self,
        ids: impl IntoIterator<Item = String>,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let expires = self.last_expiry(now);
        let revocations = ids.into_iter().map(|id| Revocation { revoked: Revoked::Session { id }, expires });
        Ok(self.revocations.add(revocations.collect()).await?)
    }

    /// Makes all tokens of a user void, those of the named sessions even if a clock says that they are newer.
    pub(super) async fn revoke_user(
        &self,
        user_id: &str,
        except: Option<&str>,
        ids: impl Iterator<Item = String>,
        now: Timestamp,
    ) -> Result<(), AuthError> {
        let except = except.map(|id| root(id).to_owned());
        let of_user = Revoked::User { id: user_id.to_owned(), before: now, except };
        let revoked = ids.map(|id| Revoked::Session { id }).chain([of_user]);
        let expires = self.last_expiry(now);
        let revocations = revoked.map(|revoked| Revocation { revoked, expires }).collect();
        Ok(self.revocations.add(revocations).await?)
    }

    /// Makes all tokens void that a user can have who is deleted: nobody will sign in as that user again.
    pub(super) async fn user_deleted(&self, user_id: &str, now: Timestamp) -> Result<(), AuthError> {
        let expires = self.last_expiry(now);
        // Not only those until now: the clock of another instance may be ahead.
        let revoked = Revoked::User { id: user_id.to_owned(), before: expires, except: None };
        Ok(self.revocations.add(vec![Revocation { revoked, expires }]).await?)
    }

    pub(super) async fn user_changed(&self, user_id: &str, now: Timestamp) -> Result<(), AuthError> {
        let revoked = Revoked::Change { id: user_id.to_owned(), before: now };
        Ok(self.revocations.add(vec![Revocation { revoked, expires: self.last_expiry(now) }]).await?)
    }

    pub(super) async fn wait_for_revocations(&self) {
        self.revocations.wait().await;
    }

    pub(super) async fn refresh_revocations(&self) -> Result<(), AuthError> {
        Ok(self.revocations.refresh().await?)
    }

    pub(super) fn forget_revocations(&self, now: Timestamp) {
        self.revocations.forget(now);
    }

    /// What the request's token says; nobody else is asked.
    pub(super) fn claims(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<Token> {
        self.find(cookies, now).map(|(_, token, _)| token)
    }

    /// Returns the token that the request carries, unchanged: the first valid one, or else the first.
    pub(super) fn raw_token(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<String> {
        let valid = self.find(cookies, now).map(|(text, ..)| text);
        valid.or_else(|| self.parts.cookies.session_tokens(cookies).into_iter().next())
    }

    /// Returns whether a token belongs to an active session.
    pub(super) fn is_valid(&self, text: &str, now: Timestamp) -> bool {
        self.running_token(text, now).is_some_and(|(_, standing)| standing != Standing::Void)
    }

    /// Returns the id of a token's session, whether or not it has ended.
    pub(super) fn name(&self, text: &str) -> Option<String> {
        self.decoded(text)?.session_id().map(str::to_owned)
    }

    /// Returns the first token of the request that decrypts, has not expired and is not revoked.
    fn find(&self, cookies: &Cookies<'_>, now: Timestamp) -> Option<(String, Token, Standing)> {
        self.parts.cookies.session_tokens(cookies).into_iter().find_map(|text| {
            let (token, standing) = self.running_token(&text, now)?;
            (standing != Standing::Void).then_some((text, token, standing))
        })
    }

    /// Returns the tokens to revoke with the session of the request: its valid bearer token, or else those in its cookies.
    fn of_request(&self, cookies: &Cookies<'_>, now: Timestamp) -> Vec<(Token, Standing)> {
        let names = &self.parts.cookies;
        let texts = match names.bearer_token(cookies) {
            Some(bearer) if self.is_valid(&bearer, now) => vec![bearer],
            // The cookie of a session that has just ended may still have a row.
            bearer => bearer.into_iter().chain(names.cookie_tokens(cookies)).collect(),
        };
        texts.iter().filter_map(|text| self.running_token(text, now)).collect()
    }

    /// Returns a token that decrypts and has not expired, revoked or not.
    fn running_token(&self, text: &str, now: Timestamp) -> Option<(Token, Standing)> {
        let token = self.decoded(text)?;
        let standing = self.revocations.standing(&token);
        self.is_running(&token, now).then_some((token, standing))
    }

    fn decoded(&self, text: &str) -> Option<Token> {
        serde_json::from_slice(&self.tokens.decode(text)?).ok()
    }

    /// Returns the cookies that keep only this session in the browser, if there are several.
    fn tidied(
        &self,
        token: &Token,
        cookies: &Cookies<'_>,
        now: Timestamp,
        reading: Reading<'_>,
    ) -> Vec<HeaderValue> {
        if !self.parts.must_tidy(cookies, reading) {
            return Vec::new();
        }
        let Some(text) = self.raw_token(cookies, now) else { return Vec::new() };
        let expires = Timestamp::from_seconds(token.exp);
        self.parts.set_cookies(&text, token.remembered, expires, cookies, now)
    }

    fn is_running(&self, token: &Token, now: Timestamp) -> bool {
        let seconds = now.as_seconds();
        token.exp.saturating_add(LEEWAY_SECONDS) > seconds
            && token.iat.saturating_sub(LEEWAY_SECONDS) <= seconds
            && token.nbf.is_none_or(|nbf| nbf.saturating_sub(LEEWAY_SECONDS) <= seconds)
            // A token of Auth.js knows no absolute limit.
            && self.parts.settings.absolute_max_age.is_none_or(|limit| now.since(token.signed_in()) < limit)
            && self.parts.may_have_begun(token.signed_in())
    }

    fn is_due(&self, token: &Token, now: Timestamp) -> bool {
        now.since(Timestamp::from_seconds(token.iat)) >= self.parts.update_age(self.max_age(token))
    }

    fn max_age(&self, token: &Token) -> Duration {
        token.max_age.map_or(self.parts.settings.max_age, Duration::from_secs)
    }

    /// When the last token that is in somebody's hands now has expired.
    fn last_expiry(&self, now: Timestamp) -> Timestamp {
        now.plus(self.parts.settings.max_age).plus(Duration::from_secs(LEEWAY_SECONDS.unsigned_abs()))
    }

    /// A new token for the same session; nobody, if the session or its user is gone.
    async fn renew(
        &self,
        mut token: Token,
        trigger: JwtTrigger,
        data: Option<&Value>,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<SessionRead, AuthError> {
        let signed_in = token.signed_in();
        token.auth_time.get_or_insert(signed_in.as_millis() as f64 / 1000.0);
        let user = match &self.adapter {
            None => {
                if token.sid.is_none() {
                    // From now on the session has an id that stays the same when it is renewed.
                    token.sid = token.session_id().map(successor);
                }
                None
            }
            Some(adapter) => match self.renew_row(&**adapter, &mut token, now).await? {
                Some(user) => Some(user),
                None => return Ok(SessionRead::nobody(&self.parts.cookies, cookies)),
            },
        };
        if let Some(user) = &user {
            describe(&mut token, user);
        }
        let context = JwtContext { trigger, user: user.as_ref(), account: None, profile: None, data };
        let set_cookies = self.issue(&mut token, context, cookies, now).await?;
        self.shown(token, set_cookies).await
    }

    /// Moves the end of the session's row; its user, if both are still there. A token of Auth.js gets a row.
    async fn renew_row(
        &self,
        adapter: &dyn Adapter,
        token: &mut Token,
        now: Timestamp,
    ) -> Result<Option<User>, AuthError> {
        let expires = self.parts.end(token.signed_in(), self.max_age(token), now);
        if let Some(id) = &token.sid {
            let Some((record, user)) = adapter.get_session_and_user(&row_key(id), now).await? else {
                return Ok(None);
            };
            // Of parallel requests one moves it; the others have a good token as well.
            adapter.update_session(&record.token_hash, record.expires, expires, now).await?;
            return Ok(Some(user));
        }
        let Some(user) = adapter.get_user(&token.sub).await? else { return Ok(None) };
        let id = successor(token.session_id().unwrap_or(&random::uuid()));
        adapter.create_session(&self.row_of_authjs(token, &id, expires, now)).await?;
        token.sid = Some(id);
        Ok(Some(user))
    }

    /// Returns the row of a session that was started by Auth.js.
    fn row_of_authjs(&self, token: &Token, id: &str, expires: Timestamp, now: Timestamp) -> SessionRecord {
        SessionRecord {
            token_hash: row_key(id),
            id: id.to_owned(),
            user_id: token.sub.clone(),
            created: token.signed_in(),
            renewed: now,
            expires,
            max_age: self.max_age(token),
            remembered: token.remembered,
            provider: "authjs".to_owned(),
            user_agent: None,
            address: None,
        }
    }

    /// Writes the token, after the `jwt` callback has had its say.
    async fn issue(
        &self,
        token: &mut Token,
        context: JwtContext<'_>,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Result<Vec<HeaderValue>, AuthError> {
        token.jti = Some(random::uuid());
        token.iat = now.as_seconds();
        let expires = self.parts.end(token.signed_in(), self.max_age(token), now);
        token.exp = expires.as_seconds();
        self.parts.hooks.jwt(token, context).await?;
        let claims = serde_json::to_vec(token).map_err(|error| AuthError::Configuration(error.into()))?;
        let text = self.tokens.encode(&claims).map_err(AuthError::Configuration)?;
        if text.len() > LONGEST_TOKEN {
            return Err(AuthError::Configuration(too_large(token, text.len()).into()));
        }
        Ok(self.parts.set_cookies(&text, token.remembered, expires, cookies, now))
    }

    async fn shown(&self, token: Token, set_cookies: Vec<HeaderValue>) -> Result<SessionRead, AuthError> {
        let user = SessionUser {
            id: token.sub.clone(),
            name: token.name.clone(),
            email: token.email.clone(),
            image: token.picture.clone(),
            claims: Claims::new(),
        };
        let expires = Timestamp::from_seconds(token.exp);
        let session = self.parts.public_session(user, expires, SessionSource::Token(&token)).await?;
        let id = token.session_id().unwrap_or_default().to_owned();
        let details = SessionDetails { id, signed_in: token.signed_in(), provider: token.provider };
        Ok(SessionRead { session: Some(session), details: Some(details), set_cookies })
    }
}

/// What stands in the place of a token's hash: no hash looks like it, so no cookie finds the row.
fn row_key(id: &str) -> String {
    format!("{STATELESS}{id}")
}

fn describe(token: &mut Token, user: &User) {
    token.name.clone_from(&user.name);
    token.email.clone_from(&user.email);
    token.picture.clone_from(&user.image);
}

/// Says which claims are too much: names and sizes, no values.
fn too_large(token: &Token, length: usize) -> String {
    let size = |value: &Value| value.to_string().len();
    let mut claims: Vec<_> = token.claims.iter().map(|(name, value)| (size(value), name)).collect();
    claims.sort_unstable_by(|one, other| other.cmp(one));
    let largest: Vec<_> =
        claims.iter().take(3).map(|(size, name)| format!("{name} ({size} bytes)")).collect();
    format!(
        "the session token is {length} bytes long, and cookies carry {LONGEST_TOKEN}: the largest claims are {}. \
         Put less into the token in the jwt callback, or keep it in the database",
        largest.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, header};
    use leptos_auth_locales::Language;
    use serde_json::json;
    use url::Url;

    use super::*;
    use crate::{
        callback::Hooks,
        config::{SessionSettings, SessionStrategy},
        cookie::{CookieNames, SessionCookiePolicy},
        event::Observers,
        jwt::TokenSettings,
        request::Parameters,
        secret::Secret,
    };

    const NOW: Timestamp = Timestamp::from_seconds(1_795_242_994);

    fn sessions() -> JwtSessions {
        let settings = SessionSettings {
            strategy: Some(SessionStrategy::Jwt),
            max_age: Duration::from_secs(3600),
            update_age: Duration::from_secs(600),
            absolute_max_age: Some(Duration::from_secs(7200)),
            unremembered_max_age: Duration::from_secs(900),
            not_before: None,
        };
        let cookies = Arc::new(CookieNames::new(
            &Url::parse("http://localhost").unwrap(),
            &SessionCookiePolicy::default(),
        ));
        let parts = Parts { settings, cookies, hooks: Hooks(None), observers: Observers(None) };
        let secrets = [Secret::new("x".repeat(32))];
        let tokens = SessionTokens::new(&TokenSettings::default(), &secrets, &parts.cookies.session).unwrap();
        JwtSessions::new(parts, tokens, None)
    }

    fn later(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    /// Signs in: the cookies that a browser would send from then on.
    async fn begun(sessions: &JwtSessions, remembered: bool) -> HeaderMap {
        let headers = HeaderMap::new();
        let request = ActionRequest {
            cookies: Cookies::of(&headers),
            parameters: Parameters::default(),
            client: None,
            user_agent: None,
            language: Language::english(),
            id: None,
            now: NOW,
        };
        let user = User {
            id: "u1".to_owned(),
            name: Some("Ada".to_owned()),
            email: None,
            email_verified: None,
            image: None,
            created: NOW,
        };
        let beginning = Beginning {
            user: &user,
            is_new: false,
            provider: "github",
            account: None,
            profile: None,
            remembered,
            max_age: None,
        };
        sent(&sessions.begin(&beginning, &request).await.unwrap())
    }

    fn sent(set: &[HeaderValue]) -> HeaderMap {
        let pair =
            |cookie: &HeaderValue| cookie.to_str().unwrap().split(';').next().unwrap().parse().unwrap();
        set.iter().map(|cookie| (header::COOKIE, pair(cookie))).collect()
    }

    async fn read(sessions: &JwtSessions, cookies: &HeaderMap, now: Timestamp) -> SessionRead {
        sessions.read(&Cookies::of(cookies), now, Reading::Use).await.unwrap()
    }

    fn set_cookie(read: &SessionRead) -> &str {
        read.set_cookies[0].to_str().unwrap()
    }

    async fn who(claims: &Value) -> Option<String> {
        let token = sessions().tokens.encode(&serde_json::to_vec(claims).unwrap()).unwrap();
        let cookie = format!("authjs.session-token={token}");
        let headers = HeaderMap::from_iter([(header::COOKIE, cookie.parse().unwrap())]);
        read(&sessions(), &headers, NOW).await.session.map(|session| session.user.id)
    }

    #[tokio::test]
    async fn a_session_is_read_then_renewed_then_over() {
        let sessions = sessions();
        let cookies = begun(&sessions, true).await;
        let fresh = read(&sessions, &cookies, later(599)).await;
        assert_eq!(fresh.session.unwrap().expires, later(3600).to_rfc3339());
        assert!(fresh.set_cookies.is_empty());
        let renewed = read(&sessions, &cookies, later(600)).await;
        assert_eq!(renewed.session.as_ref().unwrap().expires, later(4200).to_rfc3339());
        assert!(set_cookie(&renewed).contains("Max-Age=3600"));
        let looked = sessions.read(&Cookies::of(&cookies), later(600), Reading::Look).await.unwrap();
        assert!(
            looked.session.is_some() && looked.set_cookies.is_empty(),
            "TS-05: only looking renews nothing"
        );
        assert!(read(&sessions, &cookies, later(3614)).await.session.is_some(), "SK-01: leeway");
        let over = read(&sessions, &cookies, later(3615)).await;
        assert!(over.session.is_none() && set_cookie(&over).contains("Max-Age=0"));
    }

    #[tokio::test]
    async fn se_09_use_does_not_move_the_absolute_limit() {
        let sessions = sessions();
        let mut cookies = begun(&sessions, true).await;
        for seconds in [600, 3000, 5000] {
            let renewed = read(&sessions, &cookies, later(seconds)).await;
            let expected = later((seconds + 3600).min(7200)).to_rfc3339();
            assert_eq!(renewed.session.as_ref().unwrap().expires, expected);
            cookies = sent(&renewed.set_cookies);
        }
        assert!(read(&sessions, &cookies, later(7199)).await.session.is_some(), "control");
        assert!(read(&sessions, &cookies, later(7200)).await.session.is_none());
    }

    #[tokio::test]
    async fn who_is_not_remembered_has_a_short_session_and_a_cookie_of_the_browser() {
        let sessions = sessions();
        let cookies = begun(&sessions, false).await;
        let renewed = read(&sessions, &cookies, later(600)).await;
        assert_eq!(renewed.session.as_ref().unwrap().expires, later(1500).to_rfc3339());
        assert!(!set_cookie(&renewed).contains("Max-Age"), "{}", set_cookie(&renewed));
        assert!(read(&sessions, &cookies, later(915)).await.session.is_none());
    }

    #[tokio::test]
    async fn se_05_a_copied_token_ends_with_its_session_also_after_a_renewal() {
        let sessions = sessions();
        let copied = begun(&sessions, true).await;
        let other = begun(&sessions, true).await;
        let cookies = sent(&read(&sessions, &copied, later(600)).await.set_cookies);
        let ended = sessions.end(&Cookies::of(&cookies), later(700)).await.unwrap();
        assert_eq!(ended.unwrap().user_id, "u1");
        assert!(read(&sessions, &copied, later(700)).await.session.is_none());
        assert!(read(&sessions, &cookies, later(700)).await.session.is_none());
        assert!(read(&sessions, &other, later(700)).await.session.is_some(), "control: another device");
    }

    #[tokio::test]
    async fn jw_14_claims_that_no_cookie_carries_are_named() {
        struct TooMuch;
        #[async_trait::async_trait]
        impl crate::Callbacks for TooMuch {
            async fn jwt(&self, token: &mut Token, _: JwtContext<'_>) -> Result<(), crate::CallbackError> {
                token.claims.insert("groups".to_owned(), json!("secret-group ".repeat(3000)));
                token.claims.insert("small".to_owned(), json!(1));
                Ok(())
            }
        }
        let mut sessions = sessions();
        sessions.parts.hooks = Hooks(Some(Arc::new(TooMuch)));
        let mut token = Token { sub: "u1".to_owned(), ..Token::default() };
        let context =
            JwtContext { trigger: JwtTrigger::SignIn, user: None, account: None, profile: None, data: None };
        let headers = HeaderMap::new();
        let error = sessions.issue(&mut token, context, &Cookies::of(&headers), NOW).await.unwrap_err();
        let text = crate::error::chain(&error);
        assert!(text.contains("groups (39002 bytes), small (1 bytes)"), "{text}");
        assert!(!text.contains("secret-group"), "{text}");
    }

    #[tokio::test]
    async fn jw_07_odd_claims_are_nobody() {
        let (iat, exp) = (NOW.as_seconds(), NOW.as_seconds() + 3600);
        let control = json!({ "sub": "u1", "iat": iat, "exp": exp, "role": "x" });
        assert_eq!(who(&control).await.as_deref(), Some("u1"), "control");
        let fraction = json!({ "sub": "u1", "iat": iat as f64 + 0.123, "exp": exp as f64 + 0.5 });
        assert_eq!(who(&fraction).await.as_deref(), Some("u1"), "I-07: other software writes fractions");
        for claims in [
            json!({ "sub": "u1", "iat": iat }),
            json!({ "sub": "u1", "iat": iat, "exp": 1e308 }),
            json!({ "sub": "u1", "iat": iat, "exp": "9999999999" }),
            json!({ "sub": "u1", "iat": iat, "exp": true }),
            json!({ "sub": "u1", "iat": iat + 3600, "exp": exp + 3600 }),
            json!({ "sub": "u1", "iat": iat, "exp": exp, "nbf": iat + 60 }),
            json!({ "sub": "u1", "iat": iat, "exp": exp, "auth_time": iat - 7200 }),
            json!({ "sub": "", "iat": iat, "exp": exp }),
            json!({ "sub": 1, "iat": iat, "exp": exp }),
            json!({ "iat": iat, "exp": exp }),
            json!({ "state": "x", "provider": "github", "exp": exp }),
        ] {
            assert_eq!(who(&claims).await, None, "{claims}");
        }
    }
}
