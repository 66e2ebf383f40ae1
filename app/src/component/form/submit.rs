//! Sends a form by script, so that an error appears without a page reload and the typed values stay.
//!
//! The CSRF token is fetched before each attempt, because a sign-in in another tab may have replaced the one in the page.
//! If anything unexpected happens here, the browser sends its own POST.

use js_sys::Reflect;
use leptos::{ev::SubmitEvent, html, prelude::*, task::spawn_local};
use leptos_auth::types::ErrorCode;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    FormData, HtmlFormElement, PageTransitionEvent, Request, RequestInit, Response, UrlSearchParams,
};

use super::forms::FormsState;
use crate::text::Problem;

/// How a button says that its form is on its way.
const BUSY: &str = "aria-busy";

/// How a try ended.
enum Answer {
    /// Go there: to a provider, or into the app.
    Go(String),
    /// Refused, for a reason we have words for.
    Refused(Problem),
    /// Nobody answered.
    Unreachable,
    /// Something answered, but not our server as we know it.
    Unclear,
}

/// The address of a form that is one of ours. Others (a search) are left alone.
const OURS: &str = "/api/auth/";

/// Takes over a submission, unless the browser should do it.
pub(super) fn submit(event: &SubmitEvent, state: FormsState) {
    let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
    let Some(form) = form else { return };
    let button = event.submitter();
    if let Some(action) = button.as_ref().and_then(|button| button.get_attribute("formaction")) {
        // For this script and for `submit()`, which know of no button.
        let _ = form.set_attribute("action", &action);
    }
    if !action_of(&form).starts_with(OURS) || form.has_attribute("data-download") {
        return;
    }
    if state.is_pending.get_untracked() {
        event.prevent_default();
        return;
    }
    state.is_pending.set(true);
    if let Some(button) = &button {
        let _ = button.set_attribute(BUSY, "true");
    }
    if state.is_left_to_browser.get_untracked() {
        return;
    }
    event.prevent_default();
    state.feedback.set(None);
    spawn_local(async move {
        let problem = match send(&form).await {
            Answer::Go(address) => {
                let location = window().location();
                let is_used_once = form.has_attribute("data-used-once");
                let _ = if is_used_once { location.replace(&address) } else { location.assign(&address) };
                return;
            }
            Answer::Unclear => {
                let _ = form.submit();
                return;
            }
            Answer::Refused(problem) => problem,
            Answer::Unreachable => {
                state.is_left_to_browser.set(true);
                ErrorCode::Unavailable.into()
            }
        };
        if let Some(button) = button {
            let _ = button.remove_attribute(BUSY);
        }
        state.is_pending.set(false);
        state.feedback.set(Some(problem));
    });
}

/// Coming back by the back button shows the page as it was left: waiting. It no longer is.
pub(super) fn stop_waiting_on_return(around: NodeRef<html::Div>, state: FormsState) {
    let listener = window_event_listener_untyped("pageshow", move |event| {
        if !event.dyn_ref::<PageTransitionEvent>().is_some_and(PageTransitionEvent::persisted) {
            return;
        }
        state.is_pending.set(false);
        let busy =
            around.get_untracked().and_then(|around| around.query_selector("[aria-busy]").ok().flatten());
        if let Some(button) = busy {
            let _ = button.remove_attribute(BUSY);
        }
    });
    on_cleanup(move || listener.remove());
}

/// POSTs a ready body and does not wait for the answer.
pub fn post_in_background(path: &str, body: &str) {
    let (path, body) = (path.to_owned(), body.to_owned());
    spawn_local(async move {
        let _ = fetch(&path, Some(&JsValue::from_str(&body))).await;
    });
}

async fn send(form: &HtmlFormElement) -> Answer {
    let Ok(fields) = FormData::new_with_form(form) else { return Answer::Unclear };
    let Ok(fields) = UrlSearchParams::new_with_str_sequence_sequence(&fields) else { return Answer::Unclear };
    let Ok(token) = fetch("/api/auth/csrf", None).await else { return Answer::Unreachable };
    if let Some(token) = text_of(&token, "csrfToken").await {
        fields.set("csrfToken", &token);
    }
    let body = fields.to_string();
    let Ok(response) = fetch(&action_of(form), Some(&body)).await else { return Answer::Unreachable };
    match text_of(&response, "url").await {
        Some(address) => understand(address),
        None => Answer::Unclear,
    }
}

fn action_of(form: &HtmlFormElement) -> String {
    form.get_attribute("action").unwrap_or_default()
}

/// An address of this very page with `error=` is a refusal that can be shown in place, without losing what was
/// typed; so is an outage.
fn understand(address: String) -> Answer {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let here = location.origin().unwrap_or_default() + &path;
    let (page, query) = address.split_once('?').unwrap_or((&address, ""));
    let query = UrlSearchParams::new_with_str(query).ok();
    let value = |name: &str| query.as_ref().and_then(|query| query.get(name));
    match Problem::from_query(value("error").as_deref(), value("retryAfter").as_deref()) {
        Some(problem) if page == here || page == path || problem.code == ErrorCode::Unavailable => {
            Answer::Refused(problem)
        }
        _ => Answer::Go(address),
    }
}

/// A POST when there is a body, else a GET. The header asks our server for JSON instead of a redirect.
pub async fn fetch(path: &str, body: Option<&JsValue>) -> Result<Response, JsValue> {
    let options = RequestInit::new();
    if let Some(body) = body {
        options.set_method("POST");
        options.set_body(body);
    }
    let request = Request::new_with_str_and_init(path, &options)?;
    request.headers().set("X-Auth-Return-Redirect", "1")?;
    if body.is_some() {
        request.headers().set("Content-Type", "application/x-www-form-urlencoded")?;
    }
    JsFuture::from(window().fetch_with_request(&request)).await?.dyn_into()
}

/// A text field of the JSON in a response.
async fn text_of(response: &Response, field: &str) -> Option<String> {
    let json = JsFuture::from(response.json().ok()?).await.ok()?;
    Reflect::get(&json, &JsValue::from_str(field)).ok()?.as_string()
}
