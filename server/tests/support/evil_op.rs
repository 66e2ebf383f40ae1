//! A provider that misbehaves as a test requires: by default a valid OpenID Connect provider, every part of whose responses
//! can be changed. It listens on loopback, and counts the requests.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use josekit::{
    jwk::{Jwk, KeyPair, alg::rsa::RsaKeyPair},
    jws::{self, ES256, ES384, EdDSA, JwsSigner, JwsVerifier, PS256, RS256},
};
use serde_json::{Value, json};
use tokio::sync::watch;
use url::form_urlencoded;

use super::{hs256, query};

/// The client id that the server under test has here.
pub const CLIENT_ID: &str = "client-of-evil";
/// The client secret: a canary that must appear in no log and no page.
pub const CLIENT_SECRET: &str = "canary-client-secret";
/// What a sign-in gives; a refresh gives the same with a number behind it.
pub const ACCESS_TOKEN: &str = "canary-access-token";

/// How an ID token is made from its claims.
#[derive(Clone)]
pub enum Signing {
    /// Signed with the key that is published.
    Honest,
    /// With these members put into the header, and signed.
    Header(Value),
    /// With that algorithm's name in the header and no signature.
    None(&'static str),
    /// Signed, then the signature is changed.
    Broken,
    /// Signed with a key that is not published, under that key id.
    ForeignKey(&'static str),
    /// HS256 with these bytes.
    Shared(Vec<u8>),
}

/// Who may ask the token endpoint and push requests.
#[derive(Clone)]
pub enum Client {
    /// Anybody.
    Any,
    /// Who signs with the private half of that key, by that algorithm.
    Key(&'static str, Jwk),
    /// Who signs with the client secret.
    Secret,
}

/// What the provider does; change it with [`EvilProvider::set`].
pub struct Behavior {
    /// Changes the claims of the ID token.
    pub claims: Box<dyn Fn(&mut Value) + Send>,
    /// Changes the token answer.
    pub token: Box<dyn Fn(&mut Value) + Send>,
    /// Changes the discovery document.
    pub discovery: Box<dyn Fn(&mut Value) + Send>,
    /// Changes the published keys.
    pub jwks: Box<dyn Fn(&mut Value) + Send>,
    /// The answer of the userinfo endpoint.
    pub userinfo: Value,
    /// Whether that is a token of the type `application/jwt`, and how it is signed.
    pub userinfo_signing: Option<Signing>,
    /// Whose requests count.
    pub client: Client,
    /// Signature of the ID token.
    pub signing: Signing,
    /// An endpoint that answers with this instead: status, content type, body.
    pub instead: HashMap<&'static str, (u16, &'static str, String)>,
    /// `Retry-After` of those answers.
    pub retry_after: Option<&'static str>,
    /// `Location` of those answers.
    pub location: Option<String>,
    /// `Cache-Control` of the keys.
    pub cache_control: Option<&'static str>,
    /// How long the token endpoint keeps its answer back.
    pub delay: Duration,
    /// Whether a refresh gives a new refresh token. The old one is dead then, and using it again kills the new one.
    pub rotates: bool,
}

impl Default for Behavior {
    fn default() -> Self {
        Self {
            claims: Box::new(|_| {}),
            token: Box::new(|_| {}),
            discovery: Box::new(|_| {}),
            jwks: Box::new(|_| {}),
            userinfo: json!({}),
            userinfo_signing: None,
            client: Client::Any,
            signing: Signing::Honest,
            instead: HashMap::new(),
            retry_after: None,
            location: None,
            cache_control: None,
            delay: Duration::ZERO,
            rotates: true,
        }
    }
}

/// The running provider.
#[derive(Clone)]
pub struct EvilProvider {
    /// Its issuer: `http://127.0.0.1:PORT`.
    pub issuer: String,
    state: Arc<Mutex<Inner>>,
    /// The endpoint that holds its responses.
    held: watch::Sender<Option<&'static str>>,
}

struct Inner {
    behavior: Behavior,
    key: Jwk,
    key_id: String,
    foreign_key: Jwk,
    /// The nonce that belongs to each code.
    codes: HashMap<String, String>,
    /// Every refresh token that was given, and whether it is good.
    refresh_tokens: HashMap<String, bool>,
    requests: HashMap<String, usize>,
    /// The number of requests that wait for their response.
    waiting: usize,
    token_requests: Vec<HashMap<String, String>>,
    /// What was pushed, by the name that it got.
    pushed: HashMap<String, HashMap<String, String>>,
    /// The ids of client assertions that were used.
    assertions: HashSet<String>,
}

impl EvilProvider {
    /// Starts on a free port.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let inner = Inner {
            behavior: Behavior::default(),
            key: KEYS[0].clone(),
            key_id: "key-1".to_owned(),
            foreign_key: KEYS[1].clone(),
            codes: HashMap::new(),
            refresh_tokens: HashMap::new(),
            requests: HashMap::new(),
            waiting: 0,
            token_requests: Vec::new(),
            pushed: HashMap::new(),
            assertions: HashSet::new(),
        };
        let (held, _) = watch::channel(None);
        let provider = Self { issuer, state: Arc::new(Mutex::new(inner)), held };
        let router = Router::new().route("/{*path}", get(answer).post(answer)).with_state(provider.clone());
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

    /// Publishes another key and signs with it.
    pub fn rotate_key(&self, key_id: &str) {
        let mut inner = self.lock();
        inner.key = KEYS[2].clone();
        inner.key_id = key_id.to_owned();
    }

    /// What its authorization endpoint would do once the person agrees: a code for that request.
    pub fn code_for(&self, authorization_url: &str) -> String {
        let mut inner = self.lock();
        let pushed = query(authorization_url, "request_uri");
        let pushed = pushed.and_then(|name| inner.pushed.remove(&name)).unwrap_or_default();
        let nonce = query(authorization_url, "nonce").or(pushed.get("nonce").cloned()).unwrap_or_default();
        let code = format!("code-{}", inner.codes.len());
        inner.codes.insert(code.clone(), nonce);
        code
    }

    /// Makes an endpoint hold its responses until [`EvilProvider::release`].
    pub fn hold(&self, path: &'static str) {
        self.held.send_replace(Some(path));
    }

    /// Sends the responses that were held.
    pub fn release(&self) {
        self.held.send_replace(None);
    }

    /// Returns how many requests wait for a held response. A client that has disconnected does not count.
    pub fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Waits until `number` requests are waiting.
    pub async fn wait_for_waiting(&self, number: usize) {
        while self.waiting() != number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// How often a path was asked for.
    pub fn requests(&self, path: &str) -> usize {
        self.lock().requests.get(path).copied().unwrap_or(0)
    }

    /// The forms that came to the token endpoint; `authorization` holds the header.
    pub fn token_requests(&self) -> Vec<HashMap<String, String>> {
        self.lock().token_requests.clone()
    }

    /// What was pushed under the name in that URL.
    pub fn pushed(&self, authorization_url: &str) -> HashMap<String, String> {
        self.lock().pushed[&query(authorization_url, "request_uri").unwrap()].clone()
    }

    /// The public key that is published, as PEM.
    pub fn public_key_pem(&self) -> Vec<u8> {
        RsaKeyPair::from_jwk(&self.lock().key).unwrap().to_pem_public_key()
    }

    /// The refresh tokens that were used, in order.
    pub fn refreshes(&self) -> Vec<String> {
        let requests = self.token_requests();
        requests.iter().filter_map(|form| form.get("refresh_token").cloned()).collect()
    }

    /// Takes all permissions back.
    pub fn revoke(&self) {
        self.lock().refresh_tokens.values_mut().for_each(|is_good| *is_good = false);
    }

    /// A logout token for `evil-1`, changed and signed as asked.
    pub fn logout_token(&self, change: impl Fn(&mut Value), signing: &Signing) -> String {
        let now = now();
        let inner = self.lock();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 120, "sub": "evil-1", "sid": "session-1",
            "jti": format!("logout-{}", NUMBERS.fetch_add(1, Ordering::Relaxed)),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        change(&mut claims);
        inner.sign(&claims, "logout+jwt", signing)
    }
}

static NUMBERS: AtomicU32 = AtomicU32::new(0);

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn answer(
    State(provider): State<EvilProvider>,
    Path(path): Path<String>,
    headers: HeaderMap,
    body: String,
) -> Response {
    *provider.lock().requests.entry(path.clone()).or_default() += 1;
    provider.wait(&path).await;
    let delay = provider.lock().behavior.delay;
    if path == "token" && !delay.is_zero() {
        // What it does is done, whether anybody waits for the answer or not.
        let answer = provider.token(&headers, &body);
        tokio::time::sleep(delay).await;
        return answer;
    }
    if let Some(answer) = provider.instead(&path) {
        return answer;
    }
    match path.as_str() {
        path if path.ends_with(".well-known/openid-configuration") => {
            axum::Json(provider.discovery()).into_response()
        }
        "token" => provider.token(&headers, &body),
        "jwks" => {
            let mut answer = axum::Json(provider.jwks()).into_response();
            if let Some(value) = provider.lock().behavior.cache_control {
                answer.headers_mut().insert(header::CACHE_CONTROL, value.parse().unwrap());
            }
            answer
        }
        "par" => provider.push(&body),
        "userinfo" => provider.userinfo(),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

/// A waiting request; its client may disconnect.
struct Waiting(EvilProvider);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

impl EvilProvider {
    async fn wait(&self, path: &str) {
        let mut held = self.held.subscribe();
        if held.borrow().is_none_or(|held| held != path) {
            return;
        }
        self.lock().waiting += 1;
        let _waiting = Waiting(self.clone());
        let _ = held.wait_for(|held| held.is_none_or(|held| held != path)).await;
    }

    fn instead(&self, path: &str) -> Option<Response> {
        let inner = self.lock();
        let (status, content_type, body) = inner.behavior.instead.get(path)?.clone();
        let status = StatusCode::from_u16(status).unwrap();
        let mut answer = (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
        if let Some(value) = inner.behavior.retry_after {
            answer.headers_mut().insert(header::RETRY_AFTER, value.parse().unwrap());
        }
        if let Some(value) = &inner.behavior.location {
            answer.headers_mut().insert(header::LOCATION, value.parse().unwrap());
        }
        Some(answer)
    }

    fn discovery(&self) -> Value {
        let issuer = &self.issuer;
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "jwks_uri": format!("{issuer}/jwks"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "end_session_endpoint": format!("{issuer}/end_session"),
            "id_token_signing_alg_values_supported": ["RS256"],
        });
        (self.lock().behavior.discovery)(&mut document);
        document
    }

    fn jwks(&self) -> Value {
        let inner = self.lock();
        let mut key = serde_json::to_value(inner.key.to_public_key().unwrap()).unwrap();
        key["kid"] = json!(inner.key_id);
        key["use"] = json!("sig");
        let mut set = json!({ "keys": [key] });
        (inner.behavior.jwks)(&mut set);
        set
    }

    fn userinfo(&self) -> Response {
        let inner = self.lock();
        let Some(signing) = &inner.behavior.userinfo_signing else {
            return axum::Json(inner.behavior.userinfo.clone()).into_response();
        };
        let token = inner.sign(&inner.behavior.userinfo, "JWT", signing);
        ([(header::CONTENT_TYPE, "application/jwt")], token).into_response()
    }

    fn push(&self, body: &str) -> Response {
        let form: HashMap<String, String> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let mut inner = self.lock();
        if !inner.is_client(&form, &self.issuer) {
            return (StatusCode::UNAUTHORIZED, axum::Json(json!({ "error": "invalid_client" })))
                .into_response();
        }
        let name = format!("urn:ietf:params:oauth:request_uri:{}", NUMBERS.fetch_add(1, Ordering::Relaxed));
        inner.pushed.insert(name.clone(), form);
        (StatusCode::CREATED, axum::Json(json!({ "request_uri": name, "expires_in": 60 }))).into_response()
    }

    fn token(&self, headers: &HeaderMap, body: &str) -> Response {
        let mut form: HashMap<String, String> =
            form_urlencoded::parse(body.as_bytes()).into_owned().collect();
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        form.insert("authorization".to_owned(), authorization.unwrap_or_default().to_owned());
        let mut inner = self.lock();
        let nonce = form.get("code").and_then(|code| inner.codes.get(code)).cloned().unwrap_or_default();
        let used = form.get("refresh_token").cloned();
        let is_client = inner.is_client(&form, &self.issuer);
        inner.token_requests.push(form);
        if !is_client {
            return (StatusCode::UNAUTHORIZED, axum::Json(json!({ "error": "invalid_client" })))
                .into_response();
        }
        let number = inner.refresh_tokens.len();
        let mut answer = json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300 });
        let mut is_new = true;
        if let Some(used) = used {
            if inner.refresh_tokens.get(&used) != Some(&true) {
                inner.refresh_tokens.values_mut().for_each(|is_good| *is_good = false);
                return (StatusCode::BAD_REQUEST, axum::Json(json!({ "error": "invalid_grant" })))
                    .into_response();
            }
            answer["access_token"] = json!(format!("{ACCESS_TOKEN}-{}", inner.refreshes()));
            is_new = inner.behavior.rotates;
            inner.refresh_tokens.insert(used, !is_new);
        }
        if is_new {
            let refresh_token = format!("canary-refresh-token-{number}");
            answer["refresh_token"] = json!(refresh_token);
            inner.refresh_tokens.insert(refresh_token, true);
        }
        let now = now();
        let mut claims = json!({
            "iss": self.issuer, "sub": "evil-1", "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce,
            "name": "Eve Provider", "email": "eve@example.com", "email_verified": true,
        });
        (inner.behavior.claims)(&mut claims);
        answer["id_token"] = json!(inner.sign(&claims, "JWT", &inner.behavior.signing));
        (inner.behavior.token)(&mut answer);
        axum::Json(answer).into_response()
    }
}

impl Inner {
    /// RFC 7523 section 3, and an audience as draft-ietf-oauth-rfc7523bis has it: the issuer and nothing else.
    fn is_client(&mut self, form: &HashMap<String, String>, issuer: &str) -> bool {
        let Some(assertion) = form.get("client_assertion") else {
            return matches!(self.behavior.client, Client::Any);
        };
        let payload = match &self.behavior.client {
            Client::Any => return true,
            Client::Key(algorithm, key) => jws::deserialize_compact(assertion, &*verifier(algorithm, key))
                .ok()
                .map(|(payload, _)| payload),
            Client::Secret => assertion.rsplit_once('.').and_then(|(message, signature)| {
                let good = URL_SAFE_NO_PAD.encode(hs256(CLIENT_SECRET.as_bytes(), message.as_bytes()));
                (good == signature)
                    .then(|| URL_SAFE_NO_PAD.decode(message.split_once('.').unwrap().1).unwrap())
            }),
        };
        let Some(payload) = payload else { return false };
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        let life = claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap();
        form.get("client_assertion_type").map(String::as_str)
            == Some("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            && !form.contains_key("client_secret")
            && form.get("client_id").is_none_or(|id| id == CLIENT_ID)
            && claims["iss"] == CLIENT_ID
            && claims["sub"] == CLIENT_ID
            && claims["aud"] == issuer
            && life <= 120
            && self.assertions.insert(claims["jti"].as_str().unwrap().to_owned())
    }

    fn refreshes(&self) -> usize {
        self.token_requests.iter().filter(|form| form.contains_key("refresh_token")).count()
    }

    fn sign(&self, claims: &Value, typ: &str, signing: &Signing) -> String {
        let honest = json!({ "alg": "RS256", "kid": self.key_id, "typ": typ });
        match signing {
            Signing::Honest => jws(&honest, claims, Some(&self.key)),
            Signing::Header(changes) => {
                let mut header = honest;
                for (name, value) in changes.as_object().unwrap() {
                    header[name] = value.clone();
                }
                header.as_object_mut().unwrap().retain(|_, value| !value.is_null());
                jws(&header, claims, Some(&self.key))
            }
            Signing::None(algorithm) => jws(&json!({ "alg": algorithm }), claims, None),
            Signing::Broken => {
                let token = jws(&honest, claims, Some(&self.key));
                let (start, end) = token.split_at(token.len() - 20);
                let changed: String = end.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
                format!("{start}{changed}")
            }
            Signing::ForeignKey(key_id) => {
                jws(&json!({ "alg": "RS256", "kid": key_id }), claims, Some(&self.foreign_key))
            }
            Signing::Shared(secret) => {
                let unsigned = jws(&json!({ "alg": "HS256", "typ": "JWT" }), claims, None);
                let message = unsigned.trim_end_matches('.');
                format!("{message}.{}", URL_SAFE_NO_PAD.encode(hs256(secret, message.as_bytes())))
            }
        }
    }
}

fn verifier(algorithm: &str, key: &Jwk) -> Box<dyn JwsVerifier> {
    match algorithm {
        "RS256" => Box::new(RS256.verifier_from_jwk(key).unwrap()),
        "PS256" => Box::new(PS256.verifier_from_jwk(key).unwrap()),
        "ES256" => Box::new(ES256.verifier_from_jwk(key).unwrap()),
        "ES384" => Box::new(ES384.verifier_from_jwk(key).unwrap()),
        _ => Box::new(EdDSA.verifier_from_jwk(key).unwrap()),
    }
}

fn jws(header: &Value, claims: &Value, key: Option<&Jwk>) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.map(|key| {
        let signer = RS256.signer_from_jwk(key).unwrap();
        URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()).unwrap())
    });
    format!("{message}.{}", signature.unwrap_or_default())
}

/// The one that is published at first, one that never is, and the one after a rotation. Making them takes long.
static KEYS: LazyLock<[Jwk; 3]> =
    LazyLock::new(|| [(); 3].map(|()| RS256.generate_key_pair(2048).unwrap().to_jwk_key_pair()));
