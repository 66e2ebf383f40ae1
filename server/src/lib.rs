//! The axum server of the starter: translates between HTTP and the auth core, and serves the pages.
//!
//! Start reading in [`auth`]: it is the file to edit. `router` says what is where, `middleware` what surrounds
//! every request, `startup` how it all comes together.

pub mod auth;
pub mod command;
pub mod config;
pub mod doctor;
pub mod extract;
pub mod shutdown;
pub mod startup;
pub mod state;
pub mod telemetry;
pub mod tls;

mod assets;
#[cfg(feature = "dev")]
mod banner;
mod body;
mod client_address;
mod connection_body;
mod connections;
#[cfg(feature = "dev")]
mod dev;
mod error_page;
mod handler;
mod middleware;
mod purge;
mod router;
mod serve;
