//! Changes of one user in SQL: one statement for each change, all in one transaction.
//!
//! Rule: the user's row is locked first, so that two transactions about one user run one after the other and never
//! deadlock.

use sqlx::{ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Transaction, Type};

use super::{Dialect, Row, SqlAdapter, Statement, insert_account, query};
use crate::{
    adapter::{AdapterError, Change},
    clock::Timestamp,
    error,
};

impl<D: Dialect> SqlAdapter<D>
where
    for<'c> &'c mut <D::Db as Database>::Connection: Executor<'c, Database = D::Db>,
    <D::Db as Database>::Arguments: IntoArguments<D::Db>,
    for<'a> &'a str: Encode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<&'a str>: Encode<'a, D::Db>,
    for<'a> i64: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> Option<i64>: Encode<'a, D::Db>,
    for<'a> bool: Encode<'a, D::Db> + Decode<'a, D::Db> + Type<D::Db>,
    for<'a> String: Decode<'a, D::Db>,
    usize: ColumnIndex<Row<D>>,
{
    /// Applies all changes, or none.
    pub(super) async fn apply(&self, user_id: &str, changes: &[Change<'_>]) -> Result<bool, AdapterError> {
        let mut connection = self.connections.get_to_write().await?;
        // One statement is a transaction by itself.
        if let [change] = changes {
            let result = statement::<D>(user_id, change).execute(&mut *connection).await;
            return outcome::<D>(change, result);
        }
        let mut transaction = connection.begin(D::BEGIN).await?;
        let user = query::<D>(D::LOCK_USER).bind(user_id).fetch_optional(&mut *transaction).await?;
        let mut result = Ok(user.is_some());
        for change in changes {
            if !matches!(result, Ok(true)) {
                break;
            }
            let changed = statement::<D>(user_id, change).execute(&mut *transaction).await;
            result = outcome::<D>(change, changed);
        }
        if matches!(result, Ok(true)) {
            transaction.commit().await?;
        } else if !rolled_back(transaction).await {
            return result;
        }
        connection.committed();
        result
    }
}

/// Rolls a transaction back. Returns `false` if that failed, so that the connection must be closed. The error is only logged:
/// the first one says what is wrong. (When the disk is full, SQLite has rolled back by itself.)
pub(super) async fn rolled_back<Db: Database>(transaction: Transaction<'_, Db>) -> bool {
    let result = transaction.rollback().await;
    if let Err(error) = &result {
        tracing::warn!(error = error::chain(error), "transaction not rolled back, closing its connection");
    }
    result.is_ok()
}

/// Returns whether a change was applied. Database errors about an existing row or a missing user become results.
pub(super) fn outcome<D: Dialect>(
    change: &Change<'_>,
    result: Result<<D::Db as Database>::QueryResult, sqlx::Error>,
) -> Result<bool, AdapterError> {
    let error = match result {
        Ok(result) => return Ok(D::rows_affected(&result) > 0),
        Err(error) => error,
    };
    let Some(cause) = error.as_database_error() else { return Err(error.into()) };
    let is_there = cause.is_unique_violation() && matches!(change, Change::PutRecord { .. });
    if is_there || cause.is_foreign_key_violation() { Ok(false) } else { Err(error.into()) }
}

/// Returns the statement of a change. It changes one row, or none if the row is not as the change requires.
pub(super) fn statement<'q, D: Dialect>(user_id: &'q str, change: &Change<'q>) -> Statement<'q, D>
where
    &'q str: Encode<'q, D::Db> + Type<D::Db>,
    Option<&'q str>: Encode<'q, D::Db>,
    i64: Encode<'q, D::Db> + Type<D::Db>,
    Option<i64>: Encode<'q, D::Db>,
    bool: Encode<'q, D::Db> + Type<D::Db>,
{
    match *change {
        Change::Name(name) => {
            query::<D>("UPDATE users SET name = $1 WHERE id = $2").bind(name).bind(user_id)
        }
        Change::Image(image) => {
            query::<D>("UPDATE users SET image = $1 WHERE id = $2").bind(image).bind(user_id)
        }
        Change::Email { email, key, verified } => query::<D>(
            "UPDATE users SET email = $1, email_key = $2, email_verified = $3 WHERE id = $4",
        )
        .bind(email)
        .bind(key)
        .bind(verified.map(Timestamp::as_millis))
        .bind(user_id),
        Change::LinkAccount { account, now } => insert_account::<D>(user_id, account, None, now),
        Change::UnlinkAccount { provider, provider_account_id } => query::<D>(
            "DELETE FROM accounts WHERE provider = $1 AND provider_account_id = $2 AND user_id = $3",
        )
        .bind(provider)
        .bind(provider_account_id)
        .bind(user_id),
        Change::AddAuthenticator(authenticator) => query::<D>(
            "INSERT INTO authenticators (credential_id, user_id, provider_account_id, public_key, counter, device_type,
                 backed_up, transports, name, created, used) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(authenticator.credential_id.as_str())
        .bind(user_id)
        .bind(authenticator.provider_account_id.as_str())
        .bind(authenticator.public_key.as_str())
        .bind(i64::from(authenticator.counter))
        .bind(authenticator.device_type.as_str())
        .bind(authenticator.backed_up)
        .bind(authenticator.transports.as_deref())
        .bind(authenticator.name.as_deref())
        .bind(authenticator.created.as_millis())
        .bind(authenticator.used.map(Timestamp::as_millis)),
        Change::RenameAuthenticator { credential_id, name } => {
            query::<D>("UPDATE authenticators SET name = $1 WHERE credential_id = $2 AND user_id = $3")
                .bind(name)
                .bind(credential_id)
                .bind(user_id)
        }
        Change::RemoveAuthenticator { credential_id } => {
            query::<D>("DELETE FROM authenticators WHERE credential_id = $1 AND user_id = $2")
                .bind(credential_id)
                .bind(user_id)
        }
        Change::PutRecord { record, from: None } => query::<D>(
            "INSERT INTO user_records (user_id, kind, id, value, created, expires) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(user_id)
        .bind(record.kind.as_str())
        .bind(record.id.as_str())
        .bind(record.value.as_str())
        .bind(record.created.as_millis())
        .bind(record.expires.map(Timestamp::as_millis)),
        Change::PutRecord { record, from: Some(from) } => query::<D>(
            "UPDATE user_records SET value = $1, created = $2, expires = $3
             WHERE user_id = $4 AND kind = $5 AND id = $6 AND value = $7",
        )
        .bind(record.value.as_str())
        .bind(record.created.as_millis())
        .bind(record.expires.map(Timestamp::as_millis))
        .bind(user_id)
        .bind(record.kind.as_str())
        .bind(record.id.as_str())
        .bind(from),
        Change::RemoveRecord { kind, id, value: None } => {
            query::<D>("DELETE FROM user_records WHERE user_id = $1 AND kind = $2 AND id = $3")
                .bind(user_id)
                .bind(kind)
                .bind(id)
        }
        Change::RemoveRecord { kind, id, value: Some(value) } => {
            query::<D>("DELETE FROM user_records WHERE user_id = $1 AND kind = $2 AND id = $3 AND value = $4")
                .bind(user_id)
                .bind(kind)
                .bind(id)
                .bind(value)
        }
    }
}
