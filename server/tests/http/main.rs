//! Tests over HTTP only: each module is an area of the threat model, and a test for one of its rows carries the row's id.
//! Every rejection has a control, which shows that the legitimate request works.
#![allow(unused_imports, clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs)]

#[path = "../support/mod.rs"]
mod support;

mod account;
#[cfg(all(feature = "passkey", feature = "totp", feature = "password"))]
mod account_security;
mod audit;
mod authorization;
mod bearer;
mod callback_url;
mod callbacks;
mod cookies;
mod credentials;
mod csrf;
mod customizing;
mod dev_pages;
mod dev_provider;
mod email;
mod ended_sessions;
mod error_pages;
mod headers;
mod health;
mod host;
mod input;
mod instances;
mod languages;
mod limits;
mod linking;
mod mail_services;
#[cfg(feature = "passkey")]
mod passkey;
mod password;
mod redirects;
#[cfg(all(feature = "passkey", feature = "totp", feature = "password"))]
mod reported;
mod rest;
#[cfg(all(feature = "passkey", feature = "totp", feature = "password"))]
mod rotation;
mod second_step;
mod server_functions;
mod session;
mod sign_in_limits;
mod slow_clients;
mod smtp;
mod tokens;
#[cfg(all(feature = "passkey", feature = "totp", feature = "password", feature = "postgres"))]
mod unfinished;
mod webhook;
