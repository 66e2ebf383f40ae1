use std::sync::{Arc, LazyLock};

use super::*;
use crate::{
    adapter::{
        Account, MemoryAdapter, Revoked,
        contract::tests::faulty::{Fault, Faulty},
    },
    clock::SystemClock,
};

const HOUR: Duration = Duration::from_secs(3600);

/// One instant for all rows, so that two databases can be filled alike.
fn now() -> Timestamp {
    static NOW: LazyLock<Timestamp> = LazyLock::new(|| SystemClock.now());
    *NOW
}

fn user(number: u32) -> User {
    User {
        id: format!("user-{number:04}"),
        name: Some(format!("Fill Murray {number}")),
        email: Some(format!("Fill{number}@Example.com")),
        // Every third address is only claimed, and by more than one.
        email_verified: (!number.is_multiple_of(3)).then_some(now()),
        image: None,
        created: now(),
    }
}

fn account(number: u32, provider: &str) -> Account {
    Account { r#type: "oidc".into(), provider: provider.into(), provider_account_id: format!("sub {number}") }
}

fn session(number: u32, expires: Timestamp) -> SessionRecord {
    SessionRecord {
        token_hash: format!("hash-{number}-{expires}"),
        id: format!("session-{number}-{expires}"),
        user_id: user(number).id,
        created: now(),
        renewed: now(),
        expires,
        max_age: HOUR,
        remembered: true,
        provider: "github".into(),
        user_agent: None,
        address: None,
    }
}

fn passkey(number: u32) -> Authenticator {
    Authenticator {
        credential_id: format!("passkey-{number}"),
        user_id: user(number).id,
        provider_account_id: format!("passkey-{number}"),
        public_key: "key".into(),
        counter: number,
        device_type: "singleDevice".into(),
        backed_up: false,
        transports: None,
        name: None,
        created: now(),
        used: Some(now()),
    }
}

fn record(number: u32) -> UserRecord {
    UserRecord {
        user_id: user(number).id,
        kind: "password".into(),
        id: String::new(),
        value: format!("hash {number}"),
        created: now(),
        expires: None,
    }
}

fn audit(number: u32) -> AuditRecord {
    AuditRecord {
        id: format!("{number:08}"),
        user_id: Some(user(number).id),
        created: now(),
        expires: now().plus(HOUR),
        data: "{}".into(),
    }
}

fn revocation(number: u32, expires: Timestamp) -> Revocation {
    Revocation { revoked: Revoked::Session { id: format!("ended-{number}") }, expires }
}

/// So many users, each with two accounts, tokens, two running sessions and one that has expired, and a passkey.
async fn filled(users: u32) -> MemoryAdapter {
    let adapter = MemoryAdapter::default();
    for number in 0..users {
        let user = user(number);
        let key = user.email_verified.map(|_| format!("fill{number}@example.com"));
        let (github, google) = (account(number, "github"), account(number, "google"));
        adapter.create_user(&user, key.as_deref(), Some(&github), None).await.unwrap();
        adapter.link_account(&user.id, &google, now().plus(HOUR)).await.unwrap();
        assert!(adapter.update_account_tokens(&google, None, Some("sealed")).await.unwrap());
        for expires in [now().plus(HOUR), now().plus(2 * HOUR), Timestamp::from_millis(1000)] {
            adapter.create_session(&session(number, expires)).await.unwrap();
        }
        adapter.create_authenticator(&passkey(number)).await.unwrap();
        assert!(adapter.put_user_record(&record(number), None).await.unwrap());
        adapter.add_audit(&audit(number), number.is_multiple_of(2)).await.unwrap();
        let expired = revocation(number + users, Timestamp::from_millis(1000));
        adapter.add_revocations(&[revocation(number, now().plus(HOUR)), expired]).await.unwrap();
    }
    adapter
}

fn counts(users: u64) -> Counts {
    Counts {
        users,
        accounts: 2 * users,
        authenticators: users,
        sessions: 2 * users,
        user_records: users,
        audit: users,
        revocations: users,
    }
}

async fn copied(from: &dyn Adapter, to: &dyn Adapter) -> Result<Counts, CopyError> {
    copy(from, to, &SystemClock, |_, _| ()).await
}

fn difference(result: Result<Counts, CopyError>) -> String {
    match result {
        Err(error @ CopyError::Different { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn everything_is_copied_in_pages() {
    let (from, to) = (filled(250).await, MemoryAdapter::default());
    let mut seen = Vec::new();
    let outcome = copy(&from, &to, &SystemClock, |phase, counts| seen.push((phase, counts.users))).await;
    assert_eq!(outcome.unwrap(), counts(250));
    let pages = [100, 200, 250];
    let expected: Vec<_> = [Phase::Copying, Phase::Checking]
        .into_iter()
        .flat_map(|phase| pages.map(|users| (phase, users)))
        .chain([(Phase::Checking, 250)])
        .collect();
    assert_eq!(seen, expected, "progress");

    for number in 0..250 {
        let user = user(number);
        assert_eq!(to.get_user(&user.id).await.unwrap().as_ref(), Some(&user));
        let by_email = to.get_user_by_email(&format!("fill{number}@example.com")).await.unwrap();
        assert_eq!(by_email.is_some(), user.email_verified.is_some(), "a claimed address stays claimed");
        let accounts = to.get_accounts(&user.id).await.unwrap();
        let record = |provider, tokens: Option<&str>, created| AccountRecord {
            account: account(number, provider),
            tokens: tokens.map(str::to_owned),
            created,
        };
        let google = record("google", Some("sealed"), accounts[0].created);
        assert_eq!(accounts, [google, record("github", None, accounts[1].created)]);
        assert!(accounts[0].created > accounts[1].created);
        assert_eq!(to.list_authenticators(&user.id).await.unwrap().len(), 1);
        let sessions = to.list_sessions(&user.id, Timestamp::from_millis(0)).await.unwrap();
        assert_eq!(sessions.len(), 2, "those that run");
    }
    assert_eq!(to.revocations_after(0, 1000).await.unwrap().len(), 250, "those that concern somebody");
    assert_eq!(to.list_user_records(&user(7).id).await.unwrap(), [record(7)]);
    assert_eq!(to.audit_after("", 1000).await.unwrap().len(), 250);
    let waiting = to.undelivered_audit("", 1000).await.unwrap();
    assert_eq!(waiting.len(), 125, "what has still to be told elsewhere");
    assert_eq!(waiting[1], audit(2));
}

#[tokio::test]
async fn a_second_copy_changes_nothing() {
    let (from, to) = (filled(5).await, MemoryAdapter::default());
    for _ in 0..2 {
        assert_eq!(copied(&from, &to).await.unwrap(), counts(5));
    }
    assert_eq!(to.revocations_after(0, 1000).await.unwrap().len(), 5);
}

#[tokio::test]
async fn copying_goes_on_after_a_failure_at_each_write() {
    let from = filled(3).await;
    let mut writes = 0;
    loop {
        let to = Faulty::new(Fault::GoesAway);
        to.allow(writes);
        let first = copied(&from, &to).await;
        if first.is_ok() {
            break;
        }
        assert!(matches!(first, Err(CopyError::To(_))), "{first:?}");
        to.allow(u32::MAX);
        assert_eq!(copied(&from, &to).await.unwrap(), counts(3), "interrupted after {writes} writes");
        writes += 1;
    }
    // Of each user: itself, two accounts, tokens, two sessions, a passkey, a record, an event; and all revocations at once.
    assert_eq!(writes, 3 * 9 + 1);
}

#[tokio::test]
async fn copying_goes_on_when_it_was_dropped_in_the_middle() {
    let (from, to) = (filled(250).await, Arc::new(MemoryAdapter::default()));
    let target = to.clone();
    let task = tokio::spawn(async move {
        let stop = |_, counts: &Counts| assert!(counts.users < 200, "killed");
        copy(&from, &*target, &SystemClock, stop).await.map(drop)
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(to.list_users("", 1000).await.unwrap().len(), 200);
    assert_eq!(copied(&filled(250).await, &*to).await.unwrap(), counts(250));
}

#[tokio::test]
async fn what_is_there_and_different_stops_it() {
    let from = filled(3).await;
    let to = MemoryAdapter::default();
    to.create_user(&User { name: None, ..user(1) }, Some("fill1@example.com"), None, None).await.unwrap();
    assert_eq!(difference(copied(&from, &to).await), "user user-0001 is not the same in both databases");

    let to = MemoryAdapter::default();
    to.create_user(&user(9), Some("fill1@example.com"), None, None).await.unwrap();
    let address_of_another = difference(copied(&from, &to).await);
    assert_eq!(address_of_another, "user user-0001 is not the same in both databases");

    let to = MemoryAdapter::default();
    to.create_user(&user(9), None, Some(&account(1, "github")), None).await.unwrap();
    let account_of_another = difference(copied(&from, &to).await);
    assert_eq!(account_of_another, "account github sub 1 is not the same in both databases");

    let to = MemoryAdapter::default();
    to.create_user(&user(9), None, None, None).await.unwrap();
    assert_eq!(difference(copied(&from, &to).await), "user user-0009 is not the same in both databases");
    assert!(to.delete_user("user-0009").await.unwrap());
    assert_eq!(copied(&from, &to).await.unwrap(), counts(3), "without it nothing is in the way");
}

#[tokio::test]
async fn what_changes_after_copying_is_found() {
    let (from, to) = (filled(3).await, MemoryAdapter::default());
    copied(&from, &to).await.unwrap();
    let google = account(1, "google");
    assert!(to.update_account_tokens(&google, Some("sealed"), Some("other")).await.unwrap());
    assert_eq!(
        difference(copied(&from, &to).await),
        "account google sub 1 is not the same in both databases"
    );
    assert!(to.update_account_tokens(&google, Some("other"), Some("sealed")).await.unwrap());
    assert!(to.use_authenticator("passkey-1", 1, 2, false, now()).await.unwrap());
    assert_eq!(difference(copied(&from, &to).await), "passkey passkey-1 is not the same in both databases");
    assert!(to.use_authenticator("passkey-1", 2, 1, false, now()).await.unwrap());
    copied(&from, &to).await.unwrap();

    // Ended or removed in the one after it was copied to the other.
    let ended = session(1, now().plus(HOUR));
    assert!(from.delete_session(&ended.token_hash).await.unwrap());
    let found = difference(copied(&from, &to).await);
    assert!(found.starts_with("session session-1-"), "{found}");
    assert!(to.delete_session(&ended.token_hash).await.unwrap());
    assert!(from.delete_user("user-0002").await.unwrap());
    assert_eq!(difference(copied(&from, &to).await), "user user-0002 is not the same in both databases");
}

#[cfg(feature = "sqlite")]
#[tokio::test]
async fn it_goes_by_way_of_another_kind_of_database_and_back() {
    let folder = std::env::temp_dir().join(format!("leptos-auth-{}", crate::random::uuid()));
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let by_way_of = crate::adapter::SqliteAdapter::connect(&url).await.unwrap();
    let (from, to) = (filled(20).await, MemoryAdapter::default());
    assert_eq!(copied(&from, &by_way_of).await.unwrap(), counts(20));
    assert_eq!(copied(&by_way_of, &to).await.unwrap(), counts(20));
    assert_eq!(copied(&from, &to).await.unwrap(), counts(20), "the same as by the direct way");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn what_is_different_of_records_and_events_stops_it() {
    let (from, to) = (filled(3).await, MemoryAdapter::default());
    copied(&from, &to).await.unwrap();
    let other = UserRecord { value: "other".into(), ..record(1) };
    assert!(to.put_user_record(&other, Some("hash 1")).await.unwrap());
    assert_eq!(
        difference(copied(&from, &to).await),
        "record password  of user-0001 is not the same in both databases"
    );
    assert!(to.put_user_record(&record(1), Some("other")).await.unwrap());
    copied(&from, &to).await.unwrap();
    to.add_audit(&audit(9), false).await.unwrap();
    assert_eq!(
        difference(copied(&from, &to).await),
        "audit record 00000009 is not the same in both databases"
    );
}
