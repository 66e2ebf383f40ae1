//! Optional settings of one provider, beyond its client credentials: each is a variable `AUTH_<NAME>_…`.

use super::Reader;
use crate::provider::{ClientAuthentication, Endpoints, OAuthProvider};

impl Reader<'_> {
    /// Returns the provider with `_NAME`, `_LOGOUT`, `_TRUST_EMAIL`, `_PAR`, `_RESPONSE_MODE`, `_TOKEN_AUTH` and `_USERINFO`.
    pub(super) fn with_choices(&mut self, prefix: &str, provider: OAuthProvider) -> OAuthProvider {
        let name = self.get(&format!("{prefix}_NAME")).map_or_else(|| provider.name.clone(), str::to_owned);
        let logout = format!("{prefix}_LOGOUT");
        let federated_sign_out = self.flag(&logout).unwrap_or(false);
        if federated_sign_out && !matches!(provider.endpoints, Endpoints::Issuer(_)) {
            self.wrong(
                &logout,
                format!(
                    "cannot be true: {} supports no sign-out by other sites. Example: {logout}=false",
                    provider.name
                ),
            );
        }
        let trusts_email = self.flag(&format!("{prefix}_TRUST_EMAIL")).unwrap_or(provider.trusts_email);
        let par = format!("{prefix}_PAR");
        let pushes_requests = self.flag(&par).unwrap_or(false);
        if pushes_requests && !matches!(provider.endpoints, Endpoints::Issuer(_)) {
            self.wrong(
                &par,
                format!(
                    "cannot be true: {} has no discovery document with that endpoint. Example: {par}=false",
                    provider.name
                ),
            );
        }
        let is_form_post = provider.is_form_post();
        let mut authorization_params = provider.authorization_params.clone();
        authorization_params.extend(self.response_mode(prefix).filter(|_| !is_form_post));
        let token_auth = self.token_auth(prefix, &provider);
        OAuthProvider {
            name,
            client_authentication: token_auth.unwrap_or(provider.client_authentication),
            client_authentication_is_fixed: token_auth.is_some(),
            always_asks_userinfo: self.always_asks_userinfo(prefix, &provider),
            federated_sign_out,
            trusts_email,
            pushes_requests,
            authorization_params,
            ..provider
        }
    }

    fn response_mode(&mut self, prefix: &str) -> Option<(String, String)> {
        let variable = format!("{prefix}_RESPONSE_MODE");
        match self.get(&variable)? {
            "form_post" => Some(("response_mode".to_owned(), "form_post".to_owned())),
            _ => {
                self.wrong(
                    &variable,
                    format!("must be form_post, or not set. Example: {variable}=form_post"),
                );
                None
            }
        }
    }

    /// Returns how the client secret is sent, if the operator chose it.
    fn token_auth(&mut self, prefix: &str, provider: &OAuthProvider) -> Option<ClientAuthentication> {
        use ClientAuthentication::{Basic, Post, SecretJwt};
        let variable = format!("{prefix}_TOKEN_AUTH");
        let value = self.get(&variable)?;
        let chosen = [Basic, Post].into_iter().find(|method| method.name() == value);
        let has_secret = matches!(provider.client_authentication, Basic | Post | SecretJwt);
        let problem = match chosen {
            None => "must be client_secret_basic or client_secret_post",
            Some(_) if !has_secret => "says how a secret is sent, but this provider has none",
            Some(_) if matches!(provider.endpoints, Endpoints::OAuth1(_)) => {
                "says how a secret is sent, but in OAuth 1.0a it signs"
            }
            Some(_) => return chosen,
        };
        self.wrong(&variable, format!("{problem}. Example: {variable}=client_secret_post"));
        None
    }

    /// Only for OpenID Connect: other providers are always asked, and NetSuite uses a variable of this name for a URL.
    fn always_asks_userinfo(&mut self, prefix: &str, provider: &OAuthProvider) -> bool {
        if !matches!(provider.endpoints, Endpoints::Issuer(_)) {
            return false;
        }
        let variable = format!("{prefix}_USERINFO");
        let value = self.get(&variable).map(str::to_owned);
        if value.as_ref().is_some_and(|value| value != "always") {
            self.wrong(&variable, format!("must be always, or not set. Example: {variable}=always"));
        }
        value.is_some()
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::config::{Config, ConfigError, Mode, is_provider_variable};

    fn read(variables: &[(&str, &str)]) -> Result<Vec<OAuthProvider>, Vec<ConfigError>> {
        let env = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let url = Url::parse("http://localhost:3000").unwrap();
        Config::from_environment(&env.collect(), Mode::Development, &url).map(|config| config.providers)
    }

    #[test]
    fn i_22_f_d6_choices_of_one_provider_are_checked() {
        let acme =
            [("AUTH_ACME_ISSUER", "https://op.test"), ("AUTH_ACME_ID", "a"), ("AUTH_ACME_SECRET", "b")];
        let read_with = |more: &[(&str, &str)]| read(&[&acme[..], more].concat());
        let plain = &read_with(&[]).unwrap()[0];
        assert_eq!(plain.client_authentication, ClientAuthentication::Basic);
        assert!(!plain.client_authentication_is_fixed && !plain.always_asks_userinfo);
        let post = ("AUTH_ACME_TOKEN_AUTH", "client_secret_post");
        let chosen = &read_with(&[post, ("AUTH_ACME_USERINFO", "always")]).unwrap()[0];
        assert_eq!(chosen.client_authentication, ClientAuthentication::Post);
        assert!(chosen.client_authentication_is_fixed && chosen.always_asks_userinfo);
        let github = [
            ("AUTH_GITHUB_ID", "a"),
            ("AUTH_GITHUB_SECRET", "b"),
            ("AUTH_GITHUB_TOKEN_AUTH", "client_secret_post"),
        ];
        assert_eq!(read(&github).unwrap()[0].client_authentication, ClientAuthentication::Post);

        let wrong = |more: &[(&str, &str)]| -> Vec<_> {
            let errors = read_with(more).unwrap_err();
            assert!(errors.iter().all(|error| error.message.contains("Example: ")), "{errors:?}");
            errors.into_iter().map(|error| error.variable).collect()
        };
        for value in ["post", "none", "client_secret_jwt", "private_key_jwt"] {
            assert_eq!(wrong(&[("AUTH_ACME_TOKEN_AUTH", value)]), ["AUTH_ACME_TOKEN_AUTH"], "{value}");
        }
        let public = [post, ("AUTH_ACME_SECRET", ""), ("AUTH_ACME_PUBLIC", "true")];
        assert_eq!(wrong(&public), ["AUTH_ACME_TOKEN_AUTH"]);
        for value in ["never", "true"] {
            assert_eq!(wrong(&[("AUTH_ACME_USERINFO", value)]), ["AUTH_ACME_USERINFO"], "{value}");
        }
        for variable in ["AUTH_ACME_TOKEN_AUTH", "AUTH_ACME_USERINFO"] {
            assert!(is_provider_variable(variable), "{variable}");
        }
    }

    #[test]
    fn c_10_an_own_installation_is_trusted_only_if_that_is_set() {
        let trusts = |id: &str, more: &[(&str, &str)]| {
            let own = [("ID", "a"), ("SECRET", "b")];
            let all = own.iter().chain(more);
            let all: Vec<_> = all.map(|(part, value)| (format!("AUTH_{id}_{part}"), *value)).collect();
            let pairs: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
            read(&pairs).unwrap()[0].trusts_email
        };
        let own = ("ISSUER", "https://login.example.com");
        for (id, original) in [
            ("GOOGLE", Some("https://accounts.google.com")),
            ("TWITCH", Some("https://id.twitch.tv/oauth2")),
            ("SLACK", Some("https://slack.com/")),
            ("GITHUB", None),
        ] {
            assert!(trusts(id, &[]), "{id}");
            assert!(!trusts(id, &[own]), "{id}: an installation");
            assert!(trusts(id, &[own, ("TRUST_EMAIL", "true")]), "{id}: set");
            assert!(!trusts(id, &[("TRUST_EMAIL", "false")]), "{id}: denied");
            if let Some(original) = original {
                assert!(trusts(id, &[("ISSUER", original)]), "{id}: the service itself");
            }
        }
    }
}
