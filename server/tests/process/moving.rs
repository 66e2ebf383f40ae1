//! Moving to another database by command.

use crate::{
    program::{Program, Running, SECRET},
    support::{Browser, new_folder, sign_in_demo},
};

const ORIGIN: &str = "http://localhost:3000";

fn start(database: &str) -> Running {
    Program::new(&[("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("DATABASE_URL", database)]).start()
}

fn at(program: &Running, browser: &Browser) -> Browser {
    browser.at_address(program.address.parse().unwrap())
}

#[tokio::test]
async fn whoever_is_signed_in_stays_so_in_another_database() {
    leptos_auth_server::tls::install();
    let folder = new_folder();
    let url = |name: &str| format!("sqlite://{}", folder.join(name).display());
    let (old, new) = (url("old.db"), url("new.db"));
    let running = start(&old);
    let mut browser = at(&running, &Browser::new(running.address.parse().unwrap(), ORIGIN));
    sign_in_demo(&mut browser).await;
    running.signal("TERM");
    running.end();

    let copy = |words: &[&str]| Program::new(&[("OLD", &old), ("NEW", &new)]).run(words);
    let (code, said) = copy(&["copy-database", "OLD", "NEW"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("Both are the same: 1 users, 1 accounts, 0 passkeys, 1 sessions"), "{said}");
    let (code, said) = copy(&["copy-database", "OLD", &new]);
    assert_eq!(code, Some(0), "again, and by its URL: {said}");

    let running = start(&new);
    assert_eq!(at(&running, &browser).name().await.as_deref(), Some("Demo User"));
    let mut stranger = Browser::new(running.address.parse().unwrap(), ORIGIN);
    stranger.submit("/api/auth/signin/email", &[("email", "new@example.com")]).await;
    sign_in_demo(&mut stranger).await;
    running.signal("TERM");
    running.end();
    let (code, said) = copy(&["copy-database", "OLD", "NEW"]);
    assert_eq!(code, Some(1), "a session that only the new one has");
    assert!(said.contains("not the same") && said.contains("begin again"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named_and_no_password_is_said() {
    for (words, named) in [
        (
            &["copy-database", "MISSING", "sqlite://new.db"][..],
            "MISSING is neither a URL nor the name of a variable",
        ),
        (&["copy-database", "OLD", "oracle://u:canary@h"], "the URL cannot be used"),
        (&["copy-database", "OLD"], "leptos-auth-server copy-database OLD NEW"),
    ] {
        let (code, said) = Program::new(&[("OLD", "sqlite://old.db")]).run(words);
        assert_eq!(code, Some(1), "{words:?}");
        assert!(said.contains(named) && !said.contains("canary"), "{said}");
    }
    let (code, said) = Program::new(&[("DATABASE_URL", "sqlite://app.db")]).run(&["migrate"]);
    assert_eq!(code, Some(0), "{said}");
}
