//! The program itself: what prevents its start, what it logs, and how it ends. (Responses are tested in `tests/http`.)
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

#[path = "../support/mod.rs"]
mod support;

mod backup;
mod clock;
mod connections;
mod doctor;
mod export;
mod hostile;
mod killed;
mod log;
mod log_volume;
mod mail;
mod moving;
mod program;
mod queries;
mod shutdown;
mod soak;
mod startup;
mod two_factor;
mod two_programs;
