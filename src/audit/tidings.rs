//! What the owner of an account is told by mail, because they would want to know if it was somebody else: what, when, by which
//! browser, from where, and a link that undoes and locks.
//!
//! Mails go out beside the answer, never before it: how long a mail server takes must not tell whether there is an account
//! (CR-03), nor keep anybody waiting. A mail that cannot be sent is an error in the log; the row of what happened is there
//! all the same.

use std::{sync::Arc, time::Duration};

use tokio::sync::Semaphore;
use tracing::Instrument;

use super::{Event, NEW_BROWSER, Note, Row};
use crate::{
    action::Undo,
    adapter::Adapter,
    auth::Auth,
    clock::Timestamp,
    email::{EmailAddress, Words},
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
    row: Row,
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
        if !is_told(row) {
            return;
        }
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
            row: row.clone(),
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
        let mail = email.letter(auth, &to).write(&self.words(auth, link.as_ref()));
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

    fn words<'w>(&self, auth: &Auth, link: Option<&'w url::Url>) -> Words<'w> {
        let host = auth.config.base_url.host_str().unwrap_or_default();
        let method = auth.method_name(self.row.method.as_deref().unwrap_or_default());
        let (heading, mut sentence) = sentence(self.event, &self.row, method).unwrap_or_default();
        if let Some((_, new)) = &self.emails {
            sentence += &format!(" It is now {new}, and mails about the account go there from now on.");
        }
        let browser =
            self.row.user_agent.as_deref().map(session::device_name).filter(|name| !name.is_empty());
        let mut facts = format!("When: {}", self.now.to_http_date());
        facts += &browser.map(|name| format!(". Browser: {name}")).unwrap_or_default();
        facts +=
            &self.row.address.as_ref().map(|address| format!(". Address: {address}")).unwrap_or_default();
        let advice = match (self.event, link) {
            (Event::Locked, _) => {
                "Ask for a sign-in mail to this address, or for a new password: that opens it again."
            }
            (_, Some(_)) => "If this was you, there is nothing to do.",
            (_, None) => "If this was not you, contact the people who run the site.",
        };
        let footer = "The link asks before it does anything. It then undoes this where that is possible, signs everybody \
                      out and locks the account until you prove that this address is yours. It works once, for 7 days.";
        Words {
            subject: format!("{heading} ({host})"),
            heading: heading.to_owned(),
            paragraphs: vec![sentence, facts, advice.to_owned()],
            button: link.map(|link| ("This wasn't me", link)),
            footer: link.map(|_| footer.to_owned()).unwrap_or_default(),
            valid_for: Undo::LIFETIME,
            ..Words::default()
        }
    }
}

/// Whether that is something to tell the owner.
pub(crate) fn is_told(row: &Row) -> bool {
    row.result == "ok" && Event::parse(&row.event).is_some_and(|event| sentence(event, row, "").is_some())
}

/// Heading and sentence, where there is something to tell.
fn sentence(event: Event, row: &Row, method: &str) -> Option<(&'static str, String)> {
    let (heading, sentence) = match event {
        Event::SignedIn if row.detail.as_deref() == Some(NEW_BROWSER) => {
            ("New sign-in", format!("Somebody signed in to your account with {method}, in a browser that has not been used for it before."))
        }
        Event::EmailChanged => {
            ("Your email address was changed", "This address no longer belongs to your account.".to_owned())
        }
        Event::DeletionAsked => (
            "Your account will be deleted",
            "Somebody who was signed in to your account has asked for its deletion. Whoever signs in until then can keep it."
                .to_owned(),
        ),
        Event::AccountLinked => {
            ("A way to sign in was added", format!("It is now possible to sign in to your account with {method}."))
        }
        Event::AccountUnlinked => {
            ("A way to sign in was removed", format!("It is no longer possible to sign in to your account with {method}."))
        }
        Event::PasswordSet => ("A password was added", "Your account now has a password.".to_owned()),
        Event::PasswordChanged => ("Your password was changed", "Your account has a new password.".to_owned()),
        Event::PasswordReset => (
            "Your password was reset",
            "A link that was mailed to you was used to give your account a new password.".to_owned(),
        ),
        Event::PasswordRemoved => {
            ("Your password was removed", "It is no longer possible to sign in to your account by a password.".to_owned())
        }
        Event::PasskeyAdded => ("A passkey was added", "It is now possible to sign in to your account with one more passkey.".to_owned()),
        Event::PasskeyRemoved => ("A passkey was removed", "One of the passkeys of your account was removed.".to_owned()),
        Event::SecondStepTurnedOn => {
            ("The second step is on", "Signing in to your account now takes a code as well.".to_owned())
        }
        Event::SecondStepTurnedOff => {
            ("The second step is off", "Signing in to your account no longer takes a code.".to_owned())
        }
        Event::RecoveryCodeUsed => {
            ("A recovery code was used", "Somebody signed in to your account with one of its recovery codes.".to_owned())
        }
        Event::RecoveryCodesMade => {
            ("New recovery codes were made", "Your account has new recovery codes; the former ones no longer work.".to_owned())
        }
        Event::Locked => (
            "Your account is locked",
            "Somebody opened a link of a mail to you that says \"This wasn't me\". Everybody is signed out.".to_owned(),
        ),
        _ => return None,
    };
    Some((heading, sentence))
}
