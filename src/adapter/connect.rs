//! Chooses the adapter for a database URL by its scheme, among those that are compiled in.

use std::{sync::Arc, time::Duration};

#[cfg(feature = "mongodb")]
use super::MongoAdapter;
#[cfg(feature = "mysql")]
use super::MySqlAdapter;
#[cfg(feature = "redis")]
use super::RedisAdapter;
#[cfg(feature = "sqlite")]
use super::SqliteAdapter;
use super::{
    Adapter, AdapterError, AuthJsTables, MemoryAdapter,
    database_url::{self, UrlError},
};
#[cfg(feature = "postgres")]
use super::{AuthJsAdapter, PostgresAdapter};
use crate::error;

/// What a URL is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// `DATABASE_URL`: users, and whatever else there is.
    Everything,
    /// `SESSION_STORE`: sessions, mailed tokens and counters, whose users are elsewhere.
    Sessions,
}

/// A kind of database.
struct Kind {
    schemes: &'static [&'static str],
    /// The cargo feature that brings its adapter.
    feature: &'static str,
    is_compiled: bool,
    /// Whether sessions can be there and their users elsewhere. In SQL they are tied to each other.
    takes_sessions_alone: bool,
}

const KINDS: [Kind; 6] = [
    Kind {
        schemes: &["sqlite"],
        feature: "sqlite",
        is_compiled: cfg!(feature = "sqlite"),
        takes_sessions_alone: false,
    },
    Kind {
        schemes: &["postgres", "postgresql"],
        feature: "postgres",
        is_compiled: cfg!(feature = "postgres"),
        takes_sessions_alone: false,
    },
    Kind {
        schemes: &["mysql", "mariadb"],
        feature: "mysql",
        is_compiled: cfg!(feature = "mysql"),
        takes_sessions_alone: false,
    },
    Kind {
        schemes: &["mongodb", "mongodb+srv"],
        feature: "mongodb",
        is_compiled: cfg!(feature = "mongodb"),
        takes_sessions_alone: true,
    },
    Kind {
        schemes: &["redis", "rediss"],
        feature: "redis",
        is_compiled: cfg!(feature = "redis"),
        takes_sessions_alone: true,
    },
    Kind { schemes: &["memory"], feature: "server", is_compiled: true, takes_sessions_alone: true },
];

/// Checks a URL without connecting. Returns warnings, as sentence fragments, about settings that work but are probably not
/// intended. `takes_schema`: the tables are those of Auth.js, and `?schema=` names their schema.
///
/// # Errors
/// Returns why the URL cannot be used. The message quotes no part of the URL, which may contain a password.
pub(crate) fn check(url: &str, purpose: Purpose, takes_schema: bool) -> Result<Vec<String>, UrlError> {
    let kind = kind_of(url, purpose).map_err(|reason| UrlError { reason, example: None })?;
    database_url::check(kind.feature, url, takes_schema).map(|checked| checked.warnings)
}

fn kind_of(url: &str, purpose: Purpose) -> Result<&'static Kind, String> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    let is_fit = |kind: &&Kind| purpose == Purpose::Everything || kind.takes_sessions_alone;
    match KINDS.iter().filter(is_fit).find(|kind| kind.schemes.contains(&scheme)) {
        None => {
            let schemes: Vec<_> =
                KINDS.iter().filter(is_fit).map(|kind| format!("{}:", kind.schemes[0])).collect();
            Err(format!("begins with none of {}", schemes.join(", ")))
        }
        Some(kind) if !kind.is_compiled => Err(format!(
            "names a database that this build does not have: build it with --features {}",
            kind.feature
        )),
        Some(kind) => Ok(kind),
    }
}

/// Opens the database that a URL names, and brings its tables up to date.
///
/// # Errors
/// Why it cannot be used, without the URL.
pub async fn connect(url: &str, purpose: Purpose) -> Result<Arc<dyn Adapter>, String> {
    let kind = kind_of(url, purpose)?;
    let checked = database_url::check(kind.feature, url, false).map_err(|error| error.reason)?;
    let opened = open(kind, &checked.url, purpose).await;
    opened.map_err(|error| checked.explain(error::chain(&error)))
}

/// Opens a PostgreSQL database with tables of Auth.js, whose sessions live `max_age` after a renewal.
///
/// # Errors
/// Why it cannot be used, without the URL.
pub async fn connect_auth_js(
    url: &str,
    tables: AuthJsTables,
    max_age: Duration,
) -> Result<Arc<dyn Adapter>, String> {
    let kind = kind_of(url, Purpose::Everything)?;
    let checked = database_url::check(kind.feature, url, true).map_err(|error| error.reason)?;
    #[cfg(feature = "postgres")]
    return match AuthJsAdapter::connect(&checked.url, tables, max_age).await {
        Ok(adapter) => Ok(Arc::new(adapter)),
        Err(error) => Err(checked.explain(error::chain(&error))),
    };
    #[cfg(not(feature = "postgres"))]
    {
        let _ = (checked, tables, max_age);
        Err("this build has no PostgreSQL: build it with --features postgres".to_owned())
    }
}

#[cfg_attr(
    not(any(
        feature = "sqlite",
        feature = "postgres",
        feature = "mysql",
        feature = "mongodb",
        feature = "redis"
    )),
    allow(unused_variables, reason = "memory is at no address")
)]
async fn open(kind: &Kind, url: &str, purpose: Purpose) -> Result<Arc<dyn Adapter>, AdapterError> {
    Ok(match kind.feature {
        #[cfg(feature = "sqlite")]
        "sqlite" => Arc::new(SqliteAdapter::connect(url).await?),
        #[cfg(feature = "postgres")]
        "postgres" => Arc::new(PostgresAdapter::connect(url).await?),
        #[cfg(feature = "mysql")]
        "mysql" => Arc::new(MySqlAdapter::connect(url).await?),
        #[cfg(feature = "mongodb")]
        "mongodb" => fit(MongoAdapter::connect(url).await?, purpose, MongoAdapter::sessions_only),
        #[cfg(feature = "redis")]
        "redis" => fit(RedisAdapter::connect(url).await?, purpose, RedisAdapter::sessions_only),
        _ => fit(MemoryAdapter::default(), purpose, MemoryAdapter::sessions_only),
    })
}

fn fit<A: Adapter>(adapter: A, purpose: Purpose, sessions_only: fn(A) -> A) -> Arc<dyn Adapter> {
    Arc::new(match purpose {
        Purpose::Everything => adapter,
        Purpose::Sessions => sessions_only(adapter),
    })
}
