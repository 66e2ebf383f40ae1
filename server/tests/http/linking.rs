//! The pages of the ways to sign in and of the devices, and the forms on them: as a browser without scripts uses them.

use crate::support::{
    Answer, Browser, TestServer, query, sign_in_demo, sign_in_dev, sign_in_email, start_dev,
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];

/// The values of the fields of the form with a button for that action which is the nth on the page.
fn form(page: &str, action: &str, number: usize) -> Vec<(String, String)> {
    let forms = page.split("<form").skip(1).map(|form| form.split("</form>").next().unwrap());
    let form = forms.filter(|form| form.contains(&format!("action=\"{action}\""))).nth(number);
    let form = form.unwrap_or_else(|| panic!("no form for {action}: {page}"));
    let attribute = |input: &str, name: &str| {
        Some(input.split_once(&format!(" {name}=\""))?.1.split('"').next().unwrap().to_owned())
    };
    let inputs = form.split("<input").skip(1).map(|input| input.split('>').next().unwrap());
    inputs.filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?))).collect()
}

/// Presses the button of a form as the page has it.
async fn press(browser: &mut Browser, page: &str, action: &str, number: usize) -> Answer {
    let form = form(page, action, number);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(action, &form).await
}

fn done(answer: &Answer) -> Option<String> {
    query(answer.location(), "done")
}

#[tokio::test]
async fn u_20_linking_and_unlinking_work_without_scripts() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "ada@example.org").await;
    let page = browser.get("/account/methods").await.body;
    assert!(page.contains("Sign-in methods") && page.contains("Not linked"), "{page}");
    let fields = form(&page, "/api/auth/signin/dev", 0);
    assert!(fields.contains(&("link".to_owned(), "true".to_owned())), "{fields:?}");
    let begun = press(&mut browser, &page, "/api/auth/signin/dev", 0).await;
    let (_, request) = begun.location().split_once('?').unwrap();
    browser.get(begun.location()).await;
    let back = browser.post("/dev/idp/authorize", &[("request", request), ("persona", "grace")]).await;
    let linked = browser.get(back.location()).await;
    assert_eq!(done(&linked).as_deref(), Some("linked"), "{linked:?}");
    let page = browser.get(linked.location()).await.body;
    assert!(page.contains("From now on you can sign in with it"), "{page}");
    assert!(page.contains("linked on") && page.contains("grace@example.com"), "which account it is: {page}");
    assert_eq!(browser.who().await["user"]["email"], "ada@example.org");

    let unlinked = press(&mut browser, &page, "/api/auth/account/unlink", 0).await;
    assert_eq!(done(&unlinked).as_deref(), Some("unlinked"), "{unlinked:?}");
    assert_eq!(server.rows().await.accounts, 0);
}

#[tokio::test]
async fn u_20_the_same_address_is_linked_without_scripts() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_email(&server, &mut browser, "ada@example.com").await;
    browser.submit("/api/auth/signout", &[]).await;
    let back = start_dev(&mut browser, "ada").await;
    let refused = browser.get(&back).await;
    let page = browser.get(refused.location()).await.body;
    assert!(page.contains("You already have an account") && page.contains("Dev ID"), "{page}");
    let asked = {
        let mut form = form(&page, "/api/auth/signin/email", 0);
        form.retain(|(name, _)| !["email", "password"].contains(&name.as_str()));
        let mut form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        form.push(("email", "ada@example.com"));
        browser.post("/api/auth/signin/email", &form).await
    };
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    let mail = server.mail_to("ada@example.com").await.form();
    let mail: Vec<_> = mail.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let came = browser.submit("/api/auth/callback/email", &mail).await;
    assert!(came.location().ends_with("/account/link"), "{came:?}");
    let page = browser.get(came.location()).await.body;
    assert!(page.contains("Link Dev ID to your account?") && page.contains("ada@example.com"), "{page}");
    let linked = press(&mut browser, &page, "/api/auth/account/link", 0).await;
    assert_eq!(done(&linked).as_deref(), Some("linked"), "{linked:?}");
    assert!(linked.location().contains("/account?"), "on to where the person wanted to go: {linked:?}");
    assert_eq!(server.rows().await.users, 1);
}

#[tokio::test]
async fn the_page_of_the_methods_asks_for_a_recent_sign_in_before_anything_is_pressed() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    sign_in_dev(&mut browser, "ada").await;
    server.set_later(15 * 60 + 1);
    let page = browser.get("/account/methods").await.body;
    assert!(page.contains("Confirm that it is you") && !page.contains("/api/auth/account/unlink"), "{page}");
    assert!(!page.contains("name=\"link\""), "{page}");
    let nobody = server.browser().get("/account/methods").await;
    assert!(nobody.location().contains("/signin"), "{nobody:?}");
    for data in ["account_methods", "account_devices", "link_offer"] {
        let nobody = server.browser().get(&format!("/api/fn/{data}")).await;
        assert_eq!(nobody.status, 401, "{data}: {nobody:?}");
    }
}

#[tokio::test]
async fn without_a_database_the_pages_say_so() {
    let server = TestServer::with(&[("DATABASE_URL", "")]).await;
    let mut browser = server.browser();
    sign_in_dev(&mut browser, "ada").await;
    for (page, words) in [
        ("/account/methods", "keeps no list of them"),
        ("/account/devices", "keeps no list of devices"),
        ("/account/link", "Nothing waits"),
    ] {
        let answer = browser.get(page).await;
        assert!(answer.status == 200 && answer.body.contains(words), "{page}: {}", answer.body);
    }
}

#[tokio::test]
async fn se_16_u_45_a_device_is_signed_out_at_once() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let (mut laptop, mut phone, mut other) = (server.browser(), server.browser(), server.browser());
        laptop.user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
        phone.user_agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1";
        sign_in_demo(&mut laptop).await;
        sign_in_demo(&mut phone).await;
        sign_in_email(&server, &mut other, "grace@example.com").await;

        let page = laptop.get("/account/devices").await.body;
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is missing: {page}"));
        assert!(at("Firefox on Linux") < at("This device"), "{strategy}");
        assert!(at("This device") < at("Safari on iPhone"), "{strategy}: this one first");
        assert!(page.contains("127.0.0.1") && page.contains("Last used"), "{page}");
        let answer = press(&mut laptop, &page, "/api/auth/account/end-session", 0).await;
        assert_eq!(done(&answer).as_deref(), Some("device-signed-out"), "{strategy}");
        assert!(phone.who().await.is_null(), "{strategy}: with the next request");
        assert_eq!(laptop.name().await.as_deref(), Some("Demo User"), "{strategy}");

        // AZ-02: nobody ends the session of somebody else.
        let details = server.auth.session(&other.headers()).await.unwrap().details.unwrap();
        laptop.submit("/api/auth/account/end-session", &[("session", &details.id)]).await;
        assert!(other.who().await.is_object(), "{strategy}");
    }
}

#[tokio::test]
async fn se_06_all_other_devices_are_signed_out_at_once() {
    for strategy in STRATEGIES {
        let server = TestServer::with(&[("AUTH_SESSION", strategy)]).await;
        let mut browsers = Vec::new();
        for _ in 0..3 {
            let mut browser = server.browser();
            sign_in_demo(&mut browser).await;
            browsers.push(browser);
        }
        let mut here = browsers.remove(0);
        let page = here.get("/account/devices").await.body;
        let answer = press(&mut here, &page, "/api/auth/account/end-other-sessions", 0).await;
        assert_eq!(done(&answer).as_deref(), Some("others-signed-out"), "{strategy}");
        for browser in &mut browsers {
            assert!(browser.who().await.is_null(), "{strategy}");
        }
        assert_eq!(here.name().await.as_deref(), Some("Demo User"), "{strategy}: but this one");
        let page = here.get(answer.location()).await.body;
        assert!(
            page.contains("All other devices are signed out") && !page.contains("end-other-sessions"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn se_16_ending_a_session_takes_our_own_form_and_a_recent_sign_in() {
    let server = TestServer::start().await;
    let (mut here, mut there) = (server.browser(), server.browser());
    sign_in_demo(&mut here).await;
    sign_in_demo(&mut there).await;
    let id = server.auth.session(&there.headers()).await.unwrap().details.unwrap().id;
    for action in ["end-session", "end-other-sessions"] {
        let path = format!("/api/auth/account/{action}");
        let forged = here.post(&path, &[("session", &id)]).await;
        assert_eq!(forged.error().as_deref(), Some("MissingCSRF"), "{action}");
        server.set_later(15 * 60 + 1);
        let stale = here.submit(&path, &[("session", &id)]).await;
        assert_eq!(stale.error().as_deref(), Some("ReauthenticationRequired"), "{action}");
        server.set_later(0);
        assert!(there.who().await.is_object(), "{action}");
    }
    here.submit("/api/auth/account/end-session", &[("session", &id)]).await;
    assert!(there.who().await.is_null(), "control");
}
