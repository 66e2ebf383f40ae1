//! The person's part: who am I, and may the client know? GET asks, POST decides.
//!
//! The form carries the whole request along, and it is checked again when it comes back: nothing is kept here
//! before somebody has decided.

use std::fmt::Write;

use axum::{
    body::Body,
    extract::{RawQuery, State},
    response::{Html, IntoResponse, Redirect, Response},
};
use http::{StatusCode, header};
use url::Url;

use super::{
    AuthorizationRequest, IdentityProvider, ProviderState,
    authorization_request::Refusal,
    grant::Grant,
    parameters::Parameters,
    persona::{self, PERSONAS},
};
use crate::{
    body,
    dev::html::{document, escape},
};

/// `GET /authorize`: the page.
pub async fn ask(State(state): State<ProviderState>, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    match AuthorizationRequest::check(&query, &state.provider.client) {
        Ok(request) => page(&state, &request.redirect_uri, &choice(&state.provider, &query)),
        Err(refusal) => refuse(&state, refusal),
    }
}

/// `POST /authorize`: the answer, on its way back to the client.
pub async fn decide(State(state): State<ProviderState>, body: Body) -> Response {
    let form = body::read(body).await.ok().and_then(|form| Parameters::parse(&form));
    let Some(form) = form else { return refuse(&state, Refusal::Shown("The form cannot be read.")) };
    let provider = &state.provider;
    match AuthorizationRequest::check(form.get("request").unwrap_or_default(), &provider.client) {
        Err(refusal) => refuse(&state, refusal),
        Ok(request) => match form.get("persona").and_then(persona::find) {
            None => {
                send(provider, &request.redirect_uri, request.state.as_deref(), ("error", "access_denied"))
            }
            Some(persona) => {
                let (redirect_uri, state) = (request.redirect_uri.clone(), request.state.clone());
                let code = provider.grants.issue_code(Grant { persona, request });
                send(provider, &redirect_uri, state.as_deref(), ("code", &code))
            }
        },
    }
}

/// Back to the client, with `state` and, so that it can tell providers apart, `iss` (RFC 9207).
fn send(
    provider: &IdentityProvider,
    redirect_uri: &str,
    state: Option<&str>,
    result: (&str, &str),
) -> Response {
    let Ok(mut url) = Url::parse(redirect_uri) else { return StatusCode::BAD_REQUEST.into_response() };
    url.query_pairs_mut()
        .append_pair(result.0, result.1)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", &provider.issuer);
    Redirect::to(url.as_str()).into_response()
}

fn refuse(state: &ProviderState, refusal: Refusal) -> Response {
    match refusal {
        Refusal::Sent { redirect_uri, state: client_state, error } => {
            send(&state.provider, &redirect_uri, client_state.as_deref(), ("error", error))
        }
        Refusal::Shown(reason) => {
            let body = format!(
                "<div class=\"card card-narrow\"><div class=\"page-header\"><h1>This request is not right</h1>\
                 <p class=\"muted\">{reason} Begin again in the app.</p></div>\
                 <a class=\"button button-wide\" href=\"/\">To the app</a></div>"
            );
            (StatusCode::BAD_REQUEST, page(state, "", &body)).into_response()
        }
    }
}

fn choice(provider: &IdentityProvider, query: &str) -> String {
    let (action, query) = (escape(&provider.authorization_endpoint), escape(query));
    let form = |value: &str, label: &str| {
        format!(
            "<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"request\" value=\"{query}\">\
             <button class=\"button button-wide\" name=\"persona\" value=\"{value}\">{label}</button></form>"
        )
    };
    let mut body = String::from(
        "<div class=\"card card-narrow\"><div class=\"page-header\"><h1>Who are you today?</h1>\
         <p class=\"muted\">This is Dev ID: an identity provider for development. It is not in a release.</p></div>\
         <div class=\"stack\">",
    );
    for persona in &PERSONAS {
        let _ = write!(
            body,
            "{}<p class=\"hint\"><bdi>{}</bdi>, {}</p>",
            form(persona.id, persona.name),
            persona.email,
            persona.note
        );
    }
    let _ = write!(body, "</div>{}</div>", form("", "Cancel"));
    body
}

/// The browser must be able to follow the form's answer to the client.
fn page(state: &ProviderState, redirect_uri: &str, body: &str) -> Response {
    let client = Url::parse(redirect_uri).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self' {client}; \
         frame-ancestors 'none'"
    );
    let html = Html(document(&state.css, "Dev ID", "", body));
    ([(header::CONTENT_SECURITY_POLICY, policy)], html).into_response()
}
