//! Who the access token speaks for.

use http::{Request, Response, header};
use serde::Deserialize;
use serde_json::{Map, Value};
use url::Url;

use super::{
    OAuthClient,
    discovery::Metadata,
    id_token::{self, Audience},
    is_past,
    token::Tokens,
};
use crate::{
    error::Source,
    http_client::{HttpClient, HttpClientError, bearer},
    provider::{AccessTokenIn, OAuthProvider, Userinfo, expression},
};

/// A plain OAuth 2 provider's answer, with the list of addresses where there is one, and with what the token answer
/// says of the person.
pub(super) async fn plain(
    http: &HttpClient,
    provider: &OAuthProvider,
    userinfo: &Userinfo,
    tokens: &Tokens,
) -> Result<Value, Source> {
    let answer: Value = http.json(request(userinfo, tokens)?).await?;
    // VK sends a list with one person.
    let mut person = match answer {
        Value::Object(person) => person,
        Value::Array(people) => Map::from_iter([("list".to_owned(), Value::Array(people))]),
        _ => return Err("the userinfo answer is no object".into()),
    };
    if let Some(url) = &userinfo.emails {
        // Without the permission to see them there is no proven address; the sign-in goes on.
        let emails = http.get_json::<Value>(&Url::parse(url)?, Some(&tokens.access_token)).await;
        person.insert("emails".to_owned(), emails.unwrap_or_default());
    }
    let told = provider.quirks.token_members.iter();
    let told = told.filter_map(|name| Some(((*name).to_owned(), tokens.answer.get(*name)?.clone())));
    if !provider.quirks.token_members.is_empty() {
        person.insert("token".to_owned(), Value::Object(told.collect()));
    }
    Ok(Value::Object(person))
}

fn request(userinfo: &Userinfo, tokens: &Tokens) -> Result<Request<Vec<u8>>, Source> {
    let member = |name: &str| match tokens.answer.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let url = expression::fill(&userinfo.url, member).ok_or("the token answer does not say who it was")?;
    let mut url = Url::parse(&url)?;
    if let AccessTokenIn::Query(name) = userinfo.access_token {
        url.query_pairs_mut().append_pair(name, &tokens.access_token);
    }
    let mut request = match userinfo.form {
        Some(_) => Request::post(url.as_str()),
        None => Request::get(url.as_str()),
    };
    if userinfo.access_token == AccessTokenIn::Header {
        request = request.header(header::AUTHORIZATION, bearer(&tokens.access_token)?);
    }
    if userinfo.form.as_ref().is_some_and(|form| !form.is_empty()) {
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    }
    for (name, value) in &userinfo.headers {
        request = request.header(name, value);
    }
    request = request.header(header::ACCEPT, "application/json");
    Ok(request.body(userinfo.form.clone().unwrap_or_default().into_bytes())?)
}

/// The ID token's claims and, under them, those of the userinfo endpoint.
///
/// Its `sub` must be the token's (OpenID Connect Core 1.0 section 5.3.2): else a stolen answer could be mixed in.
pub(super) async fn merge(
    client: &OAuthClient,
    oidc: &Metadata,
    url: &Url,
    access_token: &str,
    claims: Value,
) -> Result<Value, Source> {
    let request = Request::get(url.as_str())
        .header(header::ACCEPT, "application/json, application/jwt")
        .header(header::AUTHORIZATION, bearer(access_token)?);
    let response = client.http.send(request.body(Vec::new())?).await?;
    let host = url.authority().to_owned();
    if !response.status().is_success() {
        return Err(HttpClientError::Status(host, response.status()).into());
    }
    let body = if is_jwt(&response) {
        signed(client, oidc, std::str::from_utf8(response.body())?.trim()).await?
    } else {
        response.into_body()
    };
    let mut person: Map<String, Value> =
        serde_json::from_slice(&body).map_err(|_| HttpClientError::Malformed(host))?;
    if person.get("sub") != Some(&claims["sub"]) {
        return Err("userinfo speaks of another sub than the ID token".into());
    }
    if let Value::Object(claims) = claims {
        person.extend(claims.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Ok(Value::Object(person))
}

fn is_jwt(response: &Response<Vec<u8>>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/jwt")
}

/// What a signed answer says, if the provider has signed it for us (section 5.3.2).
async fn signed(client: &OAuthClient, oidc: &Metadata, token: &str) -> Result<Vec<u8>, Source> {
    #[derive(Deserialize)]
    struct Claims {
        iss: String,
        aud: Audience,
        exp: Option<i64>,
    }
    let now = client.clock.now();
    let algorithms = oidc.userinfo_signing_alg_values_supported.as_ref();
    let algorithms = algorithms.unwrap_or(&oidc.id_token_signing_alg_values_supported);
    let header = id_token::read_header(token, algorithms, &["JWT"])?;
    let keys = client.keys.candidates(&client.http, &oidc.jwks_uri, header.key_id(), now).await?;
    let payload = id_token::verify_signature(token, header.algorithm(), &keys)?;
    let claims: Claims = serde_json::from_slice(&payload).map_err(|_| "userinfo lacks iss or aud")?;
    if claims.iss != oidc.issuer || !claims.aud.contains(&client.provider.client_id) {
        return Err("userinfo is of another issuer or for another client".into());
    }
    if claims.exp.is_some_and(|exp| is_past(exp, now)) {
        return Err("userinfo has expired: compare the clocks".into());
    }
    Ok(payload)
}
