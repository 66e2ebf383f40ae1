//! T-06: `leptos-auth-server doctor` reports all problems at once, changes nothing, and shows no secret.

use std::{
    io::{Read, Write},
    net::TcpListener,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};

use super::program::{Program, SECRET};

/// Answers every request with that JSON and with a clock that is so far ahead.
fn provider(document: impl Fn(&str) -> Value + Send + 'static, ahead: Duration) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let body = document(&origin).to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let date = httpdate::fmt_http_date(SystemTime::now() + ahead);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ndate: {date}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
        }
    });
    origin
}

/// Returns the discovery document of a valid provider.
fn document(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/jwks"),
    })
}

fn examine(variables: &[(&str, &str)]) -> (Option<i32>, Value) {
    let variables = [&[("AUTH_ENV", "development"), ("DATABASE_URL", "")], variables].concat();
    let (code, text, _) = Program::new(&variables).told(&["doctor", "--json"]);
    (code, serde_json::from_str(&text).expect(&text))
}

fn finding<'a>(report: &'a Value, what: &str) -> &'a Value {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["what"] == what).unwrap_or(&Value::Null)
}

fn of<'a>(report: &'a Value, id: &str) -> &'a Value {
    report["providers"].as_array().unwrap().iter().find(|provider| provider["id"] == id).unwrap()
}

#[test]
fn t_06_a_site_that_is_well_is_told_so() {
    let issuer = provider(document, Duration::ZERO);
    let variables = [
        ("AUTH_ACME_ISSUER", issuer.as_str()),
        ("AUTH_ACME_ID", "our-id"),
        ("AUTH_ACME_SECRET", "acme-password-9431"),
        ("AUTH_URL", "http://localhost:3999"),
    ];
    let (code, report) = examine(&variables);
    assert_eq!((code, &report["ok"]), (Some(0), &json!(true)), "{report:#}");
    let acme = of(&report, "acme");
    assert_eq!(acme["state"], "good");
    assert_eq!(acme["callbackUrl"], "http://localhost:3999/api/auth/callback/acme");
    assert_eq!(finding(&report, "clock")["state"], "good");
    assert_eq!(of(&report, "github")["state"], "off");
    assert!(
        of(&report, "mixer")["problems"][0].as_str().unwrap().contains("closed"),
        "a service that is no more"
    );
}

#[test]
fn t_06_every_mistake_is_told_at_once_and_no_secret() {
    let secret = "hunter2-hunter2-hunter2";
    let variables = [
        ("AUTH_GITHUB_ID", "our-id"),
        ("AUTH_OKTA_ID", "our-id"),
        ("AUTH_OKTA_SECRET", secret),
        ("AUTH_KEYCLOAK_ID", "our-id"),
        ("AUTH_KEYCLOAK_SECRET", secret),
        ("AUTH_KEYCLOAK_ISSUER", "ftp://user:hunter2-hunter2-hunter2@example.com"),
        ("AUTH_MIXER_ID", "our-id"),
        ("AUTH_COOKIE_NAME", "a name with spaces"),
        ("AUTH_SESION", "jwt"),
    ];
    let (code, report) = examine(&variables);
    assert_eq!((code, &report["ok"]), (Some(1), &json!(false)));
    let wrong = [
        ("github", "AUTH_GITHUB_SECRET is missing"),
        ("okta", "AUTH_OKTA_ISSUER is missing"),
        ("keycloak", "AUTH_KEYCLOAK_ISSUER must"),
        ("mixer", "AUTH_MIXER_ID names a service that is no more"),
    ];
    for (id, sentence) in wrong {
        let provider = of(&report, id);
        assert_eq!(provider["state"], "wrong", "{provider:#}");
        assert!(provider["problems"].to_string().contains(sentence), "{provider:#}");
    }
    assert_eq!(finding(&report, "AUTH_COOKIE_NAME")["state"], "wrong");
    assert_eq!(finding(&report, "AUTH_SESION")["state"], "careful");
    assert!(!report.to_string().contains("hunter2"), "{report:#}");

    let variables = [&[("AUTH_ENV", "development"), ("AUTH_SECRET", SECRET)], &variables[..]].concat();
    let (code, text, log) = Program::new(&variables).told(&["doctor"]);
    assert_eq!(code, Some(1));
    for (_, sentence) in wrong {
        assert!(text.contains(sentence), "{text}");
    }
    assert!(text.contains("✗ Okta") && text.contains("· off, "), "{text}");
    assert!(!text.contains("hunter2") && !text.contains(SECRET) && log.is_empty(), "{text}{log}");
}

#[test]
fn t_06_a_provider_that_is_away_or_somebody_else_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let other = provider(|_| json!({ "issuer": "https://other.example" }), Duration::ZERO);
    let (code, report) = examine(&[
        ("AUTH_AWAY_ISSUER", &format!("http://{free}")),
        ("AUTH_AWAY_ID", "our-id"),
        ("AUTH_AWAY_SECRET", "secret"),
        ("AUTH_OTHER_ISSUER", &other),
        ("AUTH_OTHER_ID", "our-id"),
        ("AUTH_OTHER_SECRET", "secret"),
    ]);
    assert_eq!(code, Some(1));
    assert!(of(&report, "away")["problems"][0].as_str().unwrap().contains("cannot be reached"), "{report:#}");
    assert!(
        of(&report, "other")["problems"][0].as_str().unwrap().contains("https://other.example"),
        "{report:#}"
    );
}

#[test]
fn i_13_a_discovery_document_that_has_moved_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let location = "https://login.example/.well-known/openid-configuration?canary";
            let head = "HTTP/1.1 301 Moved Permanently\r\ncontent-length: 0\r\nconnection: close";
            let _ = write!(stream, "{head}\r\nlocation: {location}\r\n\r\n");
        }
    });
    let variables =
        [("AUTH_ACME_ISSUER", issuer.as_str()), ("AUTH_ACME_ID", "id"), ("AUTH_ACME_SECRET", "secret")];
    let (code, report) = examine(&variables);
    let problem = of(&report, "acme")["problems"][0].as_str().unwrap();
    assert_eq!(code, Some(1));
    assert!(problem.ends_with("redirects to https://login.example: write that as the issuer"), "{problem}");
}

#[test]
fn i_06_doctor_judges_a_document_as_the_server_does() {
    for (change, problem) in [
        (json!({ "end_session_endpoint": "", "id_token_signing_alg_values_supported": null }), None),
        (json!({ "token_endpoint": null }), Some("the discovery document lacks token_endpoint")),
        (json!({ "jwks_uri": "/jwks" }), Some("jwks_uri of the discovery document is no https URL")),
        (json!({ "token_endpoint_auth_methods_supported": ["private_key_jwt"] }), Some("takes no secret")),
    ] {
        let changed = change.clone();
        let issuer = provider(
            move |origin| {
                let mut document = document(origin);
                document.as_object_mut().unwrap().extend(changed.as_object().unwrap().clone());
                document
            },
            Duration::ZERO,
        );
        let variables =
            [("AUTH_ACME_ISSUER", issuer.as_str()), ("AUTH_ACME_ID", "id"), ("AUTH_ACME_SECRET", "secret")];
        let (code, report) = examine(&variables);
        assert_eq!(code, Some(i32::from(problem.is_some())), "{change}: {report:#}");
        if let Some(problem) = problem {
            assert!(
                of(&report, "acme")["problems"][0].as_str().unwrap().contains(problem),
                "{change}: {report:#}"
            );
        }
    }
}

#[test]
fn i_18_a_proxy_that_is_set_but_not_used_is_told() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let issuer = format!("http://{free}");
    let acme =
        [("AUTH_ACME_ISSUER", issuer.as_str()), ("AUTH_ACME_ID", "id"), ("AUTH_ACME_SECRET", "secret")];
    let proxy = ("HTTPS_PROXY", "http://user:canary@127.0.0.1:9");
    for (variables, is_told) in [
        ([&acme[..], &[proxy]].concat(), true),
        ([&acme[..], &[proxy, ("AUTH_OUTBOUND_PROXY", "env")]].concat(), false),
        (acme.to_vec(), false),
    ] {
        let (code, report) = examine(&variables);
        let problem = of(&report, "acme")["problems"][0].as_str().unwrap();
        assert_eq!(code, Some(1));
        assert!(problem.contains("cannot be reached"), "{problem}");
        assert_eq!(problem.contains("AUTH_OUTBOUND_PROXY=env"), is_told, "{problem}");
        assert!(!report.to_string().contains("canary"), "{report:#}");
    }
    let (_, report) = examine(&[("AUTH_OUTBOUND_PROXY", "socks5://canary:1080")]);
    assert_eq!(finding(&report, "AUTH_OUTBOUND_PROXY")["state"], "wrong", "{report:#}");
    assert!(!report.to_string().contains("canary"), "{report:#}");
}

#[test]
fn t_06_a_wrong_clock_is_told() {
    let issuer = provider(document, Duration::from_secs(3600));
    let variables =
        [("AUTH_ACME_ISSUER", issuer.as_str()), ("AUTH_ACME_ID", "id"), ("AUTH_ACME_SECRET", "secret")];
    let (code, report) = examine(&variables);
    assert_eq!((code, &finding(&report, "clock")["state"]), (Some(1), &json!("wrong")));
    assert!(finding(&report, "clock")["message"].as_str().unwrap().contains("slow"), "{report:#}");
}

#[test]
fn t_06_a_taken_port_and_a_database_that_is_away_are_told_and_nothing_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let database = format!("memory://{free}");
    let (code, report) = examine(&[("PORT", &port), ("DATABASE_URL", &database)]);
    assert_eq!((code, &finding(&report, "port")["state"]), (Some(1), &json!("wrong")));
    assert_eq!(finding(&report, "database")["state"], "careful", "control: nothing is wrong with memory");

    let program = Program::new(&[("AUTH_ENV", "development"), ("PORT", "0")]);
    let file = program.folder().join("data");
    let (_, text, _) = program.told(&["doctor"]);
    assert!(text.contains("✓ database"), "{text}");
    assert!(!file.exists(), "looking makes no database");
}
