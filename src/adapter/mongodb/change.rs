//! Changes of one user in MongoDB: reads the document, changes it in memory, and replaces it if it has not changed since.
//!
//! Rule: a user is one document, so replacing it is atomic on every server, even without transactions.

use mongodb::bson::{Document, doc};

use super::{
    MongoAdapter,
    document::{AccountElement, UserRow, account_key},
};
use crate::{
    adapter::{
        AdapterError, Change,
        document::{AuthenticatorDocument, UserRecordDocument},
    },
    clock::Timestamp,
};

impl MongoAdapter {
    /// Returns whether the changes were applied; `None` if the document was changed meanwhile and the caller must retry.
    pub(super) async fn try_changes(
        &self,
        user_id: &str,
        changes: &[Change<'_>],
    ) -> Result<Option<bool>, AdapterError> {
        let users = self.users();
        let Some(before) = users.find_one(doc! { "_id": { "$eq": user_id } }).await? else {
            return Ok(Some(false));
        };
        let mut row = UserRow::read(before.clone())?;
        for change in changes {
            if !row.apply(user_id, change)? {
                return Ok(Some(false));
            }
        }
        let replaced = users.replace_one(unchanged(&before), row.write()?).await?;
        Ok((replaced.matched_count == 1).then_some(true))
    }
}

/// Returns a filter that matches the document only if it is still as it was read.
fn unchanged(before: &Document) -> Document {
    let mut filter: Document =
        before.iter().map(|(field, value)| (field.clone(), doc! { "$eq": value.clone() }.into())).collect();
    // Documents written before records existed lack this field until the first record is stored.
    filter.entry("records".to_owned()).or_insert_with(|| doc! { "$exists": false }.into());
    filter
}

impl UserRow {
    /// Applies a change, or returns `false` if it cannot be applied. The unique indexes decide whether another user has
    /// the same address, account or passkey.
    fn apply(&mut self, user_id: &str, change: &Change<'_>) -> Result<bool, AdapterError> {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        match *change {
            Change::Name(name) => self.user.name = owned(name),
            Change::Image(image) => self.user.image = owned(image),
            Change::Email { email, key, verified } => {
                (self.user.email, self.user.email_key) = (owned(email), owned(key));
                self.user.email_verified = verified.map(Timestamp::as_millis);
            }
            Change::LinkAccount { account, now } => {
                let element = AccountElement::new(user_id, account, None, now);
                // The unique index does not compare elements within the same document.
                if self.accounts.iter().any(|other| other.key == element.key) {
                    return Err(AdapterError::Conflict);
                }
                self.accounts.push(element);
            }
            Change::UnlinkAccount { provider, provider_account_id } => {
                let key = account_key(provider, provider_account_id);
                return Ok(remove(&mut self.accounts, |element| element.key == key));
            }
            Change::AddAuthenticator(authenticator) => {
                let new = AuthenticatorDocument::from(authenticator);
                if self.authenticators.iter().any(|other| other.credential_id == new.credential_id) {
                    return Err(AdapterError::Conflict);
                }
                self.authenticators.push(new);
            }
            Change::RenameAuthenticator { credential_id, name } => {
                let mut all = self.authenticators.iter_mut();
                let Some(passkey) = all.find(|passkey| passkey.credential_id == credential_id) else {
                    return Ok(false);
                };
                passkey.name = owned(name);
            }
            Change::RemoveAuthenticator { credential_id } => {
                return Ok(remove(&mut self.authenticators, |passkey| {
                    passkey.credential_id == credential_id
                }));
            }
            Change::PutRecord { record, from } => {
                let new = UserRecordDocument::from(record);
                let mut all = self.records.iter_mut();
                let former = all.find(|other| other.kind == new.kind && other.id == new.id);
                match (former, from) {
                    (None, None) => self.records.push(new),
                    (Some(former), Some(from)) if former.value == from => *former = new,
                    _ => return Ok(false),
                }
            }
            Change::RemoveRecord { kind, id, value } => {
                let fits = |record: &UserRecordDocument| {
                    record.kind == kind && record.id == id && value.is_none_or(|value| record.value == value)
                };
                return Ok(remove(&mut self.records, fits));
            }
        }
        Ok(true)
    }
}

/// Removes the element that fits. Returns whether there was one.
fn remove<T>(elements: &mut Vec<T>, fits: impl Fn(&T) -> bool) -> bool {
    let before = elements.len();
    elements.retain(|element| !fits(element));
    elements.len() < before
}
