//! The tokens of a provider: stored encrypted, refreshed once, lost by nothing but the provider's own word.

use std::time::Duration;

use leptos_auth::{Auth, ProviderToken, ProviderTokenError};
use serde_json::json;

use crate::{
    Scene, instead, rows,
    support::{
        Browser,
        evil_op::{ACCESS_TOKEN, Behavior},
        log, query,
    },
};

/// The life of a token of the provider is 300 seconds.
const EXPIRED: i64 = 301;
const NEARLY_EXPIRED: i64 = 270;

/// Somebody who has signed in.
struct Person {
    browser: Browser,
    id: String,
}

async fn signed_in(scene: &Scene) -> Person {
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    let id = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    Person { browser, id }
}

impl Person {
    async fn token(&self, scene: &Scene) -> Result<ProviderToken, ProviderTokenError> {
        scene.server.auth.provider_token(&self.id, "eop").await
    }

    /// Whatever happened to the tokens, nobody was signed out.
    async fn assert_signed_in(&mut self) {
        assert_eq!(self.browser.who().await["user"]["id"], self.id);
    }
}

fn text(token: &ProviderToken) -> &str {
    token.access_token.expose()
}

/// That many calls at once, the servers taking turns.
async fn at_once(
    count: usize,
    servers: &[&Auth],
    user: &str,
) -> Vec<Result<ProviderToken, ProviderTokenError>> {
    let calls = (0..count).map(|number| {
        let (auth, user) = (servers[number % servers.len()].clone(), user.to_owned());
        tokio::spawn(async move { auth.provider_token(&user, "eop").await })
    });
    let mut results = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        results.push(call.await.unwrap());
    }
    results
}

#[tokio::test]
async fn lg_09_se_15_tokens_are_encrypted_and_reach_no_browser() {
    let scene = Scene::new().await;
    let mut person = signed_in(&scene).await;
    let token = person.token(&scene).await.unwrap();
    assert_eq!((text(&token), token.scope.as_str()), (ACCESS_TOKEN, "openid profile email"), "control");
    assert!(!format!("{token:?}").contains("canary"));

    let stored = scene.server.text("SELECT tokens FROM accounts").await;
    assert!(stored.starts_with("ey") && stored.split('.').count() == 5, "one JWE");
    // Not the file itself: closing it would take SQLite's locks away from this process.
    let backup = scene.server.database_file().with_extension("backup");
    let copy = sqlx::query("VACUUM INTO ?").bind(backup.display().to_string());
    copy.execute(&mut scene.server.database().await).await.unwrap();
    let bytes = std::fs::read(backup).unwrap();
    let is_in_backup = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(is_in_backup(&stored[..50]) && is_in_backup("evil-1"), "control");
    assert!(!is_in_backup("canary-") && !is_in_backup("eyJhbGciOiJSUzI1Ni"), "a token in a backup");
    for path in ["/api/auth/session", "/api/auth/providers", "/api/me", "/", "/account"] {
        let answer = person.browser.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        assert!(!answer.body.contains("canary") && !answer.body.contains(&stored), "{path}");
    }
}

#[tokio::test]
async fn lg_09_the_tokens_of_one_account_are_worthless_in_another() {
    let scene = Scene::new().await;
    let victim = signed_in(&scene).await;
    scene.evil.set(crate::claims(|claims| {
        claims["sub"] = json!("evil-2");
        claims["email"] = json!("second@example.com");
    }));
    let thief = signed_in(&scene).await;
    assert!(thief.token(&scene).await.is_ok() && victim.token(&scene).await.is_ok(), "control");
    scene
        .server
        .execute(
            "UPDATE accounts SET tokens = (SELECT tokens FROM accounts WHERE provider_account_id = 'evil-1')
             WHERE provider_account_id = 'evil-2'",
        )
        .await;
    assert!(matches!(thief.token(&scene).await, Err(ProviderTokenError::Expired)));
    assert!(victim.token(&scene).await.is_ok());
}

#[tokio::test]
async fn op_07_tokens_survive_a_new_secret() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    let new = [("AUTH_SECRET_1", "Zp4vR8sW2xKc7mQ0tYb5nLh9gDf3jAeU")];
    let twin = scene.twin(&new).await;
    let token = twin.auth.provider_token(&person.id, "eop").await.unwrap();
    assert_eq!(text(&token), ACCESS_TOKEN);
    let other = [("AUTH_SECRET", "Zp4vR8sW2xKc7mQ0tYb5nLh9gDf3jAeU")];
    let stranger = scene.twin(&other).await;
    let answer = stranger.auth.provider_token(&person.id, "eop").await;
    assert!(matches!(answer, Err(ProviderTokenError::Expired)), "without the old secret nothing can be read");
}

#[tokio::test]
async fn a_later_sign_in_replaces_the_tokens_and_keeps_a_refresh_token_that_is_given_once() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.evil.set(Behavior {
        token: Box::new(|answer| {
            answer["access_token"] = json!("canary-second");
            answer["scope"] = json!("openid calendar");
            answer.as_object_mut().unwrap().remove("refresh_token");
        }),
        ..Behavior::default()
    });
    let again = signed_in(&scene).await;
    assert_eq!(again.id, person.id);
    let token = person.token(&scene).await.unwrap();
    assert_eq!((text(&token), token.scope.as_str()), ("canary-second", "openid calendar"));
    scene.evil.set(Behavior::default());
    scene.server.set_later(EXPIRED);
    let token = person.token(&scene).await.unwrap();
    assert_eq!((text(&token), token.scope.as_str()), ("canary-access-token-1", "openid calendar"));
    assert_eq!(scene.evil.refreshes(), ["canary-refresh-token-0"]);
}

#[tokio::test]
async fn the_request_is_that_of_rfc_6749_section_6() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.server.set_later(EXPIRED);
    person.token(&scene).await.unwrap();
    let requests = scene.evil.token_requests();
    let (exchange, refresh) = (&requests[0], &requests[1]);
    assert_eq!(refresh["grant_type"], "refresh_token");
    assert!(refresh["authorization"].starts_with("Basic "));
    assert_eq!(refresh["authorization"], exchange["authorization"]);
    assert_eq!(refresh.len(), 3, "nothing else: {:?}", refresh.keys());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ip_15_sixty_four_requests_at_two_servers_make_one_refresh() {
    let scene = Scene::new().await;
    let mut person = signed_in(&scene).await;
    let twin = scene.twin(&[]).await;
    scene.evil.set(Behavior { delay: Duration::from_millis(400), ..Behavior::default() });
    for (round, later) in [EXPIRED, 2 * EXPIRED, 3 * EXPIRED].into_iter().enumerate() {
        scene.server.set_later(later);
        twin.set_later(later);
        for result in at_once(64, &[&scene.server.auth, &twin.auth], &person.id).await {
            assert_eq!(text(&result.unwrap()), format!("{ACCESS_TOKEN}-{}", round + 1));
        }
        assert_eq!(scene.evil.refreshes().len(), round + 1);
    }
    let used = ["canary-refresh-token-0", "canary-refresh-token-1", "canary-refresh-token-2"];
    assert_eq!(scene.evil.refreshes(), used, "the rotated ones");
    person.assert_signed_in().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_near_its_end_is_refreshed_by_one_and_serves_the_others_meanwhile() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.server.set_later(200);
    assert_eq!(text(&person.token(&scene).await.unwrap()), ACCESS_TOKEN, "control: not near yet");
    assert_eq!(scene.evil.refreshes().len(), 0, "control");
    scene.evil.set(Behavior { delay: Duration::from_secs(2), ..Behavior::default() });
    scene.server.set_later(NEARLY_EXPIRED);
    let results = at_once(16, &[&scene.server.auth], &person.id).await;
    let new = results.iter().filter(|result| text(result.as_ref().unwrap()) != ACCESS_TOKEN).count();
    assert_eq!((new, scene.evil.refreshes().len()), (1, 1));
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_keeps_its_refresh_token() {
    let scene = Scene::with(Behavior { rotates: false, ..Behavior::default() }).await;
    let person = signed_in(&scene).await;
    for round in 1..=3 {
        scene.server.set_later(round * EXPIRED);
        assert_eq!(text(&person.token(&scene).await.unwrap()), format!("{ACCESS_TOKEN}-{round}"));
    }
    assert_eq!(scene.evil.refreshes(), ["canary-refresh-token-0"; 3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_caller_that_hangs_up_loses_no_refresh_token() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.evil.set(Behavior { delay: Duration::from_millis(400), ..Behavior::default() });
    scene.server.set_later(EXPIRED);
    let call = tokio::time::timeout(Duration::from_millis(200), person.token(&scene)).await;
    assert!(call.is_err() && scene.evil.refreshes().len() == 1, "control: it was on its way");
    let again = tokio::time::timeout(Duration::from_secs(10), person.token(&scene)).await;
    let token = again.expect("before the lease ends").unwrap();
    assert_eq!(text(&token), "canary-access-token-1");
    assert_eq!(scene.evil.refreshes().len(), 1);
}

/// A refresh that takes long, and a sign-in that is finished before it: what is valid in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sign_in_during_a_refresh_loses_no_refresh_token() {
    for is_given_once in [false, true] {
        let scene = Scene::new().await;
        let person = signed_in(&scene).await;
        scene.server.set_later(EXPIRED);
        scene.evil.set(Behavior { delay: Duration::from_secs(3), ..Behavior::default() });
        let (auth, user) = (scene.server.auth.clone(), person.id.clone());
        let refresh = tokio::spawn(async move { auth.provider_token(&user, "eop").await.unwrap() });
        while scene.evil.refreshes().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        scene.evil.set(Behavior {
            token: Box::new(move |answer| {
                answer["access_token"] = json!("canary-of-the-sign-in");
                if is_given_once {
                    drop(answer.as_object_mut().unwrap().remove("refresh_token"));
                }
            }),
            ..Behavior::default()
        });
        signed_in(&scene).await;
        assert!(!refresh.is_finished(), "control");
        let expected = if is_given_once { "canary-access-token-1" } else { "canary-of-the-sign-in" };
        assert_eq!(text(&refresh.await.unwrap()), expected);
        assert_eq!(text(&person.token(&scene).await.unwrap()), expected);

        scene.evil.set(Behavior::default());
        scene.server.set_later(2 * EXPIRED);
        assert_eq!(text(&person.token(&scene).await.unwrap()), "canary-access-token-2", "{is_given_once}");
    }
}

#[tokio::test]
async fn a_database_that_is_away_for_a_moment_loses_no_refresh_token() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.server.set_later(EXPIRED);
    let away =
        "CREATE TRIGGER away BEFORE UPDATE OF tokens ON accounts BEGIN SELECT RAISE(FAIL, 'away'); END";
    scene.server.execute(away).await;
    let mend = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        scene.server.execute("DROP TRIGGER away").await;
    };
    let (token, ()) = tokio::join!(person.token(&scene), mend);
    assert_eq!(text(&token.unwrap()), "canary-access-token-1");
    for round in 1..=2 {
        scene.server.set_later(round * EXPIRED);
        assert_eq!(text(&person.token(&scene).await.unwrap()), format!("{ACCESS_TOKEN}-{round}"));
    }
    assert_eq!(scene.evil.refreshes(), ["canary-refresh-token-0", "canary-refresh-token-1"]);
}

#[tokio::test]
async fn a_process_that_died_while_refreshing_is_waited_for_as_long_as_its_lease() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.server.set_later(EXPIRED);
    scene
        .server
        .execute(
            "UPDATE accounts SET tokens_leased_until = (CAST(strftime('%s', 'now') AS INTEGER) + 301 + 2) * 1000",
        )
        .await;
    let started = std::time::Instant::now();
    assert_eq!(text(&person.token(&scene).await.unwrap()), "canary-access-token-1");
    let waited = started.elapsed();
    assert!((500..15_000).contains(&waited.as_millis()), "{waited:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ip_14_a_refused_refresh_removes_the_tokens_and_ends_no_session() {
    let scene = Scene::new().await;
    let mut person = signed_in(&scene).await;
    scene.evil.revoke();
    scene.server.set_later(EXPIRED);
    let results = at_once(16, &[&scene.server.auth], &person.id).await;
    let refused = results.iter().filter(|result| matches!(result, Err(ProviderTokenError::Refused))).count();
    let expired = results.iter().filter(|result| matches!(result, Err(ProviderTokenError::Expired))).count();
    assert_eq!((refused, expired, scene.evil.refreshes().len()), (1, 15, 1));
    person.assert_signed_in().await;
    let left = scene.server.text("SELECT count(*) || '' FROM accounts WHERE tokens IS NOT NULL").await;
    assert_eq!((left.as_str(), scene.server.rows().await), ("0", rows(1, 1, 1, 0)));
    signed_in(&scene).await;
    assert_eq!(text(&person.token(&scene).await.unwrap()), ACCESS_TOKEN, "a new sign-in mends it");
}

#[tokio::test]
async fn ip_14_a_provider_that_is_away_is_left_alone_for_a_while() {
    for (what, status, content_type, body, retry_after, wait) in [
        ("too many", 429, "application/json", "{}", Some("120"), 110..=150),
        ("broken", 503, "text/html", "<h1>canary</h1>", None, 5..=13),
        ("wrong secret", 401, "application/json", "{\"error\":\"invalid_client\"}", None, 5..=13),
        ("nonsense", 200, "application/json", "{\"access_token\":1}", None, 5..=13),
    ] {
        let scene = Scene::new().await;
        let mut person = signed_in(&scene).await;
        let before = scene.evil.requests("token");
        let asked = || scene.evil.requests("token") - before;
        scene.evil.set(Behavior { retry_after, ..instead("token", status, content_type, body) });

        scene.server.set_later(NEARLY_EXPIRED);
        for _ in 0..10 {
            assert_eq!(text(&person.token(&scene).await.unwrap()), ACCESS_TOKEN, "{what}: it still lives");
        }
        assert_eq!(asked(), 1, "{what}: no storm");

        scene.server.set_later(NEARLY_EXPIRED + 200);
        for number in 0..10 {
            let error = person.token(&scene).await.unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{what}: {error:?}");
            let ProviderTokenError::Unavailable { retry_after, .. } = error else {
                panic!("{what}: {error}")
            };
            let seconds = i64::try_from(retry_after.as_secs()).unwrap();
            assert!(wait.contains(&seconds), "{what} {number}: {seconds}");
        }
        assert_eq!(asked(), 2, "{what}: no storm");
        person.assert_signed_in().await;

        scene.evil.set(Behavior::default());
        scene.server.set_later(NEARLY_EXPIRED + 400);
        assert_eq!(
            text(&person.token(&scene).await.unwrap()),
            "canary-access-token-1",
            "{what}: it recovers"
        );
    }
}

#[tokio::test]
async fn ip_02_a_provider_that_hangs_is_given_up() {
    let scene = Scene::new().await;
    let person = signed_in(&scene).await;
    scene.evil.set(Behavior { delay: Duration::from_secs(30), ..Behavior::default() });
    scene.server.set_later(NEARLY_EXPIRED);
    let started = std::time::Instant::now();
    assert_eq!(text(&person.token(&scene).await.unwrap()), ACCESS_TOKEN);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn id_23_a_refresh_never_brings_another_person() {
    type Change = fn(&mut serde_json::Value);
    let changes: [(&str, Change); 4] = [
        ("sub", |claims| claims["sub"] = json!("somebody-else")),
        ("iss", |claims| claims["iss"] = json!("https://evil.test")),
        ("aud", |claims| claims["aud"] = json!("another-client")),
        ("no sub", |claims| drop(claims.as_object_mut().unwrap().remove("sub"))),
    ];
    for (what, change) in changes {
        let scene = Scene::new().await;
        let mut person = signed_in(&scene).await;
        scene.server.set_later(EXPIRED);
        scene.evil.set(crate::claims(change));
        assert!(matches!(person.token(&scene).await, Err(ProviderTokenError::Refused)), "{what}");
        assert!(matches!(person.token(&scene).await, Err(ProviderTokenError::Expired)), "{what}: removed");
        person.assert_signed_in().await;
        assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0), "{what}");
    }
}

#[tokio::test]
async fn without_an_account_or_a_refresh_token_there_is_a_clear_answer() {
    let scene = Scene::with(Behavior {
        token: Box::new(|answer| drop(answer.as_object_mut().unwrap().remove("refresh_token"))),
        ..Behavior::default()
    })
    .await;
    let person = signed_in(&scene).await;
    let auth = &scene.server.auth;
    for (user, provider) in [(person.id.as_str(), "hop"), (&person.id, "nosuch"), ("nobody", "eop"), ("", "")]
    {
        let answer = auth.provider_token(user, provider).await;
        assert!(matches!(answer, Err(ProviderTokenError::NotLinked)), "{user} {provider}");
    }
    scene.server.set_later(NEARLY_EXPIRED);
    assert_eq!(text(&person.token(&scene).await.unwrap()), ACCESS_TOKEN, "control: it still lives");
    scene.server.set_later(EXPIRED);
    assert!(matches!(person.token(&scene).await, Err(ProviderTokenError::Expired)));

    scene.evil.set(Behavior {
        token: Box::new(|answer| drop(answer.as_object_mut().unwrap().remove("expires_in"))),
        ..Behavior::default()
    });
    signed_in(&scene).await;
    scene.server.set_later(400 * 24 * 3600);
    let token = person.token(&scene).await.unwrap();
    assert_eq!((text(&token), token.expires), (ACCESS_TOKEN, None), "without an end it is never refreshed");
}

#[tokio::test]
async fn without_a_database_nothing_is_kept() {
    let scene = Scene::with_variables(&[("DATABASE_URL", ""), ("AUTH_SESSION", "jwt")]).await;
    let person = signed_in(&scene).await;
    assert!(matches!(person.token(&scene).await, Err(ProviderTokenError::NotLinked)));
    let cookies: usize = person.browser.jar.values().map(String::len).sum();
    assert!(cookies < 2000, "no token in a cookie: {cookies}");
}

#[tokio::test]
async fn lg_01_no_token_is_ever_logged() {
    log::record();

    let scene = Scene::with_variables(&[("AUTH_EOP_LOGOUT", "true")]).await;
    let person = signed_in(&scene).await;
    scene.server.set_later(EXPIRED);
    person.token(&scene).await.unwrap();
    scene.server.set_later(2 * EXPIRED);
    scene.evil.set(instead("token", 500, "text/plain", "canary-of-a-body"));
    person.token(&scene).await.unwrap_err();
    scene.evil.set(Behavior::default());
    scene.evil.revoke();
    scene.server.set_later(3 * EXPIRED);
    person.token(&scene).await.unwrap_err();
    scene.server.set_later(0);
    let mut person = signed_in(&scene).await;
    let stored = scene.server.text("SELECT tokens FROM accounts").await;
    let to = person.browser.submit("/api/auth/signout", &[]).await.location().to_owned();
    let hint = query(&to, "id_token_hint").unwrap();

    let log = log::recorded();
    for event in ["provider token refreshed", "provider token not refreshed", "provider token removed"] {
        assert!(log.contains(event), "control: {event}");
    }
    for secret in ["canary-", stored.as_str(), &hint] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
