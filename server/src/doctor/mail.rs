//! Checks that the mail server accepts emails. Rule: it is contacted as for an email, up to the recipient, and no message is
//! sent. Neither its responses nor any part of `EMAIL_SERVER` except host and port is shown.

use std::time::Duration;

use leptos_auth::{
    config::EmailSettings,
    email::{EmailService, check_smtp},
};

use super::report::{Finding, State};

/// The limit for the whole conversation.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn examine(settings: &EmailSettings) -> Vec<Finding> {
    let finding = |state, message: String| Finding::new("mail", state, message);
    let EmailService::Smtp(server) = &settings.service else {
        let message = format!(
            "is sent by {}: its key was not tested, because that would send an email",
            settings.service.name()
        );
        return vec![finding(State::Good, message)];
    };
    match check_smtp(server, &settings.from, PATIENCE).await {
        Ok(found) => {
            let good = finding(State::Good, format!("{} accepts email from EMAIL_FROM", found.address));
            let warnings = found.warnings.into_iter().map(|warning| finding(State::Careful, warning));
            std::iter::once(good).chain(warnings).collect()
        }
        Err(problem) => vec![finding(State::Wrong, format!("cannot be sent: {problem}"))],
    }
}
