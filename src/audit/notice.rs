//! Security notifications: the email to an account's owner about a security event. It says what happened, when, in which
//! browser and from where, and has a link that reverses the change and locks the account.
//!
//! Rule: the email goes to the verified address that the account had when the event happened. The outbox sends it.

use leptos_auth_locales::{Key, Language, mail};
use serde::{Deserialize, Serialize};

use super::{Event, NEW_BROWSER, Note, Row};
use crate::{
    action::Undo,
    adapter::{Adapter, AdapterError},
    auth::Auth,
    clock::Timestamp,
    email::{EmailAddress, Letter, Words},
    error::AuthError,
    rate_limit::SIGN_IN_MAILS,
    request::ActionRequest,
    session,
};

/// What the email needs besides its event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Notice {
    to: String,
    /// Language tag of the request, which has ended by the time the email is written.
    language: String,
    /// The new address, after a change of address.
    new_email: Option<String>,
}

impl Auth {
    /// Returns the email about an event; `None` if the event needs no email, or there is no address to send it to.
    pub(super) async fn notice(
        &self,
        adapter: &dyn Adapter,
        request: &ActionRequest<'_>,
        note: &Note<'_>,
        row: &Row,
    ) -> Result<Option<Notice>, AdapterError> {
        // The former address is always notified that it is no longer in use (LK-12).
        let is_wanted = self.config.audit.security_mails || note.event == Event::EmailChanged;
        let (Some(user_id), true, true) = (note.user_id, is_wanted && is_notified(row), self.email.is_some())
        else {
            return Ok(None);
        };
        let to = match note.mailbox {
            Some(mailbox) => Some(mailbox.to_string()),
            None if note.event == Event::EmailChanged => None,
            None => {
                let user = adapter.get_user(user_id).await?;
                // An unverified address may belong to someone else, who must not be notified.
                user.and_then(|user| user.email.filter(|_| user.email_verified.is_some()))
            }
        };
        let new_email = note.new_email.map(ToString::to_string);
        Ok(to.map(|to| Notice { to, language: request.language.tag.to_owned(), new_email }))
    }
}

impl Notice {
    /// Sends the email. Does nothing without a mailer, or if the address is not valid.
    pub(super) async fn send(
        &self,
        auth: &Auth,
        user_id: &str,
        row: &Row,
        at: Timestamp,
        id: &str,
    ) -> Result<(), AuthError> {
        let (Some(email), Some(adapter)) = (&auth.email, &auth.adapter) else { return Ok(()) };
        let Ok(to) = EmailAddress::parse(&self.to) else { return Ok(()) };
        if row.event == Event::SignedIn.as_str() {
            let turn = auth.limits.count(&SIGN_IN_MAILS, user_id, auth.clock.now()).await;
            if let Err(AuthError::RateLimited(..)) = turn {
                return Ok(());
            }
            turn?;
        }
        let former = self.new_email.as_ref().map(|_| &to);
        let undo = Undo::new(user_id, row, former, at).filter(|_| adapter.keeps_user_records());
        // An email that is sent twice contains the same link.
        let link = undo.map(|undo| undo.with_id(id).link(auth));
        let language = Language::of_tag(&self.language).unwrap_or_else(Language::english);
        let letter = email.letter(auth, language, &to);
        email.send(letter.write(&self.words(auth, &letter, row, at, link.as_ref()))).await
    }

    fn words<'w>(
        &self,
        auth: &Auth,
        letter: &Letter<'_>,
        row: &Row,
        at: Timestamp,
        link: Option<&'w url::Url>,
    ) -> Words<'w> {
        let (heading, lead) = texts(row).unwrap_or((mail::LOCKED_HEADING, mail::LOCKED_LEAD));
        let heading = letter.text(heading);
        let method = auth.method_name(row.method.as_deref().unwrap_or_default(), letter.language);
        let new = self.new_email.as_deref().unwrap_or_default();
        let advice = match link {
            _ if row.event == Event::Locked.as_str() => mail::ADVICE_LOCKED,
            Some(_) => mail::ADVICE_LINK,
            None => mail::ADVICE_CONTACT,
        };
        Words {
            subject: letter.fill(mail::TOLD_SUBJECT, &[("heading", heading), ("host", letter.host)]),
            heading: heading.to_owned(),
            paragraphs: vec![
                letter.fill(lead, &[("method", method), ("new", new)]),
                facts(letter, row, at),
                letter.text(advice).to_owned(),
            ],
            button: link.map(|link| (letter.text(mail::UNDO_BUTTON), link)),
            footer: link.map(|_| letter.text(mail::UNDO_FOOTER).to_owned()).unwrap_or_default(),
            valid_for: Undo::LIFETIME,
            ..Words::default()
        }
    }
}

/// Returns the time, the browser and the IP address as text.
fn facts(letter: &Letter<'_>, row: &Row, at: Timestamp) -> String {
    let time = leptos_auth_locales::date_time(&at.to_rfc3339(), |key| letter.text(key));
    let user_agent = row.user_agent.as_deref().unwrap_or_default();
    let browser = session::device_name(user_agent, letter.language);
    let address = row.address.as_deref().unwrap_or_default();
    let text = match (browser.is_empty(), address.is_empty()) {
        (false, false) => mail::FACTS,
        (false, true) => mail::FACTS_WITHOUT_ADDRESS,
        (true, false) => mail::FACTS_WITHOUT_BROWSER,
        (true, true) => mail::FACTS_ONLY_TIME,
    };
    letter.fill(text, &[("time", &time), ("browser", &browser), ("address", address)])
}

/// Returns whether the owner is notified of an event.
pub(crate) fn is_notified(row: &Row) -> bool {
    texts(row).is_some()
}

/// Returns the heading and the first sentence of the email about an event.
fn texts(row: &Row) -> Option<(Key, Key)> {
    let event = Event::parse(&row.event).filter(|_| row.result == "ok")?;
    let texts = match event {
        Event::SignedIn if row.detail.as_deref() == Some(NEW_BROWSER) => {
            (mail::NEW_BROWSER_HEADING, mail::NEW_BROWSER_LEAD)
        }
        Event::EmailChanged => (mail::EMAIL_CHANGED_HEADING, mail::EMAIL_CHANGED_LEAD),
        Event::DeletionAsked => (mail::DELETION_HEADING, mail::DELETION_LEAD),
        Event::AccountLinked => (mail::LINKED_HEADING, mail::LINKED_LEAD),
        Event::AccountUnlinked => (mail::UNLINKED_HEADING, mail::UNLINKED_LEAD),
        Event::PasswordSet => (mail::PASSWORD_SET_HEADING, mail::PASSWORD_SET_LEAD),
        Event::PasswordChanged => (mail::PASSWORD_CHANGED_HEADING, mail::PASSWORD_CHANGED_LEAD),
        Event::PasswordReset => (mail::PASSWORD_RESET_HEADING, mail::PASSWORD_RESET_LEAD),
        Event::PasswordRemoved => (mail::PASSWORD_REMOVED_HEADING, mail::PASSWORD_REMOVED_LEAD),
        Event::PasskeyAdded => (mail::PASSKEY_ADDED_HEADING, mail::PASSKEY_ADDED_LEAD),
        Event::PasskeyRemoved => (mail::PASSKEY_REMOVED_HEADING, mail::PASSKEY_REMOVED_LEAD),
        Event::PasskeyCounterLower => (mail::PASSKEY_COUNTER_LOWER_HEADING, mail::PASSKEY_COUNTER_LOWER_LEAD),
        Event::SecondStepTurnedOn => (mail::SECOND_STEP_ON_HEADING, mail::SECOND_STEP_ON_LEAD),
        Event::SecondStepTurnedOff => (mail::SECOND_STEP_OFF_HEADING, mail::SECOND_STEP_OFF_LEAD),
        Event::RecoveryCodeUsed => (mail::RECOVERY_CODE_USED_HEADING, mail::RECOVERY_CODE_USED_LEAD),
        Event::RecoveryCodesMade => (mail::RECOVERY_CODES_MADE_HEADING, mail::RECOVERY_CODES_MADE_LEAD),
        Event::Locked => (mail::LOCKED_HEADING, mail::LOCKED_LEAD),
        _ => return None,
    };
    Some(texts)
}
