//! The settings, read as at startup.

use std::net::IpAddr;

use leptos_auth::config::{Config, EmailSettings, ProviderState, ProviderStatus};
use url::Url;

use super::report::{Finding, State};
use crate::{
    config::{ConfigError, Environment, Mode, Problems, ServerConfig, notices},
    startup,
};

/// What the other checks need to know.
pub(super) struct Settings {
    pub findings: Vec<Finding>,
    pub host: IpAddr,
    pub port: u16,
    /// The public origin, without a slash at its end.
    pub origin: String,
    pub database_url: Option<String>,
    /// How emails are sent, if that is configured and valid.
    pub email: Option<EmailSettings>,
}

pub(super) async fn examine(env: &Environment, providers: &[ProviderStatus]) -> Settings {
    let mut problems = Problems::default();
    let server = ServerConfig::from_environment(env, &mut problems);
    let env = &startup::with_defaults(env, server.mode);
    let local = startup::local_url(server.port);
    let origin = origin(env, &local);
    let config = problems.collect(Config::from_environment(env, server.mode, &local));
    let email = config.as_ref().and_then(|config| config.email.clone());
    // Errors that only appear when all settings are combined.
    if let Some(config) = config.filter(|_| problems.is_empty())
        && let Err(more) = startup::rehearse(&server, config, env).await
    {
        problems = more;
    }
    let problems = problems.explained(env);

    let of_provider = |problem: &ConfigError| {
        let mut all = providers.iter().map(|provider| &provider.state);
        all.any(|state| matches!(state, ProviderState::Misconfigured(problems) if problems.contains(problem)))
    };
    // Those are told with the provider.
    let own = problems.iter().filter(|problem| !of_provider(problem));
    let mut findings: Vec<_> =
        own.map(|problem| Finding::new(&problem.variable, State::Wrong, &*problem.message)).collect();
    if findings.is_empty() {
        findings.push(Finding::new("settings", State::Good, "can be used"));
    }
    let is_told = |variable: &str| problems.iter().any(|problem| problem.variable == variable);
    let notices = notices(env).into_iter().filter(|notice| !is_told(&notice.variable));
    findings.extend(notices.map(|notice| Finding::new(&notice.variable, State::Careful, notice.message)));
    findings.push(cookies(&origin, server.mode));
    findings.extend(port_of_url(&origin, server.mode, server.port));
    let database_url = env.get("DATABASE_URL").map(|url| url.trim().to_owned()).filter(|url| !url.is_empty());
    let origin = origin.as_str().trim_end_matches('/').to_owned();
    Settings { findings, host: server.host, port: server.port, origin, database_url, email }
}

/// What is wrong with `AUTH_URL` is among the problems.
fn origin(env: &Environment, local: &Url) -> Url {
    let url = env.get("AUTH_URL").and_then(|url| Url::parse(url.trim()).ok());
    let mut url = url.filter(Url::has_host).unwrap_or_else(|| local.clone());
    url.set_path("/");
    url.set_query(None);
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Whether the cookies of that origin are safe on their way.
fn cookies(origin: &Url, mode: Mode) -> Finding {
    match (origin.scheme(), mode) {
        ("https", _) => Finding::new("AUTH_URL", State::Good, "is https: cookies are secure"),
        (_, Mode::Development) => {
            Finding::new("AUTH_URL", State::Good, "is http: fine in development, cookies are not secure")
        }
        _ => Finding::new(
            "AUTH_URL",
            State::Careful,
            "is http: cookies are not secure, so this is for tests on this machine only. \
             Example: AUTH_URL=https://app.example.com",
        ),
    }
}

/// In development nothing stands between browser and server.
fn port_of_url(origin: &Url, mode: Mode, port: u16) -> Option<Finding> {
    let is_local = origin.host_str() == Some("localhost") && mode == Mode::Development && port != 0;
    let said = origin.port_or_known_default()?;
    (is_local && said != port).then(|| {
        Finding::new(
            "AUTH_URL",
            State::Careful,
            format!("names port {said}, but the server listens on {port}: providers would send browsers to the wrong place. Example: AUTH_URL=http://localhost:{port}"),
        )
    })
}
