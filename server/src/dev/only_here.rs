//! The guard against DNS rebinding: see the parent module.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, StatusCode, header};
use url::Url;

use crate::{error_page, state::AppState};

/// The layer.
pub async fn only_here(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if is_here(request.headers(), state.auth.base_url()) {
        return next.run(request).await;
    }
    tracing::warn!("a request for a development page under a foreign host name was refused");
    error_page::answer(&state, StatusCode::NOT_FOUND, error_page::wanted(request.headers()), None)
}

fn is_here(headers: &HeaderMap, base_url: &Url) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let Some(url) = host.and_then(|host| Url::parse(&format!("http://{host}/")).ok()) else { return false };
    let is_loopback = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_loopback || url.host() == base_url.host()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        let base_url = Url::parse("https://app.test").unwrap();
        let is_here =
            |host: &str| is_here(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]), &base_url);
        for host in ["localhost:3000", "127.0.0.1:3000", "[::1]:3000", "app.test", "app.test:8443"] {
            assert!(is_here(host), "{host}");
        }
        for host in ["evil.test:3000", "localhost.evil.test", "127.0.0.1.evil.test", "evil@x", ""] {
            assert!(!is_here(host), "{host}");
        }
    }
}
