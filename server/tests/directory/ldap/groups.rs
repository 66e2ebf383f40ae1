//! Groups become claims, as `docs/ldap.md` shows it, with both kinds of sessions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use leptos_auth::{
    CallbackError, Callbacks, Events, JwtContext, SessionSource, SignInAttempt, SignInDecision, SignInEvent,
    Token, async_trait, types::Session,
};
use serde_json::{Value, json};

use crate::scene::{Directory, PASSWORD, WAYS, Way, sign_in, try_sign_in};

/// Groups in the session. The map stands for a table of the application.
#[derive(Clone, Default)]
struct Groups(Arc<Mutex<HashMap<String, Value>>>);

#[async_trait]
impl Callbacks for Groups {
    async fn jwt(&self, token: &mut Token, context: JwtContext<'_>) -> Result<(), CallbackError> {
        if let Some(profile) = context.profile {
            token.claims.insert("groups".to_owned(), profile["groups"].clone());
        }
        Ok(())
    }

    async fn session(&self, session: &mut Session, source: SessionSource<'_>) -> Result<(), CallbackError> {
        let groups = match source {
            SessionSource::Token(token) => token.claims.get("groups").cloned(),
            SessionSource::User(user) => self.0.lock().unwrap().get(&user.id).cloned(),
        };
        session.user.claims.extend(groups.map(|groups| ("groups".to_owned(), groups)));
        Ok(())
    }
}

#[async_trait]
impl Events for Groups {
    async fn sign_in(&self, event: SignInEvent<'_>) {
        if let Some(profile) = event.profile {
            self.0.lock().unwrap().insert(event.user.id.clone(), profile["groups"].clone());
        }
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn groups_arrive_in_the_session() {
    let directory = Directory::new().await;
    for uid in ["ada", "bob"] {
        directory.add_person(uid, &[("mail", &format!("{uid}@example.org"))]).await;
    }
    let admins = directory.add_group("admins", &["ada"]).await;
    let staff = directory.add_group("staff", &["ada", "bob"]).await;
    let search = [("AUTH_LDAP_GROUP_BASE", directory.base.as_str())];
    for way in WAYS {
        for session in ["database", "jwt"] {
            for search in [&[][..], &search] {
                let hooks = Groups::default();
                let changes = [&[("AUTH_SESSION", session)], search].concat();
                let extend =
                    |builder: leptos_auth::AuthBuilder| builder.callbacks(hooks.clone()).events(hooks);
                let server = directory.extended(way, &changes, extend).await;
                for (uid, expected) in [("ada", vec![&admins, &staff]), ("bob", vec![&staff])] {
                    let who = sign_in(&server, uid).await.who().await;
                    let groups: Vec<_> = who["user"]["groups"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|group| group.as_str().unwrap())
                        .collect();
                    assert_eq!(groups, expected, "{way:?} {session} {search:?} {uid}");
                }
            }
        }
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn a_group_left_is_gone_at_the_next_sign_in() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let admins = directory.add_group("admins", &["ada"]).await;
    let hooks = Groups::default();
    let extend = |builder: leptos_auth::AuthBuilder| builder.callbacks(hooks.clone()).events(hooks);
    let server = directory.extended(Way::Search, &[], extend).await;
    assert_eq!(sign_in(&server, "ada").await.who().await["user"]["groups"], json!([admins]));
    directory.delete(&admins).await;
    assert_eq!(sign_in(&server, "ada").await.who().await["user"]["groups"], json!([]));
}

/// Only who is in a group, by the profile that the `sign_in` callback sees.
struct OnlyStaff(String);

#[async_trait]
impl Callbacks for OnlyStaff {
    async fn sign_in(&self, attempt: &SignInAttempt<'_>) -> Result<SignInDecision, CallbackError> {
        let groups = attempt.profile.and_then(|profile| profile["groups"].as_array());
        let is_staff = groups.is_some_and(|groups| groups.iter().any(|group| *group == *self.0));
        Ok(if is_staff { SignInDecision::Allow } else { SignInDecision::Deny })
    }
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn the_sign_in_callback_can_ask_for_a_group() {
    let directory = Directory::new().await;
    for uid in ["ada", "bob"] {
        directory.add_person(uid, &[("mail", &format!("{uid}@example.org"))]).await;
    }
    let staff = directory.add_group("staff", &["ada"]).await;
    let server = directory.extended(Way::Direct, &[], |builder| builder.callbacks(OnlyStaff(staff))).await;
    sign_in(&server, "ada").await;
    let refused = try_sign_in(&mut server.browser(), "bob", PASSWORD).await;
    assert_eq!(refused.error().as_deref(), Some("AccessDenied"));
    assert_eq!(server.rows().await.users, 1);
}

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn az_02_groups_follow_from_the_entry_and_not_from_what_was_typed() {
    let directory = Directory::new().await;
    // Whoever may write their own address calls themselves as they like.
    directory.add_person("eve", &[("mail", "ada")]).await;
    directory.add_person("mallory", &[("mail", "m@example.org"), ("uid", "ada")]).await;
    let posix = [("objectClass", "posixGroup"), ("gidNumber", "1"), ("memberUid", "ada")];
    let admins = format!("cn=admins,{}", directory.base);
    directory.add(&admins, &posix).await;
    let changes = [
        ("AUTH_LDAP_FILTER", "(mail={username})"),
        ("AUTH_LDAP_GROUP_BASE", directory.base.as_str()),
        ("AUTH_LDAP_GROUP_FILTER", "(memberUid={uid})"),
    ];
    let hooks = Groups::default();
    let extend = |builder: leptos_auth::AuthBuilder| builder.callbacks(hooks.clone()).events(hooks);
    let server = directory.extended(Way::Search, &changes, extend).await;
    assert_eq!(sign_in(&server, "ada").await.who().await["user"]["groups"], json!([]), "eve");
    assert_eq!(sign_in(&server, "m@example.org").await.who().await["user"]["groups"], json!([]), "two names");
    directory.delete(&directory.dn("mallory")).await;
    directory.add_person("ada", &[("mail", "ada@example.org")]).await;
    let ada = sign_in(&server, "ada@example.org").await.who().await;
    assert_eq!(ada["user"]["groups"], json!([admins]), "control");
}
