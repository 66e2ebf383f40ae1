//! The handle that a host holds: settings, keys, database and providers, created once at startup.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use leptos_auth_locales::{Language, mail};
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use url::Url;

#[cfg(feature = "password")]
use crate::password::Passwords;
use crate::{
    account_linking::{self, Linked, Linking},
    action::{self, EmailSignIn, PendingLink, Undo, Waiting},
    adapter::{self, Account, Adapter, Change, Purpose, SplitAdapter, User},
    audit::Webhook,
    callback::{Callbacks, Hooks},
    callback_url,
    clock::{Clock, SystemClock},
    config::{Config, ConfigError, NOT_BEFORE_EXAMPLE, SessionStrategy},
    cookie::{CookieNames, Cookies},
    csrf::{self, Csrf},
    email::Mailer,
    error::AuthError,
    event::{Events, Observers},
    familiar_browser::FamiliarBrowser,
    hash::{self, Pseudonyms},
    http_client::{Customize, HttpClient},
    jwt::{SessionTokens, TokenCodec, TokenKeys},
    language,
    oauth::{self, OAuthClient},
    provider::{self, CredentialsProvider, OAuthProvider},
    provider_token::{self, ProviderToken, ProviderTokenError, ProviderTokens},
    rate_limit::{DeviceCookie, PURGES, RateLimiter},
    rest,
    secret::Secret,
    session::{Parts, Reading, SessionDetails, SessionRead, Sessions, Token},
    types::{
        AccountDevices, AccountMethods, AccountOverview, Activity, DeviceSession, LinkOffer, PasswordForm,
        PasswordOverview, ProviderInfo, ProviderType, SecondStepForm, SecondStepOverview, SignInForm,
        SignInMethod, VerifyRequest,
    },
};
#[cfg(feature = "passkey")]
use crate::{passkey::Passkeys, types::PasskeyList};

#[cfg(feature = "totp")]
use crate::second_step::SecondSteps;

/// Authentication for one application. Cloning it is cheap.
#[derive(Clone)]
pub struct Auth(Arc<AuthState>);

/// What [`Auth`] shares among its clones.
pub struct AuthState {
    pub(crate) config: Config,
    pub(crate) cookies: Arc<CookieNames>,
    pub(crate) csrf: Csrf,
    pub(crate) sessions: Sessions,
    pub(crate) hooks: Hooks,
    pub(crate) observers: Observers,
    pub(crate) limits: RateLimiter,
    /// Replace names and addresses in the log and in audit rows.
    pub(crate) pseudonyms: Arc<Pseudonyms>,
    pub(crate) transaction_keys: TokenKeys,
    pub(crate) waiting_keys: TokenKeys,
    pub(crate) signed_out_keys: TokenKeys,
    pub(crate) form_keys: TokenKeys,
    pub(crate) undo_keys: TokenKeys,
    pub(crate) browser_keys: TokenKeys,
    pub(crate) device_keys: TokenKeys,
    pub(crate) pending_link_keys: TokenKeys,
    pub(crate) provider_tokens: ProviderTokens,
    pub(crate) adapter: Option<Arc<dyn Adapter>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) email: Option<Arc<EmailSignIn>>,
    /// Actions and emails that must finish even if the request that began them ends early.
    pub(crate) tasks: TaskTracker,
    pub(crate) webhook: Option<Webhook>,
    #[cfg(feature = "password")]
    pub(crate) passwords: Option<Passwords>,
    #[cfg(feature = "totp")]
    pub(crate) second_steps: Option<SecondSteps>,
    #[cfg(feature = "passkey")]
    pub(crate) passkeys: Option<Passkeys>,
    credentials: Option<CredentialsProvider>,
    oauth_clients: Vec<OAuthClient>,
    provider_infos: Vec<ProviderInfo>,
    /// The same for our own pages.
    methods: Vec<SignInMethod>,
}

/// The data of a page, and the cookies that its answer must set.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The data.
    pub data: T,
    /// `Set-Cookie` values: append them, never replace others.
    pub set_cookies: Vec<HeaderValue>,
}

impl std::ops::Deref for Auth {
    type Target = AuthState;

    fn deref(&self) -> &AuthState {
        &self.0
    }
}

impl Auth {
    /// Begins with checked settings.
    #[must_use]
    pub fn builder(config: Config) -> AuthBuilder {
        AuthBuilder {
            config,
            mailer: None,
            from: None,
            credentials: None,
            callbacks: Hooks(None),
            events: Observers(None),
            token_codec: None,
            adapter: None,
            http_client: None,
            clock: Arc::new(SystemClock),
            mistakes: Vec::new(),
        }
    }

    /// Answers a request to the REST API under `/api/auth`.
    ///
    /// A request that may change something runs in its own task. It finishes even if the client disconnects, or the caller
    /// drops this future at its deadline. [`finish`](Self::finish) waits for such tasks.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        if !rest::may_change(&request) {
            return rest::respond(self, request).await;
        }
        let auth = self.clone();
        let action = async move { rest::respond(&auth, request).await };
        match self.tasks.spawn(action.in_current_span()).await {
            Ok(response) => response,
            // Re-raised, so that the host handles a panic the same way in whichever task it happened.
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => rest::unavailable(),
            },
        }
    }

    /// Waits until running actions, and the emails that they send, have finished. Call it once at shutdown, after the last
    /// request was accepted.
    pub async fn finish(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Who the request comes from, by its cookie, or by the token in `Authorization: Bearer`.
    ///
    /// # Errors
    /// When the store is away: then nobody is signed in or out, and the answer is 503. When a callback fails.
    pub async fn session(&self, headers: &HeaderMap) -> Result<SessionRead, AuthError> {
        self.session_at(headers, "/").await
    }

    /// Like [`Auth::session`], for a request to `path`: session cookies that other software left under it are removed.
    ///
    /// # Errors
    /// As [`Auth::session`].
    pub async fn session_at(&self, headers: &HeaderMap, path: &str) -> Result<SessionRead, AuthError> {
        self.sessions.read(&Cookies::at(headers, path), self.clock.now(), Reading::Use).await
    }

    /// Returns whether `Authorization: Bearer` holds the token of an active session. Its user is then the user of the
    /// request, and a page of another site cannot have made the request. Any other bearer token is ignored, because a proxy
    /// may have added it.
    ///
    /// # Errors
    /// Returns an error if the database is unavailable.
    pub async fn has_bearer_session(&self, headers: &HeaderMap) -> Result<bool, AuthError> {
        self.sessions.has_bearer(&Cookies::of(headers), self.clock.now()).await
    }

    /// Changes the session cookies in the headers of a request as [`SessionRead::set_cookies`] will change them in the
    /// browser. Handlers then see the cookies that the browser sends next, so the CSRF token of a form belongs to the
    /// session that the form is sent in.
    pub fn apply_to_request(&self, set_cookies: &[HeaderValue], headers: &mut HeaderMap) {
        self.cookies.apply_to_request(set_cookies, headers);
    }

    /// Changes the session of a request from server code, as `update(data)` of the hook does from the browser: what is
    /// stored of the user is read anew, the `jwt` callback gets `data`, and the session is renewed. Set the cookies that
    /// come back.
    ///
    /// # Errors
    /// When the store is away, or a callback fails: then the session stays as it was.
    pub async fn update(
        &self,
        headers: &HeaderMap,
        data: Option<&serde_json::Value>,
    ) -> Result<SessionRead, AuthError> {
        self.sessions.read(&Cookies::of(headers), self.clock.now(), Reading::Update(data)).await
    }

    /// Stores another name or picture of a user, tells the event `update_user`, and makes sessions show it with their
    /// next request. The user as stored now; `None` when there is no such user, or no database.
    ///
    /// # Errors
    /// When the store is away: then nothing has changed.
    pub async fn update_user(
        &self,
        user_id: &str,
        name: Option<String>,
        image: Option<String>,
    ) -> Result<Option<User>, AuthError> {
        let Some(adapter) = &self.adapter else { return Ok(None) };
        let Some(user) = adapter.get_user(user_id).await? else { return Ok(None) };
        let changes = [Change::Name(name.as_deref()), Change::Image(image.as_deref())];
        if !adapter.change_user(user_id, &changes).await? {
            return Ok(None);
        }
        let user = User { name, image, ..user };
        self.observers.tell("update_user", |events| events.update_user(&user)).await;
        self.user_changed(user_id).await?;
        Ok(Some(user))
    }

    /// What the token of a stateless session says, for services beside the pages: from the session cookie, or from
    /// `Authorization: Bearer`. `None` for anything that is not a running session; no callback is called and no database
    /// asked. As `getToken` of Auth.js.
    #[must_use]
    pub fn get_token(&self, headers: &HeaderMap) -> Option<Token> {
        self.sessions.claims(&Cookies::of(headers), self.clock.now())
    }

    /// The token itself, as the request carries it and unchecked: to pass it on to another service.
    #[must_use]
    pub fn get_raw_token(&self, headers: &HeaderMap) -> Option<String> {
        self.sessions.raw_token(&Cookies::of(headers), self.clock.now())
    }

    /// Refuses unless the user of a session proved who they are less than `max_age` ago: for what a stolen or
    /// forgotten session must not do, as to change a password (OWASP ASVS 7.5.1). Signing in once more makes a new
    /// session, which is fresh.
    ///
    /// # Errors
    /// [`AuthError::NotFresh`].
    pub fn require_fresh(&self, session: &SessionDetails, max_age: Duration) -> Result<(), AuthError> {
        if self.clock.now().since(session.signed_in) < max_age { Ok(()) } else { Err(AuthError::NotFresh) }
    }

    /// The running sessions of a user, the one used last first; `current` marks the one that asks. Empty for
    /// stateless sessions without a database: nobody keeps a list of those.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn sessions(
        &self,
        user_id: &str,
        current: Option<&SessionDetails>,
    ) -> Result<Vec<DeviceSession>, AuthError> {
        let current = current.map(|session| session.id.as_str());
        self.sessions.list(user_id, current, Language::english(), self.clock.now()).await
    }

    /// Ends one session of a user: here with the next request, on other instances within a second. `false` when it is
    /// not theirs.
    ///
    /// # Errors
    /// When the store is away: then it goes on.
    pub async fn end_session(&self, user_id: &str, session_id: &str) -> Result<bool, AuthError> {
        self.sessions.end_one(user_id, session_id, self.clock.now()).await
    }

    /// Ends all sessions of a user, or all but one: to sign out everywhere, after a change of password, or when the user is
    /// disabled (then the `sign_in` callback must reject them too). Takes effect with the next request; on other instances
    /// within a second. Also forgets trusted devices, and cancels pending two-factor sign-ins.
    ///
    /// # Errors
    /// Returns an error if the database is unavailable; the sessions stay active.
    pub async fn end_sessions(
        &self,
        user_id: &str,
        except: Option<&SessionDetails>,
    ) -> Result<(), AuthError> {
        // First, so that no sign-in that waits becomes a session behind our back.
        action::forget_second_steps(self, user_id).await?;
        let except = except.map(|session| session.id.as_str());
        self.sessions.end_all(user_id, except, self.clock.now()).await
    }

    /// Tells that something about a user has changed that sessions show, such as a role: stateless sessions call the
    /// `jwt` callback with their next request, on other instances within a second.
    ///
    /// # Errors
    /// When the store is away: then sessions keep saying what they said.
    pub async fn user_changed(&self, user_id: &str) -> Result<(), AuthError> {
        self.sessions.user_changed(user_id, self.clock.now()).await
    }

    /// Deletes a user with all accounts and sessions. Nobody is signed in as that user any more: here with the next
    /// request, on other instances within a second. Whoever signs in with one of the accounts at the same moment is
    /// refused, or a new user. `false` when there is no such user, or no database.
    ///
    /// # Errors
    /// When the store is away: then the user may still be there, or a stateless session of theirs; call it again.
    pub async fn delete_user(&self, user_id: &str) -> Result<bool, AuthError> {
        let Some(adapter) = &self.adapter else { return Ok(false) };
        let is_deleted = adapter.delete_user(user_id).await?;
        // Also when nobody was there: an earlier call may have come this far and no further.
        self.sessions.user_deleted(user_id, self.clock.now()).await?;
        if is_deleted {
            self.observers.tell("delete_user", |events| events.delete_user(user_id)).await;
        }
        Ok(is_deleted)
    }

    /// What the account pages show of whoever sends the request; `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn account_overview(&self, headers: &HeaderMap) -> Result<Option<AccountOverview>, AuthError> {
        action::overview(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// One page of what happened to the account of whoever sends the request, from before the row with that id;
    /// `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn activity(
        &self,
        headers: &HeaderMap,
        before: Option<&str>,
    ) -> Result<Option<Activity>, AuthError> {
        let language = language::of_request(headers);
        action::activity(self, &Cookies::of(headers), before, language, self.clock.now()).await
    }

    /// The passkeys of whoever the request comes from, for the page that shows them; `None` when nobody is signed in.
    ///
    /// # Errors
    /// When the store is away, or passkeys are off.
    #[cfg(feature = "passkey")]
    pub async fn account_passkeys(&self, headers: &HeaderMap) -> Result<Option<PasskeyList>, AuthError> {
        action::passkeys(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// The data of the page that asks for the code of a second step; `None` where there are no second steps.
    #[must_use]
    pub fn second_step_form(&self, headers: &HeaderMap) -> Page<Option<SecondStepForm>> {
        let cookies = Cookies::of(headers);
        let csrf = self.page_csrf(&cookies);
        let data = action::second_step_form(self, &cookies, csrf.data, self.clock.now());
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// The second step of whoever sends the request; `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away; `NotFound` where there are no second steps.
    pub async fn second_step(&self, headers: &HeaderMap) -> Result<Option<SecondStepOverview>, AuthError> {
        action::second_step(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// Gives a user one more way to sign in, from server code that knows whose the account is. `false` when it is theirs
    /// already, or there is no such user.
    ///
    /// # Errors
    /// [`AuthError::AccountOfAnotherUser`]; when the store is away.
    pub async fn link_account(&self, user_id: &str, account: &Account) -> Result<bool, AuthError> {
        let Some(adapter) = &self.adapter else { return Ok(false) };
        let Some(user) = adapter.get_user(user_id).await? else { return Ok(false) };
        let now = self.clock.now();
        let stored = adapter.change_user(user_id, &[Change::LinkAccount { account, now }]).await;
        let linked = account_linking::linked(&self.linking(), &user, account, stored).await?;
        Ok(linked == Linked::Now)
    }

    /// Takes a way to sign in away from a user, with the provider's tokens. `false` when they have no such account.
    ///
    /// # Errors
    /// [`AuthError::LastMethod`]: it stays; when the store is away.
    pub async fn unlink_account(
        &self,
        user_id: &str,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<bool, AuthError> {
        let Some(adapter) = &self.adapter else { return Ok(false) };
        let Some(user) = adapter.get_user(user_id).await? else { return Ok(false) };
        action::unlink(self, &**adapter, &user, provider, provider_account_id).await
    }

    /// The ways to sign in of whoever sends the request; `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn account_methods(&self, headers: &HeaderMap) -> Result<Option<AccountMethods>, AuthError> {
        action::methods(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// Where whoever sends the request is signed in; `None`: nobody is.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn account_devices(&self, headers: &HeaderMap) -> Result<Option<AccountDevices>, AuthError> {
        let language = language::of_request(headers);
        action::devices(self, &Cookies::of(headers), language, self.clock.now()).await
    }

    /// What waits to be linked in the browser that sends the request; `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn link_offer(&self, headers: &HeaderMap) -> Result<Option<LinkOffer>, AuthError> {
        action::offer(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// Takes over which sessions other instances have ended, as soon as the database says so and twice a second, for as
    /// long as it is polled. The host runs it beside its requests.
    pub async fn follow_revocations(&self) {
        let mut is_away = false;
        loop {
            self.sessions.wait_for_revocations().await;
            match self.sessions.refresh_revocations().await {
                Ok(()) => is_away = false,
                // Said once, not twice a second.
                Err(error) if !is_away => {
                    is_away = true;
                    tracing::error!(%error, "sessions that were ended elsewhere cannot be learned of");
                }
                Err(_) => {}
            }
        }
    }

    /// An access token with which server code may call a provider's API for a user: refreshed when it is near its
    /// end, by one of all requests that ask for it.
    ///
    /// # Errors
    /// [`ProviderTokenError`]: also always without a database, which is where tokens are kept.
    pub async fn provider_token(
        &self,
        user_id: &str,
        provider: &str,
    ) -> Result<ProviderToken, ProviderTokenError> {
        provider_token::get(self, user_id, provider).await
    }

    /// The `Authorization` header for one request to a provider's API with a token of [`Auth::provider_token`]:
    /// `Bearer …`, or for OAuth 1 a signature over method, URL and form, good for one use. `form` is the body if it is one;
    /// any other body is not signed.
    ///
    /// # Errors
    /// When the URL is not https, or the provider is not on or not the token's.
    pub fn provider_authorization(
        &self,
        provider: &str,
        token: &ProviderToken,
        method: &Method,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<HeaderValue, AuthError> {
        let client = self.oauth_client(provider).ok_or(AuthError::NotFound)?;
        client.authorization(token, method, url, form).map_err(AuthError::Configuration)
    }

    /// Returns the data of the sign-in page. Without `callback_url` the target is that of this browser's last attempt.
    #[must_use]
    pub fn sign_in_form(&self, headers: &HeaderMap, callback_url: Option<&str>) -> Page<SignInForm> {
        let cookies = Cookies::of(headers);
        let csrf = self.page_csrf(&cookies);
        let data = SignInForm {
            providers: self.methods.clone(),
            csrf_token: csrf.data,
            callback_url: self.next_target(&cookies, callback_url).into(),
            last_used: self.last_used(&cookies),
            waits_to_link: action::waits_to_link(self, &cookies),
        };
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// The data of the page that waits for an e-mail; `None` when this browser waits for none.
    #[must_use]
    pub fn verify_request(&self, headers: &HeaderMap) -> Page<Option<VerifyRequest>> {
        let cookies = Cookies::of(headers);
        let csrf = self.page_csrf(&cookies);
        let data = action::verify_request(self, &cookies, csrf.data, self.clock.now());
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// The data of the pages for a new account and for a forgotten password; `None`: this site has no passwords.
    #[must_use]
    pub fn password_form(
        &self,
        headers: &HeaderMap,
        callback_url: Option<&str>,
    ) -> Page<Option<PasswordForm>> {
        let cookies = Cookies::of(headers);
        let csrf = self.page_csrf(&cookies);
        let data = self.min_password_length().map(|min_length| PasswordForm {
            csrf_token: csrf.data,
            callback_url: self.next_target(&cookies, callback_url).into(),
            min_length,
        });
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// What the account page about the password shows of whoever sends the request; `None`: nobody is signed in.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn password_overview(
        &self,
        headers: &HeaderMap,
    ) -> Result<Option<PasswordOverview>, AuthError> {
        action::password_overview(self, &Cookies::of(headers), self.clock.now()).await
    }

    /// What a form sends along as `callbackUrl`. Pages are drawn without waiting, so a `redirect` callback that does not
    /// answer at once is asked when the form arrives only, and the built-in rule holds for the form.
    pub(crate) fn form_target(&self, wanted: Option<&str>) -> Url {
        match action::target(self, wanted).now_or_never() {
            Some(Ok(url)) => url,
            _ => callback_url::resolve(&self.config.base_url, [wanted]),
        }
    }

    /// Like [`form_target`](Self::form_target), for a form that begins a sign-in: the target in the page's address, or else
    /// the one of this browser's last attempt.
    fn next_target(&self, cookies: &Cookies<'_>, wanted: Option<&str>) -> Url {
        let remembered = if wanted.is_none() { action::remembered_target(self, cookies) } else { None };
        self.form_target(wanted.or(remembered.as_deref()))
    }

    pub(crate) fn linking(&self) -> Linking<'_> {
        Linking {
            adapter: self.adapter.as_ref(),
            hooks: &self.hooks,
            observers: &self.observers,
            trusted: &self.config.link_trusted,
        }
    }

    /// Removes expired rows in small batches; the number removed. Of many instances one does it at a time.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn purge_expired(&self) -> Result<u64, AuthError> {
        const BATCH: u32 = 500;
        self.sessions.forget_revocations(self.clock.now());
        let Some(adapter) = &self.adapter else { return Ok(0) };
        match self.limits.count(&PURGES, "", self.clock.now()).await {
            Err(AuthError::RateLimited(..)) => return Ok(0),
            turn => turn?,
        }
        let mut removed = 0;
        loop {
            let batch = adapter.purge_expired(self.clock.now(), BATCH).await?;
            removed += batch;
            if batch < u64::from(BATCH) {
                return Ok(removed + action::delete_due(self, BATCH).await?);
            }
            // Sign-ins come first: a writer that waits gets its turn between two batches (SE-19).
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

impl AuthState {
    /// The methods that are on, in the order to show them.
    #[must_use]
    pub fn providers(&self) -> &[ProviderInfo] {
        &self.provider_infos
    }

    /// The settings in force.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The public origin.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.config.base_url
    }

    /// Whether the site is on https, and its cookies secure.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.config.base_url.scheme() == "https"
    }

    /// Passkeys, if that is their id and they are on.
    #[cfg(feature = "passkey")]
    pub(crate) fn passkeys(&self, provider: &str) -> Result<&Passkeys, AuthError> {
        self.passkeys.as_ref().filter(|_| provider == Passkeys::ID).ok_or(AuthError::NotFound)
    }

    /// Whether people may sign in with passkeys.
    #[must_use]
    pub fn has_passkeys(&self) -> bool {
        #[cfg(feature = "passkey")]
        let has = self.passkeys.is_some();
        #[cfg(not(feature = "passkey"))]
        let has = false;
        has
    }

    /// Whether people may have a second step.
    #[must_use]
    pub fn has_second_steps(&self) -> bool {
        #[cfg(feature = "totp")]
        let has = self.second_steps.is_some();
        #[cfg(not(feature = "totp"))]
        let has = false;
        has
    }

    /// Whether the browser says that a request comes from our own pages.
    #[must_use]
    pub fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        csrf::is_same_origin(headers, &self.config.base_url)
    }

    /// Returns the origins that a sign-in form may redirect to, for `form-action` in the Content-Security-Policy. Browsers
    /// without Fetch Metadata get a redirect.
    #[must_use]
    pub fn authorization_origins(&self) -> Vec<String> {
        let mut origins: Vec<_> =
            self.oauth_clients.iter().flat_map(OAuthClient::authorization_origins).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// Checks that every database in use accepts writes.
    ///
    /// # Errors
    /// [`AuthError::Unavailable`] if one cannot be reached or is read-only.
    pub async fn ping(&self) -> Result<(), AuthError> {
        match &self.adapter {
            Some(adapter) => Ok(adapter.ping().await?),
            None => Ok(()),
        }
    }

    /// Asks all issuers for their discovery documents, so the first sign-in need not wait, and connects to the
    /// directory. A failure is only logged: the provider may come back.
    pub async fn warm_up(&self) {
        let warm_up = async |client: &OAuthClient| {
            if let Err(error) = client.warm_up().await {
                let error = crate::error::chain(&*error);
                tracing::warn!(provider = client.provider.id, error, "provider cannot be reached");
            }
        };
        futures_util::future::join_all(self.oauth_clients.iter().map(warm_up)).await;
        if let Some(CredentialsProvider { id, warm_up: Some(warm_up), .. }) = &self.credentials
            && let Err(error) = warm_up().await
        {
            tracing::warn!(provider = id, error = crate::error::chain(&*error), "provider cannot be reached");
        }
    }

    /// What people call a way to sign in: one of ours in their language, any other by its name.
    pub(crate) fn method_name<'n>(&'n self, id: &'n str, language: &'static Language) -> &'n str {
        match id {
            "email" => language.text(mail::METHOD_EMAIL),
            "password" => language.text(mail::METHOD_PASSWORD),
            "passkey" => language.text(mail::METHOD_PASSKEY),
            _ => {
                let known = self.provider_infos.iter().find(|provider| provider.id == id);
                known.map_or(id, |known| &known.name)
            }
        }
    }

    /// The check of names and passwords, by its id.
    pub(crate) fn credentials(&self, provider: &str) -> Option<&CredentialsProvider> {
        self.credentials.as_ref().filter(|credentials| credentials.id == provider)
    }

    /// Characters that a new password must have, where passwords are on.
    pub(crate) fn min_password_length(&self) -> Option<usize> {
        #[cfg(feature = "password")]
        let length = self.passwords.as_ref().map(|passwords| passwords.rules.min_length);
        #[cfg(not(feature = "password"))]
        let length = None;
        length
    }

    pub(crate) fn oauth_client(&self, provider: &str) -> Option<&OAuthClient> {
        self.oauth_clients.iter().find(|client| client.provider.id == provider)
    }

    /// An own page with a query; `path` is where the starter has it.
    pub(crate) fn page(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.config.base_url.clone();
        url.set_path(self.config.pages.path(path));
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }

    /// How the token of a mail is stored: as Auth.js does, with the secret behind it.
    pub(crate) fn token_hash(&self, token: &str) -> String {
        hash::sha256_hex(&[token, self.config.secrets[0].expose()])
    }

    /// The CSRF token for a form of a page. The request has one session cookie at most: see [`Auth::apply_to_request`].
    fn page_csrf(&self, cookies: &Cookies<'_>) -> Page<String> {
        self.csrf_token(cookies, self.sessions.first_csrf_binding(cookies).as_deref())
    }

    pub(crate) fn csrf_token(&self, cookies: &Cookies<'_>, session: Option<&str>) -> Page<String> {
        let csrf = self.csrf.token(&cookies.values(&self.cookies.csrf), session);
        let set_cookies = csrf.new_cookie.map(|value| self.cookies.set(&self.cookies.csrf, &value, None));
        Page { data: csrf.token, set_cookies: set_cookies.into_iter().collect() }
    }

    /// Ids of the providers elsewhere that are on, in the order of their buttons.
    pub(crate) fn oauth_providers(&self) -> impl Iterator<Item = &str> {
        self.oauth_clients.iter().map(|client| client.provider.id.as_str())
    }

    /// How a page draws a way to sign in; one that was switched off has its id for a name.
    pub(crate) fn method(&self, id: &str) -> SignInMethod {
        let known = self.methods.iter().find(|method| method.id == id).cloned();
        known.unwrap_or_else(|| provider::own_method(id, id, ProviderType::OAuth))
    }

    pub(crate) fn last_used(&self, cookies: &Cookies<'_>) -> Option<String> {
        let known = |id: &str| self.provider_infos.iter().any(|provider| provider.id == id);
        cookies.find(&self.cookies.last_provider, |id| known(id).then(|| id.to_owned()))
    }
}

/// Puts an [`Auth`] together.
pub struct AuthBuilder {
    config: Config,
    mailer: Option<Arc<dyn Mailer>>,
    from: Option<String>,
    credentials: Option<CredentialsProvider>,
    callbacks: Hooks,
    events: Observers,
    token_codec: Option<Arc<dyn TokenCodec>>,
    adapter: Option<Arc<dyn Adapter>>,
    http_client: Option<Customize>,
    clock: Arc<dyn Clock>,
    /// What was said to the builder and cannot be.
    mistakes: Vec<ConfigError>,
}

impl AuthBuilder {
    /// Adds a provider that the environment does not describe.
    #[must_use]
    pub fn provider(mut self, provider: OAuthProvider) -> Self {
        self.config.providers.push(provider);
        self
    }

    /// Puts a page of yours in the place of one of the starter's: `page("/signup", "/join")`. All redirects go there, and who
    /// comes to the former address is sent on. The variables `AUTH_PAGES_…` do it for the five of Auth.js.
    #[must_use]
    pub fn page(mut self, page: &str, to: &str) -> Self {
        if let Err(reason) = self.config.pages.set(page, to) {
            let message =
                format!("{reason}: {page} cannot be at {to}. Example: page(\"/signup\", \"/join\")");
            self.mistakes.push(ConfigError { variable: "AuthBuilder::page".to_owned(), message });
        }
        self
    }

    /// Turns credentials on: instead of a directory, never beside one.
    #[must_use]
    pub fn credentials(mut self, provider: CredentialsProvider) -> Self {
        self.credentials = Some(provider);
        self
    }

    /// Sends mails by a function of your own, or by any other [`Mailer`]. What the environment names has precedence.
    ///
    /// ```no_run
    /// use leptos_auth::{AuthBuilder, email::{MailError, OutgoingMail}};
    ///
    /// async fn send(mail: OutgoingMail) -> Result<(), MailError> {
    ///     let OutgoingMail { to, from, subject, text, html, .. } = mail;
    ///     my_service::send(&from, to.as_str(), &subject, &text, &html)
    ///         .await
    ///         .map_err(|error| MailError(format!("my service answered {}", error.status)))
    /// }
    ///
    /// fn configure(builder: AuthBuilder) -> AuthBuilder {
    ///     builder.mailer(send, "My App <no-reply@example.com>")
    /// }
    /// # mod my_service {
    /// #     pub struct Error { pub status: u16 }
    /// #     pub async fn send(_: &str, _: &str, _: &str, _: &str, _: &str) -> Result<(), Error> { Ok(()) }
    /// # }
    /// ```
    #[must_use]
    pub fn mailer(mut self, mailer: impl Mailer, from: &str) -> Self {
        self.mailer = Some(Arc::new(mailer));
        self.from = Some(from.to_owned());
        self
    }

    /// What the application decides: see [`Callbacks`].
    #[must_use]
    pub fn callbacks(mut self, callbacks: impl Callbacks) -> Self {
        self.callbacks = Hooks(Some(Arc::new(callbacks)));
        self
    }

    /// What the application hears of: see [`Events`].
    #[must_use]
    pub fn events(mut self, events: impl Events) -> Self {
        self.events = Observers(Some(Arc::new(events)));
        self
    }

    /// Session tokens in a form of your own: see [`TokenCodec`].
    #[must_use]
    pub fn token_codec(mut self, codec: impl TokenCodec) -> Self {
        self.token_codec = Some(Arc::new(codec));
        self
    }

    /// A database of your own: see [`Adapter`]. `DATABASE_URL` and `SESSION_STORE` are not opened then.
    #[must_use]
    pub fn adapter(mut self, adapter: impl Adapter) -> Self {
        self.adapter = Some(Arc::new(adapter));
        self
    }

    /// Changes the client that speaks to providers and mail services: a proxy, a certificate authority of your own, other name servers.
    /// Time limits stay, and redirects are never followed.
    #[must_use]
    pub fn http_client(
        mut self,
        customize: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + 'static,
    ) -> Self {
        self.http_client = Some(Box::new(customize));
        self
    }

    /// Another clock, for tests.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The settings so far.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Opens the store and derives all keys.
    ///
    /// # Errors
    /// One sentence for each thing that stops the start.
    pub async fn build(mut self) -> Result<Auth, Vec<ConfigError>> {
        let wrong =
            |variable: &str, message: String| vec![ConfigError { variable: variable.to_owned(), message }];
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        if self.config.session.not_before.is_some_and(|first| first > self.clock.now()) {
            let message =
                format!("is in the future: nobody could be signed in until then. {NOT_BEFORE_EXAMPLE}");
            return Err(wrong("AUTH_SESSION_NOT_BEFORE", message));
        }
        let adapter = match self.adapter.take() {
            Some(own) => Some(own),
            None => connect(&self.config).await.map_err(|error| vec![error])?,
        };
        let credentials = credentials(&mut self).map_err(|error| vec![error])?;
        let untrusted = self.config.untrusted_for_linking();
        if !untrusted.is_empty() {
            return Err(untrusted);
        }
        let missing = missing_database(&self.config, adapter.as_ref());
        if !missing.is_empty() {
            return Err(missing);
        }
        let http = HttpClient::new(self.http_client.take(), &self.config.outbound_proxy).map_err(|error| {
            wrong(
                "SSL_CERT_FILE",
                format!(
                    "or the system's certificates cannot be used: {}. Example: apt install ca-certificates",
                    crate::error::chain(&error)
                ),
            )
        })?;
        let email =
            email_sign_in(&self, adapter.as_ref(), &http).map_err(|reason| wrong("EMAIL_SERVER", reason))?;
        let (mut config, clock) = (self.config, self.clock);
        let cookies = Arc::new(CookieNames::new(&config.base_url, &config.session_cookie));
        let oauth_clients = oauth_clients(std::mem::take(&mut config.providers), &http, &clock)?;
        let mut provider_infos: Vec<_> =
            oauth_clients.iter().map(|client| client.info(&config.base_url)).collect();
        let mut methods: Vec<_> = oauth_clients.iter().map(|client| client.provider.method()).collect();
        if email.is_some() {
            methods.push(provider::own_method("email", "Email", ProviderType::Email));
            provider_infos.push(provider::info(&config.base_url, "email", "Email", ProviderType::Email));
        }
        #[cfg(feature = "password")]
        let passwords =
            passwords(&config, adapter.as_ref(), email.as_deref()).map_err(|error| vec![error])?;
        #[cfg(feature = "password")]
        if passwords.is_some() {
            methods.push(provider::own_method("password", "Password", ProviderType::Credentials));
            let info = provider::info(&config.base_url, "password", "Password", ProviderType::Credentials);
            provider_infos.push(info);
        }
        if let Some(CredentialsProvider { id, name, .. }) = &credentials {
            methods.push(provider::own_method(id, name, ProviderType::Credentials));
            provider_infos.push(provider::info(&config.base_url, id, name, ProviderType::Credentials));
        }
        let parts = Parts {
            settings: config.session,
            cookies: cookies.clone(),
            hooks: self.callbacks.clone(),
            observers: self.events.clone(),
        };
        #[cfg(feature = "passkey")]
        let passkeys = Passkeys::new(&config, adapter.as_ref());
        #[cfg(feature = "passkey")]
        if passkeys.is_some() {
            let (id, name, kind) = (Passkeys::ID, Passkeys::NAME, ProviderType::WebAuthn);
            methods.push(provider::own_method(id, name, kind));
            provider_infos.push(provider::info(&config.base_url, id, name, kind));
        }
        let tokens = match self.token_codec {
            Some(codec) => SessionTokens::own(codec),
            None => SessionTokens::new(&config.tokens, &config.secrets, &cookies.session)
                .map_err(|reason| wrong("AUTH_JWT_FORM", reason))?,
        };
        let sessions = Sessions::new(parts, tokens, adapter.clone());
        // Nobody may come in with a session that was ended before this process began.
        sessions.refresh_revocations().await.map_err(|error| {
            wrong(
                "DATABASE_URL",
                format!("cannot be read: {error}. Example: DATABASE_URL=sqlite://data/app.db"),
            )
        })?;
        #[cfg(feature = "totp")]
        let second_steps = SecondSteps::new(&config, adapter.as_ref());
        let pseudonyms = Arc::new(Pseudonyms::new(&config.secrets));
        Ok(Auth(Arc::new(AuthState {
            csrf: Csrf::new(&config.secrets),
            sessions,
            hooks: self.callbacks,
            observers: self.events,
            limits: RateLimiter::new(adapter.clone(), pseudonyms.clone(), &config.limits),
            pseudonyms,
            transaction_keys: TokenKeys::derive(&config.secrets, oauth::TRANSACTION_PURPOSE),
            waiting_keys: TokenKeys::derive(&config.secrets, Waiting::PURPOSE),
            signed_out_keys: TokenKeys::derive(&config.secrets, action::SIGNED_OUT_PURPOSE),
            form_keys: TokenKeys::derive(&config.secrets, action::FORM_POST_PURPOSE),
            undo_keys: TokenKeys::derive(&config.secrets, Undo::PURPOSE),
            browser_keys: TokenKeys::derive(&config.secrets, FamiliarBrowser::PURPOSE),
            device_keys: TokenKeys::derive(&config.secrets, DeviceCookie::PURPOSE),
            pending_link_keys: TokenKeys::derive(&config.secrets, PendingLink::PURPOSE),
            provider_tokens: ProviderTokens::new(&config.secrets, adapter.clone()),
            tasks: TaskTracker::new(),
            webhook: config.audit.webhook.as_ref().map(|settings| Webhook::new(settings, http.clone())),
            #[cfg(feature = "password")]
            passwords,
            credentials,
            config,
            cookies,
            adapter,
            clock,
            email,
            #[cfg(feature = "totp")]
            second_steps,
            #[cfg(feature = "passkey")]
            passkeys,
            oauth_clients,
            provider_infos,
            methods,
        })))
    }
}

/// # Errors
/// One for each provider that was added with URLs or a key that cannot be.
fn oauth_clients(
    providers: Vec<OAuthProvider>,
    http: &HttpClient,
    clock: &Arc<dyn Clock>,
) -> Result<Vec<OAuthClient>, Vec<ConfigError>> {
    let (mut clients, mut wrong) = (Vec::new(), Vec::new());
    for provider in providers {
        let variable = format!("the provider {}", provider.id);
        match OAuthClient::new(provider, http.clone(), clock.clone()) {
            Ok(client) => clients.push(client),
            Err(message) => wrong.push(ConfigError { variable, message }),
        }
    }
    if wrong.is_empty() { Ok(clients) } else { Err(wrong) }
}

/// Opens what `DATABASE_URL` and `SESSION_STORE` name.
async fn connect(config: &Config) -> Result<Option<Arc<dyn Adapter>>, ConfigError> {
    let wrong = |variable: &str, reason: String, example: &str| ConfigError {
        variable: variable.to_owned(),
        message: format!("cannot be used: {reason}. Example: {variable}={example}"),
    };
    let open = async |variable: &str, url: &Secret, purpose, example: &str| {
        let opened = adapter::connect(url.expose(), purpose).await;
        opened.map_err(|reason| wrong(variable, reason, example))
    };
    let Some(url) = &config.database_url else { return Ok(None) };
    let users = match config.auth_js_tables {
        Some(tables) => {
            let opened = adapter::connect_auth_js(url.expose(), tables, config.session.max_age).await;
            opened
                .map_err(|reason| wrong("DATABASE_URL", reason, "postgres://user:password@localhost/app"))?
        }
        None => open("DATABASE_URL", url, Purpose::Everything, "sqlite://data/app.db").await?,
    };
    let Some(url) = &config.session_store else { return Ok(Some(users)) };
    let sessions = open("SESSION_STORE", url, Purpose::Sessions, "redis://localhost").await?;
    Ok(Some(Arc::new(SplitAdapter { users, sessions })))
}

/// The one check of names and passwords: the directory's, or the application's own.
fn credentials(builder: &mut AuthBuilder) -> Result<Option<CredentialsProvider>, ConfigError> {
    const URL: &str = "AUTH_LDAP_URL";
    let own = builder.credentials.take();
    let Some(settings) = &builder.config.ldap else { return Ok(own) };
    let wrong = |message: String| ConfigError { variable: URL.to_owned(), message };
    if own.is_some() {
        return Err(wrong(format!(
            "names a directory, but the application checks names and passwords itself (`builder.credentials` in \
             server/src/auth.rs): the page has one form for both. Example: {URL}="
        )));
    }
    let directory = provider::directory(settings)
        .map_err(|reason| wrong(format!("{reason}. Example: AUTH_LDAP_CA=/etc/ssl/certs/company-ca.pem")))?;
    if builder.config.providers.iter().any(|provider| provider.id == directory.id) {
        return Err(wrong(format!(
            "names a directory, and another provider has its id \"{}\" already. \
             Example: AUTH_COMPANY_ID instead of AUTH_LDAP_ID",
            directory.id
        )));
    }
    Ok(Some(directory))
}

/// What cannot be without a database.
fn missing_database(config: &Config, adapter: Option<&Arc<dyn Adapter>>) -> Vec<ConfigError> {
    if adapter.is_some() {
        return Vec::new();
    }
    let needs = [
        (
            config.session.strategy == Some(SessionStrategy::Database),
            "AUTH_SESSION=database stores sessions there",
        ),
        (config.email.is_some(), "sign-in by e-mail stores its tokens there"),
        (config.audit.webhook.is_some(), "AUTH_AUDIT_WEBHOOK_URL is told what is stored there"),
    ];
    let missing = needs.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, why)| ConfigError {
        variable: "DATABASE_URL".to_owned(),
        message: format!("is missing: {why}. Example: DATABASE_URL=sqlite://data/app.db"),
    });
    missing.collect()
}

/// Sign-in by password: where it is not switched off, and has what it needs.
#[cfg(feature = "password")]
fn passwords(
    config: &Config,
    adapter: Option<&Arc<dyn Adapter>>,
    email: Option<&EmailSignIn>,
) -> Result<Option<Passwords>, ConfigError> {
    const VARIABLE: &str = "AUTH_PASSWORD";
    let adapter = adapter.filter(|adapter| adapter.keeps_user_records());
    match (config.password.is_on, adapter, email) {
        (Some(false), ..) => Ok(None),
        (_, Some(adapter), Some(email)) => Ok(Some(Passwords::new(config, adapter.clone(), &email.from))),
        (None, ..) => Ok(None),
        (Some(true), adapter, _) => {
            let missing = match adapter {
                None => "there is no database that keeps them. Example: DATABASE_URL=sqlite://data/app.db",
                Some(_) => {
                    "no mail can be sent to prove an address. Example: EMAIL_SERVER=smtps://user:password@smtp.example.com"
                }
            };
            Err(ConfigError {
                variable: VARIABLE.to_owned(),
                message: format!("turns passwords on, but {missing}"),
            })
        }
    }
}

fn email_sign_in(
    builder: &AuthBuilder,
    adapter: Option<&Arc<dyn Adapter>>,
    http: &HttpClient,
) -> Result<Option<Arc<EmailSignIn>>, String> {
    let Some(adapter) = adapter.cloned() else { return Ok(None) };
    Ok(match (&builder.config.email, &builder.mailer, &builder.from) {
        (Some(settings), ..) => {
            let mailer = settings.service.clone().mailer(http.clone())?;
            Some(Arc::new(EmailSignIn { adapter, mailer, from: settings.from.clone() }))
        }
        (None, Some(mailer), Some(from)) => {
            Some(Arc::new(EmailSignIn { adapter, mailer: mailer.clone(), from: from.clone() }))
        }
        _ => None,
    })
}
