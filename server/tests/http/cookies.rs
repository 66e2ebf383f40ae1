//! Names, attributes and unusual values of cookies (CK rows).

use crate::support::{Answer, TestServer, query, sign_in_demo, sign_in_dev, sign_in_email};

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
                // Cookies of an earlier configuration are removed under their domain.
                && (!cookie.contains("Domain") || cookie.contains("Max-Age=0"))
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
    assert_eq!(who(format!("{name}=bad; {name}={good}")).await, "Ada Lovelace", "I-01");
}

/// Sends a raw cookie header and returns the response.
async fn session_with(server: &TestServer, cookie: &[u8]) -> Answer {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("http://{}/api/auth/session", server.address));
    let host = server.origin.split_once("://").unwrap().1;
    let cookie = reqwest::header::HeaderValue::from_bytes(cookie).unwrap();
    let response = request.header("host", host).header("cookie", cookie).send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.text().await.unwrap() }
}

#[tokio::test]
async fn f_b4_a_byte_that_is_no_text_hides_no_cookie() {
    for changes in [vec![], vec![("AUTH_SESSION", "jwt")]] {
        let server = TestServer::with(&changes).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let ours: Vec<_> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let ours = ours.join("; ");
        for odd in [
            &b"city=K\xf6ln"[..],
            "city=Köln".as_bytes(),
            b"\xff\xfe=\x80",
            b"=",
            b"a",
            b"authjs.csrf-token=\xff",
            b"authjs.session-token=\xff",
        ] {
            for header in [[odd, b"; ", ours.as_bytes()].concat(), [ours.as_bytes(), b"; ", odd].concat()] {
                let answer = session_with(&server, &header).await;
                assert_eq!(
                    answer.json()["user"]["name"],
                    "Demo User",
                    "{}",
                    String::from_utf8_lossy(&header)
                );
            }
        }
        assert!(session_with(&server, b"city=K\xf6ln").await.json().is_null(), "control");
    }
}

#[tokio::test]
async fn f_b4_i_01_a_foreign_csrf_cookie_is_no_obstacle() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let good = browser.jar["authjs.csrf-token"].clone();
    for header in [
        format!("city=Köln; authjs.csrf-token={good}"),
        format!("authjs.csrf-token=foreign%7Cfoo; authjs.csrf-token={good}"),
        format!("authjs.csrf-token=; authjs.csrf-token={good}; authjs.csrf-token=x"),
    ] {
        let form = [("csrfToken", token.as_str()), ("username", "demo"), ("password", "demo-password")];
        let answer =
            server.browser().post_with("/api/auth/callback/credentials", &[("cookie", &header)], &form).await;
        assert!(answer.signs_in(), "{header}: {answer:?}");
        let page = server.browser().get_with("/signin", &[("cookie", &header)]).await;
        assert!(page.body.contains(&token), "the page uses the valid one");
    }
    let form = [("csrfToken", token.as_str()), ("username", "demo"), ("password", "demo-password")];
    let header = "authjs.csrf-token=foreign%7Cfoo";
    let refused =
        server.browser().post_with("/api/auth/callback/credentials", &[("cookie", header)], &form).await;
    assert_eq!(refused.error().as_deref(), Some("MissingCSRF"), "control");
}

#[tokio::test]
async fn i_01_a_dead_cookie_hides_no_live_one_and_goes_alone() {
    for changes in [vec![], vec![("AUTH_SESSION", "jwt")]] {
        let server = TestServer::with(&changes).await;
        let (mut former, mut browser) = (server.browser(), server.browser());
        sign_in_demo(&mut former).await;
        let dead = former.session_cookie().unwrap().clone();
        former.submit("/api/auth/signout", &[]).await;
        sign_in_demo(&mut browser).await;
        let live = browser.session_cookie().unwrap().clone();
        let name = "authjs.session-token";
        for other in [dead.as_str(), "", "garbled", "%ff", "a.b.c.d.e", &"x".repeat(5000)] {
            for header in [format!("{name}={other}; {name}={live}"), format!("{name}={live}; {name}={other}")]
            {
                let answer = session_with(&server, header.as_bytes()).await;
                assert_eq!(answer.json()["user"]["name"], "Demo User", "{header}");
                let set = answer.set_cookies();
                let last =
                    set.iter().rfind(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("{set:?}"));
                assert!(
                    last.starts_with(&format!("{name}={live};")) && !last.contains("Max-Age=0"),
                    "{set:?}"
                );
            }
        }
        // With left-over chunks of another token.
        let chunks = format!("{name}.0={dead}; {name}.1=rest; {name}={live}");
        assert_eq!(session_with(&server, chunks.as_bytes()).await.json()["user"]["name"], "Demo User");
        assert!(session_with(&server, format!("{name}={dead}; {name}=x").as_bytes()).await.json().is_null());
        let alone = session_with(&server, format!("{name}={live}").as_bytes()).await;
        assert!(alone.set_cookies().is_empty(), "control: nothing to remove");
    }
}

#[tokio::test]
async fn i_01_the_form_of_a_page_works_after_a_dead_cookie_was_removed() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut former, mut browser) = (server.browser(), server.browser());
        sign_in_demo(&mut former).await;
        let dead = former.session_cookie().unwrap().clone();
        former.submit("/api/auth/signout", &[]).await;
        sign_in_demo(&mut browser).await;
        let live = browser.session_cookie().unwrap().clone();
        let name = "authjs.session-token";
        for cookies in [format!("{name}={live}; {name}={dead}"), format!("{name}={dead}; {name}={live}")] {
            let mut browser = server.browser();
            let page = browser.get_with("/account", &[("cookie", &cookies)]).await.body;
            let (_, from_token) = page.split_once("name=\"csrfToken\" value=\"").unwrap();
            let form = [("csrfToken", &from_token[..64]), ("name", "Ada")];
            let answer = browser.post("/api/auth/account/profile", &form).await;
            assert_eq!(
                query(answer.location(), "done").as_deref(),
                Some("profile-saved"),
                "{strategy}: {answer:?}"
            );
        }
    }
}

#[tokio::test]
async fn i_01_more_cookies_than_are_read_do_not_remove_the_session() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let live = browser.session_cookie().unwrap().clone();
        let planted = |count: usize| {
            let planted = (0..count).map(|number| format!("authjs.session-token=planted{number}; "));
            format!("{}authjs.session-token={live}", planted.collect::<String>())
        };
        let answer = session_with(&server, planted(40).as_bytes()).await;
        assert!(answer.json().is_null() && answer.set_cookies().is_empty(), "{strategy}: {answer:?}");
        let answer = session_with(&server, planted(10).as_bytes()).await;
        assert_eq!(answer.json()["user"]["name"], "Demo User", "{strategy}: control");
        let dead = session_with(&server, b"authjs.session-token=dead").await;
        assert!(!dead.set_cookies().is_empty(), "{strategy}: control: a dead cookie is removed");
    }
}

#[tokio::test]
async fn f_d3_a_planted_session_cookie_brings_no_csrf_token_of_its_own() {
    for strategy in ["database", "jwt"] {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browser = server.browser();
        sign_in_demo(&mut browser).await;
        let live = browser.session_cookie().unwrap().clone();
        let mut attacker = server.browser();
        sign_in_dev(&mut attacker, "ada").await;
        let planted = attacker.session_cookie().unwrap().clone();
        attacker.submit("/api/auth/signout", &[]).await;
        let name = "authjs.session-token";
        for planted in ["x", planted.as_str()] {
            let mut forger = server.browser();
            let pair = forger.get_with("/api/auth/csrf", &[("cookie", &format!("{name}={planted}"))]).await;
            let token = pair.json()["csrfToken"].as_str().unwrap().to_owned();
            let cookie = pair.set_cookies()[0].split(';').next().unwrap().to_owned();
            let form = [("csrfToken", token.as_str()), ("name", "Forged")];
            let both = format!("{name}={planted}; {name}={live}; {cookie}");
            let forged =
                server.browser().post_with("/api/auth/account/profile", &[("cookie", &both)], &form).await;
            assert_eq!(forged.error().as_deref(), Some("MissingCSRF"), "{strategy}: {forged:?}");
        }
        let honest = browser.submit("/api/auth/account/profile", &[("name", "Honest")]).await;
        assert_eq!(query(honest.location(), "done").as_deref(), Some("profile-saved"), "{strategy}: control");
    }
}

#[tokio::test]
async fn i_01_signing_in_and_out_leaves_one_cookie_and_no_other_session() {
    for changes in [vec![], vec![("AUTH_SESSION", "jwt")]] {
        let mut changes = changes;
        changes.push(("AUTH_URL", "https://app.example.com"));
        let alone = TestServer::with(&changes).await;
        changes.push(("AUTH_COOKIE_DOMAIN", "example.com"));
        let shared = alone.twin(&changes).await;
        let name = "__Secure-authjs.session-token";
        let form = [("username", "demo"), ("password", "demo-password")];
        for (before, after, kept) in [(&alone, &shared, Some("example.com")), (&shared, &alone, None)] {
            let mut browser = before.browser();
            browser.submit("/api/auth/callback/credentials", &form).await.assert_signed_in();
            let rows = alone.rows().await.sessions;
            let again = browser.at(after).submit("/api/auth/callback/credentials", &form).await;
            let domain = |cookie: &str| {
                cookie.split("; ").find_map(|it| it.strip_prefix("Domain=")).map(str::to_owned)
            };
            let set: Vec<_> =
                again.set_cookies().into_iter().filter(|cookie| cookie.starts_with(name)).collect();
            let (last, removed) = set.split_last().unwrap();
            assert_eq!(domain(last).as_deref(), kept, "{set:?}");
            let mut places: Vec<_> = removed
                .iter()
                .map(|cookie| {
                    assert!(cookie.contains("Max-Age=0"), "{cookie}");
                    domain(cookie)
                })
                .collect();
            places.push(domain(last));
            places.sort();
            assert_eq!(places, [None, Some("app.example.com".to_owned()), Some("example.com".to_owned())]);
            assert_eq!(alone.rows().await.sessions, rows, "the former session has ended");

            let out = browser.at(after).submit("/api/auth/signout", &[]).await;
            let removed = out.set_cookies().into_iter().filter(|cookie| cookie.starts_with(name)).count();
            assert_eq!(removed, 3, "{out:?}");
        }
    }
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
        let kept = ["last-provider", "familiar-browser", "known-browser"];
        let stays = |name: &&String| kept.iter().any(|kept| name.contains(kept));
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
