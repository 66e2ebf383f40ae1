//! Sign-ins that meet other things at the worst moment: another provider, a deletion (CC rows).

use std::{sync::Arc, time::Duration};

use leptos_auth::{Secret, provider::OAuthProvider};
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use tokio::sync::Barrier;

use crate::{
    Scene, claims,
    support::{
        Answer, Browser, TestServer, evidence,
        evil_op::{CLIENT_ID, CLIENT_SECRET, EvilProvider},
        query, scaled,
    },
};

const AT_ONCE: usize = 32;

/// Two providers whose word on addresses counts, and two servers on one database.
struct Trusted {
    providers: [(&'static str, EvilProvider); 2],
    servers: [TestServer; 2],
}

impl Trusted {
    async fn new() -> Self {
        let providers = [("one", EvilProvider::start().await), ("two", EvilProvider::start().await)];
        let first = Self::server(&providers, &[]).await;
        let database = format!("sqlite://{}", first.database_file().display());
        let shared = [("DATABASE_URL", database.as_str()), ("AUTH_URL", first.origin.as_str())];
        let second = Self::server(&providers, &shared).await;
        Self { providers, servers: [first, second] }
    }

    async fn server(providers: &[(&'static str, EvilProvider); 2], variables: &[(&str, &str)]) -> TestServer {
        TestServer::extended(variables, |builder| {
            providers.iter().fold(builder, |builder, (id, provider)| {
                let secret = Secret::new(CLIENT_SECRET);
                let trusted = OAuthProvider::oidc(id, id, &provider.issuer, CLIENT_ID.to_owned(), secret);
                builder.provider(OAuthProvider { trusts_email: true, ..trusted })
            })
        })
        .await
    }

    /// From now on both providers speak of the person with that number.
    fn show(&self, number: usize) {
        for (_, provider) in &self.providers {
            provider.set(claims(move |claims| {
                claims["sub"] = json!(format!("person-{number}"));
                claims["email"] = json!(format!("person-{number}@example.com"));
            }));
        }
    }

    /// Both providers, both servers, all at the same time: which provider, and the answer.
    async fn all_at_once(&self, round: usize) -> Vec<(&'static str, Answer)> {
        let barrier = Arc::new(Barrier::new(AT_ONCE));
        let tasks: Vec<_> = (round..round + AT_ONCE)
            .map(|number| {
                let (id, provider) = self.providers[number % 2].clone();
                let (browser, barrier) = (self.servers[number / 2 % 2].browser(), barrier.clone());
                tokio::spawn(async move {
                    let (mut browser, callback) = back_from(browser, id, &provider).await;
                    barrier.wait().await;
                    (id, browser.get(&callback).await)
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        answers
    }
}

/// A browser that was at a provider, and the address that leads it back.
async fn back_from(mut browser: Browser, id: &str, provider: &EvilProvider) -> (Browser, String) {
    let started = browser.submit(&format!("/api/auth/signin/{id}"), &[]).await;
    let (code, state) = (provider.code_for(started.location()), query(started.location(), "state").unwrap());
    (browser, format!("/api/auth/callback/{id}?code={code}&state={state}"))
}

async fn count(database: &mut SqliteConnection, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(database).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn cc_02_one_verified_address_at_two_providers_at_once_is_one_user() {
    let trusted = Trusted::new().await;
    let mut database = trusted.servers[0].database().await;
    let rounds = scaled("EVIDENCE_ADDRESSES", 30) as usize;
    let mut winners = Vec::new();
    for round in 0..rounds {
        trusted.show(round);
        let answers = trusted.all_at_once(round).await;
        let (come_in, refused): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|(_, answer)| answer.signs_in());
        let winner = come_in.first().expect("one provider wins").0;
        assert!(come_in.iter().all(|(id, _)| *id == winner), "round {round}: both came in");
        assert_eq!(come_in.len(), AT_ONCE / 2, "round {round}: {refused:?}");
        for (_, answer) in refused {
            assert_eq!(answer.status, 302, "{answer:?}");
            assert_eq!(answer.error().as_deref(), Some("OAuthAccountNotLinked"), "{answer:?}");
        }
        winners.push(winner);
        let known = i64::try_from(round).unwrap() + 1;
        assert_eq!(count(&mut database, "SELECT count(*) FROM users").await, known, "round {round}");
        assert_eq!(count(&mut database, "SELECT count(*) FROM accounts").await, known, "round {round}");
    }
    assert!(winners.contains(&"one") && winners.contains(&"two"), "it was a race: {winners:?}");
    assert_eq!(count(&mut database, "SELECT count(DISTINCT email_key) FROM users").await, rounds as i64);
    evidence(
        &format!(
            "{AT_ONCE} sign-ins with one verified address at two providers and two instances at the same time"
        ),
        &format!("{rounds} addresses, {rounds} users"),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cc_08_a_deletion_during_a_sign_in_leaves_no_account_and_no_session() {
    delete_during_sign_ins("database").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cc_08_a_deletion_during_a_sign_in_leaves_no_stateless_session() {
    delete_during_sign_ins("jwt").await;
}

async fn delete_during_sign_ins(strategy: &str) {
    let scene = Scene::with_variables(&[("AUTH_SESSION", strategy)]).await;
    let twin = scene.twin(&[("AUTH_SESSION", strategy)]).await;
    let count_of_pairs = scaled("EVIDENCE_DELETIONS", 250);
    let mut pairs = Vec::new();
    for pair in 0..count_of_pairs {
        let deleting = if pair % 2 == 0 { &scene.server } else { &twin };
        let mut met = meet(&scene, deleting, pair).await;
        if std::ptr::eq(deleting, &scene.server) {
            met.assert_gone().await;
        }
        pairs.push(met);
    }
    // What the other instance has deleted is known here within a second.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    let mut is_signed_in = Vec::new();
    for met in &mut pairs {
        met.assert_gone().await;
        is_signed_in.push(met.browser.who().await.is_object());
    }
    let came_in = |met: &Met| met.answer.signs_in();
    let new = is_signed_in.iter().filter(|is_signed_in| **is_signed_in).count();
    let all = pairs.iter().filter(|met| came_in(met)).count();
    assert!(new > 0 && all > new, "{strategy}: a race has two winners: {all} came in, {new} of them anew");
    let mut database = scene.server.database().await;
    for orphans in [
        "SELECT count(*) FROM accounts WHERE user_id NOT IN (SELECT id FROM users)",
        "SELECT count(*) FROM sessions WHERE user_id NOT IN (SELECT id FROM users)",
    ] {
        assert_eq!(count(&mut database, orphans).await, 0, "{strategy}: {orphans}");
    }
    assert_eq!(scene.server.rows().await.users, new as i64, "{strategy}");
    evidence(
        &format!("sign-ins while their user is deleted, {strategy} sessions"),
        &format!("{count_of_pairs} pairs, 0 sessions of a deleted user"),
    );
}

/// A sign-in that met a deletion.
struct Met {
    /// Who was signed in before.
    owner: Browser,
    /// Who signed in meanwhile.
    browser: Browser,
    answer: Answer,
    deleted: Value,
}

impl Met {
    async fn assert_gone(&mut self) {
        for browser in [&mut self.owner, &mut self.browser] {
            assert_ne!(
                browser.who().await["user"]["id"],
                self.deleted,
                "signed in as a user who was deleted"
            );
        }
    }
}

/// One person signs in with the account of a user whom a server deletes meanwhile.
async fn meet(scene: &Scene, deleting: &TestServer, pair: u64) -> Met {
    scene.evil.set(claims(move |claims| claims["sub"] = json!(format!("person-{pair}"))));
    let mut owner = scene.browser();
    scene.sign_in(&mut owner).await.assert_signed_in();
    let deleted = owner.who().await["user"]["id"].clone();
    let (mut browser, callback) = back_from(scene.browser(), "eop", &scene.evil).await;
    let delay = Duration::from_micros(pair % 40 * 250);
    let delete = async {
        tokio::time::sleep(delay).await;
        deleting.auth.delete_user(deleted.as_str().unwrap()).await.unwrap()
    };
    let (answer, is_deleted) = tokio::join!(browser.get(&callback), delete);
    assert!(is_deleted, "control: the user was there");
    assert!(answer.status < 500, "{answer:?}");
    Met { owner, browser, answer, deleted }
}
