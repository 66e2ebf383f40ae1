//! The connection to Redis: shared by all calls, and replaced when it is lost or leads to a server that rejects calls.
//!
//! A call is repeated only if the server answered that it did nothing ([`REFUSALS`]). It is then sent over a new
//! connection, for which the host name is resolved again. After a lost connection it is unknown whether Redis executed
//! the call. Therefore a connection that is known to be lost is not used; RESP3 reports the loss immediately.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionInfo, ErrorKind, FromRedisValue, IntoConnectionInfo,
    ProtocolVersion, PushInfo, PushKind, RedisError, RedisResult, Script, ServerErrorKind, Value,
    aio::MultiplexedConnection, cluster::ClusterClient, cluster_async::ClusterConnection,
};

use tokio::time::timeout;

use super::LIMIT;
use crate::adapter::{AdapterError, document::failed};

/// One server, or a cluster of them.
pub(super) enum Connection {
    One(Box<Line>),
    Cluster(ClusterConnection),
}

impl Connection {
    /// Asks the server what it is and connects accordingly.
    pub(super) async fn open(nodes: &[ConnectionInfo]) -> Result<Self, AdapterError> {
        let mut error = super::no_answer();
        for node in nodes {
            let line = Line::new(node)?;
            // One that is silent leaves time for the others.
            match timeout(LIMIT / (nodes.len() as u32 + 1), line.mode()).await {
                Ok(Ok(mode)) if mode == "cluster" => return Ok(Self::Cluster(open_cluster(nodes).await?)),
                Ok(Ok(mode)) if mode == "standalone" => return Ok(Self::One(Box::new(line))),
                Ok(Ok(mode)) => return Err(failed(format!("a {mode} of Redis holds no data"))),
                Ok(Err(unreachable)) => error = unreachable,
                Err(_) => {}
            }
        }
        Err(error)
    }

    pub(super) fn is_cluster(&self) -> bool {
        matches!(self, Self::Cluster(_))
    }

    /// Sends one command.
    pub(super) async fn send<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, AdapterError> {
        Ok(redis::from_redis_value(self.value(command).await?)?)
    }

    /// Runs a script by its hash; a server that does not know it, because it was started anew or took over, gets the
    /// text, and keeps it.
    pub(super) async fn run<T: FromRedisValue>(&self, call: &Call<'_>) -> Result<T, AdapterError> {
        let value = match self.value(&call.by_hash()).await {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::NoScript) => {
                self.value(&call.by_text()).await?
            }
            value => value?,
        };
        Ok(redis::from_redis_value(value)?)
    }

    async fn value(&self, command: &Cmd) -> RedisResult<Value> {
        match self {
            Self::One(line) => line.value(command).await,
            Self::Cluster(connection) => command.query_async(&mut connection.clone()).await,
        }
    }

    /// Replaces the connection for the next call, because a call that was sent at `sent` got no answer.
    pub(super) fn give_up(&self, sent: Instant) {
        if let Self::One(line) = self {
            line.forget(sent);
        }
    }
}

/// A script that is known by its hash, with its text.
pub(super) struct NamedScript {
    script: Script,
    text: &'static str,
}

impl NamedScript {
    pub(super) fn new(text: &'static str) -> Self {
        Self { script: Script::new(text), text }
    }
}

/// One run of a script. All keys that it touches are declared: a cluster finds the server by them.
pub(super) struct Call<'a> {
    pub(super) script: &'a NamedScript,
    pub(super) keys: &'a [&'a str],
    pub(super) arguments: &'a [&'a str],
}

impl Call<'_> {
    fn by_hash(&self) -> Cmd {
        self.command("EVALSHA", self.script.script.get_hash())
    }

    fn by_text(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, name: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(name);
        command.arg(script).arg(self.keys.len()).arg(self.keys).arg(self.arguments);
        command
    }
}

/// The connection to one server.
pub(super) struct Line {
    client: Client,
    live: Mutex<Option<Live>>,
    /// Who opens a connection holds it, so that a crowd of calls opens one.
    opening: tokio::sync::Mutex<()>,
}

#[derive(Clone)]
struct Live {
    connection: MultiplexedConnection,
    opened: Instant,
    is_lost: Arc<AtomicBool>,
}

impl Line {
    fn new(node: &ConnectionInfo) -> Result<Self, AdapterError> {
        let client = Client::open(node.clone())?;
        Ok(Self { client, live: Mutex::default(), opening: tokio::sync::Mutex::default() })
    }

    /// `standalone`, `cluster` or `sentinel`.
    async fn mode(&self) -> Result<String, AdapterError> {
        let mut answer: HashMap<String, Value> =
            redis::from_redis_value(self.value(&redis::cmd("HELLO")).await?)?;
        let mode = answer.remove("mode").ok_or_else(|| failed("this server is not Redis 6.2 or newer"))?;
        Ok(redis::from_redis_value(mode)?)
    }

    async fn value(&self, command: &Cmd) -> RedisResult<Value> {
        match self.value_once(command).await {
            Err(error) if is_refusal(&error) => self.value_once(command).await,
            value => value,
        }
    }

    async fn value_once(&self, command: &Cmd) -> RedisResult<Value> {
        let mut live = self.live().await?;
        let value = command.query_async(&mut live.connection).await;
        if value.as_ref().is_err_and(|error| error.is_unrecoverable_error() || is_refusal(error)) {
            live.is_lost.store(true, Ordering::Release);
        }
        value
    }

    async fn live(&self) -> RedisResult<Live> {
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let _turn = self.opening.lock().await;
        if let Some(live) = self.current() {
            return Ok(live);
        }
        let live = open(&self.client).await?;
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = Some(live.clone());
        Ok(live)
    }

    fn current(&self) -> Option<Live> {
        let live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.as_ref().filter(|live| !live.is_lost.load(Ordering::Acquire)).cloned()
    }

    fn forget(&self, sent: Instant) {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        live.take_if(|live| live.opened <= sent);
    }
}

/// Errors of a server that is reachable, did nothing, and will answer the same until its state changes: a replica, a
/// server that is loading its data, that lacks replicas or a working disk, or a cluster that is down or is moving the
/// keys. The host name may lead to another server by then.
const REFUSALS: [&str; 7] =
    ["READONLY", "LOADING", "MASTERDOWN", "NOREPLICAS", "MISCONF", "CLUSTERDOWN", "TRYAGAIN"];

fn is_refusal(error: &RedisError) -> bool {
    match (error.code(), error.detail()) {
        // Redis 6.2 puts a command's error into the text of the script's error.
        (Some("ERR"), Some(detail)) => REFUSALS.iter().any(|code| detail.contains(&format!("-{code} "))),
        (code, _) => code.is_some_and(|code| REFUSALS.contains(&code)),
    }
}

async fn open(client: &Client) -> RedisResult<Live> {
    let is_lost = Arc::new(AtomicBool::new(false));
    let told = is_lost.clone();
    let hear = move |push: PushInfo| -> Result<(), std::convert::Infallible> {
        if push.kind == PushKind::Disconnection {
            told.store(true, Ordering::Release);
        }
        Ok(())
    };
    // Whoever calls waits no longer than `LIMIT` altogether, so nothing here needs a limit of its own.
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(None)
        .set_response_timeout(None)
        .set_push_sender(hear);
    let connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    Ok(Live { connection, opened: Instant::now(), is_lost })
}

async fn open_cluster(nodes: &[ConnectionInfo]) -> Result<ClusterConnection, AdapterError> {
    let client = ClusterClient::builder(nodes.iter().cloned())
        .use_protocol(ProtocolVersion::RESP3)
        .connection_timeout(LIMIT)
        .response_timeout(LIMIT)
        .build()?;
    Ok(client.get_async_connection().await?)
}

/// The addresses in a list with commas.
///
/// # Errors
/// [`AdapterError::Failed`] when one is no address of Redis. The text does not hold it: it may have a password.
pub(super) fn nodes(urls: &str) -> Result<Vec<ConnectionInfo>, AdapterError> {
    urls.split(',').map(|url| node(url.trim())).collect()
}

fn node(url: &str) -> Result<ConnectionInfo, AdapterError> {
    let info = url.into_connection_info()?;
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Ok(info.set_redis_settings(settings))
}

impl From<RedisError> for AdapterError {
    fn from(error: RedisError) -> Self {
        failed(error)
    }
}

impl From<redis::ParsingError> for AdapterError {
    fn from(error: redis::ParsingError) -> Self {
        failed(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(reply: &str) -> bool {
        let value = redis::parse_redis_value(format!("-{reply}\r\n").as_bytes()).unwrap();
        let error = value.extract_error().unwrap_err();
        is_refusal(&error)
    }

    #[test]
    fn i_02_a_server_that_refuses_calls_is_left() {
        for reply in [
            "READONLY You can't write against a read only replica.",
            "READONLY You can't write against a read only replica. script: a0b1, on @user_script:1.",
            "ERR Error running script (call to f_a0b1): @user_script:1: @user_script: 1: -READONLY You can't write",
            "LOADING Redis is loading the dataset in memory",
            "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
            "NOREPLICAS Not enough good replicas to write.",
            "MISCONF Errors writing to the AOF file: No space left on device",
            "CLUSTERDOWN The cluster is down",
            "TRYAGAIN Multiple keys request during rehashing of slot",
        ] {
            assert!(is_refused(reply), "{reply}");
        }
        for reply in
            ["ERR unknown command", "NOSCRIPT No matching script.", "OOM command not allowed", "WRONGTYPE x"]
        {
            assert!(!is_refused(reply), "control: {reply}");
        }
    }
}
