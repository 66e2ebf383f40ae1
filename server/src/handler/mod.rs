//! What answers requests: each file translates between HTTP and something that knows nothing of it.

pub mod health;
pub mod me;
pub mod page;
pub mod rest;
pub mod server_fn;
pub mod texts;
