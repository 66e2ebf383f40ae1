//! Sign-in with email address and password (CR and RL rows), with both session strategies.

mod account;
mod reset;
mod sign_up;

use std::time::{Duration, Instant};

use http::Method;
use serde_json::json;
use sqlx::Connection;

use crate::support::{Answer, Browser, TestServer, query, sign_in_demo, sign_in_email};

pub const STRATEGIES: [&str; 2] = ["database", "jwt"];
pub const ADDRESS: &str = "ada@example.com";
pub const PASSWORD: &str = "a bicycle for the mind";
pub const OTHER: &str = "two bicycles for two minds";
pub const PATH: &str = "/api/auth/callback/password";
pub const PROVE: &str = "/api/auth/callback/email";
const QUARTER_HOUR: i64 = 15 * 60;

/// The one that a proxy names as its client.
const PROXY: [(&str, &str); 1] = [("TRUSTED_PROXIES", "127.0.0.1")];

/// A new account, by the typed code.
pub async fn sign_up(server: &TestServer, address: &str, password: &str) -> Browser {
    let mut browser = server.browser();
    let asked = browser.submit("/api/auth/signup", &[("email", address), ("password", password)]).await;
    assert!(asked.location().contains("/verify-request?"), "{asked:?}");
    let code = server.mail_to(address).await.code();
    browser.submit(PROVE, &[("code", &code)]).await.assert_signed_in();
    browser
}

pub async fn sign_in(browser: &mut Browser, address: &str, password: &str) -> Answer {
    browser.submit(PATH, &[("email", address), ("password", password)]).await
}

/// The same by way of a proxy, from that address.
async fn sign_in_from(browser: &mut Browser, client: &str, address: &str, password: &str) -> Answer {
    let form = [("email", address), ("password", password)];
    browser.submit_with(PATH, &[("x-forwarded-for", client)], &form).await
}

/// The stored hash of the only password.
pub async fn stored(server: &TestServer) -> String {
    server.text("SELECT value FROM user_records WHERE kind = 'password'").await
}

/// Puts another hash in its place.
async fn store(server: &TestServer, hash: &str) {
    let mut database = server.database().await;
    sqlx::query("UPDATE user_records SET value = ? WHERE kind = 'password'")
        .bind(hash)
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
}

/// An answer without what is random in every one.
pub fn masked(answer: &Answer) -> (u16, String, String, Vec<String>, Vec<String>) {
    let mut names: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
    names.sort_unstable();
    let cookies = answer.set_cookies().into_iter().map(|cookie| {
        let (pair, attributes) = cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let attributes = attributes.split("Expires=").next().unwrap();
        format!("{name}={};{attributes}", value.len())
    });
    (answer.status, answer.location().to_owned(), answer.body.clone(), names, cookies.collect())
}

#[tokio::test]
async fn signs_in_with_both_kinds_of_session() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        sign_up(&server, ADDRESS, PASSWORD).await;
        let mut browser = server.browser();
        let form = [("email", " ADA@Example.com "), ("password", PASSWORD), ("callbackUrl", "/account")];
        let answer = browser.submit(PATH, &form).await;
        assert_eq!(answer.location(), format!("{}/account", server.origin), "{answer:?}");
        assert_eq!(browser.who().await["user"]["email"], ADDRESS, "{strategy}");
        assert_eq!(server.rows().await.users, 1);
        sign_in(&mut server.browser(), ADDRESS, OTHER).await.assert_denied();
        let providers = browser.get("/api/auth/providers").await.json();
        assert_eq!(providers["password"]["type"], "credentials");
    }
}

#[tokio::test]
async fn cr_01_cr_04_every_wrong_pair_gets_the_same_answer() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    sign_in_email(&server, &mut server.browser(), "link-only@example.com").await;
    sign_up(&server, "broken@example.com", PASSWORD).await;
    let broken = "SELECT id FROM users WHERE email = 'broken@example.com'";
    let mut answers = Vec::new();
    for garbage in ["", "$", "garbage", "$argon2id$v=19$m=19456,t=2,p=1$$", "$2b$04$"] {
        let mut database = server.database().await;
        let sql = "UPDATE user_records SET value = ? WHERE user_id = (SELECT id FROM users WHERE email = 'broken@example.com')";
        sqlx::query(sql).bind(garbage).execute(&mut database).await.unwrap();
        assert!(!server.text(broken).await.is_empty());
        answers.push(masked(&sign_in(&mut server.browser(), "broken@example.com", garbage).await));
    }
    for (address, password) in [
        (ADDRESS, "wrong"),
        (ADDRESS, ""),
        (ADDRESS, " a bicycle for the mind"),
        ("nobody@example.com", PASSWORD),
        ("nobody@example.com", ""),
        ("link-only@example.com", ""),
        ("link-only@example.com", PASSWORD),
        ("link-only@example.com", "null"),
        ("", PASSWORD),
        ("not an address", PASSWORD),
    ] {
        let answer = sign_in(&mut server.browser(), address, password).await;
        answer.assert_denied();
        assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "{address} {password}");
        answers.push(masked(&answer));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in(), "control");
}

#[tokio::test]
async fn cr_08_hashes_are_argon2id_and_old_ones_are_made_anew() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    assert!(stored(&server).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    // `correct horse`, by other software and with other parameters.
    for foreign in [
        "$2b$04$AjHVy03VgVW4gEr3bygMf.De7vBlVnsWvkNOkuwPDn/apcQJxqCcS",
        "$2a$04$S/b7OI43xKekQ.D.H1ayVu7iyDt5gxmXi3WQZID3V/smDzhgiUCWS",
        "$2y$04$io8Zd3vSWi4bKV13aNUqwevEum3iGD53349DJXg2P1p6IhUWb2iMm",
        "$scrypt$ln=10,r=8,p=1$39t7r9UagxBC6F3rvReidA$L9i6791TLAsLRStlY+fiHSnqCqK4JJog9GjfJ2u/OQ0",
        "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M",
        "pbkdf2_sha256$1000$saltysalt123$Y/t0PoXiXu9EOs0jg/eg61PB0WFVI9xSouTcK8NEGpc=",
        "$argon2i$v=19$m=64,t=1,p=2$RY98Tx7zh4scPlpjbxBCSw$O9m70/tvE4/BQMOfY3S2nzIrS2CZ9UFO0MCYjXokFjQ",
        "$argon2id$v=19$m=64,t=1,p=2$9zNstF9Y//v6mgSg3xZAlA$tfHJJ2IEFnr6cq5vjLSnHovq6hhLFsD9Zg7CJ4ftMSQ",
    ] {
        store(&server, foreign).await;
        let mut browser = server.browser();
        sign_in(&mut browser, ADDRESS, "correct horsf").await.assert_denied();
        assert_eq!(stored(&server).await, foreign, "a wrong password changes nothing");
        assert!(sign_in(&mut browser, ADDRESS, "correct horse").await.signs_in(), "{foreign}");
        let renewed = stored(&server).await;
        assert!(renewed.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{renewed}");
        assert!(sign_in(&mut server.browser(), ADDRESS, "correct horse").await.signs_in(), "{foreign}");
        assert_eq!(stored(&server).await, renewed, "and that one stays");
        server.execute("DELETE FROM attempts").await;
    }
}

#[tokio::test]
async fn cr_05_cr_06_long_and_odd_passwords_are_taken_as_they_are() {
    let server = TestServer::start().await;
    let long = "x".repeat(72);
    for (number, password) in [
        "🦀🦀🦀🦀🦀🦀🦀🦀".to_owned(),
        "  spaces around  ".to_owned(),
        format!("{long}-one"),
        "y".repeat(256),
        "z".repeat(1024),
        "cafe\u{301} au lait ﬁ".to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("p{number}@example.com");
        sign_up(&server, &address, &password).await;
        assert!(sign_in(&mut server.browser(), &address, &password).await.signs_in(), "{password}");
        let shorter: String = password.chars().take(password.chars().count() - 1).collect();
        sign_in(&mut server.browser(), &address, &shorter).await.assert_denied();
    }
    sign_in(&mut server.browser(), "p2@example.com", &format!("{long}-two")).await.assert_denied();
    sign_in(&mut server.browser(), "p1@example.com", "spaces around").await.assert_denied();
    let composed = sign_in(&mut server.browser(), "p5@example.com", "caf\u{e9} au lait fi").await;
    assert!(composed.signs_in(), "one text, whichever way it is written");
    for (length, status) in [(1025, 400), (60_000, 400), (1 << 20, 413)] {
        let started = Instant::now();
        let answer = sign_in(&mut server.browser(), ADDRESS, &"a".repeat(length)).await;
        assert_eq!(answer.status, status, "{length}");
        assert!(started.elapsed() < Duration::from_secs(2), "{length}");
    }
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("origin", server.origin.as_str())];
    let nul = format!("csrfToken={token}&email=p0%40example.com&password=abcdefgh%00ijk");
    assert_eq!(browser.send(Method::POST, PATH, &headers, nul.into_bytes()).await.status, 400);
}

#[tokio::test]
async fn cr_12_cr_13_only_text_in_the_body_is_a_password() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let mut browser = server.browser();
    for json in [
        json!({ "email": { "$ne": null }, "password": { "$gt": "" } }),
        json!({ "email": [ADDRESS], "password": [PASSWORD] }),
        json!({ "email": ADDRESS, "password": 1 }),
        json!({ "email": ADDRESS, "password": null }),
    ] {
        assert_eq!(browser.submit_json(PATH, json.clone()).await.status, 400, "{json}");
    }
    browser.submit_json(PATH, json!({ "email": ADDRESS, "password": true })).await.assert_denied();
    browser.submit(PATH, &[("email[$ne]", ""), ("password[$ne]", "")]).await.assert_denied();
    let path = format!("{PATH}?email={ADDRESS}&password={}", PASSWORD.replace(' ', "+"));
    browser.submit(&path, &[]).await.assert_denied();
    assert_eq!(browser.get(&path).await.status, 404);
    let right = json!({ "email": ADDRESS, "password": PASSWORD });
    assert!(browser.submit_json(PATH, right).await.signs_in(), "control");
}

#[tokio::test]
async fn cr_13_cr_14_forms_are_posts_that_password_managers_understand() {
    let server = TestServer::start().await;
    for (path, method, token) in [
        ("/signin", "/api/auth/callback/password", "current-password"),
        ("/signup", "/api/auth/signup", "new-password"),
        (
            "/reset-password?token=3DkV0vZ2m_Xq8-Yw3sT5uN7pR9aB1cD4eF6gH8iJ0kL&email=ada%40example.com",
            "/api/auth/reset-password",
            "new-password",
        ),
    ] {
        let page = server.browser().get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains(&format!("method=\"post\" action=\"{method}\"")), "{path}");
        assert!(page.body.contains(&format!("autocomplete=\"{token}\"")), "{path}");
        assert!(page.body.contains("type=\"password\"") && !page.body.contains("onpaste"), "{path}");
        let mut ids: Vec<_> =
            page.body.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "U-01 {path}: {ids:?}");
    }
}

#[tokio::test]
async fn rl_01_rl_12_rl_13_guesses_are_limited_also_in_parallel() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    sign_up(&server, "mallory@example.com", PASSWORD).await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let guesses = (0..20).map(|number| {
        let (mut browser, token) = (browser.clone(), token.clone());
        async move {
            let password = format!("guess-{number}");
            let form = [("csrfToken", token.as_str()), ("email", ADDRESS), ("password", &password)];
            browser.post(PATH, &form).await.error().unwrap()
        }
    });
    let words = futures_util::future::join_all(guesses).await;
    let checked = words.iter().filter(|word| *word == "CredentialsSignin").count();
    assert_eq!((checked, words.iter().filter(|word| *word == "RateLimited").count()), (10, 10));
    assert!(sign_in(&mut server.browser(), "mallory@example.com", PASSWORD).await.signs_in(), "RL-13");
    let right = sign_in(&mut browser, "ADA@example.com", PASSWORD).await;
    assert_eq!(right.error().as_deref(), Some("RateLimited"), "the right one waits too");
    let wait: i64 = query(right.location(), "retryAfter").unwrap().parse().unwrap();
    assert!((1..=QUARTER_HOUR).contains(&wait) && right.headers.contains_key("retry-after"));
    let restarted = server.twin(&[]).await;
    let again = sign_in(&mut browser.at(&restarted), ADDRESS, PASSWORD).await;
    assert_eq!(again.error().as_deref(), Some("RateLimited"), "RL-11: it outlives a restart");
    server.set_later(QUARTER_HOUR + 1);
    assert!(sign_in(&mut browser, ADDRESS, PASSWORD).await.signs_in(), "control");
}

#[tokio::test]
async fn rl_01_an_unknown_address_is_limited_in_the_same_way() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for number in 0..12 {
        let answer = sign_in(&mut browser, "nobody@example.com", "wrong").await;
        let word = if number < 10 { "CredentialsSignin" } else { "RateLimited" };
        assert_eq!(answer.error().as_deref(), Some(word), "CR-03 {number}");
    }
}

#[tokio::test]
async fn rl_02_rl_04_many_addresses_together_get_a_hundred_and_the_owner_comes_in() {
    let server = TestServer::with(&PROXY).await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let mut checked = 0;
    let mut stranger = server.browser();
    for number in 0..110 {
        let client = format!("203.0.113.{number}");
        let answer = sign_in_from(&mut stranger, &client, ADDRESS, "wrong").await;
        checked += usize::from(answer.error().as_deref() == Some("CredentialsSignin"));
    }
    assert_eq!(checked, 100);
    let anywhere = sign_in_from(&mut server.browser(), "198.51.100.1", ADDRESS, PASSWORD).await;
    assert_eq!(anywhere.error().as_deref(), Some("RateLimited"), "control: the account is full");
    let known = sign_in_from(&mut owner, "198.51.100.2", ADDRESS, PASSWORD).await;
    assert!(known.signs_in(), "a browser that its owner has used before: {known:?}");
    sign_in_email(&server, &mut server.browser(), ADDRESS).await.assert_signed_in();
}

#[tokio::test]
async fn rl_04_the_cookie_of_a_known_browser_is_for_its_account_and_has_few_tries() {
    let server = TestServer::with(&PROXY).await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let mut mallory = sign_up(&server, "mallory@example.com", PASSWORD).await;
    for _ in 0..11 {
        sign_in_from(&mut mallory, "203.0.113.1", ADDRESS, "wrong").await;
    }
    let other = sign_in_from(&mut mallory, "203.0.113.1", ADDRESS, PASSWORD).await;
    assert_eq!(other.error().as_deref(), Some("RateLimited"), "her own cookie does not help her elsewhere");
    let mut words = Vec::new();
    for number in 0..12 {
        let client = format!("203.0.113.{}", 10 + number);
        words
            .push(sign_in_from(&mut mallory, &client, "mallory@example.com", "wrong").await.error().unwrap());
    }
    assert_eq!(words.iter().filter(|word| *word == "CredentialsSignin").count(), 10, "whatever its address");
    for forged in ["", "x", "eyJhbGciOiJkaXIifQ..x.x.x"] {
        let mut browser = server.browser();
        browser.jar.insert("authjs.known-browser".to_owned(), forged.to_owned());
        let answer = sign_in_from(&mut browser, "203.0.113.200", ADDRESS, PASSWORD).await;
        assert!(answer.signs_in(), "a forged cookie is none: {answer:?}");
    }
}

#[tokio::test]
async fn ds_06_a_flood_is_sent_away_and_sessions_are_read_meanwhile() {
    let server = TestServer::with(&[("TRUSTED_PROXIES", "127.0.0.1"), ("AUTH_PASSWORD_QUEUE", "8")]).await;
    let mut reader = server.browser();
    sign_in_demo(&mut reader).await;
    let browser = {
        let mut browser = server.browser();
        browser.csrf().await;
        browser
    };
    let token = browser.clone().csrf().await;
    let flood = (0..500).map(|number| {
        let (mut browser, token) = (browser.clone(), token.clone());
        async move {
            let (client, address) = (format!("2001:db8:{number:x}::1"), format!("p{number}@example.com"));
            let form = [("csrfToken", token.as_str()), ("email", &address), ("password", "wrong")];
            browser.post_with(PATH, &[("x-forwarded-for", &client)], &form).await
        }
    });
    let flood = tokio::spawn(futures_util::future::join_all(flood.collect::<Vec<_>>()));
    let mut reads = 0;
    while !flood.is_finished() {
        assert_eq!(reader.name().await.as_deref(), Some("Demo User"));
        reads += 1;
    }
    assert!(reads > 0);
    let answers = flood.await.unwrap();
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    let checked =
        answers.iter().filter(|answer| answer.error().as_deref() == Some("CredentialsSignin")).count();
    assert!(!busy.is_empty() && checked > 0 && busy.len() + checked == 500, "{} {checked}", busy.len());
    assert!(busy.iter().all(|answer| answer.headers.contains_key("retry-after") && !answer.signs_in()));
    sign_up(&server, ADDRESS, PASSWORD).await;
    assert!(sign_in(&mut server.browser(), ADDRESS, PASSWORD).await.signs_in(), "and then there is room");
}

#[tokio::test]
async fn rl_08_other_spellings_of_the_path_are_not_found() {
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let form = [("email", ADDRESS), ("password", PASSWORD)];
    for path in [
        "//api/auth/callback/password",
        "/API/auth/callback/password",
        "/api/auth/callback/password/",
        "/api/auth/callback//password",
        "/api/auth/callback/%70assword",
        "/api/auth/callback/password;x",
        "/api/auth/callback/PASSWORD",
        "/api/auth/password",
    ] {
        let answer = server.browser().submit(path, &form).await;
        assert!(!answer.signs_in() && (400..500).contains(&answer.status), "{path}: {answer:?}");
    }
    assert!(server.browser().submit(PATH, &form).await.signs_in(), "control");
}

#[tokio::test]
async fn switched_off_there_are_neither_routes_nor_pages() {
    let server = TestServer::with(&[("AUTH_PASSWORD", "false")]).await;
    let mut browser = server.browser();
    assert!(browser.get("/api/auth/providers").await.json()["password"].is_null());
    for page in [
        "/signup",
        "/forgot-password",
        "/reset-password?token=3DkV0vZ2m_Xq8-Yw3sT5uN7pR9aB1cD4eF6gH8iJ0kL&email=a%40b.test",
    ] {
        assert_eq!(browser.get(page).await.status, 404, "{page}");
    }
    let form = [("email", ADDRESS), ("password", PASSWORD), ("token", "x")];
    for path in [PATH, "/api/auth/signup", "/api/auth/forgot-password", "/api/auth/reset-password"] {
        assert_eq!(browser.submit(path, &form).await.status, 404, "{path}");
    }
    sign_in_demo(&mut browser).await;
    assert_eq!(browser.submit("/api/auth/account/password", &form).await.status, 404);
    let page = server.browser().get("/signin").await.body;
    assert!(!page.contains("/signup") && !page.contains("/forgot-password"));
    assert!(TestServer::start().await.browser().get("/signup").await.status == 200, "control");
}

#[tokio::test]
async fn op_12_what_passwords_need_is_said_at_the_start() {
    let env = [
        ("AUTH_PASSWORD", "true"),
        ("DATABASE_URL", ""),
        ("AUTH_SECRET", crate::support::SECRET),
        ("PORT", "0"),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let problems = leptos_auth_server::startup::Application::build(&env).await.err().unwrap().to_string();
    assert!(problems.contains("AUTH_PASSWORD") && problems.contains("DATABASE_URL="), "{problems}");
    let without = TestServer::with(&[("DATABASE_URL", "")]).await;
    assert_eq!(without.browser().get("/signup").await.status, 404, "unasked they are just not there");
}
