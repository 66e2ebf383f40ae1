//! The contract that every adapter must meet, as a test suite that also runs against your own adapter:
//!
//! ```no_run
//! # async fn example() {
//! use leptos_auth::adapter::{MemoryAdapter, contract};
//!
//! let adapter = std::sync::Arc::new(MemoryAdapter::default());
//! contract::run(adapter.clone()).await;
//! // Or one by one:
//! for case in contract::cases(contract::Scope::Everything) {
//!     let outcome = case.check(adapter.clone(), contract::Scope::Everything).await;
//!     println!("{}: {}", case.name(), if outcome.is_ok() { "ok" } else { "FAILED" });
//! }
//! # }
//! ```
//!
//! Each case creates its own rows and reads no others, so the database need not be empty and may be in use. Expired rows
//! of others are removed. The rows of the cases are not cleaned up: use a test database.
//!
//! Times are close to the present, because some databases expire rows by their own clock, which must be right to the
//! minute.
#![allow(clippy::missing_panics_doc, clippy::unwrap_used, reason = "a test suite fails by panic")]

mod accounts;
mod attempts;
mod audit;
mod authenticators;
mod changes;
mod concurrency;
mod failure;
mod lists;
mod purging;
mod revocations;
mod sessions;
mod store;
mod text;
mod times;
mod user_records;
mod users;
mod verification_tokens;

#[cfg(test)]
pub(super) mod tests;

use std::{fmt, sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use tokio::task::JoinError;

use super::Adapter;
use store::Store;

/// A case that takes longer hangs.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What a store is used for. Each includes the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Sessions, revocations, verification tokens and attempts. The users are elsewhere.
    Sessions,
    /// Everything, but sessions are apart from their users: nothing stops a session of a user who is not there.
    Apart,
    /// Everything.
    Everything,
}

/// One promise, and how it is put to the test.
pub struct Case {
    name: &'static str,
    scope: Scope,
    body: fn(Store) -> BoxFuture<'static, ()>,
}

/// A promise that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The name of the case.
    pub case: &'static str,
    /// What was expected and what came.
    pub reason: String,
}

/// The cases of a file, each with what a store must be used for to be asked.
macro_rules! promises {
    ($($scope:ident: $($case:ident),+;)+) => {
        pub(super) const CASES: &[super::Case] = &[$($(super::Case {
            name: stringify!($case),
            scope: super::Scope::$scope,
            body: |store| Box::pin($case(store)),
        }),+),+];
    };
}
use promises;

/// All cases for such a store.
pub fn cases(scope: Scope) -> impl Iterator<Item = &'static Case> {
    const FILES: [&[Case]; 15] = [
        users::CASES,
        changes::CASES,
        lists::CASES,
        accounts::CASES,
        authenticators::CASES,
        user_records::CASES,
        sessions::CASES,
        revocations::CASES,
        verification_tokens::CASES,
        attempts::CASES,
        audit::CASES,
        text::CASES,
        times::CASES,
        purging::CASES,
        failure::CASES,
    ];
    FILES.into_iter().flatten().chain(concurrency::CASES).filter(move |case| case.scope <= scope)
}

/// Runs every case on a store that holds everything.
///
/// # Panics
/// When the adapter breaks the contract; the message names each case that failed.
pub async fn run(adapter: Arc<dyn Adapter>) {
    run_for(adapter, Scope::Everything).await;
}

/// Runs every case for such a store.
///
/// # Panics
/// When the adapter breaks the contract; the message names each case that failed.
pub async fn run_for(adapter: Arc<dyn Adapter>, scope: Scope) {
    let failures = failures(adapter, scope).await;
    let lines: Vec<String> = failures.iter().map(ToString::to_string).collect();
    assert!(failures.is_empty(), "the adapter breaks the contract:\n{}", lines.join("\n"));
}

/// Runs every case for such a store, also after one has failed. What failed.
pub async fn failures(adapter: Arc<dyn Adapter>, scope: Scope) -> Vec<Failure> {
    let mut failures = Vec::new();
    for case in cases(scope) {
        failures.extend(case.check(adapter.clone(), scope).await.err());
    }
    failures
}

impl Case {
    /// What it is called: the promise in a few words.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Runs this case alone.
    ///
    /// # Errors
    /// When the adapter does not keep the promise, or takes longer than a minute.
    pub async fn check(&self, adapter: Arc<dyn Adapter>, scope: Scope) -> Result<(), Failure> {
        let is_of_records = user_records::CASES.iter().any(|case| case.name == self.name);
        if is_of_records && !adapter.keeps_user_records() {
            return Ok(());
        }
        let mut task = tokio::spawn((self.body)(Store::new(adapter, scope)));
        let reason = match tokio::time::timeout(TIME_LIMIT, &mut task).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => message(error),
            Err(_) => {
                task.abort();
                format!("took longer than {TIME_LIMIT:?}")
            }
        };
        Err(Failure { case: self.name, reason })
    }
}

/// What a case said when it failed.
fn message(error: JoinError) -> String {
    let Ok(panic) = error.try_into_panic() else { return "the runtime was shut down".to_owned() };
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref().copied()).unwrap_or("panicked").to_owned()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.case, self.reason)
    }
}

impl std::error::Error for Failure {}
