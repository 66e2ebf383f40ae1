//! What stops a start, and with which words.

use std::sync::LazyLock;

use josekit::{jwk::KeyPair, jws::ES256};

use super::*;
use crate::provider::ClientAuthentication;

const GOOD_SECRET: &str = "q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAe";

fn read(mode: Mode, pairs: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    let env = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::from_environment(&env, mode, &Url::parse("http://localhost:3000").unwrap())
}

fn wrong_variables(mode: Mode, pairs: &[(&str, &str)]) -> Vec<String> {
    read(mode, pairs).err().unwrap_or_default().into_iter().map(|error| error.variable).collect()
}

#[test]
fn development_needs_nothing() {
    let config = read(Mode::Development, &[]).ok().unwrap();
    assert_eq!(config.base_url.as_str(), "http://localhost:3000/");
    assert_eq!(config.session.strategy, None);
    assert_eq!(config.session.max_age, Duration::from_secs(2_592_000));
}

#[test]
fn hh_06_jw_15_production_reports_all_problems_at_once() {
    assert_eq!(wrong_variables(Mode::Production, &[]), ["AUTH_SECRET", "AUTH_URL"]);
    for weak in ["short", "a".repeat(64).as_str(), "0123456789abcdef0123456789abcdef"] {
        let variables =
            wrong_variables(Mode::Production, &[("AUTH_SECRET", weak), ("AUTH_URL", "https://app.test")]);
        assert_eq!(variables, ["AUTH_SECRET"], "{weak}");
    }
    let good = [("AUTH_SECRET", GOOD_SECRET), ("AUTH_URL", "https://app.test")];
    assert!(wrong_variables(Mode::Production, &good).is_empty(), "control");
}

#[test]
fn ck_02_production_refuses_http_in_the_open() {
    for (url, is_fine) in [
        ("http://app.test", false),
        ("http://localhost:8080", true),
        ("http://127.0.0.1:8080", true),
        ("https://app.test/", true),
        ("https://app.test/api/auth", true),
        ("https://app.test/sub", false),
        ("ftp://app.test", false),
        ("app.test", false),
    ] {
        let variables = wrong_variables(Mode::Production, &[("AUTH_SECRET", GOOD_SECRET), ("AUTH_URL", url)]);
        assert_eq!(variables.is_empty(), is_fine, "{url}");
    }
}

#[test]
fn op_12_messages_name_the_variable_and_never_the_value() {
    let errors = read(
        Mode::Production,
        &[
            ("AUTH_SECRET", "hunter2"),
            ("AUTH_URL", "hunter2"),
            ("AUTH_SESSION", "hunter2"),
            ("AUTH_SESSION_MAX_AGE", "hunter2"),
            ("DATABASE_URL", "hunter2"),
            ("AUTH_TABLES", "hunter2"),
            ("EMAIL_SERVER", "http://u:hunter2@x.test"),
            ("EMAIL_FROM", "hunter2"),
            ("AUTH_RESEND_KEY", "hunter2"),
            ("AUTH_GITHUB_ID", "hunter2"),
            ("AUTH_ACME_ISSUER", "http://hunter2"),
        ],
    );
    let errors = errors.err().unwrap();
    for variable in [
        "AUTH_SECRET",
        "AUTH_URL",
        "AUTH_SESSION",
        "AUTH_SESSION_MAX_AGE",
        "DATABASE_URL",
        "AUTH_TABLES",
        "EMAIL_SERVER",
        "EMAIL_FROM",
        "AUTH_RESEND_KEY",
        "AUTH_GITHUB_SECRET",
        "AUTH_ACME_ISSUER",
        "AUTH_ACME_ID",
    ] {
        let error = errors.iter().find(|error| error.variable == variable).expect(variable);
        assert!(error.message.contains("Example: "), "{error}");
    }
    assert!(errors.iter().all(|error| !error.to_string().contains("hunter2")));
}

#[test]
fn providers_appear_when_their_variables_are_set() {
    let config = read(
        Mode::Development,
        &[
            ("AUTH_GITHUB_ID", "a"),
            ("AUTH_GITHUB_SECRET", "b"),
            ("AUTH_MY_COMPANY_ISSUER", "https://login.example.com/x"),
            ("AUTH_MY_COMPANY_ID", "a"),
            ("AUTH_MY_COMPANY_SECRET", "b"),
            ("AUTH_GOOGLE_ID", ""),
        ],
    );
    let providers = config.ok().unwrap().providers;
    let shown: Vec<_> =
        providers.iter().map(|provider| (provider.id.as_str(), provider.name.as_str())).collect();
    assert_eq!(shown, [("github", "GitHub"), ("my-company", "My Company")]);
}

/// One provider with these parts.
fn acme(parts: &[(&str, &str)]) -> Result<Config, Vec<ConfigError>> {
    let all = [("ISSUER", "https://op.test"), ("ID", "a")];
    let all: Vec<_> =
        all.iter().chain(parts).map(|(part, value)| (format!("AUTH_ACME_{part}"), *value)).collect();
    let pairs: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    read(Mode::Development, &pairs)
}

/// P-256, in one line as a .env file has it.
static KEY: LazyLock<String> = LazyLock::new(|| {
    let pem = ES256.generate_key_pair().unwrap().to_pem_private_key();
    String::from_utf8(pem).unwrap().trim().replace('\n', "\\n")
});

#[test]
fn one_thing_proves_who_we_are() {
    for (part, value, expected) in [
        ("SECRET", "b", ClientAuthentication::Basic),
        ("PRIVATE_KEY", KEY.as_str(), ClientAuthentication::PrivateKeyJwt),
        ("PUBLIC", "true", ClientAuthentication::None),
    ] {
        let config = acme(&[(part, value)]).unwrap_or_else(|errors| panic!("{errors:?}"));
        assert_eq!(config.providers.len(), 1, "{part}");
        assert_eq!(config.providers[0].client_authentication, expected);
    }
    let with_id = acme(&[("PRIVATE_KEY", KEY.as_str()), ("KEY_ID", "k")]).ok().unwrap().providers;
    assert_eq!(with_id[0].client_key.as_ref().unwrap().key_id.as_deref(), Some("k"));

    let wrong = |parts: &[(&str, &str)]| {
        let errors = acme(parts).err().unwrap();
        let is_quiet = errors.iter().all(|error| !error.to_string().contains(&KEY[40..60]));
        assert!(is_quiet && errors.iter().all(|error| error.message.contains("Example: ")), "{errors:?}");
        errors.into_iter().map(|error| error.variable).collect::<Vec<_>>()
    };
    assert_eq!(wrong(&[]), ["AUTH_ACME_SECRET"]);
    assert_eq!(wrong(&[("PUBLIC", "false")]), ["AUTH_ACME_SECRET"]);
    assert_eq!(wrong(&[("SECRET", "b"), ("PRIVATE_KEY", KEY.as_str())]), ["AUTH_ACME_SECRET"]);
    assert_eq!(wrong(&[("SECRET", "b"), ("PUBLIC", "true")]), ["AUTH_ACME_SECRET"]);
    assert_eq!(wrong(&[("PRIVATE_KEY", KEY.as_str()), ("PUBLIC", "true")]), ["AUTH_ACME_SECRET"]);
    assert_eq!(wrong(&[("PUBLIC", "maybe")]), ["AUTH_ACME_PUBLIC"]);
    for key in [
        "/no/such/file",
        "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----",
        &KEY.replace("PRIVATE", "PUBLIC"),
    ] {
        assert_eq!(wrong(&[("PRIVATE_KEY", key)]), ["AUTH_ACME_PRIVATE_KEY"], "{key}");
    }
    assert_eq!(wrong(&[("SECRET", "b"), ("PAR", "maybe")]), ["AUTH_ACME_PAR"]);
    assert_eq!(wrong(&[("SECRET", "b"), ("RESPONSE_MODE", "fragment")]), ["AUTH_ACME_RESPONSE_MODE"]);
    let github = [("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b"), ("AUTH_GITHUB_PAR", "true")];
    assert_eq!(wrong_variables(Mode::Development, &github), ["AUTH_GITHUB_PAR"]);
}

#[test]
fn apple_needs_a_secret_or_all_of_a_key() {
    let apple = |parts: &[(&str, &str)]| {
        let all: Vec<_> = parts.iter().map(|(part, value)| (format!("AUTH_APPLE_{part}"), *value)).collect();
        let pairs: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        match read(Mode::Development, &pairs) {
            Ok(config) => config.providers.iter().map(|provider| provider.id.clone()).collect::<Vec<_>>(),
            Err(errors) => errors.into_iter().map(|error| error.variable).collect(),
        }
    };
    let key = [("TEAM_ID", "T"), ("KEY_ID", "K"), ("PRIVATE_KEY", KEY.as_str())];
    assert_eq!(apple(&[("ID", "a"), ("SECRET", "b")]), ["apple"]);
    assert_eq!(apple(&[&[("ID", "a")], key.as_slice()].concat()), ["apple"]);
    assert_eq!(apple(&key), ["AUTH_APPLE_ID"]);
    for (missing, _) in key {
        let others: Vec<_> =
            key.into_iter().filter(|(part, _)| *part != missing).chain([("ID", "a")]).collect();
        assert_eq!(apple(&others), [format!("AUTH_APPLE_{missing}")]);
    }
}

#[test]
fn names_that_end_alike_are_told_apart() {
    let config = read(
        Mode::Development,
        &[
            ("AUTH_FUSIONAUTH_ID", "a"),
            ("AUTH_FUSIONAUTH_SECRET", "b"),
            ("AUTH_FUSIONAUTH_ISSUER", "https://op.test"),
            ("AUTH_FUSIONAUTH_TENANT", "t"),
            ("AUTH_SKELETON_KEY_ID", "a"),
            ("AUTH_SKELETON_KEY_SECRET", "b"),
            ("AUTH_SKELETON_KEY_ISSUER", "https://key.test"),
        ],
    );
    let providers = config.unwrap_or_else(|errors| panic!("{errors:?}")).providers;
    let ids: Vec<_> = providers.iter().map(|provider| provider.id.as_str()).collect();
    assert_eq!(ids, ["fusionauth", "skeleton-key"]);
}

#[test]
fn an_issuer_that_nobody_reads_is_said() {
    let linkedin = [("AUTH_LINKEDIN_ID", "a"), ("AUTH_LINKEDIN_SECRET", "b")];
    assert!(wrong_variables(Mode::Development, &linkedin).is_empty(), "control");
    let issuer = ("AUTH_LINKEDIN_ISSUER", "https://www.linkedin.com/oauth");
    let wrong = wrong_variables(Mode::Development, &[&linkedin[..], &[issuer]].concat());
    assert_eq!(wrong, ["AUTH_LINKEDIN_ISSUER"]);
}

#[test]
fn providers_stand_in_the_order_of_their_names() {
    let parts = |name: &str, parts: &[&str]| -> Vec<(String, &str)> {
        parts.iter().map(|part| (format!("AUTH_{name}_{part}"), "https://login.example.com")).collect()
    };
    let one_place = ["TWITTER", "FACEIT", "FACEBOOK"].map(|name| parts(name, &["ID", "SECRET"]));
    let own = ["ZITADEL", "AUTHENTIK", "AUTH0"].map(|name| parts(name, &["ID", "SECRET", "ISSUER"]));
    let variables = one_place.iter().chain(&own).flatten();
    let variables: Vec<_> = variables.map(|(name, value)| (name.as_str(), *value)).collect();
    let config = read(Mode::Development, &variables).ok().unwrap();
    let names: Vec<_> = config.providers.iter().map(|provider| provider.name.as_str()).collect();
    assert_eq!(names, ["Auth0", "authentik", "Facebook", "FACEIT", "X", "ZITADEL"]);
}

#[test]
fn secrets_rotate_in_the_order_of_authjs() {
    let config = read(
        Mode::Development,
        &[("AUTH_SECRET", "old"), ("AUTH_SECRET_1", "new"), ("AUTH_SECRET_2", "newest")],
    );
    let secrets = config.ok().unwrap().secrets;
    assert_eq!(secrets.iter().map(Secret::expose).collect::<Vec<_>>(), ["newest", "new", "old"]);
}

#[test]
fn a_database_that_nobody_knows_or_that_holds_no_users_stops_the_start() {
    let wrong = |pairs: &[(&str, &str)]| wrong_variables(Mode::Development, pairs);
    assert_eq!(wrong(&[("DATABASE_URL", "oracle://x")]), ["DATABASE_URL"]);
    assert_eq!(wrong(&[("DATABASE_URL", "app.db")]), ["DATABASE_URL"]);
    assert_eq!(wrong(&[("SESSION_STORE", "memory:")]), ["DATABASE_URL"]);
    let split = |store| wrong(&[("DATABASE_URL", "memory:"), ("SESSION_STORE", store)]);
    assert_eq!(split("oracle://x"), ["SESSION_STORE"]);
    assert_eq!(split("sqlite://x.db"), ["SESSION_STORE"], "in SQL sessions are tied to their users");
    assert_eq!(split("memory:"), [""; 0]);
}

/// The connections of SMTP belong to a runtime.
#[tokio::test]
async fn mails_go_one_way() {
    const FROM: (&str, &str) = ("EMAIL_FROM", "App <no-reply@app.test>");
    const TEMPLATE: (&str, &str) = ("AUTH_LOOPS_TRANSACTIONAL_ID", "clfq6dinn000yl70fgwwyp82l");
    let wrong = |pairs: &[(&str, &str)]| wrong_variables(Mode::Development, pairs);
    let ways = [
        ("EMAIL_SERVER", "smtps://user:password@smtp.app.test", "SMTP"),
        ("AUTH_RESEND_KEY", "re_1", "Resend"),
        ("AUTH_SENDGRID_KEY", "SG.1", "SendGrid"),
        ("AUTH_POSTMARK_KEY", "1", "Postmark"),
        ("AUTH_MAILGUN_KEY", "1", "Mailgun"),
        ("AUTH_FORWARDEMAIL_KEY", "1", "Forward Email"),
    ];
    for (variable, value, name) in ways {
        let way = (variable, value);
        let settings = read(Mode::Development, &[way, FROM]).ok().unwrap().email.unwrap();
        assert_eq!((settings.service.name(), settings.from.as_str()), (name, FROM.1));
        assert_eq!(wrong(&[way]), ["EMAIL_FROM"]);
        assert_eq!(wrong(&[way, ("EMAIL_FROM", "nobody")]), ["EMAIL_FROM"]);
        let two_ways = wrong(&[way, FROM, ("AUTH_LOOPS_KEY", "1"), TEMPLATE]);
        assert!(two_ways == ["AUTH_LOOPS_KEY"] || two_ways == [variable], "{two_ways:?}");
        assert!(wrong(&[way, FROM, ("AUTH_LOOPS_KEY", "")]).is_empty(), "control: an empty one is none");
        if variable != "EMAIL_SERVER" {
            assert_eq!(wrong(&[(variable, "two words"), FROM]), [variable]);
        }
    }
    let loops = [("AUTH_LOOPS_KEY", "1"), TEMPLATE];
    assert_eq!(read(Mode::Development, &loops).ok().unwrap().email.unwrap().service.name(), "Loops");
    assert_eq!(wrong(&loops[..1]), [TEMPLATE.0]);
    for (option, needed) in [
        (FROM, "EMAIL_SERVER"),
        (TEMPLATE, "AUTH_LOOPS_KEY"),
        (("AUTH_MAILGUN_REGION", "eu"), "AUTH_MAILGUN_KEY"),
    ] {
        assert_eq!(wrong(&[option]), [needed], "it changes nothing alone");
    }
    let mailgun = |region| wrong(&[("AUTH_MAILGUN_KEY", "1"), FROM, ("AUTH_MAILGUN_REGION", region)]);
    assert!(mailgun("EU").is_empty() && mailgun("us").is_empty());
    assert_eq!(mailgun("mars"), ["AUTH_MAILGUN_REGION"]);
}

#[test]
fn tables_of_auth_js_are_for_postgresql() {
    let is_wrong = |url, tables| {
        let wrong = wrong_variables(Mode::Development, &[("DATABASE_URL", url), ("AUTH_TABLES", tables)]);
        wrong.iter().any(|variable| variable == "AUTH_TABLES")
    };
    for tables in ["authjs", "prisma"] {
        assert!(is_wrong("memory:", tables) && is_wrong("sqlite://x.db", tables) && is_wrong("", tables));
        assert!(!is_wrong("postgres://localhost/x", tables) && !is_wrong("postgresql://localhost/x", tables));
    }
    assert!(is_wrong("postgres://localhost/x", "drizzle"));
    assert!(!is_wrong("memory:", "leptos-auth"));
}

#[test]
fn ck_01_a_session_cookie_that_is_unsafe_or_useless_stops_the_start() {
    let secure = [("AUTH_SECRET", GOOD_SECRET), ("AUTH_URL", "https://app.example.com")];
    let with = |changes: &[(&str, &str)]| wrong_variables(Mode::Production, &[&secure, changes].concat());
    for fine in [
        ("AUTH_COOKIE_DOMAIN", "example.com"),
        ("AUTH_COOKIE_DOMAIN", ".App.Example.com"),
        ("AUTH_COOKIE_SAME_SITE", "none"),
        ("AUTH_COOKIE_HOST_PREFIX", "true"),
        ("AUTH_COOKIE_NAME", "next-auth.session-token"),
    ] {
        assert!(with(&[fine]).is_empty(), "control: {fine:?}");
    }
    for (name, value) in [
        ("AUTH_COOKIE_DOMAIN", "com"),
        ("AUTH_COOKIE_DOMAIN", "evil.com"),
        ("AUTH_COOKIE_DOMAIN", "ample.com"),
        ("AUTH_COOKIE_DOMAIN", "other.app.example.com"),
        ("AUTH_COOKIE_SAME_SITE", "Lax;"),
        ("AUTH_COOKIE_HOST_PREFIX", "yes"),
        ("AUTH_COOKIE_NAME", "__Host-x"),
        ("AUTH_COOKIE_NAME", "a=b; Domain=evil.com"),
    ] {
        assert_eq!(with(&[(name, value)]), [name], "{value}");
    }
    let both = [("AUTH_COOKIE_HOST_PREFIX", "true"), ("AUTH_COOKIE_DOMAIN", "example.com")];
    assert_eq!(with(&both), ["AUTH_COOKIE_DOMAIN"]);
    let plain = [("AUTH_COOKIE_SAME_SITE", "none")];
    assert_eq!(wrong_variables(Mode::Development, &plain), ["AUTH_COOKIE_SAME_SITE"], "none needs https");
    let number = [("AUTH_URL", "http://127.0.0.1:3000"), ("AUTH_COOKIE_DOMAIN", "0.0.1")];
    assert_eq!(wrong_variables(Mode::Development, &number), ["AUTH_COOKIE_DOMAIN"]);
}

#[test]
fn signing_out_at_a_provider_is_off_unless_it_is_asked_for() {
    let acme = |logout: &str| {
        let acme = [("ISSUER", "https://op.test"), ("ID", "a"), ("SECRET", "b"), ("LOGOUT", logout)];
        let names = acme.map(|(part, _)| format!("AUTH_ACME_{part}"));
        let pairs: Vec<_> = names.iter().zip(acme).map(|(name, (_, value))| (name.as_str(), value)).collect();
        read(Mode::Development, &pairs).map(|config| config.providers[0].federated_sign_out)
    };
    for (value, expected) in [("", false), ("false", false), ("true", true)] {
        assert_eq!(acme(value).ok(), Some(expected), "{value}");
    }
    assert_eq!(acme("maybe").err().unwrap()[0].variable, "AUTH_ACME_LOGOUT");
    let github = [("AUTH_GITHUB_ID", "a"), ("AUTH_GITHUB_SECRET", "b"), ("AUTH_GITHUB_LOGOUT", "true")];
    assert_eq!(wrong_variables(Mode::Development, &github), ["AUTH_GITHUB_LOGOUT"]);
}

#[test]
fn services_of_oauth_1_are_on_by_their_variables() {
    let key = |bits| {
        let key = openssl::rsa::Rsa::generate(bits).unwrap().private_key_to_pem().unwrap();
        String::from_utf8(key).unwrap()
    };
    let (good, weak) = (key(2048), key(1024));
    let bitbucket = |key: &str| {
        let mut variables = vec![
            ("AUTH_BITBUCKET_SERVER_ISSUER", "https://code.example.com"),
            ("AUTH_BITBUCKET_SERVER_ID", "our-key"),
        ];
        variables.extend(Some(("AUTH_BITBUCKET_SERVER_PRIVATE_KEY", key)).filter(|_| !key.is_empty()));
        read(Mode::Development, &variables)
    };
    for (key, problem) in [
        (good.as_str(), None),
        ("", Some("is missing")),
        ("hunter2", Some("is neither a key in PEM nor a file with one")),
        (
            "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----",
            Some("is not a private key in PEM"),
        ),
        (&weak, Some("is an RSA key of less than 2048 bits")),
    ] {
        let errors = bitbucket(key).err().unwrap_or_default();
        let messages: Vec<_> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(messages.len(), usize::from(problem.is_some()), "{messages:?}");
        for message in messages {
            assert!(message.starts_with("AUTH_BITBUCKET_SERVER_PRIVATE_KEY "), "{message}");
            assert!(message.contains(problem.unwrap()) && message.contains("Example: "), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
    let twitter = |version| {
        let variables =
            [("AUTH_TWITTER_ID", "id"), ("AUTH_TWITTER_SECRET", "s"), ("AUTH_TWITTER_VERSION", version)];
        read(Mode::Development, &variables).map(|config| {
            let [provider] = &config.providers[..] else { panic!("one provider") };
            matches!(provider.endpoints, crate::provider::Endpoints::OAuth1(_))
        })
    };
    assert_eq!(twitter("1.0a"), Ok(true));
    assert_eq!(twitter("2.0"), Ok(false));
    assert_eq!(twitter(""), Ok(false));
    assert_eq!(twitter("1.0").unwrap_err()[0].variable, "AUTH_TWITTER_VERSION");
    for variable in ["AUTH_TWITTER_VERSION", "AUTH_BITBUCKET_SERVER_PRIVATE_KEY"] {
        assert!(is_provider_variable(variable), "{variable} would be warned of");
    }
    assert!(!is_provider_variable("AUTH_TWITTER_VERSON"), "control");
}

#[cfg(feature = "password")]
#[test]
fn op_12_passwords_have_limits_of_their_own() {
    let password = read(Mode::Development, &[]).ok().unwrap().password;
    assert_eq!((password.is_on, password.min_length, password.queue), (None, 8, 32));
    let changed =
        [("AUTH_PASSWORD", "false"), ("AUTH_PASSWORD_MIN_LENGTH", "15"), ("AUTH_PASSWORD_QUEUE", "1")];
    let password = read(Mode::Development, &changed).ok().unwrap().password;
    assert_eq!((password.is_on, password.min_length, password.queue), (Some(false), 15, 1));
    for (variable, value) in [
        ("AUTH_PASSWORD", "yes"),
        ("AUTH_PASSWORD_MIN_LENGTH", "7"),
        ("AUTH_PASSWORD_MIN_LENGTH", "65"),
        ("AUTH_PASSWORD_MIN_LENGTH", "eight"),
        ("AUTH_PASSWORD_QUEUE", "0"),
        ("AUTH_PASSWORD_QUEUE", "-1"),
    ] {
        assert_eq!(wrong_variables(Mode::Development, &[(variable, value)]), [variable], "{value}");
    }
}

#[test]
fn a_webhook_needs_https_and_a_secret_of_its_own() {
    const URL: &str = "AUTH_AUDIT_WEBHOOK_URL";
    const SECRET: &str = "AUTH_AUDIT_WEBHOOK_SECRET";
    let good = ("https://audit.test/hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let wrong = |mode, url: &str, secret: &str| {
        let mine =
            [("AUTH_SECRET", GOOD_SECRET), ("AUTH_URL", "https://app.test"), (URL, url), (SECRET, secret)];
        wrong_variables(mode, &mine)
    };
    for mode in [Mode::Development, Mode::Production] {
        assert_eq!(wrong(mode, good.0, good.1), [] as [&str; 0], "control");
        assert_eq!(wrong(mode, "", ""), [] as [&str; 0], "control");
        assert_eq!(wrong(mode, "http://audit.test/hook", good.1), [URL]);
        assert_eq!(wrong(mode, "", good.1), [URL]);
        for secret in ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?"] {
            assert_eq!(wrong(mode, good.0, secret), [SECRET], "{secret}");
        }
    }
    assert_eq!(wrong(Mode::Development, "http://127.0.0.1:9/hook", good.1), [] as [&str; 0]);
    assert_eq!(wrong(Mode::Production, "http://127.0.0.1:9/hook", good.1), [URL]);
}

#[test]
fn what_happened_is_kept_for_days() {
    const VARIABLE: &str = "AUTH_AUDIT_RETENTION";
    let retention =
        |days| read(Mode::Development, &[(VARIABLE, days)]).map(|config| config.audit.retention).ok();
    assert_eq!(retention(""), Some(Duration::from_secs(180 * 86_400)));
    assert_eq!(retention("1"), Some(Duration::from_secs(86_400)));
    for days in ["0", "3651", "-1", "1.5", "soon"] {
        assert_eq!(retention(days), None, "{days}");
    }
    assert!(!read(Mode::Development, &[("AUTH_SECURITY_MAILS", "false")]).ok().unwrap().audit.security_mails);
}
