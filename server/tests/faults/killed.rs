//! A database server that is stopped, killed and restarted while users sign in.

use std::time::Duration;

use crate::{
    database::Database,
    people::assert_is_away,
    scene::Scene,
    service::{KINDS, Running},
    support::{Browser, evidence, scaled},
};

/// How many people come in before it happens.
const BEFORE: u32 = 8;

/// A server of the test's own, because it will not survive.
pub async fn start(name: &'static str) -> Running {
    let kind = KINDS.into_iter().find(|kind| kind.name == name).unwrap();
    let start = move || kind.start(&std::env::temp_dir().join("leptos-auth-services"));
    tokio::task::spawn_blocking(start).await.unwrap().unwrap()
}

/// Stops it by a signal. Its files stay.
pub async fn stop(mut running: Running, signal: &'static str) -> Running {
    let stop = move || {
        running.stop(signal).unwrap();
        running
    };
    tokio::task::spawn_blocking(stop).await.unwrap()
}

/// Starts it again, on the same files and port.
pub async fn start_again(mut running: Running) -> Running {
    let start = move || {
        running.start_again().unwrap();
        running
    };
    tokio::task::spawn_blocking(start).await.unwrap()
}

/// Stops it in that way in the middle of sign-ins, several times: nobody who was told to be signed in is lost.
pub async fn stop_under_load(name: &'static str, signal: &'static str, rounds: u64) {
    let rounds = if signal == "KILL" { scaled("EVIDENCE_DATABASE_KILLS", rounds) } else { rounds };
    let mut running = start(name).await;
    let database = Database::on(&running.url).await;
    let scene = Scene::on(database, &[]).await;
    let mut visitor = scene.signed_in("visitor").await;
    let mut acknowledged: Vec<(String, Browser)> = Vec::new();
    for round in 0..rounds {
        let enough = tokio::sync::Notify::new();
        let kill = async {
            enough.notified().await;
            // Somewhere in the middle of the next sign-in.
            tokio::time::sleep(Duration::from_millis(7 * (round % 20))).await;
            stop(running, signal).await
        };
        let mut kill = std::pin::pin!(kill);
        let mut away = 0;
        // One after the other: the provider knows one person at a time.
        let mut stopped = None;
        for number in 1.. {
            let name = format!("round-{round}-{number}");
            scene.people.now(&name);
            let mut browser = scene.server.browser();
            let answer = tokio::select! {
                biased;
                over = &mut kill, if stopped.is_none() => {
                    stopped = Some(over);
                    continue;
                }
                answer = scene.people.try_sign_in(&mut browser) => answer,
            };
            if answer.signs_in() {
                acknowledged.push((name, browser));
                if number >= BEFORE {
                    enough.notify_one();
                }
            } else {
                away += 1;
            }
            if stopped.is_some() && away > 3 {
                break;
            }
        }
        assert_is_away(&visitor.get("/api/auth/session").await);
        running = start_again(stopped.unwrap()).await;
        // It first repairs what the kill left, and that takes as long as its disk is busy.
        drop(scene.database.connect().await);
        scene.people.assert_recovers(&scene.server, &mut visitor, "visitor").await;
        let people = scene.database.people().await;
        let lost: Vec<_> = acknowledged.iter().filter(|(name, _)| !people.contains_key(name)).collect();
        assert!(lost.is_empty(), "acknowledged and lost: {}", lost.len());
    }
    evidence(
        &format!("the database stopped by SIG{signal} during sign-ins, {name}"),
        &format!("{rounds} times, {} sign-ins acknowledged, 0 lost", acknowledged.len()),
    );
    for (name, browser) in &mut acknowledged {
        assert_eq!(browser.name().await.as_ref(), Some(&*name), "the session is kept as well");
    }
    scene.end().await;
}
