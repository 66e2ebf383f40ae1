//! `server/src/auth.rs`: the end of `configure`.

use leptos_auth::{
    AuthBuilder, Secret,
    provider::{OAuth1Endpoints, OAuthProvider, ProfileMap, catalog},
};

/// Something that sends mails.
mod my_service {
    pub struct Error {
        pub status: u16,
    }

    pub async fn send(from: &str, to: &str, subject: &str, text: &str, html: &str) -> Result<(), Error> {
        Ok(())
    }
}

fn configure(builder: AuthBuilder, id: String, secret: Secret) -> AuthBuilder {
    /* the block */
}
