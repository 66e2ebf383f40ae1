//! Who removes what has expired.

use std::time::Duration;

use futures_util::future::join_all;
use leptos_auth::{
    adapter::{Adapter, Revocation, Revoked},
    clock::{Clock, SystemClock},
};

use crate::{scene::Scene, stores::Stores};

const ROWS: usize = 3000;
/// Enough for a busy machine to be caught in the middle.
const MANY: usize = 12_000;
/// Longer than the turn of one machine, in seconds.
const NEXT_TURN: i64 = 301;

/// Many rows that have expired, of the kind that no store removes by itself.
async fn litter(store: &dyn Adapter, rows: usize) {
    let expires = SystemClock.now();
    for part in 0..rows / 500 {
        let row = |number| Revocation {
            revoked: Revoked::Session { id: format!("session-{part}-{number}") },
            expires,
        };
        store.add_revocations(&(0..500).map(row).collect::<Vec<_>>()).await.unwrap();
    }
}

async fn left(store: &dyn Adapter) -> usize {
    store.revocations_after(0, 100_000).await.unwrap().len()
}

/// Of many calls at all machines one has its turn; when its machine dies, the next turn is another one's.
pub async fn by_one(stores: &Stores) {
    let scene = Scene::new(stores).await;
    let mut visitor = scene.signed_in(0, "visitor").await;
    let store = stores.sessions().await;
    for turn in 1..=2 {
        litter(&*store, ROWS).await;
        scene.servers.iter().for_each(|server| server.set_later(2 * turn * NEXT_TURN));
        let calls = (0..12).map(|number| scene.server(number).auth.purge_expired());
        let removed: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
        let who: Vec<_> = removed.iter().filter(|removed| **removed > 0).collect();
        assert_eq!(who.len(), 1, "one of all machines: {removed:?}");
        assert!(*who[0] >= ROWS as u64, "{removed:?}");
        assert_eq!(left(&*store).await, 0, "all rows go");
    }

    litter(&*store, MANY).await;
    let first = || async { store.revocations_after(0, 1).await.unwrap().first().map(|(number, _)| *number) };
    let untouched = first().await;
    scene.servers.iter().for_each(|server| server.set_later(6 * NEXT_TURN));
    let auth = scene.server(0).auth.clone();
    let purge = tokio::spawn(async move { auth.purge_expired().await });
    while first().await == untouched {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    purge.abort();
    assert!(purge.await.is_err_and(|end| end.is_cancelled()), "control: it was in the middle");
    let rest = left(&*store).await;
    assert!(rest > 0 && rest < MANY, "in batches: {rest}");
    assert_eq!(scene.server(1).auth.purge_expired().await.unwrap(), 0, "control: it is not its turn yet");
    scene.servers.iter().for_each(|server| server.set_later(8 * NEXT_TURN));
    assert!(scene.server(1).auth.purge_expired().await.unwrap() >= rest as u64);
    assert_eq!(left(&*store).await, 0);
    assert_eq!(visitor.name().await.as_deref(), Some("visitor"), "what runs stays");
}
