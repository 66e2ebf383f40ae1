//! Our requests judged by oauthlib, an OAuth 1.0a provider of others: rows O1-05 and O1-06. `cargo xtask services` starts it.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderValue, Method};
use josekit::{jwk::KeyPair, jws::RS256};
use leptos_auth::{
    ProviderToken, Secret,
    provider::{OAuth1Endpoints, OAuthProvider, ProfileMap, SignatureMethod},
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use crate::support::{TestServer, query};

const METHODS: [(&str, SignatureMethod); 4] = [
    ("hmac-sha1", SignatureMethod::HmacSha1),
    ("hmac-sha256", SignatureMethod::HmacSha256),
    ("rsa-sha1", SignatureMethod::RsaSha1),
    ("plaintext", SignatureMethod::Plaintext),
];
/// It is part of keys, so that its encoding is judged too.
const SECRET: &str = "a secret: &=+%~ ü€";

/// The server under test with one provider for each method, all of them oauthlib.
struct Scene {
    server: TestServer,
    peer: String,
    client: reqwest::Client,
}

/// A request with its signature.
struct Signed {
    method: Method,
    /// As a person writes it: perhaps with a port that says nothing, or in capitals.
    url: String,
    form: Vec<(String, String)>,
    authorization: HeaderValue,
}

impl Scene {
    async fn new() -> Self {
        let peer = std::env::var("TEST_OAUTH1_URL").expect("TEST_OAUTH1_URL: see cargo xtask services");
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        let client = client.build().unwrap();
        let key = RS256.generate_key_pair(2048).unwrap();
        let [private, public] =
            [key.to_pem_private_key(), key.to_pem_public_key()].map(|pem| String::from_utf8(pem).unwrap());
        let mut clients = Vec::new();
        let server = TestServer::extended(&[], |mut builder| {
            let base_url = builder.config().base_url.clone();
            for (id, method) in METHODS {
                let client_id = unique();
                let callback = base_url.join(&format!("/api/auth/callback/{id}")).unwrap();
                clients.push(json!({
                    "key": client_id, "secret": SECRET, "public_key": public, "method": method.name(),
                    "callback": callback.as_str(),
                }));
                let secret = if method == SignatureMethod::RsaSha1 { &private } else { SECRET };
                builder = builder.provider(provider(&peer, id, method, client_id, secret));
            }
            builder
        })
        .await;
        let scene = Self { server, peer, client };
        for client in clients {
            scene.post("clients", &client).await;
        }
        scene
    }

    async fn post(&self, path: &str, body: &Value) -> String {
        let request = self.client.post(format!("{}/{path}", self.peer)).body(body.to_string());
        request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }

    /// A whole sign-in; the name of who came in, and their token.
    async fn sign_in(&self, provider: &str) -> (String, ProviderToken) {
        let mut browser = self.server.browser();
        let begun = browser.submit(&format!("/api/auth/signin/{provider}"), &[]).await;
        assert!(query(begun.location(), "oauth_token").is_some(), "{provider}: {begun:?}");
        let agreed = self.client.get(begun.location()).send().await.unwrap();
        let back = agreed.headers()["location"].to_str().unwrap().to_owned();
        let answer = browser.get(&back).await;
        assert!(answer.signs_in(), "{provider}: {answer:?}");
        let user = browser.who().await["user"].clone();
        let token = self.server.auth.provider_token(user["id"].as_str().unwrap(), provider).await.unwrap();
        (user["name"].as_str().unwrap().to_owned(), token)
    }

    fn sign(
        &self,
        provider: &str,
        token: &ProviderToken,
        method: Method,
        url: String,
        form: Pairs,
    ) -> Signed {
        let parsed = Url::parse(&url).unwrap();
        let fields: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let auth = &self.server.auth;
        let authorization = auth.provider_authorization(provider, token, &method, &parsed, &fields).unwrap();
        Signed { method, url, form, authorization }
    }

    /// Sends it; whether it was taken.
    async fn send(&self, signed: &Signed) -> bool {
        let request = self.client.request(signed.method.clone(), &signed.url);
        let request = request.headers(signed.headers().into_iter().collect()).body(signed.body());
        request.send().await.unwrap().status().is_success()
    }

    /// What the provider says of requests that are not sent.
    async fn verify(&self, requests: &[Signed]) -> Vec<bool> {
        let cases = requests.iter().map(|signed| {
            let headers = signed.headers().into_iter();
            let headers: serde_json::Map<String, Value> =
                headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect();
            json!({ "method": signed.method.as_str(), "url": signed.url, "headers": headers, "body": signed.body() })
        });
        serde_json::from_str(&self.post("verify", &cases.collect()).await).unwrap()
    }
}

type Pairs = Vec<(String, String)>;

impl Signed {
    fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.form).finish()
    }

    fn headers(&self) -> Vec<(http::HeaderName, HeaderValue)> {
        let mut headers = vec![(http::header::AUTHORIZATION, self.authorization.clone())];
        if !self.form.is_empty() {
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            headers.push((http::header::CONTENT_TYPE, form));
        }
        headers
    }
}

fn provider(peer: &str, id: &str, method: SignatureMethod, client_id: String, secret: &str) -> OAuthProvider {
    let at = |path: &str| format!("{peer}/{path}");
    let urls = OAuth1Endpoints::new(&at("request_token"), &at("authorize"), &at("access_token"), &at("me"));
    let endpoints = OAuth1Endpoints { signature: method, ..urls };
    let profile = ProfileMap { name: "name", ..ProfileMap::ID };
    OAuthProvider::oauth1(id, id, client_id, Secret::new(secret), endpoints, profile)
}

/// A key that no other test registers: 24 letters and digits, as oauthlib wants them.
fn unique() -> String {
    static COUNT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    format!("{now:020}{:03}{:01}", std::process::id() % 1000, count % 10)
}

/// xorshift64: any numbers will do, and the first one is told when a test fails.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// A short text of what goes wrong first: separators, signs of encodings, letters of two to four bytes.
    fn text(&mut self, most: usize) -> String {
        const CHARACTERS: &[char] = &[
            'a', 'b', 'Z', '0', '9', ' ', '+', '%', '&', '=', '~', '-', '.', '_', '*', '\'', '(', ')', '!',
            ',', ';', ':', '/', '?', '#', '@', '$', '"', '<', '\\', '|', '^', '`', '{', '[', '\n', 'ß', 'é',
            '€', 'Ж', '漢', '😀', '\u{301}',
        ];
        (0..self.below(most + 1)).map(|_| self.one(CHARACTERS)).collect()
    }

    /// Some pairs, some of them twice or with one name.
    fn pairs(&mut self) -> Pairs {
        let mut pairs: Pairs = (0..self.below(5)).map(|_| (self.text(6), self.text(8))).collect();
        if let Some((name, value)) = pairs.first().cloned() {
            let again = [(name.clone(), value), (name, self.text(4))];
            pairs.extend(again.into_iter().take(self.below(3)));
        }
        // An empty pair is none.
        pairs.retain(|(name, value)| !name.is_empty() || !value.is_empty());
        pairs
    }

    /// Pairs as forms have them, or with everything encoded that may be.
    fn query(&mut self) -> String {
        let pairs = self.pairs();
        if self.below(2) == 0 {
            return form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        }
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
        pairs.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect::<Vec<_>>().join("&")
    }

    fn url(&mut self) -> String {
        let scheme = self.one(&["https", "HTTPS", "http", "HTTP"]);
        // A token goes out without TLS only on this machine.
        let local = ["127.0.0.1", "[::1]", "localhost", "LocalHost"];
        let any = ["example.com", "API.Example.COM", "127.0.0.1", "[::1]", "xn--bcher-kva.example"];
        let host = if scheme.len() == 4 { self.one(&local) } else { self.one(&any) };
        let port = self.one(&["", "", ":80", ":443", ":8080"]);
        let path = self.one(&["", "/", "/a/b.json", "/r%20v/X", "/a;b=c/d", "/%E2%82%AC/~x", "/a//b/"]);
        let query = self.query();
        let mark = if query.is_empty() { self.one(&["", "?"]) } else { "?" };
        format!("{scheme}://{host}{port}{path}{mark}{query}")
    }
}

#[tokio::test]
#[ignore = "needs oauthlib: cargo xtask services"]
async fn o1_05_people_sign_in_by_every_method_and_requests_are_signed() {
    let scene = Scene::new().await;
    for (provider, _) in METHODS {
        let (name, token) = scene.sign_in(provider).await;
        assert_eq!(name, "Olga OAuth", "{provider}");
        let url = format!("{}/any/thing?q=a+b&q=%E2%82%AC", scene.peer);
        let form = vec![("status".to_owned(), "Hello & ü".to_owned()), ("q".to_owned(), String::new())];
        for (method, form) in [(Method::GET, Vec::new()), (Method::POST, form), (Method::DELETE, Vec::new())]
        {
            let signed = scene.sign(provider, &token, method, url.clone(), form);
            assert!(scene.send(&signed).await, "{provider} {}", signed.method);
            assert!(!scene.send(&signed).await, "{provider}: sent twice");
        }
        let stolen = ProviderToken { token_secret: Some(Secret::new("guessed")), ..token };
        let signed = scene.sign(provider, &stolen, Method::GET, url, Vec::new());
        // The token's secret is no part of a signature by a private key.
        assert_eq!(scene.send(&signed).await, provider == "rsa-sha1", "{provider}: without the secret");
    }
}

#[tokio::test]
#[ignore = "needs oauthlib: cargo xtask services"]
async fn o1_05_o1_06_ten_thousand_random_requests_are_taken() {
    const BATCHES: usize = 10;
    let scene = Scene::new().await;
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    let mut random = Random(u64::from(seed) << 1 | 1);
    for (provider, _) in METHODS {
        let (_, token) = scene.sign_in(provider).await;
        for _ in 0..BATCHES {
            let mut requests = Vec::new();
            for _ in 0..10_000 / BATCHES / METHODS.len() {
                let verb = random.one(&["GET", "POST", "PUT", "DELETE"]);
                let form = if matches!(verb, "POST" | "PUT") { random.pairs() } else { Vec::new() };
                let url = random.url();
                requests.push(scene.sign(provider, &token, verb.parse().unwrap(), url, form));
            }
            let verdicts = scene.verify(&requests).await;
            assert_eq!(verdicts.len(), requests.len());
            if let Some(at) = verdicts.iter().position(|is_valid| !is_valid) {
                let Signed { method, url, form, .. } = &requests[at];
                panic!("seed {seed}: {provider} {method} {url} {form:?}");
            }
            // The same nonces a second time: oauthlib keeps them all, so none has come twice before.
            let replayed = scene.verify(&requests[..5]).await;
            assert_eq!(replayed, [false; 5], "control");
        }
    }
}

#[tokio::test]
#[ignore = "needs oauthlib: cargo xtask services"]
async fn o1_05_a_request_that_was_changed_is_refused() {
    let scene = Scene::new().await;
    for (provider, _) in METHODS.into_iter().filter(|(id, _)| *id != "plaintext") {
        let (_, token) = scene.sign_in(provider).await;
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let sign = || {
            let url = "https://api.example.com/x?a=1&b=2".to_owned();
            scene.sign(provider, &token, Method::POST, url, vec![pair("f", "1")])
        };
        let changed = [
            Signed { method: Method::PUT, ..sign() },
            Signed { url: "http://api.example.com/x?a=1&b=2".to_owned(), ..sign() },
            Signed { url: "https://api.example.com:8443/x?a=1&b=2".to_owned(), ..sign() },
            Signed { url: "https://other.example.com/x?a=1&b=2".to_owned(), ..sign() },
            Signed { url: "https://api.example.com/y?a=1&b=2".to_owned(), ..sign() },
            Signed { url: "https://api.example.com/x?a=1&b=3".to_owned(), ..sign() },
            Signed { url: "https://api.example.com/x?a=1".to_owned(), ..sign() },
            Signed { form: vec![pair("f", "2")], ..sign() },
            Signed { form: vec![pair("f", "1"), pair("g", "")], ..sign() },
            Signed { form: Vec::new(), ..sign() },
        ];
        assert_eq!(scene.verify(&changed).await, [false; 10], "{provider}");
        let same = [sign(), Signed { url: "HTTPS://API.example.com:443/x?b=2&a=%31".to_owned(), ..sign() }];
        assert_eq!(scene.verify(&same).await, [true; 2], "{provider}: control");
    }
}
