//! The storage contract, with the terms of Auth.js: users, accounts, sessions, verification tokens, authenticators.
//!
//! Guarantees of every adapter, checked by [`contract`]: a first sign-in creates user and account in one transaction;
//! unique keys decide races, reported as [`AdapterError::Conflict`]; a token is used by exactly one caller; identifiers
//! are compared byte by byte; a failed call changes nothing; a call that has returned is not lost.
//!
//! Tokens are passed as hashes, unless [`Adapter::stored_session_token`] says otherwise, so an adapter never sees a value
//! that grants access. Times are passed too: no adapter uses the clock of its database.

#[cfg(test)]
#[cfg(any(feature = "redis", feature = "mongodb"))]
mod cases;
mod change;
mod connect;
pub mod contract;
mod copy;
mod database_url;
#[cfg(any(feature = "redis", feature = "mongodb"))]
mod document;
mod memory;
#[cfg(feature = "mongodb")]
mod mongodb;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(
    feature = "sqlite",
    feature = "postgres",
    feature = "mysql",
    feature = "redis",
    feature = "mongodb"
))]
mod retry;
mod split;
#[cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]
mod sql;

use std::time::Duration;

use crate::{clock::Timestamp, error::Source, hash};

/// How long a call of [`Adapter::add_revocations`] may take from numbering a row until others see it; adapters give up
/// earlier.
pub const REVOCATION_DELAY: Duration = Duration::from_secs(10);

/// The longest time that a call of one of our adapters takes, including the connection.
pub(crate) const CALL_LIMIT: Duration = Duration::from_secs(5);

#[cfg(feature = "mongodb")]
pub use self::mongodb::MongoAdapter;
#[cfg(feature = "redis")]
pub use self::redis::RedisAdapter;
pub use change::Change;
pub(crate) use connect::check as check_url;
pub use connect::{Purpose, connect, connect_auth_js};
pub use copy::{CopyError, Counts, Phase, copy};
pub(crate) use database_url::UrlError;
pub use memory::MemoryAdapter;
pub use split::SplitAdapter;
#[cfg(feature = "mysql")]
pub use sql::MySqlAdapter;
#[cfg(feature = "sqlite")]
pub use sql::SqliteAdapter;
#[cfg(feature = "postgres")]
pub use sql::{AuthJsAdapter, PostgresAdapter};

/// What the [`SessionRecord::token_hash`] of a stateless session begins with: no cookie finds its row.
pub(crate) const STATELESS: &str = "jwt:";

/// Tables of Auth.js that are used as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthJsTables {
    /// Those of `@auth/pg-adapter` and `@auth/neon-adapter`: `users`, `accounts`, `sessions`, `verification_token`.
    PgAdapter,
    /// Those of `@auth/prisma-adapter`: `User`, `Account`, `Session`, `VerificationToken`.
    Prisma,
}

impl AuthJsTables {
    /// By the word in `AUTH_TABLES`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "authjs" => Some(Self::PgAdapter),
            "prisma" => Some(Self::Prisma),
            _ => None,
        }
    }
}

/// A user as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Our own id: a UUID, unless the table makes its own.
    pub id: String,
    /// Display name.
    pub name: Option<String>,
    /// The address to show and to write to.
    pub email: Option<String>,
    /// When the address was proven; `None` for an address that somebody only claimed.
    pub email_verified: Option<Timestamp>,
    /// URL of a picture.
    pub image: Option<String>,
    /// When the user signed in first.
    pub created: Timestamp,
}

/// A way to sign in that belongs to a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Kind of provider: `oidc`, `oauth` or `credentials`.
    pub r#type: String,
    /// Provider id, for example `github`.
    pub provider: String,
    /// The provider's own id of the person: for OpenID Connect the `sub` claim.
    pub provider_account_id: String,
}

/// An account as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRecord {
    /// The account.
    pub account: Account,
    /// The provider's tokens, encrypted; `None` when there are none.
    pub tokens: Option<String>,
    /// When it was linked.
    pub created: Timestamp,
}

/// A session as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    /// What [`Adapter::stored_session_token`] makes of the token in the cookie; of a stateless session a text that
    /// begins with `jwt:`, to which no cookie leads.
    pub token_hash: String,
    /// Its public name: shown in lists, opens nothing.
    pub id: String,
    /// Whose it is.
    pub user_id: String,
    /// When the user signed in.
    pub created: Timestamp,
    /// When it was renewed last.
    pub renewed: Timestamp,
    /// Its end, unless it is renewed before.
    pub expires: Timestamp,
    /// How long it lives after a renewal.
    pub max_age: Duration,
    /// Whether its cookie outlives the browser.
    pub remembered: bool,
    /// Id of the provider that its user came by.
    pub provider: String,
    /// The browser, in its own words.
    pub user_agent: Option<String>,
    /// The address that the sign-in came from.
    pub address: Option<String>,
}

/// A passkey as stored: the public half, which opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticator {
    /// The credential's id, base64url.
    pub credential_id: String,
    /// Whose it is.
    pub user_id: String,
    /// The [`Account::provider_account_id`] of the account that came with it.
    pub provider_account_id: String,
    /// What signatures are checked with: the COSE key, base64url.
    pub public_key: String,
    /// How often it has signed, if it counts (WebAuthn section 6.1.1).
    pub counter: u32,
    /// `singleDevice` or `multiDevice`.
    pub device_type: String,
    /// Whether its owner's other devices have it too.
    pub backed_up: bool,
    /// How it is reached, comma-separated: `internal,hybrid`.
    pub transports: Option<String>,
    /// What its owner calls it.
    pub name: Option<String>,
    /// When it was registered.
    pub created: Timestamp,
    /// When it was used last.
    pub used: Option<Timestamp>,
}

/// What the core keeps of a user besides: the hash of a password, the secret of a second step, a device that is
/// remembered, a step that waits for another. Secrets come in hashed or encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    /// Whose it is.
    pub user_id: String,
    /// What it is, for example `password`.
    pub kind: String,
    /// Which of its kind; empty for what a user has once.
    pub id: String,
    /// What it says: text of the core.
    pub value: String,
    /// When it was written.
    pub created: Timestamp,
    /// From when on it counts as absent; `None`: never.
    pub expires: Option<Timestamp>,
}

/// Tokens of stateless sessions that no instance may accept any more.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Revocation {
    /// Which tokens.
    pub revoked: Revoked,
    /// When the last of them has expired.
    pub expires: Timestamp,
}

/// Which tokens are void.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Revoked {
    /// Those of one session.
    Session {
        /// The session's id.
        id: String,
    },
    /// Those of a user who signed in until then.
    User {
        /// The user.
        id: String,
        /// The last instant of a sign-in that is meant.
        before: Timestamp,
        /// The id of the session that is spared.
        except: Option<String>,
    },
    /// Those of a user that were issued until then: they are good, but have to be issued anew, because what they
    /// say of the user has changed.
    Change {
        /// The user.
        id: String,
        /// The last instant of issue that is meant.
        before: Timestamp,
    },
}

/// Proof that a mail was received: the hash of the token that it carried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerificationToken {
    /// [`EmailAddress::key`](crate::email::EmailAddress::key) of the recipient.
    pub identifier: String,
    /// Hash of the token.
    pub token_hash: String,
    /// Its end.
    pub expires: Timestamp,
}

/// What happened to an account, as stored: written once and never changed, and kept when its user is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// A UUID that begins with the time (version 7): records are in the order of their ids.
    pub id: String,
    /// Whose account; `None` when it is nobody's, as after a name that nobody has.
    pub user_id: Option<String>,
    /// When it happened.
    pub created: Timestamp,
    /// Until when it is kept.
    pub expires: Timestamp,
    /// What happened: a JSON object.
    pub data: String,
}

/// How often something was tried in the running window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// This attempt included.
    pub count: u32,
    /// When the window ends and counting begins anew.
    pub resets: Timestamp,
}

impl Attempts {
    /// Returns the latest end that a window of this length can have now. A window that ends later was opened while the
    /// clock was wrong, and counts as over. Clocks of instances may differ by one minute: without that tolerance an
    /// instance whose clock is behind would end the windows of the others.
    #[must_use]
    pub fn latest_reset(window: Duration, now: Timestamp) -> Timestamp {
        const CLOCK_SKEW: Duration = Duration::from_secs(60);
        now.plus(window).plus(CLOCK_SKEW)
    }
}

/// Why a call changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// A unique key is taken: somebody else was first.
    #[error("a unique key is taken")]
    Conflict,
    /// The database could not answer.
    #[error("{0}")]
    Failed(#[source] Source),
}

/// What a sign-in finds in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The account is this user's.
    OfAccount(User),
    /// The account is nobody's, and somebody has proven the address.
    OfAddress,
    /// Neither is anybody's.
    Nobody,
}

/// The storage behind the core. Every method is one atomic step.
///
/// Expired rows count as absent wherever `now` is given.
#[async_trait::async_trait]
pub trait Adapter: Send + Sync + 'static {
    /// Stores a user, and the account it came with and what its provider gave, in one transaction. The id it has now:
    /// the one that came in, unless the table makes its own.
    ///
    /// `email_key` is the canonical form of an address that is proven: unique, so two users never own one
    /// address. An address that is only claimed has none.
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] when the proven address or the account belongs to a user already.
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError>;

    /// The user with that id.
    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError>;

    /// The user who has proven that address.
    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError>;

    /// The user whom that account belongs to.
    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError>;

    /// Both questions of a first sign-in at once: whose the account is and, if it is nobody's, whether somebody has proven
    /// the address. A database that can answer them together should.
    async fn find_owner(
        &self,
        provider: &str,
        provider_account_id: &str,
        email_key: &str,
    ) -> Result<Owner, AdapterError> {
        if let Some(user) = self.get_user_by_account(provider, provider_account_id).await? {
            return Ok(Owner::OfAccount(user));
        }
        let owner = self.get_user_by_email(email_key).await?;
        Ok(owner.map_or(Owner::Nobody, |_| Owner::OfAddress))
    }

    /// Users in the order of their ids, from the first after that one (from the very first: an empty text); fewer than
    /// `limit` when there are no more.
    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError>;

    /// Applies changes to the stored data of one user in one transaction: all of them or none. Returns `false`, and changes
    /// nothing, if the user does not exist or a row is not as a change requires.
    ///
    /// The other methods that change a user's accounts, passkeys and records call this one with a single change.
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] if a verified address, an account or a credential id belongs to another user, or the
    /// account or passkey is already this user's.
    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError>;

    /// Removes a user with all accounts, sessions, authenticators and records. `false` when there is no such user.
    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError>;

    /// Adds an account of a provider to a user.
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] if the account already belongs to a user; [`AdapterError::Failed`] if the user does not
    /// exist.
    async fn link_account(
        &self,
        user_id: &str,
        account: &Account,
        now: Timestamp,
    ) -> Result<(), AdapterError> {
        let is_linked = self.change_user(user_id, &[Change::LinkAccount { account, now }]).await?;
        if is_linked { Ok(()) } else { Err(no_such_user()) }
    }

    /// Removes an account of a user. Returns `false` if the account is not this user's.
    async fn unlink_account(
        &self,
        user_id: &str,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<bool, AdapterError> {
        self.change_user(user_id, &[Change::UnlinkAccount { provider, provider_account_id }]).await
    }

    /// A user's accounts, the newest first.
    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError>;

    /// Replaces an account's tokens and ends a lease on them. `false` when they are no longer those of `from`, or the
    /// account is gone: a slow writer never puts back what another has replaced.
    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError>;

    /// Takes a lease on an account's tokens: `true` for exactly one caller until that instant, and only if they are
    /// still those of `tokens`.
    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError>;

    /// What a session's token is stored as: its SHA-256 in hexadecimal, so that a stolen backup opens nothing. Another
    /// answer is for tables that others write as well; nothing that begins with `jwt:` may come back.
    fn stored_session_token(&self, token: &str) -> String {
        hash::sha256_hex(&[token])
    }

    /// Stores a session.
    ///
    /// # Errors
    /// [`AdapterError::Failed`] when its user does not exist, if users are stored in the same place;
    /// [`AdapterError::Conflict`] when its token is taken.
    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError>;

    /// A running session.
    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError>;

    /// A running session and its user: what every request asks. One query where the store can.
    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let Some(session) = self.get_session(token_hash, now).await? else { return Ok(None) };
        let user = self.get_user(&session.user_id).await?;
        Ok(user.map(|user| (session, user)))
    }

    /// The running sessions of a user, the one that was renewed last first.
    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError>;

    /// Moves the end of a session from one instant to another, at `now`. `false` when it was ended or moved
    /// meanwhile: a slow request never revives a session.
    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError>;

    /// Ends a session. `false` when it was not there.
    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError>;

    /// Makes revocations known to all instances: all of them, or none.
    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError>;

    /// What was revoked after the one with that number, by number, at most `limit`, each with its own. Numbers begin
    /// above 0 and grow; one may become visible up to [`REVOCATION_DELAY`] after a greater one.
    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError>;

    /// Returns when the store says that something was revoked; never, if it cannot say so. Whoever waits asks
    /// [`revocations_after`](Self::revocations_after) twice a second all the same.
    async fn revoked(&self) {
        std::future::pending().await
    }

    /// Stores a token before its mail is sent.
    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError>;

    /// Consumes a token: `true` for exactly one caller, and only if both fields fit and it has not expired.
    /// All other tokens of the identifier die with it.
    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError>;

    /// Returns whether [`use_verification_token`](Self::use_verification_token) would succeed now. Changes nothing.
    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError>;

    /// Removes a token whose mail could not be sent.
    async fn delete_verification_token(&self, identifier: &str, token_hash: &str)
    -> Result<(), AdapterError>;

    /// Stores a passkey.
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] if its credential id is taken; [`AdapterError::Failed`] if the user does not exist.
    async fn create_authenticator(&self, authenticator: &Authenticator) -> Result<(), AdapterError> {
        let add = Change::AddAuthenticator(authenticator);
        if self.change_user(&authenticator.user_id, &[add]).await? { Ok(()) } else { Err(no_such_user()) }
    }

    /// The passkey with that credential id.
    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError>;

    /// A user's passkeys, the newest first.
    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError>;

    /// Notes a use: moves the counter from one value to another. `false` when it was moved meanwhile, or the passkey is
    /// gone: of two uses with one counter, one is a copy.
    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError>;

    /// Renames a passkey. Returns `false` if it is not this user's.
    async fn rename_authenticator(
        &self,
        user_id: &str,
        credential_id: &str,
        name: Option<&str>,
    ) -> Result<bool, AdapterError> {
        self.change_user(user_id, &[Change::RenameAuthenticator { credential_id, name }]).await
    }

    /// Removes a passkey. Returns `false` if it is not this user's.
    async fn delete_authenticator(&self, user_id: &str, credential_id: &str) -> Result<bool, AdapterError> {
        self.change_user(user_id, &[Change::RemoveAuthenticator { credential_id }]).await
    }

    /// Returns whether the methods for [`UserRecord`]s work, and changes of records in
    /// [`change_user`](Self::change_user). Without them there are no passwords, no two-factor authentication, and no account
    /// deletion after a grace period.
    fn keeps_user_records(&self) -> bool {
        false
    }

    /// What is kept of a user, by kind and id, expired or not.
    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        let _ = user_id;
        Err(no_user_records())
    }

    /// Stores a record: a new one if `from` is `None`; otherwise it replaces the record with the same user, kind and id, if
    /// that still has the value `from`. Returns `false` if a new record exists already, if the value has changed, or if the
    /// user does not exist. Of two concurrent writers only one succeeds.
    async fn put_user_record(&self, record: &UserRecord, from: Option<&str>) -> Result<bool, AdapterError> {
        self.change_user(&record.user_id, &[Change::PutRecord { record, from }]).await
    }

    /// Removes a record. Returns `true` to exactly one caller.
    async fn delete_user_record(&self, user_id: &str, kind: &str, id: &str) -> Result<bool, AdapterError> {
        self.change_user(user_id, &[Change::RemoveRecord { kind, id, value: None }]).await
    }

    /// Returns up to `limit` expired records of this kind, of all users, the ones that expired first before the others. They
    /// stay until they are removed. What must happen when a record expires is done by the caller.
    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        let _ = (kind, now, limit);
        Err(no_user_records())
    }

    /// Counts one more attempt under a key, atomically. The first one opens a window of length `window`. A window that ends
    /// later than [`Attempts::latest_reset`] counts as over.
    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError>;

    /// Subtracts up to `count` attempts that were counted under a key. The window stays.
    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError>;

    /// Stores what happened; `deliver`: it has to be told elsewhere as well.
    ///
    /// # Errors
    /// [`AdapterError::Conflict`] when its id is taken.
    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError>;

    /// What happened to a user's account, the newest first: before the record with that id (`None`: from the very last),
    /// at most `limit`. Also when there is no such user any more.
    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError>;

    /// All that happened, in the order of the ids, from the first after that one (from the very first: an empty text), at
    /// most `limit`.
    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError>;

    /// The same of what still has to be told elsewhere.
    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError>;

    /// Notes that a record need not be told any more. `true` for exactly one caller.
    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError>;

    /// Removes up to `limit` expired rows of each kind; the number removed. A store that lets rows expire by itself has
    /// nothing to do.
    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError>;

    /// Checks that the database accepts writes, with a write that changes nothing. A load balancer calls it every few seconds.
    ///
    /// # Errors
    /// [`AdapterError::Failed`] if the database cannot be reached or is read-only.
    async fn ping(&self) -> Result<(), AdapterError>;
}

fn no_such_user() -> AdapterError {
    AdapterError::Failed("there is no such user".into())
}

fn no_user_records() -> AdapterError {
    AdapterError::Failed("this store keeps no records of users".into())
}

/// Where a database for tests is. Such tests are ignored, unless `cargo xtask test` has started it.
#[cfg(test)]
#[allow(dead_code, reason = "a build without such a database has no test that asks")]
pub(crate) fn test_url(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable} is not set: see `cargo xtask services`"))
}
