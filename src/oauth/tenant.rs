//! Multi-tenant applications, as in Microsoft Entra ID: the discovery document of `common` and `organizations` contains a
//! template for an issuer, and each ID token names its tenant. Rule: only for services with
//! [`Quirks::tenant_issuer`](crate::provider::Quirks::tenant_issuer); for all others the issuer must match exactly.
//!
//! Source: Microsoft, "OpenID Connect on the Microsoft identity platform" and "Signing key issuer validation".

const PLACEHOLDER: &str = "{tenantid}";

/// What the discovery document of an issuer for many tenants calls itself.
pub(super) fn template(issuer: &str) -> Option<String> {
    let base = ["/common/v2.0", "/organizations/v2.0"].iter().find_map(|path| issuer.strip_suffix(path))?;
    // Only in the path, never in place of the host.
    (!base.ends_with('/')).then(|| format!("{base}/{PLACEHOLDER}/v2.0"))
}

/// Whether an issuer is such a template.
pub(super) fn is_template(issuer: &str) -> bool {
    issuer.contains(PLACEHOLDER)
}

/// The issuer of one tenant.
pub(super) fn issuer(template: &str, tenant: &str) -> Option<String> {
    is_uuid(tenant).then(|| template.replace(PLACEHOLDER, tenant))
}

/// Whether that is the issuer of any tenant at all.
pub(super) fn is_of_any(template: &str, issuer: &str) -> bool {
    let Some((before, after)) = template.split_once(PLACEHOLDER) else { return false };
    let tenant = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
    tenant.is_some_and(is_uuid)
}

/// Returns whether a key may sign for this issuer. Some keys name an `owner`: the one tenant that they belong to.
pub(super) fn may_sign(owner: Option<&str>, template: &str, issuer: &str) -> bool {
    owner.is_none_or(|owner| owner == issuer || owner == template)
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

    #[test]
    fn ip_07_only_two_words_stand_for_all_tenants() {
        let expected = Some("https://login.test/{tenantid}/v2.0".to_owned());
        for word in ["common", "organizations"] {
            assert_eq!(template(&format!("https://login.test/{word}/v2.0")), expected);
        }
        for issuer in [
            &format!("https://login.test/{TENANT}/v2.0"),
            "https://login.test/consumers/v2.0",
            "https://common/v2.0",
            "https://login.test/common",
        ] {
            assert_eq!(template(issuer), None, "{issuer}");
        }
    }

    #[test]
    fn id_05_a_tenant_is_a_uuid() {
        let template = "https://login.test/{tenantid}/v2.0";
        let good = format!("https://login.test/{TENANT}/v2.0");
        assert_eq!(issuer(template, TENANT).as_deref(), Some(good.as_str()));
        assert!(is_of_any(template, &good), "control");
        for tenant in
            ["", "common", "{tenantid}", &TENANT.to_uppercase(), &TENANT[1..], "evil.test/9188040d-6c67"]
        {
            assert_eq!(issuer(template, tenant), None, "{tenant}");
            assert!(!is_of_any(template, &format!("https://login.test/{tenant}/v2.0")), "{tenant}");
        }
    }
}
