//! Programs that store the session token themselves: no cookie, no CSRF token, the same checks.

use crate::support::{Answer, Browser, TestServer, sign_in_demo, sign_in_email};

const DEMO: [(&str, &str); 2] = [("username", "demo"), ("password", "demo-password")];

/// Signs in as a script does: one request.
async fn token(app: &mut Browser) -> String {
    let answer = app.program("/api/auth/callback/credentials", &[("x-auth-return-token", "1")], &DEMO).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(answer.json()["url"].is_string());
    assert!(!answer.signs_in(), "the token is not in a cookie as well");
    answer.headers["x-auth-session-token"].to_str().unwrap().to_owned()
}

async fn with(app: &mut Browser, path: &str, token: &str) -> Answer {
    app.get_with(path, &[("authorization", &format!("Bearer {token}"))]).await
}

#[tokio::test]
async fn a_script_signs_in_works_and_signs_out() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut app = server.browser();
        let token = token(&mut app).await;
        app.jar.clear();
        assert_eq!(with(&mut app, "/api/auth/session", &token).await.json()["user"]["name"], "Demo User");
        assert_eq!(with(&mut app, "/api/me", &token).await.json()["name"], "Demo User");
        assert_eq!(app.get("/api/me").await.status, 401, "control");

        let bearer = format!("Bearer {token}");
        let out = app.program("/api/auth/signout", &[("authorization", &bearer)], &[]).await;
        assert_eq!(out.status, 200, "{out:?}");
        assert_eq!(with(&mut app, "/api/me", &token).await.status, 401, "{strategy}");
    }
}

#[tokio::test]
async fn a_script_renews_its_token() {
    let server = TestServer::start_jwt().await;
    let mut app = server.browser();
    let old = token(&mut app).await;
    server.set_later(3600);
    let answer = app.program("/api/auth/session", &[("authorization", &format!("Bearer {old}"))], &[]).await;
    let new = answer.headers["x-auth-session-token"].to_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert!(answer.set_cookies().is_empty());
    app.jar.clear();
    assert_eq!(with(&mut app, "/api/me", &new).await.status, 200);
}

#[tokio::test]
async fn a_wrong_password_gives_no_token() {
    let server = TestServer::start().await;
    let form = [("username", "demo"), ("password", "wrong")];
    let answer = server
        .browser()
        .program("/api/auth/callback/credentials", &[("x-auth-return-token", "1")], &form)
        .await;
    assert_eq!(answer.status, 401);
    assert!(!answer.headers.contains_key("x-auth-session-token"));
}

#[tokio::test]
async fn i_17_a_bearer_token_that_is_not_ours_hides_no_cookie() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        for junk in ["%", "%ff", "a.b.c.d.e", "eyJ.foreign.x", "x", &"a".repeat(20_000), "null"] {
            let nobody = with(&mut server.browser(), "/api/auth/session", junk).await;
            assert_eq!((nobody.status, nobody.body.as_str()), (200, "null"), "{strategy}: {junk:.20}");
            assert_eq!(with(&mut server.browser(), "/api/me", junk).await.status, 401);
        }
        // Behind a proxy that adds its own token to every request: signing in, using the site, signing out.
        let proxy = [("authorization", "Bearer eyJ.foreign.x")];
        let answer = browser.submit_with("/api/auth/callback/credentials", &proxy, &DEMO).await;
        answer.assert_signed_in();
        assert!(!answer.headers.contains_key("x-auth-session-token"), "{strategy}: {answer:?}");
        for junk in ["%", "%ff", "a.b.c.d.e", "eyJ.foreign.x", "x", &"a".repeat(20_000), "null"] {
            assert_eq!(
                with(&mut browser, "/api/auth/session", junk).await.json()["user"]["name"],
                "Demo User"
            );
            assert_eq!(with(&mut browser, "/api/me", junk).await.status, 200, "{strategy}: {junk:.20}");
        }
        let token = browser.csrf().await;
        let profile = [("csrfToken", token.as_str()), ("name", "Demo")];
        let saved = browser.post_with("/api/auth/account/profile", &proxy, &profile).await;
        assert!(saved.location().contains("done=profile-saved"), "{strategy}: {saved:?}");
        // It does not bypass any rule.
        let forged = browser.post_with("/api/auth/account/profile", &proxy, &[("name", "Eve")]).await;
        assert_eq!(forged.error().as_deref(), Some("MissingCSRF"), "{strategy}: {forged:?}");
        let crossed = [proxy[0], ("origin", "https://evil.test")];
        assert_eq!(browser.post_with("/api/auth/account/profile", &crossed, &profile).await.status, 403);
        assert_eq!(browser.post_with("/api/fn/set_theme", &crossed, &[("theme", "dark")]).await.status, 403);
        assert_eq!(browser.name().await.as_deref(), Some("Demo"), "{strategy}");
        let out = browser.submit_with("/api/auth/signout", &proxy, &[]).await;
        assert_eq!(out.status, 302, "{out:?}");
        assert!(browser.who().await.is_null(), "{strategy}: it has ended");
        sign_in_demo(&mut browser).await;
        for other in ["Basic ZGVtbzpkZW1v", "Bearer", "Bearer  "] {
            let answer = browser.get_with("/api/me", &[("authorization", other)]).await;
            assert_eq!(answer.status, 200, "not a bearer token: {other}");
        }
    }
}

#[tokio::test]
async fn cs_04_a_cookie_alone_still_needs_the_token_of_the_form() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    let answer = browser.program("/api/auth/signout", &[], &[]).await;
    assert_ne!(answer.status, 200, "{answer:?}");
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    // An invalid bearer token exempts from nothing.
    let answer = browser.program("/api/auth/signout", &[("authorization", "Bearer junk")], &[]).await;
    assert_eq!(answer.error().as_deref(), Some("MissingCSRF"), "{answer:?}");
    assert_eq!(browser.name().await.as_deref(), Some("Demo User"));
    let alone = server.browser().program("/api/auth/signout", &[("authorization", "Bearer junk")], &[]).await;
    assert_eq!(alone.status, 403, "{alone:?}");
}

#[tokio::test]
async fn i_17_our_own_bearer_token_of_another_user_wins() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let token = token(&mut server.browser()).await;
        let mut browser = server.browser();
        sign_in_email(&server, &mut browser, "grace@example.com").await;
        assert_eq!(with(&mut browser, "/api/auth/session", &token).await.json()["user"]["name"], "Demo User");
        assert_eq!(with(&mut browser, "/api/me", &token).await.json()["name"], "Demo User");
        let bearer = format!("Bearer {token}");
        let out = browser.program("/api/auth/signout", &[("authorization", &bearer)], &[]).await;
        assert_eq!(out.status, 200, "{out:?}");
        assert!(
            with(&mut server.browser(), "/api/auth/session", &token).await.json().is_null(),
            "{strategy}"
        );
        assert_eq!(
            browser.who().await["user"]["email"],
            "grace@example.com",
            "{strategy}: the cookie's stays"
        );
    }
}

#[tokio::test]
async fn f_a6_tokens_are_returned_to_programs_only() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let wish = ("x-auth-return-token", "1");
        let own = server.origin.clone();
        let in_browser: [&[(&str, &str)]; 4] = [
            &[wish],
            &[wish, ("origin", own.as_str())],
            &[wish, ("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
            &[wish, ("sec-fetch-site", "none")],
        ];
        for headers in in_browser {
            for path in [
                "/api/auth/session",
                "/api/auth/callback/credentials",
                "/api/auth/account/end-other-sessions",
            ] {
                for csrf in [false, true] {
                    let token = browser.csrf().await;
                    let mut form = DEMO.to_vec();
                    form.extend(csrf.then_some(("csrfToken", token.as_str())));
                    let answer = browser.program(path, headers, &form).await;
                    assert!(
                        !answer.headers.contains_key("x-auth-session-token"),
                        "{strategy} {path}: {answer:?}"
                    );
                }
            }
            let mut nobody = server.browser();
            if headers.len() > 1 {
                let answer = nobody.program("/api/auth/callback/credentials", headers, &DEMO).await;
                assert!(
                    !answer.headers.contains_key("x-auth-session-token") && !answer.signs_in(),
                    "{answer:?}"
                );
            }
        }
        assert!(browser.who().await.is_object(), "{strategy}");
        // A page with its own bearer token gets neither.
        let bearer = format!("Bearer {}", token(&mut server.browser()).await);
        for headers in [
            [("authorization", bearer.as_str()), ("origin", own.as_str())],
            [("authorization", bearer.as_str()), ("sec-fetch-site", "same-origin")],
        ] {
            let answer = server.browser().program("/api/auth/session", &headers, &[]).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert!(!answer.headers.contains_key("x-auth-session-token"), "{strategy}: {answer:?}");
            assert!(answer.set_cookies().is_empty(), "{strategy}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn f_a6_the_ticket_of_two_factor_authentication_likewise() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_demo(&mut browser).await;
    crate::support::Authenticator::enrol(&server, &mut browser).await;
    let wish = ("x-auth-return-token", "1");
    let own = server.origin.clone();
    let program = server.browser().program("/api/auth/callback/credentials", &[wish], &DEMO).await;
    assert!(program.headers.contains_key("x-auth-second-step"), "control: {program:?}");
    for headers in [vec![wish, ("origin", own.as_str())], vec![wish, ("sec-fetch-site", "same-origin")]] {
        let mut page = server.browser();
        let token = page.csrf().await;
        let form = [&DEMO[..], &[("csrfToken", token.as_str())]].concat();
        let answer = page.program("/api/auth/callback/credentials", &headers, &form).await;
        assert!(!answer.headers.contains_key("x-auth-second-step"), "{answer:?}");
        assert!(page.jar.contains_key("authjs.second-step"), "it is in the cookie: {answer:?}");
    }
}
