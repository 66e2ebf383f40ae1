//! The same request sent to all instances at the same time: exactly one succeeds.

use std::{sync::Arc, time::Duration};

use tokio::sync::Barrier;

use crate::{
    scene::{Scene, begin, mail},
    stores::Stores,
    support::{Answer, Browser, evidence, scaled},
};

const AT_ONCE: usize = 16;
const ROUNDS: u64 = 10;

/// Sends `count` requests at the same time, each with its number.
async fn at_once<F>(count: usize, request: impl Fn(usize) -> F) -> Vec<(Browser, Answer)>
where
    F: Future<Output = (Browser, Answer)> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|number| {
            let (barrier, request) = (barrier.clone(), request(number));
            tokio::spawn(async move {
                barrier.wait().await;
                request.await
            })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

/// One wins, the others are refused, and only the winner is signed in.
async fn assert_one_winner(what: &str, answers: Vec<(Browser, Answer)>) {
    let winners = answers.iter().filter(|(_, answer)| answer.signs_in()).count();
    assert_eq!(winners, 1, "{what}");
    for (mut browser, answer) in answers {
        if answer.signs_in() {
            assert!(browser.who().await.is_object(), "{what}: the winner's session is good");
        } else {
            answer.assert_denied();
        }
    }
}

pub async fn new_person(stores: &Stores) {
    let rounds = scaled("EVIDENCE_FIRST_SIGN_INS", ROUNDS) as usize;
    let browsers = scaled("EVIDENCE_BROWSERS", AT_ONCE as u64) as usize;
    let scene = Scene::new(stores).await;
    for round in 0..rounds {
        scene.now(&format!("person-{round}"));
        let mut ready = Vec::new();
        for number in 0..browsers {
            let mut browser = scene.server(number).browser().with_client((round * browsers + number) as u64);
            let callback = begin(&mut browser, &scene.provider).await;
            ready.push((browser.at(scene.server(number + round)), callback));
        }
        let answers = at_once(browsers, |number| {
            let (mut browser, callback) = ready[number].clone();
            async move {
                let answer = browser.get(&callback).await;
                (browser, answer)
            }
        });
        let mut users = Vec::new();
        for (mut browser, answer) in answers.await {
            answer.assert_signed_in();
            users.push(browser.who().await["user"]["id"].as_str().unwrap().to_owned());
        }
        users.dedup();
        assert_eq!(users.len(), 1, "round {round}: {users:?}");
    }
    assert_eq!(stores.people().await, rounds);
    evidence(
        &format!(
            "first sign-ins of one new person in {browsers} browsers at the same time, {}",
            stores.name()
        ),
        &format!("{rounds} rounds, {rounds} users, 0 errors"),
    );
}

pub async fn link(stores: &Stores) {
    let rounds = scaled("EVIDENCE_LINKS", ROUNDS) as usize;
    let scene = Scene::new(stores).await;
    for round in 0..rounds {
        let asked_at = scene.server(round);
        let mut asking = asked_at.browser().with_client(round as u64);
        let (form, _) = mail(asked_at, &mut asking, &format!("person-{round}@example.com")).await;
        let mut tokens = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = scene.server(number).browser().with_client((round * AT_ONCE + number) as u64);
            let token = browser.csrf().await;
            tokens.push((browser, token));
        }
        let answers = at_once(AT_ONCE, |number| {
            let ((mut browser, token), form) = (tokens[number].clone(), form.clone());
            async move {
                let mut fields = vec![("csrfToken", token.as_str())];
                fields.extend(form.iter().map(|(name, value)| (*name, value.as_str())));
                let answer = browser.post("/api/auth/callback/email", &fields).await;
                (browser, answer)
            }
        });
        assert_one_winner(&format!("round {round}"), answers.await).await;
    }
    evidence(
        &format!("one emailed link confirmed {AT_ONCE} times at the same time, {}", stores.name()),
        &format!("{rounds} rounds, {rounds} sign-ins, {} refusals", rounds * (AT_ONCE - 1)),
    );
}

/// Sessions that are ended on one instance while others renew them: every read renews.
pub async fn renewal(stores: &Stores) {
    /// Reads of one session at the same time.
    const READS: usize = 4;
    let renewals = scaled("EVIDENCE_RENEWALS", 40) as usize;
    for strategy in ["database", "jwt"] {
        let variables = [("AUTH_SESSION", strategy), ("AUTH_SESSION_UPDATE_AGE", "0")];
        let scene = Scene::with(stores, &variables).await;
        let mut renewed = 0;
        for round in 0..renewals / READS / 2 {
            let mut browser = scene.signed_in(round, &format!("{strategy}-{round}")).await;
            // A session that began in the same millisecond as a revocation counts as ended.
            tokio::time::sleep(Duration::from_millis(2)).await;
            let token = browser.csrf().await;
            let answers = at_once(READS + 1, |number| {
                let (mut browser, token) = (browser.at(scene.server(number)), token.clone());
                async move {
                    let answer = match number {
                        0 => browser.post("/api/auth/signout", &[("csrfToken", &token)]).await,
                        _ => browser.get("/api/auth/session").await,
                    };
                    (browser, answer)
                }
            });
            let answers = answers.await;
            assert_eq!(answers[0].1.status, 302, "{strategy} {round}: {:?}", answers[0].1);
            renewed += answers.iter().filter(|(browser, _)| browser.session_cookie().is_some()).count();
            for copy in answers.iter().map(|(browser, _)| browser).chain([&browser]) {
                scene.until_out(copy).await;
            }
        }
        assert!(renewed > 0, "control: some reads came before the end");
        evidence(
            &format!("renewals during a sign-out, {strategy} sessions, {}", stores.name()),
            &format!(
                "{} requests, {renewed} answered with a session, 0 of them valid afterwards",
                renewals / 2
            ),
        );
    }
}

pub async fn callback(stores: &Stores) {
    let scene = Scene::new(stores).await;
    for round in 0..ROUNDS as usize {
        scene.now(&format!("person-{round}"));
        let mut browser = scene.server(round).browser();
        let callback = begin(&mut browser, &scene.provider).await;
        let answers = at_once(AT_ONCE, |number| {
            let (mut browser, callback) = (browser.at(scene.server(number)), callback.clone());
            async move {
                let answer = browser.get(&callback).await;
                (browser, answer)
            }
        });
        assert_one_winner(&format!("round {round}"), answers.await).await;
        assert_eq!(stores.people().await, round + 1, "round {round}");
    }
}
