//! What every adapter must do, as a suite that a user's own adapter runs too:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use leptos_auth::adapter::{SqliteAdapter, contract};
//!
//! let adapter = SqliteAdapter::connect("sqlite://data/contract.db").await?;
//! contract::run(std::sync::Arc::new(adapter)).await;
//! # Ok(())
//! # }
//! ```
//!
//! Each case makes rows of its own, so the database need not be empty and cases cannot hide each other's faults.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test suite fails by panic")]

use std::{sync::Arc, time::Duration};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Revocation, Revoked, SessionRecord, User,
    VerificationToken,
};
use crate::{clock::Timestamp, random};

const NOW: Timestamp = Timestamp::from_millis(1_795_242_994_123);
const HOUR: Duration = Duration::from_secs(3600);

/// Runs every case.
///
/// # Panics
/// When the adapter breaks the contract; the message names the case.
pub async fn run(adapter: Arc<dyn Adapter>) {
    users(&*adapter).await;
    odd_text_comes_back(&*adapter).await;
    identifiers_are_compared_byte_by_byte(&*adapter).await;
    proven_addresses_are_unique(&*adapter).await;
    accounts(&*adapter).await;
    account_tokens(&*adapter).await;
    a_failed_first_sign_in_leaves_nothing(&*adapter).await;
    sessions(&*adapter).await;
    lists_of_sessions(&*adapter).await;
    revocations(&*adapter).await;
    deleting_a_user_takes_everything_along(&*adapter).await;
    verification_tokens(&*adapter).await;
    attempts(&*adapter).await;
    purging(&*adapter).await;
    parallel_first_sign_ins_leave_one_user(&adapter).await;
    parallel_uses_of_a_token_have_one_winner(&adapter).await;
    parallel_attempts_are_all_counted(&adapter).await;
    parallel_leases_have_one_holder(&adapter).await;
    adapter.ping().await.unwrap();
}

fn new_user() -> (User, String) {
    let id = random::uuid();
    let email = format!("Fill+{id}@Murray.example");
    let key = email.to_lowercase();
    let user = User {
        id,
        name: Some("Fill Murray".to_owned()),
        email: Some(email),
        email_verified: Some(NOW),
        image: Some("https://example.com/fill.png".to_owned()),
        created: NOW,
    };
    (user, key)
}

fn new_account() -> Account {
    Account {
        r#type: "oidc".to_owned(),
        provider: "contract".to_owned(),
        provider_account_id: random::uuid(),
    }
}

async fn stored_user(adapter: &dyn Adapter) -> (User, String) {
    let (user, key) = new_user();
    adapter.create_user(&user, Some(&key), None).await.unwrap();
    (user, key)
}

fn is_conflict<T>(result: &Result<T, AdapterError>) -> bool {
    matches!(result, Err(AdapterError::Conflict))
}

async fn users(adapter: &dyn Adapter) {
    let (mut user, key) = stored_user(adapter).await;
    assert_eq!(adapter.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "get_user: own id");
    assert_eq!(adapter.get_user(&random::uuid()).await.unwrap(), None, "get_user: unknown id");
    assert_eq!(adapter.get_user("").await.unwrap(), None, "get_user: empty id");
    assert_eq!(adapter.get_user_by_email(&key).await.unwrap().as_ref(), Some(&user), "by e-mail");
    assert_eq!(adapter.get_user_by_email("nobody@example.com").await.unwrap(), None, "by unknown e-mail");

    user.name = None;
    user.image = None;
    assert!(adapter.update_user(&user, Some(&key)).await.unwrap(), "update_user: own row");
    assert_eq!(adapter.get_user(&user.id).await.unwrap().as_ref(), Some(&user), "update_user: stored");
    let (unknown, _) = new_user();
    assert!(!adapter.update_user(&unknown, None).await.unwrap(), "update_user: unknown id");
}

async fn odd_text_comes_back(adapter: &dyn Adapter) {
    for name in
        ["Robert'); DROP TABLE users;--", "\"quoted\" \\ back", "naïve 日本語 🦀 e\u{301}", "  spaces  ", ""]
    {
        let (mut user, key) = new_user();
        user.name = Some(name.to_owned());
        adapter.create_user(&user, Some(&key), None).await.unwrap();
        assert_eq!(adapter.get_user(&user.id).await.unwrap(), Some(user), "odd name {name:?}");
    }
    let (mut user, key) = new_user();
    user.image = Some(format!("https://example.com/{}", "a".repeat(2000)));
    adapter.create_user(&user, Some(&key), None).await.unwrap();
    assert_eq!(adapter.get_user(&user.id).await.unwrap(), Some(user), "long image URL");
}

async fn identifiers_are_compared_byte_by_byte(adapter: &dyn Adapter) {
    let suffix = random::uuid();
    for id in ["a", "A", "ä", "a ", "%", "_", "a\u{301}", "á"] {
        let account = Account { provider_account_id: format!("{suffix}{id}"), ..new_account() };
        let (user, key) = new_user();
        let created = adapter.create_user(&user, Some(&key), Some(&account)).await;
        assert!(created.is_ok(), "account id {id:?} is taken for another one");
        let found =
            adapter.get_user_by_account(&account.provider, &account.provider_account_id).await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(user.id), "account id {id:?}");
    }
    let wildcard = adapter.get_user_by_account("contract", &format!("{suffix}__")).await.unwrap();
    assert_eq!(wildcard, None, "wildcards are literal");
}

async fn proven_addresses_are_unique(adapter: &dyn Adapter) {
    let (first, key) = stored_user(adapter).await;
    let (second, _) = new_user();
    let taken = adapter.create_user(&second, Some(&key), None).await;
    assert!(is_conflict(&taken), "create_user: proven address of another user");
    assert_eq!(adapter.get_user(&second.id).await.unwrap(), None, "create_user: nothing is left of it");

    let claimed = User { email: first.email.clone(), email_verified: None, ..second.clone() };
    adapter.create_user(&claimed, None, None).await.unwrap();
    let owner = adapter.get_user_by_email(&key).await.unwrap();
    assert_eq!(owner.map(|owner| owner.id), Some(first.id), "a claimed address finds nobody");
    let stolen = adapter.update_user(&claimed, Some(&key)).await;
    assert!(is_conflict(&stolen), "update_user: proven address of another user");
}

async fn accounts(adapter: &dyn Adapter) {
    let (user, key) = new_user();
    let (first, second) = (new_account(), new_account());
    adapter.create_user(&user, Some(&key), Some(&first)).await.unwrap();
    adapter.link_account(&user.id, &second, NOW).await.unwrap();
    for account in [&first, &second] {
        let owner =
            adapter.get_user_by_account(&account.provider, &account.provider_account_id).await.unwrap();
        assert_eq!(owner.as_ref(), Some(&user), "get_user_by_account: linked");
    }
    let other_provider = adapter.get_user_by_account("other", &first.provider_account_id).await.unwrap();
    assert_eq!(other_provider, None, "get_user_by_account: same id at another provider");

    let (thief, _) = stored_user(adapter).await;
    assert!(is_conflict(&adapter.link_account(&thief.id, &first, NOW).await), "link_account: taken");
    assert!(adapter.link_account("nobody", &new_account(), NOW).await.is_err(), "link_account: unknown user");

    let (provider, id) = (first.provider.as_str(), first.provider_account_id.as_str());
    assert!(adapter.unlink_account(provider, id).await.unwrap(), "unlink_account: there");
    assert!(!adapter.unlink_account(provider, id).await.unwrap(), "unlink_account: gone");
    assert_eq!(
        adapter.get_user_by_account(provider, id).await.unwrap(),
        None,
        "unlink_account: finds nobody"
    );
}

async fn account_tokens(adapter: &dyn Adapter) {
    let (user, _) = stored_user(adapter).await;
    let (first, second) = (new_account(), new_account());
    adapter.link_account(&user.id, &first, NOW).await.unwrap();
    adapter.link_account(&user.id, &second, NOW.plus(HOUR)).await.unwrap();
    let stored = async || adapter.get_accounts(&user.id).await.unwrap();
    let record = |account: &Account, tokens: Option<&str>| AccountRecord {
        account: account.clone(),
        tokens: tokens.map(str::to_owned),
        created: if account == &first { NOW } else { NOW.plus(HOUR) },
    };
    assert_eq!(stored().await, [record(&second, None), record(&first, None)], "get_accounts: newest first");
    assert_eq!(adapter.get_accounts("nobody").await.unwrap(), [], "get_accounts: unknown user");

    let update =
        async |account: &Account, from, to| adapter.update_account_tokens(account, from, to).await.unwrap();
    assert!(!update(&first, Some("a"), Some("b")).await, "update_account_tokens: none are there");
    assert!(update(&first, None, Some("a")).await, "update_account_tokens: the first ones");
    assert!(!update(&first, None, Some("b")).await, "update_account_tokens: some are there");
    assert!(!update(&first, Some("A"), Some("b")).await, "update_account_tokens: other ones are there");
    assert_eq!(stored().await[1], record(&first, Some("a")), "update_account_tokens: stored");
    assert_eq!(stored().await[0], record(&second, None), "update_account_tokens: of that account alone");
    assert!(!update(&new_account(), None, Some("a")).await, "update_account_tokens: unknown account");

    let lease =
        async |tokens, until, now| adapter.lease_account_tokens(&first, tokens, until, now).await.unwrap();
    let (later, latest) = (NOW.plus(HOUR), NOW.plus(2 * HOUR));
    assert!(!lease("b", later, NOW).await, "lease_account_tokens: other ones are there");
    assert!(lease("a", later, NOW).await, "lease_account_tokens: free");
    assert!(!lease("a", later, NOW).await, "lease_account_tokens: taken");
    assert!(lease("a", latest, later).await, "lease_account_tokens: it was over");
    assert!(update(&first, Some("a"), Some("b")).await, "update_account_tokens: while leased");
    assert!(lease("b", latest, NOW).await, "update_account_tokens: ends the lease");
    assert!(update(&first, Some("b"), None).await, "update_account_tokens: none from now on");
    assert_eq!(stored().await[1], record(&first, None), "update_account_tokens: removed");
}

async fn a_failed_first_sign_in_leaves_nothing(adapter: &dyn Adapter) {
    let account = new_account();
    let (owner, key) = new_user();
    adapter.create_user(&owner, Some(&key), Some(&account)).await.unwrap();
    let (late, late_key) = new_user();
    assert!(is_conflict(&adapter.create_user(&late, Some(&late_key), Some(&account)).await), "taken account");
    assert_eq!(adapter.get_user(&late.id).await.unwrap(), None, "no user without the account");
    assert_eq!(adapter.get_user_by_email(&late_key).await.unwrap(), None, "the address stays free");
}

fn new_session(user_id: &str) -> SessionRecord {
    SessionRecord {
        token_hash: random::hex_token(),
        id: random::uuid(),
        user_id: user_id.to_owned(),
        created: NOW,
        renewed: NOW,
        expires: NOW.plus(HOUR),
        max_age: HOUR,
        remembered: true,
        provider: "contract".to_owned(),
        user_agent: Some("Mozilla/5.0 (naïve; 🦀) ".repeat(10)),
        address: Some("2001:db8::1".to_owned()),
    }
}

async fn sessions(adapter: &dyn Adapter) {
    let (user, _) = stored_user(adapter).await;
    let session = new_session(&user.id);
    adapter.create_session(&session).await.unwrap();
    let token = &session.token_hash.clone();
    let found = adapter.get_session_and_user(token, NOW).await.unwrap();
    assert_eq!(found, Some((session.clone(), user)), "get_session_and_user: running");
    assert_eq!(adapter.get_session_and_user("unknown", NOW).await.unwrap(), None, "unknown token");
    assert_eq!(adapter.get_session_and_user(token, session.expires).await.unwrap(), None, "expired");

    let later = session.expires.plus(HOUR);
    let now = NOW.plus(Duration::from_millis(1));
    assert!(
        adapter.update_session(token, session.expires, later, now).await.unwrap(),
        "update_session: moves"
    );
    assert!(
        !adapter.update_session(token, session.expires, later, now).await.unwrap(),
        "update_session: moved before"
    );
    let (moved, _) = adapter.get_session_and_user(token, session.expires).await.unwrap().unwrap();
    let expected = SessionRecord { expires: later, renewed: now, ..session };
    assert_eq!(moved, expected, "update_session: stored to the millisecond, and nothing else");

    assert!(adapter.delete_session(token).await.unwrap(), "delete_session: there");
    assert!(!adapter.delete_session(token).await.unwrap(), "delete_session: gone");
    assert!(
        !adapter.update_session(token, later, later.plus(HOUR), now).await.unwrap(),
        "an ended session stays ended"
    );
    assert_eq!(adapter.get_session_and_user(token, NOW).await.unwrap(), None, "delete_session: finds nobody");

    assert!(adapter.create_session(&new_session("nobody")).await.is_err(), "no session without a user");
}

async fn lists_of_sessions(adapter: &dyn Adapter) {
    let ((user, _), (other, _)) = (stored_user(adapter).await, stored_user(adapter).await);
    let newest = SessionRecord {
        renewed: NOW.plus(HOUR),
        expires: NOW.plus(HOUR * 2),
        user_agent: None,
        address: None,
        remembered: false,
        ..new_session(&user.id)
    };
    let older = new_session(&user.id);
    for session in [&older, &newest, &new_session(&other.id)] {
        adapter.create_session(session).await.unwrap();
    }
    let listed = adapter.list_sessions(&user.id, NOW).await.unwrap();
    assert_eq!(listed, [newest.clone(), older.clone()], "list_sessions: own ones, newest first");
    assert_eq!(adapter.list_sessions(&user.id, older.expires).await.unwrap(), [newest], "running ones only");
    assert_eq!(adapter.list_sessions("nobody", NOW).await.unwrap(), [], "list_sessions: unknown user");
}

async fn revocations(adapter: &dyn Adapter) {
    // Others may be adding as well: only ours are looked at.
    let ours = random::uuid();
    let id = |name: &str| format!("{ours} {name}");
    let made = [
        Revoked::Session { id: id("a") },
        Revoked::User { id: id("b"), before: NOW, except: Some(id("kept")) },
        Revoked::User { id: id("c"), before: NOW, except: None },
        Revoked::Change { id: id("d"), before: NOW },
    ]
    .map(|revoked| Revocation { revoked, expires: NOW.plus(HOUR) });
    adapter.add_revocations(&[]).await.unwrap();
    adapter.add_revocations(&made[..1]).await.unwrap();
    adapter.add_revocations(&made[1..]).await.unwrap();
    let mut found = Vec::new();
    let mut last = 0;
    loop {
        let page = adapter.revocations_after(last, 2).await.unwrap();
        assert!(page.len() <= 2, "revocations_after: as many as asked");
        let Some((number, _)) = page.last() else { break };
        assert!(*number > last && page.is_sorted_by_key(|(number, _)| *number), "numbers grow");
        last = *number;
        found.extend(page.into_iter().map(|(_, revocation)| revocation).filter(|revocation| {
            let (Revoked::Session { id } | Revoked::User { id, .. } | Revoked::Change { id, .. }) =
                &revocation.revoked;
            id.starts_with(&ours)
        }));
    }
    assert_eq!(found, made, "revocations_after: all of them, in order");
}

async fn deleting_a_user_takes_everything_along(adapter: &dyn Adapter) {
    let (user, key) = new_user();
    let account = new_account();
    adapter.create_user(&user, Some(&key), Some(&account)).await.unwrap();
    let session = new_session(&user.id);
    adapter.create_session(&session).await.unwrap();
    assert!(adapter.delete_user(&user.id).await.unwrap(), "delete_user: there");
    assert!(!adapter.delete_user(&user.id).await.unwrap(), "delete_user: gone");
    assert_eq!(adapter.get_user(&user.id).await.unwrap(), None, "user gone");
    assert_eq!(adapter.get_user_by_email(&key).await.unwrap(), None, "address free");
    assert_eq!(adapter.get_session_and_user(&session.token_hash, NOW).await.unwrap(), None, "sessions gone");
    let account_owner = adapter.get_user_by_account(&account.provider, &account.provider_account_id).await;
    assert_eq!(account_owner.unwrap(), None, "accounts gone");
}

fn new_token() -> VerificationToken {
    VerificationToken {
        identifier: format!("{}@example.com", random::uuid()),
        token_hash: random::hex_token(),
        expires: NOW.plus(HOUR),
    }
}

async fn verification_tokens(adapter: &dyn Adapter) {
    let token = new_token();
    let other = VerificationToken { token_hash: random::hex_token(), ..token.clone() };
    adapter.create_verification_token(&token).await.unwrap();
    adapter.create_verification_token(&other).await.unwrap();
    let used = async |identifier: &str, hash: &str, now| {
        adapter.use_verification_token(identifier, hash, now).await.unwrap()
    };
    assert!(!used("other@example.com", &token.token_hash, NOW).await, "wrong identifier");
    assert!(!used(&token.identifier, "wrong", NOW).await, "wrong token");
    assert!(!used(&token.identifier.to_uppercase(), &token.token_hash, NOW).await, "other case");
    assert!(!used(&token.identifier, &token.token_hash, token.expires).await, "expired");
    assert!(used(&token.identifier, &token.token_hash, NOW).await, "right, after wrong tries");
    assert!(!used(&token.identifier, &token.token_hash, NOW).await, "second use");
    assert!(!used(&other.identifier, &other.token_hash, NOW).await, "the others die with it");

    let unsent = new_token();
    adapter.create_verification_token(&unsent).await.unwrap();
    adapter.delete_verification_token(&unsent.identifier, &unsent.token_hash).await.unwrap();
    assert!(!used(&unsent.identifier, &unsent.token_hash, NOW).await, "deleted");
}

async fn attempts(adapter: &dyn Adapter) {
    let key = random::uuid();
    let first = adapter.count_attempt(&key, HOUR, NOW).await.unwrap();
    assert_eq!((first.count, first.resets), (1, NOW.plus(HOUR)), "first attempt opens the window");
    let second = adapter.count_attempt(&key, HOUR, NOW.plus(HOUR / 2)).await.unwrap();
    assert_eq!((second.count, second.resets), (2, first.resets), "the window stays");
    let later = adapter.count_attempt(&key, HOUR, first.resets).await.unwrap();
    assert_eq!((later.count, later.resets), (1, first.resets.plus(HOUR)), "a new window");
    assert_eq!(adapter.count_attempt(&random::uuid(), HOUR, NOW).await.unwrap().count, 1, "another key");
}

async fn purging(adapter: &dyn Adapter) {
    let (user, _) = stored_user(adapter).await;
    let long_ago = Timestamp::from_millis(1000);
    let (expired, running) =
        (SessionRecord { expires: long_ago, ..new_session(&user.id) }, new_session(&user.id));
    adapter.create_session(&expired).await.unwrap();
    adapter.create_session(&running).await.unwrap();
    let revocation = Revocation { revoked: Revoked::Session { id: expired.id.clone() }, expires: long_ago };
    adapter.add_revocations(&[revocation]).await.unwrap();
    adapter.create_verification_token(&VerificationToken { expires: long_ago, ..new_token() }).await.unwrap();
    adapter.count_attempt(&random::uuid(), Duration::ZERO, long_ago).await.unwrap();

    let now = Timestamp::from_millis(2000);
    let mut removed = 0;
    loop {
        let batch = adapter.purge_expired(now, 1).await.unwrap();
        assert!(batch <= 4, "a batch is as small as asked");
        removed += batch;
        if batch == 0 {
            break;
        }
    }
    assert!(removed >= 4, "expired rows of each kind go");
    assert!(!adapter.delete_session(&expired.token_hash).await.unwrap(), "the expired session is gone");
    assert!(
        adapter.get_session_and_user(&running.token_hash, NOW).await.unwrap().is_some(),
        "running ones stay"
    );
}

/// Runs one future for each number at once and returns the results.
async fn at_once<T, F>(count: usize, make: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(tokio::sync::Barrier::new(count));
    let tasks: Vec<_> = (0..count)
        .map(|index| {
            let (barrier, task) = (barrier.clone(), make(index));
            tokio::spawn(async move {
                barrier.wait().await;
                task.await
            })
        })
        .collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}

async fn parallel_first_sign_ins_leave_one_user(adapter: &Arc<dyn Adapter>) {
    let account = new_account();
    let results = at_once(32, |_| {
        let (adapter, account, (user, key)) = (adapter.clone(), account.clone(), new_user());
        async move { adapter.create_user(&user, Some(&key), Some(&account)).await }
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "CC-01: exactly one user");
    assert!(results.iter().all(|result| result.is_ok() || is_conflict(result)), "CC-01: the others conflict");
}

async fn parallel_uses_of_a_token_have_one_winner(adapter: &Arc<dyn Adapter>) {
    let token = new_token();
    adapter.create_verification_token(&token).await.unwrap();
    let results = at_once(16, |_| {
        let (adapter, token) = (adapter.clone(), token.clone());
        async move { adapter.use_verification_token(&token.identifier, &token.token_hash, NOW).await.unwrap() }
    })
    .await;
    assert_eq!(results.iter().filter(|used| **used).count(), 1, "CC-03: exactly one winner");
}

async fn parallel_attempts_are_all_counted(adapter: &Arc<dyn Adapter>) {
    let key = random::uuid();
    let mut counts = at_once(16, |_| {
        let (adapter, key) = (adapter.clone(), key.clone());
        async move { adapter.count_attempt(&key, HOUR, NOW).await.unwrap().count }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=16).collect::<Vec<_>>(), "RL-12: every attempt has a number of its own");
}

async fn parallel_leases_have_one_holder(adapter: &Arc<dyn Adapter>) {
    let (user, _) = stored_user(&**adapter).await;
    let account = new_account();
    adapter.link_account(&user.id, &account, NOW).await.unwrap();
    assert!(adapter.update_account_tokens(&account, None, Some("tokens")).await.unwrap());
    let results = at_once(16, |_| {
        let (adapter, account) = (adapter.clone(), account.clone());
        async move { adapter.lease_account_tokens(&account, "tokens", NOW.plus(HOUR), NOW).await.unwrap() }
    })
    .await;
    assert_eq!(results.iter().filter(|leased| **leased).count(), 1, "IP-15: exactly one holder");
}
