//! The tables of Auth.js as they are in this database: their names by [`AuthJsTables`], the rest looked up once at the
//! start, because schemas of one name differ. Rule: what does not fit stops the start with a sentence.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::adapter::{AdapterError, AuthJsTables, sql::failed};

/// One table.
pub(super) struct Table {
    /// With its schema, quoted where that is needed.
    pub(super) name: String,
    columns: HashMap<String, Column>,
}

struct Column {
    r#type: String,
    /// Letters that a text may have.
    limit: Option<i32>,
    is_required: bool,
    has_default: bool,
}

/// What ids are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    /// Made by the database.
    Number,
    Uuid,
    Text,
}

/// All of them.
pub(super) struct Tables {
    pub(super) users: Table,
    pub(super) accounts: Table,
    pub(super) sessions: Table,
    pub(super) tokens: Table,
    /// Of users.
    pub(super) ids: Ids,
}

impl Tables {
    /// Looks them up along the connection's search path.
    pub(super) async fn find(
        tables: AuthJsTables,
        connection: &mut PgConnection,
    ) -> Result<Self, AdapterError> {
        let [users, accounts, sessions, tokens] = match tables {
            AuthJsTables::PgAdapter => ["users", "accounts", "sessions", "verification_token"],
            AuthJsTables::Prisma => [r#""User""#, r#""Account""#, r#""Session""#, r#""VerificationToken""#],
        };
        let users = Table::find(users, connection).await?;
        let accounts = Table::find(accounts, connection).await?;
        let sessions = Table::find(sessions, connection).await?;
        let tokens = Table::find(tokens, connection).await?;
        let ids = users.ids("id")?;
        for table in [&accounts, &sessions] {
            if table.ids("userId")? != ids {
                return Err(failed(format!(
                    "userId of {} is of another type than id of {}",
                    table.name, users.name
                )));
            }
        }
        users.require(&["name", "email", "emailVerified", "image"])?;
        accounts.require(&["type", "provider", "providerAccountId"])?;
        sessions.require(&["sessionToken", "expires"])?;
        tokens.require(&["identifier", "token", "expires"])?;
        Ok(Self { users, accounts, sessions, tokens, ids })
    }
}

impl Table {
    async fn find(name: &str, connection: &mut PgConnection) -> Result<Self, AdapterError> {
        let found: Option<(String, i64)> = sqlx::query_as(
            "SELECT quote_ident(nspname) || '.' || quote_ident(relname), pg_class.oid::bigint
             FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE pg_class.oid = to_regclass($1)",
        )
        .bind(name)
        .fetch_optional(&mut *connection)
        .await?;
        let (name, oid) = found.ok_or_else(|| {
            failed(format!(
                "there is no table {name}: the tables of Auth.js have to be there, and are not made"
            ))
        })?;
        let columns: Vec<(String, String, Option<i32>, bool, bool)> = sqlx::query_as(
            "SELECT attname::text, format_type(atttypid, NULL),
                 CASE WHEN atttypid = 'varchar'::regtype AND atttypmod > 4 THEN atttypmod - 4 END,
                 attnotnull, atthasdef OR attidentity <> ''
             FROM pg_attribute WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped",
        )
        .bind(oid)
        .fetch_all(&mut *connection)
        .await?;
        let column = |(name, r#type, limit, is_required, has_default)| {
            (name, Column { r#type, limit, is_required, has_default })
        };
        Ok(Self { name, columns: columns.into_iter().map(column).collect() })
    }

    fn require(&self, columns: &[&str]) -> Result<(), AdapterError> {
        match columns.iter().find(|column| !self.columns.contains_key(**column)) {
            Some(missing) => Err(failed(format!("table {} has no column {missing}", self.name))),
            None => Ok(()),
        }
    }

    fn ids(&self, column: &str) -> Result<Ids, AdapterError> {
        self.require(&[column])?;
        match self.columns[column].r#type.as_str() {
            "smallint" | "integer" | "bigint" => Ok(Ids::Number),
            "uuid" => Ok(Ids::Uuid),
            "text" | "character varying" => Ok(Ids::Text),
            other => {
                Err(failed(format!("{column} of table {} is of type {other}, which no id is", self.name)))
            }
        }
    }

    /// Whether there has to be a value.
    pub(super) fn is_required(&self, column: &str) -> bool {
        self.columns.get(column).is_some_and(|column| column.is_required)
    }

    /// A text for display as it fits into a column: a long name keeps nobody out.
    pub(super) fn fitting(&self, column: &str, text: &str) -> String {
        match self.columns.get(column).and_then(|column| column.limit) {
            Some(limit) => format!("left({text}, {limit})"),
            None => text.to_owned(),
        }
    }

    /// Columns of a new row that the database does not fill by itself, with what to put there. Prisma's client makes ids
    /// and times of change, not the database. `id` is a text, `now` are milliseconds.
    pub(super) fn made_by_the_client(&self, id: &str, now: &str) -> Result<(String, String), AdapterError> {
        let (mut names, mut values) = (String::new(), String::new());
        for (name, column) in &self.columns {
            let value = match name.as_str() {
                _ if !column.is_required || column.has_default => continue,
                "id" => match self.ids("id")? {
                    Ids::Number => return Err(failed(format!("id of table {} has no default", self.name))),
                    ids => ids.cast(id),
                },
                "createdAt" | "updatedAt" => self.instant(name, now),
                _ => continue,
            };
            names += &format!(r#", "{name}""#);
            values += &format!(", {value}");
        }
        Ok((names, values))
    }

    /// Milliseconds as what a column of time holds. Without a time zone it is UTC, as Prisma has it; no setting of the
    /// database's session changes what it means.
    pub(super) fn instant(&self, column: &str, milliseconds: &str) -> String {
        let kind = match self.columns.get(column) {
            Some(column) if column.r#type == "timestamp without time zone" => "TIMESTAMP",
            _ => "TIMESTAMPTZ",
        };
        format!("({kind} 'epoch' + {milliseconds} * INTERVAL '1 millisecond')")
    }
}

impl Ids {
    /// A text as such an id.
    pub(super) fn cast(self, text: &str) -> String {
        match self {
            Self::Number => format!("{text}::bigint"),
            Self::Uuid => format!("{text}::uuid"),
            Self::Text => text.to_owned(),
        }
    }

    /// Whether a text is such an id in the one form that the database writes: anything else names nobody.
    pub(super) fn can_be(self, text: &str) -> bool {
        match self {
            Self::Number => text.parse::<i64>().is_ok_and(|number| number.to_string() == text),
            Self::Uuid => is_uuid(text),
            Self::Text => !text.contains('\0'),
        }
    }
}

fn is_uuid(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f');
    let fits = |(index, byte)| if matches!(index, 8 | 13 | 18 | 23) { byte == b'-' } else { is_digit(byte) };
    text.len() == 36 && text.bytes().enumerate().all(fits)
}
