//! The adapter under test, and helpers that create rows which no other case uses.

use std::{ops::Deref, sync::Arc, time::Duration};

use super::Scope;
use crate::{
    adapter::{
        Account, Adapter, AdapterError, Authenticator, Change, Revocation, Revoked, SessionRecord, User,
        VerificationToken,
    },
    clock::{Clock, SystemClock, Timestamp},
    random,
};

pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
pub(super) const HOUR: Duration = Duration::from_secs(3600);
/// A provider that no other program has.
pub(super) const PROVIDER: &str = "contract";

/// The adapter under test.
#[derive(Clone)]
pub(super) struct Store {
    adapter: Arc<dyn Adapter>,
    scope: Scope,
    /// When the case began.
    pub(super) now: Timestamp,
}

impl Deref for Store {
    type Target = dyn Adapter;

    fn deref(&self) -> &Self::Target {
        &*self.adapter
    }
}

impl Store {
    pub(super) fn new(adapter: Arc<dyn Adapter>, scope: Scope) -> Self {
        Self { adapter, scope, now: SystemClock.now() }
    }

    pub(super) fn in_hours(&self, hours: u32) -> Timestamp {
        self.now.plus(HOUR * hours)
    }

    /// Long enough ago that the clocks of store and test need not agree.
    pub(super) fn past(&self) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis() - 3_600_000)
    }

    /// A user who is not stored yet, and the canonical form of the address.
    pub(super) fn new_user(&self) -> (User, String) {
        let id = random::uuid();
        let email = format!("Fill+{id}@Murray.example");
        let key = email.to_lowercase();
        let user = User {
            id,
            name: Some("Fill Murray".to_owned()),
            email: Some(email),
            email_verified: Some(self.now),
            image: Some("https://example.com/fill.png".to_owned()),
            created: self.now,
        };
        (user, key)
    }

    /// Stores a user. As it is stored: the id may be another one.
    pub(super) async fn create(
        &self,
        user: User,
        email_key: Option<&str>,
        account: Option<&Account>,
    ) -> User {
        let id = self.create_user(&user, email_key, account, None).await.unwrap();
        User { id, ..user }
    }

    /// Writes name, address and picture of a user.
    pub(super) async fn update_user(&self, user: &User, key: Option<&str>) -> Result<bool, AdapterError> {
        let email = Change::Email { email: user.email.as_deref(), key, verified: user.email_verified };
        let changes = [Change::Name(user.name.as_deref()), email, Change::Image(user.image.as_deref())];
        self.change_user(&user.id, &changes).await
    }

    /// A user with a proven address.
    pub(super) async fn user(&self) -> User {
        self.user_and_key().await.0
    }

    pub(super) async fn user_and_key(&self) -> (User, String) {
        let (user, key) = self.new_user();
        (self.create(user, Some(&key), None).await, key)
    }

    /// A user with an account.
    pub(super) async fn user_and_account(&self) -> (User, Account) {
        let ((user, key), account) = (self.new_user(), new_account());
        (self.create(user, Some(&key), Some(&account)).await, account)
    }

    /// An account with these tokens.
    pub(super) async fn account_with_tokens(&self, tokens: &str) -> Account {
        let (_, account) = self.user_and_account().await;
        assert!(self.update_account_tokens(&account, None, Some(tokens)).await.unwrap(), "first tokens");
        account
    }

    /// Somebody who may have sessions.
    pub(super) async fn user_id(&self) -> String {
        if self.scope == Scope::Sessions { random::uuid() } else { self.user().await.id }
    }

    /// Whom an account leads to.
    pub(super) async fn owner(&self, account: &Account) -> Option<User> {
        self.get_user_by_account(&account.provider, &account.provider_account_id).await.unwrap()
    }

    pub(super) fn new_session(&self, user_id: &str) -> SessionRecord {
        SessionRecord {
            token_hash: random::hex_token(),
            id: random::uuid(),
            user_id: user_id.to_owned(),
            created: self.now,
            renewed: self.now,
            expires: self.in_hours(1),
            max_age: HOUR,
            remembered: true,
            provider: PROVIDER.to_owned(),
            user_agent: Some("Mozilla/5.0 (X11; Linux x86_64)".to_owned()),
            address: Some("2001:db8::1".to_owned()),
        }
    }

    /// A running session.
    pub(super) async fn session(&self) -> SessionRecord {
        self.session_of(&self.user_id().await).await
    }

    pub(super) async fn session_of(&self, user_id: &str) -> SessionRecord {
        let session = self.new_session(user_id);
        self.create_session(&session).await.unwrap();
        session
    }

    pub(super) fn new_token(&self) -> VerificationToken {
        VerificationToken {
            identifier: format!("{}@example.com", random::uuid()),
            token_hash: random::hex_token(),
            expires: self.in_hours(1),
        }
    }

    /// A token that was mailed.
    pub(super) async fn token(&self) -> VerificationToken {
        let token = self.new_token();
        self.create_verification_token(&token).await.unwrap();
        token
    }

    /// Whether a token is good at that instant; then no more.
    pub(super) async fn uses(&self, token: &VerificationToken, now: Timestamp) -> bool {
        self.use_verification_token(&token.identifier, &token.token_hash, now).await.unwrap()
    }

    pub(super) fn new_authenticator(&self, user_id: &str) -> Authenticator {
        Authenticator {
            credential_id: random::token(),
            user_id: user_id.to_owned(),
            provider_account_id: random::token(),
            public_key: random::token(),
            counter: 0,
            device_type: "multiDevice".to_owned(),
            backed_up: true,
            transports: Some("internal,hybrid".to_owned()),
            name: Some("Fill's phone".to_owned()),
            created: self.now,
            used: None,
        }
    }

    /// A passkey of a new user.
    pub(super) async fn authenticator(&self) -> Authenticator {
        self.authenticator_of(&self.user().await.id).await
    }

    pub(super) async fn authenticator_of(&self, user_id: &str) -> Authenticator {
        let authenticator = self.new_authenticator(user_id);
        self.create_authenticator(&authenticator).await.unwrap();
        authenticator
    }

    pub(super) fn new_revocation(&self) -> Revocation {
        Revocation { revoked: Revoked::Session { id: random::uuid() }, expires: self.in_hours(1) }
    }

    /// Which of these are stored, in the order of their numbers.
    pub(super) async fn revocations_among(&self, ours: &[Revocation]) -> Vec<Revocation> {
        let (mut found, mut last) = (Vec::new(), 0);
        loop {
            let page = self.revocations_after(last, 2000).await.unwrap();
            let Some((number, _)) = page.last() else { return found };
            last = *number;
            found.extend(page.into_iter().map(|(_, revocation)| revocation).filter(|row| ours.contains(row)));
        }
    }
}

/// An account that nobody has.
pub(super) fn new_account() -> Account {
    Account { r#type: "oidc".to_owned(), provider: PROVIDER.to_owned(), provider_account_id: random::uuid() }
}

pub(super) fn is_conflict<T>(result: &Result<T, AdapterError>) -> bool {
    matches!(result, Err(AdapterError::Conflict))
}

pub(super) fn is_failed<T>(result: &Result<T, AdapterError>) -> bool {
    matches!(result, Err(AdapterError::Failed(_)))
}

/// Runs one future for each number at once; the results in that order.
pub(super) async fn at_once<T, F>(count: usize, make: impl Fn(usize) -> F) -> Vec<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let barrier = Arc::new(tokio::sync::Barrier::new(count));
    let begin = |index| {
        let (barrier, task) = (barrier.clone(), make(index));
        tokio::spawn(async move {
            barrier.wait().await;
            task.await
        })
    };
    let tasks: Vec<_> = (0..count).map(begin).collect();
    let mut results = Vec::with_capacity(count);
    for task in tasks {
        results.push(task.await.unwrap());
    }
    results
}
