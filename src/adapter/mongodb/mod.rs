//! The MongoDB adapter. A user is one document that contains its accounts and passkeys, so that every change of a user, such
//! as a first sign-in or a removal, changes one document: that is atomic on every server, even without transactions.
//!
//! No collation is used, so texts are compared byte by byte. Every condition is `{ field: { $eq: value } }` or a similar
//! operator with a typed value, so text that looks like an operator stays text. Each condition on the field of a partial
//! index implies the filter of that index; otherwise the server would not use the index.

mod change;
mod document;
#[cfg(test)]
mod on_mongodb;

use std::time::Duration;

use mongodb::{
    Client, Collection, Database, IndexModel,
    bson::{Document, doc},
    error::{ErrorKind, WriteFailure},
    options::{
        Acknowledgment, ClientOptions, FindOneAndUpdateOptions, IndexOptions, ReturnDocument, Tls,
        WriteConcern,
    },
};

use super::{
    Account, AccountRecord, Adapter, AdapterError, Attempts, AuditRecord, Authenticator, CALL_LIMIT, Change,
    Revocation, SessionRecord, User, UserRecord, VerificationToken,
    document::{
        AuditDocument, SessionDocument, UserDocument, failed, to_accounts, to_authenticators, to_sessions,
        to_user_records,
    },
    retry,
};
use crate::clock::Timestamp;
use document::{AccountElement, RevocationBatch, UserRow, account_key, from_row, to_row};

/// The longest that a call takes, its connection included.
const LIMIT: Duration = CALL_LIMIT;
/// Mailed tokens that an address can have at a time: the oldest one gives way.
const MOST_TOKENS: i32 = 1000;

/// An adapter for MongoDB 5.0 and newer.
pub struct MongoAdapter {
    database: Database,
    users_are_elsewhere: bool,
}

impl MongoAdapter {
    /// Connects to `mongodb://user:password@host/database` or `mongodb+srv://…` and makes the indexes that are missing.
    /// Without a database in the address it is `leptos-auth`.
    ///
    /// Unless the address says otherwise, a write is answered when a majority of the servers has it on disk.
    ///
    /// # Errors
    /// [`AdapterError::Failed`] when the address is none, nobody answers within five seconds, or an index cannot be
    /// made.
    pub async fn connect(url: &str) -> Result<Self, AdapterError> {
        within(async {
            let mut options = ClientOptions::parse(url).await?;
            trust_system(&mut options);
            options.app_name.get_or_insert_with(|| "leptos-auth".to_owned());
            options.connect_timeout.get_or_insert(LIMIT);
            options.server_selection_timeout.get_or_insert(LIMIT);
            options.write_concern.get_or_insert_with(|| {
                WriteConcern::builder().w(Acknowledgment::Majority).journal(true).build()
            });
            let name = options.default_database.clone().unwrap_or_else(|| "leptos-auth".to_owned());
            let adapter =
                Self { database: Client::with_options(options)?.database(&name), users_are_elsewhere: false };
            adapter.make_indexes().await?;
            Ok(adapter)
        })
        .await
    }

    /// For sessions whose users are in another store: they need not exist here.
    #[must_use]
    pub fn sessions_only(self) -> Self {
        Self { users_are_elsewhere: true, ..self }
    }

    /// Making one that is there changes nothing, so many may start at once.
    async fn make_indexes(&self) -> Result<(), AdapterError> {
        let users = ["email_key", "accounts.key", "authenticators.credential_id"].map(unique);
        self.users().create_indexes(users).await?;
        self.users().create_index(plain("records.expires")).await?;
        self.sessions().create_indexes(["user_id", "expires"].map(plain)).await?;
        self.tokens().create_index(plain("expires")).await?;
        self.attempts().create_index(plain("resets")).await?;
        self.revocations().create_index(plain("rows.expires")).await?;
        let of_user = IndexModel::builder().keys(doc! { "user_id": 1, "_id": -1 }).build();
        let undelivered = IndexModel::builder().keys(doc! { "undelivered": 1, "_id": 1 }).build();
        self.audit().create_indexes([of_user, undelivered, plain("expires")]).await?;
        Ok(())
    }

    fn collection(&self, name: &str) -> Collection<Document> {
        self.database.collection(name)
    }

    fn users(&self) -> Collection<Document> {
        self.collection("users")
    }

    fn sessions(&self) -> Collection<Document> {
        self.collection("sessions")
    }

    fn tokens(&self) -> Collection<Document> {
        self.collection("verification_tokens")
    }

    fn attempts(&self) -> Collection<Document> {
        self.collection("attempts")
    }

    fn revocations(&self) -> Collection<Document> {
        self.collection("revocations")
    }

    fn audit(&self) -> Collection<Document> {
        self.collection("audit")
    }

    /// What happened, in the order of the ids.
    async fn find_audit(&self, filter: Document, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        let found = within(self.find(&self.audit(), filter, "_id", limit)).await?;
        found.into_iter().map(|row| Ok(from_row::<AuditDocument>(row, "id")?.into())).collect()
    }

    async fn find_user(&self, filter: Document) -> Result<Option<UserRow>, AdapterError> {
        within(async { self.users().find_one(filter).await?.map(UserRow::read).transpose() }).await
    }

    /// Changes the matching array element of one user. Returns whether there was one.
    async fn change_element(
        &self,
        filter: Document,
        change: Document,
        element: Document,
    ) -> Result<bool, AdapterError> {
        within(async {
            let users = self.users();
            let update = users.update_one(filter, doc! { "$set": change }).array_filters(vec![element]);
            Ok(update.await?.matched_count == 1)
        })
        .await
    }

    /// Changes an account that is as `expected` says.
    async fn change_account(
        &self,
        account: &Account,
        mut expected: Document,
        change: Document,
    ) -> Result<bool, AdapterError> {
        let key = account_key(&account.provider, &account.provider_account_id);
        expected.insert("key", doc! { "$eq": &key });
        let filter = doc! { "accounts.key": { "$eq": &key }, "accounts": { "$elemMatch": expected } };
        self.change_element(filter, change, doc! { "element.key": { "$eq": key } }).await
    }

    async fn require_user(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        if self.users_are_elsewhere || self.get_user(&session.user_id).await?.is_some() {
            return Ok(());
        }
        Err(no_such_user())
    }

    /// The documents of a collection that fit, at most that many.
    async fn find(
        &self,
        collection: &Collection<Document>,
        filter: Document,
        order: &str,
        limit: u32,
    ) -> Result<Vec<Document>, AdapterError> {
        let mut found = Vec::new();
        if limit > 0 {
            let mut cursor = collection.find(filter).sort(doc! { order: 1 }).limit(i64::from(limit)).await?;
            while cursor.advance().await? {
                found.push(cursor.deserialize_current()?);
            }
        }
        Ok(found)
    }

    /// Removes expired documents, and no more than that many.
    async fn purge(
        &self,
        collection: &Collection<Document>,
        end: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<u64, AdapterError> {
        let expired = doc! { "$lte": now.as_millis() };
        let found = self.find(collection, doc! { end: expired.clone() }, end, limit).await?;
        let ids: Vec<_> = found.into_iter().filter_map(|mut document| document.remove("_id")).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        // Once more the time: one of them may have been renewed meanwhile.
        let filter = doc! { "_id": { "$in": ids }, end: expired };
        Ok(collection.delete_many(filter).await?.deleted_count)
    }

    /// Takes expired revocations out of their batches, and batches away that are empty.
    async fn purge_revocations(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let filter = doc! { "rows.expires": { "$lte": now.as_millis() } };
        let mut removed = 0;
        for batch in self.find(&self.revocations(), filter, "_id", limit).await? {
            let id = batch.get_i64("_id").map_err(failed)?;
            let numbers = RevocationBatch::read(batch)?.expired(now, limit - removed);
            removed += numbers.len() as u32;
            let one = doc! { "_id": { "$eq": id } };
            self.revocations()
                .update_one(one, doc! { "$pull": { "rows": { "number": { "$in": numbers } } } })
                .await?;
            self.revocations().delete_one(doc! { "_id": { "$eq": id }, "rows": { "$size": 0 } }).await?;
        }
        Ok(u64::from(removed))
    }
}

#[async_trait::async_trait]
impl Adapter for MongoAdapter {
    async fn create_user(
        &self,
        user: &User,
        email_key: Option<&str>,
        account: Option<&Account>,
        tokens: Option<&str>,
    ) -> Result<String, AdapterError> {
        let accounts = account.map(|account| AccountElement::new(&user.id, account, tokens, user.created));
        let user_document = UserDocument::new(user, email_key);
        let row = UserRow {
            user: user_document,
            accounts: accounts.into_iter().collect(),
            authenticators: vec![],
            records: vec![],
        };
        let row = row.write()?;
        within(async { Ok(self.users().insert_one(row).await.map(drop)?) }).await?;
        Ok(user.id.clone())
    }

    async fn get_user(&self, id: &str) -> Result<Option<User>, AdapterError> {
        Ok(self.find_user(doc! { "_id": { "$eq": id } }).await?.map(UserRow::into_user))
    }

    async fn get_user_by_email(&self, email_key: &str) -> Result<Option<User>, AdapterError> {
        Ok(self.find_user(doc! { "email_key": { "$eq": email_key } }).await?.map(UserRow::into_user))
    }

    async fn get_user_by_account(
        &self,
        provider: &str,
        provider_account_id: &str,
    ) -> Result<Option<User>, AdapterError> {
        let key = account_key(provider, provider_account_id);
        Ok(self.find_user(doc! { "accounts.key": { "$eq": key } }).await?.map(UserRow::into_user))
    }

    async fn list_users(&self, after: &str, limit: u32) -> Result<Vec<User>, AdapterError> {
        let filter = doc! { "_id": { "$gt": after } };
        let found = within(self.find(&self.users(), filter, "_id", limit)).await?;
        found.into_iter().map(|row| UserRow::read(row).map(UserRow::into_user)).collect()
    }

    async fn change_user(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        within(async {
            let mut retries = 0;
            loop {
                if let Some(is_done) = self.try_changes(user_id, changes).await? {
                    return Ok(is_done);
                }
                retries += 1;
                retry::pause(retries).await;
            }
        })
        .await
    }

    /// The user goes first: what is left of sessions then opens nothing, whether or not it can be removed.
    async fn delete_user(&self, id: &str) -> Result<bool, AdapterError> {
        within(async {
            let deleted = self.users().delete_one(doc! { "_id": { "$eq": id } }).await?;
            self.sessions().delete_many(doc! { "user_id": { "$eq": id } }).await?;
            Ok(deleted.deleted_count == 1)
        })
        .await
    }

    async fn get_accounts(&self, user_id: &str) -> Result<Vec<AccountRecord>, AdapterError> {
        let row = self.find_user(doc! { "_id": { "$eq": user_id } }).await?;
        let accounts = row.map(|row| row.accounts).unwrap_or_default();
        Ok(to_accounts(accounts.into_iter().map(|element| element.account).collect()))
    }

    async fn update_account_tokens(
        &self,
        account: &Account,
        from: Option<&str>,
        to: Option<&str>,
    ) -> Result<bool, AdapterError> {
        let change = doc! {
            "accounts.$[element].tokens": to,
            "accounts.$[element].tokens_leased_until": null,
        };
        self.change_account(account, doc! { "tokens": { "$eq": from } }, change).await
    }

    async fn lease_account_tokens(
        &self,
        account: &Account,
        tokens: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let expected = doc! {
            "tokens": { "$eq": tokens },
            "tokens_leased_until": { "$not": { "$gt": now.as_millis() } },
        };
        let change = doc! { "accounts.$[element].tokens_leased_until": until.as_millis() };
        self.change_account(account, expected, change).await
    }

    /// The user is looked for once more when the session is there: [`delete_user`](Adapter::delete_user) finds it, or
    /// this call finds the user gone.
    async fn create_session(&self, session: &SessionRecord) -> Result<(), AdapterError> {
        let row = to_row(&SessionDocument::from(session), "token_hash")?;
        within(async {
            self.require_user(session).await?;
            self.sessions().insert_one(row).await?;
            let user = self.require_user(session).await;
            if user.is_err() {
                self.delete_session(&session.token_hash).await?;
            }
            user
        })
        .await
    }

    async fn get_session(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<SessionRecord>, AdapterError> {
        let filter = doc! { "_id": { "$eq": token_hash }, "expires": { "$gt": now.as_millis() } };
        let found = within(async { Ok(self.sessions().find_one(filter).await?) }).await?;
        found.map(|row| Ok(from_row::<SessionDocument>(row, "token_hash")?.into())).transpose()
    }

    async fn get_session_and_user(
        &self,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(SessionRecord, User)>, AdapterError> {
        let steps = [
            doc! { "$match": { "_id": { "$eq": token_hash }, "expires": { "$gt": now.as_millis() } } },
            doc! { "$lookup": { "from": "users", "localField": "user_id", "foreignField": "_id", "as": "users" } },
        ];
        let mut row = within(async {
            let mut cursor = self.sessions().aggregate(steps).await?;
            Ok(if cursor.advance().await? { cursor.deserialize_current()? } else { Document::new() })
        })
        .await?;
        let Ok(users) = row.get_array_mut("users").map(std::mem::take) else { return Ok(None) };
        let Some(mongodb::bson::Bson::Document(user)) = users.into_iter().next() else { return Ok(None) };
        let session = from_row::<SessionDocument>(row, "token_hash")?;
        Ok(Some((session.into(), UserRow::read(user)?.into_user())))
    }

    async fn list_sessions(&self, user_id: &str, now: Timestamp) -> Result<Vec<SessionRecord>, AdapterError> {
        let filter = doc! { "user_id": { "$eq": user_id }, "expires": { "$gt": now.as_millis() } };
        let rows = within(self.find(&self.sessions(), filter, "_id", u32::MAX)).await?;
        let sessions = rows.into_iter().map(|row| from_row(row, "token_hash"));
        Ok(to_sessions(sessions.collect::<Result<_, _>>()?))
    }

    async fn update_session(
        &self,
        token_hash: &str,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        if from <= now {
            return Ok(false);
        }
        let filter = doc! { "_id": { "$eq": token_hash }, "expires": { "$eq": from.as_millis() } };
        let change = doc! { "$set": { "expires": to.as_millis(), "renewed": now.as_millis() } };
        within(async { Ok(self.sessions().update_one(filter, change).await?.matched_count == 1) }).await
    }

    async fn delete_session(&self, token_hash: &str) -> Result<bool, AdapterError> {
        let filter = doc! { "_id": { "$eq": token_hash } };
        within(async { Ok(self.sessions().delete_one(filter).await?.deleted_count == 1) }).await
    }

    /// One document for all of them: they are there together, or not at all.
    async fn add_revocations(&self, revocations: &[Revocation]) -> Result<(), AdapterError> {
        let Ok(count @ 1..) = i64::try_from(revocations.len()) else { return Ok(()) };
        within(async {
            let counter = doc! { "_id": { "$eq": "revocations" } };
            let counters = self.collection("counters");
            let count = doc! { "$inc": { "last": count } };
            let last = loop {
                let counted = counters.find_one_and_update(counter.clone(), count.clone());
                match counted.with_options(upsert()).await {
                    Ok(Some(counted)) => break counted,
                    Err(error) if !is_duplicate(&error) => return Err(error.into()),
                    // Two first ones at once: the counter is there now. A number that is left out does no harm.
                    _made_by_another => {}
                }
            };
            let last = last.get_i64("last").map_err(failed)?;
            self.revocations().insert_one(RevocationBatch::new(revocations, last).write()?).await?;
            Ok(())
        })
        .await
    }

    async fn revocations_after(
        &self,
        number: i64,
        limit: u32,
    ) -> Result<Vec<(i64, Revocation)>, AdapterError> {
        let filter = doc! { "_id": { "$gt": number } };
        let batches = within(self.find(&self.revocations(), filter, "_id", limit)).await?;
        let mut rows = Vec::new();
        for batch in batches {
            rows.extend(RevocationBatch::read(batch)?.after(number)?);
        }
        rows.truncate(limit as usize);
        Ok(rows)
    }

    async fn create_verification_token(&self, token: &VerificationToken) -> Result<(), AdapterError> {
        let element = doc! { "token_hash": &token.token_hash, "expires": token.expires.as_millis() };
        let change = doc! {
            "$push": { "tokens": { "$each": [element], "$slice": -MOST_TOKENS } },
            "$max": { "expires": token.expires.as_millis() },
        };
        within(async {
            loop {
                let filter = doc! { "_id": { "$eq": &token.identifier } };
                match self.tokens().update_one(filter, change.clone()).upsert(true).await {
                    // Two first tokens at once: the document is there now.
                    Err(error) if is_duplicate(&error) => {}
                    result => return Ok(result.map(drop)?),
                }
            }
        })
        .await
    }

    async fn use_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let token = doc! { "token_hash": { "$eq": token_hash }, "expires": { "$gt": now.as_millis() } };
        let filter = doc! { "_id": { "$eq": identifier }, "tokens": { "$elemMatch": token } };
        within(async { Ok(self.tokens().delete_one(filter).await?.deleted_count == 1) }).await
    }

    async fn has_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let token = doc! { "token_hash": { "$eq": token_hash }, "expires": { "$gt": now.as_millis() } };
        let filter = doc! { "_id": { "$eq": identifier }, "tokens": { "$elemMatch": token } };
        within(async { Ok(self.tokens().find_one(filter).await?.is_some()) }).await
    }

    async fn delete_verification_token(
        &self,
        identifier: &str,
        token_hash: &str,
    ) -> Result<(), AdapterError> {
        let filter = doc! { "_id": { "$eq": identifier } };
        let change = doc! { "$pull": { "tokens": { "token_hash": { "$eq": token_hash } } } };
        within(async { Ok(self.tokens().update_one(filter, change).await.map(drop)?) }).await
    }

    async fn get_authenticator(&self, credential_id: &str) -> Result<Option<Authenticator>, AdapterError> {
        let row = self.find_user(doc! { "authenticators.credential_id": { "$eq": credential_id } }).await?;
        let mut authenticators = row.map(|row| row.authenticators).unwrap_or_default().into_iter();
        Ok(authenticators.find(|element| element.credential_id == credential_id).map(Authenticator::from))
    }

    async fn list_authenticators(&self, user_id: &str) -> Result<Vec<Authenticator>, AdapterError> {
        let row = self.find_user(doc! { "_id": { "$eq": user_id } }).await?;
        Ok(to_authenticators(row.map(|row| row.authenticators).unwrap_or_default()))
    }

    async fn use_authenticator(
        &self,
        credential_id: &str,
        from: u32,
        to: u32,
        backed_up: bool,
        now: Timestamp,
    ) -> Result<bool, AdapterError> {
        let element =
            doc! { "credential_id": { "$eq": credential_id }, "counter": { "$eq": i64::from(from) } };
        let filter = doc! {
            "authenticators.credential_id": { "$eq": credential_id },
            "authenticators": { "$elemMatch": element },
        };
        let change = doc! {
            "authenticators.$[element].counter": i64::from(to),
            "authenticators.$[element].backed_up": backed_up,
            "authenticators.$[element].used": now.as_millis(),
        };
        self.change_element(filter, change, doc! { "element.credential_id": { "$eq": credential_id } }).await
    }

    fn keeps_user_records(&self) -> bool {
        true
    }

    async fn list_user_records(&self, user_id: &str) -> Result<Vec<UserRecord>, AdapterError> {
        let row = self.find_user(doc! { "_id": { "$eq": user_id } }).await?;
        Ok(to_user_records(row.map(|row| row.records).unwrap_or_default()))
    }

    async fn expired_user_records(
        &self,
        kind: &str,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<UserRecord>, AdapterError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let expired = doc! { "$lte": now.as_millis() };
        let element = doc! { "kind": { "$eq": kind }, "expires": expired.clone() };
        let steps = [
            // Finds the users by the index.
            doc! { "$match": { "records": { "$elemMatch": element } } },
            doc! { "$project": { "records": 1 } },
            doc! { "$unwind": "$records" },
            doc! { "$match": { "records.kind": { "$eq": kind }, "records.expires": expired } },
            doc! { "$sort": { "records.expires": 1 } },
            doc! { "$limit": i64::from(limit) },
        ];
        within(async {
            let (mut cursor, mut records) = (self.users().aggregate(steps).await?, Vec::new());
            while cursor.advance().await? {
                records.push(document::record(&cursor.deserialize_current()?)?);
            }
            Ok(records)
        })
        .await
    }

    /// First as if a window were open, then as if none were. The second step fails when somebody else has opened one
    /// between the two, and then the first one works.
    async fn count_attempt(
        &self,
        key: &str,
        window: Duration,
        now: Timestamp,
    ) -> Result<Attempts, AdapterError> {
        let (attempts, instant) = (self.attempts(), now.as_millis());
        let latest = Attempts::latest_reset(window, now).as_millis();
        let open = doc! { "_id": { "$eq": key }, "resets": { "$gt": instant, "$lte": latest } };
        let is_over = vec![doc! { "resets": { "$lte": instant } }, doc! { "resets": { "$gt": latest } }];
        let over = doc! { "_id": { "$eq": key }, "$or": is_over };
        let anew = doc! { "$set": { "count": 1_i64, "resets": now.plus(window).as_millis() } };
        within(async {
            loop {
                let once_more = attempts
                    .find_one_and_update(open.clone(), doc! { "$inc": { "count": 1_i64 } })
                    .return_document(ReturnDocument::After);
                if let Some(counted) = once_more.await? {
                    return document::attempts(&counted);
                }
                match attempts.find_one_and_update(over.clone(), anew.clone()).with_options(upsert()).await {
                    Ok(Some(counted)) => return document::attempts(&counted),
                    Err(error) if !is_duplicate(&error) => return Err(error.into()),
                    _opened_by_another => {}
                }
            }
        })
        .await
    }

    async fn return_attempts(&self, key: &str, count: u32) -> Result<(), AdapterError> {
        let left = doc! { "$subtract": ["$count", i64::from(count)] };
        let change = vec![doc! { "$set": { "count": { "$max": [0_i64, left] } } }];
        let filter = doc! { "_id": { "$eq": key } };
        within(async { Ok(self.attempts().update_one(filter, change).await.map(drop)?) }).await
    }

    async fn add_audit(&self, record: &AuditRecord, deliver: bool) -> Result<(), AdapterError> {
        let mut row = to_row(&AuditDocument::from(record), "id")?;
        row.insert("undelivered", deliver);
        within(async { Ok(self.audit().insert_one(row).await.map(drop)?) }).await
    }

    async fn list_audit(
        &self,
        user_id: &str,
        before: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AuditRecord>, AdapterError> {
        let mut filter = doc! { "user_id": { "$eq": user_id } };
        if let Some(before) = before {
            filter.insert("_id", doc! { "$lt": before });
        }
        let (audit, mut found) = (self.audit(), Vec::new());
        if limit == 0 {
            return Ok(found);
        }
        within(async {
            let mut cursor = audit.find(filter).sort(doc! { "_id": -1 }).limit(i64::from(limit)).await?;
            while cursor.advance().await? {
                found.push(from_row::<AuditDocument>(cursor.deserialize_current()?, "id")?.into());
            }
            Ok(found)
        })
        .await
    }

    async fn audit_after(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.find_audit(doc! { "_id": { "$gt": after } }, limit).await
    }

    async fn undelivered_audit(&self, after: &str, limit: u32) -> Result<Vec<AuditRecord>, AdapterError> {
        self.find_audit(doc! { "undelivered": { "$eq": true }, "_id": { "$gt": after } }, limit).await
    }

    async fn audit_delivered(&self, id: &str) -> Result<bool, AdapterError> {
        let filter = doc! { "_id": { "$eq": id }, "undelivered": { "$eq": true } };
        let change = doc! { "$set": { "undelivered": false } };
        within(async { Ok(self.audit().update_one(filter, change).await?.matched_count == 1) }).await
    }

    async fn purge_expired(&self, now: Timestamp, limit: u32) -> Result<u64, AdapterError> {
        let collections = [
            (self.sessions(), "expires"),
            (self.tokens(), "expires"),
            (self.attempts(), "resets"),
            (self.audit(), "expires"),
        ];
        within(async {
            let mut removed = self.purge_revocations(now, limit).await?;
            for (collection, end) in &collections {
                removed += self.purge(collection, end, now, limit).await?;
            }
            Ok(removed)
        })
        .await
    }

    async fn ping(&self) -> Result<(), AdapterError> {
        // No attempt has this id, so nothing is removed. Only a primary that reaches a majority accepts it.
        within(async { Ok(self.attempts().delete_one(doc! { "_id": { "$eq": "" } }).await.map(drop)?) }).await
    }
}

/// Trusts the same certificates as for providers and mail servers, unless the URL names others (`tlsCAFile`). The driver's
/// built-in list contains no private certificate authorities.
fn trust_system(options: &mut ClientOptions) {
    if let Some(Tls::Enabled(tls)) = &mut options.tls
        && tls.ca_file_path.is_none()
    {
        tls.ca_file_path = openssl_probe::probe().cert_file;
    }
}

/// An index whose values belong to one document. Missing values and empty arrays do not count.
fn unique(field: &str) -> IndexModel {
    let options = IndexOptions::builder()
        .unique(true)
        .partial_filter_expression(doc! { field: { "$gte": "" } })
        .build();
    IndexModel::builder().keys(doc! { field: 1 }).options(options).build()
}

fn plain(field: &str) -> IndexModel {
    IndexModel::builder().keys(doc! { field: 1 }).build()
}

fn upsert() -> FindOneAndUpdateOptions {
    FindOneAndUpdateOptions::builder().upsert(true).return_document(ReturnDocument::After).build()
}

async fn within<T>(work: impl Future<Output = Result<T, AdapterError>>) -> Result<T, AdapterError> {
    let late = |_| failed(format!("MongoDB did not answer within {} seconds", LIMIT.as_secs()));
    tokio::time::timeout(LIMIT, work).await.map_err(late)?
}

fn no_such_user() -> AdapterError {
    failed("no such user")
}

fn is_duplicate(error: &mongodb::error::Error) -> bool {
    const DUPLICATE_KEY: i32 = 11000;
    match &*error.kind {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE_KEY,
        ErrorKind::Command(error) => error.code == DUPLICATE_KEY,
        _ => false,
    }
}

impl From<mongodb::error::Error> for AdapterError {
    fn from(error: mongodb::error::Error) -> Self {
        if is_duplicate(&error) { Self::Conflict } else { failed(error) }
    }
}
