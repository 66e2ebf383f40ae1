//! All mail that the site sends in development, at `/dev/inbox`. Kept in memory, the newest hundred.

mod json;
mod page;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{Router, routing::get};
use leptos_auth::{
    clock::{Clock, SystemClock},
    email::{MailError, Mailer, OutgoingMail},
};
use serde::Serialize;

use crate::state::AppState;

const CAPACITY: usize = 100;

/// A mail as it would have been sent.
#[derive(Clone, Debug, Serialize)]
pub struct Mail {
    id: u64,
    to: String,
    subject: String,
    text: String,
    html: String,
    /// Names and values.
    headers: Vec<(String, String)>,
    /// RFC 3339 in UTC.
    date: String,
}

/// The mails, newest first.
#[derive(Default)]
pub struct Inbox {
    mails: Mutex<VecDeque<Mail>>,
}

impl Inbox {
    fn mails(&self) -> MutexGuard<'_, VecDeque<Mail>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> Vec<Mail> {
        self.mails().iter().cloned().collect()
    }

    fn find(&self, id: u64) -> Option<Mail> {
        self.mails().iter().find(|mail| mail.id == id).cloned()
    }
}

#[async_trait::async_trait]
impl Mailer for Inbox {
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError> {
        let now = SystemClock.now();
        let headers = [
            ("From", mail.from),
            ("To", mail.to.to_string()),
            ("Subject", mail.subject.clone()),
            ("Date", now.to_http_date()),
        ];
        let mut mails = self.mails();
        let id = mails.front().map_or(1, |newest| newest.id + 1);
        mails.truncate(CAPACITY - 1);
        mails.push_front(Mail {
            id,
            to: mail.to.to_string(),
            subject: mail.subject,
            text: mail.text,
            html: mail.html,
            headers: headers.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            date: now.to_rfc3339(),
        });
        Ok(())
    }
}

/// `/dev/inbox`, `/dev/inbox/1`, `/dev/inbox/1/html` and `/dev/inbox.json`.
pub fn routes(inbox: Arc<Inbox>, state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/dev/inbox", get(page::list))
        .route("/dev/inbox/{id}", get(page::mail))
        .route("/dev/inbox/{id}/html", get(page::html))
        .route("/dev/inbox.json", get(json::json))
        .with_state(page::InboxState { inbox, css: state.assets.names.css.clone() })
}

#[cfg(test)]
mod tests {
    use leptos_auth::email::{EmailAddress, MailData};

    use super::*;

    #[tokio::test]
    async fn the_newest_hundred_are_kept() {
        let inbox = Inbox::default();
        for number in 1..=120 {
            let mail = OutgoingMail {
                to: EmailAddress::parse("ada@example.com").unwrap(),
                from: "x".to_owned(),
                subject: number.to_string(),
                html: String::new(),
                text: String::new(),
                data: MailData::default(),
            };
            inbox.send(mail).await.unwrap();
        }
        let all = inbox.all();
        assert_eq!((all.len(), all[0].id, all[99].id), (100, 120, 21));
        assert!(inbox.find(21).is_some() && inbox.find(20).is_none());
    }
}
