//! Two databases behind one adapter (`SESSION_STORE`): one holds users with their accounts and passkeys, the other the data
//! that changes with every sign-in: sessions, revocations, verification tokens, attempts.
//!
//! No transaction spans both. A session is therefore valid only while its user exists: reading it queries both databases,
//! and a session whose user was deleted grants no access until it expires.

use std::{sync::Arc, time::Duration};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, Change, Owner,
    Revocation, SessionRecord, User, UserRecord, VerificationToken,
};
use crate::clock::Timestamp;

/// Sessions apart from their users.
pub struct SplitAdapter {
    /// Users, accounts, authenticators and records, and what happened to them.
    pub users: Arc<dyn Adapter>,
    /// Sessions, revocations, verification tokens and attempts. It must take sessions of users whom it does not know.
    pub sessions: Arc<dyn Adapter>,
}

#[async_trait::async_trait]
impl Adapter for SplitAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        self.users.create_user(user, email_key, account, tokens).await
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        self.users.get_user(id).await
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        self.users.get_user_by_email(email_key).await
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        self.users.get_user_by_account(provider, provider_account_id).await
    }

    async fn find_owner(
        &self,
        provider: &str,
        provider_account_id: &str,
        email_key: &str,
    ) -> Result<Owner, AdapterError> {
        self.users.find_owner(provider, provider_account_id, email_key).await
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        self.users.list_users(after, limit).await
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        self.users.change_user(user_id, changes).await
    }

    /// Removes the user first: from then on the sessions open nothing, also if the other store fails and they stay until
    /// they expire. Asked again, it removes them then.
    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        let was_there = self.users.delete_user(id).await?;
        // At the beginning of time no session has expired yet: those go as well.
        for session in self.sessions.list_sessions(id, Timestamp::from_millis(0)).await? {
            self.sessions.delete_session(&session.token_hash).await?;
        }
        Ok(was_there)
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        self.users.get_accounts(user_id).await
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.users.update_account_tokens(account, from, to).await
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.users.lease_account_tokens(account, tokens, until, now).await
    }

    fn stored_session_token(&self, token: &str) -> String {
        self.sessions.stored_session_token(token)
    }

    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        self.sessions.create_session(session).await
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        self.sessions.get_session(token_hash, now).await
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        self.sessions.list_sessions(user_id, now).await
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.sessions.update_session(token_hash, from, to, now).await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        self.sessions.delete_session(token_hash).await
    }

    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        self.sessions.add_revocations(revocations).await
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        self.sessions.revocations_after(number, limit).await
    }

    async fn revoked(&self) {
        self.sessions.revoked().await;
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        self.sessions.create_verification_token(token).await
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.sessions.use_verification_token(identifier, token_hash, now).await
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.sessions.has_verification_token(identifier, token_hash, now).await
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        self.sessions.delete_verification_token(identifier, token_hash).await
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        self.users.get_authenticator(credential_id).await
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        self.users.list_authenticators(user_id).await
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        self.users.use_authenticator(credential_id, from, to, backed_up, now).await
    }

    fn keeps_user_records(&self) -> bool {
        self.users.keeps_user_records()
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        self.users.list_user_records(user_id).await
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        self.users.expired_user_records(kind, now, limit).await
    }

    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        self.sessions.count_attempt(key, window, now).await
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        self.sessions.return_attempts(key, count).await
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        self.users.add_audit(record, deliver).await
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        self.users.list_audit(user_id, before, limit).await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.users.audit_after(after, limit).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.users.undelivered_audit(after, limit).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        self.users.audit_delivered(id).await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        // The store of the users may hold rows from before the split.
        Ok(self.users.purge_expired(now, limit).await? + self.sessions.purge_expired(now, limit).await?)
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        tokio::try_join!(self.users.ping(), self.sessions.ping()).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::{
        MemoryAdapter,
        contract::{self, Scope},
    };

    fn split() -> SplitAdapter {
        let sessions = Arc::new(MemoryAdapter::default().sessions_only());
        SplitAdapter { users: Arc::new(MemoryAdapter::default()), sessions }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn keeps_the_contract() {
        contract::run_for(Arc::new(split()), Scope::Apart).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn a_store_of_sessions_keeps_its_part_of_the_contract() {
        contract::run_for(Arc::new(MemoryAdapter::default().sessions_only()), Scope::Sessions).await;
    }

    #[tokio::test]
    async fn cc_08_a_session_that_outlived_its_user_opens_nothing() {
        let (split, now) = (split(), Timestamp::from_millis(1_795_242_994_123));
        let user = User {
            id: "user".to_owned(),
            name: None,
            email: None,
            email_verified: None,
            image: None,
            created: now,
        };
        let session = |token: &str| SessionRecord {
            token_hash: token.to_owned(),
            id: token.to_owned(),
            user_id: "user".to_owned(),
            created: now,
            renewed: now,
            expires: now.plus(Duration::from_secs(3600)),
            max_age: Duration::from_secs(3600),
            remembered: true,
            provider: "email".to_owned(),
            user_agent: None,
            address: None,
        };
        split.create_user(&user, None, None, None).await.unwrap();
        split.create_session(&session("before")).await.unwrap();
        assert!(split.get_session_and_user("before", now).await.unwrap().is_some());
        assert!(split.delete_user("user").await.unwrap());
        assert_eq!(split.sessions.list_sessions("user", now).await.unwrap(), []);

        // A sign-in that was under way.
        split.create_session(&session("late")).await.unwrap();
        assert_eq!(split.get_session_and_user("late", now).await.unwrap(), None);
        assert!(!split.delete_user("user").await.unwrap());
        assert_eq!(split.sessions.list_sessions("user", now).await.unwrap(), [], "asked again, it clears up");
    }
}
