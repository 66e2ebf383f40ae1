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
    pub retry_after: Option<String>,
    pub body: String,
}

/// What a POST carries.
pub(super) struct Body {
    pub content_type: &'static str,
    pub text: String,
}

/// GET, or POST when there is a `body`.
pub(super) async fn send(url: &str, body: Option<Body>, abort: &AbortController) -> Option<Answer> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_signal(Some(&abort.signal()));
    if let Some(body) = body {
        let headers = Headers::new().ok()?;
        headers.set("content-type", body.content_type).ok()?;
        // Redirects come as JSON, so that we see where they go.
        headers.set("x-auth-return-redirect", "1").ok()?;
        init.set_headers(&headers);
        init.set_method("POST");
        init.set_body(&JsValue::from_str(&body.text));
    }
    let time_out = Timer::default();
    let late = abort.clone();
    time_out.set(TIME_OUT, move || late.abort());
    let response: Response = wait(window().fetch_with_str_and_init(url, &init)).await?.unchecked_into();
    let body = wait(response.text().ok()?).await?.as_string()?;
    let retry_after = response.headers().get("retry-after").ok().flatten();
    Some(Answer { status: response.status(), retry_after, body })
}

/// Who is signed in?
pub(super) async fn session(base_path: &str, abort: &AbortController) -> Outcome {
    read(send(&format!("{base_path}/session"), None, abort).await)
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
    let answer = send(url, None, &AbortController::new().ok()?).await?;
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
