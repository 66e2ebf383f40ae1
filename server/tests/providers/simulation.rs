//! All services at once, each as its facts say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::StatusCode;
use josekit::{
    jwk::Jwk,
    jws::{JwsHeader, JwsSigner, RS256},
};
use serde_json::{Value, json};
use sqlx::Connection;
use url::Url;

use super::{
    facts::Facts,
    support::{
        TestServer, hs256, query,
        services::{Call, Services},
    },
};

pub const CLIENT_ID: &str = "the-client";
/// With a character that HTTP Basic encodes twice.
pub const CLIENT_SECRET: &str = "the+secret";
pub const ACCESS_TOKEN: &str = "the-access-token";

/// The services, and which of them is being played.
pub struct Simulation {
    pub services: Services,
    stage: Arc<Mutex<Stage>>,
}

struct Stage {
    facts: Option<Facts>,
    nonce: Option<String>,
    key: Jwk,
}

impl Simulation {
    pub async fn start(all: &[Facts]) -> Self {
        let key = RS256.generate_key_pair(2048).unwrap().to_jwk_key_pair();
        let stage = Arc::new(Mutex::new(Stage { facts: None, nonce: None, key }));
        let hosts = all.iter().flat_map(hosts).collect::<std::collections::BTreeSet<_>>();
        let played = stage.clone();
        let documents: BTreeMap<String, Facts> =
            all.iter().map(|facts| (facts.id.clone(), facts.clone())).collect();
        let services = Services::start(hosts, move |call: &Call| {
            // Discovery documents are asked ahead, by the server's start.
            let issuer = call.url.as_str().strip_suffix("/.well-known/openid-configuration");
            if let Some(issuer) = issuer {
                let named = |facts: &&Facts| {
                    facts.issuer.as_ref().is_some_and(|name| name.trim_end_matches('/') == issuer)
                };
                return documents
                    .values()
                    .find(named)
                    .map_or_else(|| StatusCode::NOT_FOUND.into_response(), discovery);
            }
            played.lock().unwrap_or_else(PoisonError::into_inner).answer(call)
        });
        Self { services: services.await, stage }
    }

    /// From now on this service is asked, and answers like that.
    pub fn play(&self, facts: Facts) {
        self.lock().facts = Some(facts);
    }

    /// Takes the nonce from the authorization request, as the page of the service does.
    pub fn remember(&self, authorization: &str) {
        self.lock().nonce = query(authorization, "nonce");
    }

    /// What the form on the way back says of the person.
    pub fn user_field(&self) -> Option<String> {
        self.lock().facts.as_ref()?.user_field.as_ref().map(Value::to_string)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Stage> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stage {
    fn answer(&self, call: &Call) -> Response {
        let facts = self.facts.as_ref().expect("a service that is played");
        if call.place() == jwks_uri(facts) {
            let mut key = serde_json::to_value(self.key.to_public_key().unwrap()).unwrap();
            key["use"] = json!("sig");
            return Json(json!({ "keys": [key] })).into_response();
        }
        if call.place() == facts.token.split('?').next().unwrap() {
            return self.token(facts);
        }
        match (&facts.emails, &facts.more) {
            (Some((url, emails)), _) if call.url.as_str() == url => Json(emails).into_response(),
            (_, Some(more)) if facts.signed_userinfo => {
                let mut claims = json!({ "iss": facts.issuer, "aud": CLIENT_ID });
                claims.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
                ([("content-type", "application/jwt")], self.sign("RS256", &claims)).into_response()
            }
            (_, Some(more)) => Json(more).into_response(),
            _ => Json(&facts.person).into_response(),
        }
    }

    fn token(&self, facts: &Facts) -> Response {
        let usual = || json!({ "access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 3600 });
        let mut answer = facts.token_answer.clone().unwrap_or_else(usual);
        if facts.issuer.is_some() {
            answer["id_token"] = json!(self.id_token(facts));
        }
        Json(answer).into_response()
    }

    fn id_token(&self, facts: &Facts) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({
            "iss": facts.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 600, "nonce": self.nonce,
        });
        if let Some(template) = template(facts) {
            claims["iss"] = json!(template.replace("{tenantid}", TENANT));
            claims["tid"] = json!(TENANT);
        }
        if let Some(own) = facts.person.as_object() {
            claims.as_object_mut().unwrap().extend(own.clone());
        }
        self.sign(&facts.signing, &claims)
    }

    fn sign(&self, algorithm: &str, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", encode(&json!({ "alg": algorithm })), encode(claims));
        let signature = match algorithm {
            "HS256" => hs256(CLIENT_SECRET.as_bytes(), message.as_bytes()),
            _ => RS256.signer_from_jwk(&self.key).unwrap().sign(message.as_bytes()).unwrap(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// A tenant of Microsoft's: that of all personal accounts.
const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// What Microsoft's document for all tenants calls itself.
fn template(facts: &Facts) -> Option<String> {
    let issuer = facts.issuer.as_ref().filter(|issuer| issuer.contains("/common/"))?;
    Some(issuer.replace("/common/", "/{tenantid}/"))
}

fn hosts(facts: &Facts) -> Vec<String> {
    let userinfo = facts.userinfo.as_deref().and_then(|request| request.split_once(' ')).map(|(_, url)| url);
    let emails = facts.emails.as_ref().map(|(url, _)| url.as_str());
    let urls =
        [Some(facts.authorize.as_str()), Some(&facts.token), facts.issuer.as_deref(), userinfo, emails];
    let host = |url: &str| Url::parse(url).unwrap().host_str().unwrap().to_owned();
    urls.into_iter().flatten().map(host).collect()
}

fn jwks_uri(facts: &Facts) -> String {
    facts
        .issuer
        .as_ref()
        .map(|issuer| format!("{}/the-keys", issuer.trim_end_matches('/')))
        .unwrap_or_default()
}

fn discovery(facts: &Facts) -> Response {
    let userinfo = facts.userinfo.as_deref().and_then(|request| request.split_once(' ')).map(|(_, url)| url);
    let mut document = json!({
        "issuer": template(facts).or(facts.issuer.clone()), "authorization_endpoint": facts.authorize, "token_endpoint": facts.token,
        "jwks_uri": jwks_uri(facts), "id_token_signing_alg_values_supported": [facts.signing],
    });
    if let Some(url) = userinfo {
        document["userinfo_endpoint"] = json!(url);
    }
    if let Some(methods) = &facts.auth_methods {
        document["token_endpoint_auth_methods_supported"] = json!(methods);
    }
    Json(document).into_response()
}

/// The account that was made last, and whether its user's address is proven.
pub async fn newest_account(server: &TestServer) -> (String, bool) {
    let query = "SELECT provider_account_id, email_verified IS NOT NULL FROM accounts JOIN users ON users.id = user_id \
                 ORDER BY users.rowid DESC LIMIT 1";
    sqlx::query_as(query).fetch_one(&mut server.database().await).await.unwrap()
}
