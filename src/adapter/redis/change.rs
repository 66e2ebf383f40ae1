//! Changes of one user in Redis: the rows are read, the changes are computed here, and one script writes all of them if
//! every row is still as it was read.
//!
//! Rule: the script compares every row that determines whether a change is allowed.

use serde_json::{Value, json};

use super::{
    RedisAdapter, account_name,
    rows::{read, write},
    script,
};
use crate::{
    adapter::{
        AdapterError, Change,
        document::{AccountDocument, AuthenticatorDocument, UserDocument, UserRecordDocument},
    },
    clock::Timestamp,
};

/// What the script compares and writes.
struct Plan {
    keys: Vec<String>,
    comparisons: Vec<Value>,
    writes: Vec<Value>,
    /// The user's row after the changes.
    user: UserDocument,
}

impl Plan {
    /// Returns the number of a key; a new key is added. Lua counts from 1.
    fn key(&mut self, key: String) -> usize {
        let known = self.keys.iter().position(|other| *other == key);
        known.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        }) + 1
    }

    fn compare(&mut self, key: &str, field: &str, row: Option<&str>) {
        let key = self.key(key.to_owned());
        self.comparisons.push(json!([key, field, row.map_or(Value::Bool(false), Value::from)]));
    }

    fn write(&mut self, command: &str, key: &str, first: &str, second: &str) {
        let key = self.key(key.to_owned());
        self.writes.push(json!([command, key, first, second]));
    }
}

impl RedisAdapter {
    /// Returns whether the changes were applied; `None` if a row was changed meanwhile and the caller must retry.
    pub(super) async fn try_changes(
        &self,
        user_id: &str,
        changes: &[Change<'_>],
    ) -> Result<Option<bool>, AdapterError> {
        let users = self.users("users");
        let Some(before) = self.field(&users, user_id).await? else { return Ok(Some(false)) };
        let user = read(&before)?;
        let mut plan = Plan { keys: Vec::new(), comparisons: Vec::new(), writes: Vec::new(), user };
        plan.compare(&users, user_id, Some(&before));
        for change in changes {
            if !self.plan(&mut plan, user_id, change).await? {
                return Ok(Some(false));
            }
        }
        let after = write(&plan.user)?;
        if after != before {
            plan.write("HSET", &users, user_id, &after);
        }
        let keys: Vec<&str> = plan.keys.iter().map(String::as_str).collect();
        let arguments = [&*write(&plan.comparisons)?, &write(&plan.writes)?];
        let is_done: bool = self.run(&script::CHANGE_USER, &keys, &arguments).await?;
        Ok(is_done.then_some(true))
    }

    /// Adds a change to the plan. Returns whether it can be applied.
    async fn plan(&self, plan: &mut Plan, user_id: &str, change: &Change<'_>) -> Result<bool, AdapterError> {
        match *change {
            Change::Name(name) => plan.user.name = name.map(str::to_owned),
            Change::Image(image) => plan.user.image = image.map(str::to_owned),
            Change::Email { email, key, verified } => {
                self.plan_address(plan, user_id, key).await?;
                plan.user.email = email.map(str::to_owned);
                plan.user.email_verified = verified.map(Timestamp::as_millis);
            }
            Change::LinkAccount { account, now } => {
                let row = AccountDocument::new(user_id, account, None, now);
                self.plan_own(plan, "accounts", user_id, &account_name(account)?, &write(&row)?).await?;
            }
            Change::AddAuthenticator(authenticator) => {
                let row = write(&AuthenticatorDocument::from(authenticator))?;
                self.plan_own(plan, "authenticators", user_id, &authenticator.credential_id, &row).await?;
            }
            Change::UnlinkAccount { provider, provider_account_id } => {
                let name = write(&(provider, provider_account_id))?;
                let owner = |row: &str| Ok(read::<AccountDocument>(row)?.user_id);
                return self.plan_removal(plan, "accounts", user_id, &name, owner).await;
            }
            Change::RemoveAuthenticator { credential_id } => {
                let owner = |row: &str| Ok(read::<AuthenticatorDocument>(row)?.user_id);
                return self.plan_removal(plan, "authenticators", user_id, credential_id, owner).await;
            }
            Change::RenameAuthenticator { credential_id, name } => {
                let all = self.users("authenticators");
                let Some(before) = self.field(&all, credential_id).await? else { return Ok(false) };
                let mut row: AuthenticatorDocument = read(&before)?;
                if row.user_id != user_id {
                    return Ok(false);
                }
                row.name = name.map(str::to_owned);
                plan.compare(&all, credential_id, Some(&before));
                plan.write("HSET", &all, credential_id, &write(&row)?);
            }
            Change::PutRecord { record, from } => {
                let name = write(&(&record.kind, &record.id))?;
                if !self.plan_record(plan, user_id, &name, |value| value == from).await? {
                    return Ok(false);
                }
                let row = write(&UserRecordDocument::from(record))?;
                plan.write("HSET", &self.users_own("records", user_id), &name, &row);
                if let Some(end) = record.expires {
                    // The arguments of ZADD: score, then member.
                    let entry = write(&user_id)? + &name;
                    plan.write("ZADD", &self.users("records"), &end.as_millis().to_string(), &entry);
                }
            }
            Change::RemoveRecord { kind, id, value: expected } => {
                let name = write(&(kind, id))?;
                let fits = |value: Option<&str>| value.is_some() && (expected.is_none() || value == expected);
                if !self.plan_record(plan, user_id, &name, fits).await? {
                    return Ok(false);
                }
                plan.write("HDEL", &self.users_own("records", user_id), &name, "");
            }
        }
        Ok(true)
    }

    /// Plans a new verified address, which must be free.
    async fn plan_address(
        &self,
        plan: &mut Plan,
        user_id: &str,
        key: Option<&str>,
    ) -> Result<(), AdapterError> {
        let emails = self.users("emails");
        if let Some(former) = plan.user.email_key.take() {
            plan.write("HDEL", &emails, &former, "");
        }
        if let Some(key) = key {
            let owner = self.field(&emails, key).await?;
            if owner.as_deref().is_some_and(|owner| owner != user_id) {
                return Err(AdapterError::Conflict);
            }
            plan.compare(&emails, key, owner.as_deref());
            plan.write("HSET", &emails, key, user_id);
            plan.user.email_key = Some(key.to_owned());
        }
        Ok(())
    }

    /// Plans a new row of the user, whose name must be free.
    async fn plan_own(
        &self,
        plan: &mut Plan,
        kind: &str,
        user_id: &str,
        name: &str,
        row: &str,
    ) -> Result<(), AdapterError> {
        let all = self.users(kind);
        if self.field(&all, name).await?.is_some() {
            return Err(AdapterError::Conflict);
        }
        plan.compare(&all, name, None);
        plan.write("HSET", &all, name, row);
        plan.write("SADD", &self.users_own(kind, user_id), name, "");
        Ok(())
    }

    /// Plans the removal of a row. Returns `false` if it is not this user's.
    async fn plan_removal(
        &self,
        plan: &mut Plan,
        kind: &str,
        user_id: &str,
        name: &str,
        owner: impl Fn(&str) -> Result<String, AdapterError>,
    ) -> Result<bool, AdapterError> {
        let all = self.users(kind);
        let Some(row) = self.field(&all, name).await? else { return Ok(false) };
        if owner(&row)? != user_id {
            return Ok(false);
        }
        plan.compare(&all, name, Some(&row));
        plan.write("HDEL", &all, name, "");
        plan.write("SREM", &self.users_own(kind, user_id), name, "");
        Ok(true)
    }

    /// Compares a record, and removes it from the list of expiring records. Returns `false` if its value differs.
    async fn plan_record(
        &self,
        plan: &mut Plan,
        user_id: &str,
        name: &str,
        fits: impl Fn(Option<&str>) -> bool,
    ) -> Result<bool, AdapterError> {
        let own = self.users_own("records", user_id);
        let row = self.field(&own, name).await?;
        let former = row.as_deref().map(read::<UserRecordDocument>).transpose()?;
        if !fits(former.as_ref().map(|former| former.value.as_str())) {
            return Ok(false);
        }
        plan.compare(&own, name, row.as_deref());
        if former.is_some_and(|former| former.expires.is_some()) {
            plan.write("ZREM", &self.users("records"), &(write(&user_id)? + name), "");
        }
        Ok(true)
    }
}
