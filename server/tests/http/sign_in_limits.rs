//! Rate limits on failed sign-ins and on emails, for every kind of credentials. They must stop attackers, but not the users
//! who share a network or a name with them.

use leptos_auth::provider::{AuthorizedUser, CredentialsProvider};
use leptos_auth_server::startup::Application;
use sqlx::Row;

use super::password::{self, ADDRESS, OTHER, PASSWORD, masked, sign_up};
use crate::support::{Answer, Browser, SECRET, TestServer, query, sign_in_demo, sign_in_email, start_dev};

const CREDENTIALS: &str = "/api/auth/callback/credentials";
const RESET: &str = "/api/auth/reset-password";
const FORGOT: &str = "/api/auth/forgot-password";
const QUARTER_HOUR: i64 = 15 * 60;
/// The proxy reports the client's address.
const PROXY: (&str, &str) = ("TRUSTED_PROXIES", "127.0.0.1");

async fn post_from(browser: &mut Browser, client: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    browser.submit_with(path, &[("x-forwarded-for", client)], form).await
}

async fn demo_from(browser: &mut Browser, client: &str, password: &str) -> Answer {
    post_from(browser, client, CREDENTIALS, &[("username", "demo"), ("password", password)]).await
}

async fn password_from(browser: &mut Browser, client: &str, address: &str, password: &str) -> Answer {
    post_from(browser, client, password::PATH, &[("email", address), ("password", password)]).await
}

fn is_limited(answer: &Answer) -> bool {
    answer.error().as_deref() == Some("RateLimited")
}

/// Starts a server whose users all have the same password.
async fn staff(changes: &[(&str, &str)], identifier: Option<&'static str>) -> TestServer {
    let staff = CredentialsProvider::new("Staff", |credentials| async move {
        let fields = ["email", "username"].map(|field| credentials.get(field).to_owned());
        let id = fields.into_iter().find(|field| !field.is_empty()).unwrap_or_default();
        let is_right = credentials.get("password") == "right";
        Ok(is_right.then(|| AuthorizedUser { id, ..AuthorizedUser::default() }))
    });
    let staff = match identifier {
        Some(field) => staff.identified_by(field),
        None => staff,
    };
    TestServer::extended(changes, |builder| builder.credentials(staff)).await
}

/// Returns the total of all counts.
async fn counted(server: &TestServer) -> i64 {
    let mut database = server.database().await;
    sqlx::query_scalar("SELECT coalesce(sum(count), 0) FROM attempts").fetch_one(&mut database).await.unwrap()
}

#[tokio::test]
async fn f_a5_strangers_do_not_lock_a_user_of_the_hook_out() {
    let server = TestServer::with(&[PROXY]).await;
    let mut owner = server.browser();
    demo_from(&mut owner, "198.51.100.1", "demo-password").await.assert_signed_in();
    let mut stranger = server.browser();
    for _ in 0..11 {
        demo_from(&mut stranger, "203.0.113.1", "wrong").await.assert_denied();
    }
    assert!(is_limited(&demo_from(&mut stranger, "203.0.113.1", "demo-password").await), "control");
    demo_from(&mut server.browser(), "198.51.100.2", "demo-password").await.assert_signed_in();
    for number in 0..110 {
        demo_from(&mut stranger, &format!("203.0.113.{number}"), "wrong").await.assert_denied();
    }
    let elsewhere = demo_from(&mut server.browser(), "198.51.100.3", "demo-password").await;
    assert!(is_limited(&elsewhere), "control: other browsers cannot sign in to the account: {elsewhere:?}");
    demo_from(&mut owner, "203.0.113.1", "demo-password").await.assert_signed_in();
    demo_from(&mut server.browser(), "198.51.100.3", "demo-password").await.assert_signed_in();
}

#[tokio::test]
async fn f_a8_attempts_are_counted_by_the_field_that_names_the_account() {
    let server = staff(&[], Some("email")).await;
    let mut browser = server.browser();
    let mut checked = 0;
    for number in 0..12 {
        let ignored = format!("name{number}");
        let form = [("email", ADDRESS), ("username", ignored.as_str()), ("password", "wrong")];
        checked += usize::from(!is_limited(&browser.submit(CREDENTIALS, &form).await));
    }
    assert_eq!(checked, 10);
    let other = [("email", "eve@example.com"), ("password", "right")];
    browser.submit(CREDENTIALS, &other).await.assert_signed_in();
    let without = [("username", "ada"), ("password", "right")];
    let answer = browser.submit(CREDENTIALS, &without).await;
    assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "without a name the hook is not called");
}

#[tokio::test]
async fn f_a8_a_provider_that_names_no_field_gets_username_and_password_alone() {
    let server = staff(&[], None).await;
    let mut browser = server.browser();
    for field in ["email", "name", "x"] {
        let form = [("username", "ada"), (field, "x"), ("password", "right")];
        assert_eq!(browser.submit(CREDENTIALS, &form).await.status, 400, "{field}");
    }
    for _ in 0..11 {
        browser.submit(CREDENTIALS, &[("username", "ada"), ("password", "wrong")]).await.assert_denied();
    }
    assert!(is_limited(&browser.submit(CREDENTIALS, &[("username", "ada"), ("password", "right")]).await));
    let other =
        [("username", "eve"), ("password", "right"), ("callbackUrl", "/account"), ("remember", "true")];
    browser.submit(CREDENTIALS, &other).await.assert_signed_in();
}

#[tokio::test]
async fn f_a9_a_refused_attempt_is_not_written() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let wrong = [("username", "demo"), ("password", "wrong")];
    for _ in 0..10 {
        browser.submit(CREDENTIALS, &wrong).await.assert_denied();
    }
    let before = counted(&server).await;
    assert!(before >= 10, "control: {before}");
    for _ in 0..50 {
        assert!(is_limited(&browser.submit(CREDENTIALS, &wrong).await));
    }
    assert_eq!(counted(&server).await, before);
}

#[tokio::test]
async fn f_a9_starts_at_a_provider_are_limited_and_starve_no_other_sign_in() {
    let limit = ("AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS", "5");
    let server = TestServer::with(&[("DATABASE_URL", ""), limit, PROXY]).await;
    let mut browser = server.browser();
    for _ in 0..5 {
        assert!(!is_limited(&post_from(&mut browser, "203.0.113.1", "/api/auth/signin/dev", &[]).await));
    }
    assert!(is_limited(&post_from(&mut browser, "203.0.113.1", "/api/auth/signin/dev", &[]).await));
    assert!(!is_limited(&post_from(&mut browser, "203.0.113.2", "/api/auth/signin/dev", &[]).await));
    demo_from(&mut browser, "203.0.113.1", "demo-password").await.assert_signed_in();
}

#[tokio::test]
async fn f_a9_sign_ins_that_come_back_from_a_provider_do_not_count() {
    let server = TestServer::with(&[("AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS", "3")]).await;
    for _ in 0..6 {
        let mut browser = server.browser();
        let back = start_dev(&mut browser, "ada").await;
        browser.get(&back).await.assert_signed_in();
    }
    let mut browser = server.browser();
    let back = start_dev(&mut browser, "ada").await;
    for _ in 0..3 {
        browser.clone().get(&back.replace("code=", "code=x")).await.assert_denied();
    }
    assert!(is_limited(&browser.get(&back).await), "the same callback, repeated");
}

#[tokio::test]
async fn f_a10_a_locked_account_answers_as_a_wrong_password() {
    let lock = "INSERT INTO user_records (user_id, kind, id, value, created) SELECT id, 'lock', '', 'x', 4102444800000 FROM users";
    let server = TestServer::start().await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    sign_in_demo(&mut server.browser()).await;
    server.execute(lock).await;
    for (path, field, name, right) in
        [(password::PATH, "email", ADDRESS, PASSWORD), (CREDENTIALS, "username", "demo", "demo-password")]
    {
        let mut answers = Vec::new();
        for number in 0..12 {
            let password = if number % 2 == 0 { right } else { "wrong" };
            let form = [(field, name), ("password", password)];
            let answer = server.browser().submit(path, &form).await;
            answer.assert_denied();
            let word = if number < 10 { "CredentialsSignin" } else { "RateLimited" };
            assert_eq!(
                answer.error().as_deref(),
                Some(word),
                "{path} {number}: the correct password counts too"
            );
            answers.extend((number < 10).then(|| masked(&answer)));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:#?}");
    }
    // The email unlocks the account, and lets this network try the password again immediately.
    sign_in_email(&server, &mut server.browser(), ADDRESS).await.assert_signed_in();
    password_from(&mut server.browser(), "", ADDRESS, PASSWORD).await.assert_signed_in();
}

#[tokio::test]
async fn i_19_many_people_behind_one_address_all_get_in() {
    let server = staff(&[PROXY], Some("username")).await;
    let office = "203.0.113.1";
    let sign_in = async |name: &str, password: &str| {
        let mut browser = server.browser();
        let form = [("username", name), ("password", password)];
        (post_from(&mut browser, office, CREDENTIALS, &form).await, browser)
    };
    let names: Vec<_> = (0..60).map(|number| format!("early{number}")).collect();
    let at_once = futures_util::future::join_all(names.iter().map(|name| sign_in(name, "right"))).await;
    assert!(at_once.iter().all(|(answer, _)| answer.signs_in()), "in parallel too");
    let mut owner = None;
    for number in 0..60 {
        let (answer, browser) = sign_in(&format!("person{number}"), "right").await;
        answer.assert_signed_in();
        owner = Some(browser);
    }
    for number in 0..50 {
        let (answer, _) = sign_in(&format!("person{number}"), "wrong").await;
        assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "{number}");
    }
    assert!(is_limited(&sign_in("person51", "wrong").await.0), "RL-03: the 51st wrong one");
    assert!(is_limited(&sign_in("person52", "right").await.0), "from an unknown browser");
    let form = [("username", "person59"), ("password", "right")];
    post_from(&mut owner.unwrap(), office, CREDENTIALS, &form).await.assert_signed_in();
}

#[tokio::test]
async fn i_19_many_people_behind_one_address_all_get_their_emails() {
    let server = TestServer::with(&[("AUTH_LIMIT_NETWORK_EMAILS", "70")]).await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let ask = async |browser: &mut Browser, address: &str| {
        browser.submit("/api/auth/signin/email", &[("email", address)]).await
    };
    for number in 0..69 {
        let answer = ask(&mut server.browser(), &format!("p{number}@example.com")).await;
        assert!(answer.location().contains("/verify-request"), "{number}: {answer:?}");
    }
    assert!(is_limited(&ask(&mut server.browser(), "p70@example.com").await), "control");
    assert!(!is_limited(&ask(&mut owner, ADDRESS).await), "a browser that the owner has used");
    assert!(is_limited(&ask(&mut owner, "p71@example.com").await), "only for its own address");
}

#[tokio::test]
async fn c1_failures_in_a_row_are_limited_without_a_window() {
    let server = TestServer::with(&[PROXY, ("AUTH_LIMIT_ACCOUNT_FAILURES", "20")]).await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let mut stranger = server.browser();
    let mut checked = 0;
    for window in 0..4 {
        server.set_later(window * (QUARTER_HOUR + 1));
        for _ in 0..8 {
            let answer = password_from(&mut stranger, "203.0.113.1", ADDRESS, "wrong").await;
            checked += usize::from(!is_limited(&answer));
        }
    }
    assert_eq!(checked, 20, "over all windows");
    server.set_later(24 * 3600);
    let unknown = password_from(&mut server.browser(), "198.51.100.1", ADDRESS, PASSWORD).await;
    assert!(is_limited(&unknown), "even with the correct password, a day later");
    password_from(&mut owner, "198.51.100.1", ADDRESS, PASSWORD).await.assert_signed_in();
    password_from(&mut server.browser(), "198.51.100.1", ADDRESS, PASSWORD).await.assert_signed_in();
}

#[tokio::test]
async fn c1_the_owner_opens_the_account_by_email_or_a_new_password() {
    for by_reset in [false, true] {
        let server = TestServer::with(&[PROXY, ("AUTH_LIMIT_ACCOUNT_FAILURES", "10")]).await;
        sign_up(&server, ADDRESS, PASSWORD).await;
        for number in 0..12 {
            let client = format!("203.0.113.{number}");
            password_from(&mut server.browser(), &client, ADDRESS, "wrong").await.assert_denied();
        }
        let closed = password_from(&mut server.browser(), "198.51.100.1", ADDRESS, PASSWORD).await;
        assert!(is_limited(&closed), "control: {closed:?}");
        let mut password = PASSWORD;
        if by_reset {
            server.browser().submit(FORGOT, &[("email", ADDRESS)]).await;
            let token = server.mail_to(ADDRESS).await.token();
            let form = [("token", token.as_str()), ("email", ADDRESS), ("password", OTHER)];
            let answer = server.browser().submit(RESET, &form).await;
            assert!(answer.location().contains("done=password-reset"), "{answer:?}");
            password = OTHER;
        } else {
            sign_in_email(&server, &mut server.browser(), ADDRESS).await.assert_signed_in();
        }
        password_from(&mut server.browser(), "198.51.100.1", ADDRESS, password).await.assert_signed_in();
    }
}

#[tokio::test]
async fn c7_neither_counts_nor_rows_hold_a_hash_that_anybody_can_make() {
    use sha2::{Digest, Sha256};
    let hash = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let server = TestServer::start().await;
    let form = [("username", "nobody"), ("password", "wrong")];
    server.browser().submit(CREDENTIALS, &form).await.assert_denied();
    server
        .browser()
        .submit(password::PATH, &[("email", ADDRESS), ("password", "wrong")])
        .await
        .assert_denied();
    server.browser().submit("/api/auth/signin/email", &[("email", ADDRESS)]).await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let mut database = server.database().await;
    let rows = sqlx::query("SELECT subject FROM attempts UNION ALL SELECT data FROM audit");
    let rows = rows.fetch_all(&mut database).await.unwrap();
    let all = rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
    assert!(all.contains("name ") && all.contains("mail:"), "control: {all}");
    for text in ["nobody", ADDRESS, "127.0.0.1", &format!("127.0.0.1\n{ADDRESS}")] {
        assert!(!all.contains(&hash(text)[..12]), "{text}: {all}");
    }
}

#[tokio::test]
async fn c13_one_kind_of_email_holds_no_other_back() {
    let server = TestServer::start().await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    let mut stranger = server.browser();
    let ask = "/api/auth/signin/email";
    for _ in 0..8 {
        stranger.submit(ask, &[("email", ADDRESS)]).await;
    }
    assert!(is_limited(&stranger.submit(ask, &[("email", ADDRESS)]).await), "control");
    let reset = server.browser().submit(FORGOT, &[("email", ADDRESS)]).await;
    assert_eq!(query(reset.location(), "done").as_deref(), Some("password-reset-sent"), "{reset:?}");
    for _ in 0..8 {
        stranger.submit(FORGOT, &[("email", ADDRESS)]).await;
    }
    assert!(is_limited(&server.browser().submit(FORGOT, &[("email", ADDRESS)]).await), "control");
    let known = owner.submit(FORGOT, &[("email", ADDRESS)]).await;
    assert_eq!(query(known.location(), "done").as_deref(), Some("password-reset-sent"), "{known:?}");
}

#[tokio::test]
async fn f_a4_a_junk_link_gets_one_answer_whatever_the_password_or_the_address() {
    let server = TestServer::start().await;
    let mut owner = sign_up(&server, ADDRESS, PASSWORD).await;
    owner.submit("/api/auth/account/profile", &[("name", "Ottoline Bibendum")]).await;
    let long = "x".repeat(2000);
    let passwords = ["Ottoline Bibendum", "short", "password1", OTHER, "", &long, ADDRESS];
    let mut answers = Vec::new();
    for address in [ADDRESS, "nobody@example.com", "no address"] {
        for password in passwords {
            let form = [("token", "junk"), ("email", address), ("password", password)];
            let answer = server.browser().submit(RESET, &form).await;
            assert_eq!(answer.error().as_deref(), Some("Verification"), "{address} {password:.20}");
            answers.push(masked(&answer));
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
    server.browser().submit(FORGOT, &[("email", ADDRESS)]).await;
    let token = server.mail_to(ADDRESS).await.token();
    for (password, word) in [("Ottoline Bibendum", "PasswordGuessable"), ("short", "PasswordTooShort")] {
        let form = [("token", token.as_str()), ("email", ADDRESS), ("password", password)];
        assert_eq!(server.browser().submit(RESET, &form).await.error().as_deref(), Some(word));
    }
    let form = [("token", token.as_str()), ("email", ADDRESS), ("password", OTHER)];
    let answer = server.browser().submit(RESET, &form).await;
    assert!(answer.location().contains("done=password-reset"), "the link is still valid: {answer:?}");
}

#[tokio::test]
async fn f_a4_a_junk_link_costs_no_hash() {
    // No hash may wait for a core, and still each request gets its response.
    let server = TestServer::with(&[("AUTH_PASSWORD_QUEUE", "1")]).await;
    sign_up(&server, ADDRESS, PASSWORD).await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    let tries = (0..40).map(|_| {
        let (mut browser, token) = (browser.clone(), token.clone());
        async move {
            let form =
                [("csrfToken", token.as_str()), ("token", "x"), ("email", ADDRESS), ("password", OTHER)];
            browser.post(RESET, &form).await
        }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert!(answers.iter().all(|answer| answer.status != 503), "{:?}", answers.last());
}

#[tokio::test]
async fn f_b10_refusals_of_all_networks_together_have_a_ceiling() {
    let server = TestServer::with(&[PROXY]).await;
    let mut browser = server.browser();
    let token = browser.csrf().await;
    for network in 0..40 {
        let client = format!("2001:db8:0:{network:x}::1");
        let tries = (0..30).map(|number| {
            let (mut browser, token, client) = (browser.clone(), token.clone(), client.clone());
            async move {
                let name = format!("name{network}x{number}");
                let form = [("csrfToken", token.as_str()), ("username", &name), ("password", "wrong")];
                browser.post_with(CREDENTIALS, &[("x-forwarded-for", &client)], &form).await
            }
        });
        futures_util::future::join_all(tries).await;
    }
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let mut database = server.database().await;
    let count = async |sql: &'static str, database: &mut sqlx::SqliteConnection| {
        sqlx::query_scalar::<_, i64>(sql).fetch_one(database).await.unwrap()
    };
    let all = count("SELECT count(*) FROM audit", &mut database).await;
    assert_eq!(all, 1001, "1200 were rejected");
    let sql = "SELECT count(*) FROM audit WHERE data LIKE '%TooManyRefusals%'";
    assert_eq!(count(sql, &mut database).await, 1, "one row says that there were more");
}

#[tokio::test]
async fn limits_are_checked_at_the_start() {
    for variable in [
        "AUTH_LIMIT_NETWORK_SIGN_INS",
        "AUTH_LIMIT_ACCOUNT_SIGN_INS",
        "AUTH_LIMIT_ACCOUNT_FAILURES",
        "AUTH_LIMIT_NETWORK_EMAILS",
        "AUTH_LIMIT_ADDRESS_EMAILS",
        "AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS",
        "MAX_CONNECTIONS",
        "MAX_CONNECTIONS_PER_NETWORK",
        "SLOW_CLIENT_TIMEOUT",
    ] {
        for wrong in ["0", "-1", "many", "99999999999"] {
            let env = [("AUTH_SECRET", SECRET), ("PORT", "0"), ("DATABASE_URL", ""), (variable, wrong)];
            let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
            let problems = Application::build(&env).await.err().expect(variable).to_string();
            assert!(problems.contains(&format!("{variable} must be a number from 1 to ")), "{problems}");
            assert!(problems.contains(&format!("Example: {variable}=")), "{problems}");
        }
    }
}
