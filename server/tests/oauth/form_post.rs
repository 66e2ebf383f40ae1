//! A provider whose page posts the way back (OA-17). The browser of these tests keeps cookies back from requests of
//! other sites, as browsers do with SameSite=Lax; `end2end` has a real one.

use http::Method;
use serde_json::Value;

use crate::{
    Attempt, Scene, assert_refused, path,
    support::{Answer, Browser, query, sign_in_demo},
};

const ON: [(&str, &str); 1] = [("AUTH_EOP_RESPONSE_MODE", "form_post")];
const CALLBACK: &str = "/api/auth/callback/eop";

/// Makes a wrong form of a good one and of another provider's issuer.
type Change = fn(&str, &str) -> String;

/// What a page of another site can make a browser send: a form, no cookie.
pub async fn post(browser: &mut Browser, path: &str, form: &str) -> Answer {
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("origin", "https://provider.test"),
        ("sec-fetch-site", "cross-site"),
        ("cookie", ""),
    ];
    browser.send(Method::POST, path, &headers, form.as_bytes().to_vec()).await
}

/// The whole way back.
pub async fn come_back(browser: &mut Browser, path: &str, form: &str) -> Answer {
    let answer = post(browser, path, form).await;
    assert_eq!((answer.status, answer.set_cookies()), (303, Vec::new()), "{answer:?}");
    browser.get(answer.location()).await
}

async fn begin(scene: &Scene, browser: &mut Browser) -> (Attempt, String) {
    let attempt = scene.begin(browser, "eop").await;
    let form = scene.good_query(&attempt);
    (attempt, form)
}

#[tokio::test]
async fn oa_17_the_form_leads_on_to_the_checks_and_says_nothing_on_the_way() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = scene.browser();
    let (attempt, form) = begin(&scene, &mut browser).await;
    assert_eq!(query(&attempt.authorization, "response_mode").as_deref(), Some("form_post"));
    let answer = post(&mut browser, CALLBACK, &form).await;
    assert_eq!(answer.status, 303);
    assert_eq!(answer.header("cache-control"), "private, no-cache, no-store");
    let to = answer.location().to_owned();
    assert!(to.starts_with(&format!("{}{CALLBACK}?form=", scene.server.origin)), "{to}");
    assert!(!to.contains(&attempt.state) && !to.contains("code-"), "{to}");
    assert_eq!(scene.evil.requests("token"), 0, "the form alone does nothing");
    let answer = browser.get(&to).await;
    assert!(answer.signs_in(), "{answer:?}");
    assert!(browser.who().await.is_object());
    let replay = browser.get(&to).await;
    assert!(!replay.signs_in(), "OA-03: it works once");
    assert_eq!(scene.evil.requests("token"), 1);
}

#[tokio::test]
async fn oa_17_only_a_provider_that_was_asked_to_may_post() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = scene.browser();
    let attempt = scene.begin(&mut browser, "hop").await;
    let form = format!("code={}&state={}", scene.other.code_for(&attempt.authorization), attempt.state);
    for path in
        ["/api/auth/callback/hop", "/api/auth/callback/nosuch", "/api/auth/signin/eop", "/api/auth/signout"]
    {
        let answer = post(&mut browser, path, &form).await;
        assert!((400..500).contains(&answer.status) && answer.location().is_empty(), "{path}: {answer:?}");
    }
    // Nor may the name of the field be used to smuggle one past it.
    let (_, sealed) = begin(&scene, &mut browser).await;
    let sealed = post(&mut browser, CALLBACK, &sealed).await.location().replace("/eop?", "/hop?");
    let answer = browser.get(&sealed).await;
    assert_refused(&mut browser, &answer, "the form of another provider").await;
    assert_eq!(scene.other.requests("token"), 0);
    assert!(browser.get(&format!("/api/auth/callback/hop?{form}")).await.signs_in(), "control");
}

#[tokio::test]
async fn oa_01_oa_02_oa_05_oa_13_the_same_checks_hold() {
    let scene = Scene::with_variables(&ON).await;
    let other = scene.other.issuer.clone();
    let changes: [(&str, Change); 6] = [
        ("no state", |form, _| form.split('&').next().unwrap().to_owned()),
        ("another state", |form, _| format!("{form}x")),
        ("no code", |form, _| form.split('&').nth(1).unwrap().to_owned()),
        ("another iss", |form, other| format!("{form}&iss={other}")),
        ("an error", |form, _| format!("{form}&error=server_error")),
        ("nothing", |_, _| String::new()),
    ];
    for (what, change) in changes {
        let mut browser = scene.browser();
        let (_, form) = begin(&scene, &mut browser).await;
        let answer = come_back(&mut browser, CALLBACK, &change(&form, &other)).await;
        assert_refused(&mut browser, &answer, what).await;
    }
    let mut browser = scene.browser();
    let (_, form) = begin(&scene, &mut browser).await;
    let mut stranger = scene.browser();
    let answer = come_back(&mut stranger, CALLBACK, &form).await;
    assert_refused(&mut stranger, &answer, "another browser").await;
    assert_eq!(scene.evil.requests("token"), 0);
    assert!(come_back(&mut browser, CALLBACK, &form).await.signs_in(), "control");
}

#[tokio::test]
async fn in_07_a_form_that_is_none_goes_nowhere() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = scene.browser();
    let (_, form) = begin(&scene, &mut browser).await;
    for (what, body) in [
        ("a field twice", format!("{form}&state=x")),
        ("no text", format!("{form}&user=%ff")),
        ("too long", format!("{form}&error={}", "x".repeat(6000))),
    ] {
        let answer = post(&mut browser, CALLBACK, &body).await;
        answer.assert_denied();
        assert!(!answer.location().contains("form="), "{what}: {answer:?}");
    }
    let json = [("content-type", "application/json"), ("cookie", "")];
    let answer = browser.send(Method::POST, CALLBACK, &json, b"{\"code\":\"x\"}".to_vec()).await;
    assert_eq!(answer.status, 400);
    for forged in ["x", "", "a.b.c.d.e", "eyJhbGciOiJub25lIn0..."] {
        let answer = browser.get(&format!("{CALLBACK}?form={forged}")).await;
        assert_refused(&mut browser, &answer, forged).await;
    }
    // A transaction is encrypted by the same secret, and is no form.
    let transaction = browser.jar.iter().find(|(name, _)| name.contains("transaction")).unwrap().1.clone();
    let answer = browser.get(&format!("{CALLBACK}?form={transaction}")).await;
    assert_refused(&mut browser, &answer, "a transaction").await;
    assert!(come_back(&mut browser, CALLBACK, &form).await.signs_in(), "control");
}

/// The session's cookie does not come with the form, but it does with the next request.
#[tokio::test]
async fn oa_17_somebody_else_who_signed_in_meanwhile_stays() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = scene.browser();
    let (_, form) = begin(&scene, &mut browser).await;
    come_back(&mut browser, CALLBACK, &form).await.assert_signed_in();
    let (_, form) = begin(&scene, &mut browser).await;
    sign_in_demo(&mut browser).await;
    let demo = browser.who().await;
    let answer = come_back(&mut browser, CALLBACK, &form).await;
    assert!(!answer.signs_in() && answer.error().is_some(), "{answer:?}");
    assert_eq!(browser.who().await["user"]["id"], demo["user"]["id"]);
}

#[tokio::test]
async fn cancelling_comes_as_a_form_too() {
    let scene = Scene::with_variables(&ON).await;
    for word in ["access_denied", "user_cancelled_authorize"] {
        let mut browser = scene.browser();
        let attempt = scene.begin(&mut browser, "eop").await;
        let answer =
            come_back(&mut browser, CALLBACK, &format!("error={word}&state={}", attempt.state)).await;
        assert_eq!((path(&answer).as_str(), answer.error().as_deref()), ("/error", Some("AccessDenied")));
        assert_eq!(browser.who().await, Value::Null);
    }
}
