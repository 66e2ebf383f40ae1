//! The same thing asked of all machines at the same time: one wins.

use std::sync::Arc;

use tokio::sync::Barrier;

use crate::{
    scene::{Scene, begin, mail},
    stores::Stores,
    support::{Answer, Browser},
};

const AT_ONCE: usize = 16;
const ROUNDS: usize = 10;

/// Sixteen requests that leave at the same time, each with its number.
async fn at_once<F>(request: impl Fn(usize) -> F) -> Vec<(Browser, Answer)>
where
    F: Future<Output = (Browser, Answer)> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(AT_ONCE));
    let tasks: Vec<_> = (0..AT_ONCE)
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
    let scene = Scene::new(stores).await;
    for round in 0..ROUNDS {
        scene.now(&format!("person-{round}"));
        let mut ready = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = scene.server(number).browser();
            let callback = begin(&mut browser, &scene.provider).await;
            ready.push((browser.at(scene.server(number + round)), callback));
        }
        let answers = at_once(|number| {
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
        assert_eq!(stores.people().await, round + 1, "round {round}");
    }
}

pub async fn link(stores: &Stores) {
    let scene = Scene::new(stores).await;
    for round in 0..ROUNDS {
        let asked_at = scene.server(round);
        let (form, _) = mail(asked_at, &mut asked_at.browser(), &format!("person-{round}@example.com")).await;
        let mut tokens = Vec::new();
        for number in 0..AT_ONCE {
            let mut browser = scene.server(number).browser();
            let token = browser.csrf().await;
            tokens.push((browser, token));
        }
        let answers = at_once(|number| {
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
}

pub async fn callback(stores: &Stores) {
    let scene = Scene::new(stores).await;
    for round in 0..ROUNDS {
        scene.now(&format!("person-{round}"));
        let mut browser = scene.server(round).browser();
        let callback = begin(&mut browser, &scene.provider).await;
        let answers = at_once(|number| {
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
