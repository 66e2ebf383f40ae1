//! What happens to accounts: how long that is kept, and who is told.

use std::time::Duration;

use url::Url;

use super::{Mode, Reader, is_safe_endpoint};
use crate::{audit, secret::Secret};

const DAY: u64 = 24 * 3600;
const URL: &str = "AUTH_AUDIT_WEBHOOK_URL";
pub(super) const SECRET: &str = "AUTH_AUDIT_WEBHOOK_SECRET";

/// Settings of the audit rows, and of the mails about them.
#[derive(Clone, Debug)]
pub struct AuditSettings {
    /// How long a row is kept. `AUTH_AUDIT_RETENTION`, days, 180.
    pub retention: Duration,
    /// Whether owners get mails about what happens to their accounts. `AUTH_SECURITY_MAILS`, true.
    pub security_mails: bool,
    /// The program that is told of each row, if any.
    pub webhook: Option<WebhookSettings>,
}

/// `AUTH_AUDIT_WEBHOOK_URL` and `AUTH_AUDIT_WEBHOOK_SECRET`.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// Where rows are posted.
    pub url: Url,
    /// What they are signed with: `whsec_` and base64, as Standard Webhooks writes it.
    pub secret: Secret,
}

impl Reader<'_> {
    pub(super) fn audit(&mut self) -> AuditSettings {
        AuditSettings {
            retention: self.audit_retention(),
            security_mails: self.flag("AUTH_SECURITY_MAILS").unwrap_or(true),
            webhook: self.webhook(),
        }
    }

    fn audit_retention(&mut self) -> Duration {
        const VARIABLE: &str = "AUTH_AUDIT_RETENTION";
        let days = match self.get(VARIABLE).map(str::parse) {
            None => 180,
            Some(Ok(days @ 1..=3650)) => days,
            Some(_) => {
                self.wrong(
                    VARIABLE,
                    format!("must be a number of days from 1 to 3650. Example: {VARIABLE}=180"),
                );
                180
            }
        };
        Duration::from_secs(days * DAY)
    }

    fn webhook(&mut self) -> Option<WebhookSettings> {
        let (url, secret) = (self.get(URL).map(Url::parse), self.get(SECRET).map(Secret::new));
        let allow_loopback = self.mode == Mode::Development;
        match &url {
            None => {
                if secret.is_some() {
                    self.wrong(URL, format!("is missing: {SECRET} alone tells nobody. Example: {URL}=https://audit.example.com/hook"));
                }
                return None;
            }
            Some(Ok(url)) if is_safe_endpoint(url, allow_loopback) => {}
            Some(_) => self.wrong(
                URL,
                format!("must be a URL with https. Example: {URL}=https://audit.example.com/hook"),
            ),
        }
        const LEAST: usize = 24;
        let key = secret.as_ref().and_then(|secret| audit::webhook_key(secret.expose()));
        if key.is_none_or(|key| key.len() < LEAST) {
            self.wrong(
                SECRET,
                format!("must be whsec_ and at least {LEAST} random bytes in base64. Example: {SECRET}=\"whsec_$(openssl rand -base64 32)\""),
            );
        }
        Some(WebhookSettings { url: url?.ok()?, secret: secret? })
    }
}
