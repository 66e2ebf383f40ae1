//! Services that take mail over HTTPS. A file for each says how its request is written and how its answer is read; here
//! is the one place that sends, tries again and gives up.
//!
//! Rule: no mail is sent twice (SM-06). A request is repeated when it was surely not taken: nobody could be reached, or
//! the service had no room for it (429). Any other failure may come after the mail was taken, so then it is repeated
//! only at a service that knows a repeated request by its key. Of an answer the log gets the status and a short code:
//! the rest may repeat the address, the link or the key.

mod forwardemail;
mod loops;
mod mailgun;
mod postmark;
mod resend;
mod sendgrid;

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, Request, Response, StatusCode, header};
use lettre::message::Mailbox;
use serde_json::Value;
use tokio::time::Instant;
use url::Url;

use super::{DEADLINE, MailError, Mailer, OutgoingMail, SmtpMailer};
use crate::{
    http_client::{HttpClient, HttpClientError, retry_after, secret_header},
    random,
    secret::Secret,
};

/// How mails are sent. One of them is set in the environment, or none.
#[derive(Clone, Debug)]
pub enum EmailService {
    /// `EMAIL_SERVER`: any server that speaks SMTP. The URL holds a password.
    Smtp(Url),
    /// `AUTH_RESEND_KEY`.
    Resend {
        /// The API key.
        key: Secret,
    },
    /// `AUTH_SENDGRID_KEY`.
    SendGrid {
        /// The API key: the right "Mail Send" is enough.
        key: Secret,
    },
    /// `AUTH_POSTMARK_KEY`.
    Postmark {
        /// The token of a server, not of the account.
        key: Secret,
    },
    /// `AUTH_MAILGUN_KEY`. The domain of the sender is the one that Mailgun knows.
    Mailgun {
        /// The API key, or the sending key of the domain.
        key: Secret,
        /// `AUTH_MAILGUN_REGION`.
        region: MailgunRegion,
    },
    /// `AUTH_LOOPS_KEY`. The mail is a template there, which says the sender as well.
    Loops {
        /// The API key.
        key: Secret,
        /// `AUTH_LOOPS_TRANSACTIONAL_ID`: which template.
        transactional_id: String,
    },
    /// `AUTH_FORWARDEMAIL_KEY`.
    ForwardEmail {
        /// The API token.
        key: Secret,
    },
}

/// Where Mailgun keeps a domain; the other region does not know it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MailgunRegion {
    /// United States.
    #[default]
    Us,
    /// European Union.
    Eu,
}

impl EmailService {
    /// The name of the service, as its owner writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Smtp(_) => "SMTP",
            Self::Resend { .. } => resend::API.name,
            Self::SendGrid { .. } => sendgrid::API.name,
            Self::Postmark { .. } => postmark::API.name,
            Self::Mailgun { .. } => mailgun::API.name,
            Self::Loops { .. } => loops::API.name,
            Self::ForwardEmail { .. } => forwardemail::API.name,
        }
    }

    /// What sends by it.
    ///
    /// # Errors
    /// One sentence that says what is wrong with the URL of an SMTP server.
    pub(crate) fn mailer(self, http: HttpClient) -> Result<Arc<dyn Mailer>, String> {
        let (api, write): (_, Write) = match self {
            Self::Smtp(server) => return Ok(Arc::new(SmtpMailer::from_url(&server)?)),
            Self::Resend { key } => (&resend::API, Box::new(move |mail| resend::request(&key, mail))),
            Self::SendGrid { key } => (&sendgrid::API, Box::new(move |mail| sendgrid::request(&key, mail))),
            Self::Postmark { key } => (&postmark::API, Box::new(move |mail| postmark::request(&key, mail))),
            Self::Mailgun { key, region } => {
                (&mailgun::API, Box::new(move |mail| mailgun::request(&key, region, mail)))
            }
            Self::Loops { key, transactional_id } => {
                (&loops::API, Box::new(move |mail| loops::request(&key, &transactional_id, mail)))
            }
            Self::ForwardEmail { key } => {
                (&forwardemail::API, Box::new(move |mail| forwardemail::request(&key, mail)))
            }
        };
        Ok(Arc::new(ServiceMailer { api, write, http }))
    }
}

/// What is particular to a service, apart from its request.
struct Api {
    /// As its owner writes it.
    name: &'static str,
    /// What to look at when it does not accept the key or the sender.
    look_at: &'static str,
    /// What tells that the mail was taken.
    receipt: Receipt,
    /// Where an answer has a short code for what is wrong (JSON pointer).
    code: Option<&'static str>,
    /// A request with an `Idempotency-Key` that it has seen already is answered, but not done again.
    knows_repeats: bool,
}

/// What tells that the mail was taken. Status 200 alone is not enough: so answers a proxy's log-in page as well.
enum Receipt {
    /// A success whose JSON has something there (JSON pointer).
    At(&'static str),
    /// This status; the answer is empty.
    Status(StatusCode),
}

type Written = Result<Request<Vec<u8>>, MailError>;
type Write = Box<dyn Fn(&OutgoingMail) -> Written + Send + Sync>;

/// Sends through one service.
struct ServiceMailer {
    api: &'static Api,
    write: Write,
    http: HttpClient,
}

/// One request that was not a success.
struct Failure {
    reason: String,
    /// The mail was surely not taken, or will not be taken twice.
    may_repeat: bool,
    /// `Retry-After`.
    wait: Option<Duration>,
}

#[async_trait::async_trait]
impl Mailer for ServiceMailer {
    async fn send(&self, mail: OutgoingMail) -> Result<(), MailError> {
        /// As often as SMTP would be tried (SM-03).
        const ATTEMPTS: u32 = 3;
        let until = Instant::now() + DEADLINE;
        let mut request = (self.write)(&mail)?;
        if self.api.knows_repeats {
            let key =
                HeaderValue::from_str(&random::token()).map_err(|error| MailError(error.to_string()))?;
            request.headers_mut().insert("idempotency-key", key);
        }
        let mut attempt = 1;
        loop {
            let Err(failure) = self.attempt(request.clone()).await else { return Ok(()) };
            let wait = failure.wait.unwrap_or_else(|| pause(attempt));
            // A person waits: who is told to come back in a minute is told so at once.
            if !failure.may_repeat || attempt == ATTEMPTS || Instant::now() + wait >= until {
                return Err(MailError(failure.reason));
            }
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }
}

impl ServiceMailer {
    async fn attempt(&self, request: Request<Vec<u8>>) -> Result<(), Failure> {
        let response = self.http.send(request).await.map_err(|error| Failure {
            may_repeat: match &error {
                HttpClientError::NoConnection(..) => true,
                HttpClientError::TooLarge(_) => false,
                _ => self.api.knows_repeats,
            },
            wait: None,
            reason: error.to_string(),
        })?;
        if self.api.takes(&response) { Ok(()) } else { Err(self.api.refusal(&response)) }
    }
}

impl Api {
    fn takes(&self, response: &Response<Vec<u8>>) -> bool {
        match self.receipt {
            Receipt::Status(status) => response.status() == status,
            Receipt::At(pointer) => {
                response.status().is_success()
                    && serde_json::from_slice::<Value>(response.body()).is_ok_and(|answer| {
                        answer.pointer(pointer).is_some_and(|receipt| {
                            !matches!(receipt, Value::Null | Value::Bool(false)) && receipt != ""
                        })
                    })
            }
        }
    }

    fn refusal(&self, response: &Response<Vec<u8>>) -> Failure {
        let status = response.status();
        let mut reason = format!("{} answered {status}", self.name);
        if let Some(code) = self.error_code(response.body()) {
            reason.push_str(&format!(" ({code})"));
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            reason.push_str(&format!(": look at {}", self.look_at));
        } else if status.is_success() {
            reason.push_str(", but did not take the mail");
        }
        // A conflict says that the request before, whose answer got lost, is still being worked on.
        let is_passing = status.is_server_error() || status == StatusCode::CONFLICT;
        let may_repeat = status == StatusCode::TOO_MANY_REQUESTS || (self.knows_repeats && is_passing);
        Failure { reason, may_repeat, wait: retry_after(response) }
    }

    /// The service's own word for what is wrong (`invalid_from_address`, `406`). A word has small letters only and a
    /// number five digits at most, so neither can be a key, an address or the code of the mail.
    fn error_code(&self, body: &[u8]) -> Option<String> {
        let answer: Value = serde_json::from_slice(body).ok()?;
        let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        match answer.pointer(self.code?)? {
            Value::Number(number) => {
                number.as_u64().filter(|code| *code < 100_000).map(|code| code.to_string())
            }
            Value::String(word) if word.len() <= 40 && is_word(word) => Some(word.clone()),
            _ => None,
        }
    }
}

/// Half a second, then a whole one; not all waiting requests come back at the same moment.
fn pause(attempt: u32) -> Duration {
    let [jitter] = random::bytes::<1>();
    Duration::from_millis(500) * attempt + Duration::from_millis(jitter.into())
}

/// A POST with JSON. `key` is the header with the key in it, which no log shows.
fn post_json(url: &str, key: (&'static str, &str), body: &Value) -> Written {
    post(url, key, "application/json", body.to_string().into_bytes())
}

fn post(url: &str, (name, key): (&'static str, &str), content_type: &str, body: Vec<u8>) -> Written {
    let unusable = || MailError("the key cannot be sent in a header".to_owned());
    let key = secret_header(key).map_err(|_| unusable())?;
    Request::post(url)
        .header(name, key)
        .header(header::CONTENT_TYPE, content_type)
        .header(header::ACCEPT, "application/json")
        .body(body)
        .map_err(|_| unusable())
}

/// `EMAIL_FROM` in its parts.
fn sender(mail: &OutgoingMail) -> Result<Mailbox, MailError> {
    mail.from.parse().map_err(|_| MailError("EMAIL_FROM is not a sender".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lg_02_of_an_answer_the_log_gets_a_word_or_a_small_number() {
        let code =
            |code: Value| resend::API.error_code(serde_json::json!({ "name": code }).to_string().as_bytes());
        assert_eq!(code("invalid_api_key".into()).as_deref(), Some("invalid_api_key"));
        assert_eq!(code(406.into()).as_deref(), Some("406"));
        for echo in ["re_Canary7", "ada@example.com", "https://app.test/?token=x", "a b", &"a".repeat(41)] {
            assert_eq!(code(echo.into()), None, "{echo}");
        }
        assert_eq!(code(12_345_678.into()), None, "the code of a mail");
        assert_eq!(resend::API.error_code(b"<html>"), None);
    }

    #[test]
    fn a_page_with_status_200_is_no_receipt() {
        let answer = |status: u16, body: &str| {
            Response::builder().status(status).body(body.as_bytes().to_vec()).unwrap()
        };
        assert!(resend::API.takes(&answer(200, r#"{"id":"49a3999c"}"#)), "control");
        for body in ["<html>Log in</html>", "", "{}", r#"{"id":null}"#, r#"{"id":""}"#, "[]"] {
            assert!(!resend::API.takes(&answer(200, body)), "{body}");
        }
        assert!(loops::API.takes(&answer(200, r#"{"success":true}"#)), "control");
        assert!(!loops::API.takes(&answer(200, r#"{"success":false}"#)));
        assert!(sendgrid::API.takes(&answer(202, "")), "control");
        assert!(!sendgrid::API.takes(&answer(200, "<html>Log in</html>")));
        assert!(!resend::API.takes(&answer(500, r#"{"id":"49a3999c"}"#)));
    }
}
