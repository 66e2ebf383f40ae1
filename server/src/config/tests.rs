//! What stops a start, and with which words.

use super::*;

fn environment_of(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn read(pairs: &[(&str, &str)]) -> (ServerConfig, Vec<String>) {
    let mut problems = Problems::default();
    let config = ServerConfig::from_environment(&environment_of(pairs), &mut problems);
    (config, problems.iter().map(|problem| problem.variable.clone()).collect())
}

#[test]
fn op_12_wrong_values_are_named_together_and_never_repeated() {
    let pairs =
        [("HOST", "hunter2"), ("PORT", "hunter2"), ("TRUSTED_PROXIES", "hunter2"), ("AUTH_ENV", "hunter2")];
    let (_, variables) = read(&pairs);
    for (name, _) in pairs {
        assert!(variables.iter().any(|variable| variable == name), "{name}");
    }
    let mut problems = Problems::default();
    ServerConfig::from_environment(&environment_of(&pairs), &mut problems);
    assert!(!problems.to_string().contains("hunter2"));
    assert!(problems.iter().all(|problem| problem.message.contains("Example: ")));
}

#[test]
fn hosts_and_ports() {
    let (config, problems) =
        read(&[("HOST", "::1"), ("PORT", "0"), ("LEPTOS_SITE_ROOT", env!("CARGO_MANIFEST_DIR"))]);
    assert_eq!((config.host.to_string().as_str(), config.port), ("::1", 0));
    // Without the feature the site's folder has to be there: it is not in this test.
    assert!(problems.iter().all(|variable| variable == "LEPTOS_SITE_ROOT"), "{problems:?}");
    assert!(read(&[("HOST", "localhost")]).0.host.is_loopback());
    for port in ["65536", "-1", "3000 ", "x"] {
        assert_eq!(read(&[("PORT", port)]).1.contains(&"PORT".to_owned()), port.trim() != "3000", "{port}");
    }
}

#[cfg(feature = "dev")]
#[test]
fn production_can_be_asked_for() {
    assert_eq!(read(&[]).0.mode, Mode::Development);
    for pair in [("AUTH_ENV", "production"), ("LEPTOS_ENV", "PROD"), ("AUTH_ENV", "prod")] {
        assert_eq!(read(&[pair]).0.mode, Mode::Production, "{pair:?}");
    }
}
