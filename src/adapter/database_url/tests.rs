//! Which URLs are rejected, changed or reported.

use proptest::prelude::*;

use super::*;

fn checked(feature: &str, url: &str) -> Checked {
    check(feature, url, false).unwrap_or_else(|error| panic!("{url}: {error:?}"))
}

#[test]
fn i_23_what_the_driver_does_not_read_is_refused_with_what_it_reads() {
    for (feature, query, example) in [
        ("postgres", "schema=auth", "options=-csearch_path%3Dauth"),
        ("postgres", "currentSchema=auth", "options=-csearch_path%3Dauth"),
        ("postgres", "search_path=auth", "options=-csearch_path%3Dauth"),
        ("postgres", "ssl=true", "sslmode=verify-full"),
        ("postgres", "sslaccept=strict", "sslmode=verify-full"),
        ("postgres", "useSSL=true", "sslmode=verify-full"),
        ("postgres", "sslMode=require", "sslmode=verify-full"),
        ("postgres", "sslmode=required", "sslmode=verify-full"),
        ("postgres", "sslmod=require", "sslmode=verify-full"),
        ("postgres", "sslca=x", "sslrootcert="),
        ("postgres", "hunter2=x", "sslmode=verify-full"),
        ("mysql", "ssl=true", "ssl-mode=VERIFY_IDENTITY"),
        ("mysql", "ssl={\"rejectUnauthorized\":true}", "ssl-mode=VERIFY_IDENTITY"),
        ("mysql", "useSSL=true", "ssl-mode=VERIFY_IDENTITY"),
        ("mysql", "sslMode=VERIFY_CA", "ssl-mode=VERIFY_IDENTITY"),
        ("mysql", "sslmode=verify-full", "ssl-mode=VERIFY_IDENTITY"),
        ("mysql", "sslaccept=strict", "ssl-mode=VERIFY_IDENTITY"),
        ("redis", "ssl=true", "rediss://"),
        ("redis", "ssl_cert_reqs=none", "rediss://"),
        ("redis", "db=1", "6379/1"),
    ] {
        let path = if feature == "redis" { "" } else { "app" };
        let url = format!("{feature}://user:hunter2@localhost/{path}?{query}");
        let error = check(feature, &url, false).unwrap_err();
        let message = format!("{} {}", error.reason, error.example.unwrap());
        assert!(message.contains(example) && !message.contains("hunter2"), "{query}: {message}");
    }
}

#[test]
fn i_23_tuning_of_other_software_is_reported() {
    for (feature, query, word) in [
        ("postgres", "connection_limit=5", "connection_limit"),
        ("postgres", "pgbouncer=true", "statement-cache-capacity=0"),
        ("postgres", "channel_binding=require&sslmode=require", "sslmode=verify-full"),
        ("postgres", "connect_timeout=10", "five seconds"),
        ("mysql", "connection_limit=5", "connection_limit"),
        ("mysql", "allowPublicKeyRetrieval=true", "changes nothing"),
    ] {
        let warnings = checked(feature, &format!("{feature}://u:p@localhost/app?{query}")).warnings;
        assert!(warnings.len() == 1 && warnings[0].contains(word), "{query}: {warnings:?}");
    }
    for (feature, query) in [
        ("postgres", "schema=public"),
        (
            "postgres",
            "sslmode=verify-full&sslrootcert=/x.pem&application_name=a&options=-csearch_path%3Dauth",
        ),
        ("postgres", "options[search_path]=auth&statement-cache-capacity=0"),
        ("mysql", "ssl-mode=verify_identity&charset=utf8mb4"),
        ("redis", "protocol=resp3"),
        ("mongodb", "authSource=admin&replicaSet=rs0"),
    ] {
        let path = if feature == "redis" { "" } else { "app" };
        let checked = checked(feature, &format!("{feature}://u:p@localhost/{path}?{query}"));
        assert!(checked.warnings.is_empty(), "control: {query}: {checked:?}");
    }
    assert!(check("postgres", "postgres://localhost/app?schema=auth", true).is_ok(), "the caller reads it");
}

#[test]
fn i_23_the_driver_gets_only_what_it_reads() {
    for (url, expected) in [
        ("postgres://u:p@localhost/a?connection_limit=5", "postgres://u:p@localhost/a"),
        (
            "postgres://u:p@localhost/a?schema=public&sslmode=require&pgbouncer=true",
            "postgres://u:p@localhost/a?sslmode=require",
        ),
        ("postgres://u:p@db.example.com/a?pool_timeout=1", "postgres://u:p@db.example.com/a?sslmode=require"),
        (
            "postgres://u:p@localhost/a?application_name=a%20b",
            "postgres://u:p@localhost/a?application_name=a%20b",
        ),
    ] {
        assert_eq!(checked("postgres", url).url, expected);
    }
}

#[test]
fn i_23_values_that_no_driver_takes_are_not_repeated() {
    for (feature, url) in [
        ("sqlite", "sqlite://app.db?mode=hunter2"),
        ("sqlite", "sqlite://app.db?hunter2=1"),
        ("mongodb", "mongodb://u:p@localhost/a?hunter2=1"),
        ("mongodb", "mongodb://u:p@localhost/a?tls=hunter2"),
        ("redis", "redis://localhost/hunter2"),
        ("redis", "redis://localhost?protocol=hunter2"),
        ("postgres", "postgres://localhost/a?statement-cache-capacity=hunter2"),
    ] {
        let error = check(feature, url, false).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    for (feature, url) in [
        ("sqlite", "sqlite://data/app.db?mode=rwc"),
        ("sqlite", "sqlite::memory:"),
        ("mongodb", "mongodb://u:p@a:1,b:2/a?replicaSet=rs0&tls=true&retryWrites=true&w=majority"),
        ("redis", "redis://localhost/1"),
        ("redis", "redis://a:1,redis://b:2"),
    ] {
        assert_eq!(checked(feature, url).url, url, "control");
    }
}

#[test]
fn i_23_an_unescaped_password_is_told() {
    for url in [
        "postgres://u:hunter2#x@localhost/app",
        "postgres://u:hunter2/x@localhost/app",
        "postgres://u:12#hunter2@localhost/app",
        "postgres://u:12?hunter2=x@localhost/app",
        "mysql://u:hunter2#x@localhost/app",
        "redis://u:hunter2/x@localhost/app",
    ] {
        let feature = url.split(':').next().unwrap();
        let error = check(feature, url, false).unwrap_err();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    assert!(check("postgres", "postgres://u:p%23x%2F@localhost/app", false).is_ok(), "control");
}

#[test]
fn f_c6_tls_is_required_on_the_way_to_a_public_host() {
    for (feature, url, expected) in [
        (
            "postgres",
            "postgres://u:p@db.example.com/app",
            "postgres://u:p@db.example.com/app?sslmode=require",
        ),
        ("postgres", "postgres://u:p@203.0.113.5", "postgres://u:p@203.0.113.5/?sslmode=require"),
        (
            "postgres",
            "postgres://u:p@[2001:db8::1]/a?application_name=x",
            "postgres://u:p@[2001:db8::1]/a?application_name=x&sslmode=require",
        ),
        (
            "postgres",
            "postgres://u:p@localhost/a?host=db.example.com",
            "postgres://u:p@localhost/a?host=db.example.com&sslmode=require",
        ),
        (
            "postgres",
            "postgres://127.0.0.1.example.com/a",
            "postgres://127.0.0.1.example.com/a?sslmode=require",
        ),
        ("mysql", "mysql://u:p@db.example.com/app", "mysql://u:p@db.example.com/app?ssl-mode=REQUIRED"),
        ("mongodb", "mongodb://u:p@db.example.com", "mongodb://u:p@db.example.com/?tls=true"),
        (
            "mongodb",
            "mongodb://u:p@localhost:1,db.example.com:2/a",
            "mongodb://u:p@localhost:1,db.example.com:2/a?tls=true",
        ),
    ] {
        let checked = checked(feature, url);
        assert_eq!(checked.url, expected);
        assert!(checked.warnings.is_empty(), "{checked:?}");
        let reason = checked.explain("server does not support TLS".to_owned());
        assert!(reason.contains("turns it off") && reason.contains(checked.plain), "{reason}");
    }
}

#[test]
fn f_c6_what_the_url_says_counts() {
    for (feature, url, warns) in [
        ("postgres", "postgres://db.example.com/app?sslmode=disable", true),
        ("postgres", "postgres://db.example.com/app?sslmode=prefer", true),
        ("postgres", "postgres://db.example.com/app?sslmode=verify-full", false),
        ("postgres", "postgres://db/app?sslmode=disable", false),
        ("mysql", "mysql://db.example.com/app?ssl-mode=DISABLED", true),
        ("mysql", "mysql://db.example.com/app?sslmode=verify_ca", false),
        ("mongodb", "mongodb://db.example.com/app?tls=false", true),
        ("mongodb", "mongodb://db.example.com/app?ssl=true", false),
        ("mongodb", "mongodb+srv://db.example.com/app", false),
        ("redis", "redis://db.example.com", true),
        ("redis", "rediss://db.example.com", false),
        ("redis", "rediss://a.example.com,redis://b.example.com", true),
    ] {
        let checked = checked(feature, url);
        assert_eq!((checked.url.as_str(), !checked.warnings.is_empty()), (url, warns), "{checked:?}");
    }
}

#[test]
fn f_c6_this_machine_and_private_networks_need_no_tls() {
    for host in [
        "",
        "localhost",
        "LOCALHOST",
        "app.localhost",
        "127.0.0.1",
        "127.9.9.9",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "%2Frun%2Fpostgresql",
    ] {
        let url = format!("postgres://u:p@{host}/app").replace("u:p@/", "/");
        let checked = checked("postgres", &url);
        assert!(checked.url == url && checked.warnings.is_empty(), "{checked:?}");
    }
    assert!(checked("postgres", "postgres://db.example.com/app?host=/run/postgresql").warnings.is_empty());
    assert!(checked("mysql", "mysql://db.example.com/app?socket=/run/mysqld.sock").warnings.is_empty());
    for host in [
        "db",
        "10.0.0.5",
        "172.18.0.2",
        "192.168.1.1",
        "100.100.1.1",
        "[fd00::1]",
        "[fe80::1]",
        "db.internal",
        "db.default.svc.cluster.local",
        "host.docker.internal",
    ] {
        for (feature, plain) in
            [("postgres", "sslmode=disable"), ("mysql", "ssl-mode=DISABLED"), ("mongodb", "tls=false")]
        {
            let url = format!("{feature}://u:p@{host}/app");
            let found = checked(feature, &url);
            assert_eq!(found.url, url, "the driver decides");
            assert!(found.warnings.len() == 1 && found.warnings[0].contains(plain), "{found:?}");
            assert!(checked(feature, &format!("{url}?{plain}")).warnings.is_empty(), "control: it was said");
        }
        assert_eq!(checked("redis", &format!("redis://{host}")).warnings.len(), 1, "{host}");
    }
}

proptest! {
    #[test]
    fn no_url_panics_and_no_message_repeats_it(
        feature in prop_oneof!["postgres", "mysql", "redis", "mongodb", "sqlite"],
        rest in "[a-z:/?#@&=%\\[\\]., hunter2-]{0,40}",
    ) {
        if let Err(error) = check(&feature, &format!("{feature}://{rest}"), false) {
            prop_assert!(!error.reason.contains("hunter2"));
        }
    }
}
