//! From rows to records. Rule: a row that does not read is an error, never a default.

use std::time::Duration;

use sqlx::{ColumnIndex, Decode, Row, Type};

use super::failed;
use crate::{
    adapter::{
        Account, AccountRecord, AdapterError, Attempts, AuditRecord, Authenticator, Revocation, Revoked,
        SessionRecord, User, UserRecord,
    },
    clock::Timestamp,
};

/// Reads the columns of a row one after the other, in the order of a record's fields.
pub(super) struct Reader<'r, R> {
    row: &'r R,
    next: usize,
}

impl<'r, R: Row> Reader<'r, R>
where
    usize: ColumnIndex<R>,
    String: Decode<'r, R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    bool: Decode<'r, R::Database> + Type<R::Database>,
{
    pub(super) fn new(row: &'r R) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn user(&mut self) -> Result<User, AdapterError> {
        Ok(User {
            id: self.text()?,
            name: self.text()?,
            email: self.text()?,
            email_verified: self.value::<Option<i64>>()?.map(Timestamp::from_millis),
            image: self.text()?,
            created: self.instant()?,
        })
    }

    pub(super) fn account(&mut self) -> Result<AccountRecord, AdapterError> {
        let account =
            Account { r#type: self.text()?, provider: self.text()?, provider_account_id: self.text()? };
        Ok(AccountRecord { account, tokens: self.text()?, created: self.instant()? })
    }

    pub(super) fn session(&mut self) -> Result<SessionRecord, AdapterError> {
        Ok(SessionRecord {
            token_hash: self.text()?,
            id: self.text()?,
            user_id: self.text()?,
            created: self.instant()?,
            renewed: self.instant()?,
            expires: self.instant()?,
            max_age: Duration::from_millis(u64::try_from(self.value::<i64>()?).map_err(failed)?),
            remembered: self.value()?,
            provider: self.text()?,
            user_agent: self.text()?,
            address: self.text()?,
        })
    }

    pub(super) fn authenticator(&mut self) -> Result<Authenticator, AdapterError> {
        Ok(Authenticator {
            credential_id: self.text()?,
            user_id: self.text()?,
            provider_account_id: self.text()?,
            public_key: self.text()?,
            counter: u32::try_from(self.value::<i64>()?).map_err(failed)?,
            device_type: self.text()?,
            backed_up: self.value()?,
            transports: self.text()?,
            name: self.text()?,
            created: self.instant()?,
            used: self.value::<Option<i64>>()?.map(Timestamp::from_millis),
        })
    }

    pub(super) fn user_record(&mut self) -> Result<UserRecord, AdapterError> {
        Ok(UserRecord {
            user_id: self.text()?,
            kind: self.text()?,
            id: self.text()?,
            value: self.text()?,
            created: self.instant()?,
            expires: self.value::<Option<i64>>()?.map(Timestamp::from_millis),
        })
    }

    /// With its number.
    pub(super) fn revocation(&mut self) -> Result<(i64, Revocation), AdapterError> {
        let number = self.value()?;
        let (kind, id): (String, String) = (self.text()?, self.text()?);
        let (before, except) = (self.instant()?, self.text()?);
        let revoked = match kind.as_str() {
            "session" => Revoked::Session { id },
            "user" => Revoked::User { id, before, except },
            "change" => Revoked::Change { id, before },
            _ => return Err(failed("a revocation is of no known kind")),
        };
        Ok((number, Revocation { revoked, expires: self.instant()? }))
    }

    /// Its hash, and its end.
    pub(super) fn verification_token(&mut self) -> Result<(String, Timestamp), AdapterError> {
        Ok((self.text()?, self.instant()?))
    }

    pub(super) fn audit(&mut self) -> Result<AuditRecord, AdapterError> {
        Ok(AuditRecord {
            id: self.text()?,
            user_id: self.text()?,
            created: self.instant()?,
            expires: self.instant()?,
            data: self.text()?,
        })
    }

    pub(super) fn attempts(&mut self) -> Result<Attempts, AdapterError> {
        let count = u32::try_from(self.value::<i64>()?).unwrap_or(u32::MAX);
        Ok(Attempts { count, resets: self.instant()? })
    }

    fn instant(&mut self) -> Result<Timestamp, AdapterError> {
        self.value().map(Timestamp::from_millis)
    }

    fn value<T: Decode<'r, R::Database> + Type<R::Database>>(&mut self) -> Result<T, AdapterError> {
        let index = self.index();
        Ok(self.row.try_get(index)?)
    }

    /// MySQL compares text byte by byte only in columns that it calls binary, and sqlx would refuse to read those as
    /// text. What is not UTF-8 is refused all the same.
    pub(super) fn text<T: Decode<'r, R::Database>>(&mut self) -> Result<T, AdapterError> {
        let index = self.index();
        Ok(self.row.try_get_unchecked(index)?)
    }

    fn index(&mut self) -> usize {
        self.next += 1;
        self.next - 1
    }
}
