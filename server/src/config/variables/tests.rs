//! Which variables cause a warning, and its text.

use leptos_auth::config::{Config, Mode};
use url::Url;

use super::*;
use crate::config::{Problems, ServerConfig};

fn environment_of(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn op_12_mistyped_names_are_noticed() {
    let env = environment_of(&[
        ("AUTH_SECRT", ""),
        ("AUTH_TRUST_HOST", "true"),
        ("NEXTAUTH_URL", ""),
        ("AUTH_GITHUB_ID", ""),
        ("AUTH_RESEND_KEY", ""),
        ("AUTH_LOOPS_TRANSACTIONAL_ID", ""),
        ("AUTH_RESEND_REGION", ""),
        ("AUTH_MY_COMPANY_ISSUER", ""),
        ("AUTH_URL", ""),
        ("AUTH_LDAP_FILTER", ""),
        ("AUTH_LDAP_FLITER", ""),
        ("PATH", ""),
    ]);
    let unknown: Vec<_> = unknown(&env).into_iter().collect();
    let expected =
        ["AUTH_LDAP_FLITER", "AUTH_RESEND_REGION", "AUTH_SECRT", "AUTH_TRUST_HOST", "NEXTAUTH_URL"];
    assert_eq!(unknown, expected);
}

#[test]
fn i_24_variables_of_kubernetes_are_one_line() {
    let env = environment_of(&[
        ("AUTH_SERVICE_HOST", "10.0.171.239"),
        ("AUTH_SERVICE_PORT", "80"),
        ("AUTH_SERVICE_PORT_ID", "80"),
        ("AUTH_PORT", "tcp://10.0.171.239:80"),
        ("AUTH_PORT_80_TCP", "tcp://10.0.171.239:80"),
        ("AUTH_PORT_80_TCP_ADDR", "10.0.171.239"),
        ("AUTH_GITHUB_SERVICE_HOST", "10.0.171.240"),
        ("EMAIL_SERVER_PORT", "tcp://10.0.171.241:25"),
        ("KUBERNETES_SERVICE_HOST", "10.0.0.1"),
    ]);
    let notices = notices(&env);
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(notices[0].message.contains("enableServiceLinks: false"), "{notices:?}");
    assert!(!notices[0].message.contains("10.0."), "{notices:?}");
    let of_others =
        environment_of(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("DB_PORT", "tcp://10.0.0.2:5432")]);
    assert!(super::notices(&of_others).is_empty(), "control");
    let mistyped = environment_of(&[("AUTH_PORT", "3000")]);
    assert!(super::notices(&mistyped)[0].message.contains("is not known"), "control");
}

#[test]
fn names_in_small_letters_are_noticed() {
    let env = environment_of(&[
        ("auth_secret", "x"),
        ("Database_Url", "x"),
        ("email_server_host", "x"),
        ("path", "x"),
    ]);
    let variables: Vec<_> = notices(&env).into_iter().map(|notice| notice.variable).collect();
    assert_eq!(variables, ["Database_Url", "auth_secret"]);
}

/// Each invalid value leads to one sentence that names the variable; nothing panics, and no value is quoted.
#[test]
fn i_14_every_variable_with_every_odd_value_gets_a_sentence() {
    const PROVIDER: [&str; 7] = ["ISSUER", "ID", "SECRET", "NAME", "LOGOUT", "TRUST_EMAIL", "PAR"];
    let of_provider = PROVIDER.map(|part| format!("AUTH_ACME_{part}"));
    let of_catalogue =
        ["AUTH_GITHUB_ID", "AUTH_GITHUB_SECRET", "AUTH_MICROSOFT_ENTRA_ID_ISSUER"].map(str::to_owned);
    let known = KNOWN.iter().map(|name| (*name).to_owned());
    for name in known.chain(of_provider).chain(of_catalogue) {
        for (value, word) in [
            ("\"hunter2\"", Some("quote")),
            ("'hunter2'", Some("quote")),
            ("\u{201c}hunter2\u{201d}", Some("quote")),
            ("\u{feff}hunter2", Some("invisible")),
            ("hunter2\nhunter2", Some("line break")),
            ("hunter2\u{fffd}", Some("UTF-8")),
            ("$(hunter2)", Some("no shell")),
            ("hunter2 \u{a0}", None),
            ("\u{0}", None),
            ("", None),
            (" \t\r\n\u{a0}", None),
            ("-1", None),
            ("99999999999999999999", None),
            ("://", None),
            ("\u{1f980}", None),
        ] {
            let sentences = sentences(&name, value);
            let has_own = sentences.iter().any(|sentence| sentence.variable == name);
            assert!(
                sentences.iter().all(|sentence| !sentence.to_string().contains("hunter2")),
                "{sentences:?}"
            );
            // Font names may be in quotes.
            if let Some(word) = word.filter(|word| *word != "quote" || name != "AUTH_THEME_FONT") {
                let is_said = sentences
                    .iter()
                    .any(|sentence| sentence.variable == name && sentence.message.contains(word));
                assert!(is_said, "{name}={value:?}: {sentences:?}");
            }
            assert!(
                value.trim() != "" || !has_own || is_needed(&name),
                "an empty {name} is not set: {sentences:?}"
            );
        }
    }
}

/// Whether the variable is required in production.
fn is_needed(name: &str) -> bool {
    ["AUTH_SECRET", "AUTH_URL", "LEPTOS_SITE_ROOT"].contains(&name) || name.starts_with("AUTH_ACME_")
}

/// Returns all messages about a variable that is set together with those it needs.
fn sentences(name: &str, value: &str) -> Vec<ConfigError> {
    let mut env = environment_of(&[
        ("AUTH_SECRET", "q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAeUiYo"),
        ("AUTH_URL", "https://app.test"),
        ("DATABASE_URL", "memory:"),
        ("AUTH_ACME_ISSUER", "https://login.test"),
        ("AUTH_ACME_ID", "our-id"),
        ("AUTH_ACME_SECRET", "secret"),
    ]);
    env.insert(name.to_owned(), value.to_owned());
    let mut problems = Problems::default();
    ServerConfig::from_environment(&env, &mut problems);
    problems.collect(Config::from_environment(
        &env,
        Mode::Production,
        &Url::parse("http://localhost:3000").unwrap(),
    ));
    problems.explained(&env).iter().cloned().chain(notices(&env)).collect()
}
