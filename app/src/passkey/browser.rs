//! The calls of `navigator.credentials` (W3C Web Authentication Level 3 section 5.1). The browser itself reads the options
//! and writes the answer as JSON, so no bytes are handled here; browsers that cannot do that count as having no passkeys
//! (before Firefox 119, Chrome 129, Safari 18.4).

use js_sys::{Function, JSON, Object, Promise, Reflect};
use leptos::prelude::{document, window};
use leptos_auth::types::ErrorCode;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, HtmlElement, Response, UrlSearchParams};

use super::PasskeyAction;
use crate::{component::fetch, text::Problem};

/// How asking ended.
pub(crate) enum Asked {
    /// The answer of the passkey, for the form.
    Answered(String),
    /// Nobody wants to know any more.
    Stopped,
    /// Go there first: to sign in once more.
    Go(String),
    /// It did not work, for a reason we have words for.
    Refused(Problem),
}

/// One question to a passkey, which can be stopped.
#[derive(Clone)]
pub(crate) struct Question {
    action: PasskeyAction,
    /// Offers passkeys in the list that opens in a field, instead of a window of its own.
    is_autofill: bool,
    controller: AbortController,
}

/// Whether this browser can do it here. On http only localhost can.
fn is_supported() -> bool {
    window().is_secure_context()
        && class().is_some_and(|class| {
            ["parseRequestOptionsFromJSON", "parseCreationOptionsFromJSON"]
                .iter()
                .all(|name| Reflect::get(&class, &JsValue::from_str(name)).is_ok_and(|it| it.is_function()))
        })
}

/// Shows what needs passkeys, and hides what stands in its place.
pub(crate) fn show_what_needs_them() {
    if is_supported() {
        set_hidden("[data-needs-passkeys]", false);
        set_hidden("[data-without-passkeys]", true);
    }
}

fn set_hidden(selector: &str, is_hidden: bool) {
    let Ok(found) = document().query_selector_all(selector) else { return };
    for element in (0..found.length()).filter_map(|at| found.item(at)) {
        element.unchecked_into::<HtmlElement>().set_hidden(is_hidden);
    }
}

/// Whether passkeys can stand in the list that opens in a field.
pub(crate) async fn offers_autofill() -> bool {
    let Some(class) = class() else { return false };
    match call(&class, "isConditionalMediationAvailable", None).await {
        Ok(answer) => answer.is_truthy(),
        Err(_) => false,
    }
}

impl Question {
    pub(crate) fn new(action: PasskeyAction, is_autofill: bool) -> Option<Self> {
        Some(Self { action, is_autofill, controller: AbortController::new().ok()? })
    }

    /// The browser closes what it has opened. Only one question may be open at a time.
    pub(crate) fn stop(&self) {
        self.controller.abort();
    }

    /// Gets the options of our server, and asks.
    pub(crate) async fn ask(&self) -> Asked {
        let path = format!("/api/auth/webauthn-options/passkey?action={}", self.action.as_str());
        let Ok(response) = fetch(&path, None).await else {
            return Asked::Refused(ErrorCode::Unavailable.into());
        };
        let Some(json) = json(&response).await else {
            return Asked::Refused(ErrorCode::Unavailable.into());
        };
        if !response.ok() {
            return refusal(&json);
        }
        match self.answer(&json).await {
            Ok(answer) => Asked::Answered(answer),
            Err(_) if self.controller.signal().aborted() => Asked::Stopped,
            Err(error) => Asked::Refused(problem(&error)),
        }
    }

    async fn answer(&self, json: &JsValue) -> Result<String, JsValue> {
        let (parse, method) = match self.action {
            PasskeyAction::Register => ("parseCreationOptionsFromJSON", "create"),
            PasskeyAction::Authenticate => ("parseRequestOptionsFromJSON", "get"),
        };
        let class = class().ok_or(JsValue::NULL)?;
        let options = function(&class, parse)?.call1(&class, &Reflect::get(json, &"options".into())?)?;
        let question = Object::new();
        Reflect::set(&question, &"publicKey".into(), &options)?;
        Reflect::set(&question, &"signal".into(), &self.controller.signal())?;
        if self.is_autofill {
            Reflect::set(&question, &"mediation".into(), &"conditional".into())?;
        }
        let credentials = Reflect::get(&window().navigator(), &"credentials".into())?;
        let credential = call(&credentials, method, Some(&question)).await?;
        let answer = function(&credential, "toJSON")?.call0(&credential)?;
        Ok(JSON::stringify(&answer)?.into())
    }
}

/// An address of ours with the reason in it.
fn refusal(json: &JsValue) -> Asked {
    let url = Reflect::get(json, &"url".into()).ok().and_then(|url| url.as_string()).unwrap_or_default();
    let query = url.split_once('?').and_then(|(_, query)| UrlSearchParams::new_with_str(query).ok());
    let value = |name: &str| query.as_ref().and_then(|query| query.get(name));
    match Problem::from_query(value("error").as_deref(), value("retryAfter").as_deref()) {
        Some(Problem { code: ErrorCode::SessionRequired | ErrorCode::ReauthenticationRequired, .. }) => {
            Asked::Go(url)
        }
        Some(problem) => Asked::Refused(problem),
        None => Asked::Refused(ErrorCode::Configuration.into()),
    }
}

/// What the browser says, in our words (section 5.1.3 step 21 and its neighbours). It does not tell whether somebody
/// closed the window or nothing happened: neither may a page know whether there is a passkey.
fn problem(error: &JsValue) -> Problem {
    let name = Reflect::get(error, &"name".into()).ok().and_then(|name| name.as_string());
    match name.as_deref() {
        Some("NotAllowedError" | "AbortError" | "TimeoutError") => ErrorCode::PasskeyCancelled.into(),
        Some("InvalidStateError") => ErrorCode::PasskeyTaken.into(),
        Some("NotSupportedError" | "SecurityError" | "ConstraintError") => {
            ErrorCode::PasskeyUnsupported.into()
        }
        _ => ErrorCode::WebAuthnVerificationError.into(),
    }
}

fn class() -> Option<JsValue> {
    Reflect::get(&window(), &"PublicKeyCredential".into()).ok().filter(JsValue::is_function)
}

fn function(target: &JsValue, name: &str) -> Result<Function, JsValue> {
    Reflect::get(target, &name.into())?.dyn_into()
}

async fn call(target: &JsValue, name: &str, argument: Option<&JsValue>) -> Result<JsValue, JsValue> {
    let function = function(target, name)?;
    let promise = match argument {
        Some(argument) => function.call1(target, argument)?,
        None => function.call0(target)?,
    };
    JsFuture::from(promise.dyn_into::<Promise>()?).await
}

async fn json(response: &Response) -> Option<JsValue> {
    JsFuture::from(response.json().ok()?).await.ok()
}
