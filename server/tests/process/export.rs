//! What happened to accounts, printed by command (LG-06).

use serde_json::Value;

use crate::{
    program::{Program, SECRET},
    support::{Browser, new_folder, sign_in_demo},
};

const ORIGIN: &str = "http://localhost:3000";

#[tokio::test]
async fn lg_06_what_happened_is_printed_line_by_line_in_order() {
    leptos_auth_server::tls::install();
    let folder = new_folder();
    let url = format!("sqlite://{}", folder.join("app.db").display());
    let variables = [("AUTH_SECRET", SECRET), ("AUTH_URL", ORIGIN), ("DATABASE_URL", url.as_str())];
    let running = Program::new(&variables).start();
    let mut browser = Browser::new(running.address.parse().unwrap(), ORIGIN);
    sign_in_demo(&mut browser).await;
    browser.submit("/api/auth/signout", &[]).await;
    running.signal("TERM");
    running.end();

    let export = |arguments: &[&str]| {
        let (code, out, said) = Program::new(&variables).told(arguments);
        assert_eq!(code, Some(0), "{said}");
        out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let all = export(&["export-audit"]);
    let events: Vec<_> = all.iter().map(|row| row["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["signed_in", "signed_out"]);
    assert!(all[0]["time"].as_str() <= all[1]["time"].as_str());
    assert_eq!(export(&["export-audit", "--since", "2026-01-01"]), all);
    let since_the_last = export(&["export-audit", "--since", all[1]["time"].as_str().unwrap()]);
    assert_eq!(since_the_last.last(), all.last());
    assert_eq!(export(&["export-audit", "--since", "2999-01-01"]), [] as [Value; 0]);
    std::fs::remove_dir_all(folder).unwrap();
}
