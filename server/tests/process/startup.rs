//! Startup: all errors are reported at once, with names and examples and without values (T-05, OP-12).

use std::time::{Duration, Instant};

use sqlx::{Connection, SqliteConnection};

use crate::{
    program::{Program, SECRET},
    support::{Browser, sign_in_demo},
};

const PRODUCTION: (&str, &str) = ("AUTH_ENV", "production");

#[test]
fn hh_06_jw_15_production_names_all_problems_at_once() {
    let text = Program::new(&[PRODUCTION, ("PORT", "hunter2"), ("AUTH_SESSION", "hunter2")]).refused();
    for variable in ["AUTH_SECRET", "AUTH_URL", "PORT", "AUTH_SESSION"] {
        assert!(text.contains(variable), "{variable}: {text}");
    }
    assert!(text.contains("Example: ") && !text.contains("hunter2"), "{text}");
}

#[test]
fn jw_15_a_weak_secret_stops_production() {
    for secret in ["short", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let text =
            Program::new(&[PRODUCTION, ("AUTH_URL", "https://app.test"), ("AUTH_SECRET", secret)]).refused();
        assert!(text.contains("AUTH_SECRET") && !text.contains(secret), "{text}");
    }
    let good = Program::new(&[PRODUCTION, ("AUTH_URL", "https://app.test"), ("AUTH_SECRET", SECRET)]).start();
    good.signal("TERM");
    let (code, printed, log) = good.end();
    assert_eq!(code, Some(0), "control: {log}");
    assert!(printed.is_empty(), "production prints nothing for developers: {printed}");
}

#[test]
fn ck_02_http_in_the_open_stops_production() {
    let text =
        Program::new(&[PRODUCTION, ("AUTH_URL", "http://app.test"), ("AUTH_SECRET", SECRET)]).refused();
    assert!(text.contains("AUTH_URL") && text.contains("https://"), "{text}");
}

#[test]
fn a_site_that_is_not_there_stops_production() {
    let variables = [
        PRODUCTION,
        ("AUTH_URL", "https://app.test"),
        ("AUTH_SECRET", SECRET),
        ("LEPTOS_SITE_ROOT", "nowhere"),
    ];
    assert!(Program::new(&variables).refused().contains("LEPTOS_SITE_ROOT"));
}

#[test]
fn a_taken_port_is_said_in_one_sentence() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let text = Program::new(&[("PORT", &port)]).refused();
    assert!(text.contains("PORT is in use by another program"), "{text}");
}

#[test]
fn db_12_a_broken_database_stops_the_start() {
    let program = Program::new(&[("DATABASE_URL", "sqlite://broken.db")]);
    std::fs::write(program.folder().join("broken.db"), "this is no database".repeat(500)).unwrap();
    assert!(program.refused().contains("DATABASE_URL"));
}

#[test]
fn development_starts_without_any_variable() {
    let program = Program::new(&[]);
    let database = program.folder().join("data/app.db");
    let running = program.start();
    assert!(database.exists(), "a database is made");
    running.signal("TERM");
    let (code, printed, _) = running.end();
    assert_eq!(code, Some(0));
    for text in ["http://localhost:", "Dev ID", "Email", "/dev/inbox", "demo / demo-password"] {
        assert!(printed.contains(text), "{text}: {printed}");
    }
}

#[test]
fn the_banner_tells_what_to_register() {
    let running = Program::new(&[("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "canary-secret")]).start();
    running.signal("TERM");
    let (_, printed, log) = running.end();
    assert!(printed.contains("/api/auth/callback/github"), "{printed}");
    assert!(!printed.contains("canary") && !log.contains("canary"));
}

#[test]
fn settings_come_from_a_file_too() {
    let running = Program::new(&[("AUTH_URL", "http://localhost:7777")])
        .env_file("AUTH_URL=http://localhost:8888\nAUTH_GITHUB_ID=a\nAUTH_GITHUB_SECRET=b\n")
        .start();
    running.signal("TERM");
    let (_, printed, _) = running.end();
    assert!(
        printed.contains("http://localhost:7777") && printed.contains("GitHub"),
        "what is set wins: {printed}"
    );
    let text = Program::new(&[]).env_file("AUTH_SECRET hunter2 hunter2\n").refused();
    assert!(text.contains(".env") && !text.contains("hunter2"), "{text}");
}

#[test]
fn op_12_mistyped_variables_are_noticed() {
    let running = Program::new(&[("AUTH_SECRT", "hunter2"), ("NEXTAUTH_URL", "hunter2")]).start();
    running.signal("TERM");
    let (_, _, log) = running.end();
    assert!(log.contains("AUTH_SECRT") && log.contains("NEXTAUTH_URL") && !log.contains("hunter2"), "{log}");
}

#[test]
fn op_03_op_04_migrations_run_once_however_many_start() {
    let first = Program::new(&[]);
    let database = format!("sqlite://{}", first.folder().join("shared.db").display());
    let variables = [("DATABASE_URL", database.as_str()), ("AUTH_SECRET", SECRET)];
    let running: Vec<_> = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..6).map(|_| scope.spawn(|| Program::new(&variables).start())).collect();
        starts.into_iter().map(|start| start.join().unwrap()).collect()
    });
    assert_eq!(running.len(), 6);
    for program in running {
        program.signal("TERM");
        assert_eq!(program.end().0, Some(0));
    }
    let _ = std::fs::remove_dir_all(first.folder());
}

/// What a program of another version left behind.
async fn refused_after(change: &'static str) -> String {
    let folder = crate::support::new_folder();
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let start = || Program::new(&[("DATABASE_URL", &url)]);
    let running = start().start();
    running.signal("TERM");
    running.end();
    let mut database = SqliteConnection::connect(&url).await.unwrap();
    sqlx::query(change).execute(&mut database).await.unwrap();
    drop(database);
    let text = start().refused();
    std::fs::remove_dir_all(folder).unwrap();
    text
}

#[tokio::test]
async fn db_15_a_schema_of_another_version_stops_the_start() {
    let newer = "INSERT INTO auth_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'of next year', TRUE, x'00', 1)";
    let text = refused_after(newer).await;
    assert!(text.contains("DATABASE_URL") && text.contains("migration 9999"), "{text}");
    let text = refused_after("UPDATE auth_migrations SET checksum = x'00' WHERE version = 1").await;
    assert!(text.contains("DATABASE_URL") && text.contains("migration 1 "), "{text}");
}

#[tokio::test]
async fn kx_05_a_restart_is_quick_and_signs_nobody_out() {
    leptos_auth_server::tls::install();
    let folder = crate::support::new_folder();
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let origin = "http://localhost:3000";
    let start =
        || Program::new(&[("DATABASE_URL", &url), ("AUTH_URL", origin), ("AUTH_SECRET", SECRET)]).start();
    let mut browser = Browser::new("127.0.0.1:1".parse().unwrap(), origin);
    for round in 0..30 {
        let begun = Instant::now();
        let running = start();
        browser = browser.at_address(running.address.parse().unwrap());
        if round == 0 {
            sign_in_demo(&mut browser).await;
        }
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "round {round}");
        assert!(begun.elapsed() < Duration::from_secs(5), "two seconds, and some for a busy machine");
        running.signal(if round % 2 == 0 { "KILL" } else { "TERM" });
        running.end();
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn i_14_quotes_of_an_env_file_are_told() {
    for (variable, value) in [
        ("PORT", "\"3000\""),
        ("HOST", "'0.0.0.0'"),
        ("AUTH_URL", "\"http://localhost:3000\""),
        ("AUTH_SESSION", "'jwt'"),
        ("DATABASE_URL", "\"sqlite://app.db\""),
        ("TRUSTED_PROXIES", "\"127.0.0.1\""),
        ("AUTH_PASSKEY", "\u{201c}true\u{201d}"),
        ("AUTH_LINK_TRUSTED", "\"google\""),
    ] {
        let text = Program::new(&[(variable, value)]).refused();
        let line = text.lines().find(|line| line.trim().starts_with(variable)).unwrap_or_default();
        assert!(line.contains("begins and ends with a quote"), "{variable}: {text}");
        let example = line.split("Example: ").nth(1).unwrap_or_default();
        assert!(!example.contains(['"', '\'']), "no quotes in the example: {line}");
    }
    let running = Program::new(&[
        ("AUTH_GITHUB_ID", "\"our-id\""),
        ("AUTH_GITHUB_SECRET", "'hunter2'"),
        ("AUTH_SECRET", "\"q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAeUiYo\""),
        ("ADMIN_EMAILS", "\"ada@example.com\""),
        ("AUTH_GITHUB_NAME", "GitHub of \"ours\""),
    ])
    .start();
    running.signal("TERM");
    let (_, _, log) = running.end();
    for variable in ["AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET", "AUTH_SECRET", "ADMIN_EMAILS"] {
        assert!(log.contains(&format!("{variable} begins and ends with a quote")), "{variable}: {log}");
    }
    assert!(!log.contains("hunter2") && !log.contains("AUTH_GITHUB_NAME"), "{log}");
}

#[test]
fn i_23_a_schema_in_the_url_stops_the_start_with_the_right_parameter() {
    let url = "postgres://user:hunter2@localhost/app?schema=auth";
    let text = Program::new(&[("DATABASE_URL", url)]).refused();
    assert!(text.contains("?options=-csearch_path%3Dauth") && !text.contains("hunter2"), "{text}");
}

#[test]
fn i_24_variables_of_kubernetes_are_one_line() {
    let running = Program::new(&[
        ("AUTH_SERVICE_HOST", "10.0.171.239"),
        ("AUTH_SERVICE_PORT", "80"),
        ("AUTH_SERVICE_PORT_HTTP", "80"),
        ("AUTH_SERVICE_PORT_ID", "80"),
        ("AUTH_PORT", "tcp://10.0.171.239:80"),
        ("AUTH_PORT_80_TCP", "tcp://10.0.171.239:80"),
        ("AUTH_PORT_80_TCP_PROTO", "tcp"),
        ("AUTH_PORT_80_TCP_PORT", "80"),
        ("AUTH_PORT_80_TCP_ADDR", "10.0.171.239"),
    ])
    .start();
    running.signal("TERM");
    let (_, _, log) = running.end();
    let lines: Vec<_> =
        log.lines().filter(|line| line.contains("AUTH_PORT") || line.contains("AUTH_SERVICE")).collect();
    assert!(lines.len() == 1 && lines[0].contains("enableServiceLinks: false"), "{log}");
    assert!(!log.contains("is not known"), "{log}");
    let text = Program::new(&[("PORT", "tcp://10.0.171.239:80")]).refused();
    assert!(text.contains("PORT") && text.contains("enableServiceLinks"), "{text}");
}

/// Starts a PostgreSQL server without TLS, under a name of this machine that does not look like one. Returns the first bytes
/// of each connection.
fn without_tls() -> (String, std::sync::mpsc::Receiver<Vec<u8>>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("127.1:{}", listener.local_addr().unwrap().port());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut begun = vec![0; 8];
            let _ = stream.read_exact(&mut begun);
            // "No", the response to an SSLRequest.
            let _ = stream.write_all(b"N");
            let _ = tell.send(begun);
        }
    });
    (host, told)
}

#[test]
fn f_c6_a_public_database_without_tls_is_refused_with_the_way_out() {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    let (host, told) = without_tls();
    let url = format!("postgres://user:hunter2@{host}/app");
    let text = Program::new(&[("DATABASE_URL", &url)]).refused();
    assert!(text.contains("DATABASE_URL cannot be used") && text.contains("sslmode=disable"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(told.recv().unwrap(), SSL_REQUEST);
    let text = Program::new(&[("DATABASE_URL", &format!("{url}?sslmode=disable"))]).refused();
    assert!(!text.contains("TLS is required"), "control: {text}");
    let all: Vec<_> = told.try_iter().collect();
    assert!(!all.is_empty() && all.iter().all(|begun| *begun != SSL_REQUEST), "control: {all:?}");
}
