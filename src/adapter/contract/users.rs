//! Users: created, found, changed, removed. An address belongs to one user, and only when it is proven.

use super::store::{Store, is_conflict, new_account};
use crate::{adapter::User, random};

super::promises! {
    Apart: a_user_comes_back_by_its_id, unknown_ids_find_nobody, a_proven_address_finds_its_owner,
        an_unknown_address_finds_nobody, a_proven_address_has_one_owner, a_claimed_address_finds_nobody,
        many_users_may_claim_one_address, an_update_replaces_name_address_and_picture,
        an_update_never_moves_the_time_of_creation, an_update_that_changes_nothing_finds_its_user,
        an_update_of_nobody_is_none, an_update_to_a_taken_address_changes_nothing,
        an_update_frees_the_former_address, an_address_can_be_proven_later, an_address_can_be_removed,
        a_removed_user_is_gone, a_removed_user_frees_its_address, a_removed_user_takes_accounts_along,
        a_removed_user_takes_sessions_along, a_removed_user_takes_passkeys_along, removing_a_user_spares_others;
}

async fn a_user_comes_back_by_its_id(store: Store) {
    let user = store.user().await;
    assert_eq!(store.get_user(&user.id).await.unwrap(), Some(user));
    let (new, _) = store.new_user();
    let bare = User { name: None, email: None, email_verified: None, image: None, ..new };
    let bare = store.create(bare, None, None).await;
    assert_eq!(store.get_user(&bare.id).await.unwrap(), Some(bare), "what is not known stays unknown");
}

async fn unknown_ids_find_nobody(store: Store) {
    for id in [random::uuid().as_str(), "nobody", ""] {
        assert_eq!(store.get_user(id).await.unwrap(), None, "id {id:?}");
    }
}

async fn a_proven_address_finds_its_owner(store: Store) {
    let (user, key) = store.user_and_key().await;
    store.user().await;
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(user));
}

async fn an_unknown_address_finds_nobody(store: Store) {
    // One without an address, so that "no address" could be found.
    let (user, _) = store.new_user();
    store.create(User { email: None, email_verified: None, ..user }, None, None).await;
    for key in [format!("{}@example.com", random::uuid()).as_str(), "nobody", ""] {
        assert_eq!(store.get_user_by_email(key).await.unwrap(), None, "address {key:?}");
    }
}

async fn a_proven_address_has_one_owner(store: Store) {
    let (first, key) = store.user_and_key().await;
    let (second, _) = store.new_user();
    assert!(is_conflict(&store.create_user(&second, Some(&key), None, None).await), "the address is taken");
    assert_eq!(store.get_user(&second.id).await.unwrap(), None, "nothing is left of the second one");
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(first), "the first one keeps it");
}

async fn a_claimed_address_finds_nobody(store: Store) {
    let (user, key) = store.new_user();
    store.create(User { email_verified: None, ..user }, None, None).await;
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), None);
    let (owner, _) = store.new_user();
    let owner = store.create(owner, Some(&key), None).await;
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(owner), "whoever proves it has it");
}

async fn many_users_may_claim_one_address(store: Store) {
    let (first, _) = store.new_user();
    for _ in 0..3 {
        let (user, _) = store.new_user();
        let claimed = User { email: first.email.clone(), email_verified: None, ..user };
        let claimed = store.create(claimed, None, None).await;
        assert_eq!(store.get_user(&claimed.id).await.unwrap(), Some(claimed));
    }
}

async fn an_update_replaces_name_address_and_picture(store: Store) {
    let user = store.user().await;
    let (other, key) = store.new_user();
    let changed = User {
        name: Some("Phil Murray".to_owned()),
        email: other.email,
        email_verified: Some(store.in_hours(1)),
        image: None,
        ..user
    };
    assert!(store.update_user(&changed, Some(&key)).await.unwrap());
    assert_eq!(store.get_user(&changed.id).await.unwrap().as_ref(), Some(&changed), "by id");
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(changed), "by the new address");
}

async fn an_update_never_moves_the_time_of_creation(store: Store) {
    let (user, key) = store.user_and_key().await;
    let moved = User { created: store.in_hours(1), ..user.clone() };
    assert!(store.update_user(&moved, Some(&key)).await.unwrap());
    assert_eq!(store.get_user(&user.id).await.unwrap(), Some(user));
}

async fn an_update_that_changes_nothing_finds_its_user(store: Store) {
    let (user, key) = store.user_and_key().await;
    for _ in 0..2 {
        assert!(store.update_user(&user, Some(&key)).await.unwrap(), "the user is there");
    }
}

async fn an_update_of_nobody_is_none(store: Store) {
    let (unknown, key) = store.new_user();
    assert!(!store.update_user(&unknown, Some(&key)).await.unwrap(), "there is no such user");
    assert_eq!(store.get_user(&unknown.id).await.unwrap(), None, "and none has come into being");
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), None);
}

async fn an_update_to_a_taken_address_changes_nothing(store: Store) {
    let ((owner, taken), (user, key)) = (store.user_and_key().await, store.user_and_key().await);
    let thief = User { name: Some("Thief".to_owned()), email: owner.email.clone(), ..user.clone() };
    assert!(is_conflict(&store.update_user(&thief, Some(&taken)).await), "the address is taken");
    assert_eq!(store.get_user_by_email(&taken).await.unwrap(), Some(owner), "its owner keeps it");
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(user), "nothing has changed");
}

async fn an_update_frees_the_former_address(store: Store) {
    let (user, former) = store.user_and_key().await;
    let (other, key) = store.new_user();
    assert!(store.update_user(&User { email: other.email.clone(), ..user }, Some(&key)).await.unwrap());
    assert_eq!(store.get_user_by_email(&former).await.unwrap(), None);
    let heir = store.create(other, Some(&former), None).await;
    assert_eq!(store.get_user_by_email(&former).await.unwrap(), Some(heir));
}

async fn an_address_can_be_proven_later(store: Store) {
    let (new, key) = store.new_user();
    let claimed = store.create(User { email_verified: None, ..new }, None, None).await;
    let proven = User { email_verified: Some(store.now), ..claimed };
    assert!(store.update_user(&proven, Some(&key)).await.unwrap());
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(proven));
}

async fn an_address_can_be_removed(store: Store) {
    let (user, key) = store.user_and_key().await;
    let without = User { email: None, email_verified: None, ..user };
    assert!(store.update_user(&without, None).await.unwrap());
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), None, "by the former address");
    assert_eq!(store.get_user(&without.id).await.unwrap(), Some(without), "by id");
}

async fn a_removed_user_is_gone(store: Store) {
    let user = store.user().await;
    assert!(store.delete_user(&user.id).await.unwrap(), "there");
    assert_eq!(store.get_user(&user.id).await.unwrap(), None);
    assert!(!store.delete_user(&user.id).await.unwrap(), "gone");
    assert!(!store.delete_user(&random::uuid()).await.unwrap(), "never there");
    assert!(!store.update_user(&user, None).await.unwrap(), "an update does not bring it back");
}

async fn a_removed_user_frees_its_address(store: Store) {
    let (user, key) = store.user_and_key().await;
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), None);
    let (heir, _) = store.new_user();
    let heir = store.create(heir, Some(&key), None).await;
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), Some(heir));
}

async fn a_removed_user_takes_accounts_along(store: Store) {
    let ((user, first), second) = (store.user_and_account().await, new_account());
    store.link_account(&user.id, &second, store.now).await.unwrap();
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.get_accounts(&user.id).await.unwrap(), []);
    let heir = store.user().await;
    for account in [first, second] {
        assert_eq!(store.owner(&account).await, None);
        store.link_account(&heir.id, &account, store.now).await.unwrap();
    }
}

async fn a_removed_user_takes_sessions_along(store: Store) {
    let user = store.user().await;
    let sessions = [store.session_of(&user.id).await, store.session_of(&user.id).await];
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.list_sessions(&user.id, store.now).await.unwrap(), []);
    for session in sessions {
        assert_eq!(store.get_session(&session.token_hash, store.now).await.unwrap(), None);
        assert_eq!(store.get_session_and_user(&session.token_hash, store.now).await.unwrap(), None);
    }
}

async fn a_removed_user_takes_passkeys_along(store: Store) {
    let passkey = store.authenticator().await;
    store.delete_user(&passkey.user_id).await.unwrap();
    assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), None);
    assert_eq!(store.list_authenticators(&passkey.user_id).await.unwrap(), []);
}

async fn removing_a_user_spares_others(store: Store) {
    let (user, (other, account)) = (store.user().await, store.user_and_account().await);
    let (session, passkey) = (store.session_of(&other.id).await, store.authenticator_of(&other.id).await);
    store.delete_user(&user.id).await.unwrap();
    assert_eq!(store.owner(&account).await, Some(other), "user and account");
    assert_eq!(store.get_session(&session.token_hash, store.now).await.unwrap(), Some(session));
    assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), Some(passkey));
}
