//! An OAuth 1 provider that does whatever a test asks of it: an honest one by default. It listens on loopback, writes
//! down what it is asked, and checks no signature: that is for oauthlib.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::{Value, json};
use url::form_urlencoded;

/// The secrets that it gives: canaries that must appear in no log, page or cookie.
pub const TEMPORARY_SECRET: &str = "canary-temporary-secret";
/// The secret of an access token.
pub const TOKEN_SECRET: &str = "canary-token-secret";
/// The access token.
pub const ACCESS_TOKEN: &str = "canary-oauth1-token";

type Form = Vec<(&'static str, String)>;

/// What the provider does; change it with [`EvilOAuth1::set`].
pub struct Behavior {
    /// Changes the temporary credentials.
    pub request_token: Box<dyn Fn(&mut Form) + Send>,
    /// Changes the token credentials.
    pub access_token: Box<dyn Fn(&mut Form) + Send>,
    /// Who the token speaks for.
    pub userinfo: Value,
    /// An endpoint that answers with this instead: status, content type, body.
    pub instead: HashMap<&'static str, (u16, &'static str, String)>,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            request_token: Box::new(|_| {}),
            access_token: Box::new(|_| {}),
            userinfo: json!({ "id": "evil-1", "name": "Eve OAuth", "email": "eve@example.com" }),
            instead: HashMap::new(),
        }
    }
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    /// The fields of the `Authorization` header, decoded.
    pub oauth: HashMap<String, String>,
    pub headers: HeaderMap,
    pub body: String,
}

/// The running provider.
#[derive(Clone)]
pub struct EvilOAuth1 {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    state: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    behavior: Behavior,
    asked: Vec<Asked>,
}

impl EvilOAuth1 {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { url, state: Arc::default() };
        let router = Router::new().route("/{*path}", any(answer)).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.state.lock().unwrap()
    }

    /// From now on behaves so.
    pub fn set(&self, behavior: Behavior) {
        self.lock().behavior = behavior;
    }

    /// All requests to a path.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        self.lock().asked.iter().filter(|asked| asked.path == path).cloned().collect()
    }

    fn answer(&self, path: &str, number: usize) -> Response {
        let inner = self.lock();
        if let Some((status, content_type, body)) = inner.behavior.instead.get(path).cloned() {
            let status = StatusCode::from_u16(status).unwrap();
            return (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        }
        let form = |token: &str, secret: &str, more: Form, change: &dyn Fn(&mut Form)| {
            let mut form = vec![("oauth_token", token.to_owned()), ("oauth_token_secret", secret.to_owned())];
            form.extend(more);
            change(&mut form);
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
            // As Twitter calls it.
            ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response()
        };
        match path {
            "request_token" => {
                let more = vec![("oauth_callback_confirmed", "true".to_owned())];
                let token = format!("temporary-{number}");
                form(&token, TEMPORARY_SECRET, more, &inner.behavior.request_token)
            }
            "access_token" => form(ACCESS_TOKEN, TOKEN_SECRET, Vec::new(), &inner.behavior.access_token),
            "me" => axum::Json(inner.behavior.userinfo.clone()).into_response(),
            "whoami" => "eve".into_response(),
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }
}

async fn answer(
    State(provider): State<EvilOAuth1>,
    Path(path): Path<String>,
    method: Method,
    headers: HeaderMap,
    body: String,
) -> Response {
    let number = {
        let mut inner = provider.lock();
        let oauth = oauth_fields(&headers);
        inner.asked.push(Asked { method, path: path.clone(), oauth, headers, body });
        inner.asked.len()
    };
    provider.answer(&path, number)
}

fn oauth_fields(headers: &HeaderMap) -> HashMap<String, String> {
    let header = headers.get(header::AUTHORIZATION).map_or("", |value| value.to_str().unwrap());
    let fields = header.strip_prefix("OAuth ").unwrap_or_default().split(", ");
    let decode = |text: &str| {
        let pair = format!("x={}", text.trim_matches('"'));
        form_urlencoded::parse(pair.as_bytes()).next().unwrap().1.into_owned()
    };
    fields.filter_map(|field| field.split_once('=')).map(|(n, v)| (n.to_owned(), decode(v))).collect()
}
