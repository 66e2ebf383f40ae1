//! The intermediate page between a form on our site and another origin.
//!
//! Browsers apply `form-action` of the Content-Security-Policy to every redirect that follows a form (CSP Level 3 section
//! 6.4.1), and a provider may redirect to hosts that cannot be known in advance. So the response to the form is a page on
//! our site that forwards automatically and with a link, without scripts. That starts a new navigation, to which
//! `form-action` does not apply (`docs/decisions/0039-a-page-between-form-and-provider.md`).
//!
//! Only browsers get this page. Programs and Auth.js clients get the URL where they expect it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, header};
use leptos_auth_locales::{Language, server};
use url::Url;

use crate::html::escape;

/// Returns whether a browser sent a form and would be redirected to another origin. Browsers send `Sec-Fetch-Mode: navigate`
/// (Fetch Metadata); those from before 2023 do not, and get the redirect that Auth.js sends.
pub(super) fn needs_page(method: &Method, headers: &HeaderMap, base_url: &Url, to: &Url) -> bool {
    let navigates = headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate");
    navigates && method == Method::POST && to.origin() != base_url.origin()
}

/// Returns the page. It has no style sheet, because it is visible only until the other origin responds.
pub(super) fn page(to: &Url, language: &Language) -> Response<Bytes> {
    let host = to.host_str().unwrap_or_default();
    let address = escape(to.as_str());
    let title = escape(&language.fill(server::LEAVE, &[("host", host)]));
    let html = format!(
        "<!DOCTYPE html><html lang=\"{}\" dir=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <meta http-equiv=\"refresh\" content=\"0;url={address}\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p><a href=\"{address}\">{}</a></p></main></body></html>",
        language.tag,
        language.direction.as_str(),
        escape(language.text(server::LEAVE_LINK)),
    );
    let mut response = Response::new(Bytes::from(html));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i_09_only_a_form_of_a_browser_that_leads_elsewhere_needs_the_page() {
        let base = Url::parse("https://app.test").unwrap();
        let needs = |method: Method, mode: &'static str, to: &str| {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static("sec-fetch-mode"),
                HeaderValue::from_static(mode),
            )]);
            needs_page(&method, &headers, &base, &Url::parse(to).unwrap())
        };
        assert!(needs(Method::POST, "navigate", "https://op.test/authorize"));
        assert!(!needs(Method::GET, "navigate", "https://op.test/authorize"));
        assert!(!needs(Method::POST, "cors", "https://op.test/authorize"));
        assert!(!needs(Method::POST, "navigate", "https://app.test/verify-request"));
        assert!(!needs_page(
            &Method::POST,
            &HeaderMap::new(),
            &base,
            &Url::parse("https://op.test").unwrap()
        ));
    }

    #[test]
    fn i_09_an_address_stays_an_address() {
        let to = Url::parse("https://op.test/authorize?a=1&b=\"><script>'x").unwrap();
        let page = page(&to, Language::english());
        let body = std::str::from_utf8(page.body()).unwrap();
        assert!(
            body.contains("content=\"0;url=https://op.test/authorize?a=1&amp;b=%22%3E%3Cscript%3E"),
            "{body}"
        );
        assert!(!body.contains("<script"), "{body}");
    }
}
