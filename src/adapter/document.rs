//! Rows as documents, for stores that keep each as one value. Field names are those of the SQL tables.
//!
//! Instants and durations are whole milliseconds in 64 bits; `null` is stored as such, so that each document has all its
//! fields.

use std::{cmp::Reverse, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    Account, AccountRecord, AdapterError, AuditRecord, Authenticator, Revocation, Revoked, SessionRecord,
    User, UserRecord,
};
use crate::{clock::Timestamp, error::Source};

/// A user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UserDocument {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// The proven address: unique.
    pub(super) email_key: Option<String>,
    pub(super) email_verified: Option<i64>,
    pub(super) image: Option<String>,
    pub(super) created: i64,
}

impl UserDocument {
    pub(super) fn new(user: &User, email_key: Option<&str>) -> Self {
        Self {
            id: user.id.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            email_key: email_key.map(str::to_owned),
            email_verified: user.email_verified.map(Timestamp::as_millis),
            image: user.image.clone(),
            created: user.created.as_millis(),
        }
    }
}

impl From<UserDocument> for User {
    fn from(document: UserDocument) -> Self {
        Self {
            id: document.id,
            name: document.name,
            email: document.email,
            email_verified: document.email_verified.map(Timestamp::from_millis),
            image: document.image,
            created: Timestamp::from_millis(document.created),
        }
    }
}

/// A way to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AccountDocument {
    pub(super) r#type: String,
    pub(super) provider: String,
    pub(super) provider_account_id: String,
    pub(super) user_id: String,
    pub(super) tokens: Option<String>,
    pub(super) tokens_leased_until: Option<i64>,
    pub(super) created: i64,
}

impl AccountDocument {
    pub(super) fn new(user_id: &str, account: &Account, tokens: Option<&str>, created: Timestamp) -> Self {
        Self {
            r#type: account.r#type.clone(),
            provider: account.provider.clone(),
            provider_account_id: account.provider_account_id.clone(),
            user_id: user_id.to_owned(),
            tokens: tokens.map(str::to_owned),
            tokens_leased_until: None,
            created: created.as_millis(),
        }
    }
}

impl From<AccountDocument> for AccountRecord {
    fn from(document: AccountDocument) -> Self {
        let account = Account {
            r#type: document.r#type,
            provider: document.provider,
            provider_account_id: document.provider_account_id,
        };
        Self { account, tokens: document.tokens, created: Timestamp::from_millis(document.created) }
    }
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SessionDocument {
    pub(super) token_hash: String,
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) created: i64,
    pub(super) renewed: i64,
    pub(super) expires: i64,
    pub(super) max_age: i64,
    pub(super) remembered: bool,
    pub(super) provider: String,
    pub(super) user_agent: Option<String>,
    pub(super) address: Option<String>,
}

impl From<&SessionRecord> for SessionDocument {
    fn from(session: &SessionRecord) -> Self {
        Self {
            token_hash: session.token_hash.clone(),
            id: session.id.clone(),
            user_id: session.user_id.clone(),
            created: session.created.as_millis(),
            renewed: session.renewed.as_millis(),
            expires: session.expires.as_millis(),
            max_age: i64::try_from(session.max_age.as_millis()).unwrap_or(i64::MAX),
            remembered: session.remembered,
            provider: session.provider.clone(),
            user_agent: session.user_agent.clone(),
            address: session.address.clone(),
        }
    }
}

impl From<SessionDocument> for SessionRecord {
    fn from(document: SessionDocument) -> Self {
        Self {
            token_hash: document.token_hash,
            id: document.id,
            user_id: document.user_id,
            created: Timestamp::from_millis(document.created),
            renewed: Timestamp::from_millis(document.renewed),
            expires: Timestamp::from_millis(document.expires),
            max_age: Duration::from_millis(u64::try_from(document.max_age).unwrap_or(0)),
            remembered: document.remembered,
            provider: document.provider,
            user_agent: document.user_agent,
            address: document.address,
        }
    }
}

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuthenticatorDocument {
    pub(super) credential_id: String,
    pub(super) user_id: String,
    pub(super) provider_account_id: String,
    pub(super) public_key: String,
    /// Wider than it is, because not every store knows unsigned numbers.
    pub(super) counter: i64,
    pub(super) device_type: String,
    pub(super) backed_up: bool,
    pub(super) transports: Option<String>,
    pub(super) name: Option<String>,
    pub(super) created: i64,
    pub(super) used: Option<i64>,
}

impl From<&Authenticator> for AuthenticatorDocument {
    fn from(authenticator: &Authenticator) -> Self {
        Self {
            credential_id: authenticator.credential_id.clone(),
            user_id: authenticator.user_id.clone(),
            provider_account_id: authenticator.provider_account_id.clone(),
            public_key: authenticator.public_key.clone(),
            counter: i64::from(authenticator.counter),
            device_type: authenticator.device_type.clone(),
            backed_up: authenticator.backed_up,
            transports: authenticator.transports.clone(),
            name: authenticator.name.clone(),
            created: authenticator.created.as_millis(),
            used: authenticator.used.map(Timestamp::as_millis),
        }
    }
}

impl From<AuthenticatorDocument> for Authenticator {
    fn from(document: AuthenticatorDocument) -> Self {
        Self {
            credential_id: document.credential_id,
            user_id: document.user_id,
            provider_account_id: document.provider_account_id,
            public_key: document.public_key,
            counter: u32::try_from(document.counter).unwrap_or(u32::MAX),
            device_type: document.device_type,
            backed_up: document.backed_up,
            transports: document.transports,
            name: document.name,
            created: Timestamp::from_millis(document.created),
            used: document.used.map(Timestamp::from_millis),
        }
    }
}

/// Tokens that are void.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RevocationDocument {
    /// `session`, `user` or `change`.
    kind: String,
    /// The id of what is meant.
    subject: String,
    before: i64,
    except_id: Option<String>,
    pub(super) expires: i64,
}

impl From<&Revocation> for RevocationDocument {
    fn from(revocation: &Revocation) -> Self {
        let (kind, subject, before, except) = match &revocation.revoked {
            Revoked::Session { id } => ("session", id, 0, None),
            Revoked::User { id, before, except } => ("user", id, before.as_millis(), except.clone()),
            Revoked::Change { id, before } => ("change", id, before.as_millis(), None),
        };
        Self {
            kind: kind.to_owned(),
            subject: subject.clone(),
            before,
            except_id: except,
            expires: revocation.expires.as_millis(),
        }
    }
}

impl TryFrom<RevocationDocument> for Revocation {
    type Error = AdapterError;

    fn try_from(document: RevocationDocument) -> Result<Self, AdapterError> {
        let (id, before) = (document.subject, Timestamp::from_millis(document.before));
        let revoked = match document.kind.as_str() {
            "session" => Revoked::Session { id },
            "user" => Revoked::User { id, before, except: document.except_id },
            "change" => Revoked::Change { id, before },
            _ => return Err(failed("a revocation is of no known kind")),
        };
        Ok(Self { revoked, expires: Timestamp::from_millis(document.expires) })
    }
}

/// What is kept of a user besides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct UserRecordDocument {
    pub(super) user_id: String,
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) value: String,
    pub(super) created: i64,
    pub(super) expires: Option<i64>,
}

impl From<&UserRecord> for UserRecordDocument {
    fn from(record: &UserRecord) -> Self {
        Self {
            user_id: record.user_id.clone(),
            kind: record.kind.clone(),
            id: record.id.clone(),
            value: record.value.clone(),
            created: record.created.as_millis(),
            expires: record.expires.map(Timestamp::as_millis),
        }
    }
}

impl From<UserRecordDocument> for UserRecord {
    fn from(document: UserRecordDocument) -> Self {
        Self {
            user_id: document.user_id,
            kind: document.kind,
            id: document.id,
            value: document.value,
            created: Timestamp::from_millis(document.created),
            expires: document.expires.map(Timestamp::from_millis),
        }
    }
}

/// What happened to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AuditDocument {
    pub(super) id: String,
    pub(super) user_id: Option<String>,
    pub(super) created: i64,
    pub(super) expires: i64,
    pub(super) data: String,
}

impl From<&AuditRecord> for AuditDocument {
    fn from(record: &AuditRecord) -> Self {
        Self {
            id: record.id.clone(),
            user_id: record.user_id.clone(),
            created: record.created.as_millis(),
            expires: record.expires.as_millis(),
            data: record.data.clone(),
        }
    }
}

impl From<AuditDocument> for AuditRecord {
    fn from(document: AuditDocument) -> Self {
        Self {
            id: document.id,
            user_id: document.user_id,
            created: Timestamp::from_millis(document.created),
            expires: Timestamp::from_millis(document.expires),
            data: document.data,
        }
    }
}

/// A user's accounts in the order of the list: the newest first.
pub(super) fn to_accounts(mut documents: Vec<AccountDocument>) -> Vec<AccountRecord> {
    let order = |document: &AccountDocument| {
        (Reverse(document.created), document.provider.clone(), document.provider_account_id.clone())
    };
    documents.sort_by_cached_key(order);
    documents.into_iter().map(AccountRecord::from).collect()
}

/// A user's passkeys in the order of the list: the newest first.
pub(super) fn to_authenticators(mut documents: Vec<AuthenticatorDocument>) -> Vec<Authenticator> {
    documents.sort_by_cached_key(|document| (Reverse(document.created), document.credential_id.clone()));
    documents.into_iter().map(Authenticator::from).collect()
}

/// A user's sessions in the order of the list: the one that was renewed last first.
pub(super) fn to_sessions(mut documents: Vec<SessionDocument>) -> Vec<SessionRecord> {
    documents.sort_by_cached_key(|document| (Reverse(document.renewed), document.id.clone()));
    documents.into_iter().map(SessionRecord::from).collect()
}

/// A user's records in the order of the list.
pub(super) fn to_user_records(mut documents: Vec<UserRecordDocument>) -> Vec<UserRecord> {
    documents.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
    documents.into_iter().map(UserRecord::from).collect()
}

/// The database could not answer, for that reason.
pub(super) fn failed(reason: impl Into<Source>) -> AdapterError {
    AdapterError::Failed(reason.into())
}
