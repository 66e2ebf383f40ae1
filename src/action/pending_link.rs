//! Keeps a pending link: a provider sign-in whose address belongs to another user waits to be linked to that account.
//!
//! A user who signs in at a provider for the first time, with an address that another user has verified, is rejected.
//! Anyone can claim an address, and even a provider that verified it may have given it to a different person. But usually
//! it is the same person. Therefore the provider's data is kept, encrypted, in this browser only, until the user has
//! signed in as before. Then a page asks, and a button links the account. Until then nothing about the account is
//! revealed, neither its methods nor its name: only that it exists.
//!
//! The link is made only if the signed-in user owns the address. It works once, and expires after 15 minutes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    adapter::Account,
    auth::Auth,
    clock::Timestamp,
    cookie::{self, Cookies},
    email::EmailAddress,
    provider_token::StoredTokens,
    random,
    request::Redirect,
    types::ErrorCode,
};

/// The page that asks.
pub(super) const PAGE: &str = "/account/link";

/// What waits.
#[derive(Serialize, Deserialize)]
pub(crate) struct PendingLink {
    /// Its own name: it is used once.
    pub(crate) id: String,
    r#type: String,
    pub(crate) provider: String,
    provider_account_id: String,
    /// What the account is called at the provider.
    pub(crate) account_name: Option<String>,
    /// [`EmailAddress::key`] of the address: only its owner may link.
    email_key: Option<String>,
    /// What the provider gave; `None` when it is too long for a cookie, until the next sign-in there.
    pub(crate) tokens: Option<StoredTokens>,
    /// Where the person wanted to go; checked already.
    pub(crate) callback_url: String,
    exp: i64,
}

impl PendingLink {
    /// The salt of its key.
    pub(crate) const PURPOSE: &str = "authjs.pending-link";
    const LIFETIME: Duration = Duration::from_secs(15 * 60);

    pub(crate) fn new(
        account: Account,
        email: Option<EmailAddress>,
        tokens: StoredTokens,
        callback_url: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            id: random::token(),
            r#type: account.r#type,
            provider: account.provider,
            provider_account_id: account.provider_account_id,
            account_name: tokens.account_name().map(str::to_owned),
            email_key: email.map(|email| email.key().to_owned()),
            tokens: Some(tokens),
            callback_url: callback_url.to_owned(),
            exp: now.plus(Self::LIFETIME).as_seconds(),
        }
    }

    /// To the sign-in page, which says what to do, and from there to the page that asks.
    pub(crate) fn offer(mut self, auth: &Auth, now: Timestamp) -> Redirect {
        let mut sealed = self.seal(auth);
        if !cookie::fits(&sealed) {
            self.tokens = None;
            sealed = self.seal(auth);
        }
        if !cookie::fits(&sealed) {
            auth.base_url().as_str().clone_into(&mut self.callback_url);
            sealed = self.seal(auth);
        }
        tracing::info!(provider = self.provider, "the address belongs to another user: offered to link");
        let cookie = auth.cookies.set(&auth.cookies.pending_link, &sealed, Some((Self::LIFETIME, now)));
        let next = auth.page(PAGE, &[]);
        let query = [("error", ErrorCode::OAuthAccountNotLinked.as_str()), ("callbackUrl", next.as_str())];
        Redirect { to: auth.page("/signin", &query), set_cookies: vec![cookie] }
    }

    /// What waits in this browser.
    pub(crate) fn read(auth: &Auth, cookies: &Cookies<'_>, now: Timestamp) -> Option<Self> {
        cookies.find(&auth.cookies.pending_link, |sealed| {
            let link: Self = serde_json::from_slice(&auth.pending_link_keys.decrypt(sealed)?).ok()?;
            (link.exp > now.as_seconds()).then_some(link)
        })
    }

    /// The account to link.
    pub(crate) fn account(&self) -> Account {
        Account {
            r#type: self.r#type.clone(),
            provider: self.provider.clone(),
            provider_account_id: self.provider_account_id.clone(),
        }
    }

    /// Whether the address is that one.
    pub(crate) fn is_for(&self, owned: &EmailAddress) -> bool {
        self.email_key.as_deref() == Some(owned.key())
    }

    fn seal(&self, auth: &Auth) -> String {
        auth.pending_link_keys.encrypt(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// Name of the provider whose account waits in this browser, for the sign-in page.
pub(crate) fn waits_to_link(auth: &Auth, cookies: &Cookies<'_>) -> Option<String> {
    let link = PendingLink::read(auth, cookies, auth.clock.now())?;
    Some(auth.method(&link.provider).name)
}
