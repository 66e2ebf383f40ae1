//! The page `/error`, and the catalogue that it leads to.

use leptos_auth::types::ErrorCode;

use crate::support::TestServer;

#[tokio::test]
async fn each_error_leads_to_its_entry_in_the_catalogue() {
    let server = TestServer::start().await;
    for language in ["en", "de"] {
        let read = async |path: &str| server.browser().get_with(path, &[("accept-language", language)]).await;
        let catalogue = read("/error/help").await;
        assert_eq!(catalogue.status, 200);
        for code in ErrorCode::ALL {
            let page = read(&format!("/error?error={code}")).await.body;
            let link = page.split("href=\"/error/help#").nth(1).expect("a link");
            let anchor = link.split('"').next().unwrap();
            let title =
                page.split("<h1>").nth(1).and_then(|rest| rest.split("</h1>").next()).expect("a title");
            let entry = format!("<div id=\"{anchor}\"><dt>{title}</dt><dd>");
            assert!(catalogue.body.contains(&entry), "{entry}");
            assert!(!catalogue.body.contains(code.as_str()), "U-39: no code is shown");
        }
    }
}
