//! Sends one of the auth forms, as the page itself would, and reads where the server wants to go next. That
//! address is all it says: a failure is an `error` in its query.

use leptos_auth::types::ErrorCode;
use web_sys::AbortController;

use super::{
    fetch::{self, Body},
    leave,
};
use crate::session::{outcome, page_url::encode};

/// What came of a form.
pub(super) struct Sent {
    /// Where the server wants to go.
    pub url: Option<String>,
    /// Why it did not work.
    pub error: Option<ErrorCode>,
    /// The app's own word for it, from the `authorize` hook.
    pub code: Option<String>,
}

impl Sent {
    pub fn failed(error: ErrorCode) -> Self {
        Self { url: None, error: Some(error), code: None }
    }
}

/// POSTs `fields` with a CSRF token to `base_path` + `path`.
pub(super) async fn send(
    base_path: &str,
    path: &str,
    fields: &[(String, String)],
    callback_url: &str,
) -> Sent {
    let Some(token) = fetch::csrf_token(base_path).await else { return Sent::failed(ErrorCode::Unavailable) };
    let mut text = String::new();
    // Ours come last: the last one wins on the server.
    let own = [("csrfToken".to_owned(), token), ("callbackUrl".to_owned(), callback_url.to_owned())];
    for (name, value) in fields.iter().chain(&own) {
        text += &format!("{}={}&", encode(name), encode(value));
    }
    let body = Body { content_type: "application/x-www-form-urlencoded", text };
    let Ok(abort) = AbortController::new() else { return Sent::failed(ErrorCode::Unavailable) };
    match fetch::post(&format!("{base_path}{path}"), body, &abort).await {
        Some(answer) => read(&answer, callback_url),
        None => Sent::failed(ErrorCode::Unavailable),
    }
}

fn read(answer: &fetch::Answer, callback_url: &str) -> Sent {
    let json = js_sys::JSON::parse(&answer.body).ok();
    let Some(url) = json.and_then(|json| fetch::text(&json, "url")) else {
        return Sent::failed(outcome::failure(answer.status));
    };
    let Some(target) = leave::parse(&url) else { return Sent::failed(ErrorCode::Configuration) };
    // A page of the app may have an `error` in its own address: being sent where we asked for is a success.
    if leave::parse(callback_url).is_some_and(|asked| asked.href() == target.href()) {
        return Sent { url: Some(url), error: None, code: None };
    }
    let query = target.search_params();
    let error = query.get("error").map(|word| ErrorCode::parse(&word).unwrap_or(ErrorCode::Configuration));
    Sent { url: Some(url), error, code: query.get("code").filter(|_| error.is_some()) }
}
