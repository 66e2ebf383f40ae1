//! Providers behind a corporate proxy: a real CONNECT proxy, and a provider that cannot be reached without it.

use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional},
    net::{TcpListener, TcpStream},
};

use crate::support::{TestServer, log, services::Services};

const HOST: &str = "login.intranet.test";
const AUTHORIZATION: &str = "https://login.intranet.test/authorize";

/// What a client sent to the proxy: the first line and the credentials.
type Asked = Arc<Mutex<Vec<(String, Option<String>)>>>;

/// Starts a proxy that knows one host. Returns its port, and what it was asked.
async fn proxy(target: std::net::SocketAddr) -> (u16, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Asked::default();
    let log = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(tunnel(stream, target, log.clone()));
        }
    });
    (port, asked)
}

async fn tunnel(stream: TcpStream, target: std::net::SocketAddr, asked: Asked) {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let first = lines.first().cloned().unwrap_or_default();
    let credentials = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("proxy-authorization").then(|| value.trim().to_owned())
    });
    asked.lock().unwrap().push((first.clone(), credentials));
    if first != format!("CONNECT {HOST}:443 HTTP/1.1") {
        let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
        return;
    }
    let mut service = TcpStream::connect(target).await.unwrap();
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    let _ = copy_bidirectional(&mut stream, &mut service).await;
}

async fn provider() -> Services {
    Services::start([HOST.to_owned()], |_| {
        axum::Json(json!({
            "issuer": format!("https://{HOST}"), "authorization_endpoint": AUTHORIZATION,
            "token_endpoint": format!("https://{HOST}/token"), "jwks_uri": format!("https://{HOST}/jwks"),
        }))
    })
    .await
}

/// Starts a server that trusts the provider, with these variables.
async fn server(services: &Services, variables: &[(&str, &str)]) -> TestServer {
    let issuer = format!("https://{HOST}");
    let own = [("AUTH_ACME_ISSUER", issuer.as_str()), ("AUTH_ACME_ID", "id"), ("AUTH_ACME_SECRET", "secret")];
    let services = services.clone();
    TestServer::extended(&[&own, variables].concat(), move |builder| services.attach_trusted(builder)).await
}

/// Returns whether a sign-in at the provider can begin.
async fn begins(server: &TestServer) -> bool {
    let answer = server.browser().submit("/api/auth/signin/acme", &[]).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    answer.location().starts_with(AUTHORIZATION)
}

#[tokio::test]
async fn i_18_a_provider_behind_a_proxy_is_reached_through_it() {
    let services = provider().await;
    let (port, asked) = proxy(services.address()).await;
    let bare = format!("http://127.0.0.1:{port}");
    let with_password = format!("http://user:canary@127.0.0.1:{port}");
    let without_scheme = format!("127.0.0.1:{port}");
    let env = ("AUTH_OUTBOUND_PROXY", "env");
    for variables in [
        vec![("AUTH_OUTBOUND_PROXY", bare.as_str())],
        vec![env, ("HTTPS_PROXY", &bare)],
        vec![env, ("https_proxy", &with_password), ("NO_PROXY", "other.test")],
        vec![env, ("HTTPS_PROXY", &without_scheme)],
    ] {
        log::record();
        let server = server(&services, &variables).await;
        assert!(begins(&server).await, "{variables:?}");
        let log = log::recorded();
        assert!(!log.contains("canary"), "{log}");
    }
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|(line, _)| *line == format!("CONNECT {HOST}:443 HTTP/1.1")), "{asked:?}");
    let credentials: Vec<_> = asked.iter().filter_map(|(_, credentials)| credentials.clone()).collect();
    assert_eq!(credentials, ["Basic dXNlcjpjYW5hcnk="]);
}

#[tokio::test]
async fn i_18_a_proxy_that_is_not_used_is_said() {
    let services = provider().await;
    let (port, asked) = proxy(services.address()).await;
    let proxy = format!("http://user:canary@127.0.0.1:{port}");
    let hint = "HTTPS_PROXY is set but not used";
    for (variables, is_said) in [
        (vec![("HTTPS_PROXY", proxy.as_str())], true),
        (
            vec![
                ("AUTH_OUTBOUND_PROXY", "env"),
                ("HTTPS_PROXY", proxy.as_str()),
                ("NO_PROXY", "intranet.test"),
            ],
            false,
        ),
        (vec![], false),
    ] {
        log::record();
        let server = server(&services, &variables).await;
        assert!(!begins(&server).await, "{variables:?}");
        let log = log::recorded();
        assert_eq!(log.contains(hint), is_said, "{log}");
        assert!(!log.contains("canary"), "{log}");
    }
    assert!(asked.lock().unwrap().is_empty());
}

/// http is accepted only for this machine, because such requests do not leave it. A remote proxy must not change that.
#[tokio::test]
async fn i_18_nothing_for_this_machine_goes_to_a_proxy_elsewhere() {
    use crate::support::evil_op::{CLIENT_ID, EvilProvider};
    let evil = EvilProvider::start().await;
    let variables = [
        ("AUTH_ACME_ISSUER", evil.issuer.as_str()),
        ("AUTH_ACME_ID", CLIENT_ID),
        ("AUTH_ACME_SECRET", "secret"),
        // No machine has this name.
        ("AUTH_OUTBOUND_PROXY", "http://proxy.invalid:3128"),
    ];
    let server = TestServer::with(&variables).await;
    let answer = server.browser().submit("/api/auth/signin/acme", &[]).await;
    assert!(answer.location().starts_with(&evil.issuer), "{answer:?}");
}
