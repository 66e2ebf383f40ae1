//! Against servers that a test may kill.

use std::{
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    adapter::{
        cases::{HOUR, NOW, ended, new_session, new_user},
        contract,
    },
    random,
};

/// A server with a folder of its own; both are gone when this is dropped.
struct Server {
    port: u16,
    folder: PathBuf,
    options: Vec<String>,
    process: Child,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("leptos-auth-redis-{}", random::uuid()));
        std::fs::create_dir_all(&folder).unwrap();
        let options: Vec<_> = options.iter().map(|&option| option.to_owned()).collect();
        let port = free_port();
        let process = run(port, &folder, &options);
        Self { port, folder, options, process }
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    async fn adapter(&self) -> RedisAdapter {
        let started = Instant::now();
        loop {
            match RedisAdapter::connect(&self.url()).await {
                Ok(adapter) => return adapter,
                Err(error) if started.elapsed() > Duration::from_secs(10) => panic!("{error}"),
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    fn restart(&mut self) {
        self.process = run(self.port, &self.folder, &self.options);
    }

    fn signal(&self, name: &str) {
        let process = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &process]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn run(port: u16, folder: &PathBuf, options: &[String]) -> Child {
    let mut server = Command::new("redis-server");
    server.args(["--bind", "127.0.0.1", "--save", "", "--port", &port.to_string(), "--dir"]).arg(folder);
    server.args(options).stdout(Stdio::null()).spawn().unwrap()
}

/// Low enough for a cluster's second port, which is 10,000 above.
fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        if port < 50_000 {
            return port;
        }
    }
}

const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

async fn works_within(adapter: &RedisAdapter, limit: Duration) {
    let started = Instant::now();
    while let Err(error) = adapter.ping().await {
        assert!(started.elapsed() < limit, "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(started.elapsed() < limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_05_calls_fail_while_redis_is_killed_and_work_after() {
    let mut server = Server::start(&DURABLE);
    let adapter = server.adapter().await;
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    for round in 0..5 {
        let session = new_session("u");
        adapter.create_session(&session).await.unwrap();
        server.kill();
        let started = Instant::now();
        let failure = adapter.get_session(&session.token_hash, *NOW).await;
        assert!(matches!(failure, Err(AdapterError::Failed(_))), "round {round}");
        assert!(adapter.create_session(&new_session("u")).await.is_err(), "round {round}");
        assert!(started.elapsed() < LIMIT, "nobody waits for a server that is away: {:?}", started.elapsed());
        server.restart();
        works_within(&adapter, Duration::from_secs(5)).await;
        let found = adapter.get_session_and_user(&session.token_hash, *NOW).await.unwrap();
        assert_eq!(found, Some((session, new_user("u"))), "what was answered is not lost: round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_05_the_first_call_after_an_outage_that_nobody_noticed_works() {
    let mut server = Server::start(&DURABLE);
    let adapter = server.adapter().await;
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    for round in 0..5 {
        server.kill();
        server.restart();
        drop(server.adapter().await);
        assert!(adapter.get_user("u").await.unwrap().is_some(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_05_under_load_nothing_that_was_answered_is_lost() {
    let mut server = Server::start(&DURABLE);
    let adapter = Arc::new(server.adapter().await);
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    let writers: Vec<_> = (0..8)
        .map(|_| {
            let adapter = adapter.clone();
            tokio::spawn(async move {
                let (mut answered, mut failed) = (Vec::new(), 0);
                let end = Instant::now() + Duration::from_secs(4);
                while Instant::now() < end {
                    let session = new_session("u");
                    match adapter.create_session(&session).await {
                        Ok(()) => answered.push(session.token_hash),
                        Err(_) => {
                            failed += 1;
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    }
                }
                (answered, failed)
            })
        })
        .collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(800)).await;
        server.kill();
        tokio::time::sleep(Duration::from_millis(200)).await;
        server.restart();
    }
    let (mut answered, mut failed) = (Vec::new(), 0);
    for writer in writers {
        let (of_writer, failed_of_writer) = writer.await.unwrap();
        answered.extend(of_writer);
        failed += failed_of_writer;
    }
    works_within(&adapter, Duration::from_secs(5)).await;
    assert!(failed > 0 && answered.len() > 100, "{failed} failed, {} were answered", answered.len());
    for token in &answered {
        assert!(adapter.get_session(token, *NOW).await.unwrap().is_some(), "{token} is lost");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_04_a_server_that_does_not_answer_is_waited_for_five_seconds() {
    let server = Server::start(&[]);
    let adapter = Arc::new(server.adapter().await);
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    server.signal("STOP");
    let started = Instant::now();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let adapter = adapter.clone();
            tokio::spawn(async move { adapter.get_user("u").await })
        })
        .collect();
    for call in calls {
        assert!(matches!(call.await.unwrap(), Err(AdapterError::Failed(_))));
    }
    let url = server.url();
    let (new_call, connecting) = tokio::join!(adapter.get_user("u"), RedisAdapter::connect(&url));
    assert!(new_call.is_err() && connecting.is_err(), "a new connection is not waited for either");
    let waited = started.elapsed();
    assert!(waited < LIMIT * 2 + Duration::from_secs(1), "{waited:?}");
    server.signal("CONT");
    works_within(&adapter, Duration::from_secs(5)).await;
    assert!(adapter.get_user("u").await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_09_who_waits_for_revocations_holds_one_connection_through_outages() {
    let mut server = Server::start(&[]);
    let adapter = Arc::new(server.adapter().await);
    let connections = async || {
        let list: String = adapter.send(redis::cmd("CLIENT").arg("LIST")).await.unwrap();
        list.lines().count()
    };
    let ask = async |times| {
        for _ in 0..times {
            let _ = tokio::time::timeout(Duration::from_millis(1), adapter.revoked()).await;
        }
    };
    assert_eq!(connections().await, 1);
    ask(1000).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(connections().await, 2, "one for calls and one for the subscription");
    for _ in 0..3 {
        server.kill();
        tokio::time::sleep(Duration::from_millis(300)).await;
        ask(50).await;
        server.restart();
        works_within(&adapter, Duration::from_secs(5)).await;
        ask(50).await;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        assert_eq!(connections().await, 2, "after an outage");
    }
    while tokio::time::timeout(Duration::from_millis(200), adapter.revoked()).await.is_ok() {}
    let told = async {
        adapter.add_revocations(&[ended("a")]).await.unwrap();
    };
    let (heard, ()) = tokio::join!(tokio::time::timeout(Duration::from_secs(1), adapter.revoked()), told);
    assert!(heard.is_ok(), "the subscription is back");

    let other = server.adapter().await;
    drop(adapter);
    tokio::time::sleep(Duration::from_millis(300)).await;
    let list: String = other.send(redis::cmd("CLIENT").arg("LIST")).await.unwrap();
    assert_eq!(list.lines().count(), 1, "an adapter that is gone holds none: {list}");
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_11_a_full_server_refuses_writes_and_still_reads() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let adapter = server.adapter().await;
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    let session = new_session("u");
    adapter.create_session(&session).await.unwrap();
    let set = async |bytes| {
        let mut set = redis::cmd("CONFIG");
        adapter.send::<String>(set.arg("SET").arg("maxmemory").arg(bytes)).await.unwrap();
    };
    set("1").await;
    assert!(matches!(adapter.create_session(&new_session("u")).await, Err(AdapterError::Failed(_))));
    assert!(matches!(
        adapter.create_user(&new_user("v"), Some("v"), None, None).await,
        Err(AdapterError::Failed(_))
    ));
    assert!(
        adapter.count_attempt("a", HOUR, *NOW).await.is_err(),
        "nothing is allowed that cannot be counted"
    );
    assert!(adapter.get_session_and_user(&session.token_hash, *NOW).await.unwrap().is_some());
    set("0").await;
    assert_eq!(adapter.get_user_by_email("v").await.unwrap(), None, "nothing is half there");
    adapter.create_user(&new_user("v"), Some("v"), None, None).await.unwrap();
    adapter.create_session(&new_session("v")).await.unwrap();
}

#[tokio::test]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_08_a_replica_refuses_writes_until_it_is_promoted() {
    let primary = Server::start(&[]);
    drop(primary.adapter().await);
    let replica = Server::start(&["--replicaof", &format!("127.0.0.1 {}", primary.port)]);
    let adapter = replica.adapter().await;
    assert!(adapter.create_user(&new_user("u"), None, None, None).await.is_err());
    assert_eq!(adapter.get_user("u").await.unwrap(), None);
    adapter.send::<String>(redis::cmd("REPLICAOF").arg("NO").arg("ONE")).await.unwrap();
    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
}

/// Three servers that share the keys.
async fn cluster() -> [Server; 3] {
    let options = ["--cluster-enabled", "yes", "--cluster-node-timeout", "2000"];
    let servers = [(); 3].map(|()| Server::start(&options));
    let started = Instant::now();
    let mut create = Command::new("redis-cli");
    create.args(["--cluster", "create"]);
    create.args(servers.iter().map(|server| format!("127.0.0.1:{}", server.port))).arg("--cluster-yes");
    while !create.stdout(Stdio::null()).status().unwrap().success() {
        assert!(started.elapsed() < Duration::from_secs(10), "no cluster");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    servers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs redis-server: cargo xtask services"]
async fn db_16_a_cluster_keeps_the_contract() {
    let servers = cluster().await;
    let adapter = servers[1].adapter().await;
    assert!(adapter.connection.is_cluster());
    let adapter = Arc::new(adapter);
    contract::run(adapter.clone()).await;

    adapter.create_user(&new_user("u"), None, None, None).await.unwrap();
    for _ in 0..20 {
        adapter.create_session(&new_session("u")).await.unwrap();
    }
    assert_eq!(adapter.list_sessions("u", *NOW).await.unwrap().len(), 20, "they lie on all servers");
    let waiting = tokio::spawn({
        let other = servers[2].adapter().await;
        async move {
            other.revoked().await;
            while tokio::time::timeout(Duration::from_millis(300), other.revoked()).await.is_ok() {}
            tokio::time::timeout(Duration::from_secs(3), other.revoked()).await.is_ok()
        }
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    adapter.add_revocations(&[ended("a")]).await.unwrap();
    assert!(waiting.await.unwrap(), "any server passes messages on");
}
