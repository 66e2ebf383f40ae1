//! The honest way.

use crate::{
    scene::{Directory, SIGN_IN, WAYS, Way, sign_in, try_sign_in},
    support::Rows,
};

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn signs_in_by_both_ways_and_with_all_kinds_of_sessions() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[("displayName", "Countess Ada")]).await;
    for way in WAYS {
        for changes in [("AUTH_SESSION", "database"), ("AUTH_SESSION", "jwt"), ("DATABASE_URL", "")] {
            let server = directory.server(way, &[changes]).await;
            let user = sign_in(&server, "ada").await.who().await["user"].clone();
            assert_eq!(
                (&user["name"], &user["email"]),
                (&"Countess Ada".into(), &"person@example.org".into())
            );
            let again = sign_in(&server, "ada").await.who().await["user"]["id"].clone();
            assert_eq!(again, user["id"], "{way:?} {changes:?}");
        }
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn the_account_is_the_entry_and_not_its_name() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let server = directory.server(Way::Search, &[]).await;
    let first = sign_in(&server, "ada").await.who().await["user"]["id"].clone();
    let account =
        server.text("SELECT type || ' ' || provider || ' ' || provider_account_id FROM accounts").await;
    let uuid = directory.read("ada", "entryUUID").await;
    assert_eq!(account, format!("credentials ldap {uuid}"));

    directory.rename("ada", "countess").await;
    let renamed = sign_in(&server, "countess").await.who().await["user"]["id"].clone();
    assert_eq!(renamed, first, "the same person under another name");
    directory.add_person("ada", &[("mail", "other@example.org")]).await;
    let other = sign_in(&server, "ada").await.who().await["user"]["id"].clone();
    assert_ne!(other, first, "another person under the same name");
    assert_eq!(server.rows().await, Rows { users: 2, accounts: 2, sessions: 3, tokens: 0 });
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn the_id_can_be_another_attribute_or_the_dn() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[("employeeNumber", "4711")]).await;
    directory.add_person("bob", &[("mail", "bob@example.org")]).await;
    for (word, id) in [("employeeNumber", "4711"), ("dn", &directory.dn("ada"))] {
        let server = directory.server(Way::Direct, &[("AUTH_LDAP_ID_ATTRIBUTE", word)]).await;
        sign_in(&server, "ada").await;
        assert_eq!(server.text("SELECT provider_account_id FROM accounts").await, *id);
    }
    let server = directory.server(Way::Direct, &[("AUTH_LDAP_ID_ATTRIBUTE", "employeeNumber")]).await;
    let without = try_sign_in(&mut server.browser(), "bob", crate::scene::PASSWORD).await;
    assert_eq!(without.error().as_deref(), Some("Configuration"), "nobody signs in without an id");
    assert!(!without.signs_in());
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn in_08_ways_to_write_a_name_are_one_user() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    for way in WAYS {
        let server = directory.server(way, &[]).await;
        let mut ids = Vec::new();
        for name in ["ada", "ADA", " Ada "] {
            ids.push(sign_in(&server, name).await.who().await["user"]["id"].to_string());
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{way:?}");
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn the_page_and_the_list_offer_the_directory_instead_of_the_demo() {
    let directory = Directory::new().await;
    let server = directory.server(Way::Search, &[("AUTH_LDAP_NAME", "Company account")]).await;
    let mut browser = server.browser();
    let providers = browser.get("/api/auth/providers").await.json();
    assert_eq!(providers["ldap"]["type"], "credentials");
    assert_eq!(providers["ldap"]["name"], "Company account");
    assert!(providers["credentials"].is_null());
    let page = browser.get("/signin").await.body;
    assert!(page.contains(SIGN_IN) && !page.contains("/api/auth/callback/credentials"));
    let asked = browser.submit("/api/auth/signin/ldap", &[]).await;
    assert!(asked.location().ends_with("/signin"), "as Auth.js: {asked:?}");
    let demo = [("username", "demo"), ("password", "demo-password")];
    assert_eq!(browser.submit("/api/auth/callback/credentials", &demo).await.status, 404);
}
