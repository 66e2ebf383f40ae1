//! What an answer of the server means. Rule: only status 200 with a well-formed body counts. Everything else,
//! from a cut cable to a captive portal's login page, is [`Outcome::Unavailable`] and never "signed out".

use leptos::serde_json;
use leptos_auth::types::ErrorCode;

use crate::claims::Session;

/// The answer to "who is signed in?".
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The server is sure.
    Session(Option<Session>),
    /// It could not be asked, or could not tell.
    Unavailable {
        /// Seconds that the server wants us to wait.
        retry_after: Option<u32>,
    },
}

/// Reads an answer of `/session`.
pub(super) fn session(status: u16, retry_after: Option<&str>, body: &str) -> Outcome {
    // `{}` is the `null` of a server that speaks as NextAuth.js v4.
    let body = if body == "{}" { "null" } else { body };
    match serde_json::from_str(body) {
        Ok(session) if status == 200 => Outcome::Session(session),
        // The date form of Retry-After is not read: our server sends seconds, and the backoff covers the rest.
        _ => {
            Outcome::Unavailable { retry_after: retry_after.and_then(|seconds| seconds.trim().parse().ok()) }
        }
    }
}

/// The code for an answer to a form that names no page to go to; status 0 is no answer at all.
pub(super) fn failure(status: u16) -> ErrorCode {
    match status {
        429 => ErrorCode::RateLimited,
        0 | 500.. => ErrorCode::Unavailable,
        _ => ErrorCode::Configuration,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADA: &str = r#"{"user":{"id":"1","name":"Ada"},"expires":"2030-01-01T00:00:00.000Z"}"#;

    #[test]
    fn the_server_says_who_is_signed_in() {
        let Outcome::Session(Some(session)) = session(200, None, ADA) else { panic!("not a session") };
        assert_eq!(session.user.name.as_deref(), Some("Ada"));
        assert_eq!(super::session(200, None, "null"), Outcome::Session(None));
        assert_eq!(super::session(200, None, "{}"), Outcome::Session(None));
    }

    /// TS-06, U-32
    #[test]
    fn nothing_else_signs_anybody_out() {
        let answers = [
            (0, ""),
            (200, ""),
            (200, "<html>Welcome to our Wi-Fi</html>"),
            (200, r#"{"message":"hello"}"#),
            (204, "null"),
            (401, "null"),
            (403, "null"),
            (404, "null"),
            (429, "null"),
            (500, "null"),
            (503, r#"{"message":"away"}"#),
            (503, ADA),
        ];
        for (status, body) in answers {
            let outcome = session(status, None, body);
            assert_eq!(outcome, Outcome::Unavailable { retry_after: None }, "{status} {body}");
        }
    }

    #[test]
    fn the_wish_of_the_server_is_read() {
        assert_eq!(session(503, Some(" 7 "), ""), Outcome::Unavailable { retry_after: Some(7) });
        for junk in ["", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999"] {
            assert_eq!(session(503, Some(junk), ""), Outcome::Unavailable { retry_after: None }, "{junk}");
        }
    }

    #[test]
    fn a_form_without_answer_has_a_code() {
        assert_eq!(failure(0), ErrorCode::Unavailable);
        assert_eq!(failure(429), ErrorCode::RateLimited);
        assert_eq!(failure(503), ErrorCode::Unavailable);
        assert_eq!(failure(404), ErrorCode::Configuration);
    }
}
