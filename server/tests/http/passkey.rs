//! Passkeys, created and used by a software authenticator that can misbehave as a test requires.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Browser, Passkey, TestServer, query, sign_in_email};

const OPTIONS: &str = "/api/auth/webauthn-options/passkey";
const CALLBACK: &str = "/api/auth/callback/passkey";
const ADA: &str = "ada@example.com";

/// What a browser is to ask a passkey for.
async fn options(browser: &mut Browser, action: &str) -> Value {
    let answer = browser.get(&format!("{OPTIONS}?action={action}")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let answer = answer.json();
    assert_eq!(answer["action"], action);
    answer
}

async fn send(browser: &mut Browser, action: &str, data: &Value) -> Answer {
    browser.submit(CALLBACK, &[("action", action), ("data", &data.to_string())]).await
}

/// Adds a passkey to whoever is signed in.
async fn add(browser: &mut Browser, passkey: &mut Passkey) -> Answer {
    let options = options(browser, "register").await;
    let answer = send(browser, "register", &passkey.create(&options)).await;
    assert!(answer.status == 302 && answer.error().is_none(), "{answer:?}");
    answer
}

async fn sign_in(browser: &mut Browser, passkey: &Passkey) -> Answer {
    let options = options(browser, "authenticate").await;
    send(browser, "authenticate", &passkey.get(&options)).await
}

/// A server, and the passkey of somebody who came by mail.
async fn with_passkey() -> (TestServer, Browser, Passkey) {
    with_passkey_at(TestServer::start().await).await
}

async fn with_passkey_at(server: TestServer) -> (TestServer, Browser, Passkey) {
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, ADA).await;
    let mut passkey = Passkey::new(&server.origin);
    add(&mut browser, &mut passkey).await;
    (server, browser, passkey)
}

/// The one answer to whatever is wrong.
#[track_caller]
fn assert_refused(answer: &Answer) {
    answer.assert_denied();
    assert_eq!(answer.error().as_deref(), Some("WebAuthnVerificationError"), "{answer:?}");
}

#[tokio::test]
async fn a_passkey_is_added_and_signs_in_with_both_kinds_of_session() {
    for server in [TestServer::start().await, TestServer::start_jwt().await] {
        let (server, mut owner, passkey) = with_passkey_at(server).await;
        let mut browser = server.browser();
        let form = [("callbackUrl", "/account"), ("remember", "false")];
        let options = options(&mut browser, "authenticate").await;
        let data = passkey.get(&options).to_string();
        let form = [&[("action", "authenticate"), ("data", &data)], &form[..]].concat();
        let answer = browser.submit(CALLBACK, &form).await;
        answer.assert_signed_in();
        assert_eq!(answer.location(), format!("{}/account", server.origin));
        assert_eq!(browser.who().await["user"]["id"], owner.who().await["user"]["id"]);
        let session = answer.set_cookies().into_iter().find(|cookie| cookie.contains("session-token"));
        assert!(!session.unwrap().contains("Max-Age"), "a shared computer: {session:?}");
        assert!(!browser.jar.keys().any(|name| name.contains("challenge")), "{:?}", browser.jar);
    }
}

#[tokio::test]
async fn it_is_in_the_list_of_providers() {
    let server = TestServer::start().await;
    let providers = server.browser().get("/api/auth/providers").await.json();
    let expected = json!({
        "id": "passkey",
        "name": "Passkey",
        "type": "webauthn",
        "signinUrl": format!("{}/api/auth/signin/passkey", server.origin),
        "callbackUrl": format!("{}/api/auth/callback/passkey", server.origin),
    });
    assert_eq!(providers["passkey"], expected);
    let begun = server.browser().submit("/api/auth/signin/passkey", &[]).await;
    assert_eq!(begun.location(), format!("{}/signin", server.origin), "as Auth.js");
}

#[tokio::test]
async fn options_are_what_clients_of_auth_js_expect() {
    let (server, mut owner, passkey) = with_passkey().await;
    let request = options(&mut server.browser(), "authenticate").await["options"].take();
    assert_eq!(request["rpId"], "localhost");
    assert_eq!(request["userVerification"], "required");
    assert_eq!(request["allowCredentials"], json!([]), "nobody is told who has passkeys");
    assert_eq!(request["challenge"].as_str().unwrap().len(), 43);

    let creation = options(&mut owner, "register").await["options"].take();
    assert_eq!(creation["rp"]["id"], "localhost");
    assert_eq!(creation["user"]["name"], ADA);
    assert_ne!(creation["user"]["id"], ADA, "the authenticator learns no address as an id");
    assert_eq!(creation["attestation"], "none");
    let selection = &creation["authenticatorSelection"];
    assert_eq!(
        (&selection["residentKey"], &selection["userVerification"]),
        (&json!("required"), &json!("required"))
    );
    let known = &creation["excludeCredentials"];
    assert_eq!(known.as_array().unwrap().len(), 1);
    assert_eq!(known[0]["id"], passkey.get(&json!({}))["id"]);
    assert_eq!(known[0]["transports"], json!(["hybrid", "internal"]));
    assert_eq!(creation["pubKeyCredParams"][0]["alg"], -7);
}

#[tokio::test]
async fn the_client_of_auth_js_is_understood() {
    let (server, _, passkey) = with_passkey().await;
    let mut browser = server.browser();
    // Without an action: whoever is not signed in wants to.
    let asked = browser.get(OPTIONS).await.json();
    assert_eq!(asked["action"], "authenticate");
    let data = passkey.get(&asked).to_string();
    let form = [("action", "authenticate"), ("data", data.as_str()), ("callbackUrl", "/account")];
    let answer = browser.submit_with(CALLBACK, &[("x-auth-return-redirect", "1")], &form).await;
    answer.assert_signed_in();
    assert_eq!(
        (answer.status, answer.json()["url"].as_str().unwrap()),
        (200, &*format!("{}/account", server.origin))
    );
    assert_eq!(browser.get(OPTIONS).await.status, 400, "somebody who is signed in has to say what they want");
    for action in ["", "delete", "Register"] {
        assert_eq!(
            server.browser().get(&format!("{OPTIONS}?action={action}")).await.status == 200,
            action.is_empty()
        );
    }
    // A JSON body, the answer as an object or as text.
    for is_text in [true, false] {
        let mut browser = server.browser();
        let data = passkey.get(&options(&mut browser, "authenticate").await);
        let data = if is_text { data.to_string().into() } else { data };
        let answer = browser.submit_json(CALLBACK, json!({ "action": "authenticate", "data": data })).await;
        answer.assert_signed_in();
    }
}

#[tokio::test]
async fn what_a_passkey_says_of_another_page_or_person_is_refused() {
    let (server, _, good) = with_passkey().await;
    type Lie = fn(&mut Passkey);
    let lies: [(&str, Lie); 13] = [
        ("another origin", |passkey| passkey.origin = "https://evil.test".to_owned()),
        ("another port", |passkey| passkey.origin.push('1')),
        ("another scheme", |passkey| passkey.origin = passkey.origin.replace("http", "https")),
        ("a slash behind the origin", |passkey| passkey.origin.push('/')),
        ("another website", |passkey| passkey.rp_id = "evil.test".to_owned()),
        ("in a frame", |passkey| passkey.client_data = json!({ "crossOrigin": true })),
        ("under another page", |passkey| passkey.client_data = json!({ "topOrigin": "https://evil.test" })),
        ("another kind", |passkey| passkey.client_data = json!({ "type": "webauthn.create" })),
        ("nobody there", |passkey| passkey.flags &= !0x01),
        ("not known who", |passkey| passkey.flags &= !0x04),
        ("backed up, and cannot be", |passkey| passkey.flags &= !0x08),
        ("bound to the device now", |passkey| passkey.flags &= !0x18),
        ("more behind it", |passkey| passkey.flags |= 0x80),
    ];
    for (name, lie) in lies {
        let mut passkey = good.clone();
        lie(&mut passkey);
        let answer = sign_in(&mut server.browser(), &passkey).await;
        assert_eq!(answer.error().as_deref(), Some("WebAuthnVerificationError"), "{name}: {answer:?}");
        assert_refused(&answer);
    }
    sign_in(&mut server.browser(), &good).await.assert_signed_in();
}

#[tokio::test]
async fn az_02_a_passkey_opens_its_own_account_only() {
    let (server, mut ada, adas) = with_passkey().await;
    let mut eve = server.browser();
    sign_in_email(&server, &mut eve, "eve@example.com").await;
    let mut eves = Passkey::new(&server.origin);
    add(&mut eve, &mut eves).await;

    // Eve's key under Ada's name, Ada's passkey signed by Eve's key, and one that nobody knows.
    let liar = Passkey { user_handle: adas.user_handle.clone(), ..eves.clone() };
    let forger = Passkey { id: adas.id.clone(), user_handle: adas.user_handle.clone(), ..eves.clone() };
    let nameless = Passkey { user_handle: None, ..adas.clone() };
    let mut stranger = Passkey::new(&server.origin);
    stranger.user_handle = adas.user_handle.clone();
    let mut answers = Vec::new();
    for passkey in [liar, forger, nameless, stranger] {
        let answer = sign_in(&mut server.browser(), &passkey).await;
        assert_refused(&answer);
        answers.push((answer.status, answer.location().to_owned(), answer.body));
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "CR-01: {answers:?}");

    let mut browser = server.browser();
    sign_in(&mut browser, &eves).await.assert_signed_in();
    assert_eq!(browser.who().await["user"]["email"], "eve@example.com");
    sign_in(&mut browser, &adas).await.assert_signed_in();
    assert_eq!(browser.who().await["user"]["id"], ada.who().await["user"]["id"]);
}

#[tokio::test]
async fn oa_03_a_challenge_is_answered_once_in_time_and_in_its_browser() {
    let (server, _, passkey) = with_passkey().await;
    let mut browser = server.browser();
    let asked = options(&mut browser, "authenticate").await;
    let answer = passkey.get(&asked);

    let mut other = server.browser();
    options(&mut other, "authenticate").await;
    assert_refused(&send(&mut other, "authenticate", &answer).await);

    let jar = browser.jar.clone();
    send(&mut browser, "authenticate", &answer).await.assert_signed_in();
    let mut again = server.browser();
    again.jar = jar;
    assert_refused(&send(&mut again, "authenticate", &answer).await);

    let asked = options(&mut other, "authenticate").await;
    server.set_later(5 * 60 + 1);
    assert_refused(&send(&mut other, "authenticate", &passkey.get(&asked)).await);
    let asked = options(&mut other, "authenticate").await;
    server.set_later(10 * 60 - 2);
    send(&mut other, "authenticate", &passkey.get(&asked)).await.assert_signed_in();
}

#[tokio::test]
async fn cc_10_one_answer_sixteen_times_at_once_is_one_session() {
    let (server, _, passkey) = with_passkey().await;
    let mut browser = server.browser();
    let answer = passkey.get(&options(&mut browser, "authenticate").await).to_string();
    let token = browser.csrf().await;
    let before = server.rows().await.sessions;
    let tries = (0..16).map(|_| {
        let (mut browser, token, answer) = (browser.clone(), token.clone(), answer.clone());
        async move {
            let form = [("csrfToken", token.as_str()), ("action", "authenticate"), ("data", &answer)];
            browser.post(CALLBACK, &form).await.signs_in()
        }
    });
    let won = futures_util::future::join_all(tries).await.into_iter().filter(|won| *won).count();
    assert_eq!((won, server.rows().await.sessions - before), (1, 1));
}

#[tokio::test]
async fn oa_11_two_tabs_do_not_disturb_each_other_and_cookies_are_few() {
    let (server, _, passkey) = with_passkey().await;
    let mut browser = server.browser();
    let first = options(&mut browser, "authenticate").await;
    for _ in 0..4 {
        options(&mut browser, "authenticate").await;
    }
    let challenges = |browser: &Browser| browser.jar.keys().filter(|name| name.contains("challenge")).count();
    assert_eq!(challenges(&browser), 5);
    send(&mut browser, "authenticate", &passkey.get(&first)).await.assert_signed_in();
    let mut many = server.browser();
    for _ in 0..9 {
        options(&mut many, "authenticate").await;
    }
    assert_eq!(challenges(&many), 5, "DS-11");
}

#[tokio::test]
async fn a_counter_of_one_device_that_goes_backwards_is_a_copy() {
    let server = TestServer::start().await;
    let mut owner = server.browser();
    sign_in_email(&server, &mut owner, ADA).await;
    let mut passkey = Passkey { counter: 5, flags: 0x01 | 0x04, ..Passkey::new(&server.origin) };
    add(&mut owner, &mut passkey).await;
    for (counter, is_good) in
        [(5, false), (6, true), (6, false), (4, false), (0, false), (7, true), (u32::MAX, true)]
    {
        passkey.counter = counter;
        let answer = sign_in(&mut server.browser(), &passkey).await;
        assert_eq!(answer.signs_in(), is_good, "{counter}: {answer:?}");
    }
}

#[tokio::test]
async fn i_20_a_synced_passkey_may_count_backwards_and_its_owner_hears_of_it() {
    let (server, mut owner, mut passkey) = with_passkey().await;
    for (counter, is_told) in [(5, false), (0, true), (1, false), (1, false), (0, true)] {
        let before =
            server.mails().await.iter().filter(|mail| mail.subject.contains("lower counter")).count();
        passkey.counter = counter;
        sign_in(&mut server.browser(), &passkey).await.assert_signed_in();
        if is_told {
            server.told(ADA, "lower counter").await;
        }
        let page = owner.get("/account/activity").await.body;
        assert_eq!(page.contains("Passkey used with a lower counter"), before > 0 || is_told, "{counter}");
    }
}

#[tokio::test]
async fn i_20_whose_it_is_and_padding_are_read_leniently_and_nothing_else() {
    let (server, _, passkey) = with_passkey().await;
    let pad = |value: &mut Value| {
        let text = value.as_str().unwrap();
        let padding = "=".repeat((4 - text.len() % 4) % 4);
        *value = format!("{text}{padding}").into();
    };
    let mut browser = server.browser();
    let mut padded = passkey.get(&options(&mut browser, "authenticate").await);
    for member in ["clientDataJSON", "authenticatorData", "signature", "userHandle"] {
        pad(&mut padded["response"][member]);
    }
    pad(&mut padded["id"]);
    assert!(padded.to_string().contains('='));
    send(&mut browser, "authenticate", &padded).await.assert_signed_in();

    for handle in [Value::Null, "".into(), "bm9ib2R5".into()] {
        let mut browser = server.browser();
        let mut data = passkey.get(&options(&mut browser, "authenticate").await);
        data["response"]["userHandle"] = handle.clone();
        assert_refused(&send(&mut browser, "authenticate", &data).await);
    }
    let mut browser = server.browser();
    let mut odd = passkey.get(&options(&mut browser, "authenticate").await);
    odd["response"]["signature"] = format!("{}*", odd["response"]["signature"].as_str().unwrap()).into();
    assert_refused(&send(&mut browser, "authenticate", &odd).await);

    // The flag that must not change: rejected, and the page says what to do.
    let changed = Passkey { flags: passkey.flags & !0x18, ..passkey.clone() };
    let mut browser = server.browser();
    let refused = sign_in(&mut browser, &changed).await;
    assert_refused(&refused);
    let page = browser.get(refused.location()).await.body;
    assert!(
        page.contains("removed from the account or changed since it was added")
            && page.contains("add it again"),
        "{page}"
    );
}

#[tokio::test]
async fn a_passkey_of_a_deleted_user_is_nobodys() {
    let (server, mut owner, passkey) = with_passkey().await;
    let id = owner.who().await["user"]["id"].as_str().unwrap().to_owned();
    sign_in(&mut server.browser(), &passkey).await.assert_signed_in();
    assert!(server.auth.delete_user(&id).await.unwrap());
    assert_refused(&sign_in(&mut server.browser(), &passkey).await);
}

#[tokio::test]
async fn lk_07_a_passkey_is_added_by_its_owner_a_moment_after_signing_in() {
    let server = TestServer::start().await;
    let nobody = server.browser().get(&format!("{OPTIONS}?action=register")).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(query(nobody.json()["url"].as_str().unwrap(), "error").unwrap(), "SessionRequired");

    let mut ada = server.browser();
    sign_in_email(&server, &mut ada, ADA).await;
    let asked = options(&mut ada, "register").await;
    let answer = Passkey::new(&server.origin).create(&asked);
    // Another user of the same browser, and nobody at all.
    let mut eve = server.browser();
    sign_in_email(&server, &mut eve, "eve@example.com").await;
    // In the same browser: her cookies replace those of Ada that have the same names.
    let (mut same, nobody) = (ada.clone(), server.browser());
    same.jar.extend(eve.jar);
    for mut other in [same, nobody] {
        let refused = send(&mut other, "register", &answer).await;
        assert!(refused.status == 302 && refused.error().is_some(), "{refused:?}");
    }
    // The question of a sign-in is none of a registration, and the other way round.
    let asked_to_sign_in = options(&mut ada, "authenticate").await;
    let made = Passkey::new(&server.origin).create(&json!({ "options": {
        "challenge": asked_to_sign_in["options"]["challenge"], "user": asked["options"]["user"],
    }}));
    assert_refused(&send(&mut ada, "register", &made).await);

    server.set_later(4 * 60);
    let answer = send(&mut ada, "register", &answer).await;
    assert_eq!(answer.error(), None, "control: {answer:?}");
    server.set_later(15 * 60);
    let late = ada.get(&format!("{OPTIONS}?action=register")).await;
    assert_eq!(
        (late.status, query(late.json()["url"].as_str().unwrap(), "error").as_deref()),
        (401, Some("ReauthenticationRequired"))
    );
}

#[tokio::test]
async fn cc_05_a_passkey_belongs_to_one_user() {
    let (server, mut ada, mut passkey) = with_passkey().await;
    let mut eve = server.browser();
    sign_in_email(&server, &mut eve, "eve@example.com").await;
    for browser in [&mut eve, &mut ada] {
        let asked = options(browser, "register").await;
        let answer = send(browser, "register", &passkey.create(&asked)).await;
        assert_eq!(answer.error().as_deref(), Some("PasskeyTaken"), "{answer:?}");
        assert!(answer.location().starts_with(&format!("{}/account/passkeys?", server.origin)));
    }
    // The handle in the authenticator is Ada's again after the last try.
    let mut browser = server.browser();
    sign_in(&mut browser, &passkey).await.assert_signed_in();
    assert_eq!(browser.who().await["user"]["email"], ADA);
}

#[tokio::test]
async fn what_a_new_passkey_says_is_checked() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    sign_in_email(&server, &mut ada, ADA).await;
    type Lie = fn(&mut Passkey);
    let lies: [(&str, Lie); 7] = [
        ("another origin", |passkey| passkey.origin = "https://evil.test".to_owned()),
        ("another website", |passkey| passkey.rp_id = "evil.test".to_owned()),
        ("another kind", |passkey| passkey.client_data = json!({ "type": "webauthn.get" })),
        ("another challenge", |passkey| passkey.client_data = json!({ "challenge": "x".repeat(43) })),
        ("not known who", |passkey| passkey.flags &= !0x04),
        ("an empty id", |passkey| passkey.id.clear()),
        ("a long id", |passkey| passkey.id = vec![7; 1024]),
    ];
    for (name, lie) in lies {
        let mut passkey = Passkey::new(&server.origin);
        lie(&mut passkey);
        let asked = options(&mut ada, "register").await;
        let answer = send(&mut ada, "register", &passkey.create(&asked)).await;
        assert_eq!(answer.error().as_deref(), Some("WebAuthnVerificationError"), "{name}: {answer:?}");
        assert_eq!(server.text("SELECT CAST(count(*) AS TEXT) FROM authenticators").await, "0", "{name}");
    }
    let mut longest = Passkey { id: vec![7; 1023], ..Passkey::new(&server.origin) };
    add(&mut ada, &mut longest).await;
    sign_in(&mut server.browser(), &longest).await.assert_signed_in();
}

#[tokio::test]
async fn in_04_in_07_odd_answers_are_refused() {
    let (server, mut ada, passkey) = with_passkey().await;
    let mut browser = server.browser();
    let asked = options(&mut browser, "authenticate").await;
    let good = passkey.get(&asked);
    let changed = |change: fn(&mut Value)| {
        let mut answer = good.clone();
        change(&mut answer);
        answer.to_string()
    };
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for data in [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        deep,
        "\u{0}".to_owned(),
        changed(|answer| answer["id"] = json!({ "$ne": null })),
        changed(|answer| answer["id"] = json!("a'; DROP TABLE authenticators; --")),
        changed(|answer| answer["response"] = json!(null)),
        changed(|answer| answer["response"]["signature"] = json!("=")),
        changed(|answer| answer["response"]["signature"] = json!("")),
        changed(|answer| answer["response"]["signature"] = json!("A".repeat(20_000))),
        changed(|answer| answer["response"]["authenticatorData"] = json!("AAAA")),
        changed(|answer| answer["response"]["clientDataJSON"] = json!("e30")),
        changed(|answer| answer["response"]["userHandle"] = json!(1)),
    ] {
        let answer = browser.submit(CALLBACK, &[("action", "authenticate"), ("data", &data)]).await;
        answer.assert_denied();
        // What is wrong may have used the challenge up.
        options(&mut browser, "authenticate").await;
    }
    // CBOR that names lengths which nothing stands behind, and that nests without end.
    for object in [vec![0xbb; 9], [&b"\xa1\x68authData\x5b"[..], &[0xff; 8]].concat(), vec![0x81; 20_000]] {
        let asked = options(&mut ada, "register").await;
        let mut answer = Passkey::new(&server.origin).create(&asked);
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        answer["response"]["attestationObject"] = URL_SAFE_NO_PAD.encode(object).into();
        assert_refused(&send(&mut ada, "register", &answer).await);
    }
    let huge =
        browser.submit(CALLBACK, &[("action", "authenticate"), ("data", &"A".repeat(3_000_000))]).await;
    assert!((400..500).contains(&huge.status), "{}", huge.status);
    assert_eq!(browser.submit(CALLBACK, &[("data", &good.to_string())]).await.status, 400, "no action");
    sign_in(&mut server.browser(), &passkey).await.assert_signed_in();
}

#[tokio::test]
async fn ts_01_cross_site_pages_and_missing_tokens_are_refused() {
    let (server, _, passkey) = with_passkey().await;
    let mut browser = server.browser();
    let data = passkey.get(&options(&mut browser, "authenticate").await).to_string();
    let form = [("action", "authenticate"), ("data", data.as_str())];
    let foreign = browser.submit_with(CALLBACK, &[("origin", "https://evil.test")], &form).await;
    assert_eq!(foreign.status, 403);
    let answer = browser.post(CALLBACK, &form).await;
    assert_eq!(answer.error().as_deref(), Some("MissingCSRF"));
    assert!(!answer.signs_in());
    for (method, path) in [(Method::GET, CALLBACK), (Method::POST, OPTIONS), (Method::PUT, CALLBACK)] {
        let answer = browser.send(method.clone(), path, &[("origin", &server.origin)], Vec::new()).await;
        assert!(!answer.signs_in() && answer.status != 200, "CB-10 {method} {path}: {answer:?}");
    }
    browser.submit(CALLBACK, &form).await.assert_signed_in();
}

#[tokio::test]
async fn a_first_name_says_where_the_passkey_is() {
    let server = TestServer::start().await;
    let mut ada = server.browser();
    ada.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    sign_in_email(&server, &mut ada, ADA).await;
    add(&mut ada, &mut Passkey::new(&server.origin)).await;
    let mut known = Passkey::new(&server.origin);
    known.aaguid = *b"\xd5\x48\x82\x6e\x79\xb4\xdb\x40\xa3\xd8\x11\x11\x6f\x7e\x83\x49";
    add(&mut ada, &mut known).await;
    let names = server.text("SELECT group_concat(name, '; ' ORDER BY name) FROM authenticators").await;
    assert_eq!(names, "Bitwarden; Firefox on Linux");
}

#[tokio::test]
async fn off_means_gone() {
    for changes in
        [[("AUTH_PASSKEY", "false")], [("DATABASE_URL", "")], [("AUTH_URL", "http://127.0.0.1:3999")]]
    {
        let server = TestServer::with(&changes).await;
        let mut browser = server.browser();
        assert!(browser.get("/api/auth/providers").await.json()["passkey"].is_null(), "{changes:?}");
        assert_eq!(browser.get(OPTIONS).await.status, 404, "{changes:?}");
        assert_eq!(browser.submit(CALLBACK, &[("action", "authenticate"), ("data", "{}")]).await.status, 404);
    }
}

#[tokio::test]
async fn az_01_the_page_shows_whose_passkeys_they_are() {
    let (server, mut ada, passkey) = with_passkey().await;
    sign_in(&mut server.browser(), &passkey).await.assert_signed_in();
    let page = ada.get("/account/passkeys").await;
    assert_eq!(page.status, 200);
    for text in ["Synced to your other devices", "last used", "Add one", "needs scripts"] {
        assert!(page.body.contains(text), "{text}: {}", page.body);
    }
    assert!(has_hidden(&page.body, ">Add a passkey<"), "U-20: no button without scripts");

    let mut eve = server.browser();
    sign_in_email(&server, &mut eve, "eve@example.com").await;
    let id = passkey.get(&json!({}))["id"].as_str().unwrap().to_owned();
    for (who, status) in [(&mut eve, 200), (&mut server.browser(), 401)] {
        let answer = who.get_with("/api/fn/account_passkeys", &[("accept", "application/json")]).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(!answer.body.contains(&id));
    }
    let own = ada.get_with("/api/fn/account_passkeys", &[("accept", "application/json")]).await;
    assert!(own.body.contains(&id), "control");
}

/// Whether that text is there, inside of what scripts show.
fn has_hidden(page: &str, text: &str) -> bool {
    let (before, _) = page.split_once(text).expect(text);
    let opened = before.rfind("data-needs-passkeys").expect("something around it");
    let start = before[..opened].rfind('<').unwrap();
    before[start..].split('>').next().is_some_and(|tag| tag.contains(" hidden"))
}

#[tokio::test]
async fn the_sign_in_page_has_no_button_without_scripts() {
    let (server, _, _) = with_passkey().await;
    let page = server.browser().get("/signin").await;
    assert!(has_hidden(&page.body, "Sign in with a passkey"), "U-20");
    assert!(page.body.contains("username webauthn"), "U-03");
}

const RENAME: &str = "/api/auth/account/rename-passkey";
const REMOVE: &str = "/api/auth/account/remove-passkey";

#[tokio::test]
async fn az_02_a_passkey_is_renamed_and_removed_by_its_owner() {
    let (server, mut ada, passkey) = with_passkey().await;
    let id = passkey.get(&json!({}))["id"].as_str().unwrap().to_owned();
    let mut eve = server.browser();
    sign_in_email(&server, &mut eve, "eve@example.com").await;
    for path in [RENAME, REMOVE] {
        eve.submit(path, &[("id", &id), ("name", "Eve's")]).await;
        let nobody = server.browser().submit(path, &[("id", &id)]).await;
        assert_eq!(nobody.error().as_deref(), Some("SessionRequired"), "{nobody:?}");
        let forged = ada.post(path, &[("id", &id), ("name", "forged")]).await;
        assert_eq!(forged.error().as_deref(), Some("MissingCSRF"));
    }
    let long = ada.submit(RENAME, &[("id", &id), ("name", &"a".repeat(61))]).await;
    assert_eq!(long.error().as_deref(), Some("InvalidInput"));
    assert_eq!(server.text("SELECT coalesce(name, '') FROM authenticators").await, "test");

    let renamed = ada.submit(RENAME, &[("id", &id), ("name", " The <b>blue</b> key ")]).await;
    assert_eq!(query(renamed.location(), "done").as_deref(), Some("passkey-renamed"), "{renamed:?}");
    assert_eq!(server.text("SELECT name FROM authenticators").await, "The <b>blue</b> key");
    let page = ada.get(renamed.location()).await;
    assert!(page.body.contains("The &lt;b&gt;blue&lt;/b&gt; key") && page.body.contains("Saved."), "CB-03");

    server.set_later(15 * 60);
    let late = ada.submit(REMOVE, &[("id", &id)]).await;
    assert_eq!(late.error().as_deref(), Some("ReauthenticationRequired"));
    assert_eq!(query(late.location(), "callbackUrl").as_deref(), Some("/account/passkeys"));
    assert!(ada.get("/account/passkeys").await.body.contains("Confirm that it is you"));
    // By the passkey itself: a session that is fresh.
    sign_in(&mut ada, &passkey).await.assert_signed_in();
    let removed = ada.submit(REMOVE, &[("id", &id)]).await;
    assert_eq!(query(removed.location(), "done").as_deref(), Some("passkey-removed"), "{removed:?}");
    assert_refused(&sign_in(&mut server.browser(), &passkey).await);
}

#[tokio::test]
async fn lk_08_the_last_way_in_stays() {
    let (server, mut ada, first) = with_passkey().await;
    let mut second = Passkey::new(&server.origin);
    add(&mut ada, &mut second).await;
    // From here on she cannot come in by mail.
    server.execute("UPDATE users SET email_key = NULL, email_verified = NULL").await;
    let remove = async |browser: &mut Browser, passkey: &Passkey| {
        let id = passkey.get(&json!({}))["id"].as_str().unwrap().to_owned();
        browser.submit(REMOVE, &[("id", &id)]).await
    };
    let answer = remove(&mut ada, &first).await;
    assert_eq!(query(answer.location(), "done").as_deref(), Some("passkey-removed"), "{answer:?}");
    let answer = remove(&mut ada, &second).await;
    assert_eq!(answer.error().as_deref(), Some("LastMethod"), "{answer:?}");
    sign_in(&mut server.browser(), &second).await.assert_signed_in();
}

/// U-20 of the second step: a finger, a face or a PIN is one already.
#[cfg(feature = "totp")]
#[tokio::test]
async fn a_passkey_is_two_factors() {
    let (server, mut ada, passkey) = with_passkey().await;
    let mut phone = crate::support::Authenticator::enrol(&server, &mut ada).await;
    phone.wait(&server, 60);
    sign_in(&mut server.browser(), &passkey).await.assert_signed_in();
    // By mail it is asked for.
    let mut browser = server.browser();
    browser.submit("/api/auth/signin/email", &[("email", ADA)]).await;
    let form = server.mail_to(ADA).await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit("/api/auth/callback/email", &form).await;
    assert!(!answer.signs_in() && answer.location().contains("/second-step"), "{answer:?}");
}
