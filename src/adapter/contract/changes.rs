//! Several changes of one user in one call: either all are applied or none, and each writes only its own columns.

use super::store::{PROVIDER, Store, at_once, is_conflict, new_account};
use crate::{
    adapter::{Change, User},
    random,
};

super::promises! {
    Apart: changes_of_one_call_are_all_made, no_change_of_one_call_is_made_without_the_others,
        a_conflict_takes_the_other_changes_back, changes_of_nobody_are_not_made,
        parallel_changes_of_different_columns_keep_each_other;
}

async fn changes_of_one_call_are_all_made(store: Store) {
    let (user, account) = store.user_and_account().await;
    let (linked, passkey) = (new_account(), store.authenticator_of(&user.id).await);
    let (other, key) = store.new_user();
    let changes = [
        Change::Name(None),
        Change::Image(Some("https://example.com/new.png")),
        Change::Email { email: other.email.as_deref(), key: Some(&key), verified: Some(store.in_hours(1)) },
        Change::LinkAccount { account: &linked, now: store.now },
        Change::UnlinkAccount { provider: PROVIDER, provider_account_id: &account.provider_account_id },
        Change::RemoveAuthenticator { credential_id: &passkey.credential_id },
    ];
    assert!(store.change_user(&user.id, &changes).await.unwrap());
    let changed = User {
        name: None,
        image: Some("https://example.com/new.png".to_owned()),
        email: other.email.clone(),
        email_verified: Some(store.in_hours(1)),
        ..user
    };
    assert_eq!(store.get_user_by_email(&key).await.unwrap().as_ref(), Some(&changed));
    assert_eq!(store.owner(&linked).await, Some(changed));
    assert_eq!(store.owner(&account).await, None);
    assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), None);
}

async fn no_change_of_one_call_is_made_without_the_others(store: Store) {
    let (user, account) = store.user_and_account().await;
    let (linked, others) = (new_account(), store.user_and_account().await.1);
    let passkey = store.authenticator_of(&store.user().await.id).await;
    let impossible = [
        Change::UnlinkAccount { provider: PROVIDER, provider_account_id: &others.provider_account_id },
        Change::UnlinkAccount { provider: PROVIDER, provider_account_id: "nothing" },
        Change::RemoveAuthenticator { credential_id: &passkey.credential_id },
        Change::RenameAuthenticator { credential_id: "nothing", name: None },
    ];
    for last in impossible {
        let changes = [
            Change::Name(Some("Half")),
            Change::LinkAccount { account: &linked, now: store.now },
            Change::UnlinkAccount { provider: PROVIDER, provider_account_id: &account.provider_account_id },
            last,
        ];
        assert!(!store.change_user(&user.id, &changes).await.unwrap(), "{last:?} cannot be made");
        assert_eq!(store.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "{last:?}");
        assert_eq!(store.owner(&linked).await, None, "{last:?}");
        assert_eq!(store.owner(&account).await.as_ref(), Some(&user), "{last:?}");
    }
}

async fn a_conflict_takes_the_other_changes_back(store: Store) {
    let (user, taken) = (store.user().await, store.user_and_account().await.1);
    let (owner, key) = store.user_and_key().await;
    let passkey = store.authenticator_of(&owner.id).await;
    let conflicts = [
        Change::LinkAccount { account: &taken, now: store.now },
        Change::Email { email: owner.email.as_deref(), key: Some(&key), verified: Some(store.now) },
        Change::AddAuthenticator(&passkey),
    ];
    for conflict in conflicts {
        let changes = [Change::Name(Some("Half")), conflict];
        assert!(is_conflict(&store.change_user(&user.id, &changes).await), "{conflict:?}");
        assert_eq!(store.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "{conflict:?}");
    }
    let changes = [Change::Name(Some("Whole")), Change::Image(None)];
    assert!(store.change_user(&user.id, &changes).await.unwrap(), "the adapter still works");
}

async fn changes_of_nobody_are_not_made(store: Store) {
    let account = new_account();
    for nobody in [random::uuid().as_str(), "nobody"] {
        let changes = [Change::Name(None), Change::LinkAccount { account: &account, now: store.now }];
        assert!(!store.change_user(nobody, &changes).await.unwrap());
        assert!(!store.change_user(nobody, &[Change::Name(None)]).await.unwrap());
    }
    assert_eq!(store.owner(&account).await, None);
}

/// A new name and a confirmed address at the same time: neither overwrites the other.
async fn parallel_changes_of_different_columns_keep_each_other(store: Store) {
    for _ in 0..4 {
        let (user, (other, key)) = (store.user().await, store.new_user());
        let (name, email) = (random::uuid(), other.email.as_deref());
        let results = at_once(2, |index| {
            let (store, id) = (store.clone(), user.id.clone());
            let (name, email, key) = (name.clone(), email.map(str::to_owned), key.clone());
            async move {
                let change = match index {
                    0 => Change::Name(Some(&name)),
                    _ => {
                        Change::Email { email: email.as_deref(), key: Some(&key), verified: Some(store.now) }
                    }
                };
                store.change_user(&id, &[change]).await.unwrap()
            }
        })
        .await;
        assert_eq!(results, [true, true]);
        let stored = store.get_user_by_email(&key).await.unwrap();
        let stored = stored.map(|stored| (stored.id, stored.name));
        assert_eq!(stored, Some((user.id, Some(name))), "neither change was undone");
    }
}
