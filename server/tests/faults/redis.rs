//! Redis as `SESSION_STORE`, users in SQLite. Each test has its own Redis server, because tests on one server share its keys.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    killed,
    people::{People, RECOVERY, assert_is_away, assert_is_away_for},
    service::Running,
    support::{
        Browser, TestServer, evidence,
        proxy::{Direction, Network, Proxy},
        scaled,
    },
};

struct Scene {
    redis: Running,
    people: People,
    network: Proxy,
    server: TestServer,
}

impl Scene {
    async fn new() -> Self {
        let redis = killed::start("redis").await;
        let (people, network) = (People::start().await, Proxy::start(redis.port).await);
        let store = format!("redis://127.0.0.1:{}", network.port);
        let server = TestServer::with(&people.variables(&[("SESSION_STORE", &store)])).await;
        Self { redis, people, network, server }
    }

    async fn signed_in(&self, name: &str) -> Browser {
        self.people.now(name);
        let mut browser = self.server.browser();
        self.people.try_sign_in(&mut browser).await.assert_signed_in();
        browser
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn db_02_db_03_db_04_away_silent_and_slow() {
    let scene = Scene::new().await;
    let mut visitor = scene.signed_in("visitor").await;
    let cookie = visitor.session_cookie().cloned();
    for behavior in [Network::Refused, Network::Silent, Network::Slow(Duration::from_secs(15))] {
        let callback = scene.people.begin(&mut visitor).await.unwrap();
        scene.network.set(behavior);
        let reader = visitor.clone();
        let (answer, ()) =
            tokio::join!(scene.people.finish(&mut visitor, &callback), assert_is_away_for(&reader));
        assert!(!answer.signs_in(), "{behavior:?}");
        assert_eq!(visitor.session_cookie(), cookie.as_ref(), "{behavior:?}: the user stays signed in");
        assert_eq!(scene.server.browser().get("/health").await.status, 200, "{behavior:?}");
        assert_eq!(scene.server.browser().get("/ready").await.status, 503, "{behavior:?}");
        scene.network.set(Network::Up);
        scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
        assert_eq!(visitor.session_cookie(), cookie.as_ref(), "control: it is the same session");
    }
    assert_eq!(scene.server.rows().await.users, 1);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn kx_03_db_07_cut_at_100_places_of_a_first_sign_in() {
    let points = scaled("EVIDENCE_CUT_POINTS", 50);
    let scene = Scene::new().await;
    let (people, network) = (&scene.people, &scene.network);
    let mut early = scene.signed_in("early").await;
    let (mut reached, mut refused) = (0, 0);
    for direction in [Direction::Request, Direction::Answer] {
        let before = network.passed(direction);
        scene.signed_in("measured").await;
        let length = network.passed(direction) - before;
        for point in 0..points {
            let name = format!("{direction:?}-{point}");
            people.now(&name);
            let mut browser = scene.server.browser();
            network.cut_after(direction, 1 + point * length / points);
            let answer = people.try_sign_in(&mut browser).await;
            reached += usize::from(!network.disarm());
            refused += usize::from(!answer.signs_in());
            if answer.signs_in() {
                assert_eq!(
                    people.name_when_back(&mut browser).await.as_ref(),
                    Some(&name),
                    "acknowledged and lost"
                );
            }
            let wait = people.sign_in_patiently(&mut scene.server.browser()).await;
            assert!(wait < RECOVERY, "{name}: {wait:?}");
        }
    }
    evidence(
        "the network cut at places of a first sign-in, Redis beside SQLite",
        &format!("{} places, {reached} cuts happened, {refused} sign-ins refused, 0 lost", 2 * points),
    );
    assert!(reached as u64 > points, "control: most cuts happen: {reached}");
    let rows = scene.server.rows().await;
    let everybody = i64::try_from(2 + 2 * points).unwrap();
    assert_eq!((rows.users, rows.accounts), (everybody, everybody), "one user for each person");
    assert_eq!(people.name_when_back(&mut early).await.as_deref(), Some("early"));
}

/// Returns the response of a server to one command.
async fn command(redis: &Running, command: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", redis.port)).await.unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let length = stream.read(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

/// The first server becomes a replica of the second and keeps its connections; then the address leads to the second.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn i_02_a_failover_is_followed_though_the_old_connection_stays_open() {
    let scene = Scene::new().await;
    let second = killed::start("redis").await;
    let mut visitor = scene.signed_in("visitor").await;
    let cookie = visitor.session_cookie().cloned();
    command(&second, &format!("REPLICAOF 127.0.0.1 {}", scene.redis.port)).await;
    let started = Instant::now();
    while !command(&second, "INFO replication").await.contains("master_link_status:up") {
        assert!(started.elapsed() < Duration::from_secs(20), "control: the second server has all data");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scene.server.browser().get("/ready").await.status, 200, "control");

    command(&second, "REPLICAOF NO ONE").await;
    command(&scene.redis, &format!("REPLICAOF 127.0.0.1 {}", second.port)).await;
    for _ in 0..3 {
        scene.people.now("newcomer");
        assert_is_away(&scene.people.try_sign_in(&mut scene.server.browser()).await);
        assert_eq!(scene.people.name_when_back(&mut visitor).await.as_deref(), Some("visitor"));
    }
    let ready = scene.server.browser().get("/ready").await;
    assert!(ready.status == 503 && ready.headers.contains_key("retry-after"), "{ready:?}");
    assert_eq!(scene.server.browser().get("/health").await.status, 200, "the process is healthy");

    scene.network.set_target(second.port);
    let started = Instant::now();
    for number in 0..5 {
        scene.signed_in(&format!("newcomer-{number}")).await;
        if number == 0 {
            println!("the first sign-in after {:?}", started.elapsed());
        }
    }
    assert_eq!(scene.server.browser().get("/ready").await.status, 200);
    assert_eq!(scene.people.name_when_back(&mut visitor).await.as_deref(), Some("visitor"));
    assert_eq!(visitor.session_cookie(), cookie.as_ref(), "it is the same session");
}

/// Only the load balancer sends requests, and each times out after two seconds.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn i_02_a_connection_that_falls_silent_is_replaced_though_every_caller_gives_up() {
    let scene = Scene::new().await;
    let mut visitor = scene.signed_in("visitor").await;
    assert_eq!(scene.server.browser().get("/ready").await.status, 200, "control");
    scene.network.silence();
    assert_eq!(scene.server.browser().get("/ready").await.status, 503, "no response");
    assert_eq!(scene.server.browser().get("/ready").await.status, 200, "over a new connection");
    scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
}

/// A server that is full, or has lost its replicas, answers but rejects writes.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn i_02_a_server_that_refuses_writes_is_not_ready() {
    let scene = Scene::new().await;
    let mut visitor = scene.signed_in("visitor").await;
    for (refuse, accept) in [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    ] {
        assert_eq!(scene.server.browser().get("/ready").await.status, 200, "control: before {refuse}");
        command(&scene.redis, refuse).await;
        assert_eq!(scene.server.browser().get("/ready").await.status, 503, "{refuse}");
        assert_is_away(&scene.people.try_sign_in(&mut scene.server.browser()).await);
        assert_eq!(visitor.name().await.as_deref(), Some("visitor"), "{refuse}: reads still work");
        command(&scene.redis, accept).await;
        scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Redis: cargo xtask services"]
async fn kx_02_killed_and_started_again() {
    let mut scene = Scene::new().await;
    let mut visitor = scene.signed_in("visitor").await;
    let mut acknowledged = Vec::new();
    let rounds = scaled("EVIDENCE_DATABASE_KILLS", 3);
    for round in 0..rounds {
        for number in 0..10 {
            let name = format!("round-{round}-{number}");
            acknowledged.push((scene.signed_in(&name).await, name));
        }
        scene.redis = killed::stop(scene.redis, "KILL").await;
        assert_is_away(&visitor.get("/api/auth/session").await);
        scene.redis = killed::start_again(scene.redis).await;
        scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    }
    evidence(
        "the database stopped by SIGKILL between sign-ins, Redis beside SQLite",
        &format!("{rounds} times, {} sign-ins acknowledged, 0 lost", acknowledged.len()),
    );
    for (mut browser, name) in acknowledged {
        assert_eq!(browser.name().await, Some(name), "the session is kept");
    }
}
