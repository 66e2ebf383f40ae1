//! The list of users in pages: whoever walks it from beginning to end meets each of them once.

use std::collections::HashMap;

use super::store::Store;
use crate::{adapter::User, random};

super::promises! {
    Apart: a_walk_meets_every_user_once, a_page_of_users_goes_on_where_the_last_one_ended;
}

async fn a_walk_meets_every_user_once(store: Store) {
    let mut ours = HashMap::new();
    for _ in 0..7 {
        let user = store.user().await;
        ours.insert(user.id.clone(), user);
    }
    let (mut after, mut met) = (String::new(), HashMap::new());
    loop {
        let page = store.list_users(&after, 100).await.unwrap();
        assert!(page.len() <= 100, "as many as asked");
        let is_last = page.len() < 100;
        after = page.last().map(|user| user.id.clone()).unwrap_or(after);
        for user in page.into_iter().filter(|user| ours.contains_key(&user.id)) {
            assert_eq!(met.insert(user.id.clone(), user), None, "a user is met twice");
        }
        if is_last {
            break;
        }
    }
    assert_eq!(met, ours);
}

/// Five users between whom nobody else can be; `None` when the store makes ids of its own.
async fn neighbours(store: &Store) -> Option<Vec<User>> {
    let prefix = random::uuid();
    let mut users = Vec::new();
    for digit in 1..=5 {
        let id = format!("{}{digit}", &prefix[..35]);
        let (user, key) = store.new_user();
        users.push(store.create(User { id, ..user }, Some(&key), None).await);
    }
    let are_kept =
        users.iter().zip('1'..).all(|(user, digit)| user.id == format!("{}{digit}", &prefix[..35]));
    are_kept.then_some(users)
}

async fn a_page_of_users_goes_on_where_the_last_one_ended(store: Store) {
    let Some(users) = neighbours(&store).await else { return };
    let after = async |id: &str, limit| store.list_users(id, limit).await.unwrap();
    assert_eq!(after(&users[0].id, 2).await, users[1..3]);
    assert_eq!(after(&users[2].id, 1).await, users[3..4]);
    assert_eq!(after(&users[2].id, 2).await, users[3..5]);
    // The one that a page ended with may be gone when the next one is asked for.
    store.delete_user(&users[2].id).await.unwrap();
    assert_eq!(after(&users[2].id, 2).await, users[3..5]);
    assert_eq!(after(&users[1].id, 2).await, users[3..5]);
}
