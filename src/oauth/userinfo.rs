//! Who the access token speaks for.

use serde_json::{Map, Value};
use url::Url;

use super::ProviderMetadata;
use crate::{error::Source, http_client::HttpClient};

/// A plain OAuth 2 provider's answer, with the list of addresses where there is one.
pub(super) async fn plain(
    http: &HttpClient,
    metadata: &ProviderMetadata,
    access_token: &str,
) -> Result<Value, Source> {
    let url = metadata.userinfo.as_ref().ok_or("the provider has no userinfo endpoint")?;
    let mut person: Map<String, Value> = http.get_json(url, Some(access_token)).await?;
    if let Some(url) = &metadata.emails {
        // Without the permission to see them there is no proven address; the sign-in goes on.
        let emails = http.get_json::<Value>(url, Some(access_token)).await.unwrap_or_default();
        person.insert("emails".to_owned(), emails);
    }
    Ok(Value::Object(person))
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
        person.extend(claims);
    }
    Ok(Value::Object(person))
}
