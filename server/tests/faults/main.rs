//! What happens to people who sign in while the database is away, slow, restarted, full or killed: rows DB and KX of the
//! security matrix. Rule: nothing that was acknowledged is lost, nobody is half created, the answer is 503 and says
//! when to come back, no session cookie is cleared, and all is well again by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

#[path = "../support/mod.rs"]
mod support;

mod people;
#[path = "../process/program.rs"]
mod program;
mod proxy;
mod sqlite;
