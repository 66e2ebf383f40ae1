//! A catalog service: everything about it except our client id and secret. Rule: differences between services are values
//! here, not code in `src/oauth`.

use super::{
    AccessTokenIn, ClientAuthentication, Endpoints, FixedEndpoints, OAuth1Endpoints, OAuthProvider,
    ProfileMap, ProfileReader, ProviderStyle, SignatureMethod, Userinfo, Whoami,
};
use crate::secret::Secret;

/// One service. Texts may hold the names of settings in braces: `{issuer}` as it was set, `{base}` the same without a
/// slash at its end, `{client_id}`, and others of [`Service::settings`] in small letters.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The word in URLs, cookies and tables and, in capitals with `_` for `-`, in names of variables.
    pub id: &'static str,
    /// What people read on the button.
    pub name: &'static str,
    /// The brand's colour, as `#rrggbb`.
    pub color: &'static str,
    /// Whether `public/marks/<id>.svg` is its mark. Without one its first letter is shown: where its owner forbids others
    /// to use the mark, or where there is none of one colour.
    pub has_mark: bool,
    /// What the service says of signing in with it.
    pub docs: &'static str,
    /// Where an application is registered.
    pub console: &'static str,
    /// Variables beside `AUTH_<ID>_ID` and `AUTH_<ID>_SECRET`.
    pub settings: &'static [Setting],
    /// Where it is.
    pub endpoints: ServiceEndpoints,
    /// Where an installation of one's own is: taken when the setting `ISSUER` is set.
    pub own_installation: Option<ServiceEndpoints>,
    /// The same service over OAuth 1: taken when the setting `VERSION` is `1.0a`.
    pub oauth1: Option<&'static Service>,
    /// How our secret is sent to the token endpoint, unless a discovery document says it.
    pub client_authentication: ClientAuthentication,
    /// What is asked for, in order.
    pub scopes: &'static [&'static str],
    /// More parameters of the authorization request.
    pub authorization_params: &'static [(&'static str, &'static str)],
    /// Whether it takes PKCE.
    pub pkce: bool,
    /// Where the parts of the profile stand.
    pub profile: ProfileMap,
    /// Whether an address that the provider reports as verified counts as verified. Only for the service itself: a self-hosted
    /// installation (setting `ISSUER`) is trusted only with `AUTH_<ID>_TRUST_EMAIL`.
    pub trusts_email: bool,
    /// Where it departs from the standards.
    pub quirks: Quirks,
    /// What someone who sets it up should know, in a sentence or two.
    pub note: &'static str,
}

/// Where a service is.
#[derive(Clone, Copy, Debug)]
pub enum ServiceEndpoints {
    /// OpenID Connect.
    Issuer(&'static str),
    /// OAuth 2.
    OAuth2 {
        /// Where the browser goes.
        authorization: &'static str,
        /// Where the code becomes a token.
        token: &'static str,
        /// Who the token speaks for: the braces may also hold members of the token answer.
        userinfo: &'static str,
        /// A list of addresses, put into the userinfo answer as `emails`.
        emails: Option<&'static str>,
        /// What `iss` of the callback must be, if it comes.
        issuer: Option<&'static str>,
    },
    /// OAuth 1.
    OAuth1(OAuth1Service),
}

/// Where a service is that speaks OAuth 1.0a, and how: see [`OAuth1Endpoints`].
#[derive(Clone, Copy, Debug)]
pub struct OAuth1Service {
    /// Where a sign-in begins.
    pub request_token: &'static str,
    /// Whether that is asked by GET.
    pub request_token_by_get: bool,
    /// Where the browser goes.
    pub authorization: &'static str,
    /// Where temporary credentials become a token.
    pub access_token: &'static str,
    /// Who the token speaks for.
    pub userinfo: &'static str,
    /// URL, list and name of a [`Whoami`].
    pub whoami: Option<(&'static str, &'static str, &'static str)>,
    /// How requests are signed.
    pub signature: SignatureMethod,
}

/// One variable `AUTH_<ID>_<NAME>`.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The end of the variable's name, in capitals.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// What one looks like.
    pub example: &'static str,
    /// What holds when it is not set.
    pub default: Option<&'static str>,
    /// Whether it must be set.
    pub is_required: bool,
    /// What is taken.
    pub kind: SettingKind,
}

/// What a setting's value may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// An https URL.
    Url,
    /// Letters, digits, dots, dashes and underscores: it stands in host names and paths.
    Word,
    /// The same, and it may have a query.
    Endpoint,
    /// `2.0` or `1.0a`.
    Version,
    /// A private key in PEM, or a file with it: it takes the place of `AUTH_<ID>_SECRET`.
    PrivateKey,
}

/// Where a service departs from the standards.
#[derive(Clone, Copy, Debug)]
pub struct Quirks {
    /// What stands between scopes; a space by the standard.
    pub scope_separator: &'static str,
    /// What `client_id` is called.
    pub client_id: &'static str,
    /// What `client_secret` is called.
    pub client_secret: &'static str,
    /// More parameters of the token request.
    pub token_params: &'static [(&'static str, &'static str)],
    /// What follows `#` in the authorization URL.
    pub fragment: &'static str,
    /// The form to post to the userinfo endpoint, which gets a GET by the standard.
    pub userinfo_form: Option<&'static str>,
    /// How the userinfo request carries the access token.
    pub access_token: AccessTokenIn,
    /// More headers of the userinfo request: with braces as other texts.
    pub userinfo_headers: &'static [(&'static str, &'static str)],
    /// Members of the token answer that are part of the profile: put into the userinfo answer as `token`.
    pub token_members: &'static [&'static str],
    /// Whether ID tokens may be signed with our secret (HS256) instead of a key of the service.
    pub hs256_id_token: bool,
    /// Whether the issuers `…/common/…` and `…/organizations/…` stand for all tenants: the discovery document names a
    /// template then, and each ID token the tenant that it is of.
    pub tenant_issuer: bool,
    /// Whether what our key signs is for the URL that is asked, and not for the issuer as newer standards want it.
    pub url_is_audience: bool,
    /// Whether the callback's field `user`, which nobody has signed, tells the name: put into the claims as `user`.
    pub user_in_callback: bool,
}

impl Quirks {
    /// None at all.
    pub const NONE: Self = Self {
        scope_separator: " ",
        client_id: "client_id",
        client_secret: "client_secret",
        token_params: &[],
        fragment: "",
        userinfo_form: None,
        access_token: AccessTokenIn::Header,
        userinfo_headers: &[],
        token_members: &[],
        hs256_id_token: false,
        tenant_issuer: false,
        url_is_audience: false,
        user_in_callback: false,
    };
}

impl Setting {
    /// The base URL of a service that everybody runs, or has, on their own.
    pub(super) const fn issuer(example: &'static str) -> Self {
        Self {
            name: "ISSUER",
            about: "the URL of your own installation or tenant",
            example,
            default: None,
            is_required: true,
            kind: SettingKind::Url,
        }
    }

    /// The base URL of a service that is at `default` for most.
    pub(super) const fn issuer_or(default: &'static str) -> Self {
        Self { default: Some(default), is_required: false, ..Self::issuer(default) }
    }

    /// A word of one's own, as a tenant's name.
    pub(super) const fn word(name: &'static str, about: &'static str, example: &'static str) -> Self {
        Self { name, about, example, default: None, is_required: true, kind: SettingKind::Word }
    }

    /// The key of a service that takes signatures for a secret.
    pub(super) const fn private_key() -> Self {
        Self {
            kind: SettingKind::PrivateKey,
            ..Self::word(
                "PRIVATE_KEY",
                "your RSA key of 2048 bits or more, in PEM or a file with it",
                "/run/secrets/key.pem",
            )
        }
    }

    /// Which version of OAuth is spoken, by a service that has two.
    pub(super) const fn version() -> Self {
        Self {
            default: Some("2.0"),
            is_required: false,
            kind: SettingKind::Version,
            ..Self::word("VERSION", "2.0 or 1.0a: the version of OAuth", "1.0a")
        }
    }

    /// The same for what need not be set.
    pub(super) const fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }
}

impl Service {
    /// A service that speaks OpenID Connect, at that issuer.
    pub(super) const fn oidc(id: &'static str, issuer: &'static str) -> Self {
        Self {
            id,
            name: "",
            color: "",
            has_mark: false,
            docs: "",
            console: "",
            settings: &[],
            endpoints: ServiceEndpoints::Issuer(issuer),
            own_installation: None,
            oauth1: None,
            client_authentication: ClientAuthentication::Basic,
            scopes: &["openid", "profile", "email"],
            authorization_params: &[],
            pkce: true,
            profile: ProfileMap::CLAIMS,
            trusts_email: false,
            quirks: Quirks::NONE,
            note: "",
        }
    }

    /// A service that speaks plain OAuth 2, at those three URLs.
    pub(super) const fn oauth2(
        id: &'static str,
        authorization: &'static str,
        token: &'static str,
        userinfo: &'static str,
    ) -> Self {
        Self {
            endpoints: ServiceEndpoints::OAuth2 {
                authorization,
                token,
                userinfo,
                emails: None,
                issuer: None,
            },
            scopes: &[],
            profile: ProfileMap::ID,
            ..Self::oidc(id, "")
        }
    }

    /// A service that speaks OAuth 1.
    pub(super) const fn oauth1(id: &'static str, service: OAuth1Service) -> Self {
        Self {
            endpoints: ServiceEndpoints::OAuth1(service),
            scopes: &[],
            pkce: false,
            profile: ProfileMap::ID,
            ..Self::oidc(id, "")
        }
    }

    /// Whether a private key takes the place of the secret.
    #[must_use]
    pub fn has_private_key(&self) -> bool {
        self.settings.iter().any(|setting| setting.kind == SettingKind::PrivateKey)
    }

    /// The variables that it needs: how we call ourselves there, how we prove it, and the settings that must be set.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        // A private key is one of the settings.
        let secret = (!self.has_private_key()).then_some("SECRET");
        let required = self.settings.iter().filter(|setting| setting.is_required).map(|setting| setting.name);
        ["ID"].into_iter().chain(secret).chain(required).map(|part| self.variable(part)).collect()
    }

    /// The name of one of its variables.
    #[must_use]
    pub fn variable(&self, part: &str) -> String {
        format!("AUTH_{}_{part}", self.id.to_ascii_uppercase().replace('-', "_"))
    }

    /// The service as a provider, with our name and password there and the values of its settings, by their names.
    ///
    /// A setting that is not given has its default; one that has none is the empty text.
    ///
    /// ```
    /// use leptos_auth::{Secret, provider::catalog};
    ///
    /// let okta = catalog::OKTA.provider("our-id", Secret::new("from a vault"), &[("ISSUER", "https://acme.okta.com")]);
    /// ```
    #[must_use]
    pub fn provider(
        &self,
        client_id: &str,
        client_secret: Secret,
        settings: &[(&str, &str)],
    ) -> OAuthProvider {
        let given = |name: &str| settings.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
        if let Some(oauth1) = self.oauth1.filter(|_| given("VERSION") == Some("1.0a")) {
            return oauth1.provider(client_id, client_secret, &[]);
        }
        let mut values: Vec<(String, String)> = Vec::new();
        for setting in self.settings {
            let value = given(setting.name).or(setting.default).unwrap_or_default();
            values.push((format!("{{{}}}", setting.name.to_ascii_lowercase()), value.to_owned()));
            if setting.name == "ISSUER" {
                values.push(("{base}".to_owned(), value.trim_end_matches('/').to_owned()));
            }
        }
        // Last, because a default may hold it.
        values.push(("{client_id}".to_owned(), client_id.to_owned()));
        let fill = |text: &str| {
            values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name.as_str(), value))
        };
        let own = self.own_installation.filter(|_| given("ISSUER").is_some());
        OAuthProvider {
            client_authentication: self.client_authentication,
            endpoints: self.endpoints(own.unwrap_or(self.endpoints), &fill),
            scopes: self.scopes.iter().map(|scope| fill(scope)).collect(),
            authorization_params: pairs(self.authorization_params, &fill),
            pkce: self.pkce,
            trusts_email: self.trusts_email && self.is_original(given("ISSUER")),
            profile: ProfileReader::Map(self.profile),
            style: self.style(),
            quirks: self.quirks,
            ..OAuthProvider::oidc(self.id, self.name, "", client_id.to_owned(), client_secret)
        }
    }

    /// Returns whether the issuer is the service itself, not a self-hosted installation.
    fn is_original(&self, issuer: Option<&str>) -> bool {
        let setting = self.settings.iter().find(|setting| setting.name == "ISSUER");
        let default = setting.and_then(|setting| setting.default);
        issuer.is_none_or(|issuer| {
            default.is_some_and(|default| default.trim_end_matches('/') == issuer.trim_end_matches('/'))
        })
    }

    fn style(&self) -> ProviderStyle {
        let mark = self.has_mark.then(|| format!("/marks/{}.svg", self.id));
        ProviderStyle { mark, color: Some(self.color.to_owned()).filter(|color| !color.is_empty()) }
    }

    fn endpoints(&self, endpoints: ServiceEndpoints, fill: &impl Fn(&str) -> String) -> Endpoints {
        match endpoints {
            ServiceEndpoints::Issuer(issuer) => Endpoints::Issuer(fill(issuer)),
            ServiceEndpoints::OAuth2 { authorization, token, userinfo, emails, issuer } => {
                let userinfo = Userinfo {
                    form: self.quirks.userinfo_form.map(str::to_owned),
                    access_token: self.quirks.access_token,
                    headers: pairs(self.quirks.userinfo_headers, fill),
                    emails: emails.map(fill),
                    ..Userinfo::at(&fill(userinfo))
                };
                Endpoints::Fixed(Box::new(FixedEndpoints {
                    authorization: fill(authorization),
                    token: fill(token),
                    userinfo,
                    issuer: issuer.map(fill),
                }))
            }
            ServiceEndpoints::OAuth1(service) => {
                let whoami = |(url, list, name): (&str, &'static str, &'static str)| Whoami {
                    url: fill(url),
                    list,
                    name,
                };
                let [request_token, authorization, access_token, userinfo] =
                    [service.request_token, service.authorization, service.access_token, service.userinfo]
                        .map(fill);
                Endpoints::OAuth1(Box::new(OAuth1Endpoints {
                    request_token_by_get: service.request_token_by_get,
                    whoami: service.whoami.map(whoami),
                    signature: service.signature,
                    ..OAuth1Endpoints::new(&request_token, &authorization, &access_token, &userinfo)
                }))
            }
        }
    }
}

impl OAuth1Service {
    /// Signatures by HMAC-SHA1, as most services have them.
    pub(super) const fn new(
        request_token: &'static str,
        authorization: &'static str,
        access_token: &'static str,
        userinfo: &'static str,
    ) -> Self {
        Self {
            request_token,
            request_token_by_get: false,
            authorization,
            access_token,
            userinfo,
            whoami: None,
            signature: SignatureMethod::HmacSha1,
        }
    }
}

/// A parameter whose setting is not set is not sent.
fn pairs(pairs: &[(&str, &str)], fill: &impl Fn(&str) -> String) -> Vec<(String, String)> {
    let filled = pairs.iter().map(|(name, value)| ((*name).to_owned(), fill(value)));
    filled.filter(|(_, value)| !value.is_empty()).collect()
}
