//! Judges a discovery document without a sign-in: for `doctor`. Rule: by the code of a sign-in, so that both agree.

use super::{discovery::Metadata, tenant};
use crate::provider::{Endpoints, OAuthProvider};

/// Checks a discovery document as a sign-in at that provider does.
///
/// # Errors
/// Why nobody can sign in with it: half a sentence with what to write instead. What is quoted stands in the document.
pub fn check_discovery(provider: &OAuthProvider, document: &[u8]) -> Result<(), String> {
    let Endpoints::Issuer(issuer) = &provider.endpoints else { return Ok(()) };
    let metadata: Metadata =
        serde_json::from_slice(document).map_err(|error| format!("cannot be read: {error}"))?;
    let template = template(provider, issuer);
    if let Err(error) = metadata.check(issuer, template.as_deref()) {
        let named = metadata.issuer.as_str();
        return Err(match named == issuer || template.as_deref() == Some(named) {
            true => error.to_string(),
            false if named.contains('{') => format!(
                "{error}, which stands for many tenants: write the issuer of one tenant, with its id in place of the braces"
            ),
            false => format!("{error}: write it exactly so"),
        });
    }
    let authentication = metadata.client_authentication(provider.client_authentication);
    authentication.map(drop).map_err(|error| error.to_string())
}

/// What the discovery document may call itself besides the issuer.
pub(super) fn template(provider: &OAuthProvider, issuer: &str) -> Option<String> {
    provider.quirks.tenant_issuer.then(|| tenant::template(issuer)).flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::{Environment, ProviderState, provider_statuses};

    fn check(prefix: &str, issuer: &str, named: &str) -> Result<(), String> {
        let set = [("ISSUER", issuer), ("ID", "id"), ("SECRET", "secret")];
        let env: Environment =
            set.map(|(part, value)| (format!("AUTH_{prefix}_{part}"), value.to_owned())).into();
        let statuses = provider_statuses(&env);
        let ProviderState::On(provider) = &statuses[0].state else { panic!("{:?}", statuses[0]) };
        let endpoint = |path: &str| format!("https://login.test/{path}");
        let document = json!({
            "issuer": named, "authorization_endpoint": endpoint("a"), "token_endpoint": endpoint("t"),
            "jwks_uri": endpoint("j"),
        });
        check_discovery(provider, document.to_string().as_bytes())
    }

    #[test]
    fn i_12_doctor_judges_as_a_sign_in_does() {
        const TEMPLATE: &str = "https://login.test/{tenantid}/v2.0";
        assert_eq!(
            check("MICROSOFT_ENTRA_ID", "https://login.test/common/v2.0", TEMPLATE),
            Ok(()),
            "control"
        );
        assert_eq!(check("ACME", "https://login.test", "https://login.test"), Ok(()), "control");
        for (prefix, issuer, named, expected) in [
            ("MICROSOFT_ENTRA_ID", "https://login.test/contoso.test/v2.0", TEMPLATE, "many tenants"),
            (
                "MICROSOFT_ENTRA_ID",
                "https://login.test/a.test/v2.0",
                "https://login.test/b/v2.0",
                "exactly so",
            ),
            ("ACME", "https://login.test/common/v2.0", TEMPLATE, "many tenants"),
            ("ACME", "https://login.test", "https://login.test/", "exactly so"),
            ("ACME", "https://login.test", "{", "many tenants"),
        ] {
            let problem = check(prefix, issuer, named).unwrap_err();
            assert!(problem.contains(expected) && problem.contains(named), "{problem}");
        }
    }
}
