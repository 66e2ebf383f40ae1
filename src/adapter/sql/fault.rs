//! Classifies what an error says about the connection that it came over. [`Connections`](super::connection::Connections)
//! uses this to decide whether to reuse that connection and whether to repeat the call.
//!
//! Rule: an error is listed here only if its code is unambiguous. Every other error is returned to the caller unchanged,
//! and the connection stays in use.

use sqlx::error::DatabaseError;

use crate::adapter::AdapterError;

/// An error of the connection or of the server behind it, not of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The transaction lost a conflict, or the server accepts no more connections. Nothing was stored, and the connection
    /// still works.
    Contended,
    /// The server answers but cannot do its work: it is read-only, shutting down, or does not know a statement that was
    /// prepared on it. Nothing was stored. Connections opened at the same time lead to the same server.
    Refused,
    /// The connection has ended. Whether a write was stored is unknown.
    Lost,
}

impl Fault {
    /// Classifies an error. Returns `None` if the error says nothing about the connection.
    pub(super) fn of(error: &AdapterError) -> Option<Self> {
        let AdapterError::Failed(error) = error else { return None };
        match error.downcast_ref()? {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => Some(Self::Lost),
            sqlx::Error::Database(error) => Self::of_database(&**error),
            _ => None,
        }
    }

    fn of_database(error: &dyn DatabaseError) -> Option<Self> {
        #[cfg(feature = "mysql")]
        if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
            && let Some(fault) = Self::of_mysql(error.number())
        {
            return Some(fault);
        }
        let code = error.code()?;
        #[cfg(feature = "sqlite")]
        if error.try_downcast_ref::<sqlx::sqlite::SqliteError>().is_some() {
            return Self::of_sqlite(&code);
        }
        Self::of_sql_state(&code)
    }

    /// Classifies an SQLSTATE of PostgreSQL and compatible databases. MySQL uses the same values as far as it has them.
    fn of_sql_state(state: &str) -> Option<Self> {
        Some(match state {
            // The server does not know whether the transaction was committed.
            "40003" => Self::Lost,
            // 53300: too many connections.
            "53300" => Self::Contended,
            _ if state.starts_with("40") => Self::Contended,
            // 25006: a standby, or `default_transaction_read_only`. 26000: a pooler moved the connection to another server.
            // 57P03: the server is starting or stopping.
            "25006" | "26000" | "57P03" => Self::Refused,
            // 25P03: idle in a transaction for too long. 57P01, 57P02, 57P04, 57P05: ended by an administrator, a crash,
            // `DROP DATABASE`, a timeout. Class 08: connection exceptions.
            "25P03" => Self::Lost,
            _ if state.starts_with("57P") || state.starts_with("08") => Self::Lost,
            _ => return None,
        })
    }

    /// Classifies an error number of MariaDB or MySQL: most of these share SQLSTATE `HY000`.
    #[cfg(feature = "mysql")]
    fn of_mysql(number: u16) -> Option<Self> {
        Some(match number {
            // Too many connections, of all users or of this one.
            1040 | 1203 => Self::Contended,
            // Read-only: a table, the server (`read_only`, `super_read_only`), the transaction, the server again, InnoDB.
            // 1047: a node of Galera that is not part of the cluster. 3032: offline mode.
            1036 | 1290 | 1792 | 1836 | 1874 | 1047 | 3032 => Self::Refused,
            // A prepared statement that the server does not know: a proxy switched to another server.
            1243 | 1615 => Self::Refused,
            // The server is stopping; the connection was killed; the connection was idle for too long.
            1053 | 1927 | 4031 => Self::Lost,
            _ => return None,
        })
    }

    /// Classifies an extended result code of SQLite; the low byte is the primary code.
    #[cfg(feature = "sqlite")]
    fn of_sqlite(code: &str) -> Option<Self> {
        const READONLY: u32 = 8;
        // Also if the file was replaced while it was open (SQLITE_READONLY_DBMOVED).
        (code.parse::<u32>().ok()? & 0xff == READONLY).then_some(Self::Refused)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::error::ErrorKind;

    use super::*;
    use crate::adapter::sql::failed;

    #[derive(Debug)]
    struct WithState(&'static str);

    impl std::fmt::Display for WithState {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for WithState {}

    impl DatabaseError for WithState {
        fn message(&self) -> &str {
            self.0
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }
    }

    fn fault(state: &'static str) -> Option<Fault> {
        Fault::of(&failed(sqlx::Error::Database(Box::new(WithState(state)))))
    }

    #[test]
    fn i_02_a_sql_state_says_whether_its_connection_is_used_again() {
        for state in ["40001", "40P01", "53300"] {
            assert_eq!(fault(state), Some(Fault::Contended), "{state}");
        }
        for state in ["25006", "26000", "57P03"] {
            assert_eq!(fault(state), Some(Fault::Refused), "{state}");
        }
        for state in ["57P01", "57P02", "57P05", "08000", "08006", "08P01", "25P03", "40003"] {
            assert_eq!(fault(state), Some(Fault::Lost), "{state}");
        }
        for state in ["23505", "42P01", "42501", "53100", "55P03", "57014", ""] {
            assert_eq!(fault(state), None, "control: {state} is about the statement");
        }
    }

    #[test]
    fn i_02_an_error_without_a_code_is_about_the_connection_only_if_the_driver_says_so() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        assert_eq!(Fault::of(&failed(sqlx::Error::Io(reset))), Some(Fault::Lost));
        assert_eq!(Fault::of(&failed(sqlx::Error::PoolTimedOut)), None);
        assert_eq!(Fault::of(&failed("a text")), None);
        assert_eq!(Fault::of(&AdapterError::Conflict), None);
    }

    #[cfg(feature = "mysql")]
    #[test]
    fn i_02_a_number_of_mysql_says_whether_its_connection_is_used_again() {
        for number in [1290, 1836, 1792, 1047, 1874] {
            assert_eq!(Fault::of_mysql(number), Some(Fault::Refused), "{number}");
        }
        for number in [1053, 1927, 4031] {
            assert_eq!(Fault::of_mysql(number), Some(Fault::Lost), "{number}");
        }
        assert_eq!(Fault::of_mysql(1040), Some(Fault::Contended));
        assert_eq!(Fault::of_mysql(1062), None, "control: a duplicate key");
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn i_02_a_read_only_file_of_sqlite_is_opened_again() {
        for code in ["8", "264", "1032"] {
            assert_eq!(Fault::of_sqlite(code), Some(Fault::Refused), "{code}");
        }
        for code in ["5", "13", "10", "2067", ""] {
            assert_eq!(Fault::of_sqlite(code), None, "control: {code}");
        }
    }
}
