//! Detects issuers that cannot be right, without a request to the provider.
//!
//! An issuer is compared character by character with the discovery document and with each ID token (OpenID Connect
//! Discovery 1.0 section 4.3). One extra slash is enough to reject every sign-in. Rule: only an issuer that cannot work is
//! rejected here; everything else is left to the discovery document.

use url::Url;

use super::is_safe_endpoint;

/// Microsoft's tenant of all personal accounts: issuers contain this id in place of `consumers`.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Returns why a value cannot be an issuer, or `None`.
pub(super) fn problem(value: &str) -> Option<&'static str> {
    // URLs contain none of these characters (RFC 3986 section 2), and `url` would silently encode them.
    let is_placeholder = |value: &str| value.contains(['{', '}', '<', '>', '[', ' ']);
    let Ok(url) = Url::parse(value) else { return Some("is not a URL") };
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    if is_placeholder(&path) || value.contains(['{', '<']) {
        return Some("contains a placeholder such as {tenant}: replace it with your own value");
    }
    if url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Some("must have no query, fragment, user name or password");
    }
    (!is_safe_endpoint(&url, true)).then_some("must begin with https:// (http:// only on this machine)")
}

/// Returns an issuer of Entra ID in the form that Microsoft uses; `None` if it is right already, or if only the discovery
/// document can tell.
///
/// Issuers are `https://host/<tenant>/v2.0` with the tenant's id in lower case, or with `common` or `organizations`.
pub(super) fn of_microsoft(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let segments: Vec<_> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let (last, rest) = segments.split_last()?;
    let (tenant, prefix) = match last.eq_ignore_ascii_case("v2.0") {
        true => rest.split_last()?,
        false => (last, rest),
    };
    let tenant = tenant.to_ascii_lowercase();
    let tenant = match tenant.as_str() {
        "common" | "organizations" => &tenant,
        "consumers" => CONSUMERS,
        id if is_uuid(id) => id,
        _ => return None,
    };
    // Version 1.0 has its own host, and ends with a slash.
    if url.host_str() == Some("sts.windows.net") {
        return None;
    }
    let prefix: String = prefix.iter().map(|segment| format!("/{segment}")).collect();
    let right = format!("{}{prefix}/{tenant}/v2.0", url.origin().ascii_serialization());
    (right != issuer).then_some(right)
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";

    #[test]
    fn i_12_an_issuer_of_microsoft_has_one_spelling() {
        let host = "https://login.microsoftonline.com";
        let upper = TENANT.to_uppercase();
        for (written, right) in [
            ("/common/v2.0/", "common"),
            ("/common/V2.0", "common"),
            ("/common", "common"),
            ("/common/", "common"),
            ("/Common/v2.0", "common"),
            ("/organizations/v2.0/", "organizations"),
            ("/organizations", "organizations"),
            ("//common/v2.0", "common"),
            ("/consumers/v2.0", CONSUMERS),
            ("/consumers", CONSUMERS),
            (&format!("/{upper}/v2.0"), TENANT),
            (&format!("/{TENANT}/v2.0/"), TENANT),
            (&format!("/{TENANT}"), TENANT),
        ] {
            let expected = Some(format!("{host}/{right}/v2.0"));
            assert_eq!(of_microsoft(&format!("{host}{written}")), expected, "{written}");
        }
        let expected = Some(format!("{host}/common/v2.0"));
        assert_eq!(of_microsoft("https://LOGIN.microsoftonline.com:443/common/v2.0"), expected);
        for right in [
            format!("{host}/common/v2.0"),
            format!("{host}/organizations/v2.0"),
            format!("{host}/{TENANT}/v2.0"),
            format!("http://127.0.0.1:9/{TENANT}/v2.0"),
            "http://localhost:9/entra/common/v2.0".to_owned(),
            format!("https://sts.windows.net/{TENANT}/"),
            // Only the discovery document can tell.
            format!("{host}/contoso.onmicrosoft.com/v2.0"),
            "https://login.contoso.com".to_owned(),
        ] {
            assert_eq!(of_microsoft(&right), None, "control: {right}");
        }
    }

    #[test]
    fn i_12_a_placeholder_is_no_issuer() {
        for issuer in [
            "https://login.test/{tenantid}/v2.0",
            "https://login.test/%7Btenantid%7D/v2.0",
            "https://login.test/<tenant id>/v2.0",
            "https://login.test/[tenant]/v2.0",
        ] {
            assert!(problem(issuer).is_some_and(|problem| problem.contains("placeholder")), "{issuer}");
        }
        for fine in
            ["https://login.test/a/v2.0", "https://login.test/", "http://[::1]:9", "http://localhost:9"]
        {
            assert_eq!(problem(fine), None, "control: {fine}");
        }
        assert!(problem("https://u:p@login.test").is_some() && problem("https://login.test?a").is_some());
    }
}
