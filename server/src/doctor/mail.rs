//! Whether the mail server takes mail. Rule: it is asked as for the first mail, up to the recipient, and no message is sent.
//! No answer of the server and no part of `EMAIL_SERVER` but host and port is shown.

use std::time::Duration;

use leptos_auth::{
    config::EmailSettings,
    email::{EmailService, check_smtp},
};

use super::report::{Finding, State};

/// For the whole conversation.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn examine(settings: &EmailSettings) -> Vec<Finding> {
    let finding = |state, message: String| Finding::new("mail", state, message);
    let EmailService::Smtp(server) = &settings.service else {
        let message = format!(
            "goes out by {}: its key is not tried, as that would send a mail",
            settings.service.name()
        );
        return vec![finding(State::Good, message)];
    };
    match check_smtp(server, &settings.from, PATIENCE).await {
        Ok(found) => {
            let good = finding(State::Good, format!("{} takes mail from EMAIL_FROM", found.address));
            let warnings = found.warnings.into_iter().map(|warning| finding(State::Careful, warning));
            std::iter::once(good).chain(warnings).collect()
        }
        Err(problem) => vec![finding(State::Wrong, format!("cannot be sent: {problem}"))],
    }
}
