//! T-06: `leptos-auth-server doctor` says all that is wrong at once, changes nothing, and repeats no secret.

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

/// A discovery document and a key set in one.
fn document(origin: &str) -> Value {
    json!({
        "issuer": origin,
        "authorization_endpoint": format!("{origin}/authorize"),
        "token_endpoint": format!("{origin}/token"),
        "jwks_uri": format!("{origin}/keys"),
        "keys": [{ "kty": "RSA" }],
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
    let issuer = provider(|origin| document(origin), Duration::ZERO);
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
    let other = provider(
        |origin| {
            let mut document = document(origin);
            document["issuer"] = json!("https://other.example");
            document
        },
        Duration::ZERO,
    );
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
fn t_06_a_wrong_clock_is_told() {
    let issuer = provider(|origin| document(origin), Duration::from_secs(3600));
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

/// What `doctor` says of Microsoft Entra ID with an issuer on a provider that calls itself as `named` says.
fn entra(path: &str, named: &'static str) -> (Option<i32>, Value) {
    let origin = provider(
        move |origin| {
            let mut document = document(origin);
            document["issuer"] = json!(format!("{origin}{named}"));
            document
        },
        Duration::ZERO,
    );
    let (code, report) = examine(&[
        ("AUTH_MICROSOFT_ENTRA_ID_ISSUER", &format!("{origin}{path}")),
        ("AUTH_MICROSOFT_ENTRA_ID_ID", "our-id"),
        ("AUTH_MICROSOFT_ENTRA_ID_SECRET", "secret"),
    ]);
    let entra = of(&report, "microsoft-entra-id").clone();
    (code, entra)
}

#[test]
fn i_12_an_issuer_that_lets_nobody_in_is_wrong() {
    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    const TEMPLATE: &str = "/{tenantid}/v2.0";
    let upper = format!("/{}/v2.0", TENANT.to_uppercase());
    for (path, named, right) in [
        ("/common/v2.0/", TEMPLATE, "/common/v2.0"),
        ("/organizations/v2.0/", TEMPLATE, "/organizations/v2.0"),
        ("/common", TEMPLATE, "/common/v2.0"),
        (
            "/consumers/v2.0",
            "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
            "/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0",
        ),
        (
            upper.as_str(),
            "/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
            "/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        ),
        (
            "/contoso.example/v2.0",
            "/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
            "/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0",
        ),
        ("/contoso.example/v2.0", TEMPLATE, "one tenant"),
        ("/{tenantid}/v2.0", TEMPLATE, "placeholder"),
    ] {
        let (code, entra) = entra(path, named);
        assert_eq!((code, &entra["state"]), (Some(1), &json!("wrong")), "{path}: {entra:#}");
        assert!(entra["problems"].to_string().contains(right), "{path}: {entra:#}");
    }
    for word in ["/common/v2.0", "/organizations/v2.0"] {
        assert_eq!(entra(word, TEMPLATE).1["state"], "good", "control: {word}");
    }
    assert_eq!(
        entra("/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0", "/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0").1["state"],
        "good",
        "control"
    );
}

#[test]
fn i_12_the_start_is_refused_with_the_same_words() {
    let issuer = ("AUTH_MICROSOFT_ENTRA_ID_ISSUER", "https://login.microsoftonline.com/common/v2.0/");
    let variables =
        [issuer, ("AUTH_MICROSOFT_ENTRA_ID_ID", "id"), ("AUTH_MICROSOFT_ENTRA_ID_SECRET", "secret")];
    let text = Program::new(&variables).refused();
    assert!(
        text.contains("AUTH_MICROSOFT_ENTRA_ID_ISSUER=https://login.microsoftonline.com/common/v2.0\n"),
        "{text}"
    );
}

#[test]
fn i_12_what_stops_the_start_is_wrong_in_doctor() {
    for (variables, variable) in [
        (&[("AUTH_LINK_TRUSTED", "google")][..], "AUTH_LINK_TRUSTED"),
        (&[("AUTH_SESSION", "database")], "DATABASE_URL"),
        (&[("AUTH_SESSION_NOT_BEFORE", "2999-01-01T00:00:00Z")], "AUTH_SESSION_NOT_BEFORE"),
    ] {
        let (code, report) = examine(variables);
        assert_eq!((code, &finding(&report, variable)["state"]), (Some(1), &json!("wrong")), "{report:#}");
    }
}
