//! Records rejected sign-ins and exceeded rate limits, for all sign-in methods.
//!
//! Rows are written in the background, so that known and unknown names take the same time (CR-01). The rows are limited, so
//! that an attacker cannot fill the database with rejected requests: in 15 minutes a few rows for each network and some
//! for all networks together are stored, then one row that says that there were more. The log has all of them.

use tracing::Instrument;

use super::{Event, Note, Row};
use crate::{
    auth::Auth,
    clock::Timestamp,
    email::EmailAddress,
    error::{AuthError, chain},
    rate_limit::{NOTED_IN_ALL, NOTED_LIMITS, NOTED_OVERFLOW, NOTED_REFUSALS, network},
    request::{ActionRequest, Parameters},
};

/// Whether a rejection becomes an audit row.
enum Room {
    Free,
    /// One row stands for all further rejections.
    Overflow,
    Full,
}

/// Returns the row that stands for all rejections that are not stored.
fn overflow() -> Note<'static> {
    Note {
        refused: Some("TooManyRefusals"),
        detail: Some("too many rejections in 15 minutes to store: the log has all of them".to_owned()),
        ..Note::nobody(Event::SignInRefused)
    }
}

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
                let turn = self.limits.count(&NOTED_LIMITS, &format!("{limit} {client}"), request.now).await;
                (Event::Limited, *limit, turn)
            }
            AuthError::Credentials { .. }
            | AuthError::Locked
            | AuthError::Verification(_)
            | AuthError::AccountNotLinked
            | AuthError::AccessDenied(_)
            | AuthError::OAuthCallback(_) => {
                let turn = self.limits.count(&NOTED_REFUSALS, &client, request.now).await;
                (Event::SignInRefused, error.code().as_str(), turn)
            }
            _ => return,
        };
        if turn.is_err() {
            return;
        }
        let note = Note { method, refused: Some(reason), ..Note::nobody(event) };
        let (note, named) = match self.room(request.now).await {
            Room::Free => (note, named),
            Room::Overflow => (overflow(), None),
            Room::Full => return,
        };
        let (auth, row, now) = (self.clone(), Row::new(&note, request), request.now);
        tokio::spawn(async move { auth.keep_refusal(row, named, now).await }.in_current_span());
    }

    /// Records that a user's request was rejected, if the limit on such rows allows it.
    pub(crate) async fn note_refused(
        &self,
        request: &ActionRequest<'_>,
        note: Note<'_>,
    ) -> Result<(), AuthError> {
        let client = request.client.map(network).unwrap_or_default();
        if self.limits.count(&NOTED_REFUSALS, &client, request.now).await.is_err() {
            return Ok(());
        }
        match self.room(request.now).await {
            Room::Free => self.note(request, note).await,
            Room::Overflow => self.note(request, overflow()).await,
            Room::Full => Ok(()),
        }
    }

    async fn room(&self, now: Timestamp) -> Room {
        if self.limits.count(&NOTED_IN_ALL, "", now).await.is_ok() {
            return Room::Free;
        }
        let is_first = self.limits.count(&NOTED_OVERFLOW, "", now).await.is_ok();
        if is_first { Room::Overflow } else { Room::Full }
    }

    async fn keep_refusal(&self, mut row: Row, named: Option<String>, now: Timestamp) {
        let user_id = match &named {
            Some(name) => self.user_named(name).await,
            None => None,
        };
        if let (None, Some(name)) = (&user_id, &named) {
            // Tries of one name can be told to belong together, and the name is not kept.
            row.detail = Some(format!("name {}", self.pseudonyms.name(name)));
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
