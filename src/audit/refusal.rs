//! Sign-ins that were refused, and limits that somebody ran into: noted here, for all ways to sign in.
//!
//! Rows are written beside the answer, so that it takes the same time for known and unknown names (CR-01). Nobody can fill the
//! database by being refused: of one client a few rows in a quarter of an hour are stored; the log has all.

use tracing::Instrument;

use super::{Event, Note, Row};
use crate::{
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::{AuthError, chain},
    hash,
    rate_limit::{NOTED_LIMITS, NOTED_REFUSALS, network},
    request::{ActionRequest, Parameters},
};

/// Whom a form is about, in the words of its sender.
pub(crate) fn named(parameters: &Parameters) -> Option<String> {
    ["email", "username", "name"].iter().find_map(|field| parameters.get(field)).map(str::to_owned)
}

impl Auth {
    /// Notes why somebody did not come in, if that is what the error says. Returns at once.
    pub(crate) async fn note_refusal(
        &self,
        request: &ActionRequest<'_>,
        method: Option<&str>,
        named: Option<String>,
        error: &AuthError,
    ) {
        let client = request.client.map(network).unwrap_or_default();
        let (event, reason, turn) = match error {
            AuthError::RateLimited(limit, _) => {
                let turn = self.noted.count(&NOTED_LIMITS, &format!("{limit} {client}"), request.now).await;
                (Event::Limited, *limit, turn)
            }
            AuthError::Credentials { .. }
            | AuthError::Verification(_)
            | AuthError::AccountNotLinked
            | AuthError::AccessDenied(_)
            | AuthError::OAuthCallback(_) => {
                let turn = self.noted.count(&NOTED_REFUSALS, &client, request.now).await;
                (Event::SignInRefused, error.code().as_str(), turn)
            }
            _ => return,
        };
        if turn.is_err() {
            return;
        }
        let note = Note { method, refused: Some(reason), ..Note::nobody(event) };
        let (auth, row, now) = (self.clone(), Row::new(&note, request), request.now);
        tokio::spawn(async move { auth.keep_refusal(row, named, now).await }.in_current_span());
    }

    async fn keep_refusal(&self, mut row: Row, named: Option<String>, now: Timestamp) {
        let user_id = match &named {
            Some(name) => self.user_named(name).await,
            None => None,
        };
        if let (None, Some(name)) = (&user_id, &named) {
            // Tries of one name can be told to belong together, and the name is not kept.
            row.detail = Some(format!("name {}", &hash::sha256_hex(&[&name.to_lowercase()])[..12]));
        }
        if let Err(error) = self.keep(user_id.as_deref(), &row, now).await {
            tracing::error!(error = chain(&error), event = row.event, "what happened could not be stored");
        }
    }

    async fn user_named(&self, name: &str) -> Option<String> {
        let address = EmailAddress::parse(name).ok()?;
        let user = self.adapter.as_ref()?.get_user_by_email(address.key()).await;
        Some(user.ok()??.id)
    }
}
