//! An async function of the server, which has `Auth`, a session and an HTTP client.

use std::{error::Error, time::Duration};

use http::Method;
use leptos_auth::{
    Auth, ProviderTokenError,
    adapter::{self, Purpose},
    clock::SystemClock,
    types::Session,
};
use url::Url;

async fn call_calendar(access_token: &str) {}
fn offer_sign_in(provider: &str) {}
fn try_later(after: Duration) {}

async fn handle(auth: Auth, session: Session, client: reqwest::Client) -> Result<(), Box<dyn Error>> {
    let answer = {
        /* the block */
    };
    Ok(())
}
