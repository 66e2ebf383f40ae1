//! What the log tells, and what it never tells.

use crate::{
    program::{Program, SECRET},
    scene::{Directory, PASSWORD, WAYS, Way, try_sign_in},
    support::Browser,
};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs LDAP: cargo xtask services"]
async fn lg_01_the_reason_is_logged_and_no_password() {
    leptos_auth_server::tls::install();
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    directory.add_person("locked", &[("pwdAccountLockedTime", "000001010000Z")]).await;
    for way in WAYS {
        let variables = directory.variables(way);
        let own = variables.iter().map(|(name, value)| (*name, value.as_str()));
        let all: Vec<_> = own.chain([("RUST_LOG", "trace"), ("AUTH_SECRET", SECRET)]).collect();
        let running = Program::new(&all).start();
        let port = running.address.rsplit_once(':').unwrap().1;
        let origin = format!("http://localhost:{port}");
        let mut browser = Browser::new(running.address.parse().unwrap(), &origin);
        for (username, password) in [
            ("ada", "canary-wrong-password"),
            ("locked", PASSWORD),
            ("nobody", "canary-wrong-password"),
            ("canary\r\ninjected", PASSWORD),
        ] {
            try_sign_in(&mut browser, username, password).await.assert_denied();
        }
        try_sign_in(&mut browser, "ada", PASSWORD).await.assert_signed_in();
        running.signal("TERM");
        let (code, _, log) = running.end();
        assert_eq!(code, Some(0));
        let signed_in = |line: &str| line.contains("signed in") && line.contains("provider=\"ldap\"");
        assert!(log.lines().any(signed_in), "{way:?}: {log}");
        for expected in ["the account is locked", "TRACE"] {
            assert!(log.contains(expected), "{way:?} {expected}: {log}");
        }
        let reason = if way == Way::Search { "no entry has that name" } else { "invalidCredentials" };
        assert!(log.contains(reason), "{way:?}: {log}");
        for secret in [PASSWORD, "canary-wrong-password", "service-password", "injected"] {
            let bytes = format!("{:?}", secret.as_bytes());
            for form in [secret, bytes.trim_matches(['[', ']'])] {
                if let Some(line) = log.lines().find(|line| line.contains(form)) {
                    panic!("{secret} is in the log: {line:.600}");
                }
            }
        }
    }
}
