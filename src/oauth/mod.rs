//! The protocol steps of OAuth 2.0 (RFC 6749, 7636, 9207), OpenID Connect Core 1.0 and OAuth 1.0, one per file.
//!
//! [`OAuthClient`] is one provider with its cached documents (discovery document, keys). It begins a sign-in and turns
//! the callback into a [`Profile`] and [`Tokens`]; it knows nothing about users and sessions.

mod authorization;
mod cached;
mod check;
mod client_authentication;
mod discovery;
mod end_session;
mod endpoints;
mod hs256;
mod id_token;
mod jwks;
mod logout_token;
mod members;
mod metadata;
pub(crate) mod oauth1;
mod pushed;
mod tenant;
#[cfg(test)]
mod tests;
mod token;
mod transaction;
mod userinfo;

use std::sync::Arc;

use http::{HeaderValue, Method};
use serde_json::{Map, Value};
use url::Url;

pub use check::{ProviderCheck, ProviderChecker};
pub(crate) use logout_token::LogoutToken;
pub use oauth1::SignatureMethod;
pub(crate) use token::{RefreshError, Tokens};
pub(crate) use transaction::{LIFETIME as TRANSACTION_LIFETIME, PURPOSE as TRANSACTION_PURPOSE, Transaction};

use crate::{
    clock::{Clock, Timestamp},
    config::is_safe_endpoint,
    error::{AuthError, Source},
    hash,
    http_client::{HttpClient, bearer},
    provider::{self, Endpoints, OAuthProvider, Profile},
    provider_token::ProviderToken,
    types::{ProviderInfo, ProviderType},
};
use client_authentication::Signers;
use discovery::Discovery;
use endpoints::{ProviderMetadata, discovered, endpoint, fixed, template};
use jwks::KeySet;
use metadata::Metadata;
use oauth1::{OAuth1, TokenCredentials, Unsigned, World};

/// One provider and what we remember of it.
pub(crate) struct OAuthClient {
    pub(crate) provider: OAuthProvider,
    /// What holds for a provider without a discovery document.
    fixed: Option<ProviderMetadata>,
    /// What holds for a provider that speaks OAuth 1.
    oauth1: Option<OAuth1>,
    signers: Signers,
    http: HttpClient,
    clock: Arc<dyn Clock>,
    discovery: Discovery,
    keys: KeySet,
}

/// The query or the form of a callback (RFC 6749 section 4.1.2; RFC 9207 section 2; RFC 5849 section 2.2).
#[derive(Debug, Default)]
pub(crate) struct CallbackParameters<'q> {
    pub(crate) code: Option<&'q str>,
    pub(crate) iss: Option<&'q str>,
    /// Apple's: a JSON object with the name, which anybody could have written.
    pub(crate) user: Option<&'q str>,
    /// OAuth 1: what the person's consent is proven by (RFC 5849 section 2.2).
    pub(crate) verifier: Option<&'q str>,
}

impl OAuthClient {
    /// # Errors
    /// Which of the provider's URLs cannot be one, or what is wrong with its key, as half of a sentence with an example.
    pub(crate) fn new(
        provider: OAuthProvider,
        http: HttpClient,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, String> {
        let fixed = match &provider.endpoints {
            Endpoints::Issuer(_) | Endpoints::OAuth1(_) => None,
            Endpoints::Fixed(endpoints) => Some(fixed(endpoints, provider.client_authentication)?),
        };
        let oauth1 = match &provider.endpoints {
            Endpoints::OAuth1(endpoints) => {
                Some(OAuth1::new(endpoints, &provider.client_id, &provider.client_secret)?)
            }
            _ => None,
        };
        let signers = client_authentication::signers(&provider)?;
        let (discovery, keys) = (Discovery::new(clock.clone()), KeySet::new(clock.clone()));
        Ok(Self { provider, fixed, oauth1, signers, http, clock, discovery, keys })
    }

    /// Where the browser goes, and what it must bring back.
    ///
    /// OAuth 1 changes the transaction: what comes back is the provider's word there, not ours.
    pub(crate) async fn begin(
        &self,
        base_url: &Url,
        transaction: &mut Transaction,
    ) -> Result<Url, AuthError> {
        self.authorization_url(base_url, transaction).await.map_err(AuthError::OAuthSignin)
    }

    async fn authorization_url(&self, base_url: &Url, transaction: &mut Transaction) -> Result<Url, Source> {
        if let Some(oauth1) = &self.oauth1 {
            let (callback, params) =
                (self.provider.callback_url(base_url), &self.provider.authorization_params);
            let begun = oauth1.begin(self.world(), &callback, params).await?;
            let (to, TokenCredentials { token, secret }) = begun;
            transaction.state = token;
            transaction.token_secret = Some(secret);
            return Ok(to);
        }
        let metadata = self.metadata().await?;
        let parameters = authorization::parameters(&self.provider, &metadata, base_url, transaction);
        let is_demanded =
            metadata.oidc.as_ref().is_some_and(|oidc| oidc.require_pushed_authorization_requests);
        if !is_demanded && !self.provider.pushes_requests {
            return Ok(authorization::url(&self.provider, &metadata, &parameters));
        }
        let request_uri = pushed::push(self, &metadata, &parameters).await?;
        let client_id = (self.provider.quirks.client_id.to_owned(), self.provider.client_id.clone());
        let parameters = [client_id, ("request_uri".to_owned(), request_uri)];
        Ok(authorization::url(&self.provider, &metadata, &parameters))
    }

    /// Checks the way back and asks the provider who it was; with the tokens that it gave.
    ///
    /// The caller has matched `state` with the transaction already.
    pub(crate) async fn finish(
        &self,
        base_url: &Url,
        transaction: &Transaction,
        callback: &CallbackParameters<'_>,
    ) -> Result<(Profile, Tokens), AuthError> {
        self.profile(base_url, transaction, callback).await.map_err(AuthError::OAuthCallback)
    }

    async fn profile(
        &self,
        base_url: &Url,
        transaction: &Transaction,
        callback: &CallbackParameters<'_>,
    ) -> Result<(Profile, Tokens), Source> {
        if let Some(oauth1) = &self.oauth1 {
            return self.oauth1_profile(oauth1, transaction, callback.verifier).await;
        }
        let metadata = self.metadata().await?;
        self.check_issuer(&metadata, callback.iss)?;
        let code = callback.code.filter(|code| !code.is_empty()).ok_or("the callback has no code")?;
        let tokens = token::exchange(self, &metadata, base_url, code, &transaction.verifier).await?;
        let mut person = match (&self.provider.endpoints, &metadata.oidc) {
            (Endpoints::Fixed(endpoints), _) => {
                userinfo::plain(&self.http, &self.provider, &endpoints.userinfo, &tokens).await?
            }
            (Endpoints::Issuer(_), Some(oidc)) => self.oidc_claims(oidc, &tokens, transaction).await?,
            _ => return Err("the provider has no discovery document".into()),
        };
        if self.provider.quirks.user_in_callback {
            add_user(&mut person, callback.user);
        }
        let profile = self.provider.profile.read(&person)?;
        Ok((Profile { raw: person, ..profile }, tokens))
    }

    async fn oauth1_profile(
        &self,
        oauth1: &OAuth1,
        transaction: &Transaction,
        verifier: Option<&str>,
    ) -> Result<(Profile, Tokens), Source> {
        let (token, secret) = (transaction.state.clone(), transaction.token_secret.clone());
        let secret = secret.ok_or("the sign-in has no temporary credentials")?;
        let temporary = TokenCredentials { token, secret };
        let (credentials, expires_in) = oauth1.exchange(self.world(), &temporary, verifier).await?;
        let person = oauth1.person(self.world(), &credentials).await?;
        let profile = self.provider.profile.read(&person)?;
        let tokens = Tokens {
            access_token: credentials.token,
            token_secret: Some(credentials.secret),
            refresh_token: None,
            id_token: None,
            expires_in,
            scope: None,
            answer: Map::new(),
        };
        Ok((Profile { raw: person, ..profile }, tokens))
    }

    fn world(&self) -> World<'_> {
        World { http: &self.http, now: self.clock.now() }
    }

    /// Whether the way back has an `oauth_token` and no `state`.
    pub(crate) const fn is_oauth1(&self) -> bool {
        self.oauth1.is_some()
    }

    /// The `Authorization` header for one request to the provider's API.
    pub(crate) fn authorization(
        &self,
        token: &ProviderToken,
        method: &Method,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<HeaderValue, Source> {
        if !is_safe_endpoint(url, true) {
            return Err("a token is sent over https only".into());
        }
        match (&self.oauth1, &token.token_secret) {
            (Some(oauth1), Some(secret)) => {
                let (token, secret) = (token.access_token.expose().to_owned(), secret.expose().to_owned());
                let credentials = TokenCredentials { token, secret };
                let request = Unsigned { method, url, form };
                oauth1.signer.authorization(&request, Some(&credentials), &[], self.clock.now())
            }
            (None, None) => Ok(bearer(token.access_token.expose())?),
            _ => Err("the token is of another provider".into()),
        }
    }

    /// New tokens for a refresh token. An ID token among them must speak of the person of the first one (ID-23).
    pub(crate) async fn refresh(
        &self,
        refresh_token: &str,
        id_token: Option<&str>,
    ) -> Result<Tokens, RefreshError> {
        let metadata = self.metadata().await.map_err(RefreshError::unavailable)?;
        let tokens = token::refresh(self, &metadata, refresh_token).await?;
        match (id_token, &tokens.id_token) {
            (Some(first), Some(next)) if !id_token::is_same_person(first, next, &self.provider.client_id) => {
                Err(RefreshError::Refused("the new ID token is of another person".to_owned()))
            }
            _ => Ok(tokens),
        }
    }

    /// Where the browser goes to be signed out at the provider too; `None` when that is off or the provider has no
    /// such place.
    ///
    /// What is known of the provider is enough, however old: nobody should wait for signing out.
    pub(crate) async fn end_session_url(
        &self,
        base_url: &Url,
        id_token: Option<&str>,
        state: &str,
    ) -> Result<Option<Url>, Source> {
        if !self.provider.federated_sign_out || self.is_oauth1() {
            return Ok(None);
        }
        let oidc = match self.discovery.known() {
            Some(known) => Some(known),
            None => self.metadata().await?.oidc,
        };
        Ok(oidc.and_then(|oidc| oidc.end_session_endpoint.clone()).map(|endpoint| {
            let OAuthProvider { client_id, .. } = &self.provider;
            let return_url = self.provider.signed_out_url(base_url);
            end_session::end_session_url(&endpoint, client_id, id_token, &return_url, state)
        }))
    }

    /// What a logout token says, if it is genuine, for us and of now.
    pub(crate) async fn logout_token(&self, token: &str) -> Result<LogoutToken, Source> {
        let oidc = self.metadata().await?.oidc.ok_or("the provider does not speak OpenID Connect")?;
        let algorithms = &oidc.id_token_signing_alg_values_supported;
        let header = id_token::read_header(token, algorithms, &logout_token::TYPES)?;
        let payload = self.keys.verify(&self.http, &oidc.jwks_uri, token, &header, |_| true).await?;
        let client_id = &self.provider.client_id;
        logout_token::verify_claims(&payload, &oidc.issuer, client_id, self.clock.now())
    }

    /// Returns the ID token's claims. Name and address, if missing, are requested from the userinfo endpoint, because many
    /// providers put only `sub` into the token (OpenID Connect Core 1.0 section 5.4). If that endpoint is always asked, its
    /// claims take precedence.
    async fn oidc_claims(
        &self,
        oidc: &Metadata,
        tokens: &Tokens,
        transaction: &Transaction,
    ) -> Result<Value, Source> {
        let id_token = tokens.id_token.as_deref().ok_or("the token answer has no id_token")?;
        let expected = id_token::Expected {
            issuer: &oidc.issuer,
            is_template: self.is_template(&oidc.issuer),
            client_id: &self.provider.client_id,
            nonce: &transaction.nonce,
            begun: transaction.begun(),
            access_token: &tokens.access_token,
            now: self.clock.now(),
        };
        let claims = if self.provider.quirks.hs256_id_token && id_token::is_hs256(id_token) {
            id_token::verify_hs256(id_token, &self.provider.client_secret, &expected)?
        } else {
            let algorithms = &oidc.id_token_signing_alg_values_supported;
            let header = id_token::read_header(id_token, algorithms, &["JWT"])?;
            let may_sign = id_token::may_sign(id_token, &expected);
            let payload = self.keys.verify(&self.http, &oidc.jwks_uri, id_token, &header, may_sign).await?;
            // Fetching the keys may have taken seconds.
            let expected = id_token::Expected { now: self.clock.now(), ..expected };
            id_token::verify_claims(&payload, &header, &expected)?
        };
        let always = self.provider.always_asks_userinfo;
        if !always && (oidc.userinfo_endpoint.is_none() || !userinfo::is_needed(&claims)) {
            return Ok(Value::Object(claims));
        }
        let answer = userinfo::ask(self, oidc, &tokens.access_token, &claims).await?;
        Ok(Value::Object(userinfo::merge(claims, answer, always)))
    }

    /// Whether the discovery document's issuer stands for many tenants.
    fn is_template(&self, issuer: &str) -> bool {
        self.provider.quirks.tenant_issuer && tenant::is_template(issuer)
    }

    /// RFC 9207 section 2.4: compared as texts; missing is wrong where the provider promised to send it (mix-up).
    fn check_issuer(&self, metadata: &ProviderMetadata, iss: Option<&str>) -> Result<(), Source> {
        match (&metadata.issuer, iss) {
            (Some(template), Some(iss)) if self.is_template(template) && tenant::is_of_any(template, iss) => {
                Ok(())
            }
            (Some(issuer), Some(iss)) if !hash::equal(issuer, iss) => {
                Err("the callback's iss is another issuer".into())
            }
            (_, None) if metadata.requires_iss => Err("the callback has no iss".into()),
            _ => Ok(()),
        }
    }

    /// Endpoints from the discovery document, or the fixed ones.
    async fn metadata(&self) -> Result<ProviderMetadata, Source> {
        if let Some(fixed) = &self.fixed {
            return Ok(fixed.clone());
        }
        let Endpoints::Issuer(issuer) = &self.provider.endpoints else {
            return Err("the provider has neither endpoints nor an issuer".into());
        };
        let template = template(&self.provider, issuer);
        let asked = self.discovery.metadata(&self.http, &self.provider.id, issuer, template.as_deref());
        discovered(&self.provider, asked.await?)
    }

    /// Origins that a form's redirect may lead to, as far as they are known without asking.
    pub(crate) fn authorization_origins(&self) -> Vec<String> {
        let known: Vec<_> = match &self.provider.endpoints {
            Endpoints::Fixed(_) => self.fixed.iter().map(|fixed| fixed.authorization.origin()).collect(),
            Endpoints::OAuth1(_) => self.oauth1.iter().map(|oauth1| oauth1.authorization.origin()).collect(),
            Endpoints::Issuer(issuer) => {
                let known = self.discovery.known();
                let sign_in = known.as_ref().map(|metadata| &metadata.authorization_endpoint);
                let sign_out = known.as_ref().and_then(|metadata| metadata.end_session_endpoint.as_ref());
                let sign_out = sign_out.filter(|_| self.provider.federated_sign_out);
                let discovered = sign_in.into_iter().chain(sign_out).map(Url::origin);
                Url::parse(issuer).ok().map(|url| url.origin()).into_iter().chain(discovered).collect()
            }
        };
        known.iter().map(url::Origin::ascii_serialization).collect()
    }

    /// Asks for the discovery document ahead of the first sign-in.
    pub(crate) async fn warm_up(&self) -> Result<(), Source> {
        if self.is_oauth1() {
            return Ok(());
        }
        self.metadata().await.map(drop)
    }

    pub(crate) fn info(&self, base_url: &Url) -> ProviderInfo {
        let OAuthProvider { id, name, .. } = &self.provider;
        provider::info(base_url, id, name, self.provider.r#type())
    }

    /// The word for the accounts table.
    pub(crate) fn r#type(&self) -> &'static str {
        match self.provider.r#type() {
            ProviderType::Oidc => "oidc",
            _ => "oauth",
        }
    }
}

/// Puts what the callback says of the person beside the claims, where it can replace none. Nobody has signed it, so
/// nothing but a name may be read from it.
fn add_user(claims: &mut Value, user: Option<&str>) {
    let user = user.and_then(|user| serde_json::from_str::<Value>(user).ok()).filter(Value::is_object);
    if let (Some(claims), Some(user)) = (claims.as_object_mut(), user) {
        claims.entry("user").or_insert(user);
    }
}

/// How much clocks may differ.
pub(crate) const LEEWAY_SECONDS: i64 = 60;

/// Whether an instant has passed, with leeway.
pub(crate) fn is_past(seconds: i64, now: Timestamp) -> bool {
    seconds.saturating_add(LEEWAY_SECONDS) < now.as_seconds()
}
