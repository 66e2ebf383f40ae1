//! A directory that is away, slow, or asked in a wrong way: that is no word about anybody's password.

use std::time::{Duration, Instant};

use crate::{
    scene::{Directory, PASSWORD, PATIENCE, WAYS, Way, sign_in, try_sign_in},
    support::{
        Answer, TestServer,
        proxy::{Direction, Network, Proxy},
    },
};

/// 503, when to come back, and nobody signed in.
#[track_caller]
fn assert_is_away(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {answer:?}");
    assert!(answer.headers.contains_key("retry-after") && !answer.signs_in(), "{what}: {answer:?}");
}

async fn behind(directory: &Directory, way: Way, network: &Proxy) -> TestServer {
    let url = format!("ldap://127.0.0.1:{}", network.port);
    directory.server(way, &[("AUTH_LDAP_URL", &url)]).await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs LDAP: cargo xtask services"]
async fn az_05_ip_01_ip_02_away_silent_and_slow_is_503_for_right_and_wrong() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    for way in WAYS {
        let network = Proxy::start(directory.port()).await;
        let server = behind(&directory, way, &network).await;
        let mut visitor = sign_in(&server, "ada").await;
        for behavior in [Network::Refused, Network::Silent, Network::Slow(Duration::from_secs(12))] {
            network.set(behavior);
            let started = Instant::now();
            let (mut one, mut two, mut three) = (server.browser(), server.browser(), server.browser());
            let (right, wrong, unknown, others) = tokio::join!(
                try_sign_in(&mut one, "ada", PASSWORD),
                try_sign_in(&mut two, "ada", "wrong-password"),
                try_sign_in(&mut three, "unknown", PASSWORD),
                visitor.who(),
            );
            for answer in [right, wrong, unknown] {
                assert_is_away(&answer, &format!("{way:?} {behavior:?}"));
            }
            assert!(!others.is_null(), "whoever is in stays in");
            assert!(started.elapsed() < PATIENCE, "{behavior:?}: {:?}", started.elapsed());
            network.set(Network::Up);
            sign_in(&server, "ada").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs LDAP: cargo xtask services"]
async fn az_05_a_connection_that_breaks_anywhere_lets_nobody_in() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    for way in WAYS {
        let network = Proxy::start(directory.port()).await;
        let server = behind(&directory, way, &network).await;
        sign_in(&server, "ada").await;
        // What the server asked at its start must not be counted.
        while network.open() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let before = network.passed(Direction::Answer);
        sign_in(&server, "ada").await;
        let whole = network.passed(Direction::Answer) - before;
        for (round, bytes) in (1..whole).step_by(29).enumerate() {
            // Later than any limit.
            server.set_later(i64::try_from(round + 1).unwrap() * 1000);
            network.cut_after(Direction::Answer, bytes);
            let answer = try_sign_in(&mut server.browser(), "ada", PASSWORD).await;
            assert!(!network.disarm(), "control: {bytes} of {whole}");
            assert_is_away(&answer, &format!("{way:?} {bytes} of {whole}"));
        }
        sign_in(&server, "ada").await;
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn wrong_settings_are_the_operators_and_not_the_persons() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let base = format!("ou=nowhere,{}", directory.base);
    for (variable, value) in [
        ("AUTH_LDAP_BIND_PASSWORD", "wrong-password"),
        ("AUTH_LDAP_BIND_DN", "cn=nobody,dc=example,dc=org"),
        ("AUTH_LDAP_SEARCH_BASE", &base),
        ("AUTH_LDAP_GROUP_BASE", &base),
    ] {
        let server = directory.server(Way::Search, &[(variable, value)]).await;
        let answer = try_sign_in(&mut server.browser(), "ada", PASSWORD).await;
        assert_eq!(answer.error().as_deref(), Some("Configuration"), "{variable}: {answer:?}");
        assert!(!answer.signs_in() && !answer.location().contains("ldap"));
        assert_eq!(server.rows().await.users, 0, "{variable}");
    }
    sign_in(&directory.server(Way::Search, &[]).await, "ada").await;
}
