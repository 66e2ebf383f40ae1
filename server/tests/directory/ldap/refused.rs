//! Rejected directory sign-ins (LDAP).

use std::time::{Duration, Instant};

use crate::{
    scene::{Directory, PASSWORD, SIGN_IN, WAYS, Way, sign_in, try_sign_in},
    support::{Answer, Browser, Rows},
};

/// `right-password`; a guess takes a directory a tenth of a second, on a busy machine not more than one.
const SLOW_HASH: &str = "{CRYPT}$6$rounds=300000$saltsaltsalt$S1paxwSmtWsJaAPDgAOPUHIiD3KQM7e6RwJXeDWSsJ9rf0LbYVmVlqGzfKLBJdC8ZyD5Z8mxvopPwwFI1c57S0";

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn cr_01_all_who_are_refused_get_the_same_answer() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    directory.add_person("locked", &[("pwdAccountLockedTime", "000001010000Z")]).await;
    directory.add_person("new", &[("pwdReset", "TRUE")]).await;
    let short = "cn=short,ou=policies,dc=example,dc=org";
    directory.add_person("expired", &[("pwdPolicySubentry", short)]).await;
    let nothing = [("objectClass", "account"), ("uid", "nobody")];
    directory.add(&directory.dn("nobody"), &nothing).await;
    // Whose password is over needs a second.
    tokio::time::sleep(Duration::from_millis(2100)).await;
    // The directory says yes to what must never be asked.
    assert_eq!(directory.try_bind(&directory.dn("ada"), "").await, 0, "control");
    assert_eq!(directory.try_bind("", PASSWORD).await, 0, "control");
    let long = "p".repeat(2000);
    for way in WAYS {
        let server = directory.server(way, &[]).await;
        let mut answers = Vec::new();
        for (username, password) in [
            ("ada", "wrong-password"),
            ("ada", ""),
            ("ada", &long),
            ("", PASSWORD),
            ("  ", PASSWORD),
            ("", ""),
            ("unknown", PASSWORD),
            ("locked", PASSWORD),
            ("new", PASSWORD),
            ("expired", PASSWORD),
            ("nobody", PASSWORD),
        ] {
            let answer = try_sign_in(&mut server.browser(), username, password).await;
            answer.assert_denied();
            assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "{way:?} {username} {password}");
            answers.push((answer.status, answer.location().to_owned(), answer.body));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{way:?}: {answers:?}");
        assert_eq!(server.rows().await, Rows { users: 0, accounts: 0, sessions: 0, tokens: 0 });
        sign_in(&server, "ada").await;
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn in_01_a_name_is_a_name_and_no_filter_and_no_dn() {
    let directory = Directory::new().await;
    let odd = r#"we(i)r*d \2a, "o'h+a=r;a" <#>"#;
    directory.add_person("ada", &[]).await;
    directory.add_person(odd, &[("mail", "odd@example.org")]).await;
    let guests = format!("ou=guests,{}", directory.base);
    directory.add(&guests, &[("objectClass", "organizationalUnit")]).await;
    let eve = [("objectClass", "inetOrgPerson"), ("uid", "eve"), ("cn", "Eve"), ("sn", "Eve")];
    let eve = [&eve[..], &[("userPassword", PASSWORD)]].concat();
    directory.add(&format!("uid=eve,{guests}"), &eve).await;
    for way in WAYS {
        // Each name in a server of its own: some count as one for the limit.
        for names in [
            ["*", "ad*", "a*a", "ada*", r"\2a", r"ad\2a", "ada)(uid=*", "*)(uid=*"],
            [
                ")(uid=*",
                "ada)(&)",
                "ada)(|(objectClass=*",
                "ada)(|(password=*",
                "ada))(|(a=b",
                r"ada\00",
                "(ada)",
                "&",
            ],
            [
                "eve,ou=guests",
                r"eve\2cou=guests",
                "ada+cn=Ada Lovelace",
                r"ada\2c",
                "#616461",
                "uid=ada",
                "ada;",
                "\"ada\"",
            ],
        ] {
            let server = directory.server(way, &[]).await;
            for name in names {
                let answer = try_sign_in(&mut server.browser(), name, PASSWORD).await;
                answer.assert_denied();
                assert_eq!(answer.error().as_deref(), Some("CredentialsSignin"), "{way:?} {name}");
            }
            assert_eq!(server.rows().await.users, 0);
        }
        let server = directory.server(way, &[]).await;
        let who = sign_in(&server, odd).await.who().await;
        assert_eq!(who["user"]["email"], "odd@example.org", "control: {way:?}");
        assert_eq!(sign_in(&server, "ada").await.who().await["user"]["email"], "person@example.org");
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn in_04_what_is_no_text_does_not_reach_the_directory() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    for way in WAYS {
        let server = directory.server(way, &[]).await;
        let mut browser = server.browser();
        for name in ["ada\0", "ada\0*", "\0"] {
            assert_eq!(try_sign_in(&mut browser, name, PASSWORD).await.status, 400, "{name:?}");
        }
        assert_eq!(try_sign_in(&mut browser, "ada", "right-password\0").await.status, 400);
        for name in ["ada\n", "a\u{7f}da", "\u{85}"] {
            // Spaces at the ends, line breaks among them, belong to no name.
            if name.trim() != "ada" {
                try_sign_in(&mut browser, name, PASSWORD).await.assert_denied();
            }
        }
        sign_in(&server, "ada").await;
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn two_entries_with_one_name_are_nobody() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[("mail", "both@example.org")]).await;
    directory.add_person("bob", &[("mail", "both@example.org")]).await;
    directory.add_person("eve", &[("mail", "ada")]).await;
    let filter = ("AUTH_LDAP_FILTER", "(|(uid={username})(mail={username}))");
    let server = directory.server(Way::Search, &[filter]).await;
    try_sign_in(&mut server.browser(), "both@example.org", PASSWORD).await.assert_denied();
    // Whoever takes another's name as their address keeps them out, and does not become them.
    try_sign_in(&mut server.browser(), "ada", PASSWORD).await.assert_denied();
    sign_in(&server, "bob").await;
    directory.delete(&directory.dn("eve")).await;
    sign_in(&server, "ada").await;
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn whoever_is_outside_of_the_search_is_nobody() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[("employeeType", "staff")]).await;
    directory.add_person("guest", &[("employeeType", "guest")]).await;
    let filter = ("AUTH_LDAP_FILTER", "(&(uid={username})(employeeType=staff))");
    let server = directory.server(Way::Search, &[filter]).await;
    try_sign_in(&mut server.browser(), "guest", PASSWORD).await.assert_denied();
    sign_in(&server, "ada").await;
    sign_in(&directory.server(Way::Search, &[]).await, "guest").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs LDAP: cargo xtask services"]
async fn cr_02_the_time_does_not_tell_who_exists() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[("userPassword", SLOW_HASH)]).await;
    let timed = async |dn: &str| {
        let started = Instant::now();
        assert_eq!(directory.try_bind(dn, "wrong-password").await, 49);
        started.elapsed()
    };
    let (known, unknown) = (timed(&directory.dn("ada")).await, timed(&directory.dn("unknown")).await);
    assert!(known > unknown + Duration::from_millis(40), "control: {known:?} {unknown:?}");
    for way in WAYS {
        let server = directory.server(way, &[]).await;
        // The control; and the directory, which locks accounts too, forgets the guesses.
        sign_in(&server, "ada").await;
        // Without a name the directory is not asked, and there is no user whom the response time could reveal.
        let mut fastest = [Duration::MAX; 3];
        for _ in 0..2 {
            let guesses = [("ada", "wrong-password"), ("unknown", "wrong-password"), ("ada", "")];
            for (fastest, (username, password)) in fastest.iter_mut().zip(guesses) {
                let mut browser = server.browser();
                browser.csrf().await;
                let started = Instant::now();
                try_sign_in(&mut browser, username, password).await.assert_denied();
                *fastest = started.elapsed().min(*fastest);
            }
        }
        let (least, most) = (*fastest.iter().min().unwrap(), *fastest.iter().max().unwrap());
        let second = Duration::from_secs(1);
        assert!(least >= second && most < 2 * second, "{way:?}: {fastest:?}");
        assert!(most - least < Duration::from_millis(250), "{way:?}: {fastest:?}");
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn rl_01_ways_to_write_a_name_are_counted_together() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let server = directory.server(Way::Search, &[]).await;
    let browser = server.browser();
    let names =
        ["ada", "ADA", " ada", "aDa", "Ada ", "a\u{ad}da", "àda", "ádá", "ａｄａ", "adA", "AdA", "aDA"];
    let guesses = names.into_iter().map(|name| {
        let mut browser = browser.clone();
        async move { try_sign_in(&mut browser, name, "guess").await.error().unwrap() }
    });
    let words = futures_util::future::join_all(guesses).await;
    let limited = words.iter().filter(|word| *word == "RateLimited").count();
    assert_eq!(limited, 2, "{words:?}");
    assert_eq!(words.len() - limited, 10, "{words:?}");
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn cs_01_without_a_token_of_this_site_nothing_is_asked() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let server = directory.server(Way::Direct, &[]).await;
    let mut browser = server.browser();
    let form = [("username", "ada"), ("password", PASSWORD)];
    browser.post(SIGN_IN, &form).await.assert_denied();
    let foreign = [("origin", "https://evil.test")];
    browser.submit_with(SIGN_IN, &foreign, &form).await.assert_denied();
    browser.submit(&format!("{SIGN_IN}?username=ada&password={PASSWORD}"), &[]).await.assert_denied();
    assert!(browser.submit(SIGN_IN, &form).await.signs_in(), "control");
}

/// Attempts a sign-in from the address that a proxy reports.
async fn from(mut browser: Browser, client: &str, password: &str) -> Answer {
    let form = [("username", "ada"), ("password", password)];
    browser.submit_with(SIGN_IN, &[("x-forwarded-for", client)], &form).await
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn f_a5_strangers_do_not_lock_a_user_of_the_directory_out() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    // Fewer than the directory itself allows before it locks an account.
    let limit = ("AUTH_LIMIT_ACCOUNT_FAILURES", "2");
    let server = directory.server(Way::Direct, &[("TRUSTED_PROXIES", "127.0.0.1"), limit]).await;
    let mut owner = sign_in(&server, "ada").await;
    let guesses = (0..4).map(|number| {
        let (browser, client) = (server.browser(), format!("203.0.113.{number}"));
        async move { from(browser, &client, "wrong").await.error().unwrap() }
    });
    let words = futures_util::future::join_all(guesses).await;
    assert_eq!(words.iter().filter(|word| *word == "CredentialsSignin").count(), 2, "{words:?}");
    let unknown = from(server.browser(), "198.51.100.1", PASSWORD).await;
    assert_eq!(unknown.error().as_deref(), Some("RateLimited"), "control");
    try_sign_in(&mut owner, "ada", PASSWORD).await.assert_signed_in();
    from(server.browser(), "198.51.100.1", PASSWORD).await.assert_signed_in();
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn f_a10_a_locked_account_answers_as_a_wrong_password() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let server = directory.server(Way::Direct, &[]).await;
    sign_in(&server, "ada").await;
    server
        .execute("INSERT INTO user_records (user_id, kind, id, value, created) SELECT id, 'lock', '', 'x', 1 FROM users")
        .await;
    let right = try_sign_in(&mut server.browser(), "ada", PASSWORD).await;
    let wrong = try_sign_in(&mut server.browser(), "ada", "wrong").await;
    assert_eq!((right.status, right.location()), (wrong.status, wrong.location()));
    right.assert_denied();
    server.execute("DELETE FROM user_records WHERE kind = 'lock'").await;
    try_sign_in(&mut server.browser(), "ada", PASSWORD).await.assert_signed_in();
}
