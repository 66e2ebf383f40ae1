use proptest::prelude::*;

use super::*;

fn https() -> Url {
    Url::parse("https://app.example.com").unwrap()
}

fn http() -> Url {
    Url::parse("http://localhost:3000").unwrap()
}

fn request(cookie: &str) -> HeaderMap {
    HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(cookie).unwrap())])
}

fn texts(headers: &[HeaderValue]) -> Vec<&str> {
    headers.iter().map(|header| header.to_str().unwrap()).collect()
}

#[test]
fn ck_01_ck_02_attributes() {
    let secure = CookieNames::new(&https(), &SessionCookiePolicy::default());
    assert_eq!(
        secure.set(&secure.csrf, "a|b", None).to_str().unwrap(),
        "__Host-authjs.csrf-token=a%7Cb; HttpOnly; SameSite=Lax; Secure; Path=/"
    );
    let plain = CookieNames::new(&http(), &SessionCookiePolicy::default());
    let lifetime = Some((Duration::from_secs(60), Timestamp::from_millis(0)));
    assert_eq!(
        plain.set(&plain.session, "t", lifetime).to_str().unwrap(),
        "authjs.session-token=t; HttpOnly; SameSite=Lax; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:01:00 GMT"
    );
}

#[test]
fn the_policy_is_for_the_session_cookie_alone() {
    let policy = SessionCookiePolicy {
        name: "next-auth.session-token".to_owned(),
        domain: Some("example.com".to_owned()),
        same_site: SameSite::Strict,
        host_prefix: false,
    };
    let names = CookieNames::new(&https(), &policy);
    let attributes = "HttpOnly; SameSite=Strict; Secure; Path=/; Domain=example.com";
    for name in ["__Secure-next-auth.session-token", "__Secure-next-auth.session-token.1"] {
        assert_eq!(names.set(name, "t", None).to_str().unwrap(), format!("{name}=t; {attributes}"));
        assert!(names.clear(name).to_str().unwrap().contains("Domain=example.com"), "CK-14");
    }
    for name in [&names.csrf, &names.callback_url, &names.verify_request, &names.transaction] {
        let cookie = names.set(name, "t", None);
        assert!(cookie.to_str().unwrap().ends_with("HttpOnly; SameSite=Lax; Secure; Path=/"), "{cookie:?}");
    }
    let host = CookieNames::new(&https(), &SessionCookiePolicy { host_prefix: true, ..Default::default() });
    assert_eq!(host.session, "__Host-authjs.session-token");
}

#[test]
fn i_01_each_cookie_of_a_name_is_a_candidate_in_the_order_of_the_header() {
    let values = |cookie: &str| Cookies::of(&request(cookie)).values("s");
    assert_eq!(values("s=first; s=second; s=first"), ["first", "second"]);
    assert_eq!(values("s=; s=second"), ["second"], "an empty value is ignored");
    assert_eq!(values("s=%ff; s=second"), ["second"], "a value that is not text is ignored");
    let many: String = (0..100).map(|number| format!("s={number}; ")).collect();
    assert_eq!(values(&many).len(), 16);
}

#[test]
fn ck_05_ck_09_neighbours_are_not_read() {
    let names = CookieNames::new(&https(), &SessionCookiePolicy::default());
    for name in [
        "__secure-authjs.session-token",
        "authjs.session-token",
        "__Secure-authjs.session-token-other",
        "__Secure-authjs.session-token.00",
        "__Secure-authjs.session-token.x",
        "__Secure-authjs.session-token.1",
    ] {
        let headers = request(&format!("{name}=zzz"));
        let token = names.session_tokens(&Cookies::of(&headers)).into_iter().next();
        assert_eq!(token, None, "{name}");
    }
}

#[test]
fn ck_06_ck_08_chunks_are_written_read_and_removed_by_exact_names() {
    let names = CookieNames::new(&http(), &SessionCookiePolicy::default());
    let token = "a".repeat(CHUNK_LENGTH * 2 + 1);
    let empty = HeaderMap::new();
    let set = names.set_session(&token, None, &Cookies::of(&empty));
    assert_eq!(set.len(), 3);
    assert!(texts(&set).iter().all(|cookie| cookie.len() <= 4096));

    let sent =
        texts(&set).iter().map(|cookie| cookie.split(';').next().unwrap()).collect::<Vec<_>>().join("; ");
    let headers = request(&sent);
    let cookies = Cookies::of(&headers);
    assert_eq!(names.session_tokens(&cookies)[0], token);

    let smaller = names.set_session("short", None, &cookies);
    let cleared: Vec<_> = texts(&smaller).into_iter().filter(|cookie| cookie.contains("Max-Age=0")).collect();
    assert_eq!(cleared.len(), 3, "{smaller:?}");
    assert_eq!(names.clear_session(&cookies).len(), 3);
}

#[test]
fn ck_10_ck_12_odd_cookie_headers_are_harmless() {
    for cookie in ["", ";", "=", ";;;=;", "a", "s=%ff%00", "s=%", "\"s\"=1"] {
        let headers = request(cookie);
        assert!(Cookies::of(&headers).values("authjs.session-token").is_empty());
    }
    let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(b"s=\xff").unwrap())]);
    assert!(Cookies::of(&headers).values("s").is_empty());
}

#[test]
fn f_b4_a_pair_that_cannot_be_read_hides_no_other() {
    // Odd headers collected from browsers, proxies and other applications.
    for odd in include_str!("odd_headers.txt").lines().filter(|line| !line.starts_with('#')) {
        let odd: Vec<u8> = odd
            .replace("\\xff", "\u{1}")
            .into_bytes()
            .into_iter()
            .map(|byte| if byte == 1 { 0xff } else { byte })
            .collect();
        for header in [[&odd[..], b"; s=good"].concat(), [b"s=good; ", &odd[..]].concat()] {
            let headers = HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_bytes(&header).unwrap())]);
            let values = Cookies::of(&headers).values("s");
            assert!(values.iter().any(|value| value == "good"), "{}", String::from_utf8_lossy(&header));
        }
    }
}

/// Returns the tokens formed from the chunks of an older and a newer token, as the browser sends them.
fn chunked(pieces: &[(usize, &str)]) -> Vec<String> {
    let names = CookieNames::new(&http(), &SessionCookiePolicy::default());
    let header: Vec<_> =
        pieces.iter().map(|(index, piece)| format!("{}.{index}={piece}", names.session)).collect();
    names.session_tokens(&Cookies::of(&request(&header.join("; "))))
}

#[test]
fn i_01_a_token_in_chunks_is_found_among_those_of_another() {
    assert_eq!(chunked(&[(0, "a"), (1, "b")])[0], "ab", "control");
    for pieces in [
        vec![(0, "a"), (1, "b"), (2, "old")],
        vec![(0, "x"), (0, "a"), (1, "y"), (1, "b"), (2, "z")],
        vec![(0, "a"), (0, "x"), (1, "b"), (1, "y"), (2, "z")],
        vec![(0, "x"), (0, "a"), (1, "b"), (1, "y")],
    ] {
        let tokens = chunked(&pieces);
        assert!(tokens.iter().any(|token| token == "ab"), "{pieces:?}: {tokens:?}");
        assert!(tokens.len() <= MAX_COMBINATIONS);
    }
    let many: Vec<_> = (0..5).flat_map(|index| ["a", "b", "c", "d"].map(|piece| (index, piece))).collect();
    assert_eq!(chunked(&many).len(), MAX_COMBINATIONS);
}

#[test]
fn i_01_what_an_older_setting_left_is_removed_before_the_new_one_is_set() {
    let shared = SessionCookiePolicy { domain: Some("example.com".to_owned()), ..Default::default() };
    let headers = request("__Secure-authjs.session-token=old");
    for (policy, own) in [(SessionCookiePolicy::default(), None), (shared, Some("example.com"))] {
        let names = CookieNames::new(&https(), &policy);
        let set = names.set_session("new", None, &Cookies::of(&headers));
        let (last, removed) = set.split_last().unwrap();
        assert!(last.to_str().unwrap().starts_with("__Secure-authjs.session-token=new; "), "{set:?}");
        let domains: Vec<_> = texts(removed)
            .iter()
            .map(|cookie| {
                assert!(cookie.contains("Max-Age=0"), "{cookie}");
                cookie.split("; ").find_map(|attribute| attribute.strip_prefix("Domain=")).map(str::to_owned)
            })
            .collect();
        let all = [None, Some("app.example.com"), Some("example.com")];
        let others: Vec<_> =
            all.into_iter().filter(|domain| *domain != own).map(|domain| domain.map(str::to_owned)).collect();
        assert_eq!(domains, others);
        assert_eq!(names.clear_session(&Cookies::of(&headers)).len(), 3, "everywhere");
        assert_eq!(names.set_session("new", None, &Cookies::of(&HeaderMap::new())).len(), 1, "control");
    }
    let names = CookieNames::new(&https(), &SessionCookiePolicy { host_prefix: true, ..Default::default() });
    let headers = request("__Host-authjs.session-token=old");
    assert_eq!(names.clear_session(&Cookies::of(&headers)).len(), 1, "browsers accept no Domain here");
}

#[test]
fn i_01_of_several_those_under_the_path_of_the_request_are_removed() {
    let names = CookieNames::new(&http(), &SessionCookiePolicy::default());
    let headers = request("authjs.session-token=a; authjs.session-token=b");
    let removed = names.set_session("b", None, &Cookies::at(&headers, "/account/devices"));
    for path in ["/account", "/account/", "/account/devices"] {
        let removal = |cookie: &&str| {
            cookie.split("; ").any(|it| it == format!("Path={path}")) && cookie.contains("Max-Age=0")
        };
        assert!(texts(&removed).iter().any(removal), "{path}: {removed:?}");
    }
    assert!(
        !texts(&removed).iter().any(|cookie| cookie.contains("Path=/;") && cookie.contains("Max-Age=0")),
        "the valid cookie stays"
    );
    assert!(names.has_several_sessions(&Cookies::of(&headers)));
    assert!(!names.has_several_sessions(&Cookies::of(&request("authjs.session-token=a; x=b"))), "control");
}

#[test]
fn i_21_a_name_of_its_own_separates_all_cookies_of_an_application() {
    let named = |name: &str| {
        CookieNames::new(&https(), &SessionCookiePolicy { name: name.to_owned(), ..Default::default() })
    };
    let shop = named("shop.session-token");
    assert_eq!(
        (shop.session.as_str(), shop.csrf.as_str()),
        ("__Secure-shop.session-token", "__Host-shop.csrf-token")
    );
    assert_eq!(shop.transaction, "__Host-shop.transaction.");
    for name in ["next-auth.session-token", "authjs.session-token", "token"] {
        assert_eq!(named(name).csrf, "__Host-authjs.csrf-token", "{name}");
    }
}

proptest! {
    #[test]
    fn f_b4_whatever_stands_beside_it_a_cookie_is_found(
        before in proptest::collection::vec(any::<u8>(), 0..80),
        after in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let header = [&before[..], b"; s=good; ", &after[..]].concat();
        if let Ok(header) = HeaderValue::from_bytes(&header) {
            let headers = HeaderMap::from_iter([(header::COOKIE, header)]);
            let cookies = Cookies::of(&headers);
            prop_assert!(cookies.values("s").iter().any(|value| value == "good"));
            prop_assert!(cookies.contains("s"));
        }
    }

    #[test]
    fn f_b4_any_value_that_we_set_comes_back(value in "\\PC{1,60}") {
        let names = CookieNames::new(&http(), &SessionCookiePolicy::default());
        let set = names.set(&names.callback_url, &value, None);
        let pair = set.to_str().unwrap().split(';').next().unwrap();
        prop_assert_eq!(Cookies::of(&request(pair)).values(&names.callback_url), [value]);
    }
}
