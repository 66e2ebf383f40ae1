//! Who the access token speaks for.

use http::{HeaderValue, Request, header};
use serde_json::{Map, Value};
use url::Url;

use super::token::Tokens;
use crate::{
    error::Source,
    http_client::HttpClient,
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
        let mut value = HeaderValue::from_str(&format!("Bearer {}", tokens.access_token))?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
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
    http: &HttpClient,
    url: &Url,
    access_token: &str,
    claims: Value,
) -> Result<Value, Source> {
    let mut person: Map<String, Value> = http.get_json(url, Some(access_token)).await?;
    if person.get("sub") != Some(&claims["sub"]) {
        return Err("userinfo speaks of another sub than the ID token".into());
    }
    if let Value::Object(claims) = claims {
        person.extend(claims.into_iter().filter(|(_, value)| !value.is_null()));
    }
    Ok(Value::Object(person))
}
