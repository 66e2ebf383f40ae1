//! Which user a sign-in belongs to, and which user gets another sign-in method: rows LK, CC-05, CB-09, IN-08 and ID-19 of
//! the threat model, with the table in `src/account_linking.rs`.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::Barrier;

use crate::{
    Scene, claims, path, rows,
    support::{
        Answer, Authenticator, Browser, TestServer,
        evil_op::{Behavior, EvilProvider},
        query, sign_in_email,
    },
};

const STRATEGIES: [&str; 2] = ["database", "jwt"];
const MINUTE: i64 = 60;

/// A provider that speaks of that person. The times are right for a server whose clock is so many seconds ahead.
fn person_later(sub: &str, email: Option<&str>, is_verified: bool, seconds: i64) -> Behavior {
    let (sub, email) = (sub.to_owned(), email.map(str::to_owned));
    let userinfo = json!({ "sub": sub });
    let behavior = claims(move |claims| {
        claims["sub"] = json!(sub);
        claims["email"] = json!(email);
        claims["email_verified"] = json!(is_verified);
        for name in ["iat", "exp"] {
            claims[name] = json!(claims[name].as_i64().unwrap() + seconds);
        }
    });
    Behavior { userinfo, ..behavior }
}

fn person(sub: &str, email: Option<&str>, is_verified: bool) -> Behavior {
    person_later(sub, email, is_verified, 0)
}

impl Scene {
    fn provider(&self, id: &str) -> &EvilProvider {
        if id == "eop" { &self.evil } else { &self.other }
    }

    /// Goes to a provider: the address that leads back.
    async fn go(&self, browser: &mut Browser, provider: &str, form: &[(&str, &str)]) -> String {
        let begun = browser.submit(&format!("/api/auth/signin/{provider}"), form).await;
        let state = query(begun.location(), "state").unwrap_or_else(|| panic!("no way there: {begun:?}"));
        let code = self.provider(provider).code_for(begun.location());
        format!("/api/auth/callback/{provider}?code={code}&state={state}")
    }

    async fn come_by(&self, browser: &mut Browser, provider: &str) -> Answer {
        let back = self.go(browser, provider, &[("callbackUrl", "/account")]).await;
        browser.get(&back).await
    }

    async fn link(&self, browser: &mut Browser, provider: &str) -> Answer {
        let back = self.go(browser, provider, &LINK).await;
        browser.get(&back).await
    }

    /// Somebody who has proven an address by our own mail.
    async fn owner(&self, address: &str) -> (Browser, String) {
        let mut browser = self.browser();
        sign_in_email(&self.server, &mut browser, address).await;
        let id = id(&mut browser).await;
        (browser, id)
    }

    /// Whom the provider's person comes in as, in a browser that was never here.
    async fn who_comes_by(&self, provider: &str) -> Value {
        let mut browser = self.browser();
        self.come_by(&mut browser, provider).await;
        browser.who().await["user"]["id"].clone()
    }
}

const LINK: [(&str, &str); 2] = [("callbackUrl", "/account/methods"), ("link", "true")];

async fn id(browser: &mut Browser) -> String {
    browser.who().await["user"]["id"].as_str().expect("somebody is signed in").to_owned()
}

#[track_caller]
fn assert_linked(answer: &Answer, word: &str) {
    assert_eq!((answer.status, path(answer).as_str()), (302, "/account/methods"), "{answer:?}");
    assert_eq!(query(answer.location(), "done").as_deref(), Some(word), "{answer:?}");
}

/// Refused where the person began, and nobody has become somebody else.
async fn assert_not_linked(browser: &mut Browser, user: &str, answer: &Answer, word: &str) {
    assert_eq!(answer.error().as_deref(), Some(word), "{answer:?}");
    assert!(!answer.signs_in(), "{answer:?}");
    assert_eq!(id(browser).await, user, "still signed in as before");
}

// Rows 10 to 12: linking while signed in.

#[tokio::test]
async fn row_10_a_signed_in_user_links_one_more_way_in_and_se_02_the_session_is_renewed() {
    for strategy in STRATEGIES {
        let scene = Scene::with_variables(&[("AUTH_SESSION", strategy)]).await;
        let (mut owner, user) = scene.owner("ada@example.com").await;
        let mut former = owner.clone();
        assert_linked(&scene.link(&mut owner, "eop").await, "linked");
        assert_eq!(id(&mut owner).await, user, "{strategy}");
        assert_ne!(owner.session_cookie(), former.session_cookie(), "{strategy}");
        assert!(former.who().await.is_null(), "{strategy}: the former session is over");
        assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0), "{strategy}");
        assert_eq!(scene.who_comes_by("eop").await, user.as_str(), "{strategy}: and it leads there");
        let token = scene.server.auth.provider_token(&user, "eop").await.unwrap();
        assert!(
            token.access_token.expose().starts_with("canary-access-token"),
            "tokens are kept as at a sign-in"
        );
        assert_eq!(owner.who().await["user"]["email"], "ada@example.com", "what is stored of the user stays");
    }
}

#[tokio::test]
async fn row_11_what_is_linked_already_is_said_to_be() {
    let scene = Scene::new().await;
    let (mut owner, user) = scene.owner("ada@example.com").await;
    scene.link(&mut owner, "eop").await;
    assert_linked(&scene.link(&mut owner, "eop").await, "linked-before");
    assert_eq!(id(&mut owner).await, user);
    assert_eq!(scene.server.rows().await, rows(1, 1, 1, 0));
}

#[tokio::test]
async fn lk_07_row_12_an_account_of_somebody_else_is_refused_and_nothing_moves() {
    let scene = Scene::new().await;
    let mut thief = scene.browser();
    scene.come_by(&mut thief, "eop").await.assert_signed_in();
    let theirs = id(&mut thief).await;
    let (mut owner, user) = scene.owner("ada@example.com").await;
    let cookie = owner.session_cookie().cloned();
    let answer = scene.link(&mut owner, "eop").await;
    assert_eq!(path(&answer), "/account/methods");
    assert_not_linked(&mut owner, &user, &answer, "AccountOfAnotherUser").await;
    assert_eq!(owner.session_cookie().cloned(), cookie);
    assert_eq!(scene.who_comes_by("eop").await, theirs.as_str(), "it leads where it led");
    assert!(scene.server.auth.provider_token(&user, "eop").await.is_err(), "nor have its tokens moved");
}

#[tokio::test]
async fn lk_07_linking_takes_our_own_form_a_session_and_a_recent_sign_in() {
    let scene = Scene::new().await;
    let (mut owner, _) = scene.owner("ada@example.com").await;
    let forged = owner.post("/api/auth/signin/eop", &LINK).await;
    assert_eq!(forged.error().as_deref(), Some("MissingCSRF"));
    let by_get = owner.get("/api/auth/signin/eop?link=true").await;
    assert!(!by_get.location().contains("authorize"), "{by_get:?}");

    let nobody = scene.browser().submit("/api/auth/signin/eop", &LINK).await;
    assert!(query(nobody.location(), "callbackUrl").unwrap().ends_with("/account/methods"), "and back");
    assert_eq!(nobody.error().as_deref(), Some("SessionRequired"));
    assert_eq!(scene.evil.requests("token"), 0);

    scene.server.set_later(15 * MINUTE + 1);
    let stale = owner.submit("/api/auth/signin/eop", &LINK).await;
    assert_eq!(
        (stale.error().as_deref(), path(&stale).as_str()),
        (Some("ReauthenticationRequired"), "/signin")
    );
    assert!(!owner.jar.keys().any(|name| name.contains("transaction")), "nothing has begun");

    scene.server.set_later(14 * MINUTE);
    scene.evil.set(person_later("evil-1", None, false, 14 * MINUTE));
    assert_linked(&scene.link(&mut owner, "eop").await, "linked");
}

/// A stolen session that is fresh by chance must not stay so by linking what the thief has.
#[tokio::test]
async fn lk_07_linking_is_no_proof_of_who_one_is() {
    for strategy in STRATEGIES {
        let scene = Scene::with_variables(&[("AUTH_SESSION", strategy)]).await;
        let (mut owner, _) = scene.owner("ada@example.com").await;
        scene.server.set_later(14 * MINUTE);
        scene.evil.set(person_later("evil-1", None, false, 14 * MINUTE));
        assert_linked(&scene.link(&mut owner, "eop").await, "linked");
        scene.server.set_later(16 * MINUTE);
        let again = owner.submit("/api/auth/signin/hop", &LINK).await;
        assert_eq!(again.error().as_deref(), Some("ReauthenticationRequired"), "{strategy}");
        assert!(owner.who().await.is_object(), "{strategy}: the session itself goes on");
    }
}

#[tokio::test]
async fn lk_07_whoever_began_must_be_signed_in_still() {
    let scene = Scene::new().await;
    let (mut browser, _) = scene.owner("ada@example.com").await;
    let back = scene.go(&mut browser, "eop", &LINK).await;
    sign_in_email(&scene.server, &mut browser, "grace@example.com").await;
    let grace = id(&mut browser).await;
    let answer = browser.get(&back).await;
    assert_not_linked(&mut browser, &grace, &answer, "OAuthCallbackError").await;

    let back = scene.go(&mut browser, "eop", &LINK).await;
    browser.submit("/api/auth/signout", &[]).await;
    let answer = browser.get(&back).await;
    assert_eq!(answer.error().as_deref(), Some("SessionRequired"));
    assert!(browser.who().await.is_null(), "a link never becomes a sign-in");
    assert_eq!(scene.server.rows().await.accounts, 0);
}

#[tokio::test]
async fn what_goes_wrong_on_the_way_is_shown_where_the_person_began() {
    let scene = Scene::new().await;
    let (mut owner, user) = scene.owner("ada@example.com").await;
    let begun = owner.submit("/api/auth/signin/eop", &LINK).await;
    let state = query(begun.location(), "state").unwrap();
    let cancelled = owner.get(&format!("/api/auth/callback/eop?error=access_denied&state={state}")).await;
    assert_eq!(path(&cancelled), "/account/methods");
    assert_not_linked(&mut owner, &user, &cancelled, "AccessDenied").await;
    for other in ["email", "credentials", "nobody"] {
        let answer = owner.submit(&format!("/api/auth/signin/{other}"), &LINK).await;
        assert_eq!(answer.status, 404, "{other} is no account elsewhere");
    }
}

#[tokio::test]
async fn without_a_database_there_is_nothing_to_link_to() {
    let scene = Scene::with_variables(&[("DATABASE_URL", "")]).await;
    let mut browser = scene.browser();
    scene.come_by(&mut browser, "eop").await.assert_signed_in();
    let answer = browser.submit("/api/auth/signin/hop", &LINK).await;
    assert_eq!(answer.status, 404, "{answer:?}");
}

#[tokio::test]
async fn cb_09_without_being_asked_nothing_is_linked_and_the_user_changes() {
    for strategy in STRATEGIES {
        let scene = Scene::with_variables(&[("AUTH_SESSION", strategy)]).await;
        let (mut browser, user) = scene.owner("ada@example.com").await;
        let mut former = browser.clone();
        scene.come_by(&mut browser, "eop").await.assert_signed_in();
        let other = id(&mut browser).await;
        assert_ne!(other, user, "{strategy}: the other identity's user");
        assert!(former.who().await.is_null(), "{strategy}: by a session of their own");
        assert_eq!(scene.server.rows().await.users, 2);
        assert_eq!(scene.who_comes_by("eop").await, other.as_str());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cc_05_of_two_users_who_link_one_identity_at_once_one_gets_it() {
    const ROUNDS: usize = 30;
    let scene = Arc::new(Scene::new().await);
    let twin = scene.twin(&[]).await;
    let people = [scene.owner("ada@example.com").await, scene.owner("grace@example.com").await];
    let (mut ada, mut grace) = (people[0].0.clone(), people[1].0.at(&twin));
    for round in 0..ROUNDS {
        scene.evil.set(person(&format!("person-{round}"), None, false));
        let (first, second) =
            (scene.go(&mut ada, "eop", &LINK).await, scene.go(&mut grace, "eop", &LINK).await);
        let barrier = Arc::new(Barrier::new(2));
        let wait = |barrier: Arc<Barrier>| async move { barrier.wait().await };
        let (one, two) = tokio::join!(
            async {
                wait(barrier.clone()).await;
                ada.get(&first).await
            },
            async {
                wait(barrier.clone()).await;
                grace.get(&second).await
            }
        );
        let mut words = [&one, &two]
            .map(|answer| answer.error().or(query(answer.location(), "done")).unwrap_or_default());
        words.sort_unstable();
        assert_eq!(words, ["AccountOfAnotherUser", "linked"], "round {round}: {one:?} {two:?}");
        let owner = if one.error().is_none() { &people[0].1 } else { &people[1].1 };
        assert_eq!(scene.who_comes_by("eop").await, owner.as_str(), "round {round}");
    }
    assert_eq!(scene.server.rows().await.accounts, ROUNDS as i64);
}

// Rows 1 to 9: signing in.

#[tokio::test]
async fn lk_09_row_1_an_account_stays_its_users_whatever_address_it_brings() {
    let scene =
        Scene::with_variables(&[("AUTH_EOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "eop")]).await;
    scene.evil.set(person("recycled", Some("old@example.com"), true));
    let mut browser = scene.browser();
    scene.come_by(&mut browser, "eop").await.assert_signed_in();
    let user = id(&mut browser).await;
    let (_, owner) = scene.owner("victim@example.com").await;
    scene.evil.set(person("recycled", Some("victim@example.com"), true));
    assert_eq!(scene.who_comes_by("eop").await, user.as_str());
    assert_ne!(owner, user);
    let mut again = scene.browser();
    scene.come_by(&mut again, "eop").await;
    assert_eq!(
        again.who().await["user"]["email"],
        "old@example.com",
        "the stored address is not overwritten"
    );
}

#[tokio::test]
async fn rows_2_3_and_5_whoever_is_nobody_becomes_somebody_new() {
    let scene = Scene::with_variables(&[("AUTH_HOP_TRUST_EMAIL", "true")]).await;
    scene.evil.set(person("without", None, true));
    scene.who_comes_by("eop").await.as_str().expect("row 2");
    scene.evil.set(person("claims", Some("claimed@example.com"), true));
    scene.who_comes_by("eop").await.as_str().expect("row 3");
    scene.other.set(person("proves", Some("proven@example.com"), true));
    let proven = scene.who_comes_by("hop").await;
    assert_eq!(scene.server.rows().await.users, 3);
    let (_, owner) = scene.owner("proven@example.com").await;
    assert_eq!(proven, owner.as_str(), "row 5 and row 8: what was proven there is owned here");
}

/// Row 4: what anybody can write into a profile leads to nobody.
#[tokio::test]
async fn lk_02_lk_03_lk_10_row_4_a_claimed_address_is_not_linked() {
    let scene =
        Scene::with_variables(&[("AUTH_HOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "hop")]).await;
    let (_, owner) = scene.owner("victim@example.com").await;
    let cases = [
        ("LK-02: not verified", "hop", person("a", Some("victim@example.com"), false)),
        (
            "LK-03: verified by a provider that is not trusted",
            "eop",
            person("b", Some("victim@example.com"), true),
        ),
        ("other letters", "eop", person("c", Some("VICTIM@EXAMPLE.COM"), true)),
    ];
    for (what, provider, behavior) in cases {
        scene.provider(provider).set(behavior);
        let mut browser = scene.browser();
        let answer = scene.come_by(&mut browser, provider).await;
        assert_eq!(answer.error().as_deref(), Some("OAuthAccountNotLinked"), "{what}");
        assert!(browser.who().await.is_null(), "{what}");
        assert_eq!((scene.server.rows().await.users, scene.server.rows().await.accounts), (1, 0), "{what}");
    }
    scene.other.set(person("first", Some("victim@example.com"), true));
    assert_eq!(scene.who_comes_by("hop").await, owner.as_str(), "control: row 7");
    scene.evil.set(person("second", Some("victim@example.com"), true));
    assert!(scene.who_comes_by("eop").await.is_null(), "LK-10: another sub with the same address");
}

#[tokio::test]
async fn row_6_a_proven_address_is_linked_by_no_provider_unless_it_is_on_the_list() {
    let scene = Scene::with_variables(&[("AUTH_EOP_TRUST_EMAIL", "true")]).await;
    scene.owner("eve@example.com").await;
    let mut browser = scene.browser();
    let answer = scene.come_by(&mut browser, "eop").await;
    assert_eq!(answer.error().as_deref(), Some("OAuthAccountNotLinked"));
    assert!(browser.who().await.is_null());
}

#[tokio::test]
async fn row_7_a_provider_on_the_list_leads_by_a_proven_address_to_its_owner() {
    let scene =
        Scene::with_variables(&[("AUTH_EOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "eop")]).await;
    let (_, owner) = scene.owner("eve@example.com").await;
    assert_eq!(scene.who_comes_by("eop").await, owner.as_str());
    assert_eq!(scene.server.rows().await.accounts, 1, "once");
    assert!(scene.server.auth.provider_token(&owner, "eop").await.is_ok(), "its tokens are kept");
    scene.evil.set(person("evil-1", Some("elsewhere@example.com"), true));
    assert_eq!(scene.who_comes_by("eop").await, owner.as_str(), "from now on by the account");

    // The side that is here must be proven too: a claimed address is nobody's.
    let scene =
        Scene::with_variables(&[("AUTH_EOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "eop")]).await;
    let mut squatter = scene.browser();
    scene.other.set(person("squatter", Some("eve@example.com"), true));
    scene.come_by(&mut squatter, "hop").await.assert_signed_in();
    let squatter = id(&mut squatter).await;
    assert_ne!(scene.who_comes_by("eop").await, squatter.as_str());
}

#[tokio::test]
async fn the_list_names_providers_that_are_on_and_trusted() {
    let evil = EvilProvider::start().await;
    let start = async |list: &str, is_trusted: &str| {
        let variables = [
            ("AUTH_SECRET", crate::support::SECRET),
            ("PORT", "0"),
            ("DATABASE_URL", ""),
            ("AUTH_EOP_ISSUER", &evil.issuer),
            ("AUTH_EOP_ID", "id"),
            ("AUTH_EOP_SECRET", "secret"),
            ("AUTH_EOP_TRUST_EMAIL", is_trusted),
            ("AUTH_LINK_TRUSTED", list),
        ];
        let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        leptos_auth_server::tls::install();
        leptos_auth_server::startup::Application::build(&env).await.err().map(|problems| problems.to_string())
    };
    for (list, is_trusted, reason) in [
        ("eop,nobody", "true", "is not on"),
        ("eop", "false", "is not trusted"),
        ("EOP", "true", "is not on"),
    ] {
        let problem = start(list, is_trusted).await.unwrap_or_else(|| panic!("{list} is taken"));
        assert!(problem.contains("AUTH_LINK_TRUSTED") && problem.contains(reason), "{problem}");
        assert!(!problem.contains("nobody:"), "values are not repeated: {problem}");
    }
    assert_eq!(start(" eop , ", "true").await, None, "control");
}

// Pre-hijacking: who waits in an account for its later owner.

#[tokio::test]
async fn lk_01_lk_04_lk_05_row_9_nobody_waits_in_the_account_of_the_later_owner() {
    for strategy in STRATEGIES {
        let trusted =
            [("AUTH_SESSION", strategy), ("AUTH_HOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "hop")];
        let scene = Scene::with_variables(&trusted).await;
        // The attacker has an account with the victim's address, and links a second identity of theirs to it.
        scene.evil.set(person("attacker", Some("victim@example.com"), true));
        let mut attacker = scene.browser();
        scene.come_by(&mut attacker, "eop").await.assert_signed_in();
        let waiting = id(&mut attacker).await;
        scene.evil.set(person("trojan", Some("victim@example.com"), true));
        assert_linked(&scene.link(&mut attacker, "eop").await, "linked");

        // LK-01: the victim comes by a provider that has checked the address; LK-04: by our own mail.
        scene.other.set(person("victim", Some("victim@example.com"), true));
        let by_provider = scene.who_comes_by("hop").await;
        let (_, by_mail) = scene.owner("victim@example.com").await;
        assert_eq!(by_provider, by_mail.as_str(), "{strategy}: one owner");
        assert_ne!(by_mail, waiting, "{strategy}: LK-01");
        assert_eq!(
            id(&mut attacker).await,
            waiting,
            "{strategy}: LK-04: the attacker's session is their own still"
        );
        for identity in ["attacker", "trojan"] {
            scene.evil.set(person(identity, Some("victim@example.com"), true));
            assert_eq!(scene.who_comes_by("eop").await, waiting.as_str(), "{strategy}: LK-05: {identity}");
        }
        let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE user_id = $1")
            .bind(&by_mail)
            .fetch_one(&mut scene.server.database().await)
            .await
            .unwrap();
        assert_eq!(accounts, 1, "{strategy}: LK-05: nothing of the attacker is in the victim's account");
    }
}

// IN-08 and ID-19: identities that look alike.

#[tokio::test]
async fn in_08_identities_that_look_alike_are_different_ones() {
    let scene = Scene::new().await;
    let (mut owner, user) = scene.owner("ada@example.com").await;
    scene.evil.set(person("\u{e9}vil-1", None, false));
    assert_linked(&scene.link(&mut owner, "eop").await, "linked");
    for twin in ["e\u{301}vil-1", "\u{c9}vil-1", "evil-1", "\u{e9}vil-1 ", "\u{e9}vil-1\u{200b}"] {
        scene.evil.set(person(twin, None, false));
        let came = scene.who_comes_by("eop").await;
        assert!(
            came.is_null() || came != user.as_str(),
            "{twin:?} comes in as the owner of another identity"
        );
    }
    scene.evil.set(person("\u{e9}vil-1", None, false));
    assert_eq!(scene.who_comes_by("eop").await, user.as_str(), "control");
}

#[tokio::test]
async fn id_19_the_same_sub_of_another_issuer_is_another_account() {
    let scene = Scene::new().await;
    let (mut ada, one) = scene.owner("ada@example.com").await;
    let (mut grace, two) = scene.owner("grace@example.com").await;
    for provider in [&scene.evil, &scene.other] {
        provider.set(person("1", None, false));
    }
    assert_linked(&scene.link(&mut ada, "eop").await, "linked");
    assert_linked(&scene.link(&mut grace, "hop").await, "linked");
    assert_eq!(scene.who_comes_by("eop").await, one.as_str());
    assert_eq!(scene.who_comes_by("hop").await, two.as_str());
}

/// A callback of the application that keeps people out keeps their accounts out as well.
#[tokio::test]
async fn the_sign_in_callback_is_asked_about_an_account_to_link() {
    use leptos_auth::{CallbackError, Callbacks, SignInAttempt, SignInDecision, async_trait};
    struct NoEve;
    #[async_trait]
    impl Callbacks for NoEve {
        async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
            let is_eve = attempt.profile.is_some_and(|profile| profile["sub"] == "evil-1");
            Ok(if is_eve { SignInDecision::Deny } else { SignInDecision::Allow })
        }
    }
    let (evil, other) = (EvilProvider::start().await, EvilProvider::start().await);
    let variables = Scene::variables(&evil, &other, &[]);
    let server = TestServer::extended(&variables, |builder| builder.callbacks(NoEve)).await;
    let scene = Scene { server, evil, other };
    let (mut owner, user) = scene.owner("eve@example.com").await;
    let answer = scene.link(&mut owner, "eop").await;
    assert_not_linked(&mut owner, &user, &answer, "AccessDenied").await;
    let mut stranger = scene.browser();
    let answer = scene.come_by(&mut stranger, "eop").await;
    assert_eq!(answer.error().as_deref(), Some("AccessDenied"), "nor is linking offered to them");
    scene.evil.set(person("somebody", None, false));
    assert_linked(&scene.link(&mut owner, "eop").await, "linked");
}

// Rows 13 and 14: the same address at another provider.

/// A first sign-in at a provider with the address of somebody who has an account: what waits is in the browser now.
async fn offered(scene: &Scene, browser: &mut Browser) -> Answer {
    let answer = scene.come_by(browser, "eop").await;
    assert_eq!(path(&answer), "/signin");
    assert_eq!(answer.error().as_deref(), Some("OAuthAccountNotLinked"));
    let next = query(answer.location(), "callbackUrl").unwrap();
    assert_eq!(next, format!("{}/account/link", scene.server.origin));
    assert!(browser.who().await.is_null());
    answer
}

/// Signs in by mail, from the sign-in page as it stands: where that leads.
async fn sign_in_as_before(scene: &Scene, browser: &mut Browser, address: &str) -> String {
    let next = format!("{}/account/link", scene.server.origin);
    browser.submit("/api/auth/signin/email", &[("email", address), ("callbackUrl", &next)]).await;
    let form = scene.server.mail_to(address).await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = browser.submit("/api/auth/callback/email", &form).await;
    answer.assert_signed_in();
    query(answer.location(), "callbackUrl").unwrap_or_else(|| answer.location().to_owned())
}

#[tokio::test]
async fn row_13_the_same_address_leads_to_a_question_and_one_button_links() {
    for strategy in STRATEGIES {
        let scene = Scene::with_variables(&[("AUTH_SESSION", strategy)]).await;
        let (_, user) = scene.owner("eve@example.com").await;
        let mut browser = scene.browser();
        let answer = offered(&scene, &mut browser).await;
        let page = browser.get(answer.location()).await;
        assert!(page.body.contains("You already have an account"), "{}", page.body);
        assert!(page.body.contains("whether to link"), "{}", page.body);

        let next = sign_in_as_before(&scene, &mut browser, "eve@example.com").await;
        let page = browser.get(&next).await;
        assert!(
            page.body.contains("to your account?") && page.body.contains("eve@example.com"),
            "{}",
            page.body
        );
        let mut former = browser.clone();
        let linked = browser.submit("/api/auth/account/link", &[]).await;
        assert_eq!(
            (path(&linked).as_str(), query(linked.location(), "done").as_deref()),
            ("/account", Some("linked"))
        );
        assert!(!browser.jar.keys().any(|name| name.contains("pending-link")), "nothing waits any more");
        assert_eq!(id(&mut browser).await, user, "{strategy}");
        assert!(former.who().await.is_null(), "{strategy}: SE-02");
        assert_eq!(scene.who_comes_by("eop").await, user.as_str(), "{strategy}");
        assert_eq!(scene.server.rows().await.users, 1);
        assert!(
            scene.server.auth.provider_token(&user, "eop").await.is_ok(),
            "{strategy}: its tokens are kept"
        );
        let page = browser.get("/account/link").await;
        assert!(page.body.contains("Nothing waits"), "{}", page.body);
    }
}

#[tokio::test]
async fn row_13_what_waits_is_linked_once_and_for_a_quarter_of_an_hour() {
    let scene = Scene::new().await;
    let (mut owner, user) = scene.owner("eve@example.com").await;
    let mut browser = scene.browser();
    offered(&scene, &mut browser).await;
    let (name, waiting) = browser.jar.iter().find(|(name, _)| name.contains("pending-link")).unwrap();
    owner.jar.insert(name.clone(), waiting.clone());
    let mut copy = owner.clone();

    scene.server.set_later(15 * MINUTE + 1);
    sign_in_as_before(&scene, &mut browser, "eve@example.com").await;
    let late = browser.submit("/api/auth/account/link", &[]).await;
    assert_eq!((path(&late).as_str(), scene.server.rows().await.accounts), ("/account/link", 0), "{late:?}");
    scene.server.set_later(0);

    let linked = owner.submit("/api/auth/account/link", &[]).await;
    assert_eq!(query(linked.location(), "done").as_deref(), Some("linked"), "control: {linked:?}");
    owner.jar.insert(name_of(&copy), copy.jar[&name_of(&copy)].clone());
    let account = [("provider", "eop"), ("account", "evil-1")];
    let unlinked = owner.submit("/api/auth/account/unlink", &account).await;
    assert_eq!(query(unlinked.location(), "done").as_deref(), Some("unlinked"), "{unlinked:?}");
    let replayed = owner.submit("/api/auth/account/link", &[]).await;
    assert_eq!(query(replayed.location(), "done"), None, "used before: {replayed:?}");
    assert!(copy.who().await.is_null());
    assert_eq!(scene.server.rows().await.accounts, 0);
    assert_eq!(id(&mut owner).await, user);
}

fn name_of(browser: &Browser) -> String {
    browser.jar.keys().find(|name| name.contains("pending-link")).unwrap().clone()
}

#[tokio::test]
async fn row_14_whoever_signs_in_as_somebody_else_links_nothing() {
    let scene = Scene::new().await;
    scene.owner("eve@example.com").await;
    let mut browser = scene.browser();
    offered(&scene, &mut browser).await;
    let next = sign_in_as_before(&scene, &mut browser, "grace@example.com").await;
    let page = browser.get(&next).await;
    assert!(page.body.contains("Nothing was linked"), "{}", page.body);
    let answer = browser.submit("/api/auth/account/link", &[]).await;
    assert_eq!((path(&answer).as_str(), query(answer.location(), "done")), ("/account/link", None));
    assert_eq!(scene.server.rows().await.accounts, 0);

    // To claim the address is not to own it.
    let scene = Scene::new().await;
    let mut squatter = scene.browser();
    scene.other.set(person("squatter", Some("eve@example.com"), true));
    scene.come_by(&mut squatter, "hop").await.assert_signed_in();
    scene.owner("eve@example.com").await;
    let mut browser = scene.browser();
    offered(&scene, &mut browser).await;
    squatter.jar.insert(name_of(&browser), browser.jar[&name_of(&browser)].clone());
    let answer = squatter.submit("/api/auth/account/link", &[]).await;
    assert_eq!(query(answer.location(), "done"), None, "{answer:?}");
    assert_eq!(scene.server.rows().await.accounts, 1, "the squatter's own one");
}

#[tokio::test]
async fn rows_13_and_14_what_waits_is_nobodys_to_write_and_takes_our_own_form() {
    let scene = Scene::new().await;
    let (mut owner, _) = scene.owner("eve@example.com").await;
    let mut browser = scene.browser();
    offered(&scene, &mut browser).await;
    let (name, waiting) = (name_of(&browser), browser.jar[&name_of(&browser)].clone());
    for index in (0..waiting.len()).step_by(97) {
        let mut bytes = waiting.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        owner.jar.insert(name.clone(), String::from_utf8(bytes).unwrap());
        let answer = owner.submit("/api/auth/account/link", &[]).await;
        assert_eq!(query(answer.location(), "done"), None, "byte {index}: {answer:?}");
    }
    owner.jar.insert(name, waiting);
    let forged = owner.post("/api/auth/account/link", &[]).await;
    assert_eq!(forged.error().as_deref(), Some("MissingCSRF"));
    let nobody = browser.submit("/api/auth/account/link", &[]).await;
    assert_eq!(nobody.error().as_deref(), Some("SessionRequired"));
    assert_eq!(scene.server.rows().await.accounts, 0);
    let linked = owner.submit("/api/auth/account/link", &[]).await;
    assert_eq!(query(linked.location(), "done").as_deref(), Some("linked"), "control: {linked:?}");
}

/// The same page, whatever the account has: whoever reads it has proven nothing.
#[tokio::test]
async fn row_4_the_answer_says_nothing_of_the_account() {
    let scene = Scene::new().await;
    scene.owner("plain@example.com").await;
    let (mut owner, _) = scene.owner("rich@example.com").await;
    scene.other.set(person("rich", None, false));
    assert_linked(&scene.link(&mut owner, "hop").await, "linked");
    let mut pages = Vec::new();
    for address in ["plain@example.com", "rich@example.com"] {
        scene.evil.set(person("stranger", Some(address), true));
        let mut browser = scene.browser();
        let answer = offered(&scene, &mut browser).await;
        let cookies: Vec<_> =
            answer.set_cookies().iter().map(|cookie| cookie.split('=').next().unwrap().to_owned()).collect();
        let cookies: Vec<_> = cookies.into_iter().filter(|name| !name.contains("transaction")).collect();
        let token = browser.csrf().await;
        let page = browser.get(answer.location()).await.body.replace(&token, "");
        // The time is told to scripts, and it does pass.
        let (before, rest) = page.split_once("rendered").unwrap();
        let page = before.to_owned() + rest.split_once(',').unwrap().1;
        pages.push((answer.location().to_owned(), cookies, without_nonces(&page)));
    }
    assert_eq!(pages[0], pages[1]);
}

/// A page without what allows its scripts.
fn without_nonces(page: &str) -> String {
    let mut parts = page.split("nonce=\"");
    let first = parts.next().unwrap().to_owned();
    parts.fold(first, |page, part| page + part.split_once('"').map_or(part, |(_, rest)| rest))
}

/// Microsoft's are longer than a cookie; the link matters more.
#[tokio::test]
async fn tokens_that_are_too_long_to_wait_are_left_out() {
    let scene = Scene::new().await;
    let (mut owner, user) = scene.owner("eve@example.com").await;
    scene.evil.set(Behavior {
        token: Box::new(|answer| answer["access_token"] = json!("a".repeat(8000))),
        ..Behavior::default()
    });
    let answer = scene.come_by(&mut owner, "eop").await;
    assert!(answer.set_cookies().iter().all(|cookie| cookie.len() < 4096));
    let linked = owner.submit("/api/auth/account/link", &[]).await;
    assert_eq!(query(linked.location(), "done").as_deref(), Some("linked"), "{linked:?}");
    assert!(scene.server.auth.provider_token(&user, "eop").await.is_err());
    scene.evil.set(Behavior::default());
    assert_eq!(scene.who_comes_by("eop").await, user.as_str());
    assert!(scene.server.auth.provider_token(&user, "eop").await.is_ok(), "they come with the next sign-in");
}

// Unlinking.

/// Somebody without a proven address, by one account at each provider.
async fn with_two_accounts(scene: &Scene, sub: &str) -> (Browser, String) {
    for provider in [&scene.evil, &scene.other] {
        provider.set(person(sub, None, false));
    }
    let mut browser = scene.browser();
    scene.come_by(&mut browser, "eop").await.assert_signed_in();
    assert_linked(&scene.link(&mut browser, "hop").await, "linked");
    let id = id(&mut browser).await;
    (browser, id)
}

async fn unlink(browser: &mut Browser, provider: &str, account: &str) -> Answer {
    browser.submit("/api/auth/account/unlink", &[("provider", provider), ("account", account)]).await
}

#[tokio::test]
async fn lk_08_the_last_way_in_is_not_removed() {
    let scene = Scene::new().await;
    let (mut browser, user) = with_two_accounts(&scene, "two").await;
    let unlinked = unlink(&mut browser, "eop", "two").await;
    assert_eq!(
        (path(&unlinked).as_str(), query(unlinked.location(), "done").as_deref()),
        ("/account/methods", Some("unlinked"))
    );
    assert!(scene.server.auth.provider_token(&user, "eop").await.is_err(), "its tokens went with it");
    assert_ne!(scene.who_comes_by("eop").await, user.as_str(), "nobody comes in with it");
    let last = unlink(&mut browser, "hop", "two").await;
    assert_eq!((path(&last).as_str(), last.error().as_deref()), ("/account/methods", Some("LastMethod")));
    assert_eq!(scene.who_comes_by("hop").await, user.as_str());
    let page = browser.get("/account/methods").await.body;
    assert!(page.contains("Your only way to sign in"), "{page}");

    // A proven address is a way in, as long as mails are sent.
    let (mut owner, _) = scene.owner("ada@example.com").await;
    scene.evil.set(person("third", None, false));
    assert_linked(&scene.link(&mut owner, "eop").await, "linked");
    assert_eq!(
        query(unlink(&mut owner, "eop", "third").await.location(), "done").as_deref(),
        Some("unlinked")
    );
}

#[tokio::test]
async fn lk_08_what_is_switched_off_is_no_way_in() {
    let scene = Scene::new().await;
    let (browser, _) = with_two_accounts(&scene, "two").await;
    let without = scene.twin(&[("AUTH_HOP_ISSUER", ""), ("AUTH_HOP_ID", ""), ("AUTH_HOP_SECRET", "")]).await;
    let mut there = browser.at(&without);
    assert_eq!(unlink(&mut there, "eop", "two").await.error().as_deref(), Some("LastMethod"));
    let page = there.get("/account/methods").await.body;
    assert!(page.contains("hop"), "what is linked there is listed: {page}");
    let unlinked = unlink(&mut there, "hop", "two").await;
    assert_eq!(query(unlinked.location(), "done").as_deref(), Some("unlinked"));
}

#[tokio::test]
async fn lk_08_unlinking_takes_our_own_form_a_recent_sign_in_and_ones_own_account() {
    let scene = Scene::new().await;
    let (mut browser, user) = with_two_accounts(&scene, "mine").await;
    let (mut other, theirs) = with_two_accounts(&scene, "theirs").await;
    for (provider, account) in
        [("eop", "theirs"), ("hop", "theirs"), ("eop", ""), ("nobody", "mine"), ("email", "x")]
    {
        let answer = unlink(&mut browser, provider, account).await;
        assert_eq!(answer.error().as_deref(), Some("InvalidInput"), "AZ-02: {provider} {account}");
    }
    let form = [("provider", "eop"), ("account", "mine")];
    let forged = browser.post("/api/auth/account/unlink", &form).await;
    assert_eq!(forged.error().as_deref(), Some("MissingCSRF"));
    scene.server.set_later(15 * MINUTE + 1);
    let stale = unlink(&mut browser, "eop", "mine").await;
    assert_eq!(
        (path(&stale).as_str(), stale.error().as_deref()),
        ("/signin", Some("ReauthenticationRequired"))
    );
    assert!(query(stale.location(), "callbackUrl").unwrap().ends_with("/account/methods"), "and back");
    scene.server.set_later(0);
    assert_eq!(scene.server.rows().await.accounts, 4);
    assert_eq!((id(&mut browser).await, id(&mut other).await), (user, theirs));
    assert_eq!(
        query(unlink(&mut browser, "eop", "mine").await.location(), "done").as_deref(),
        Some("unlinked")
    );
    assert_eq!(scene.server.rows().await.accounts, 3, "control");
}

/// Each of two requests, in two sessions and on two servers, sees the other's account before either is removed.
#[tokio::test(flavor = "multi_thread")]
async fn lk_08_two_unlinked_at_once_leave_one() {
    const ROUNDS: usize = 25;
    let scene = Scene::new().await;
    let twin = scene.twin(&[]).await;
    for round in 0..ROUNDS {
        let sub = format!("person-{round}");
        let (mut here, user) = with_two_accounts(&scene, &sub).await;
        let mut there = scene.browser();
        scene.come_by(&mut there, "hop").await.assert_signed_in();
        let mut there = there.at(&twin);
        let (one, two) = tokio::join!(unlink(&mut here, "eop", &sub), unlink(&mut there, "hop", &sub));
        let mut words = [&one, &two]
            .map(|answer| answer.error().or(query(answer.location(), "done")).unwrap_or_default());
        words.sort_unstable();
        assert_eq!(words, ["LastMethod", "unlinked"], "round {round}: {one:?} {two:?}");
        let mut database = scene.server.database().await;
        let left: i64 = sqlx::query_scalar("SELECT count(*) FROM accounts WHERE user_id = $1")
            .bind(&user)
            .fetch_one(&mut database)
            .await
            .unwrap();
        assert_eq!(left, 1, "round {round}");
    }
    let waiting: i64 = sqlx::query_scalar("SELECT count(*) FROM user_records")
        .fetch_one(&mut scene.server.database().await)
        .await
        .unwrap();
    assert_eq!(waiting, 0, "nothing is left behind");
}

#[tokio::test]
async fn events_tell_of_linking_and_unlinking() {
    use std::sync::Mutex;

    use leptos_auth::{
        Events,
        adapter::{Account, User},
        async_trait,
    };
    #[derive(Clone, Default)]
    struct Heard(Arc<Mutex<Vec<String>>>);
    #[async_trait]
    impl Events for Heard {
        async fn link_account(&self, user: &User, account: &Account) {
            self.0.lock().unwrap().push(format!("+ {} {}", user.id, account.provider));
        }
        async fn unlink_account(&self, user: &User, account: &Account) {
            self.0.lock().unwrap().push(format!("- {} {}", user.id, account.provider));
        }
    }
    let (evil, other) = (EvilProvider::start().await, EvilProvider::start().await);
    let (heard, variables) = (Heard::default(), Scene::variables(&evil, &other, &[]));
    let events = heard.clone();
    let server = TestServer::extended(&variables, |builder| builder.events(events)).await;
    let scene = Scene { server, evil, other };
    let (mut owner, user) = scene.owner("ada@example.com").await;
    scene.link(&mut owner, "eop").await;
    scene.link(&mut owner, "eop").await;
    unlink(&mut owner, "eop", "evil-1").await;
    assert_eq!(*heard.0.lock().unwrap(), [format!("+ {user} eop"), format!("- {user} eop")]);
}

#[tokio::test]
async fn server_code_links_and_unlinks_by_the_same_rules() {
    use leptos_auth::{AuthError, adapter::Account};
    let scene = Scene::new().await;
    let (_, user) = with_two_accounts(&scene, "two").await;
    let (_, other) = scene.owner("ada@example.com").await;
    let auth = &scene.server.auth;
    let account = |id: &str| Account {
        r#type: "oidc".to_owned(),
        provider: "eop".to_owned(),
        provider_account_id: id.to_owned(),
    };
    assert!(auth.link_account(&user, &account("more")).await.unwrap());
    assert!(!auth.link_account(&user, &account("more")).await.unwrap(), "theirs already");
    let taken = auth.link_account(&other, &account("more")).await;
    assert!(matches!(taken, Err(AuthError::AccountOfAnotherUser)), "{taken:?}");
    assert!(!auth.unlink_account(&other, "eop", "more").await.unwrap(), "AZ-02");
    assert!(auth.unlink_account(&user, "eop", "more").await.unwrap());
    assert!(auth.unlink_account(&user, "eop", "two").await.unwrap());
    let last = auth.unlink_account(&user, "hop", "two").await;
    assert!(matches!(last, Err(AuthError::LastMethod)), "{last:?}");
}

/// Neither the operator's list nor what waits to be linked stands for the code.
#[tokio::test]
async fn se_14_linking_is_no_way_round_the_second_step() {
    let scene =
        Scene::with_variables(&[("AUTH_EOP_TRUST_EMAIL", "true"), ("AUTH_LINK_TRUSTED", "eop")]).await;
    let (mut owner, _) = scene.owner("eve@example.com").await;
    Authenticator::enrol(&scene.server, &mut owner).await;

    let mut browser = scene.browser();
    let row_7 = scene.come_by(&mut browser, "eop").await;
    assert_eq!(row_7.error().as_deref(), Some("OAuthAccountNotLinked"), "{row_7:?}");
    assert!(browser.who().await.is_null());
    assert_eq!(scene.server.rows().await.accounts, 0, "nothing is added before the code");

    scene.other.set(person("other", Some("eve@example.com"), true));
    let mut browser = scene.browser();
    let row_6 = scene.come_by(&mut browser, "hop").await;
    assert_eq!(row_6.error().as_deref(), Some("OAuthAccountNotLinked"));
    browser.submit("/api/auth/signin/email", &[("email", "eve@example.com")]).await;
    let form = scene.server.mail_to("eve@example.com").await.form();
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let first_step = browser.submit("/api/auth/callback/email", &form).await;
    assert!(!first_step.signs_in() && path(&first_step) == "/second-step", "{first_step:?}");
    let accounts = scene.server.rows().await.accounts;
    let answer = browser.submit("/api/auth/account/link", &[]).await;
    assert_eq!(answer.error().as_deref(), Some("SessionRequired"), "{answer:?}");
    assert_eq!(scene.server.rows().await.accounts, accounts);

    // The control: whoever took both steps links, and goes on without a third.
    assert_linked(&scene.link(&mut owner, "hop").await, "linked");
    assert!(owner.who().await.is_object());
}
