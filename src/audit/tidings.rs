//! What the owner of an account is told by mail, because they would want to know if it was somebody else: what, when, by which
//! browser, from where, and a link that undoes and locks.
//!
//! Mails go out beside the answer, never before it: how long a mail server takes must not tell whether there is an account
//! (CR-03), nor keep anybody waiting. A mail that cannot be sent is an error in the log; the row of what happened is there
//! all the same.

use std::{sync::Arc, time::Duration};

use leptos_auth_locales::{Key, Language, mail};
use tokio::sync::Semaphore;
use tracing::Instrument;

use super::{Event, NEW_BROWSER, Note, Row};
use crate::{
    action::Undo,
    adapter::Adapter,
    auth::Auth,
    clock::Timestamp,
    email::{EmailAddress, Letter, Words},
    error::{self, AuthError},
    rate_limit::SIGN_IN_MAILS,
    request::ActionRequest,
    session,
};

/// Mails that are on their way at once; more would be a flood.
const MOST: usize = 256;
/// How long a mail waits before it is tried again.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(60)];

/// Room for mails on their way.
pub(crate) struct Outbox(Arc<Semaphore>);

impl Default for Outbox {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST)))
    }
}

/// What only the mail needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    /// The address before the change: the mail goes there.
    pub(crate) former_email: Option<&'a EmailAddress>,
    /// The address after it.
    pub(crate) new_email: &'a EmailAddress,
}

/// A mail that is still to be written.
struct Tidings {
    user_id: String,
    event: Event,
    /// Heading and sentence.
    texts: (Key, Key),
    row: Row,
    /// That of the request, which is over when the mail is written.
    language: &'static Language,
    now: Timestamp,
    /// Before and after.
    emails: Option<(EmailAddress, EmailAddress)>,
}

impl Auth {
    /// Sends the owner a mail, if that is something to tell. Returns at once.
    pub(super) fn tell_owner(
        &self,
        request: &ActionRequest<'_>,
        note: &Note<'_>,
        row: &Row,
        told: Option<Told<'_>>,
    ) {
        // That an address no longer counts is told in any case (LK-12).
        let is_wanted = self.config.audit.security_mails || note.event == Event::EmailChanged;
        let (Some(user_id), true, Some(_)) = (note.user_id, is_wanted, &self.email) else { return };
        let Some(texts) = texts(row) else { return };
        let emails = told.and_then(|told| Some((told.former_email?.clone(), told.new_email.clone())));
        if note.event == Event::EmailChanged && emails.is_none() {
            return;
        }
        let Ok(permit) = self.outbox.0.clone().try_acquire_owned() else {
            tracing::error!(
                event = row.event,
                user = user_id,
                "too many mails at once: this one is not sent"
            );
            return;
        };
        let tidings = Tidings {
            user_id: user_id.to_owned(),
            event: note.event,
            texts,
            row: row.clone(),
            language: request.language,
            now: request.now,
            emails,
        };
        let auth = self.clone();
        let send = async move {
            if let Err(error) = tidings.send(&auth).await {
                let (event, error) = (&tidings.row.event, error::chain(&error));
                tracing::error!(event, user = tidings.user_id, error, "the owner could not be told by mail");
            }
            drop(permit);
        };
        tokio::spawn(send.in_current_span());
    }
}

impl Tidings {
    async fn send(&self, auth: &Auth) -> Result<(), AuthError> {
        let (Some(email), Some(adapter)) = (&auth.email, &auth.adapter) else { return Ok(()) };
        let Some(to) = self.recipient(&**adapter).await? else { return Ok(()) };
        if self.event == Event::SignedIn {
            auth.limits.count(&SIGN_IN_MAILS, &self.user_id, self.now).await?;
        }
        let former = self.emails.as_ref().map(|(former, _)| former);
        let undo = Undo::new(&self.user_id, &self.row, former, self.now);
        let link = undo.filter(|_| adapter.keeps_user_records()).map(|undo| undo.link(auth));
        let letter = email.letter(auth, self.language, &to);
        let mail = letter.write(&self.words(auth, &letter, link.as_ref()));
        for pause in PAUSES {
            match email.send(mail.clone()).await {
                Ok(()) => return Ok(()),
                Err(_) => tokio::time::sleep(pause).await,
            }
        }
        email.send(mail).await
    }

    /// Only an address that is proven: to any other one it would be news of somebody else.
    async fn recipient(&self, adapter: &dyn Adapter) -> Result<Option<EmailAddress>, AuthError> {
        if let Some((former, _)) = &self.emails {
            return Ok(Some(former.clone()));
        }
        let user = adapter.get_user(&self.user_id).await?;
        let proven = user.and_then(|user| user.email.filter(|_| user.email_verified.is_some()));
        Ok(proven.and_then(|address| EmailAddress::parse(&address).ok()))
    }

    fn words<'w>(&self, auth: &Auth, letter: &Letter<'_>, link: Option<&'w url::Url>) -> Words<'w> {
        let (heading, lead) = self.texts;
        let heading = letter.text(heading);
        let method = auth.method_name(self.row.method.as_deref().unwrap_or_default(), letter.language);
        let new = self.emails.as_ref().map(|(_, new)| new.as_str()).unwrap_or_default();
        let advice = match (self.event, link) {
            (Event::Locked, _) => mail::ADVICE_LOCKED,
            (_, Some(_)) => mail::ADVICE_LINK,
            (_, None) => mail::ADVICE_CONTACT,
        };
        Words {
            subject: letter.fill(mail::TOLD_SUBJECT, &[("heading", heading), ("host", letter.host)]),
            heading: heading.to_owned(),
            paragraphs: vec![
                letter.fill(lead, &[("method", method), ("new", new)]),
                self.facts(letter),
                letter.text(advice).to_owned(),
            ],
            button: link.map(|link| (letter.text(mail::UNDO_BUTTON), link)),
            footer: link.map(|_| letter.text(mail::UNDO_FOOTER).to_owned()).unwrap_or_default(),
            valid_for: Undo::LIFETIME,
            ..Words::default()
        }
    }

    /// When, by which browser, from where.
    fn facts(&self, letter: &Letter<'_>) -> String {
        let time = leptos_auth_locales::date_time(&self.now.to_rfc3339(), |key| letter.text(key));
        let user_agent = self.row.user_agent.as_deref().unwrap_or_default();
        let browser = session::device_name(user_agent, letter.language);
        let address = self.row.address.as_deref().unwrap_or_default();
        let text = match (browser.is_empty(), address.is_empty()) {
            (false, false) => mail::FACTS,
            (false, true) => mail::FACTS_WITHOUT_ADDRESS,
            (true, false) => mail::FACTS_WITHOUT_BROWSER,
            (true, true) => mail::FACTS_ONLY_TIME,
        };
        letter.fill(text, &[("time", &time), ("browser", &browser), ("address", address)])
    }
}

/// Whether that is something to tell the owner.
pub(crate) fn is_told(row: &Row) -> bool {
    texts(row).is_some()
}

/// Heading and sentence, where there is something to tell.
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
