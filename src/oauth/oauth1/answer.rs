//! What the two token endpoints answer (RFC 5849 sections 2.1 and 2.3): a form, hostile until it has passed here.

use std::time::Duration;

use super::TokenCredentials;
use crate::{error::Source, request::Parameters};

/// Longer values would not fit into the cookie that waits for the browser's way back.
const MAX_LENGTH: usize = 500;

/// Credentials, and the fields beside them. Without `Debug`: all of it is secret.
pub(super) struct Answer {
    pub(super) credentials: TokenCredentials,
    fields: Parameters,
}

impl Answer {
    /// Reads a body. The content type is not looked at: Twitter calls its forms HTML.
    ///
    /// # Errors
    /// When there are no credentials in it. The text repeats nothing of the body.
    pub(super) fn read(body: &[u8]) -> Result<Self, Source> {
        let strange = || Source::from("the token endpoint sent something else than credentials");
        // A page could have a link with the very fields that we look for.
        if body.contains(&b'<') {
            return Err(strange());
        }
        let fields = Parameters::from_form(body.trim_ascii()).map_err(|_| strange())?;
        let value = |name| fields.get(name).filter(|value| is_credential(value)).map(str::to_owned);
        let (token, secret) = value("oauth_token").zip(value("oauth_token_secret")).ok_or_else(strange)?;
        Ok(Self { credentials: TokenCredentials { token, secret }, fields })
    }

    /// Whether the service has understood our callback URL: only then it will send a verifier (section 2.1).
    pub(super) fn is_callback_confirmed(&self) -> bool {
        self.fields.get("oauth_callback_confirmed") == Some("true")
    }

    /// How long the token lives, where a service says so (an extension of Yahoo's, which Atlassian's servers have too);
    /// the RFC knows no end.
    pub(super) fn expires_in(&self) -> Option<Duration> {
        let seconds = self.fields.get("oauth_expires_in")?.parse().ok()?;
        (seconds > 0).then(|| Duration::from_secs(seconds))
    }
}

fn is_credential(value: &str) -> bool {
    value.len() <= MAX_LENGTH && value.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_read() {
        let read = |body: &str| {
            let answer = Answer::read(body.as_bytes()).ok()?;
            let TokenCredentials { token, secret } = &answer.credentials;
            Some((token.clone(), secret.clone(), answer.is_callback_confirmed()))
        };
        let good = |is_confirmed| Some(("a/1".to_owned(), "b=".to_owned(), is_confirmed));
        assert_eq!(
            read("oauth_token=a%2F1&oauth_token_secret=b%3D&oauth_callback_confirmed=true\n"),
            good(true)
        );
        assert_eq!(read("user_id=7&oauth_token_secret=b%3D&oauth_token=a%2F1&x="), good(false));
        assert_eq!(
            read("oauth_token=a%2F1&oauth_token_secret=b%3D&oauth_callback_confirmed=false"),
            good(false)
        );
    }

    #[test]
    fn an_end_counts_when_it_is_one() {
        for (field, seconds) in [
            ("&oauth_expires_in=157680000", Some(157_680_000)),
            ("&oauth_expires_in=0", None),
            ("&oauth_expires_in=-1", None),
            ("&oauth_expires_in=soon", None),
            ("", None),
        ] {
            let body = format!("oauth_token=a&oauth_token_secret=b{field}");
            let end = Answer::read(body.as_bytes()).unwrap().expires_in();
            assert_eq!(end, seconds.map(Duration::from_secs), "{field}");
        }
    }

    #[test]
    fn o1_08_everything_else_is_refused_and_not_repeated() {
        let long = format!("oauth_token={}&oauth_token_secret=b", "a".repeat(MAX_LENGTH + 1));
        let many = format!("oauth_token=a&oauth_token_secret=b{}", "&canary".repeat(100));
        for body in [
            "",
            "canary",
            "oauth_problem=token_rejected&canary",
            "{\"oauth_token\":\"canary\",\"oauth_token_secret\":\"b\"}",
            "<html><a href=\"?&oauth_token=a&oauth_token_secret=b&c=\">canary</a>",
            "oauth_token=canary",
            "oauth_token=canary&oauth_token_secret=",
            "oauth_token=&oauth_token_secret=canary",
            "oauth_token=a&oauth_token=canary&oauth_token_secret=b",
            "oauth_token=a&oauth_token_secret=b&oauth_token_secret=canary",
            "oauth_token=a%0D%0A&oauth_token_secret=canary",
            "oauth_token=a+b&oauth_token_secret=canary",
            "oauth_token=a&oauth_token_secret=%FF",
            &long,
            &many,
        ] {
            let error = Answer::read(body.as_bytes()).err().unwrap_or_else(|| panic!("{body}"));
            assert!(!error.to_string().contains("canary"), "{body}");
        }
    }
}
