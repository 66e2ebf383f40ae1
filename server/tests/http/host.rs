//! Nothing that a request says of hosts and proxies changes who we are (HH rows).

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::TestServer;

const FORWARDED: [(&str, &str); 7] = [
    ("x-forwarded-host", "evil.test"),
    ("x-forwarded-proto", "https"),
    ("x-forwarded-port", "666"),
    ("forwarded", "host=evil.test;proto=https"),
    ("x-host", "evil.test"),
    ("x-original-url", "/evil"),
    ("x-rewrite-url", "/evil"),
];

/// Sends bytes as they are; the answer until the server closes or is silent.
pub async fn raw(server: &TestServer, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), read).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn hh_02_forwarding_headers_are_ignored() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for path in ["/api/auth/providers", "/api/auth/csrf", "/api/auth/signin", "/signin", "/"] {
        let answer = browser.get_with(path, &FORWARDED).await;
        assert!(!answer.body.contains("evil") && !answer.location().contains("evil"), "{path}");
        assert!(!answer.set_cookies().iter().any(|cookie| cookie.contains("Secure")), "{path}");
    }
    browser.submit_with("/api/auth/signin/email", &FORWARDED, &[("email", "ada@example.com")]).await;
    let mail = server.mail_to("ada@example.com").await;
    assert!(mail.link().starts_with(&server.origin) && !mail.html.contains("evil"));
    let started = browser.submit_with("/api/auth/signin/dev", &FORWARDED, &[]).await;
    assert!(!started.location().contains("evil"));
}

#[tokio::test]
async fn hh_03_host_headers_are_never_believed() {
    let server = TestServer::start().await;
    for request in [
        "GET /api/auth/signin HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        "GET /api/auth/providers HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        "GET http://evil.test/api/auth/providers HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /api/auth/providers HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\nConnection: close\r\n\r\n",
        "GET /api/auth/providers HTTP/1.1\r\nHost: a@evil.test:80\r\nConnection: close\r\n\r\n",
        "GET /api/auth/providers HTTP/1.1\r\nHost: evil.test x\r\nConnection: close\r\n\r\n",
        "GET /api/auth/providers HTTP/1.0\r\n\r\n",
    ] {
        let answer = raw(&server, request).await;
        assert!(answer.starts_with("HTTP/1."), "{request:?}: {answer:?}");
        assert!(!answer.contains("evil"), "{request:?}: {answer}");
    }
    let control = raw(&server, "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await;
    assert!(control.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn hh_04_https_stays_https() {
    let server = TestServer::with(&[("AUTH_URL", "https://app.test")]).await;
    let mut browser = server.browser();
    let answer = browser.get_with("/api/auth/csrf", &[("x-forwarded-proto", "http")]).await;
    let cookies = answer.set_cookies();
    assert!(
        cookies.iter().all(|cookie| cookie.starts_with("__Host-") && cookie.contains("Secure")),
        "{cookies:?}"
    );
}

#[tokio::test]
async fn hh_05_the_first_request_decides_nothing() {
    let server = TestServer::start().await;
    let evil = "GET /evil/api/auth/session HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n";
    raw(&server, evil).await;
    let providers = server.browser().get("/api/auth/providers").await;
    assert!(!providers.body.contains("evil") && providers.body.contains(&server.origin));
}

#[tokio::test]
async fn hh_08_one_request_is_one_request() {
    let server = TestServer::start().await;
    // Both lengths: read as chunks, as RFC 9112 section 6.3 has it, and the connection ends behind it.
    let both = "POST /api/auth/signout HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n\
        0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let answer = raw(&server, both).await;
    assert!(answer.contains("connection: close") && answer.matches("HTTP/1.1").count() == 1, "{answer}");
    for request in [
        "POST /api/auth/signout HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
        "POST /api/auth/signout HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        "POST /api/auth/signout HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: x\r\n X-Folded: y\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost : x\r\n\r\n",
    ] {
        let answer = raw(&server, request).await;
        assert!(answer.starts_with("HTTP/1.1 400"), "{request:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{request:?}: {answer}");
    }
}

#[tokio::test]
async fn rl_03_behind_a_trusted_proxy_visitors_are_told_apart() {
    let guess = async |server: &TestServer, client: &str, number: u32| {
        let name = format!("name-{number}");
        let headers = [("x-forwarded-for", client)];
        let form = [("username", name.as_str()), ("password", "x")];
        server.browser().submit_with("/api/auth/callback/credentials", &headers, &form).await.error().unwrap()
    };
    let trusting = TestServer::with(&[("TRUSTED_PROXIES", "127.0.0.1"), ("DATABASE_URL", "")]).await;
    let wary = TestServer::with(&[("DATABASE_URL", "")]).await;
    for number in 0..50 {
        assert_eq!(guess(&trusting, "6.6.6.6", number).await, "CredentialsSignin");
        assert_eq!(guess(&wary, &format!("6.6.6.{number}"), number).await, "CredentialsSignin");
    }
    assert_eq!(guess(&trusting, "6.6.6.6", 50).await, "RateLimited");
    assert_eq!(guess(&trusting, "7.7.7.7", 51).await, "CredentialsSignin", "control");
    assert_eq!(guess(&wary, "7.7.7.7", 52).await, "RateLimited", "HH-02: the header is not believed");
}
