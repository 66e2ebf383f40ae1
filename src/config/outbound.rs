//! The proxy of the outbound HTTP client. Rule: the proxy variables of other programs are used only if the operator says
//! so, because a proxy learns which hosts are contacted, and when.

use std::fmt;

use url::Url;

use super::{ConfigError, Environment, Mode, Reader};

const VARIABLE: &str = "AUTH_OUTBOUND_PROXY";
const EXAMPLE: &str = "http://proxy.example.com:3128";

/// The proxy for requests to providers, mail services and the audit webhook. `AUTH_OUTBOUND_PROXY`.
#[derive(Clone, Debug, Default)]
pub struct OutboundProxy {
    /// The proxy for https. Requests go through a tunnel (CONNECT), so the proxy cannot read them.
    pub https: Option<ProxyUrl>,
    /// The proxy for http, which is used only for hosts on this machine: `HTTP_PROXY`.
    pub http: Option<ProxyUrl>,
    /// Hosts that are contacted directly, in the format of `NO_PROXY`.
    pub no_proxy: String,
    /// A proxy variable that is set, but not used because `AUTH_OUTBOUND_PROXY` is not set.
    pub ignored: Option<&'static str>,
}

/// The URL of a proxy. It may contain a password, so its debug output is `***`.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyUrl(Url);

impl ProxyUrl {
    /// Parses the URL of an HTTP proxy. Returns `None` for anything else.
    #[must_use]
    pub fn parse(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let is_proxy = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none();
        is_proxy.then_some(Self(url))
    }

    /// Returns the URL including its password.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for ProxyUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl OutboundProxy {
    /// Reads and checks the variables.
    ///
    /// # Errors
    /// Returns an error for each variable that cannot be used.
    pub fn from_environment(env: &Environment) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader { env, mode: Mode::Production, errors: Vec::new() };
        let proxy = reader.outbound_proxy();
        if reader.errors.is_empty() { Ok(proxy) } else { Err(reader.errors) }
    }
}

impl Reader<'_> {
    pub(super) fn outbound_proxy(&mut self) -> OutboundProxy {
        let first = |names: [&'static str; 2]| names.into_iter().find(|name| self.get(name).is_some());
        let https = first(["HTTPS_PROXY", "https_proxy"]);
        let http = first(["HTTP_PROXY", "http_proxy"]);
        match self.get(VARIABLE) {
            None => OutboundProxy { ignored: https.or(http), ..OutboundProxy::default() },
            Some("env") => {
                let no_proxy =
                    self.get("NO_PROXY").or_else(|| self.get("no_proxy")).unwrap_or_default().to_owned();
                let (https, http) = (self.proxy(https), self.proxy(http));
                OutboundProxy { https, http, no_proxy, ignored: None }
            }
            Some(url) => {
                let proxy = ProxyUrl::parse(url);
                if proxy.is_none() {
                    self.wrong(
                        VARIABLE,
                        format!("must be env or the URL of an HTTP proxy. Example: {VARIABLE}={EXAMPLE}"),
                    );
                }
                // http is used only for hosts on this machine.
                OutboundProxy { https: proxy, ..OutboundProxy::default() }
            }
        }
    }

    /// Returns the proxy that a variable of other programs names; their URLs may lack a scheme.
    fn proxy(&mut self, variable: Option<&str>) -> Option<ProxyUrl> {
        let variable = variable?;
        let value = self.get(variable)?;
        let url = if value.contains("://") { value.to_owned() } else { format!("http://{value}") };
        let proxy = ProxyUrl::parse(&url);
        if proxy.is_none() {
            self.wrong(
                variable,
                format!("is used because of {VARIABLE}=env, but is not the URL of an HTTP proxy. Example: {variable}={EXAMPLE}"),
            );
        }
        proxy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<OutboundProxy, String> {
        let owned = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        OutboundProxy::from_environment(&owned.collect()).map_err(|errors| errors[0].to_string())
    }

    #[test]
    fn i_18_variables_of_other_programs_are_read_only_if_that_is_said() {
        let variables = [("HTTPS_PROXY", "http://proxy:3128"), ("no_proxy", "intranet.test")];
        let proxy = read(&variables).unwrap();
        assert!(proxy.https.is_none() && proxy.http.is_none());
        assert_eq!((proxy.ignored, proxy.no_proxy.as_str()), (Some("HTTPS_PROXY"), ""));

        let proxy = read(&[&[("AUTH_OUTBOUND_PROXY", "env")], &variables[..]].concat()).unwrap();
        assert_eq!(proxy.https, ProxyUrl::parse("http://proxy:3128"));
        assert_eq!((proxy.http, proxy.no_proxy.as_str(), proxy.ignored), (None, "intranet.test", None));

        let literal = [("AUTH_OUTBOUND_PROXY", "https://other:8443"), ("HTTPS_PROXY", "http://proxy:3128")];
        let proxy = read(&literal).unwrap();
        assert_eq!((proxy.http, proxy.ignored), (None, None));
        assert_eq!((proxy.https, proxy.ignored), (ProxyUrl::parse("https://other:8443"), None));

        let lower =
            read(&[("AUTH_OUTBOUND_PROXY", "env"), ("https_proxy", "proxy:3128"), ("http_proxy", "u:p@a:1")]);
        let lower = lower.unwrap();
        assert_eq!(lower.https, ProxyUrl::parse("http://proxy:3128"));
        assert_eq!(lower.http, ProxyUrl::parse("http://u:p@a:1"));
        assert!(!format!("{lower:?}").contains("u:p"), "the password is not printed");
    }

    #[test]
    fn i_18_what_is_no_proxy_stops_the_start_without_its_value() {
        for value in
            ["yes", "proxy:3128", "socks5://canary:1080", "http://", "http://canary/path", "http://canary?x"]
        {
            let problem = read(&[("AUTH_OUTBOUND_PROXY", value)]).unwrap_err();
            assert!(problem.starts_with("AUTH_OUTBOUND_PROXY must be env or the URL"), "{value}: {problem}");
            assert!(!problem.contains("canary"), "{problem}");
        }
        for value in ["socks5://canary:1080", "canary proxy", "http://canary/path"] {
            let problem = read(&[("AUTH_OUTBOUND_PROXY", "env"), ("https_proxy", value)]).unwrap_err();
            assert!(problem.starts_with("https_proxy is used because of"), "{value}: {problem}");
            assert!(!problem.contains("canary"), "{problem}");
        }
        assert!(read(&[("HTTPS_PROXY", "canary proxy")]).is_ok(), "control: it is not used");
    }
}
