//! Sends every audit event to a webhook, as specified by Standard Webhooks (standardwebhooks.com): one POST for each row,
//! signed with a shared secret, at least once, retried for a day.
//!
//! The write that stores a row also marks it for delivery, so a restart loses nothing. All instances look for marked rows;
//! a counter in the database allows one attempt for each row and time step, so only one instance sends a row at a time. No
//! request ever waits for delivery.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{StreamExt, stream};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderValue, Request, StatusCode, header};
use serde_json::json;
use sha2::Sha256;
use tokio::sync::Notify;
use url::Url;

use crate::{
    adapter::{Adapter, AuditRecord},
    auth::Auth,
    clock::Timestamp,
    config::WebhookSettings,
    error::{self, AuthError},
    http_client::HttpClient,
    rate_limit::WEBHOOK_TRIES,
    secret::Secret,
};

/// For so long a row is tried.
const PERSISTENCE: Duration = Duration::from_secs(24 * 3600);
/// A receiver has to take a row that fast; what it does with it, it may do later.
const PATIENCE: Duration = Duration::from_secs(5);
/// Rows of other instances are looked for that often.
const POLL: Duration = Duration::from_secs(2);
/// The longest pause after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(5 * 60);
/// Rows that are read, and told, at once.
const PAGE: u32 = 100;
const PARALLEL: usize = 8;

/// Where to tell.
pub(crate) struct Webhook {
    url: Url,
    secret: Secret,
    http: HttpClient,
    wake: Notify,
}

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Delivered,
    /// Another instance tries it, or it was tried a moment ago.
    NotDue,
    /// This row is not wanted; others may be.
    Refused,
    /// Nobody answers, or not now.
    Down,
}

impl Webhook {
    pub(crate) fn new(settings: &WebhookSettings, http: HttpClient) -> Self {
        let WebhookSettings { url, secret } = settings.clone();
        Self { url, secret, http, wake: Notify::new() }
    }

    /// There is something to tell.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    async fn post(&self, record: &AuditRecord, now: Timestamp) -> Outcome {
        let object = record.to_json();
        let event = object["event"].as_str().unwrap_or_default();
        let body = json!({
            "type": format!("audit.{event}"),
            "timestamp": record.created.to_rfc3339(),
            "data": object,
        });
        let Ok(request) = self.request(&record.id, &body.to_string(), now) else { return Outcome::Refused };
        let answer = tokio::time::timeout(PATIENCE, self.http.send(request)).await;
        let outcome = match &answer {
            Ok(Ok(answer)) => outcome(answer.status()),
            _ => Outcome::Down,
        };
        if outcome != Outcome::Delivered {
            let reason = match answer {
                Ok(Ok(answer)) => format!("it answered {}", answer.status()),
                Ok(Err(error)) => error::chain(&error),
                Err(_late) => format!("no answer within {} seconds", PATIENCE.as_secs()),
            };
            tracing::warn!(id = record.id, reason, "the audit webhook did not take a row");
        }
        outcome
    }

    fn request(&self, id: &str, body: &str, now: Timestamp) -> Result<Request<Vec<u8>>, http::Error> {
        let timestamp = now.as_seconds().to_string();
        let signature = sign(&self.secret, id, &timestamp, body);
        Request::post(self.url.as_str())
            .header(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header("webhook-id", id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(body.as_bytes().to_vec())
    }
}

/// `v1,` and the HMAC-SHA256 of id, time and body, with dots between them.
fn sign(secret: &Secret, id: &str, timestamp: &str, body: &str) -> String {
    let key = key(secret.expose()).unwrap_or_default();
    // Takes a key of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// The bytes of `whsec_` and base64.
pub(crate) fn key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_")?).ok()
}

fn outcome(status: StatusCode) -> Outcome {
    let is_later = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
    match status {
        _ if status.is_success() => Outcome::Delivered,
        _ if is_later => Outcome::Down,
        _ => Outcome::Refused,
    }
}

/// In which step of time a row of that age is: steps double up to the longest pause.
fn step(age: Duration) -> u64 {
    const DOUBLING: u64 = 8;
    let seconds = age.as_secs();
    let longest = LONGEST_PAUSE.as_secs();
    if seconds < longest { u64::from((seconds + 1).ilog2()) } else { DOUBLING + seconds / longest }
}

impl Auth {
    /// Delivers audit events to the webhook (`AUTH_AUDIT_WEBHOOK_URL`), and security emails that could not be sent
    /// immediately, for as long as it is polled. The host runs it alongside its requests.
    pub async fn deliver_audit(&self) {
        futures_util::future::join(self.deliver_outbox(), self.deliver_to_webhook()).await;
    }

    async fn deliver_to_webhook(&self) {
        let (Some(webhook), Some(adapter)) = (&self.webhook, &self.adapter) else {
            return std::future::pending().await;
        };
        let mut pause = Duration::ZERO;
        loop {
            match self.deliver_due(webhook, &**adapter).await {
                Ok(true) => pause = Duration::ZERO,
                Ok(false) => pause = (pause * 2).clamp(POLL, LONGEST_PAUSE),
                Err(error) => {
                    tracing::error!(%error, "what the audit webhook has to be told cannot be read");
                    pause = (pause * 2).clamp(POLL, LONGEST_PAUSE);
                }
            }
            if pause.is_zero() {
                // Whichever comes first; an elapsed time is no error.
                let _ = tokio::time::timeout(POLL, webhook.wake.notified()).await;
            } else {
                tokio::time::sleep(pause).await;
            }
        }
    }

    /// Tries everything that is due. Whether the receiver takes rows, as far as that is known.
    async fn deliver_due(&self, webhook: &Webhook, adapter: &dyn Adapter) -> Result<bool, AuthError> {
        let mut last = String::new();
        loop {
            let page = adapter.undelivered_audit(&last, PAGE).await?;
            let Some(end) = page.last() else { return Ok(true) };
            last.clone_from(&end.id);
            let tries = stream::iter(page).map(|record| self.deliver(webhook, adapter, record));
            let outcomes: Vec<_> = tries.buffer_unordered(PARALLEL).collect().await;
            for outcome in outcomes {
                if outcome? == Outcome::Down {
                    return Ok(false);
                }
            }
        }
    }

    async fn deliver(
        &self,
        webhook: &Webhook,
        adapter: &dyn Adapter,
        record: AuditRecord,
    ) -> Result<Outcome, AuthError> {
        let now = self.clock.now();
        let age = now.since(record.created);
        if age > PERSISTENCE {
            tracing::error!(
                id = record.id,
                "the audit webhook has not taken a row for a day: it is given up"
            );
            adapter.audit_delivered(&record.id).await?;
            return Ok(Outcome::Refused);
        }
        let this_try = format!("{} {}", record.id, step(age));
        match self.limits.count(&WEBHOOK_TRIES, &this_try, now).await {
            Err(AuthError::RateLimited(..)) => return Ok(Outcome::NotDue),
            turn => turn?,
        }
        let outcome = webhook.post(&record, now).await;
        if outcome == Outcome::Delivered {
            adapter.audit_delivered(&record.id).await?;
        }
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let (id, time) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330");
        let signature = sign(&secret, id, time, r#"{"test": 2432232314}"#);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn steps_of_time_grow_and_go_on() {
        let steps: Vec<_> = [0, 1, 2, 3, 7, 60, 299, 300, 599, 600, 86_400]
            .map(|seconds| step(Duration::from_secs(seconds)))
            .into();
        assert!(steps.is_sorted(), "{steps:?}");
        assert_eq!(steps[..3], [0, 1, 1]);
        assert!(steps[6] < steps[7] && steps[7] == steps[8] && steps[8] < steps[9], "{steps:?}");
    }

    #[test]
    fn what_may_work_later_is_told_from_what_is_not_wanted() {
        assert_eq!(outcome(StatusCode::NO_CONTENT), Outcome::Delivered);
        assert_eq!(outcome(StatusCode::FOUND), Outcome::Refused, "no redirect is followed");
        assert_eq!(outcome(StatusCode::GONE), Outcome::Refused);
        assert_eq!(outcome(StatusCode::TOO_MANY_REQUESTS), Outcome::Down);
        assert_eq!(outcome(StatusCode::BAD_GATEWAY), Outcome::Down);
    }
}
