//! How emails are sent: `EMAIL_SERVER` or the key of one email service, and `EMAIL_FROM`.

use url::Url;

use super::{ConfigError, Environment, Mode, Reader};
use crate::{
    email::{EmailService, MailgunRegion, smtp},
    secret::Secret,
};

/// How mails are sent, and in whose name.
#[derive(Clone, Debug)]
pub struct EmailSettings {
    /// Set by `EMAIL_SERVER` or the key of a service.
    pub service: EmailService,
    /// `EMAIL_FROM`: the sender. May be empty for Loops, whose templates name one.
    pub from: String,
}

/// Each variable that turns sign-in by e-mail on, and what one looks like.
const WAYS: [(&str, &str); 7] = [
    (SMTP, "smtps://user:password@smtp.example.com"),
    (RESEND, "re_…"),
    (SENDGRID, "SG.…"),
    (POSTMARK, "00000000-0000-0000-0000-000000000000"),
    (MAILGUN, "key-…"),
    (LOOPS, "0123456789abcdef"),
    (FORWARD_EMAIL, "0123456789abcdef"),
];

const SMTP: &str = "EMAIL_SERVER";
const RESEND: &str = "AUTH_RESEND_KEY";
const SENDGRID: &str = "AUTH_SENDGRID_KEY";
const POSTMARK: &str = "AUTH_POSTMARK_KEY";
const MAILGUN: &str = "AUTH_MAILGUN_KEY";
const MAILGUN_REGION: &str = "AUTH_MAILGUN_REGION";
const LOOPS: &str = "AUTH_LOOPS_KEY";
const LOOPS_TEMPLATE: &str = "AUTH_LOOPS_TRANSACTIONAL_ID";
const FORWARD_EMAIL: &str = "AUTH_FORWARDEMAIL_KEY";

/// Belongs to Loops, though it looks like the id of a client at a provider.
pub(super) const NO_CLIENT_ID: &str = LOOPS_TEMPLATE;

impl Reader<'_> {
    pub(super) fn email(&mut self) -> Option<EmailSettings> {
        let mut ways = WAYS.into_iter().filter(|(variable, _)| self.get(variable).is_some());
        let (way, superfluous): (_, Vec<_>) = (ways.next(), ways.collect());
        let Some((way, example)) = way else {
            self.options_of_nothing();
            return None;
        };
        for (variable, _) in superfluous {
            self.wrong(
                variable,
                format!("is a second way to send mails: {way} is set as well. Example: {variable}="),
            );
        }
        let from = self.email_sender(way);
        let service = self.email_service(way, example)?;
        Some(EmailSettings { service, from })
    }

    /// What changes nothing without the variable that it belongs to.
    fn options_of_nothing(&mut self) {
        let alone = [
            (
                "EMAIL_FROM",
                SMTP,
                "sends nothing. Example: EMAIL_SERVER=smtps://user:password@smtp.example.com",
            ),
            (MAILGUN_REGION, MAILGUN, "sends nothing. Example: AUTH_MAILGUN_KEY=key-…"),
            (LOOPS_TEMPLATE, LOOPS, "sends nothing. Example: AUTH_LOOPS_KEY=0123456789abcdef"),
        ];
        for (option, needed, why) in alone {
            if self.get(option).is_some() {
                self.wrong(needed, format!("is missing: {option} alone {why}"));
            }
        }
    }

    fn email_sender(&mut self, way: &str) -> String {
        // In an env file, a name with spaces needs quotes, which some programs treat as part of the value.
        const EXAMPLE: &str = "Example: EMAIL_FROM=no-reply@example.com";
        let from = self.get("EMAIL_FROM").unwrap_or_default().to_owned();
        if from.is_empty() {
            if way != LOOPS {
                self.wrong("EMAIL_FROM", format!("is missing: {way} needs a sender. {EXAMPLE}"));
            }
        } else if !smtp::is_mailbox(&from) {
            self.wrong("EMAIL_FROM", format!("is not a sender. {EXAMPLE}"));
        }
        from
    }

    fn email_service(&mut self, way: &str, example: &str) -> Option<EmailService> {
        let value = self.get(way)?.to_owned();
        if way == SMTP {
            let server = Url::parse(&value).map_err(|_| "is not a URL".to_owned());
            let server = server.and_then(|server| smtp::SmtpMailer::from_url(&server).map(|_| server));
            return match server {
                Ok(server) => Some(EmailService::Smtp(server)),
                Err(reason) => {
                    self.wrong(way, format!("{reason}. Example: {way}={example}"));
                    None
                }
            };
        }
        if !value.bytes().all(|byte| byte.is_ascii_graphic()) {
            self.wrong(way, format!("has a character that no key has. Example: {way}={example}"));
        }
        let key = Secret::new(value);
        Some(match way {
            RESEND => EmailService::Resend { key },
            SENDGRID => EmailService::SendGrid { key },
            POSTMARK => EmailService::Postmark { key },
            MAILGUN => EmailService::Mailgun { key, region: self.mailgun_region() },
            LOOPS => EmailService::Loops { key, transactional_id: self.loops_template()? },
            _ => EmailService::ForwardEmail { key },
        })
    }

    fn mailgun_region(&mut self) -> MailgunRegion {
        // Auth.js writes them in capitals.
        match self.get(MAILGUN_REGION).map(str::to_ascii_lowercase).as_deref() {
            None | Some("us") => MailgunRegion::Us,
            Some("eu") => MailgunRegion::Eu,
            Some(_) => {
                self.wrong(MAILGUN_REGION, "must be us or eu. Example: AUTH_MAILGUN_REGION=eu");
                MailgunRegion::Us
            }
        }
    }

    fn loops_template(&mut self) -> Option<String> {
        let id = self.get(LOOPS_TEMPLATE).map(str::to_owned);
        if id.is_none() {
            self.wrong(
                LOOPS_TEMPLATE,
                "is missing: Loops sends templates only. Example: AUTH_LOOPS_TRANSACTIONAL_ID=clfq6dinn000yl70fgwwyp82l",
            );
        }
        id
    }
}

/// Returns warnings about settings that probably do not work.
pub(super) fn warnings(env: &Environment) -> Vec<ConfigError> {
    let reader = Reader { env, mode: Mode::Production, errors: Vec::new() };
    let server = reader.get(SMTP).and_then(|server| Url::parse(server).ok());
    let warning = server.and_then(|server| smtp::warning(&server));
    warning
        .map(|message| ConfigError { variable: SMTP.to_owned(), message: message.to_owned() })
        .into_iter()
        .collect()
}
