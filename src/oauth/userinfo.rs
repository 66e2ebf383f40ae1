//! The user that an access token belongs to: the userinfo endpoint.

use http::{Request, Response, header};
use serde_json::{Map, Value};
use url::Url;

use super::{
    OAuthClient,
    id_token::{self, Audience},
    is_past,
    members::{self, Members, text, time},
    metadata::Metadata,
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

/// Protocol claims. They are always taken from the ID token.
const PROTOCOL: [&str; 12] =
    ["iss", "sub", "aud", "azp", "exp", "iat", "nbf", "nonce", "at_hash", "c_hash", "sid", "tid"];

/// Returns the userinfo claims of the user in an ID token.
///
/// Its `sub` must be the token's (OpenID Connect Core 1.0 section 5.3.2). Otherwise an attacker could mix in another
/// user's response.
pub(super) async fn ask(
    client: &OAuthClient,
    oidc: &Metadata,
    access_token: &str,
    claims: &Map<String, Value>,
) -> Result<Map<String, Value>, Source> {
    let url = oidc.userinfo_endpoint.as_ref().ok_or("the provider names no userinfo endpoint")?;
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
    let userinfo = members::object("userinfo answer", &body)?;
    let is_same = |sub: &Value| match (sub, claims.get("sub")) {
        (Value::String(sub), Some(Value::String(own))) => sub == own,
        // Some providers send a number here. A number with a fraction has more than one text form, so it is not accepted.
        (Value::Number(sub), Some(Value::String(own))) => !sub.is_f64() && sub.to_string() == *own,
        _ => false,
    };
    if !userinfo.get("sub").is_some_and(is_same) {
        return Err("userinfo speaks of another sub than the ID token".into());
    }
    Ok(userinfo)
}

/// Returns whether an ID token lacks what a profile needs, as many do (section 5.4): then userinfo is requested.
pub(super) fn is_needed(claims: &Map<String, Value>) -> bool {
    let claims = Members::new("ID token", claims);
    claims.text("email").is_none() || claims.text("name").is_none()
}

/// Merges the claims of an ID token and of a userinfo response. If both have a claim, `userinfo_counts` decides which one
/// is used; protocol claims are always the token's.
///
/// An address counts as verified only if the source that it was taken from says so, or if the other source says so for
/// the same address.
pub(super) fn merge(
    claims: Map<String, Value>,
    mut userinfo: Map<String, Value>,
    userinfo_counts: bool,
) -> Map<String, Value> {
    userinfo.retain(|name, _| !PROTOCOL.contains(&name.as_str()));
    let (mut first, mut second) = if userinfo_counts { (userinfo, claims) } else { (claims, userinfo) };
    first.retain(|name, value| is_usable(name, value));
    match first.get("email") {
        None => drop(first.remove("email_verified")),
        Some(email) if second.get("email") != Some(email) => drop(second.remove("email_verified")),
        Some(_) => {}
    }
    second.extend(first);
    second
}

/// Returns whether a claim can be used. An unusable claim must not hide the claim of the other source.
fn is_usable(name: &str, value: &Value) -> bool {
    const TEXTS: [&str; 5] = ["email", "name", "nickname", "picture", "preferred_username"];
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        _ => !TEXTS.contains(&name),
    }
}

fn is_jwt(response: &Response<Vec<u8>>) -> bool {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/jwt")
}

/// What a signed answer says, if the provider has signed it for us (section 5.3.2).
async fn signed(client: &OAuthClient, oidc: &Metadata, token: &str) -> Result<Vec<u8>, Source> {
    const DOCUMENT: &str = "signed userinfo answer";
    let algorithms = oidc.userinfo_signing_alg_values_supported.as_ref();
    let algorithms = algorithms.unwrap_or(&oidc.id_token_signing_alg_values_supported);
    let header = id_token::read_header(token, algorithms, &["JWT"])?;
    let payload = client.keys.verify(&client.http, &oidc.jwks_uri, token, &header, |_| true).await?;
    let claims = members::object(DOCUMENT, &payload)?;
    let claims = Members::new(DOCUMENT, &claims);
    let audience = claims.required("aud", Audience::read)?;
    if claims.required("iss", text)? != oidc.issuer || !audience.contains(&client.provider.client_id) {
        return Err("userinfo is of another issuer or for another client".into());
    }
    if claims.checked("exp", time)?.is_some_and(|exp| is_past(exp, client.clock.now())) {
        return Err("userinfo has expired: compare the clocks".into());
    }
    Ok(payload)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::oauth::tests::any_json;

    fn merged(claims: Value, userinfo: Value, userinfo_counts: bool) -> Value {
        let map = |value: Value| value.as_object().unwrap().clone();
        Value::Object(merge(map(claims), map(userinfo), userinfo_counts))
    }

    #[test]
    fn f_d6_the_source_that_counts_is_chosen() {
        let claims = json!({ "sub": "1", "name": "Token", "email": "t@op.test", "email_verified": true });
        let userinfo =
            json!({ "sub": 1, "name": "Userinfo", "email": "u@op.test", "iss": "evil", "nonce": "n" });
        let token_counts = merged(claims.clone(), userinfo.clone(), false);
        assert_eq!(token_counts, claims);
        let userinfo_counts = merged(claims, userinfo, true);
        assert_eq!(userinfo_counts, json!({ "sub": "1", "name": "Userinfo", "email": "u@op.test" }));
    }

    #[test]
    fn f_d6_a_source_verifies_only_its_own_address() {
        let address = |email: &str, verified: Value| json!({ "email": email, "email_verified": verified });
        let verified = |value: Value| value["email_verified"] == true;
        let only_verified = json!({ "email_verified": true });
        for counts in [false, true] {
            let [good, bare] = [address("a@op.test", json!(true)), json!({ "email": "a@op.test" })];
            assert!(verified(merged(good.clone(), bare.clone(), counts)), "the same address");
            assert!(verified(merged(bare.clone(), good.clone(), counts)), "the same address");
            for (one, other) in [
                (bare.clone(), only_verified.clone()),
                (address("b@op.test", json!(null)), good.clone()),
                (json!({ "email": 7, "email_verified": true }), bare),
            ] {
                let [first, second] = if counts { [other, one] } else { [one, other] };
                assert!(
                    !verified(merged(first.clone(), second.clone(), counts)),
                    "{counts}: {first} {second}"
                );
            }
        }
    }

    #[test]
    fn i_06_an_odd_claim_hides_no_good_one() {
        for odd in [json!(null), json!(7), json!(""), json!({}), json!(["x"])] {
            let claims = json!({ "name": odd, "email": odd, "picture": odd });
            let userinfo =
                json!({ "name": "Ada", "email": "ada@op.test", "picture": "https://op.test/a.png" });
            assert!(is_needed(claims.as_object().unwrap()), "{odd}");
            assert_eq!(merged(claims, userinfo.clone(), false), userinfo, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn f_d6_claims_of_the_protocol_are_the_tokens(
            userinfo in proptest::collection::btree_map("(iss|sub|aud|exp|nonce|name|email)", any_json(), 0..6),
            counts: bool,
        ) {
            let claims = json!({ "iss": "https://op.test", "sub": "1", "aud": "us", "exp": 7, "nonce": "n" });
            let merged = merged(claims.clone(), json!(userinfo), counts);
            for (name, value) in claims.as_object().unwrap() {
                prop_assert_eq!(&merged[name], value);
            }
        }
    }
}
