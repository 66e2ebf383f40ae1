//! A pending two-factor sign-in: the first factor is done, the code is missing. A user record has what is needed to
//! continue; the browser holds a ticket that finds it, for ten minutes. The ticket is not a session and grants no access
//! (SE-14), and the sign-in is completed only once, even if the ticket was copied.
use std::time::Duration;

use http::HeaderValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::SecondSteps;
use crate::{
    account_linking::Resolved,
    adapter::{Account, User, UserRecord},
    clock::Timestamp,
    cookie::{CookieNames, Cookies},
    error::AuthError,
    hash, random,
    request::ActionRequest,
    user_records::{UserRecords, kind::WAITING_SIGN_IN},
};

const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The field in which a program without cookies sends the ticket.
const FIELD: &str = "secondStep";

/// What a sign-in needs to go on: all that its first step has found out.
#[derive(Serialize, Deserialize)]
pub(crate) struct WaitingSignIn {
    user: String,
    pub(crate) provider: String,
    /// Kind, provider, id there.
    account: Option<(String, String, String)>,
    profile: Option<Value>,
    max_age: Option<Duration>,
    pub(crate) remembered: bool,
    pub(crate) callback_url: Url,
}

/// What the browser holds.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ticket {
    pub(crate) user: String,
    /// Whether the browser must not be remembered: others use it as well.
    pub(crate) is_shared: bool,
    token: String,
    exp: i64,
}

impl WaitingSignIn {
    pub(crate) fn new(resolved: &Resolved, provider: &str, remembered: bool, callback_url: &Url) -> Self {
        let account = resolved.account.as_ref().map(|account| {
            (account.r#type.clone(), account.provider.clone(), account.provider_account_id.clone())
        });
        Self {
            user: resolved.user.id.clone(),
            provider: provider.to_owned(),
            account,
            profile: resolved.profile.clone(),
            max_age: resolved.max_age,
            remembered,
            callback_url: callback_url.clone(),
        }
    }

    /// Whose session it will be, now that both steps are taken. The user is as stored now.
    pub(crate) fn resolved(self, user: User) -> Resolved {
        let account = self.account.map(|(r#type, provider, provider_account_id)| Account {
            r#type,
            provider,
            provider_account_id,
        });
        Resolved {
            user,
            is_new: false,
            must_link: false,
            account,
            profile: self.profile,
            max_age: self.max_age,
            is_multi_factor: true,
        }
    }
}

impl Ticket {
    /// Names the record, which holds nothing that could be put into a cookie.
    pub(crate) fn id(&self) -> String {
        hash::sha256_hex(&[&self.token])
    }
}

impl SecondSteps {
    /// Lets a sign-in wait: the cookie with its ticket.
    pub(crate) async fn wait(
        &self,
        names: &CookieNames,
        waiting: &WaitingSignIn,
        now: Timestamp,
    ) -> Result<HeaderValue, AuthError> {
        let end = now.plus(LIFETIME);
        let ticket = Ticket {
            user: waiting.user.clone(),
            is_shared: !waiting.remembered,
            token: random::token(),
            exp: end.as_seconds(),
        };
        let record = UserRecord {
            user_id: waiting.user.clone(),
            kind: WAITING_SIGN_IN.to_owned(),
            id: ticket.id(),
            value: self.waiting.close(waiting),
            created: now,
            expires: Some(end),
        };
        self.adapter.put_user_record(&record, None).await?;
        Ok(names.set(&names.second_step, &self.waiting.close(&ticket), Some((LIFETIME, now))))
    }

    /// The ticket of a request, if it has one that is not over.
    pub(crate) fn ticket(&self, names: &CookieNames, request: &ActionRequest<'_>) -> Option<Ticket> {
        match request.parameters.get(FIELD) {
            Some(sealed) => self.opened_ticket(sealed, request.now),
            None => self.ticket_of_browser(names, &request.cookies, request.now),
        }
    }

    /// The ticket of a browser.
    pub(crate) fn ticket_of_browser(
        &self,
        names: &CookieNames,
        cookies: &Cookies<'_>,
        now: Timestamp,
    ) -> Option<Ticket> {
        cookies.find(&names.second_step, |sealed| self.opened_ticket(sealed, now))
    }

    fn opened_ticket(&self, sealed: &str, now: Timestamp) -> Option<Ticket> {
        let ticket = self.waiting.open::<Ticket>(sealed)?;
        (ticket.exp > now.as_seconds()).then_some(ticket)
    }

    /// The sign-in that waits for a ticket.
    pub(crate) async fn waiting(
        &self,
        ticket: &Ticket,
        now: Timestamp,
    ) -> Result<Option<WaitingSignIn>, AuthError> {
        let records = UserRecords::of(&*self.adapter, &ticket.user).await?;
        let id = ticket.id();
        let record = records.all(WAITING_SIGN_IN, now).find(|record| record.id == id);
        let waiting = record.and_then(|record| self.waiting.open::<WaitingSignIn>(&record.value));
        Ok(waiting.filter(|waiting| waiting.user == ticket.user))
    }

    /// Takes the sign-in of a ticket away: `true` for exactly one request.
    pub(crate) async fn stop_waiting(&self, ticket: &Ticket) -> Result<bool, AuthError> {
        Ok(self.adapter.delete_user_record(&ticket.user, WAITING_SIGN_IN, &ticket.id()).await?)
    }
}
