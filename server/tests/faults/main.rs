//! What happens to users who sign in while the database is unavailable, slow, restarted, full or killed: rows DB and KX of
//! the threat model. Rule: nothing that was acknowledged is lost, no user is half created, the response is 503 with
//! `Retry-After`, no session cookie is removed, and the server recovers by itself.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

// How a database server is started is written once, for `cargo xtask services` and for those who kill it.
#[path = "../../../xtask/src/failure.rs"]
mod failure;
#[path = "../../../xtask/src/files.rs"]
mod files;
#[path = "../../../xtask/src/machine.rs"]
mod machine;
#[path = "../../../xtask/src/process.rs"]
mod process;
#[path = "../../../xtask/src/service/mod.rs"]
mod service;

#[path = "../process/program.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

mod database;
mod failover;
mod killed;
mod mysql;
mod people;
mod postgres;
mod proxy;
mod redis;
mod scene;
mod sqlite;
