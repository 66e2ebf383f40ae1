//! Hostile input: text with a meaning for a database or a program, extreme numbers, deep nesting.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use http::Method;
use leptos_auth::provider::{AuthorizedUser, CredentialsProvider};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::{Browser, TestServer, sign_in_demo};

#[tokio::test]
async fn c5_a_name_that_comes_twice_in_json_is_refused() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let send = async |browser: &mut Browser, body: String| {
        let headers = [("content-type", "application/json")];
        browser.send(Method::POST, "/api/auth/callback/credentials", &headers, body.into_bytes()).await
    };
    for fields in [
        r#""username":"x","username":"demo","password":"demo-password""#,
        r#""username":"demo","password":"x","password":"demo-password""#,
        r#""username":"demo","\u0075sername":"demo","password":"demo-password""#,
        r#""username":"demo","password":"demo-password","data":{"a":1,"a":2}"#,
    ] {
        let answer = send(&mut browser, format!("{{\"csrfToken\":\"{token}\",{fields}}}")).await;
        assert_eq!(answer.status, 400, "{fields}: {answer:?}");
        assert!(!answer.signs_in());
    }
    let good = r#""username":"demo","password":"demo-password","data":{"a":{"a":1}}"#;
    assert!(send(&mut browser, format!("{{\"csrfToken\":\"{token}\",{good}}}")).await.signs_in(), "control");
}

const HOSTILE: [&str; 10] = [
    "'",
    "\"",
    "' OR '1'='1",
    "'; DROP TABLE users;--",
    "') UNION SELECT id, name, email, email_key, image, 1 FROM users--",
    "\\'; DELETE FROM sessions; --",
    "$1",
    "%' OR 1=1 /*",
    "{\"$ne\": \"\"}",
    "__proto__",
];

/// Credentials whose user is whoever the form names.
async fn anybody() -> TestServer {
    let anybody = CredentialsProvider::new("Anybody", |credentials| async move {
        let id = credentials.get("username").to_owned();
        Ok(Some(AuthorizedUser { name: Some(id.clone()), id, ..AuthorizedUser::default() }))
    });
    TestServer::extended(&[], |builder| builder.credentials(anybody)).await
}

async fn signed_in_as(server: &TestServer, name: &str) -> Browser {
    let mut browser = server.browser();
    let form = [("username", name), ("password", "x")];
    assert!(browser.submit("/api/auth/callback/credentials", &form).await.signs_in(), "{name}");
    browser
}

#[tokio::test]
async fn in_01_text_is_text_in_every_place() {
    let server = anybody().await;
    let mut demo = signed_in_as(&server, "demo").await;
    for (number, text) in HOSTILE.into_iter().enumerate() {
        // As a name it comes back as it was, and is a person of its own.
        let mut person = signed_in_as(&server, text).await;
        assert_eq!(person.name().await.as_deref(), Some(text));
        assert_eq!(server.rows().await.users, i64::try_from(number).unwrap() + 2, "{text}");

        let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let mut browser = server.browser();
        for path in [
            format!("/api/auth/signin/{encoded}"),
            format!("/api/auth/callback/{encoded}?code={encoded}&state={encoded}"),
            format!("/api/auth/callback/email?token={encoded}&email={encoded}"),
            format!("/signin?error={encoded}&callbackUrl={encoded}"),
            format!("/api/auth/error?error={encoded}"),
            format!("/account?{encoded}={encoded}"),
        ] {
            let answer = browser.get_with(&path, &[("user-agent", text), ("referer", text)]).await;
            // Only an error page about the operator's own mistake may say 500, and a browser can ask for that one.
            assert!(answer.status < 500 || path.starts_with("/api/auth/error"), "{path}: {answer:?}");
        }
        let form = [("email", text), ("callbackUrl", text), ("remember", text)];
        assert!(browser.submit("/api/auth/signin/email", &form).await.status < 500, "{text}");
        browser.jar.insert("authjs.session-token".to_owned(), encoded);
        assert!(browser.who().await.is_null(), "{text} is nobody's token");
    }
    assert_eq!(demo.name().await.as_deref(), Some("demo"), "whoever was there still is");
}

#[tokio::test]
async fn in_01_an_address_with_a_quote_gets_its_mail() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    crate::support::sign_in_email(&server, &mut browser, "o'brien+--@example.com").await;
    assert_eq!(browser.who().await["user"]["email"], "o'brien+--@example.com");
}

#[tokio::test]
async fn in_08_names_that_look_alike_are_different_people() {
    let server = anybody().await;
    let alike =
        ["ada", "Ada", "ada ", "ad\u{e1}", "ada\u{301}", "a\u{200b}da", "\u{202e}ada", "\u{430}da", "ａda"];
    let mut ids = Vec::new();
    for name in alike {
        ids.push(signed_in_as(&server, name).await.who().await["user"]["id"].as_str().unwrap().to_owned());
    }
    let again = signed_in_as(&server, "ada").await.who().await["user"]["id"].clone();
    assert_eq!(again, ids[0].as_str(), "control: the same name is the same person");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), alike.len());
}

/// Sends a body as it is, as a program that is signed in.
async fn update(browser: &mut Browser, body: String) -> u16 {
    let headers = [("content-type", "application/json")];
    browser.send(Method::POST, "/api/auth/session", &headers, body.into_bytes()).await.status
}

#[tokio::test]
async fn in_05_in_11_kx_07_odd_json_harms_nobody() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let token = browser.csrf().await;
    let with = |data: &str| format!(r#"{{"csrfToken":"{token}","data":{data}}}"#);
    assert_eq!(update(&mut browser, with(r#"{"a":1}"#)).await, 200, "control");
    for number in ["-1", "9223372036854775808", "1e308", "-0", "0.1e-400"] {
        assert!(update(&mut browser, with(number)).await < 500, "{number}");
    }
    assert_eq!(update(&mut browser, with("1e309")).await, 400, "no number");
    for key in ["__proto__", "constructor", "prototype"] {
        let body = with(&format!(r#"{{"{key}":{{"role":"admin"}}}}"#));
        assert_eq!(update(&mut browser, body).await, 200, "{key}");
        assert_eq!(browser.who().await["user"]["role"], "member", "{key}");
    }
    for (depth, refused) in [(200, 400), (5_000, 400), (100_000, 413)] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        assert_eq!(update(&mut browser, with(&format!("{open}{close}"))).await, refused, "{depth}");
        let nested = format!("{}{}", r#"{"a":"#.repeat(depth), "1");
        assert_eq!(update(&mut browser, with(&nested)).await, refused, "{depth}");
    }
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "and the server still answers");
}

#[tokio::test]
async fn in_10_pictures_are_fetched_by_nobody_here() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let picture = format!("http://{}/a.png", listener.local_addr().unwrap());
    let fetched = Arc::new(AtomicU32::new(0));
    let count = fetched.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let image = picture.clone();
    let ada = CredentialsProvider::new("Ada", move |_| {
        let image = Some(image.clone());
        async move { Ok(Some(AuthorizedUser { id: "ada".to_owned(), image, ..AuthorizedUser::default() })) }
    });
    let server = TestServer::extended(&[], |builder| builder.credentials(ada)).await;
    let mut browser = signed_in_as(&server, "ada").await;
    assert_eq!(browser.who().await["user"]["image"], json!(picture), "control: it is kept");
    assert_eq!(browser.get("/account").await.status, 200);
    assert_eq!(fetched.load(Ordering::Relaxed), 0);
    drop(
        tokio::net::TcpStream::connect(picture.trim_start_matches("http://").trim_end_matches("/a.png"))
            .await,
    );
    while fetched.load(Ordering::Relaxed) == 0 {
        tokio::task::yield_now().await; // control: a visit would have been noticed
    }
    assert!(matches!(browser.who().await, Value::Object(_)));
}
