//! Documents as MongoDB has them: the row's own key is `_id`.

use mongodb::bson::{Document, deserialize_from_document, serialize_to_document};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    adapter::{
        Account, AdapterError, Attempts, Revocation, User, UserRecord,
        document::{
            AccountDocument, AuthenticatorDocument, RevocationDocument, UserDocument, UserRecordDocument,
            failed,
        },
    },
    clock::Timestamp,
};

pub(super) fn to_document(row: &impl Serialize) -> Result<Document, AdapterError> {
    serialize_to_document(row).map_err(failed)
}

/// A document whose field of that name is its `_id`.
pub(super) fn to_row(row: &impl Serialize, key: &str) -> Result<Document, AdapterError> {
    let mut document = to_document(row)?;
    let id = document.remove(key).ok_or_else(|| failed("a document has no key"))?;
    document.insert("_id", id);
    Ok(document)
}

/// The other way round.
pub(super) fn from_row<D: DeserializeOwned>(mut document: Document, key: &str) -> Result<D, AdapterError> {
    let id = document.remove("_id").ok_or_else(|| failed("a document has no key"))?;
    document.insert(key, id);
    deserialize_from_document(document).map_err(failed)
}

/// A user with all that belongs to it but the sessions.
#[derive(Serialize, Deserialize)]
pub(super) struct UserRow {
    #[serde(flatten)]
    pub(super) user: UserDocument,
    pub(super) accounts: Vec<AccountElement>,
    pub(super) authenticators: Vec<AuthenticatorDocument>,
    /// Missing in documents that were written before there were any.
    #[serde(default)]
    pub(super) records: Vec<UserRecordDocument>,
}

impl UserRow {
    pub(super) fn write(&self) -> Result<Document, AdapterError> {
        to_row(self, "id")
    }

    pub(super) fn read(document: Document) -> Result<Self, AdapterError> {
        from_row(document, "id")
    }

    pub(super) fn into_user(self) -> User {
        self.user.into()
    }
}

/// An account among those of its user.
#[derive(Serialize, Deserialize)]
pub(super) struct AccountElement {
    /// See [`account_key`]: unique.
    pub(super) key: String,
    #[serde(flatten)]
    pub(super) account: AccountDocument,
}

impl AccountElement {
    pub(super) fn new(user_id: &str, account: &Account, tokens: Option<&str>, created: Timestamp) -> Self {
        let key = account_key(&account.provider, &account.provider_account_id);
        Self { key, account: AccountDocument::new(user_id, account, tokens, created) }
    }
}

/// One text for both parts that no other account has: one field can be indexed in arrays where two cannot.
pub(super) fn account_key(provider: &str, provider_account_id: &str) -> String {
    serde_json::json!([provider, provider_account_id]).to_string()
}

/// Revocations that were made together.
#[derive(Serialize, Deserialize)]
pub(super) struct RevocationBatch {
    /// The greatest number in it.
    last: i64,
    rows: Vec<RevocationElement>,
}

#[derive(Serialize, Deserialize)]
struct RevocationElement {
    number: i64,
    #[serde(flatten)]
    revocation: RevocationDocument,
}

impl RevocationBatch {
    /// With the numbers up to that one.
    pub(super) fn new(revocations: &[Revocation], last: i64) -> Self {
        let numbers = (last - revocations.len() as i64 + 1)..;
        let row = |(number, revocation)| RevocationElement {
            number,
            revocation: RevocationDocument::from(revocation),
        };
        Self { last, rows: numbers.zip(revocations).map(row).collect() }
    }

    pub(super) fn write(&self) -> Result<Document, AdapterError> {
        to_row(self, "last")
    }

    pub(super) fn read(document: Document) -> Result<Self, AdapterError> {
        from_row(document, "last")
    }

    /// Those with greater numbers.
    pub(super) fn after(self, number: i64) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let rows = self.rows.into_iter().filter(|row| row.number > number);
        rows.map(|row| Ok((row.number, row.revocation.try_into()?))).collect()
    }

    /// The numbers of those that have expired, at most that many.
    pub(super) fn expired(&self, now: Timestamp, limit: u32) -> Vec<i64> {
        let expired = self.rows.iter().filter(|row| row.revocation.expires <= now.as_millis());
        expired.map(|row| row.number).take(limit as usize).collect()
    }
}

/// Returns the record of a user whose `records` are unwound.
pub(super) fn record(document: &Document) -> Result<UserRecord, AdapterError> {
    let record = document.get_document("records").map_err(failed)?.clone();
    Ok(deserialize_from_document::<UserRecordDocument>(record).map_err(failed)?.into())
}

/// A count as it is stored.
pub(super) fn attempts(document: &Document) -> Result<Attempts, AdapterError> {
    let count = u32::try_from(document.get_i64("count").map_err(failed)?).unwrap_or(u32::MAX);
    let resets = Timestamp::from_millis(document.get_i64("resets").map_err(failed)?);
    Ok(Attempts { count, resets })
}
