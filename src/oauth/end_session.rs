//! The way out by the provider (OpenID Connect RP-Initiated Logout 1.0 section 2).

use url::Url;

/// Where the browser goes so that the provider ends its own session too, and sends it back.
pub(super) fn end_session_url(
    endpoint: &Url,
    client_id: &str,
    id_token: Option<&str>,
    return_url: &Url,
    state: &str,
) -> Url {
    let mut url = endpoint.clone();
    // With the ID token most providers ask no question.
    url.query_pairs_mut()
        .extend_pairs(id_token.map(|token| ("id_token_hint", token)))
        .append_pair("client_id", client_id)
        .append_pair("post_logout_redirect_uri", return_url.as_str())
        .append_pair("state", state);
    url
}
