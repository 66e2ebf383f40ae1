//! Accounts: each belongs to one user, and is identified by provider and account id. Tokens are replaced with
//! compare-and-swap.

use super::store::{Store, is_conflict, new_account};
use crate::{
    adapter::{Account, AccountRecord, Owner, User},
    clock::Timestamp,
    random,
};

super::promises! {
    Apart: a_sign_in_finds_the_owner_of_an_account_before_that_of_an_address, a_first_sign_in_makes_user_and_account, a_first_sign_in_keeps_what_the_provider_gave, an_account_leads_to_its_user,
        an_account_is_named_by_provider_and_id, an_account_has_one_user, an_account_needs_a_user,
        an_account_that_was_taken_away_leads_nowhere, an_account_that_was_taken_away_is_free,
        accounts_are_listed_newest_first, accounts_are_of_their_user_alone, the_kind_of_an_account_comes_back,
        tokens_are_replaced_by_comparing, tokens_are_replaced_by_the_same, tokens_are_of_their_account_alone,
        tokens_of_an_unknown_account_are_not_replaced, tokens_go_with_their_account, a_lease_has_one_holder,
        a_lease_is_for_these_tokens, a_lease_ends_by_itself, new_tokens_end_a_lease, tokens_stay_while_leased;
}

fn record(account: &Account, tokens: Option<&str>, created: Timestamp) -> AccountRecord {
    AccountRecord { account: account.clone(), tokens: tokens.map(str::to_owned), created }
}

async fn tokens(store: &Store, account: &Account) -> Option<String> {
    let user = store.owner(account).await.unwrap();
    let mut records = store.get_accounts(&user.id).await.unwrap();
    records.retain(|record| record.account == *account);
    records.remove(0).tokens
}

async fn a_first_sign_in_makes_user_and_account(store: Store) {
    let (user, account) = store.user_and_account().await;
    assert_eq!(store.get_user(&user.id).await.unwrap().as_ref(), Some(&user));
    let accounts = store.get_accounts(&user.id).await.unwrap();
    assert_eq!(accounts, [record(&account, None, user.created)], "linked when the user came");
}

async fn a_first_sign_in_keeps_what_the_provider_gave(store: Store) {
    let ((user, key), account) = (store.new_user(), new_account());
    let id = store.create_user(&user, Some(&key), Some(&account), Some("sealed")).await.unwrap();
    assert_eq!(store.get_accounts(&id).await.unwrap(), [record(&account, Some("sealed"), user.created)]);
    assert!(
        store.update_account_tokens(&account, Some("sealed"), None).await.unwrap(),
        "and they can be replaced"
    );
    let (late, key) = store.new_user();
    let taken = store.create_user(&late, Some(&key), Some(&account), Some("stolen")).await;
    assert!(is_conflict(&taken) && tokens(&store, &account).await.is_none(), "those of another stay");
}

async fn a_sign_in_finds_the_owner_of_an_account_before_that_of_an_address(store: Store) {
    let ((ada, key), account) = (store.new_user(), new_account());
    // The database may give an id of its own.
    let id = store.create_user(&ada, Some(&key), Some(&account), None).await.unwrap();
    let ada = User { id, ..ada };
    let ((bob, other_key), other) = (store.new_user(), new_account());
    store.create_user(&bob, Some(&other_key), Some(&other), None).await.unwrap();
    let find = async |account: &Account, key: &str| {
        store.find_owner(&account.provider, &account.provider_account_id, key).await.unwrap()
    };
    assert_eq!(find(&account, &key).await, Owner::OfAccount(ada.clone()));
    assert_eq!(
        find(&account, &other_key).await,
        Owner::OfAccount(ada.clone()),
        "whatever address is claimed"
    );
    assert_eq!(find(&account, "nobody@example.com").await, Owner::OfAccount(ada));
    assert_eq!(find(&new_account(), &key).await, Owner::OfAddress);
    assert_eq!(find(&new_account(), "nobody@example.com").await, Owner::Nobody);
}

async fn an_account_leads_to_its_user(store: Store) {
    let ((user, first), second) = (store.user_and_account().await, new_account());
    store.link_account(&user.id, &second, store.now).await.unwrap();
    store.user_and_account().await;
    for account in [first, second] {
        assert_eq!(store.owner(&account).await.as_ref(), Some(&user));
    }
    assert_eq!(store.owner(&new_account()).await, None, "an unknown one");
}

async fn an_account_is_named_by_provider_and_id(store: Store) {
    let (user, account) = store.user_and_account().await;
    let elsewhere = Account { provider: "contract-2".to_owned(), ..account.clone() };
    assert_eq!(store.owner(&elsewhere).await, None, "the same id at another provider is somebody else");
    let other = store.user().await;
    store.link_account(&other.id, &elsewhere, store.now).await.unwrap();
    assert_eq!(store.owner(&elsewhere).await, Some(other));
    assert_eq!(store.owner(&account).await, Some(user));
}

async fn an_account_has_one_user(store: Store) {
    let ((user, account), thief) = (store.user_and_account().await, store.user().await);
    for id in [&thief.id, &user.id] {
        assert!(is_conflict(&store.link_account(id, &account, store.now).await), "it is taken");
    }
    assert_eq!(store.get_accounts(&thief.id).await.unwrap(), []);
    assert_eq!(store.owner(&account).await, Some(user));
}

async fn an_account_needs_a_user(store: Store) {
    let account = new_account();
    for nobody in [random::uuid().as_str(), "nobody"] {
        assert!(store.link_account(nobody, &account, store.now).await.is_err(), "user {nobody:?}");
    }
    assert_eq!(store.owner(&account).await, None);
    let user = store.user().await;
    store.link_account(&user.id, &account, store.now).await.unwrap();
    assert_eq!(store.owner(&account).await, Some(user), "it has stayed free");
}

async fn an_account_that_was_taken_away_leads_nowhere(store: Store) {
    let (user, account) = store.user_and_account().await;
    let (id, stranger) = (account.provider_account_id.as_str(), store.user().await);
    let unlink = async || store.unlink_account(&user.id, &account.provider, id).await.unwrap();
    assert!(!store.unlink_account(&user.id, "contract-2", id).await.unwrap(), "another account");
    assert!(!store.unlink_account(&stranger.id, &account.provider, id).await.unwrap(), "not this user's");
    assert!(unlink().await, "there");
    assert!(!unlink().await, "gone");
    assert_eq!(store.owner(&account).await, None);
    assert_eq!(store.get_accounts(&user.id).await.unwrap(), []);
    assert_eq!(store.get_user(&user.id).await.unwrap(), Some(user), "the user stays");
}

async fn an_account_that_was_taken_away_is_free(store: Store) {
    let ((user, account), other) = (store.user_and_account().await, store.user().await);
    store.unlink_account(&user.id, &account.provider, &account.provider_account_id).await.unwrap();
    store.link_account(&other.id, &account, store.now).await.unwrap();
    assert_eq!(store.owner(&account).await, Some(other));
}

async fn accounts_are_listed_newest_first(store: Store) {
    let (user, first) = store.user_and_account().await;
    let mut expected = vec![record(&first, None, user.created)];
    for hours in [2, 1, 3] {
        let account = new_account();
        store.link_account(&user.id, &account, store.in_hours(hours)).await.unwrap();
        expected.push(record(&account, None, store.in_hours(hours)));
    }
    expected.sort_by_key(|record| std::cmp::Reverse(record.created));
    assert_eq!(store.get_accounts(&user.id).await.unwrap(), expected);
}

async fn accounts_are_of_their_user_alone(store: Store) {
    let ((_, _), without) = (store.user_and_account().await, store.user().await);
    for id in [without.id.as_str(), &random::uuid(), "nobody"] {
        assert_eq!(store.get_accounts(id).await.unwrap(), [], "user {id:?}");
    }
}

async fn the_kind_of_an_account_comes_back(store: Store) {
    let user = store.user().await;
    for kind in ["oidc", "oauth", "credentials", "webauthn"] {
        let account = Account { r#type: kind.to_owned(), ..new_account() };
        store.link_account(&user.id, &account, store.now).await.unwrap();
        let records = store.get_accounts(&user.id).await.unwrap();
        assert!(records.contains(&record(&account, None, store.now)), "{kind}");
    }
}

async fn tokens_are_replaced_by_comparing(store: Store) {
    let (_, account) = store.user_and_account().await;
    let update = async |from, to| store.update_account_tokens(&account, from, to).await.unwrap();
    assert!(!update(Some("a"), Some("b")).await, "none are there");
    assert!(!update(Some(""), Some("b")).await, "none are not empty ones");
    assert!(update(None, Some("a")).await, "the first ones");
    assert!(!update(None, Some("b")).await, "some are there");
    assert!(!update(Some("A"), Some("b")).await, "others are there");
    assert_eq!(tokens(&store, &account).await.as_deref(), Some("a"));
    assert!(update(Some("a"), Some("b")).await, "these are there");
    assert!(!update(Some("a"), Some("c")).await, "a slow writer");
    assert_eq!(tokens(&store, &account).await.as_deref(), Some("b"));
    assert!(update(Some("b"), None).await, "none from now on");
    assert_eq!(tokens(&store, &account).await, None);
}

async fn tokens_are_replaced_by_the_same(store: Store) {
    let account = store.account_with_tokens("a").await;
    for _ in 0..2 {
        assert!(store.update_account_tokens(&account, Some("a"), Some("a")).await.unwrap());
    }
}

async fn tokens_are_of_their_account_alone(store: Store) {
    let ((user, first), second) = (store.user_and_account().await, new_account());
    store.link_account(&user.id, &second, store.now).await.unwrap();
    assert!(store.update_account_tokens(&first, None, Some("a")).await.unwrap());
    assert_eq!(tokens(&store, &first).await.as_deref(), Some("a"));
    assert_eq!(tokens(&store, &second).await, None);
}

async fn tokens_of_an_unknown_account_are_not_replaced(store: Store) {
    let account = new_account();
    assert!(!store.update_account_tokens(&account, None, Some("a")).await.unwrap());
    assert!(!store.lease_account_tokens(&account, "a", store.in_hours(1), store.now).await.unwrap());
    assert_eq!(store.owner(&account).await, None, "and it has not come into being");
}

async fn tokens_go_with_their_account(store: Store) {
    let (account, heir) = (store.account_with_tokens("a").await, store.user().await);
    assert!(store.lease_account_tokens(&account, "a", store.in_hours(2), store.now).await.unwrap());
    let owner = store.owner(&account).await.unwrap();
    store.unlink_account(&owner.id, &account.provider, &account.provider_account_id).await.unwrap();
    store.link_account(&heir.id, &account, store.now).await.unwrap();
    assert_eq!(tokens(&store, &account).await, None, "who has it next does not get them");
}

async fn a_lease_has_one_holder(store: Store) {
    let account = store.account_with_tokens("a").await;
    let lease =
        async || store.lease_account_tokens(&account, "a", store.in_hours(1), store.now).await.unwrap();
    assert!(lease().await, "free");
    assert!(!lease().await, "taken");
}

async fn a_lease_is_for_these_tokens(store: Store) {
    let account = store.account_with_tokens("a").await;
    let lease = async |tokens| {
        store.lease_account_tokens(&account, tokens, store.in_hours(1), store.now).await.unwrap()
    };
    assert!(!lease("b").await && !lease("A").await && !lease("").await, "others are there");
    assert!(lease("a").await, "and nobody has taken it");
}

async fn a_lease_ends_by_itself(store: Store) {
    let account = store.account_with_tokens("a").await;
    let lease = async |until, now| store.lease_account_tokens(&account, "a", until, now).await.unwrap();
    assert!(lease(store.in_hours(1), store.now).await);
    let just_before = Timestamp::from_millis(store.in_hours(1).as_millis() - 1);
    assert!(!lease(store.in_hours(2), just_before).await, "a millisecond before its end");
    assert!(lease(store.in_hours(2), store.in_hours(1)).await, "at its end");
    assert!(!lease(store.in_hours(3), store.in_hours(1)).await, "it is somebody else's now");
}

async fn new_tokens_end_a_lease(store: Store) {
    let account = store.account_with_tokens("a").await;
    let lease = async |tokens| {
        store.lease_account_tokens(&account, tokens, store.in_hours(1), store.now).await.unwrap()
    };
    assert!(lease("a").await);
    assert!(!store.update_account_tokens(&account, Some("z"), Some("b")).await.unwrap());
    assert!(!lease("a").await, "a writer who lost ends nothing");
    assert!(store.update_account_tokens(&account, Some("a"), Some("b")).await.unwrap());
    assert!(lease("b").await);
}

async fn tokens_stay_while_leased(store: Store) {
    let account = store.account_with_tokens("a").await;
    assert!(store.lease_account_tokens(&account, "a", store.in_hours(1), store.now).await.unwrap());
    assert_eq!(tokens(&store, &account).await.as_deref(), Some("a"));
}
