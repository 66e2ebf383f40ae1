//! The services that speak OAuth 1, each simulated at its real addresses as its documentation has it. That signatures are
//! right is for oauthlib to say (`tests/oauth/oauthlib.rs`); what odd answers lead to is in `tests/oauth/oauth1.rs`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use josekit::{jwk::KeyPair, jws::RS256};
use leptos_auth::provider::{ServiceEndpoints, catalog};
use serde_json::{Value, json};

use super::{
    simulation::newest_account,
    support::{
        TestServer, query,
        services::{Call, Services},
    },
};

/// What one of them speaks.
#[derive(Clone)]
struct Facts {
    id: &'static str,
    variables: Vec<(&'static str, String)>,
    request_token: &'static str,
    authorize: &'static str,
    access_token: &'static str,
    /// Who it is: requests and answers, in order.
    person: Vec<(&'static str, Value)>,
    signature: &'static str,
    /// Account id, name, address, picture.
    expect: (&'static str, &'static str, Option<&'static str>, Option<&'static str>),
}

fn all() -> Vec<Facts> {
    let both = |id, secret| vec![(id, "the-client".to_owned()), (secret, "the+secret".to_owned())];
    let key = String::from_utf8(RS256.generate_key_pair(2048).unwrap().to_pem_private_key()).unwrap();
    vec![
        Facts {
            id: "twitter",
            variables: [
                both("AUTH_TWITTER_ID", "AUTH_TWITTER_SECRET"),
                vec![("AUTH_TWITTER_VERSION", "1.0a".to_owned())],
            ]
            .concat(),
            request_token: "POST https://api.x.com/oauth/request_token",
            authorize: "https://api.x.com/oauth/authenticate?",
            access_token: "POST https://api.x.com/oauth/access_token",
            person: vec![(
                "GET https://api.x.com/1.1/account/verify_credentials.json?include_email=true&skip_status=true",
                json!({
                    "id": 1_234_567_890_123_456_789_u64, "id_str": "1234567890123456789", "name": "Ada Lovelace",
                    "screen_name": "ada", "email": "ada@example.com",
                    "profile_image_url_https": "https://pbs.twimg.com/profile_images/1/ada_normal.jpg",
                }),
            )],
            signature: "HMAC-SHA1",
            expect: (
                "1234567890123456789",
                "Ada Lovelace",
                Some("ada@example.com"),
                Some("https://pbs.twimg.com/profile_images/1/ada_normal.jpg"),
            ),
        },
        Facts {
            id: "flickr",
            variables: both("AUTH_FLICKR_ID", "AUTH_FLICKR_SECRET"),
            request_token: "POST https://www.flickr.com/services/oauth/request_token",
            authorize: "https://www.flickr.com/services/oauth/authorize?perms=read&",
            access_token: "POST https://www.flickr.com/services/oauth/access_token",
            person: vec![(
                "GET https://api.flickr.com/services/rest/?method=flickr.test.login&format=json&nojsoncallback=1",
                json!({ "user": { "id": "12037949754@N01", "username": { "_content": "Ada" }, "path_alias": null }, "stat": "ok" }),
            )],
            signature: "HMAC-SHA1",
            expect: ("12037949754@N01", "Ada", None, None),
        },
        Facts {
            id: "tumblr",
            variables: both("AUTH_TUMBLR_ID", "AUTH_TUMBLR_SECRET"),
            request_token: "POST https://www.tumblr.com/oauth/request_token",
            authorize: "https://www.tumblr.com/oauth/authorize?",
            access_token: "POST https://www.tumblr.com/oauth/access_token",
            person: vec![(
                "GET https://api.tumblr.com/v2/user/info",
                json!({ "meta": { "status": 200, "msg": "OK" }, "response": { "user": { "name": "ada", "blogs": [
                    { "name": "second", "primary": false, "uuid": "t:second" },
                    { "name": "ada", "primary": true, "uuid": "t:q5X1", "avatar": [{ "width": 512, "url": "https://64.media.tumblr.com/a.png" }] },
                ] } } }),
            )],
            signature: "HMAC-SHA1",
            expect: ("t:q5X1", "ada", None, Some("https://64.media.tumblr.com/a.png")),
        },
        Facts {
            id: "discogs",
            variables: both("AUTH_DISCOGS_ID", "AUTH_DISCOGS_SECRET"),
            request_token: "GET https://api.discogs.com/oauth/request_token",
            authorize: "https://www.discogs.com/oauth/authorize?",
            access_token: "POST https://api.discogs.com/oauth/access_token",
            person: vec![(
                "GET https://api.discogs.com/oauth/identity",
                json!({ "id": 1, "username": "example", "consumer_name": "Your Application Name" }),
            )],
            signature: "HMAC-SHA1",
            expect: ("1", "example", None, None),
        },
        Facts {
            id: "bitbucket-server",
            variables: vec![
                ("AUTH_BITBUCKET_SERVER_ISSUER", "https://code.example.com/bitbucket/".to_owned()),
                ("AUTH_BITBUCKET_SERVER_ID", "the-client".to_owned()),
                // As it stands in a .env file.
                ("AUTH_BITBUCKET_SERVER_PRIVATE_KEY", key.replace('\n', "\\n")),
            ],
            request_token: "POST https://code.example.com/bitbucket/plugins/servlet/oauth/request-token",
            authorize: "https://code.example.com/bitbucket/plugins/servlet/oauth/authorize?",
            access_token: "POST https://code.example.com/bitbucket/plugins/servlet/oauth/access-token",
            person: vec![
                (
                    "GET https://code.example.com/bitbucket/plugins/servlet/applinks/whoami",
                    json!("ada@example.com"),
                ),
                (
                    "GET https://code.example.com/bitbucket/rest/api/1.0/users?limit=100&filter=ada%40example.com",
                    json!({ "size": 2, "isLastPage": true, "values": [
                        { "name": "ada@example.com.evil", "id": 7, "displayName": "Eve", "slug": "ada_example.com.evil" },
                        { "name": "ada@example.com", "id": 101, "displayName": "Ada Lovelace",
                          "emailAddress": "ada@example.com", "slug": "ada_example.com" },
                    ] }),
                ),
            ],
            signature: "RSA-SHA1",
            expect: ("101", "Ada Lovelace", Some("ada@example.com"), None),
        },
    ]
}

impl Facts {
    fn answer(&self, call: &Call) -> Response {
        let asked = format!("{} {}", call.method, call.url);
        let credentials = "oauth_token=the-token&oauth_token_secret=the-token-secret";
        if asked == self.request_token {
            return format!("{credentials}&oauth_callback_confirmed=true").into_response();
        }
        if asked == self.access_token {
            // Atlassian's servers tell an end: five years.
            return format!("{credentials}&oauth_expires_in=157680000").into_response();
        }
        match self.person.iter().find(|(request, _)| *request == asked) {
            Some((_, Value::String(text))) => text.clone().into_response(),
            Some((_, json)) => axum::Json(json).into_response(),
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    fn hosts(&self) -> Vec<String> {
        let requests = [self.request_token, self.access_token].into_iter();
        let requests = requests.chain(self.person.iter().map(|(request, _)| *request));
        let host = |request: &str| {
            let (_, url) = request.split_once(' ').unwrap();
            url::Url::parse(url).unwrap().host_str().unwrap().to_owned()
        };
        requests.map(host).collect()
    }
}

#[tokio::test]
async fn people_sign_in_at_every_service_that_speaks_oauth_1() {
    for facts in all() {
        let answers = facts.clone();
        let services = Services::start(facts.hosts(), move |call: &Call| answers.answer(call)).await;
        let variables: Vec<_> = facts.variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let server = TestServer::extended(&variables, |builder| services.attach(builder)).await;
        let id = facts.id;
        let mut browser = server.browser();
        let begun = browser.submit(&format!("/api/auth/signin/{id}"), &[]).await;
        let location = begun.location();
        assert_eq!(location, format!("{}oauth_token=the-token", facts.authorize), "{id}");
        assert_eq!(query(location, "oauth_token").as_deref(), Some("the-token"), "{id}");
        let back = format!("/api/auth/callback/{id}?oauth_token=the-token&oauth_verifier=the-verifier");
        browser.get(&back).await.assert_signed_in();

        let calls = services.take_calls();
        let asked: Vec<_> = calls.iter().map(|call| format!("{} {}", call.method, call.url)).collect();
        let person = facts.person.iter().map(|(request, _)| *request);
        let expected: Vec<_> = [facts.request_token, facts.access_token].into_iter().chain(person).collect();
        assert_eq!(asked, expected, "{id}");
        for call in &calls {
            let header = call.header("authorization");
            assert!(
                header.contains(&format!("oauth_signature_method=\"{}\"", facts.signature)),
                "{id}: {header}"
            );
            assert!(!call.header("user-agent").is_empty(), "{id}: Discogs refuses those without");
        }

        let (account, name, email, image) = facts.expect;
        let user = browser.who().await["user"].clone();
        assert_eq!(user["name"], name, "{id}");
        assert_eq!((user["email"].as_str(), user["image"].as_str()), (email, image), "{id}");
        assert_eq!(newest_account(&server).await, (account.to_owned(), false), "{id}");
        let token = server.auth.provider_token(user["id"].as_str().unwrap(), id).await.unwrap();
        assert_eq!(token.access_token.expose(), "the-token", "{id}");
    }
}

#[tokio::test]
async fn every_service_that_speaks_oauth_1_has_its_facts() {
    let is_oauth1 = |endpoints: &ServiceEndpoints| matches!(endpoints, ServiceEndpoints::OAuth1(_));
    let services =
        catalog::SERVICES.iter().filter(|service| is_oauth1(&service.endpoints) || service.oauth1.is_some());
    let mut services: Vec<_> = services.map(|service| service.id).collect();
    let mut facts: Vec<_> = all().iter().map(|facts| facts.id).collect();
    services.sort_unstable();
    facts.sort_unstable();
    assert_eq!(services, facts);
}
