//! Which adapter a URL means: its scheme says so, among those that this build has.

use std::sync::Arc;

use super::Adapter;
use crate::error;

/// A kind of database.
struct Kind {
    schemes: &'static [&'static str],
    /// The cargo feature that brings its adapter.
    feature: &'static str,
    is_compiled: bool,
}

const KINDS: [Kind; 4] = [
    Kind { schemes: &["memory"], feature: "server", is_compiled: true },
    Kind { schemes: &["sqlite"], feature: "sqlite", is_compiled: cfg!(feature = "sqlite") },
    Kind {
        schemes: &["postgres", "postgresql"],
        feature: "postgres",
        is_compiled: cfg!(feature = "postgres"),
    },
    Kind { schemes: &["mysql", "mariadb"], feature: "mysql", is_compiled: cfg!(feature = "mysql") },
];

/// Why a URL cannot be used, without a word of it: it may hold a password.
///
/// # Errors
/// One half of a sentence.
pub(crate) fn check(url: &str) -> Result<(), String> {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    match KINDS.iter().find(|kind| kind.schemes.contains(&scheme)) {
        None => Err(format!(
            "begins with none of {}",
            KINDS.iter().map(|kind| format!("{}:", kind.schemes[0])).collect::<Vec<_>>().join(", ")
        )),
        Some(kind) if !kind.is_compiled => Err(format!(
            "names a database that this build does not have: build it with --features {}",
            kind.feature
        )),
        Some(_) => Ok(()),
    }
}

/// Opens the database that a URL names, and brings its tables up to date.
///
/// # Errors
/// Why it cannot be used, without the URL.
pub async fn connect(url: &str) -> Result<Arc<dyn Adapter>, String> {
    check(url)?;
    let opened: Result<Arc<dyn Adapter>, _> = match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "memory" => Ok(Arc::new(super::MemoryAdapter::default()) as _),
        #[cfg(feature = "sqlite")]
        "sqlite" => super::SqliteAdapter::connect(url).await.map(|adapter| Arc::new(adapter) as _),
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => {
            super::PostgresAdapter::connect(url).await.map(|adapter| Arc::new(adapter) as _)
        }
        #[cfg(feature = "mysql")]
        "mysql" | "mariadb" => super::MySqlAdapter::connect(url).await.map(|adapter| Arc::new(adapter) as _),
        _ => return Err("names a database that this build does not have".to_owned()),
    };
    opened.map_err(|error| error::chain(&error))
}
