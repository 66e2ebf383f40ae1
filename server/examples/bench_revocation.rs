//! What revocation costs a stateless session: the same read without any ended session, and with 100,000 of them in
//! memory. Part of `cargo xtask bench`. Rule: both are measured in turns, and the medians are compared.

use std::error::Error;
use std::time::{Duration, Instant};

use http::{HeaderMap, Request, header};
use leptos_auth::{
    Auth,
    config::{Config, Environment, Mode},
    provider::{AuthorizedUser, CredentialsProvider},
};

const ENDED: usize = 100_000;
const ROUNDS: usize = 31;
const READS: u32 = 10_000;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    leptos_auth_server::tls::install();
    let (plain, revoking) = (auth().await?, auth().await?);
    for number in 0..ENDED {
        revoking.end_sessions(&format!("user-{number}"), None).await?;
    }
    let cookies = [sign_in(&plain).await?, sign_in(&revoking).await?];
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..ROUNDS {
        for ((auth, cookies), times) in [&plain, &revoking].into_iter().zip(&cookies).zip(&mut times) {
            times.push(reads(auth, cookies).await?);
        }
    }
    let [without, with] = times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64() * 1e9 / f64::from(READS)
    });
    println!(
        "  read of a stateless session: {without:.0} ns without ended sessions, {with:.0} ns with {ENDED}: {:+.1} %",
        (with / without - 1.0) * 100.0
    );
    Ok(())
}

async fn auth() -> Result<Auth, Box<dyn Error>> {
    let secret = "bench-bench-bench-bench-bench-bench-bench-42";
    let env = Environment::from([("AUTH_SECRET".to_owned(), secret.to_owned())]);
    let config = Config::from_environment(&env, Mode::Development, &"http://localhost:3000".parse()?);
    let config = config.map_err(|_| "the settings are wrong")?;
    let ada = || AuthorizedUser { id: "ada".to_owned(), name: Some("Ada".to_owned()), ..Default::default() };
    let provider = CredentialsProvider::new("Ada", move |_| {
        let ada = ada();
        async { Ok(Some(ada)) }
    });
    Ok(Auth::builder(config).credentials(provider).build().await.map_err(|_| "the core does not start")?)
}

/// The session cookie of a sign-in as programs do it.
async fn sign_in(auth: &Auth) -> Result<HeaderMap, Box<dyn Error>> {
    let request = Request::post("/api/auth/callback/credentials").header("x-auth-return-token", "1");
    let answer = auth.respond(request.body(bytes::Bytes::new())?).await;
    let token = answer.headers().get("x-auth-session-token").ok_or("no token")?.to_str()?;
    let cookie = format!("authjs.session-token={token}").parse()?;
    Ok(HeaderMap::from_iter([(header::COOKIE, cookie)]))
}

async fn reads(auth: &Auth, cookies: &HeaderMap) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    for _ in 0..READS {
        if auth.session(cookies).await?.session.is_none() {
            return Err("nobody is signed in".into());
        }
    }
    Ok(start.elapsed())
}
