//! Signs the demo user in through the REST API, as a form without scripts does.

use std::io;

use super::http::{Connection, get, post};
use super::server::Server;
use crate::failure::{Failure, Result};

/// The cookies of a signed-in browser.
pub fn demo_user(server: &Server) -> Result<String> {
    let cookies = sign_in(server).map_err(Failure::because("The demo user cannot sign in"))?;
    if cookies.contains("session-token=") {
        Ok(cookies)
    } else {
        Err(Failure::new("The demo user got no session."))
    }
}

fn sign_in(server: &Server) -> io::Result<String> {
    let mut connection = Connection::open(server.port)?;
    let csrf = connection.ask(&get("/api/auth/csrf", ""))?;
    let text = String::from_utf8_lossy(&csrf.body).into_owned();
    let token = text.split('"').nth(3).unwrap_or_default();
    let form = format!("csrfToken={token}&username=demo&password=demo-password&callbackUrl=%2F");
    let path = "/api/auth/callback/credentials";
    let answer = connection.ask(&post(&server.origin(), path, &csrf.cookies(), &form))?;
    let session = answer.cookies();
    Ok(session.split("; ").filter(|cookie| cookie.contains("session-token")).collect::<Vec<_>>().join("; "))
}
