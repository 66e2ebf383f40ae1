//! An operator turns two-factor authentication off by command, for a user who has lost all second factors (F-A3).

use crate::{
    program::{Program, SECRET},
    support::{Browser, new_folder, sign_in_demo},
};

const ORIGIN: &str = "http://localhost:3000";

#[tokio::test]
async fn f_a3_an_operator_is_told_what_was_done() {
    leptos_auth_server::tls::install();
    let folder = new_folder();
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let variables = [("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("DATABASE_URL", url.as_str())];
    let running = Program::new(&variables).start();
    let mut browser = Browser::new(running.address.parse().unwrap(), ORIGIN);
    sign_in_demo(&mut browser).await;
    let id = browser.who().await["user"]["id"].as_str().unwrap().to_owned();
    for (user, code, words) in [
        (
            "nobody@example.com",
            Some(1),
            "There is no user with the id or verified address nobody@example.com",
        ),
        ("x'; DROP TABLE users; --", Some(1), "There is no user"),
        (id.as_str(), Some(0), "has no two-factor authentication"),
    ] {
        let (ended, out, said) = Program::new(&variables).told(&["reset-two-factor", user]);
        assert!(ended == code && said.contains(words) && out.is_empty(), "{user}: {ended:?} {said}");
    }
    running.signal("TERM");
    running.end();
    std::fs::remove_dir_all(folder).unwrap();
}
