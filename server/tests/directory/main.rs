//! Names and passwords checked by a directory, over HTTP and against a real OpenLDAP. Rule: nobody comes in but with the
//! password of the one entry that the name means, all who are refused see the same, and a directory that is away refuses
//! nobody. What a directory should never say is said by one of our own, in `strange`.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

#[path = "../process/program.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

mod fake;
mod scene;
mod strange;

/// What needs a directory.
mod ldap {
    mod faults;
    mod groups;
    mod log;
    mod refused;
    mod sign_in;
    mod tls;
}
