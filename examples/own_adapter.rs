//! An adapter of your own: wraps another adapter, and logs each change that affects who can sign in.
//!
//! `cargo run --features server --example own_adapter` runs the contract on it and prints each case. For a complete adapter
//! see `src/adapter/memory.rs`.

use std::{error::Error, process::ExitCode, sync::Arc, time::Duration};

use leptos_auth::{
    adapter::{
        Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change,
        MemoryAdapter, Revocation, SessionRecord, User, UserRecord, VerificationToken,
        contract::{self, Scope},
    },
    async_trait,
    clock::Timestamp,
};

/// Tells of each change after it is stored.
struct Audited<A> {
    store: A,
    /// Gets what has happened, and the id that it happened to. Neither is secret.
    log: fn(&str, &str),
}

type Result<T, E = AdapterError> = std::result::Result<T, E>;

impl<A> Audited<A> {
    /// Logs what has succeeded and changed something.
    fn logged(&self, result: Result<bool>, what: &str, id: &str) -> Result<bool> {
        if let Ok(true) = result {
            (self.log)(what, id);
        }
        result
    }
}

#[async_trait]
impl<A: Adapter> Adapter for Audited<A> {
    async fn create_user(
        &self,
        user: &User,
        key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String> {
        // The id that the store has given, which need not be the one that came in.
        let id = self.store.create_user(user, key, account, tokens).await?;
        (self.log)("user created", &id);
        Ok(id)
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>> {
        self.store.get_user(id).await
    }

    async fn get_user_by_email(&self, key: &str) -> Result<Option<User>> {
        self.store.get_user_by_email(key).await
    }

    async fn get_user_by_account(&self, provider: &str, id: &str) -> Result<Option<User>> {
        self.store.get_user_by_account(provider, id).await
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>> {
        self.store.list_users(after, limit).await
    }

    /// Changes of name, address, accounts, passkeys and records of one user: all of them or none.
    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool> {
        self.logged(self.store.change_user(user_id, changes).await, "user changed", user_id)
    }

    async fn delete_user(&self, id: &str) -> Result<bool> {
        self.logged(self.store.delete_user(id).await, "user removed", id)
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>> {
        self.store.get_accounts(user_id).await
    }

    async fn update_account_tokens(&self, a: &Account, from: Option<&str>, to: Option<&str>) -> Result<bool> {
        self.store.update_account_tokens(a, from, to).await
    }

    async fn lease_account_tokens(
        &self,
        a: &Account,
        t: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        self.store.lease_account_tokens(a, t, until, now).await
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<()> {
        self.store.create_session(session).await?;
        (self.log)("session begun", &session.user_id);
        Ok(())
    }

    async fn get_session(&self, token_hash: &str, now: Timestamp) -> Result<Option<SessionRecord>> {
        self.store.get_session(token_hash, now).await
    }

    // The trait has this one made of two others. What is around a store passes it on, or it costs two queries.
    async fn get_session_and_user(
        &self,
        hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>> {
        self.store.get_session_and_user(hash, now).await
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>> {
        self.store.list_sessions(user_id, now).await
    }

    async fn update_session(
        &self,
        hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        self.store.update_session(hash, from, to, now).await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool> {
        self.store.delete_session(token_hash).await
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<()> {
        self.store.add_revocations(revocations).await
    }

    async fn revocations_after(&self, number: i64, limit: u32) -> Result<Vec<(i64, Revocation)>> {
        self.store.revocations_after(number, limit).await
    }

    // This one as well: without it other instances hear of an ended session half a second later.
    async fn revoked(&self) {
        self.store.revoked().await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<()> {
        self.store.create_verification_token(token).await
    }

    async fn use_verification_token(&self, identifier: &str, hash: &str, now: Timestamp) -> Result<bool> {
        self.store.use_verification_token(identifier, hash, now).await
    }

    async fn has_verification_token(&self, identifier: &str, hash: &str, now: Timestamp) -> Result<bool> {
        self.store.has_verification_token(identifier, hash, now).await
    }

    async fn delete_verification_token(&self, identifier: &str, hash: &str) -> Result<()> {
        self.store.delete_verification_token(identifier, hash).await
    }

    async fn get_authenticator(&self, id: &str) -> Result<Option<Authenticator>> {
        self.store.get_authenticator(id).await
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>> {
        self.store.list_authenticators(user_id).await
    }

    async fn use_authenticator(
        &self,
        id: &str,
        from: u32,
        to: u32,
        kept: bool,
        now: Timestamp,
    ) -> Result<bool> {
        self.store.use_authenticator(id, from, to, kept, now).await
    }

    fn keeps_user_records(&self) -> bool {
        self.store.keeps_user_records()
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>> {
        self.store.list_user_records(user_id).await
    }

    async fn expired_user_records(&self, kind: &str, now: Timestamp, limit: u32) -> Result<Vec<UserRecord>> {
        self.store.expired_user_records(kind, now, limit).await
    }

    async fn count_attempt(&self, key: &str, window: Duration, now: Timestamp) -> Result<Attempts> {
        self.store.count_attempt(key, window, now).await
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<()> {
        self.store.return_attempts(key, count).await
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<()> {
        self.store.add_audit(record, deliver).await
    }

    async fn list_audit(&self, user_id: &str, before: Option<&str>, limit: u32) -> Result<Vec<AuditRecord>> {
        self.store.list_audit(user_id, before, limit).await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>> {
        self.store.audit_after(after, limit).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>> {
        self.store.undelivered_audit(after, limit).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool> {
        self.store.audit_delivered(id).await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64> {
        self.store.purge_expired(now, limit).await
    }

    async fn ping(&self) -> Result<()> {
        self.store.ping().await
    }
}

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let adapter =
        Arc::new(Audited { store: MemoryAdapter::default(), log: |what, id| println!("  {what}: {id}") });
    let mut failed = 0;
    for case in contract::cases(Scope::Everything) {
        println!("{}", case.name());
        if let Err(failure) = case.check(adapter.clone(), Scope::Everything).await {
            eprintln!("FAILED: {failure}");
            failed += 1;
        }
    }
    println!("{failed} cases failed");
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    contract::run(Arc::new(Audited { store: MemoryAdapter::default(), log: |_, _| () })).await;
}
