//! A failover that leaves the old connections open: they answer, but cannot write. Also connections that never answer again.
//! Rule: signed-in users stay signed in and can read, `/ready` says that the database cannot write, and sign-in works again
//! within [`RECOVERY`] after the failover, without a restart.

use std::{
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use crate::{
    database::Database,
    killed,
    people::{RECOVERY, assert_is_away},
    scene::Scene,
    service::Running,
    support::{
        Browser, TestServer,
        proxy::{Network, Proxy},
    },
};

/// How long a changed server setting may take to appear on its connections.
const PATIENCE: Duration = Duration::from_secs(10);

/// Existing connections become read-only; new ones do not.
pub async fn postgres() {
    let running = killed::start("postgres").await;
    let administrator = Database::on(&running.url).await;
    administrator.execute("CREATE ROLE app LOGIN").await;
    administrator.execute(&format!("ALTER DATABASE {} OWNER TO app", administrator.name())).await;
    let scene = Scene::on(administrator.as_user("app", ""), &[]).await;
    let mut visitor = signed_in_and_ready(&scene).await;
    let before = scene.database.connections().await;

    administrator.execute("ALTER ROLE app SET default_transaction_read_only = on").await;
    administrator.execute("ALTER SYSTEM SET default_transaction_read_only = on").await;
    administrator.execute("SELECT pg_reload_conf()").await;
    assert_read_only(&scene, &mut visitor).await;

    fill_pool(&scene.network, &visitor).await;
    let mut writer = administrator.connect().await;
    writer.execute("SET default_transaction_read_only = off").await;
    writer.execute("ALTER ROLE app SET default_transaction_read_only = off").await;
    assert_recovers(&scene, &mut visitor).await;
    let after = scene.database.connections().await;
    assert!(before.iter().all(|connection| !after.contains(connection)), "the old connections are closed");
}

/// The first server becomes read-only; then the address leads to the second one.
pub async fn mysql() {
    let (first, second) = tokio::join!(killed::start("mysql"), killed::start("mysql"));
    let administrator = Database::on(&first.url).await;
    let name = administrator.name().to_owned();
    let standby = Database::at(&second.url, &name).await;
    for server in [&administrator, &standby] {
        server.execute("CREATE USER app@'%' IDENTIFIED BY 'app'").await;
        // A user with all privileges could also write to a read-only server.
        server.execute(&format!("GRANT ALL ON {name}.* TO app@'%'")).await;
    }
    let scene = Scene::on(administrator.as_user("app", "app"), &[]).await;
    let mut visitor = signed_in_and_ready(&scene).await;

    administrator.execute("SET GLOBAL read_only = 1").await;
    assert_read_only(&scene, &mut visitor).await;
    copy(&first, &second, &name);

    fill_pool(&scene.network, &visitor).await;
    scene.network.set_target(second.port);
    assert_recovers(&scene, &mut visitor).await;
    assert_eq!(administrator.people().await.len(), 1, "control: the first server has stored nothing more");
}

fn copy(from: &Running, to: &Running, database: &str) {
    let login = |program: &str, server: &Running| {
        format!(
            "{program} --no-defaults --host=127.0.0.1 --port={} --user=auth --password=auth {database}",
            server.port
        )
    };
    let pipe = format!("{} | {}", login("mariadb-dump", from), login("mariadb", to));
    assert!(Command::new("sh").args(["-c", &pipe]).stderr(Stdio::null()).status().unwrap().success());
}

/// Fills the pool with connections, signs a visitor in and requests `/ready`.
async fn signed_in_and_ready(scene: &Scene) -> Browser {
    let visitor = scene.signed_in("visitor").await;
    fill_pool(&scene.network, &visitor).await;
    assert_eq!(scene.server.browser().get("/ready").await.status, 200, "control");
    visitor
}

/// Opens as many connections as the pool allows.
async fn fill_pool(network: &Proxy, visitor: &Browser) {
    network.set(Network::Slow(Duration::from_millis(100)));
    let mut visitors: Vec<_> = (0..40).map(|_| visitor.clone()).collect();
    let answers = join_all(visitors.iter_mut().map(|visitor| visitor.get("/api/auth/session"))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "control: users can read");
    network.set(Network::Up);
    assert!(network.open() >= 8, "control: the pool is full: {}", network.open());
}

/// Asserts that no user can sign in, `/ready` fails, and signed-in users are served.
async fn assert_read_only(scene: &Scene, visitor: &mut Browser) {
    await_ready(&scene.server, 503).await;
    let cookie = visitor.session_cookie().cloned();
    scene.people.now("newcomer");
    for _ in 0..3 {
        assert_is_away(&scene.people.try_sign_in(&mut scene.server.browser()).await);
        assert_eq!(scene.people.name_when_back(visitor).await.as_deref(), Some("visitor"));
    }
    // By then the session is due for renewal, which is a write.
    scene.server.set_later(2 * 24 * 3600);
    assert_eq!(visitor.name().await.as_deref(), Some("visitor"), "it can be read, but not renewed");
    scene.server.set_later(0);
    assert_is_away(&visitor.submit("/api/auth/signout", &[]).await);
    assert_eq!(visitor.session_cookie(), cookie.as_ref(), "still signed in");
    let ready = scene.server.browser().get("/ready").await;
    assert!(ready.status == 503 && ready.headers.contains_key("retry-after"), "{ready:?}");
    assert_eq!(scene.server.browser().get("/health").await.status, 200, "the process is healthy");
}

/// Asserts that at most one sign-in fails, and none after it.
async fn assert_recovers(scene: &Scene, visitor: &mut Browser) {
    let started = Instant::now();
    let mut refused = 0;
    for number in 0..12 {
        scene.people.now(&format!("newcomer-{number}"));
        while !scene.people.try_sign_in(&mut scene.server.browser()).await.signs_in() {
            refused += 1;
            assert!(started.elapsed() < 4 * RECOVERY, "no sign-in has succeeded");
        }
        if number == 0 {
            println!("the first sign-in after {:?}", started.elapsed());
        }
    }
    assert!(refused <= 1, "{refused} sign-ins were refused");
    assert_eq!(scene.people.name_when_back(visitor).await.as_deref(), Some("visitor"));
    assert_eq!(scene.server.browser().get("/ready").await.status, 200);
}

async fn await_ready(server: &TestServer, status: u16) {
    let started = Instant::now();
    while server.browser().get("/ready").await.status != status {
        assert!(started.elapsed() < PATIENCE, "/ready does not become {status}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Existing connections drop all packets, and new ones work. Only requests that use an old one may notice, each only once.
pub async fn silent_connections(variable: &str) {
    let scene = Scene::new(variable).await;
    let mut visitor = signed_in_and_ready(&scene).await;
    for asked_by_load_balancer in [false, true] {
        fill_pool(&scene.network, &visitor).await;
        scene.network.silence();
        if asked_by_load_balancer {
            // It gives up after two seconds, before a call times out: its connections must not stay blocked in the pool.
            join_all((0..20).map(|_| async { scene.server.browser().get("/ready").await })).await;
        }
        scene.people.now("visitor");
        let wait = scene.people.sign_in_patiently(&mut scene.server.browser()).await;
        println!("signed in {wait:?} after all connections fell silent");
        assert_eq!(scene.people.name_when_back(&mut visitor).await.as_deref(), Some("visitor"));
        await_ready(&scene.server, 200).await;
    }
    scene.end().await;
}

/// A transaction waits for a lock that another program holds.
pub async fn hanging_transaction(variable: &str) {
    let scene = Scene::new(variable).await;
    let mut visitor = scene.signed_in("visitor").await;
    let owner = scene.database.people().await["visitor"].clone();
    let mut other = scene.database.connect().await;
    other.execute("BEGIN").await;
    other
        .execute(&format!(
            "INSERT INTO accounts (provider, provider_account_id, type, user_id, created)
             VALUES ('eop', 'late', 'oidc', '{owner}', 1)"
        ))
        .await;
    scene.people.now("late");
    let started = Instant::now();
    let mut browsers: Vec<_> = (0..12).map(|_| scene.server.browser()).collect();
    let answers = join_all(browsers.iter_mut().map(|browser| scene.people.try_sign_in(browser))).await;
    // A call ends after five seconds. Then other work waits for its connection, which is another call.
    assert!(started.elapsed() < 4 * RECOVERY, "{:?}", started.elapsed());
    assert!(answers.iter().all(|answer| !answer.signs_in()), "control: the lock is held");
    other.execute("ROLLBACK").await;
    scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    scene.people.now("late");
    scene.people.sign_in_patiently(&mut scene.server.browser()).await;
    assert_eq!(scene.database.people().await.len(), 2, "failed attempts created no users");
    scene.end().await;
}
