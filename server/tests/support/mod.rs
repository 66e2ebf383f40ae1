//! Helpers for tests over HTTP: the real server on a free port with its own database, browsers with cookie jars, the inbox,
//! and whole sign-ins. Nothing here uses internals of the server.

pub mod authenticator;
mod browser;
mod evidence;
pub mod evil_oauth1;
pub mod evil_op;
pub mod failing;
mod flows;
pub mod log;
mod passkey;
pub mod proxy;
mod server;
pub mod services;
pub mod smtp_sink;

pub use authenticator::Authenticator;
pub use browser::{Answer, Browser};
pub use evidence::{evidence, scaled};
pub use failing::Failing;
pub use flows::{Mail, sign_in_demo, sign_in_dev, sign_in_email, start_dev};
pub use passkey::Passkey;
pub use server::{Rows, TestServer, new_folder};

/// A secret that is good enough for production.
pub const SECRET: &str = "q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAeUiYo";

/// The signature of HS256 (RFC 2104), also by a secret that is shorter than josekit takes.
pub fn hs256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    let mut key = [0; 64];
    if secret.len() > key.len() {
        key[..32].copy_from_slice(&Sha256::digest(secret));
    } else {
        key[..secret.len()].copy_from_slice(secret);
    }
    let hash = |pad: u8, parts: &[&[u8]]| {
        let inner = Sha256::new_with_prefix(key.map(|byte| byte ^ pad));
        parts.iter().fold(inner, |hash, part| hash.chain_update(part)).finalize().to_vec()
    };
    hash(0x5c, &[&hash(0x36, &[message])])
}

/// A parameter of the query of a URL or path.
pub fn query(location: &str, name: &str) -> Option<String> {
    let (_, query) = location.split_once('?')?;
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}
