//! The few requests that the hook makes. Rule: never cached, never endless, and whatever goes wrong on the way is
//! `None`, so no caller can mistake it for an answer.

use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestCache, RequestInit, Response};

use super::timer::Timer;
use crate::session::outcome::{self, Outcome};

const TIME_OUT: f64 = 10_000.0;

/// What came back.
pub(super) struct Answer {
    pub status: u16,
    pub date: Option<String>,
    pub retry_after: Option<String>,
    pub body: String,
}

/// What a POST carries.
pub(super) struct Body {
    pub content_type: &'static str,
    pub text: String,
}

/// POSTs `body`.
pub(super) async fn post(url: &str, body: Body, abort: &AbortController) -> Option<Answer> {
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(&body.text));
    // Redirects come as JSON, so that we see where they go.
    send(url, &init, &[("content-type", body.content_type), ("x-auth-return-redirect", "1")], abort).await
}

async fn send(
    url: &str,
    init: &RequestInit,
    headers: &[(&str, &str)],
    abort: &AbortController,
) -> Option<Answer> {
    let sent = Headers::new().ok()?;
    for (name, value) in headers {
        sent.set(name, value).ok()?;
    }
    init.set_headers(&sent);
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    let time_out = Timer::default();
    let late = abort.clone();
    time_out.set(TIME_OUT, move || late.abort());
    let response: Response = wait(window().fetch_with_str_and_init(url, init)).await?.unchecked_into();
    let body = wait(response.text().ok()?).await?.as_string()?;
    let header = |name| response.headers().get(name).ok().flatten();
    Some(Answer { status: response.status(), date: header("date"), retry_after: header("retry-after"), body })
}

/// Who is signed in? A question while the person `is_idle` says so: the server may answer without renewing.
pub(super) async fn session(base_path: &str, is_idle: bool, abort: &AbortController) -> Option<Answer> {
    let headers: &[_] = if is_idle { &[("x-auth-poll", "1")] } else { &[] };
    send(&format!("{base_path}/session"), &RequestInit::new(), headers, abort).await
}

/// What an answer says about the session.
pub(super) fn read(answer: Option<Answer>) -> Outcome {
    match answer {
        Some(answer) => outcome::session(answer.status, answer.retry_after.as_deref(), &answer.body),
        None => Outcome::Unavailable { retry_after: None },
    }
}

/// A JSON object from the REST API.
pub(super) async fn json(url: &str) -> Option<JsValue> {
    let answer = send(url, &RequestInit::new(), &[], &AbortController::new().ok()?).await?;
    if answer.status == 200 { js_sys::JSON::parse(&answer.body).ok() } else { None }
}

/// The token that each POST carries.
pub(super) async fn csrf_token(base_path: &str) -> Option<String> {
    text(&json(&format!("{base_path}/csrf")).await?, "csrfToken")
}

/// The string field `name` of `object`.
pub(super) fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name)?.as_string()
}

/// The field `name` of `object`; `None` when it is no object.
pub(super) fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).ok()
}

async fn wait(promise: js_sys::Promise) -> Option<JsValue> {
    JsFuture::from(promise).await.ok()
}
