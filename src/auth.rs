//! The handle that a host holds: settings, keys, store and providers, all made once at start.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response};
use url::Url;

use crate::{
    action::{self, EmailSignIn, Waiting},
    adapter::Adapter,
    callback_url,
    clock::{Clock, SystemClock},
    config::{Config, ConfigError},
    cookie::{CookieNames, Cookies},
    csrf::{self, Csrf},
    email::{Mailer, SmtpMailer},
    error::AuthError,
    hash,
    http_client::HttpClient,
    jwt::TokenKeys,
    oauth::{self, OAuthClient},
    provider::{self, CredentialsProvider, OAuthProvider},
    provider_token::{self, ProviderToken, ProviderTokenError, ProviderTokens},
    rate_limit::RateLimiter,
    rest,
    session::{SessionRead, Sessions},
    types::{ProviderInfo, ProviderType, SignInForm, VerifyRequest},
};

/// Authentication for one application. Cloning it is cheap.
#[derive(Clone)]
pub struct Auth(Arc<AuthState>);

/// What [`Auth`] shares among its clones.
pub struct AuthState {
    pub(crate) config: Config,
    pub(crate) cookies: Arc<CookieNames>,
    pub(crate) csrf: Csrf,
    pub(crate) sessions: Sessions,
    pub(crate) limits: RateLimiter,
    pub(crate) transaction_keys: TokenKeys,
    pub(crate) waiting_keys: TokenKeys,
    pub(crate) signed_out_keys: TokenKeys,
    pub(crate) provider_tokens: ProviderTokens,
    pub(crate) adapter: Option<Arc<dyn Adapter>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) email: Option<Arc<EmailSignIn>>,
    pub(crate) credentials: Option<CredentialsProvider>,
    oauth_clients: Vec<OAuthClient>,
    provider_infos: Vec<ProviderInfo>,
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
        AuthBuilder { config, mailer: None, from: None, credentials: None, clock: Arc::new(SystemClock) }
    }

    /// Answers a request to the REST API under `/api/auth`.
    pub async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        rest::respond(self, request).await
    }

    /// Who the request comes from.
    ///
    /// # Errors
    /// When the store is away: then nobody is signed in or out, and the answer is 503.
    pub async fn session(&self, headers: &HeaderMap) -> Result<SessionRead, AuthError> {
        self.sessions.read(&Cookies::of(headers), self.clock.now()).await
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

    /// The data of the sign-in page.
    #[must_use]
    pub fn sign_in_form(&self, headers: &HeaderMap, callback_url: Option<&str>) -> Page<SignInForm> {
        let cookies = Cookies::of(headers);
        let csrf = self.csrf_token(&cookies);
        let data = SignInForm {
            providers: self.provider_infos.clone(),
            csrf_token: csrf.data,
            callback_url: callback_url::resolve(&self.config.base_url, [callback_url]).into(),
            last_used: self.last_used(&cookies),
        };
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// The data of the page that waits for an e-mail; `None` when this browser waits for none.
    #[must_use]
    pub fn verify_request(&self, headers: &HeaderMap) -> Page<Option<VerifyRequest>> {
        let cookies = Cookies::of(headers);
        let csrf = self.csrf_token(&cookies);
        let data = action::verify_request(self, &cookies, csrf.data, self.clock.now());
        Page { data, set_cookies: csrf.set_cookies }
    }

    /// Removes expired rows in small batches; the number removed.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn purge_expired(&self) -> Result<u64, AuthError> {
        const BATCH: u32 = 500;
        let Some(adapter) = &self.adapter else { return Ok(0) };
        let mut removed = 0;
        loop {
            let batch = adapter.purge_expired(self.clock.now(), BATCH).await?;
            removed += batch;
            if batch < u64::from(BATCH) {
                return Ok(removed);
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

    /// Whether the browser says that a request comes from our own pages.
    #[must_use]
    pub fn is_same_origin(&self, headers: &HeaderMap) -> bool {
        csrf::is_same_origin(headers, &self.config.base_url)
    }

    /// Origins that a sign-in form may redirect to: for `form-action` in the Content-Security-Policy.
    #[must_use]
    pub fn authorization_origins(&self) -> Vec<String> {
        let mut origins: Vec<_> =
            self.oauth_clients.iter().flat_map(OAuthClient::authorization_origins).collect();
        origins.sort_unstable();
        origins.dedup();
        origins
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), AuthError> {
        match &self.adapter {
            Some(adapter) => Ok(adapter.ping().await?),
            None => Ok(()),
        }
    }

    /// Asks all issuers for their discovery documents, so the first sign-in need not wait. A failure is only
    /// logged: the provider may come back.
    pub async fn warm_up(&self) {
        for client in &self.oauth_clients {
            if let Err(error) = client.warm_up().await {
                let error = crate::error::chain(&*error);
                tracing::warn!(provider = client.provider.id, error, "provider cannot be reached");
            }
        }
    }

    pub(crate) fn oauth_client(&self, provider: &str) -> Option<&OAuthClient> {
        self.oauth_clients.iter().find(|client| client.provider.id == provider)
    }

    /// An own page with a query.
    pub(crate) fn page(&self, path: &str, parameters: &[(&str, &str)]) -> Url {
        let mut url = self.config.base_url.clone();
        url.set_path(path);
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url
    }

    /// How the token of a mail is stored: as Auth.js does, with the secret behind it.
    pub(crate) fn token_hash(&self, token: &str) -> String {
        hash::sha256_hex(&[token, self.config.secrets[0].expose()])
    }

    pub(crate) fn csrf_token(&self, cookies: &Cookies<'_>) -> Page<String> {
        let csrf = self.csrf.token(cookies.get(&self.cookies.csrf).as_deref());
        let set_cookies = csrf.new_cookie.map(|value| self.cookies.set(&self.cookies.csrf, &value, None));
        Page { data: csrf.token, set_cookies: set_cookies.into_iter().collect() }
    }

    fn last_used(&self, cookies: &Cookies<'_>) -> Option<String> {
        let id = cookies.get(&self.cookies.last_provider)?;
        self.provider_infos.iter().any(|provider| provider.id == id).then_some(id)
    }
}

/// Puts an [`Auth`] together.
pub struct AuthBuilder {
    config: Config,
    mailer: Option<Arc<dyn Mailer>>,
    from: Option<String>,
    credentials: Option<CredentialsProvider>,
    clock: Arc<dyn Clock>,
}

impl AuthBuilder {
    /// Adds a provider that the environment does not describe.
    #[must_use]
    pub fn provider(mut self, provider: OAuthProvider) -> Self {
        self.config.providers.push(provider);
        self
    }

    /// Turns credentials on.
    #[must_use]
    pub fn credentials(mut self, provider: CredentialsProvider) -> Self {
        self.credentials = Some(provider);
        self
    }

    /// Sends mails by other means than SMTP. `EMAIL_SERVER` has precedence.
    #[must_use]
    pub fn mailer(mut self, mailer: Arc<dyn Mailer>, from: &str) -> Self {
        self.mailer = Some(mailer);
        self.from = Some(from.to_owned());
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
    pub async fn build(self) -> Result<Auth, Vec<ConfigError>> {
        let wrong =
            |variable: &str, message: String| vec![ConfigError { variable: variable.to_owned(), message }];
        let adapter = connect(&self.config).await.map_err(|reason| {
            wrong(
                "DATABASE_URL",
                format!("cannot be used: {reason}. Example: DATABASE_URL=sqlite://data/app.db"),
            )
        })?;
        let http = HttpClient::new().map_err(|error| {
            wrong("SSL_CERT_FILE", format!("or the system's certificates cannot be used: {error}. Example: apt install ca-certificates"))
        })?;
        let email = email_sign_in(&self, adapter.as_ref()).map_err(|reason| wrong("EMAIL_SERVER", reason))?;
        let (mut config, clock) = (self.config, self.clock);
        let cookies = Arc::new(CookieNames::new(config.base_url.scheme() == "https"));
        let oauth_clients: Vec<_> = std::mem::take(&mut config.providers)
            .into_iter()
            .map(|provider| OAuthClient::new(provider, http.clone(), clock.clone()))
            .collect();
        let mut provider_infos: Vec<_> =
            oauth_clients.iter().map(|client| client.info(&config.base_url)).collect();
        if email.is_some() {
            provider_infos.push(provider::info(&config.base_url, "email", "Email", ProviderType::Email));
        }
        if let Some(credentials) = &self.credentials {
            let (id, name) = ("credentials", credentials.name.as_str());
            provider_infos.push(provider::info(&config.base_url, id, name, ProviderType::Credentials));
        }
        Ok(Auth(Arc::new(AuthState {
            csrf: Csrf::new(&config.secrets),
            sessions: Sessions::new(config.session, cookies.clone(), &config.secrets, adapter.clone()),
            limits: RateLimiter::new(adapter.clone()),
            transaction_keys: TokenKeys::derive(&config.secrets, oauth::TRANSACTION_PURPOSE),
            waiting_keys: TokenKeys::derive(&config.secrets, Waiting::PURPOSE),
            signed_out_keys: TokenKeys::derive(&config.secrets, action::SIGNED_OUT_PURPOSE),
            provider_tokens: ProviderTokens::new(&config.secrets, adapter.clone()),
            credentials: self.credentials,
            config,
            cookies,
            adapter,
            clock,
            email,
            oauth_clients,
            provider_infos,
        })))
    }
}

async fn connect(config: &Config) -> Result<Option<Arc<dyn Adapter>>, String> {
    let Some(url) = &config.database_url else { return Ok(None) };
    #[cfg(feature = "sqlite")]
    {
        let adapter = crate::adapter::SqliteAdapter::connect(url.expose()).await;
        adapter
            .map(|adapter| Some(Arc::new(adapter) as Arc<dyn Adapter>))
            .map_err(|error| crate::error::chain(&error))
    }
    #[cfg(not(feature = "sqlite"))]
    {
        let _ = url;
        Err("this build has no database".to_owned())
    }
}

fn email_sign_in(
    builder: &AuthBuilder,
    adapter: Option<&Arc<dyn Adapter>>,
) -> Result<Option<Arc<EmailSignIn>>, String> {
    let Some(adapter) = adapter.cloned() else { return Ok(None) };
    Ok(match (&builder.config.email, &builder.mailer, &builder.from) {
        (Some(settings), ..) => {
            let mailer = Arc::new(SmtpMailer::from_url(&settings.server)?);
            Some(Arc::new(EmailSignIn { adapter, mailer, from: settings.from.clone() }))
        }
        (None, Some(mailer), Some(from)) => {
            Some(Arc::new(EmailSignIn { adapter, mailer: mailer.clone(), from: from.clone() }))
        }
        _ => None,
    })
}
