//! What a directory should never say, or only Active Directory does. Nothing here needs a real one.

use std::time::Instant;

use leptos_auth::{
    Auth,
    config::{Config, Mode},
    provider::CredentialsProvider,
};
use url::Url;

use crate::{
    fake::{
        BIND, BIND_RESULT, EXTENDED, EXTENDED_RESULT, Fake, SEARCH, SEARCH_RESULT, element, entry, message,
        reference, result,
    },
    scene::{OTHER_CA, PATIENCE, try_sign_in},
    support::{Answer, TestServer, new_folder},
};

const DN: &str = "cn=Ada Lovelace,ou=people,dc=corp,dc=test";
const PASSWORD: &str = "canary-password";
/// Active Directory's `objectGUID`: the bytes are no text.
const GUID: [u8; 16] = [0xff, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0xfe];

/// A server for which the directory is Active Directory, asked by a service account.
async fn server(fake: &Fake, changes: &[(&str, &str)]) -> TestServer {
    let url = format!("ldap://127.0.0.1:{}", fake.port);
    let all = [
        ("AUTH_LDAP_URL", url.as_str()),
        ("AUTH_LDAP_BIND_DN", "cn=app,dc=corp,dc=test"),
        ("AUTH_LDAP_BIND_PASSWORD", "service-password"),
        ("AUTH_LDAP_SEARCH_BASE", "dc=corp,dc=test"),
        ("AUTH_LDAP_FILTER", "(sAMAccountName={username})"),
    ];
    TestServer::with(&[&all, changes].concat()).await
}

async fn ask(fake: &Fake) -> Answer {
    try_sign_in(&mut server(fake, &[]).await.browser(), "ada", PASSWORD).await
}

fn ada(number: u8) -> Vec<u8> {
    let attributes: [(&str, &[u8]); 4] = [
        ("objectGUID", &GUID),
        ("displayName", b"Ada Lovelace"),
        ("sAMAccountName", b"ada"),
        ("memberOf", b"CN=Admins,DC=corp,DC=test"),
    ];
    entry(number, DN, &attributes)
}

/// Answers as Active Directory does to the right name and password.
fn honest(kind: u8, number: u8) -> Vec<u8> {
    match kind {
        BIND => result(number, BIND_RESULT, 0, ""),
        SEARCH => [ada(number), result(number, SEARCH_RESULT, 0, "")].concat(),
        _ => Vec::new(),
    }
}

#[tokio::test]
async fn the_entries_of_active_directory_are_understood() {
    let fake = Fake::start(honest).await;
    let server = server(&fake, &[]).await;
    let mut browser = server.browser();
    try_sign_in(&mut browser, "ada", PASSWORD).await.assert_signed_in();
    assert_eq!(browser.name().await.as_deref(), Some("Ada Lovelace"));
    let account = server.text("SELECT provider_account_id FROM accounts").await;
    assert_eq!(account, "030201ff-0504-0706-0809-0a0b0c0d0efe");
    assert!(fake.heard("sAMAccountName") && fake.heard(PASSWORD), "control");
}

#[tokio::test]
async fn cr_01_the_codes_of_active_directory_are_one_answer() {
    let mut answers = Vec::new();
    for code in ["525", "52e", "530", "531", "532", "533", "701", "773", "775"] {
        let text = format!(
            "80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data {code}, v3839"
        );
        // The service account is bound first, as number 1.
        let fake = Fake::start(move |kind, number| match (kind, number) {
            (BIND, 2..) => result(number, BIND_RESULT, 49, &text),
            _ => honest(kind, number),
        });
        let answer = ask(&fake.await).await;
        answer.assert_denied();
        // Each server has a port of its own.
        let (_, page) = answer.location().split_once("/signin").unwrap();
        answers.push((answer.status, page.to_owned(), answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert!(answers[0].1.contains("error=CredentialsSignin"));
}

#[tokio::test]
async fn a_principal_is_no_proof_of_whose_entry_was_found() {
    // The password opens the principal, but not the entry that the search for the short name finds.
    let fake = Fake::start(|kind, number| match (kind, number) {
        (BIND, 2..) => result(number, BIND_RESULT, 49, "data 52e"),
        _ => honest(kind, number),
    });
    let (fake, honest) = (fake.await, Fake::start(honest).await);
    let principal = [
        ("AUTH_LDAP_BIND_DN", ""),
        ("AUTH_LDAP_BIND_PASSWORD", ""),
        ("AUTH_LDAP_USER_DN", "{username}@corp.test"),
    ];
    let refused = server(&fake, &principal).await;
    try_sign_in(&mut refused.browser(), "ada", PASSWORD).await.assert_denied();
    assert!(fake.heard("ada@corp.test") && fake.heard(DN));
    let server = server(&honest, &principal).await;
    try_sign_in(&mut server.browser(), "ada", PASSWORD).await.assert_signed_in();
    for name in ["ada@other.test", "OTHER\\ada", "cn=ada,dc=corp"] {
        try_sign_in(&mut server.browser(), name, PASSWORD).await.assert_denied();
        assert!(!honest.heard(name), "{name}");
    }
}

#[tokio::test]
async fn ip_06_nobody_is_asked_but_the_directory_that_was_named() {
    let elsewhere = std::sync::Arc::new(Fake::start(honest).await);
    let url = format!("ldap://127.0.0.1:{}/{DN}", elsewhere.port);
    let target = url.clone();
    let beside = Fake::start(move |kind, number| match kind {
        SEARCH => [reference(number, &target), result(number, SEARCH_RESULT, 0, "")].concat(),
        _ => honest(kind, number),
    });
    let answer = ask(&beside.await).await;
    assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "nothing was found here");
    for tag in [BIND_RESULT, SEARCH_RESULT] {
        let target = url.clone();
        let instead = Fake::start(move |kind, number| {
            const REFERRAL: u8 = 10;
            let to = element(0xa3, &element(4, target.as_bytes()));
            let content = [&[10, 1, REFERRAL][..], &element(4, b""), &element(4, b""), &to].concat();
            match (kind, tag) {
                (BIND, BIND_RESULT) | (SEARCH, SEARCH_RESULT) => message(number, &element(tag, &content)),
                _ => honest(kind, number),
            }
        });
        assert_eq!(ask(&instead.await).await.error().as_deref(), Some("Configuration"));
    }
    assert_eq!(elsewhere.connections(), 0);
    let found = Fake::start(move |kind, number| match kind {
        SEARCH => [reference(number, &url), ada(number), result(number, SEARCH_RESULT, 0, "")].concat(),
        _ => honest(kind, number),
    });
    assert!(ask(&found.await).await.signs_in(), "control: an entry beside it is found");
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn more_entries_than_asked_for_are_nobody() {
    for answers in [
        |number| [ada(number), ada(number), result(number, SEARCH_RESULT, 0, "")].concat(),
        |number| [ada(number), result(number, SEARCH_RESULT, 4, "sizeLimitExceeded")].concat(),
        |number: u8| (0..5000).flat_map(|_| ada(number)).collect(),
    ] {
        let fake = Fake::start(
            move |kind, number| if kind == SEARCH { answers(number) } else { honest(kind, number) },
        );
        assert_eq!(ask(&fake.await).await.error().as_deref(), Some("CredentialsSignin"));
    }
}

#[tokio::test]
async fn groups_that_do_not_fit_are_not_left_out() {
    let fake = Fake::start(|kind, number| match kind {
        SEARCH => {
            let attributes: [(&str, &[u8]); 2] =
                [("objectGUID", &GUID), ("memberOf;range=0-1499", b"CN=A,DC=corp")];
            [entry(number, DN, &attributes), result(number, SEARCH_RESULT, 0, "")].concat()
        }
        _ => honest(kind, number),
    });
    let answer = ask(&fake.await).await;
    assert_eq!(answer.error().as_deref(), Some("Configuration"), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ip_03_ip_04_what_is_no_ldap_is_a_directory_that_is_away() {
    let answers: [fn(u8) -> Vec<u8>; 9] = [
        |_| b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
        |_| vec![0; 64],
        |_| vec![0xff; 64],
        // A message that never ends, of four gigabytes.
        |_| vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 2, 1, 1],
        // A result without a code, with one that is no number, with texts that are none.
        |number| message(number, &element(BIND_RESULT, b"")),
        |number| message(number, &element(BIND_RESULT, &[4, 1, b'x'])),
        |number| message(number, &element(BIND_RESULT, &[10, 1, 0, 4, 1, 0xff, 4, 1, 0xff])),
        |number| message(number, &[]),
        // Success, of another request.
        |number| result(number + 1, BIND_RESULT, 0, ""),
    ];
    let asked = answers.into_iter().enumerate().map(|(index, answer)| async move {
        let fake = Fake::start(move |_, number| answer(number)).await;
        let server = server(&fake, &[]).await;
        let started = Instant::now();
        let answer = try_sign_in(&mut server.browser(), "ada", PASSWORD).await;
        assert_eq!(answer.status, 503, "{index}: {answer:?}");
        assert!(!answer.signs_in() && answer.headers.contains_key("retry-after"), "{index}");
        assert!(started.elapsed() < PATIENCE, "{index}: {:?}", started.elapsed());
        assert_eq!(server.browser().get("/signin").await.status, 200, "{index}: the server goes on");
    });
    futures_util::future::join_all(asked).await;
}

#[tokio::test]
async fn ip_11_a_directory_without_tls_gets_no_password() {
    let folder = new_folder();
    let ca = folder.join("ca.pem");
    std::fs::write(&ca, OTHER_CA).unwrap();
    let changes = [("AUTH_LDAP_CA", ca.to_str().unwrap())];
    for answers in [
        |number| result(number, EXTENDED_RESULT, 2, "unsupported extended operation"),
        // Says that TLS begins, and goes on without.
        |number| result(number, EXTENDED_RESULT, 0, ""),
    ] {
        let fake = Fake::start(move |kind, number| match kind {
            EXTENDED => answers(number),
            _ => honest(kind, number),
        });
        let fake = fake.await;
        let answer = try_sign_in(&mut server(&fake, &changes).await.browser(), "ada", PASSWORD).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(fake.connections() > 0 && fake.heard("1.3.6.1.4.1.1466.20037"), "control: TLS was asked for");
        assert!(!fake.heard(PASSWORD) && !fake.heard("service-password"));
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn op_12_a_directory_and_an_own_check_are_a_mistake() {
    let variables = [("AUTH_LDAP_URL", "ldap://localhost"), ("AUTH_LDAP_USER_DN", "uid={username},dc=test")];
    let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let config = || {
        let url = Url::parse("http://localhost:3000").unwrap();
        Config::from_environment(&env, Mode::Development, &url).unwrap_or_else(|_| panic!("a configuration"))
    };
    let own = CredentialsProvider::new("Own", |_| async { Ok(None) });
    let problems = Auth::builder(config()).credentials(own).build().await.err().expect("a mistake");
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].variable, "AUTH_LDAP_URL");
    assert!(problems[0].message.contains("Example: "));
    assert!(Auth::builder(config()).build().await.is_ok(), "control");
}
