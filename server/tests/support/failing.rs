//! An adapter in front of a real one that becomes unavailable after a number of calls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use leptos_auth::{
    adapter::{
        Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change, Owner,
        Revocation, SessionRecord, User, UserRecord, VerificationToken,
    },
    async_trait,
    clock::Timestamp,
};

/// Forwards calls until the allowed number has been made.
#[derive(Clone)]
pub struct Failing {
    /// The real adapter.
    pub inner: Arc<dyn Adapter>,
    left: Arc<AtomicI64>,
}

impl Failing {
    /// Forwards all calls.
    pub fn new(inner: impl Adapter) -> Self {
        Self { inner: Arc::new(inner), left: Arc::new(AtomicI64::new(i64::MAX)) }
    }

    /// Forwards this many calls, and none after them.
    pub fn fail_after(&self, calls: i64) {
        self.left.store(calls, Ordering::SeqCst);
    }

    /// Forwards all calls again. Returns whether one was rejected.
    pub fn recover(&self) -> bool {
        self.left.swap(i64::MAX, Ordering::SeqCst) < 0
    }

    fn call(&self) -> Result<(), AdapterError> {
        match self.left.fetch_sub(1, Ordering::SeqCst) {
            left if left > 0 => Ok(()),
            _ => Err(AdapterError::Failed("the database is unavailable".into())),
        }
    }
}

macro_rules! forward {
    ($($name:ident($($argument:ident: $kind:ty),*) -> $result:ty;)+) => {
        #[async_trait]
        impl Adapter for Failing {
            $(async fn $name(&self, $($argument: $kind),*) -> Result<$result, AdapterError> {
                self.call()?;
                self.inner.$name($($argument),*).await
            })+

            fn stored_session_token(&self, token: &str) -> String {
                self.inner.stored_session_token(token)
            }

            fn keeps_user_records(&self) -> bool {
                self.inner.keeps_user_records()
            }

            async fn revoked(&self) {
                self.inner.revoked().await;
            }
        }
    };
}

forward! {
    create_user(user: &User, key: Option<&str>, account: Option<&Account>, tokens: Option<&str>) -> String;
    get_user(id: &str) -> Option<User>;
    get_user_by_email(key: &str) -> Option<User>;
    get_user_by_account(provider: &str, id: &str) -> Option<User>;
    find_owner(provider: &str, id: &str, key: &str) -> Owner;
    list_users(after: &str, limit: u32) -> Vec<User>;
    change_user(id: &str, changes: &[Change<'_>]) -> bool;
    delete_user(id: &str) -> bool;
    get_accounts(id: &str) -> Vec<AccountRecord>;
    update_account_tokens(account: &Account, from: Option<&str>, to: Option<&str>) -> bool;
    lease_account_tokens(account: &Account, tokens: &str, until: Timestamp, now: Timestamp) -> bool;
    create_session(session: &SessionRecord) -> ();
    get_session(hash: &str, now: Timestamp) -> Option<SessionRecord>;
    get_session_and_user(hash: &str, now: Timestamp) -> Option<(SessionRecord, User)>;
    list_sessions(id: &str, now: Timestamp) -> Vec<SessionRecord>;
    update_session(hash: &str, from: Timestamp, to: Timestamp, now: Timestamp) -> bool;
    delete_session(hash: &str) -> bool;
    add_revocations(revocations: &[Revocation]) -> ();
    revocations_after(number: i64, limit: u32) -> Vec<(i64, Revocation)>;
    create_verification_token(token: &VerificationToken) -> ();
    use_verification_token(identifier: &str, hash: &str, now: Timestamp) -> bool;
    has_verification_token(identifier: &str, hash: &str, now: Timestamp) -> bool;
    delete_verification_token(identifier: &str, hash: &str) -> ();
    get_authenticator(id: &str) -> Option<Authenticator>;
    list_authenticators(id: &str) -> Vec<Authenticator>;
    use_authenticator(id: &str, from: u32, to: u32, backed_up: bool, now: Timestamp) -> bool;
    list_user_records(id: &str) -> Vec<UserRecord>;
    expired_user_records(kind: &str, now: Timestamp, limit: u32) -> Vec<UserRecord>;
    count_attempt(key: &str, window: Duration, now: Timestamp) -> Attempts;
    return_attempts(key: &str, count: u32) -> ();
    add_audit(record: &AuditRecord, deliver: bool) -> ();
    list_audit(id: &str, before: Option<&str>, limit: u32) -> Vec<AuditRecord>;
    audit_after(after: &str, limit: u32) -> Vec<AuditRecord>;
    undelivered_audit(after: &str, limit: u32) -> Vec<AuditRecord>;
    audit_delivered(id: &str) -> bool;
    purge_expired(now: Timestamp, limit: u32) -> u64;
    ping() -> ();
}
