//! Names, attributes and odd values of cookies (CK rows).

use crate::support::{Answer, TestServer, sign_in_demo, sign_in_dev, sign_in_email};

fn assert_all(answer: &Answer, check: impl Fn(&str) -> bool) {
    for cookie in answer.set_cookies() {
        assert!(check(cookie), "{cookie}");
    }
}

#[tokio::test]
async fn ck_01_on_https_every_cookie_is_secure() {
    let server = TestServer::with(&[("AUTH_URL", "https://app.test")]).await;
    let mut browser = server.browser();
    let form = [("username", "demo"), ("password", "demo-password")];
    let signed_in = browser.submit("/api/auth/callback/credentials", &form).await;
    let asked = browser.submit("/api/auth/signin/email", &[("email", "ada@example.com")]).await;
    let left = browser.submit("/api/auth/signout", &[]).await;
    for answer in [&signed_in, &asked, &left] {
        assert!(!answer.set_cookies().is_empty());
        assert_all(answer, |cookie| {
            let prefix = ["__Host-", "__Secure-"].iter().any(|prefix| cookie.starts_with(prefix));
            let attributes = ["; HttpOnly", "; SameSite=Lax", "; Secure", "; Path=/"];
            prefix
                && attributes.iter().all(|attribute| cookie.contains(attribute))
                && !cookie.contains("Domain")
        });
    }
    assert!(
        signed_in.set_cookies().iter().any(|cookie| cookie.starts_with("__Secure-authjs.session-token="))
    );
}

#[tokio::test]
async fn ck_02_on_http_no_cookie_pretends() {
    let server = TestServer::start().await;
    let answer = sign_in_demo(&mut server.browser()).await;
    assert_all(&answer, |cookie| {
        !cookie.starts_with("__")
            && !cookie.contains("Secure")
            && cookie.contains("; HttpOnly; SameSite=Lax; Path=/")
    });
}

#[tokio::test]
async fn ck_04_of_two_sessions_the_first_counts() {
    let server = TestServer::start().await;
    let (mut ada, mut grace) = (server.browser(), server.browser());
    sign_in_dev(&mut ada, "ada").await;
    sign_in_dev(&mut grace, "grace").await;
    let (good, other) = (ada.session_cookie().unwrap(), grace.session_cookie().unwrap());
    let who = async |cookie: String| {
        let answer = server.browser().get_with("/api/auth/session", &[("cookie", &cookie)]).await;
        answer.json()["user"]["name"].as_str().unwrap_or("nobody").to_owned()
    };
    let name = "authjs.session-token";
    assert_eq!(who(format!("{name}={good}; {name}={other}")).await, "Ada Lovelace");
    assert_eq!(who(format!("{name}={good}; {name}=bad")).await, "Ada Lovelace");
    assert_eq!(who(format!("{name}=bad; {name}={good}")).await, "nobody");
}

#[tokio::test]
async fn ck_05_ck_09_neighbours_are_not_read() {
    let server = TestServer::with(&[("AUTH_URL", "https://app.test"), ("AUTH_SESSION", "jwt")]).await;
    let mut browser = server.browser();
    let form = [("username", "demo"), ("password", "demo-password")];
    browser.submit("/api/auth/callback/credentials", &form).await;
    let token = browser.session_cookie().unwrap().clone();
    let who = async |name: &str| {
        let cookie = format!("{name}={token}");
        server.browser().get_with("/api/auth/session", &[("cookie", &cookie)]).await.json()
    };
    for name in [
        "authjs.session-token",
        "__secure-authjs.session-token",
        "__Host-authjs.session-token",
        "__Secure-authjs.session-token-other",
        "__Secure-authjs.session-token2",
        "__Secure-authjs.session-token.1",
        "__Secure-next-auth.session-token",
    ] {
        assert!(who(name).await.is_null(), "{name}");
    }
    assert_eq!(who("__Secure-authjs.session-token").await["user"]["name"], "Demo User", "control");
}

#[tokio::test]
async fn ck_10_ck_12_odd_cookies_are_nobody() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let good = browser.session_cookie().unwrap().clone();
    let many: String = (0..500).map(|number| format!("c{number}=x; ")).collect();
    for cookie in [
        ";".repeat(1000),
        "=;=;=".to_owned(),
        "authjs.session-token".to_owned(),
        "authjs.session-token=%ff%00".to_owned(),
        "authjs.session-token=\"\"".to_owned(),
        format!("authjs.session-token={}", "a".repeat(16_000)),
        "x".repeat(20_000),
    ] {
        let answer = server.browser().get_with("/api/auth/session", &[("cookie", &cookie)]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "null"));
    }
    let too_much = format!("a={}", "x".repeat(64_000));
    let answer = server.browser().get_with("/api/auth/session", &[("cookie", &too_much)]).await;
    assert_eq!(answer.status, 431);
    let crowded = format!("{many}authjs.session-token={good}");
    let answer = server.browser().get_with("/api/auth/session", &[("cookie", &crowded)]).await;
    assert_eq!(answer.json()["user"]["name"], "Demo User", "CK-13: control");
}

#[tokio::test]
async fn ck_14_signing_out_empties_the_jar() {
    for changes in [vec![], vec![("AUTH_SESSION", "jwt")], vec![("AUTH_URL", "https://app.test")]] {
        let server = TestServer::with(&changes).await;
        let mut browser = server.browser();
        let form = [("username", "demo"), ("password", "demo-password")];
        browser.submit("/api/auth/callback/credentials", &form).await;
        assert_eq!(browser.session_cookies().len(), 1);
        browser.submit("/api/auth/signout", &[]).await;
        // What knows the browser and no person stays.
        let stays = |name: &&String| name.contains("last-provider") || name.contains("familiar-browser");
        let left: Vec<_> = browser.jar.keys().filter(|name| !stays(name)).collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn ck_11_cookies_fit_into_a_browser() {
    let server = TestServer::start_jwt().await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "ada@example.com").await;
    sign_in_dev(&mut browser, "grace").await;
    assert!(browser.jar.iter().all(|(name, value)| name.len() + value.len() <= 4096));
}

#[tokio::test]
async fn ck_15_rd_16_a_planted_callback_url_leads_nowhere() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let honest = browser.submit("/api/auth/signin/dev", &[("callbackUrl", "/account")]).await;
    let cookie =
        honest.set_cookies().into_iter().find(|cookie| cookie.contains("callback-url")).unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let form = [("username", "demo"), ("password", "demo-password")];
    browser.submit("/api/auth/callback/credentials", &form).await;
    for planted in
        ["%2F%2Fevil.test", "https%3A%2F%2Fevil.test", "%2F%5Cevil.test", "javascript%3Aalert(1)", "%00"]
    {
        browser.jar.insert("authjs.callback-url".to_owned(), planted.to_owned());
        let answer = browser.submit("/api/auth/callback/credentials", &form).await;
        assert_eq!(answer.location(), format!("{}/", server.origin), "{planted}");
    }
    browser.jar.insert("authjs.callback-url".to_owned(), "%2Faccount".to_owned());
    let answer = browser.submit("/api/auth/callback/credentials", &form).await;
    assert_eq!(answer.location(), format!("{}/account", server.origin), "control");
}
