//! The shared setup of all fault tests with PostgreSQL and MariaDB: the same users, the same server, the same guarantees.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use futures_util::future::join_all;

use crate::{
    database::Database,
    people::{People, RECOVERY, assert_is_away, assert_is_away_for},
    program::{Program, SECRET},
    support::{
        Browser, TestServer, evidence,
        proxy::{Direction, Network, Proxy},
        scaled,
    },
};

/// A server, its database, and the network between them.
pub struct Scene {
    pub people: People,
    pub database: Database,
    pub network: Proxy,
    pub server: TestServer,
}

impl Scene {
    pub async fn new(variable: &str) -> Self {
        Self::on(Database::new(variable).await, &[]).await
    }

    pub async fn on(database: Database, changes: &[(&str, &str)]) -> Self {
        let people = People::start().await;
        let network = Proxy::start(database.port()).await;
        let url = database.url_through(network.port);
        let changes = [&[("DATABASE_URL", url.as_str())], changes].concat();
        let server = TestServer::with(&people.variables(&changes)).await;
        Self { people, database, network, server }
    }

    /// Signs somebody in who has never been here.
    pub async fn signed_in(&self, name: &str) -> Browser {
        self.people.now(name);
        let mut browser = self.server.browser();
        let answer = self.people.try_sign_in(&mut browser).await;
        answer.assert_signed_in();
        browser
    }

    pub async fn end(self) {
        drop(self.server);
        self.database.drop().await;
    }
}

/// The program says in one sentence what is wrong and ends; whoever runs it starts it again.
pub async fn down_at_start(variable: &str) {
    let database = Database::new(variable).await;
    let network = Proxy::start(database.port()).await;
    let url = database.as_user("auth", "canary-password").url_through(network.port);
    for (behavior, limit) in [(Network::Refused, 5), (Network::Silent, 20)] {
        network.set(behavior);
        let url = url.clone();
        let started = Instant::now();
        let start = move || Program::new(&[("DATABASE_URL", &url), ("AUTH_SECRET", SECRET)]).refused();
        let text = tokio::task::spawn_blocking(start).await.unwrap();
        assert!(text.contains("DATABASE_URL") && !text.contains("canary"), "{text}");
        assert!(started.elapsed() < Duration::from_secs(limit), "{behavior:?}: {:?}", started.elapsed());
    }
    network.set(Network::Up);
    let url = database.url_through(network.port);
    let start = move || Program::new(&[("DATABASE_URL", &url), ("AUTH_SECRET", SECRET)]).start();
    drop(tokio::task::spawn_blocking(start).await.unwrap());
    database.drop().await;
}

/// Between the way to the provider and the way back.
pub async fn down_in_the_middle(variable: &str) {
    let scene = Scene::new(variable).await;
    let people = &scene.people;
    people.now("traveller");
    let mut browser = scene.server.browser();
    let callback = people.begin(&mut browser).await.unwrap();
    scene.network.set(Network::Refused);
    assert!(!people.finish(&mut browser, &callback).await.signs_in());
    assert!(scene.database.people().await.is_empty(), "nobody is half created");

    scene.network.set(Network::Up);
    let started = Instant::now();
    while !people.finish(&mut browser, &callback).await.signs_in() {
        assert!(started.elapsed() < RECOVERY, "the same way back is good once the database is there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(browser.name().await.as_deref(), Some("traveller"));
    assert_eq!(scene.database.people().await.len(), 1);
    scene.end().await;
}

/// For those who are signed in, and for load balancers.
pub async fn down_for_sessions(variable: &str) {
    let scene = Scene::new(variable).await;
    let url = scene.database.url_through(scene.network.port);
    let changes =
        [("AUTH_SESSION", "jwt"), ("DATABASE_URL", url.as_str()), ("AUTH_URL", &scene.server.origin)];
    let stateless = TestServer::with(&scene.people.variables(&changes)).await;
    let mut visitor = scene.signed_in("visitor").await;
    let mut holder = Browser::new(stateless.address, &stateless.origin);
    scene.people.try_sign_in(&mut holder).await.assert_signed_in();

    for behavior in [Network::Refused, Network::Silent] {
        scene.network.set(behavior);
        assert_is_away_for(&visitor).await;
        let name = |browser: &Browser| browser.clone();
        assert_eq!(
            name(&holder).name().await.as_deref(),
            Some("visitor"),
            "{behavior:?}: no database is asked"
        );
        assert_eq!(scene.server.browser().get("/signin").await.status, 200, "{behavior:?}: nor here");
        assert_eq!(
            scene.server.browser().get("/health").await.status,
            200,
            "{behavior:?}: the process lives"
        );
        let ready = scene.server.browser().get("/ready").await;
        assert!(ready.status == 503 && ready.headers.contains_key("retry-after"), "{behavior:?}: {ready:?}");
        scene.network.set(Network::Up);
        scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    }
    scene.end().await;
}

/// Every answer takes five seconds, and many ask.
pub async fn slow(variable: &str) {
    let scene = Scene::new(variable).await;
    let mut visitor = scene.signed_in("visitor").await;
    scene.network.set(Network::Slow(Duration::from_secs(5)));
    let started = Instant::now();
    let mut visitors: Vec<_> = (0..300).map(|_| visitor.clone()).collect();
    let slow = join_all(visitors.iter_mut().map(|visitor| visitor.get("/api/auth/session")));
    let quick = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        for path in ["/health", "/signin", "/api/auth/providers"] {
            let asked = Instant::now();
            assert_eq!(scene.server.browser().get(path).await.status, 200, "{path}");
            assert!(asked.elapsed() < Duration::from_secs(1), "{path}: {:?}", asked.elapsed());
        }
    };
    let (answers, ()) = tokio::join!(slow, quick);
    let took = started.elapsed();
    assert!(took < Duration::from_secs(12), "{took:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_is_away(answer);
    }
    let away = answers.iter().filter(|answer| answer.status == 503).count();
    assert!(away > 200, "control: ten connections cannot serve so many: {away}");
    scene.network.set(Network::Up);
    scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    scene.end().await;
}

/// Far more people than connections, and a database that is only a bit slow: whoever waits too long is told.
pub async fn exhausted(variable: &str) {
    let scene = Scene::new(variable).await;
    let mut visitor = scene.signed_in("visitor").await;
    scene.network.set(Network::Slow(Duration::from_millis(200)));
    let mut visitors: Vec<_> = (0..500).map(|_| visitor.clone()).collect();
    let started = Instant::now();
    let answers = join_all(visitors.iter_mut().map(|visitor| visitor.get("/api/auth/session"))).await;
    let took = started.elapsed();
    let (good, away): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    away.iter().for_each(|answer| assert_is_away(answer));
    assert!(good.len() >= 20, "those who come first are served: {}", good.len());
    assert!(took < Duration::from_secs(10), "{took:?}");
    assert!(scene.network.open() <= 15, "the pool has a limit: {}", scene.network.open());
    scene.network.set(Network::Up);
    scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    scene.end().await;
}

/// An administrator ends all connections, again and again, under load.
pub async fn connections_ended(variable: &str) {
    let scene = Scene::new(variable).await;
    let mut visitor = scene.signed_in("visitor").await;
    let until = Instant::now() + Duration::from_secs(6);
    let load = join_all((0..8).map(|_| {
        let mut visitor = visitor.clone();
        async move {
            let (mut good, mut away) = (0, 0);
            while Instant::now() < until {
                let answer = visitor.get("/api/auth/session").await;
                if answer.status == 200 {
                    assert_eq!(answer.json()["user"]["name"], "visitor", "never signed out");
                    good += 1;
                } else {
                    assert_is_away(&answer);
                    away += 1;
                }
            }
            (good, away)
        }
    }));
    let ends = async {
        for _ in 0..50 {
            scene.database.end_connections().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let (counts, ()) = tokio::join!(load, ends);
    let (good, away) = counts.into_iter().fold((0, 0), |sum, count| (sum.0 + count.0, sum.1 + count.1));
    println!("while connections were ended 50 times: {good} reads were answered, {away} were not");
    assert!(good > 20 * away, "reads are made again: {away} of {} were refused", good + away);
    scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
    scene.end().await;
}

/// A table that is gone, or a right that is taken away: the log says it, the visitor does not see it.
pub async fn broken_schema(variable: &str, changes: &[(&str, &str, &str)]) {
    let database = Database::new(variable).await;
    let people = People::start().await;
    let owner = database.url();
    // The tables are made by their owner; the program then runs with the rights of a user who may only use them.
    drop(TestServer::with(&people.variables(&[("DATABASE_URL", &owner)])).await);
    let user = format!("app_{}", database.name());
    database.execute(&format!("CREATE USER {} {} 'app'", user, password(&database))).await;
    grant(&database, "GRANT", "TO", &user).await;
    let url = database.as_user(&user, "app").url();
    let variables = [("AUTH_SECRET", SECRET), ("AUTH_URL", "http://localhost:3000"), ("DATABASE_URL", &url)];
    let program = Program::new(&people.variables(&variables));
    let running = tokio::task::spawn_blocking(move || program.start()).await.unwrap();
    let browser = || Browser::new(running.address.parse().unwrap(), "http://localhost:3000");
    people.now("early");
    let mut early = browser();
    people.try_sign_in(&mut early).await.assert_signed_in();
    let named = |statement: &str| statement.replace("{user}", &user).replace("{database}", database.name());
    for (number, (broken, mended, _)) in changes.iter().enumerate() {
        people.now(&format!("person-{number}"));
        change(&database, &named(broken), &mut early).await;
        assert!(!people.try_sign_in(&mut browser()).await.signs_in(), "{broken}");
        change(&database, &named(mended), &mut early).await;
        assert_eq!(database.people().await.len(), number + 1, "{broken}: nobody is half created");
        people.sign_in_patiently(&mut browser()).await;
    }
    running.signal("TERM");
    let (_, _, log) = tokio::task::spawn_blocking(move || running.end()).await.unwrap();
    for (broken, _, cause) in changes {
        assert!(log.to_lowercase().contains(cause), "{broken}: {log}");
    }
    database.drop().await;
    Database::server(variable).execute(&format!("DROP USER {user}")).await;
}

/// Changes a server setting. Some changes only affect new connections. The server replaces all of its connections when a
/// read finds that its own was closed.
async fn change(database: &Database, statement: &str, reader: &mut Browser) {
    database.execute(statement).await;
    let old = database.connections().await;
    database.end_connections().await;
    while database.connections().await.iter().any(|connection| old.contains(connection)) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(reader.name().await.as_deref(), Some("early"), "reads still work");
}

fn password(database: &Database) -> &'static str {
    if database.is_postgres() { "PASSWORD" } else { "IDENTIFIED BY" }
}

async fn grant(database: &Database, verb: &str, preposition: &str, user: &str) {
    let tables = if database.is_postgres() { "ALL TABLES IN SCHEMA public" } else { "*" };
    database.execute(&format!("{verb} ALL ON {tables} {preposition} {user}")).await;
    if database.is_postgres() {
        database.execute(&format!("{verb} ALL ON ALL SEQUENCES IN SCHEMA public {preposition} {user}")).await;
        database.execute(&format!("{verb} ALL ON SCHEMA public {preposition} {user}")).await;
    }
}

/// Somebody else's transaction takes the same rows in the other order: the database undoes ours, and we try again.
pub async fn deadlock(variable: &str) {
    let scene = Scene::new(variable).await;
    scene.signed_in("early").await;
    let owner = scene.database.people().await["early"].clone();
    let mut other = scene.database.connect().await;
    other.execute("BEGIN").await;
    // The more a transaction has written, the later MariaDB gives it up.
    for number in 0..20 {
        let account = if number == 0 { "contended".to_owned() } else { format!("filler-{number}") };
        other
            .execute(&format!(
                "INSERT INTO accounts (provider, provider_account_id, type, user_id, created)
             VALUES ('eop', '{account}', 'oidc', '{owner}', 1)"
            ))
            .await;
    }
    scene.people.now("contended");
    let mut browser = scene.server.browser();
    let ours = scene.people.try_sign_in(&mut browser);
    let theirs = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        let key = "INSERT INTO users (id, email_key, created) VALUES ('other', 'contended@example.com', 1)";
        let survived = other.try_execute(key).await;
        other.execute("ROLLBACK").await;
        survived
    };
    let (answer, survived) = tokio::join!(ours, theirs);
    survived.expect("control: ours was the one that was undone");
    answer.assert_signed_in();
    assert_eq!(scene.database.people().await.keys().collect::<Vec<_>>(), ["contended", "early"]);
    scene.end().await;
}

/// Cuts the network at so many places of a first sign-in, in each direction.
pub async fn cut_everywhere(variable: &str, points: u64) {
    let points = scaled("EVIDENCE_CUT_POINTS", points);
    let scene = Scene::new(variable).await;
    let (people, network) = (&scene.people, &scene.network);
    let mut seen = Seen::default();
    // A first sign-in shows how many bytes there are to cut; the very first one also prepares statements.
    scene.signed_in("early").await;
    for direction in [Direction::Request, Direction::Answer] {
        let before = network.passed(direction);
        scene.signed_in(&format!("measured-{direction:?}")).await;
        let length = network.passed(direction) - before;
        assert!(length > 100, "control: the database is asked: {length} bytes");
        for point in 0..points {
            let name = format!("{direction:?}-{point}");
            people.now(&name);
            let mut browser = scene.server.browser();
            network.cut_after(direction, 1 + point * length / points);
            let first = people.try_sign_in(&mut browser).await;
            seen.reached += usize::from(!network.disarm());
            let after = scene.database.people().await;
            let user = after.get(&name).cloned();
            if first.signs_in() {
                seen.completed += 1;
                assert!(user.is_some(), "{name}: acknowledged and lost");
                let kept = people.name_when_back(&mut browser).await;
                assert_eq!(kept.as_deref(), Some(name.as_str()), "{name}: acknowledged and lost");
            } else {
                seen.refused += 1;
                seen.unknown += usize::from(user.is_some());
            }
            let wait = people.sign_in_patiently(&mut scene.server.browser()).await;
            assert!(wait < RECOVERY, "{name}: {wait:?}");
            seen.slowest = seen.slowest.max(wait);
            let again = scene.database.people().await.get(&name).cloned();
            assert!(user.is_none() || again == user, "{name}: the second try is the same user");
        }
    }
    evidence(
        &format!(
            "the network cut at places of a first sign-in, {}",
            if scene.database.is_postgres() { "PostgreSQL" } else { "MariaDB" }
        ),
        &format!(
            "{} places, {} cuts happened, {} sign-ins completed, {} refused ({} of them stored), 0 lost",
            2 * points,
            seen.reached,
            seen.completed,
            seen.refused,
            seen.unknown
        ),
    );
    println!("{seen:?}");
    let everybody: BTreeSet<_> = scene.database.people().await.into_values().collect();
    assert_eq!(everybody.len() as u64, 3 + 2 * points, "one user for each person");
    assert!(seen.reached as u64 > points, "control: most cuts happen: {seen:?}");
    assert!(seen.refused > 50, "control: some are refused: {seen:?}");
    scene.end().await;
}

/// What a run of cuts was like.
#[derive(Debug, Default)]
struct Seen {
    reached: usize,
    completed: usize,
    refused: usize,
    /// Refused, and yet stored: the answer to the commit was lost.
    unknown: usize,
    slowest: Duration,
}
