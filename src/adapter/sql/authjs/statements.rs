//! The SQL statements, built once at startup for the tables that exist. Only table and column names are inserted into the
//! text; every value is bound.
//!
//! Tables with a letter are those of Auth.js: `u` users, `a` accounts, `s` sessions, `t` verification tokens. `users`,
//! `accounts` and `sessions` are ours. A row of ours may be missing or left over: changes and deletions by Auth.js take
//! precedence, so every read begins with its tables.

use std::sync::Arc;

use super::tables::{Table, Tables};
use crate::adapter::AdapterError;

/// One statement.
pub(super) type Sql = Arc<str>;

/// Where there has to be an address, a user without a proven one has one at this domain: no mail can get there
/// (RFC 6761 section 6.4).
pub(super) const NO_ADDRESS: &str = "@unproven.invalid";

/// All of them, each with the values that it takes.
pub(super) struct Statements {
    /// User id.
    pub(super) get_user: Sql,
    /// Spellings of the address, itself.
    pub(super) get_users_by_email: Sql,
    /// Provider, provider's id.
    pub(super) get_user_by_account: Sql,
    /// User id, limit.
    pub(super) list_users: Sql,
    /// Spellings of the address, since, itself: who has proven it in another spelling.
    pub(super) release_claims: Sql,
    /// Name, proven address, when it was proven, image, id, created, address as typed.
    pub(super) create_user: Sql,
    /// Name, user id.
    pub(super) update_name: Sql,
    /// Image, user id.
    pub(super) update_image: Sql,
    /// User id, verified address, when it was verified, since, address as typed.
    pub(super) update_email: Sql,
    /// User id.
    pub(super) lock_user: Sql,
    /// User id.
    pub(super) delete_user: Sql,
    /// User id.
    pub(super) delete_what_was_theirs: [Sql; 3],
    /// User id, since.
    pub(super) keep_user: Sql,
    /// User id, type, provider, provider's id, created, a new id, since, tokens.
    pub(super) link_account: Sql,
    /// Provider, provider's id, user id.
    pub(super) unlink_account: Sql,
    /// User id, since.
    pub(super) get_accounts: Sql,
    /// Tokens, provider, provider's id, former tokens, since.
    pub(super) update_account_tokens: Sql,
    /// Token, user id, end, session id, created, renewed, max age, remembered, provider, user agent, address, a new id,
    /// since.
    pub(super) create_session: Sql,
    /// Token, now.
    pub(super) get_session_and_user: Sql,
    /// User id, now.
    pub(super) list_sessions: Sql,
    /// To, now, token, from.
    pub(super) update_session: Sql,
    /// Token.
    pub(super) delete_session: Sql,
    /// Identifier, token, end.
    pub(super) create_verification_token: Sql,
    /// Identifier, token, now.
    pub(super) use_verification_token: Sql,
    /// Identifier, token, now.
    pub(super) has_verification_token: Sql,
    /// Identifier, token.
    pub(super) delete_verification_token: Sql,
    /// Now, limit.
    pub(super) purge: [Sql; 2],
}

/// What a user is read from.
fn user_columns() -> String {
    let verified = milliseconds(r#"u."emailVerified""#);
    format!("u.id::text, u.name, u.email, {verified}, u.image, ours.email, ours.email_key, ours.created")
}

/// What a session is read from.
fn session_columns() -> String {
    let expires = milliseconds("s.expires");
    format!(
        r#"s."sessionToken", s."userId"::text, {expires}, known.id, known.created, known.renewed, known.expires,
           known.max_age, known.remembered, known.provider, known.user_agent, known.address"#
    )
}

fn milliseconds(time: &str) -> String {
    format!("(EXTRACT(EPOCH FROM {time}) * 1000)::bigint")
}

/// What our row of a session is found by: it opens nothing by itself.
fn hash(token: &str) -> String {
    format!("encode(sha256(convert_to({token}, 'UTF8')), 'hex')")
}

/// Our row of a user, where there is none: foreign keys of ours lead to it.
fn keeper(id: &str, created: &str, of: &str) -> String {
    format!("INSERT INTO users (id, created) SELECT {id}, {created} FROM {of} ON CONFLICT (id) DO NOTHING")
}

impl Statements {
    pub(super) fn new(tables: &Tables) -> Result<Self, AdapterError> {
        let Tables { users, accounts, sessions, tokens, ids } = tables;
        let [u, a, s, t] = [users, accounts, sessions, tokens].map(|Table { name, .. }| name);
        let id = |parameter: &str| ids.cast(&format!("{parameter}::text"));
        let address = |address: &str, id: &str| match users.is_required("email") {
            true => format!("COALESCE({address}, {id} || '{NO_ADDRESS}')"),
            false => address.to_owned(),
        };
        let (user, session) = (user_columns(), session_columns());
        let ours = "LEFT JOIN users ours ON ours.id = u.id::text";
        let known = format!("LEFT JOIN sessions known ON known.token_hash = {}", hash(r#"s."sessionToken""#));
        let expires = |parameter: &str| sessions.instant("expires", parameter);
        let until = |parameter: &str| tokens.instant("expires", parameter);
        let name = users.fitting("name", "$1");
        let proven = users.instant("emailVerified", "$3");
        let (user_names, user_values) = users.made_by_the_client("$5::text", "$6")?;
        let (account_names, account_values) = accounts.made_by_the_client("$6::text", "$5")?;
        let (session_names, session_values) = sessions.made_by_the_client("$12::text", "$5")?;
        let sql = |text: String| Sql::from(text);
        Ok(Self {
            get_user: sql(format!("SELECT {user} FROM {u} u {ours} WHERE u.id = {}", id("$1"))),
            get_users_by_email: sql(format!(
                r#"SELECT {user} FROM {u} u {ours}
                   WHERE (u.email = $2 OR lower(u.email) = ANY($1)) AND u."emailVerified" IS NOT NULL
                   ORDER BY u.email <> $2, u.id LIMIT 10"#
            )),
            get_user_by_account: sql(format!(
                r#"SELECT {user} FROM {a} a JOIN {u} u ON u.id = a."userId" {ours}
                   WHERE a.provider = $1 AND a."providerAccountId" = $2"#
            )),
            list_users: sql(format!(
                "SELECT {user} FROM {u} u {ours} WHERE u.id > {} ORDER BY u.id LIMIT $2",
                id("$1")
            )),
            release_claims: sql(format!(
                r#"WITH claims AS (
                       SELECT id, email FROM {u} WHERE lower(email) = ANY($1) AND "emailVerified" IS NULL FOR UPDATE
                   ), released AS (
                       UPDATE {u} u SET email = {} FROM claims WHERE u.id = claims.id
                       RETURNING u.id::text AS id, claims.email AS email
                   ), left_over AS (
                       UPDATE users SET email_key = NULL
                       WHERE email_key = $3 AND id NOT IN (SELECT id::text FROM claims)
                   ), ours AS (
                       INSERT INTO users (id, email, created) SELECT id, email, $2 FROM released
                       ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = NULL
                   )
                   SELECT email, id::text FROM {u}
                   WHERE lower(email) = ANY($1) AND "emailVerified" IS NOT NULL AND email <> $3"#,
                address("NULL", "u.id::text")
            )),
            create_user: sql(format!(
                r#"WITH made AS (
                       INSERT INTO {u} (name, email, "emailVerified", image{user_names})
                       VALUES ({name}, {}, {proven}, $4{user_values}) RETURNING id::text AS id
                   ), ours AS (
                       INSERT INTO users (id, email, email_key, created) SELECT id, $7, $2, $6 FROM made
                       ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = excluded.email_key,
                           created = excluded.created
                   )
                   SELECT id FROM made"#,
                address("$2", "$5")
            )),
            update_name: sql(format!("UPDATE {u} SET name = {name} WHERE id = {}", id("$2"))),
            update_image: sql(format!("UPDATE {u} SET image = $1 WHERE id = {}", id("$2"))),
            // An address that Auth.js holds for a user who only claims it stays there, until its owner comes.
            update_email: sql(format!(
                r#"WITH changed AS (
                       UPDATE {u} SET email = {}, "emailVerified" = {proven} WHERE id = {} RETURNING id::text AS id
                   )
                   INSERT INTO users (id, email, email_key, created) SELECT id, $5, $2, $4 FROM changed
                   ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = excluded.email_key"#,
                address("CASE WHEN $2 IS NULL AND email = $5 THEN email ELSE $2 END", "id::text"),
                id("$1")
            )),
            lock_user: sql(format!("SELECT id::text FROM {u} WHERE id = {} FOR UPDATE", id("$1"))),
            delete_user: sql(format!("DELETE FROM {u} WHERE id = {}", id("$1"))),
            delete_what_was_theirs: [
                sql(format!(r#"DELETE FROM {s} WHERE "userId" = {}"#, id("$1"))),
                sql(format!(r#"DELETE FROM {a} WHERE "userId" = {}"#, id("$1"))),
                sql("DELETE FROM users WHERE id = $1".to_owned()),
            ],
            keep_user: sql(keeper("id::text", "$2", &format!("{u} WHERE id = {}", id("$1")))),
            link_account: sql(format!(
                r#"WITH owner AS (
                       SELECT id FROM {u} WHERE id = {} FOR KEY SHARE
                   ), made AS (
                       INSERT INTO {a} ("userId", type, provider, "providerAccountId"{account_names})
                       SELECT id, $2, $3, $4{account_values} FROM owner RETURNING "userId"::text AS user_id
                   ), keeper AS (
                       {}
                   ), ours AS (
                       INSERT INTO accounts (user_id, type, provider, provider_account_id, created, tokens)
                       SELECT user_id, $2, $3, $4, $5, $8 FROM made
                       ON CONFLICT (provider, provider_account_id) DO UPDATE SET user_id = excluded.user_id,
                           type = excluded.type, created = excluded.created, tokens = excluded.tokens,
                           tokens_leased_until = NULL
                   )
                   SELECT user_id FROM made"#,
                id("$1"),
                keeper("user_id", "$7", "made")
            )),
            unlink_account: sql(format!(
                r#"WITH gone AS (
                       DELETE FROM {a} WHERE provider = $1 AND "providerAccountId" = $2 AND "userId" = {}
                       RETURNING provider
                   ), ours AS (
                       DELETE FROM accounts WHERE provider = $1 AND provider_account_id = $2
                           AND EXISTS (SELECT 1 FROM gone)
                   )
                   SELECT provider FROM gone"#,
                id("$3")
            )),
            get_accounts: sql(format!(
                r#"SELECT a.type, a.provider, a."providerAccountId", ours.tokens, COALESCE(ours.created, $2) FROM {a} a
                       LEFT JOIN accounts ours
                       ON ours.provider = a.provider AND ours.provider_account_id = a."providerAccountId"
                   WHERE a."userId" = {} ORDER BY 5 DESC, 2, 3"#,
                id("$1")
            )),
            update_account_tokens: sql(format!(
                r#"WITH owner AS (
                       SELECT "userId"::text AS user_id, type FROM {a} WHERE provider = $2 AND "providerAccountId" = $3
                   ), keeper AS (
                       {}
                   )
                   INSERT INTO accounts AS ours (user_id, type, provider, provider_account_id, created, tokens)
                   SELECT user_id, type, $2, $3, $5, $1 FROM owner WHERE $4 IS NULL OR EXISTS (
                       SELECT FROM accounts WHERE provider = $2 AND provider_account_id = $3
                   )
                   ON CONFLICT (provider, provider_account_id) DO UPDATE SET user_id = excluded.user_id,
                       tokens = excluded.tokens, tokens_leased_until = NULL
                   WHERE ours.tokens IS NOT DISTINCT FROM $4"#,
                keeper("user_id", "$5", "owner")
            )),
            create_session: sql(format!(
                r#"WITH owner AS (
                       SELECT id FROM {u} WHERE id = {} FOR KEY SHARE
                   ), made AS (
                       INSERT INTO {s} ("sessionToken", "userId", expires{session_names})
                       SELECT $1, id, {}{session_values} FROM owner RETURNING "userId"::text AS user_id
                   ), keeper AS (
                       {}
                   ), ours AS (
                       INSERT INTO sessions (token_hash, user_id, expires, id, created, renewed, max_age, remembered,
                           provider, user_agent, address)
                       SELECT {}, user_id, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM made
                   )
                   SELECT user_id FROM made"#,
                id("$2"),
                expires("$3"),
                keeper("user_id", "$13", "made"),
                hash("$1")
            )),
            get_session_and_user: sql(format!(
                r#"SELECT {session}, {user} FROM {s} s JOIN {u} u ON u.id = s."userId" {ours} {known}
                   WHERE s."sessionToken" = $1 AND s.expires > {}"#,
                expires("$2")
            )),
            list_sessions: sql(format!(
                r#"SELECT {session} FROM {s} s {known} WHERE s."userId" = {} AND s.expires > {}"#,
                id("$1"),
                expires("$2")
            )),
            update_session: sql(format!(
                r#"WITH moved AS (
                       UPDATE {s} SET expires = {}
                       WHERE "sessionToken" = $3 AND expires > {} AND {} = $4 RETURNING "sessionToken"
                   ), ours AS (
                       UPDATE sessions SET expires = $1, renewed = $2
                       WHERE token_hash = {} AND EXISTS (SELECT FROM moved)
                   )
                   SELECT "sessionToken" FROM moved"#,
                expires("$1"),
                expires("$2"),
                milliseconds("expires"),
                hash("$3")
            )),
            delete_session: sql(format!(
                r#"WITH gone AS (
                       DELETE FROM {s} WHERE "sessionToken" = $1 RETURNING "sessionToken"
                   ), ours AS (
                       DELETE FROM sessions WHERE token_hash = {}
                   )
                   SELECT "sessionToken" FROM gone"#,
                hash("$1")
            )),
            create_verification_token: sql(format!(
                "INSERT INTO {t} (identifier, token, expires) VALUES ($1, $2, {})",
                until("$3")
            )),
            // Locked in one order, and looked at when they are: of two tokens of one address that are used at once, one
            // wins, and neither waits for the other for ever.
            use_verification_token: sql(format!(
                "WITH locked AS (
                     SELECT token, expires FROM {t} WHERE identifier = $1 ORDER BY token FOR UPDATE
                 )
                 DELETE FROM {t} WHERE identifier = $1 AND token IN (SELECT token FROM locked)
                     AND EXISTS (SELECT FROM locked WHERE token = $2 AND expires > {})",
                until("$3")
            )),
            has_verification_token: sql(format!(
                "SELECT 1 FROM {t} WHERE identifier = $1 AND token = $2 AND expires > {}",
                until("$3")
            )),
            delete_verification_token: sql(format!("DELETE FROM {t} WHERE identifier = $1 AND token = $2")),
            purge: [
                sql(format!(
                    r#"WITH expired AS (
                           SELECT "sessionToken" AS token FROM {s} WHERE expires <= {} LIMIT $2
                       ), ours AS (
                           DELETE FROM sessions WHERE token_hash IN (SELECT {} FROM expired)
                       )
                       DELETE FROM {s} WHERE expires <= {} AND "sessionToken" IN (SELECT token FROM expired)"#,
                    expires("$1"),
                    hash("token"),
                    expires("$1")
                )),
                sql(format!(
                    "DELETE FROM {t} WHERE expires <= {} AND (identifier, token) IN (
                         SELECT identifier, token FROM {t} WHERE expires <= {} LIMIT $2
                     )",
                    until("$1"),
                    until("$1")
                )),
            ],
        })
    }
}
