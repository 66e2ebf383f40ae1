//! Tokens of stateless sessions: rotation of secrets, other forms, and services that read them.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use http::{HeaderMap, header};

use crate::support::{Browser, SECRET, TestServer, sign_in_demo};

const NEW_SECRET: &str = "u2Vb7Qx9Lm4Rt6Yw8Za1Kd3Hf5Ng0JpEsCi";
const EVERY_READ_RENEWS: (&str, &str) = ("AUTH_SESSION_UPDATE_AGE", "0");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn op_07_secrets_rotate_under_traffic_and_nobody_is_signed_out() {
    let jwt = ("AUTH_SESSION", "jwt");
    let before = TestServer::with(&[jwt, EVERY_READ_RENEWS]).await;
    let both = [jwt, EVERY_READ_RENEWS, ("AUTH_SECRET", SECRET), ("AUTH_SECRET_1", NEW_SECRET)];
    let during = before.twin(&both).await;
    let after = before.twin(&[jwt, EVERY_READ_RENEWS, ("AUTH_SECRET", NEW_SECRET)]).await;
    let mut first = before.browser();
    sign_in_demo(&mut first).await;

    // Every browser reads without a pause, first from the old instance, then from the ones in between and the new one.
    let (rotating, rotated) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (mut browser, rotating, rotated) = (first.clone(), rotating.clone(), rotated.clone());
            let (there, last) = (browser.at(&during), browser.at(&after));
            tokio::spawn(async move {
                let (mut reads, mut moved, mut arrived) = (0, false, false);
                while !arrived || reads < 60 {
                    if !moved && rotating.load(Ordering::Relaxed) {
                        browser = with_jar_of(&browser, &there);
                        moved = true;
                    }
                    // Only once the instance in between has renewed its token with the new secret.
                    if moved && !arrived && rotated.load(Ordering::Relaxed) && reads > 20 {
                        browser = with_jar_of(&browser, &last);
                        arrived = true;
                    }
                    assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "read {reads}");
                    reads += 1;
                }
                reads
            })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    rotating.store(true, Ordering::Relaxed);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    rotated.store(true, Ordering::Relaxed);
    for reader in readers {
        assert!(reader.await.unwrap() >= 60);
    }
    // Control: what only the old secret has written is nobody once that is gone.
    assert!(first.at(&after).who().await.is_null());
}

/// The first browser, at the server of the second.
fn with_jar_of(browser: &Browser, there: &Browser) -> Browser {
    let mut moved = there.clone();
    moved.jar.clone_from(&browser.jar);
    moved
}

#[tokio::test]
async fn other_forms_sign_in_renew_and_end_as_well() {
    let folder = std::env::temp_dir().join(format!("leptos-auth-key-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let key = folder.join("key.pem");
    let made = std::process::Command::new("openssl")
        .args(["genpkey", "-algorithm", "ed25519", "-out"])
        .arg(&key)
        .status()
        .unwrap();
    assert!(made.success());
    for (form, dots) in [("EdDSA", 2), ("HS512", 2), ("authjs-v4", 4)] {
        let server = TestServer::with(&[
            ("AUTH_SESSION", "jwt"),
            ("AUTH_JWT_FORM", form),
            ("AUTH_JWT_PRIVATE_KEY", key.to_str().unwrap()),
        ])
        .await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        assert_eq!(browser.session_cookie().unwrap().matches('.').count(), dots, "{form}");
        assert_eq!(browser.name().await.as_deref(), Some("Demo User"), "{form}");
        let mut copy = browser.clone();
        browser.submit("/api/auth/signout", &[]).await;
        assert!(copy.who().await.is_null(), "{form}");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_service_reads_the_token_from_cookie_or_header() {
    let server = TestServer::start_jwt().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let token = browser.session_cookie().unwrap().clone();
    let claims = server.auth.get_token(&browser.headers()).unwrap();
    assert_eq!(
        (claims.name.as_deref(), claims.provider.as_deref()),
        (Some("Demo User"), Some("credentials"))
    );
    assert_eq!(server.auth.get_raw_token(&browser.headers()), Some(token.clone()));
    let bearer = |value: String| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
    let escaped = token.replace('.', "%2E").replace('-', "%2D");
    for value in [format!("Bearer {token}"), format!("bearer {escaped}")] {
        assert_eq!(server.auth.get_token(&bearer(value)).unwrap().sub, claims.sub);
    }
    for junk in ["Bearer %", "Bearer", "Bearer a.b.c", "Basic abc", "Bearer null"] {
        assert!(server.auth.get_token(&bearer(junk.to_owned())).is_none(), "{junk}");
    }
    let headers = browser.headers();
    browser.submit("/api/auth/signout", &[]).await;
    assert!(server.auth.get_token(&headers).is_none(), "a session that was ended");
}
