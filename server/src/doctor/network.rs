//! Checks what must be reachable: the port, the database, the providers. Rule: it sends only public requests, without a
//! password or a user name.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    time::{Duration, SystemTime},
};

use leptos_auth::{
    config::Environment,
    provider::{OAuthProvider, ProviderChecker},
};
use reqwest::{Client, Response};
use tokio::{
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Url;

use super::report::{Finding, State};

const PATIENCE: Duration = Duration::from_secs(5);
/// Tokens of providers are taken with this much of a wrong clock.
const LEEWAY: Duration = Duration::from_secs(60);

/// The clients that send the requests.
pub(super) struct Network {
    /// For this machine.
    client: Option<Client>,
    /// For providers: the server's own client and checks.
    providers: Result<ProviderChecker, String>,
}

/// Whether a provider answers.
#[derive(Default)]
pub(super) struct Reached {
    pub problem: Option<String>,
    /// How far its clock is ahead of ours, in seconds.
    pub ahead: Option<i64>,
}

impl Network {
    pub(super) fn new(env: &Environment) -> Self {
        let builder = Client::builder().no_proxy().timeout(PATIENCE).user_agent("leptos-auth");
        let client = builder.redirect(reqwest::redirect::Policy::none()).build().ok();
        Self { client, providers: ProviderChecker::new(env) }
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
                Some(answer) if answer.status().is_success() => {
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
            return finding(State::Careful, "was not checked: its address is not host and port".to_owned());
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
        match &self.providers {
            Ok(checker) => {
                let check = checker.check(provider).await;
                Reached { problem: check.problem, ahead: check.date.as_deref().and_then(ahead) }
            }
            Err(problem) => Reached { problem: Some(format!("was not checked: {problem}")), ahead: None },
        }
    }

    async fn get(&self, url: &str) -> Option<Response> {
        self.client.as_ref()?.get(url).send().await.ok()
    }
}

/// Whether this machine's clock is right, by the `Date` of providers. One of them may be wrong itself: the middle counts.
pub(super) fn clock(ahead: &[i64]) -> Finding {
    let mut ahead = ahead.to_vec();
    ahead.sort_unstable();
    let Some(middle) = ahead.get(ahead.len() / 2) else {
        return Finding::new("clock", State::Off, "was not checked: no provider sent the time");
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

/// Returns how far the clock that wrote a `Date` is ahead of ours, in seconds.
fn ahead(date: &str) -> Option<i64> {
    let date = httpdate::parse_http_date(date).ok()?;
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
