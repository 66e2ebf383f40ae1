//! Signing out at the provider too (OpenID Connect RP-Initiated Logout 1.0), and the way back.

use serde_json::json;

use crate::{
    Scene, path, rows,
    support::{
        Browser,
        evil_op::{Behavior, CLIENT_ID},
        query, sign_in_demo,
    },
};

const ON: [(&str, &str); 1] = [("AUTH_EOP_LOGOUT", "true")];

async fn signed_in(scene: &Scene) -> Browser {
    let mut browser = scene.browser();
    scene.sign_in(&mut browser).await.assert_signed_in();
    browser
}

/// Presses "sign out": where the browser is sent.
async fn sign_out(browser: &mut Browser, callback_url: &str) -> String {
    let answer = browser.submit("/api/auth/signout", &[("callbackUrl", callback_url)]).await;
    assert_eq!(answer.status, 302, "{answer:?}");
    assert!(browser.session_cookie().is_none() && browser.who().await.is_null(), "signed out here");
    answer.location().to_owned()
}

/// Another text of the same form.
fn changed(state: &str) -> String {
    let (start, end) = state.split_at(state.len() - 10);
    let end: String = end.chars().map(|c| if c == 'A' { 'B' } else { 'A' }).collect();
    format!("{start}{end}")
}

/// Lets the server read the discovery document again.
async fn rediscover(scene: &Scene) {
    scene.server.set_later(3601);
    scene.begin(&mut scene.browser(), "eop").await;
    scene.server.set_later(0);
}

#[tokio::test]
async fn by_default_the_provider_is_not_asked() {
    let scene = Scene::new().await;
    let mut browser = signed_in(&scene).await;
    let to = sign_out(&mut browser, "/goodbye").await;
    assert_eq!(to, format!("{}/goodbye", scene.server.origin));
}

#[tokio::test]
async fn the_browser_goes_to_the_provider_and_comes_back() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = signed_in(&scene).await;
    let to = sign_out(&mut browser, "/goodbye").await;
    assert_eq!(scene.server.rows().await, rows(1, 1, 0, 0));
    assert!(to.starts_with(&format!("{}/end_session?", scene.evil.issuer)), "{to}");
    let back = format!("{}/api/auth/signout/eop", scene.server.origin);
    assert_eq!(query(&to, "client_id").as_deref(), Some(CLIENT_ID));
    assert_eq!(query(&to, "post_logout_redirect_uri").as_deref(), Some(back.as_str()));
    assert_eq!(query(&to, "id_token_hint").unwrap().split('.').count(), 3);
    assert!(!to.contains("canary"), "neither access nor refresh token nor secret");

    let state = query(&to, "state").unwrap();
    let answer = browser.get(&format!("{back}?state={state}")).await;
    assert_eq!(answer.location(), format!("{}/goodbye", scene.server.origin));
    assert_eq!(answer.header("cache-control"), "private, no-cache, no-store");
    assert!(answer.set_cookies().is_empty());
}

#[tokio::test]
async fn the_clients_of_auth_js_get_the_address_as_json() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = signed_in(&scene).await;
    let answer = browser.submit_with("/api/auth/signout", &[("x-auth-return-redirect", "1")], &[]).await;
    assert!(answer.json()["url"].as_str().unwrap().starts_with(&scene.evil.issuer), "{answer:?}");
}

#[tokio::test]
async fn rd_the_way_back_leads_to_our_pages_only() {
    let scene = Scene::with_variables(&ON).await;
    let front = format!("{}/", scene.server.origin);
    let mut browser = signed_in(&scene).await;
    let to = sign_out(&mut browser, "https://evil.test/").await;
    let foreign = query(&to, "state").unwrap();
    let mut browser = signed_in(&scene).await;
    let good = query(&sign_out(&mut browser, "/goodbye").await, "state").unwrap();
    scene.begin(&mut browser, "eop").await;
    let other_purpose = browser.jar.iter().find(|(name, _)| name.contains("transaction")).unwrap().1.clone();

    for query in [
        String::new(),
        "state=".to_owned(),
        "state=https://evil.test".to_owned(),
        "state=%ff".to_owned(),
        format!("state={foreign}"),
        format!("state={other_purpose}"),
        format!("state={}", changed(&good)),
        format!("state={good}&state={good}"),
        "callbackUrl=https://evil.test".to_owned(),
        format!("callbackUrl=https://evil.test&state={foreign}"),
    ] {
        let answer = browser.get(&format!("/api/auth/signout/eop?{query}")).await;
        assert_eq!((answer.status, answer.location()), (302, front.as_str()), "{query}");
    }
    let with_state = format!("/api/auth/signout/eop?state={good}");
    assert_eq!(path(&browser.get(&with_state).await), "/goodbye", "control");
    scene.server.set_later(15 * 60 + 1);
    assert_eq!(path(&browser.get(&with_state).await), "/", "too late");
    assert_eq!(browser.get("/api/auth/signout/nosuch?state=a").await.status, 404);
}

#[tokio::test]
async fn coming_back_signs_nobody_out() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = signed_in(&scene).await;
    let answer = browser.get("/api/auth/signout/eop?state=a").await;
    assert_eq!(answer.status, 302);
    assert!(browser.who().await.is_object());
}

#[tokio::test]
async fn only_a_session_of_that_provider_goes_there() {
    let scene = Scene::with_variables(&ON).await;
    let mut browser = signed_in(&scene).await;
    sign_in_demo(&mut browser).await;
    let to = sign_out(&mut browser, "/goodbye").await;
    assert!(to.starts_with(&scene.server.origin), "a session by name and password: {to}");

    sign_in_demo(&mut browser).await;
    browser.jar.insert("authjs.last-provider".to_owned(), "eop".to_owned());
    let to = sign_out(&mut browser, "/goodbye").await;
    assert!(to.starts_with(&scene.server.origin), "a user without an account there: {to}");

    let mut nobody = scene.browser();
    nobody.jar.insert("authjs.last-provider".to_owned(), "eop".to_owned());
    let to = sign_out(&mut nobody, "/goodbye").await;
    assert!(to.starts_with(&scene.server.origin), "nobody: {to}");
}

#[tokio::test]
async fn without_an_endpoint_the_sign_out_here_is_all() {
    let scene = Scene::with_variables(&ON).await;
    scene.evil.set(Behavior {
        discovery: Box::new(|document| {
            drop(document.as_object_mut().unwrap().remove("end_session_endpoint"))
        }),
        ..Behavior::default()
    });
    rediscover(&scene).await;
    let mut browser = signed_in(&scene).await;
    let to = sign_out(&mut browser, "/goodbye").await;
    assert_eq!(to, format!("{}/goodbye", scene.server.origin));
}

#[tokio::test]
async fn stateless_sessions_go_there_without_a_hint() {
    let none = [ON[0], ("DATABASE_URL", ""), ("AUTH_SESSION", "jwt")];
    let scene = Scene::with_variables(&none).await;
    let mut browser = signed_in(&scene).await;
    let to = sign_out(&mut browser, "/goodbye").await;
    assert!(to.starts_with(&format!("{}/end_session?", scene.evil.issuer)), "{to}");
    assert_eq!(query(&to, "id_token_hint"), None);
}

#[tokio::test]
async fn hd_02_the_form_may_lead_there() {
    let scene = Scene::with_variables(&ON).await;
    scene.evil.set(Behavior {
        discovery: Box::new(|document| document["end_session_endpoint"] = json!("http://127.0.0.1:9/end")),
        ..Behavior::default()
    });
    rediscover(&scene).await;
    let mut browser = signed_in(&scene).await;
    let page = browser.get("/signout").await;
    let policy = page.header("content-security-policy");
    assert!(policy.split_once("form-action ").unwrap().1.contains("http://127.0.0.1:9"), "{policy}");
}
