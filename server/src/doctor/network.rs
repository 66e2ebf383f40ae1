//! What has to be reached: the port, the database, the providers. Rule: nothing is sent but questions that anybody may
//! ask; no password, no name.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    time::{Duration, SystemTime},
};

use leptos_auth::provider::{Endpoints, OAuthProvider, check_discovery};
use reqwest::{
    Client, Response,
    header::{DATE, LOCATION},
};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Url;

use super::report::{Finding, State};

const PATIENCE: Duration = Duration::from_secs(5);
/// Tokens of providers are taken with this much of a wrong clock.
const LEEWAY: Duration = Duration::from_secs(60);

/// The way out.
pub(super) struct Network {
    client: Option<Client>,
}

/// Whether a provider answers.
#[derive(Default)]
pub(super) struct Reached {
    pub problem: Option<String>,
    /// How far its clock is ahead of ours, in seconds.
    pub ahead: Option<i64>,
}

impl Network {
    pub(super) fn new() -> Self {
        let builder = Client::builder().no_proxy().timeout(PATIENCE).user_agent("leptos-auth");
        Self { client: builder.redirect(reqwest::redirect::Policy::none()).build().ok() }
    }

    /// Whether the server can listen, or listens already.
    pub(super) async fn port(&self, host: IpAddr, port: u16) -> Finding {
        let address = SocketAddr::new(host, port);
        let Err(error) = TcpListener::bind(address).await else {
            return Finding::new("port", State::Good, format!("{port} is free"));
        };
        if error.kind() == std::io::ErrorKind::AddrInUse {
            let health = self.get(&format!("http://{address}/health")).await;
            return match health {
                Ok(answer) if answer.status().is_success() => {
                    Finding::new("port", State::Good, format!("{port} is in use by a server that is well"))
                }
                _ => Finding::new(
                    "port",
                    State::Wrong,
                    format!("{port} is in use by another program. Example: PORT=3001"),
                ),
            };
        }
        Finding::new(
            "port",
            State::Wrong,
            format!("{address} cannot be used: {error}. Example: HOST=127.0.0.1"),
        )
    }

    /// Whether the database can be reached. It is not opened: that would bring its tables up to date.
    pub(super) async fn database(&self, url: Option<&str>) -> Finding {
        let finding = |state, message: String| Finding::new("database", state, message);
        let Some(url) = url else {
            return finding(
                State::Good,
                "none: sessions are in cookies, and nobody is remembered".to_owned(),
            );
        };
        if url.starts_with("memory:") {
            return finding(
                State::Careful,
                "is in memory: everything is gone when the server ends".to_owned(),
            );
        }
        if let Some(path) = url.strip_prefix("sqlite:") {
            return match folder_problem(path) {
                None => finding(State::Good, "is a file that can be written".to_owned()),
                Some(reason) => {
                    finding(State::Wrong, format!("{reason}. Example: DATABASE_URL=sqlite://data/app.db"))
                }
            };
        }
        let Some((host, port)) = address(url) else {
            return finding(State::Careful, "is not looked at: its address is not host and port".to_owned());
        };
        match timeout(PATIENCE, TcpStream::connect((host.as_str(), port))).await {
            Ok(Ok(_)) => finding(State::Good, format!("answers at {host}:{port}")),
            _ => finding(
                State::Wrong,
                format!("does not answer at {host}:{port}. Start it, or change DATABASE_URL"),
            ),
        }
    }

    /// Whether a provider answers, and is what it should be.
    pub(super) async fn provider(&self, provider: &OAuthProvider) -> Reached {
        match &provider.endpoints {
            Endpoints::Issuer(issuer) => self.issuer(provider, issuer).await,
            // A GET is no way to ask for a token; that there is an answer is enough.
            Endpoints::Fixed(endpoints) => self.anything(&endpoints.token).await,
            Endpoints::OAuth1(endpoints) => self.anything(&endpoints.request_token).await,
        }
    }

    async fn anything(&self, url: &str) -> Reached {
        match self.get(url).await {
            Ok(answer) => Reached { problem: None, ahead: ahead(&answer) },
            Err(problem) => Reached { problem: Some(problem), ahead: None },
        }
    }

    async fn issuer(&self, provider: &OAuthProvider, issuer: &str) -> Reached {
        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let answer = match self.get(&url).await {
            Ok(answer) => answer,
            Err(problem) => return Reached { problem: Some(problem), ahead: None },
        };
        let (ahead, status) = (ahead(&answer), answer.status());
        let target =
            answer.headers().get(LOCATION).and_then(|target| target.to_str().ok()).map(str::to_owned);
        let body = answer.bytes().await.unwrap_or_default();
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let problem = if let Some(target) = target.filter(|_| status.is_redirection()) {
            let target = target.split(['?', '#']).next().unwrap_or_default();
            let right = target.trim_end_matches("/.well-known/openid-configuration").escape_default();
            Some(format!(
                "{url} is redirected ({status}), which is not followed. Write the issuer of its target: {right}"
            ))
        } else if !status.is_success() || !document["issuer"].is_string() {
            Some(format!("{url} is no discovery document (status {status}): is the issuer right?"))
        } else {
            match check_discovery(provider, &body) {
                Ok(()) => self.keys(document["jwks_uri"].as_str().unwrap_or_default()).await,
                Err(problem) => Some(problem.chars().filter(|letter| !letter.is_control()).collect()),
            }
        };
        Reached { problem, ahead }
    }

    /// Whether there are keys that ID tokens could be checked with.
    async fn keys(&self, url: &str) -> Option<String> {
        let answer = match self.get(url).await {
            Ok(answer) => answer,
            Err(problem) => return Some(problem),
        };
        let status = answer.status();
        let body = answer.bytes().await.unwrap_or_default();
        let keys: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let has_keys = status.is_success() && keys["keys"].as_array().is_some_and(|keys| !keys.is_empty());
        (!has_keys).then(|| {
            format!("{} has no keys (status {status}): no ID token could be checked", url.escape_default())
        })
    }

    async fn get(&self, url: &str) -> Result<Response, String> {
        let host = Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
        let unreachable = |reason: &str| format!("{host} cannot be reached: {reason}");
        let client =
            self.client.as_ref().ok_or_else(|| unreachable("there are no certificates on this machine"))?;
        client.get(url).send().await.map_err(|error| {
            unreachable(if error.is_timeout() {
                "no answer in 5 seconds"
            } else {
                "no connection. Is there a proxy?"
            })
        })
    }
}

/// Whether this machine's clock is right, by the `Date` of providers. One of them may be wrong itself: the middle counts.
pub(super) fn clock(ahead: &[i64]) -> Finding {
    let mut ahead = ahead.to_vec();
    ahead.sort_unstable();
    let Some(middle) = ahead.get(ahead.len() / 2) else {
        return Finding::new("clock", State::Off, "is not looked at: no provider has told the time");
    };
    if middle.unsigned_abs() <= LEEWAY.as_secs() {
        return Finding::new("clock", State::Good, "is right");
    }
    let which = if *middle > 0 { "slow" } else { "fast" };
    Finding::new(
        "clock",
        State::Wrong,
        format!(
            "is {} seconds {which}: tokens of providers are refused from {} on. Turn on time synchronisation (NTP)",
            middle.unsigned_abs(),
            LEEWAY.as_secs()
        ),
    )
}

/// How far the clock that wrote the answer's `Date` is ahead of ours, in seconds.
fn ahead(answer: &Response) -> Option<i64> {
    let date = httpdate::parse_http_date(answer.headers().get(DATE)?.to_str().ok()?).ok()?;
    let seconds = |time: SystemTime| {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
        i64::try_from(since).ok()
    };
    Some(seconds(date)? - seconds(SystemTime::now())?)
}

/// Why a SQLite file cannot be written; `path` is what follows `sqlite:`.
fn folder_problem(path: &str) -> Option<String> {
    let path = path.trim_start_matches("//").split('?').next().unwrap_or_default();
    if path.is_empty() || path == ":memory:" {
        return None;
    }
    let file = Path::new(path);
    let is_read_only = |path: &Path| path.metadata().is_ok_and(|it| it.permissions().readonly());
    if is_read_only(file) {
        return Some("is a file that may not be written".to_owned());
    }
    if file.exists() {
        return None;
    }
    // The server makes the folders that are missing.
    let folder = file.ancestors().skip(1).find(|folder| folder.as_os_str().is_empty() || folder.exists());
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    (!folder.is_dir() || is_read_only(folder)).then(|| "is in a folder that may not be written".to_owned())
}

/// Host and port of a database's URL.
fn address(url: &str) -> Option<(String, u16)> {
    let url = Url::parse(url).ok()?;
    let port = match url.scheme() {
        "postgres" | "postgresql" => 5432,
        "mysql" | "mariadb" => 3306,
        "redis" | "rediss" => 6379,
        "mongodb" => 27017,
        _ => return None,
    };
    Some((url.host_str()?.to_owned(), url.port().unwrap_or(port)))
}
