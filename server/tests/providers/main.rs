//! One test for each service of the catalogue: the real server signs a person in at a simulated service that speaks as
//! the real one does, and refuses what a hostile one might say. What a service speaks is a file in `services/`, written
//! from its documentation and not from the catalogue. `cargo test --test providers -- --nocapture` prints the table,
//! and `ONLY=discord,github` before it tries those alone.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

mod facts;
mod oauth1;
mod simulation;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;

use facts::Facts;
use leptos_auth::provider::{ServiceEndpoints, catalog};
use serde_json::{Value, json};
use simulation::{CLIENT_ID, Simulation};
use support::{Answer, Browser, TestServer, query};

/// A server with every service on, and all of them simulated.
struct Scene {
    server: TestServer,
    simulation: Simulation,
}

impl Scene {
    async fn with(all: &[Facts]) -> Self {
        let simulation = Simulation::start(all).await;
        let variables: Vec<(String, String)> = all.iter().flat_map(Facts::variables).collect();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let services = simulation.services.clone();
        let server = TestServer::extended(&variables, move |builder| services.attach(builder)).await;
        Self { server, simulation }
    }

    /// A sign-in up to the end of the way back.
    async fn sign_in(&self, facts: &Facts, browser: &mut Browser) -> (String, Answer) {
        let started =
            browser.submit(&format!("/api/auth/signin/{}", facts.id), &[("callbackUrl", "/account")]).await;
        assert_eq!(started.status, 302, "{}: {started:?}", facts.id);
        let location = started.location().to_owned();
        self.simulation.remember(&location);
        let state = query(&location, "state").unwrap_or_else(|| panic!("{}: {location}", facts.id));
        let callback = format!("/api/auth/callback/{}", facts.id);
        let mut back = vec![("code", "the-code"), ("state", state.as_str())];
        let user = self.simulation.user_field();
        back.extend(user.as_ref().map(|user| ("user", user.as_str())));
        let answer = if facts.form_post {
            // From a page of another site, so without cookies; they come along when the browser is sent on.
            let headers = [("origin", "null"), ("sec-fetch-site", "cross-site"), ("cookie", "")];
            let posted = browser.post_with(&callback, &headers, &back).await;
            assert_eq!(posted.status, 303, "{}: {posted:?}", facts.id);
            browser.get(posted.location()).await
        } else {
            browser.get(&format!("{callback}?code=the-code&state={state}")).await
        };
        (location, answer)
    }
}

fn table_row(facts: &Facts) -> String {
    let kind = if facts.issuer.is_some() { "oidc" } else { "oauth2" };
    let expected = &facts.expect;
    let address = match (&expected.email, expected.is_proven) {
        (None, _) => "none",
        (Some(_), true) => "proven",
        (Some(_), false) => "told",
    };
    format!("{:26} {kind:7} {address:7} {}", facts.id, facts.authorize)
}

#[tokio::test]
async fn every_service_of_the_catalogue_has_its_facts_and_its_mark() {
    let facts: Vec<String> = facts::all().iter().map(|facts| facts.id.clone()).collect();
    // Those of OAuth 1 are in `oauth1.rs`.
    let speaks_oauth2 = |endpoints: ServiceEndpoints| !matches!(endpoints, ServiceEndpoints::OAuth1(_));
    let services = catalog::SERVICES.iter().filter(|service| speaks_oauth2(service.endpoints));
    let mut services: Vec<&str> = services.map(|service| service.id).collect();
    services.sort_unstable();
    assert_eq!(facts, services, "server/tests/providers/services has one file for each service");
    for service in catalog::SERVICES {
        let mark = format!("{}/../public/marks/{}.svg", env!("CARGO_MANIFEST_DIR"), service.id);
        assert_eq!(service.has_mark, std::fs::exists(&mark).unwrap(), "{mark}");
        assert!(service.color.len() == 7 && service.color.starts_with('#'), "{}", service.id);
        for url in [service.docs, service.console] {
            assert!(url.starts_with("https://"), "{}: {url}", service.id);
        }
    }
}

#[tokio::test]
async fn c11_every_service_signs_a_person_in() {
    let all = facts::chosen();
    let scene = Scene::with(&all).await;
    let mut table = Vec::new();
    for facts in &all {
        let mut browser = scene.server.browser();
        scene.simulation.play(facts.clone());
        let before = scene.server.rows().await;
        let (location, answer) = scene.sign_in(facts, &mut browser).await;
        facts.check_authorization(&location, &scene.server.origin);
        assert!(answer.signs_in(), "{}: {answer:?}", facts.id);
        facts.check_calls(&scene.simulation.services.take_calls(), &scene.server.origin);
        let session = browser.who().await;
        let expected = &facts.expect;
        let shown = ["name", "email", "image"].map(|name| session["user"][name].as_str().map(str::to_owned));
        assert_eq!(
            shown,
            [expected.name.clone(), expected.email.clone(), expected.image.clone()],
            "{}",
            facts.id
        );
        let rows = scene.server.rows().await;
        let made =
            [rows.users - before.users, rows.accounts - before.accounts, rows.sessions - before.sessions];
        assert_eq!(made, [1, 1, 1], "{}", facts.id);
        let (account, is_proven) = simulation::newest_account(&scene.server).await;
        assert_eq!((account.as_str(), is_proven), (expected.id.as_str(), expected.is_proven), "{}", facts.id);

        // The same person again is the same user.
        let mut again = scene.server.browser();
        let (_, answer) = scene.sign_in(facts, &mut again).await;
        assert!(answer.signs_in(), "{}: {answer:?}", facts.id);
        assert_eq!(scene.server.rows().await.users, rows.users, "{}", facts.id);
        scene.simulation.services.take_calls();
        table.push(table_row(facts));
    }
    println!(
        "\n{:26} kind    address authorization\n{}\n{} services",
        "service",
        table.join("\n"),
        table.len()
    );
}

#[tokio::test]
async fn em_14_id_11_id_20_a_hostile_answer_of_a_service_is_harmless_or_refused() {
    let all = facts::chosen();
    let scene = Scene::with(&all).await;
    for facts in &all {
        for (what, hostile, outcome) in facts.hostile() {
            let mut browser = scene.server.browser();
            let is_proven = hostile.expect.is_proven;
            scene.simulation.play(hostile);
            let before = scene.server.rows().await;
            let (_, answer) = scene.sign_in(facts, &mut browser).await;
            let session = browser.who().await;
            let rows = scene.server.rows().await;
            let label = format!("{}: {what}", facts.id);
            match outcome {
                facts::Outcome::Refused => {
                    assert!(!answer.signs_in() && session.is_null(), "{label}: {answer:?}");
                    assert_eq!((rows.users, rows.sessions), (before.users, before.sessions), "{label}");
                }
                facts::Outcome::SignedIn(check) => {
                    assert!(answer.signs_in(), "{label}: {answer:?}");
                    check(&session["user"], &label);
                    assert_eq!(simulation::newest_account(&scene.server).await.1, is_proven, "{label}");
                    let page = browser.get("/account").await;
                    assert!(page.status == 200 && !page.body.contains("<img src=x"), "{label}: {page:?}");
                }
            }
            scene.simulation.services.take_calls();
        }
    }
}
