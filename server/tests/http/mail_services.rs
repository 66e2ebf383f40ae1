//! Mail by services over HTTPS (ML, SM and LG rows). Each service has a contract in `mail_services/`: the request that its
//! documentation asks for, and its answers. A server plays it, under the service's own name and with a certificate.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{body::Body, response::Response};
use leptos_auth::{
    AuthBuilder,
    email::{MailError, OutgoingMail},
};
use serde_json::{Value, json};

use crate::support::{
    Answer, Mail, TestServer, log, query,
    services::{Call, Fault, Services},
};

const ASK: &str = "/api/auth/signin/email";
const PROVE: &str = "/api/auth/callback/email";
const ADDRESS: &str = "ada.o'hara+x@example.com";

/// What a service's documentation says. Words in braces stand for what differs from mail to mail.
struct Contract(Value);

impl Contract {
    fn of(service: &str) -> Self {
        let file = format!("{}/tests/http/mail_services/{service}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(file).unwrap();
        let key = serde_json::from_str::<Value>(&text).unwrap()["key"].as_str().unwrap().to_owned();
        Self(serde_json::from_str(&text.replace("{key}", &key)).unwrap())
    }

    fn key(&self) -> &str {
        self.0["key"].as_str().unwrap()
    }

    /// The service, and whatever else stands at the same address.
    async fn services(&self) -> Services {
        let url = url::Url::parse(self.0["request"]["url"].as_str().unwrap()).unwrap();
        Services::start([url.host_str().unwrap().to_owned(), "evil.test".to_owned()], self.taken()).await
    }

    async fn server(&self, services: &Services) -> TestServer {
        self.extended(|builder| services.attach(builder)).await
    }

    async fn extended(&self, extend: impl FnOnce(AuthBuilder) -> AuthBuilder) -> TestServer {
        let variables = self.0["environment"].as_object().unwrap();
        let variables: Vec<_> =
            variables.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
        TestServer::extended(&variables, extend).await
    }

    fn taken(&self) -> impl Fn(&Call) -> Response + Send + Sync + 'static {
        let answer = self.0["taken"].clone();
        move |asked| played(&answer, asked)
    }

    fn refusals(&self) -> Vec<Refusal> {
        let told = self.0["refused"].as_array().unwrap().iter().map(|refusal| {
            let (log, requests) =
                (refusal["log"].as_str().unwrap(), refusal["requests"].as_u64().unwrap_or(1));
            Refusal { answer: refusal.clone(), log: log.to_owned(), requests }
        });
        told.collect()
    }

    /// Compares a request with the one of the documentation, and returns what stood for the words in braces.
    fn check(&self, asked: &Call) -> BTreeMap<String, String> {
        let request = &self.0["request"];
        assert_eq!(asked.method, request["method"].as_str().unwrap());
        assert_eq!(asked.url.as_str(), request["url"].as_str().unwrap());
        let mut found = BTreeMap::new();
        for (name, value) in request["headers"].as_object().unwrap() {
            let sent = asked.headers.get(name).unwrap_or_else(|| panic!("no header {name}"));
            compare(name, value, &json!(sent.to_str().unwrap()), &mut found);
        }
        assert_eq!(asked.headers["user-agent"], "leptos-auth", "Resend refuses requests without one");
        let body = match asked.headers["content-type"].to_str().unwrap() {
            "application/json" => serde_json::from_str(&asked.body).unwrap(),
            _ => {
                let pairs: Vec<_> = url::form_urlencoded::parse(asked.body.as_bytes()).into_owned().collect();
                let object: BTreeMap<_, _> = pairs.iter().cloned().collect();
                assert_eq!(object.len(), pairs.len(), "a field stands there once");
                json!(object)
            }
        };
        compare("body", &request["body"], &body, &mut found);
        found
    }
}

fn compare(place: &str, wanted: &Value, sent: &Value, found: &mut BTreeMap<String, String>) {
    match (wanted, sent) {
        (Value::String(word), Value::String(text)) if word.starts_with('{') => {
            assert!(!text.is_empty(), "{place}");
            found.insert(word.trim_matches(['{', '}']).to_owned(), text.clone());
        }
        (Value::Object(wanted), Value::Object(sent)) => {
            let names = |object: &serde_json::Map<String, Value>| -> BTreeSet<String> {
                object.keys().cloned().collect()
            };
            assert_eq!(names(wanted), names(sent), "{place}");
            for (name, value) in wanted {
                compare(&format!("{place}.{name}"), value, &sent[name], found);
            }
        }
        (Value::Array(wanted), Value::Array(sent)) => {
            assert_eq!(wanted.len(), sent.len(), "{place}");
            for (wanted, sent) in wanted.iter().zip(sent) {
                compare(place, wanted, sent, found);
            }
        }
        _ => assert_eq!(wanted, sent, "{place}"),
    }
}

/// An answer of the contract. Where it repeats an address, it repeats all that a careless service could.
fn played(answer: &Value, asked: &Call) -> Response {
    let mut response = Response::builder().status(answer["status"].as_u64().unwrap() as u16);
    for (name, value) in answer["headers"].as_object().into_iter().flatten() {
        response = response.header(name, value.as_str().unwrap());
    }
    let echo = asked.body.replace(['"', '\\'], "'");
    let body = match &answer["body"] {
        Value::String(text) => text.clone(),
        json => json.to_string(),
    };
    response.body(body.replace("{address}", &echo).into()).unwrap()
}

fn plain(status: u16, body: impl Into<Body>) -> Response {
    Response::builder().status(status).body(body.into()).unwrap()
}

fn no_room(retry_after: &str) -> Response {
    let response = Response::builder().status(429).header("retry-after", retry_after);
    response.body(Body::empty()).unwrap()
}

/// An answer that is no success.
struct Refusal {
    answer: Value,
    /// What the log says.
    log: String,
    /// How often the service is asked until we give up.
    requests: u64,
}

async fn ask(server: &TestServer) -> Answer {
    server.browser().submit(ASK, &[("email", ADDRESS)]).await
}

/// The page says that no mail was sent and nothing else, nobody waits for one, and its token is gone.
async fn assert_not_sent(server: &TestServer, answer: &Answer) {
    answer.assert_denied();
    assert_eq!(answer.location(), format!("{}/signin?error=EmailSignin", server.origin));
    assert!(!answer.set_cookies().iter().any(|cookie| cookie.contains("verify-request")), "{answer:?}");
    assert_eq!(server.rows().await.tokens, 0, "ML-13");
}

/// What stands in the log in place of the mail's secrets.
fn assert_clean(log: &str, contract: &Contract, services: &Services) {
    let mut secrets = vec![contract.key().to_owned(), "o'hara".to_owned(), "o%27hara".to_owned()];
    for asked in services.calls() {
        let found = contract.check(&asked);
        let (link, code) = (link(&found), code(&found));
        secrets.extend([query(&link, "token").unwrap(), code.replace(' ', ""), code, link]);
    }
    assert!(secrets.len() > 3 && log.contains("TRACE"), "control: a mail was asked for, and all is logged");
    for secret in secrets {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} is in the log");
    }
}

fn link(found: &BTreeMap<String, String>) -> String {
    let lines = found.get("text").or(found.get("url")).unwrap().lines();
    lines.filter(|line| line.starts_with("http")).collect()
}

/// `1234 5678`
fn code(found: &BTreeMap<String, String>) -> String {
    found.get("subject").or(found.get("code")).unwrap().chars().take(9).collect()
}

/// What its documentation asks for is sent, and the mail signs in, by link and by code.
async fn sends(service: &str) {
    let contract = Contract::of(service);
    let services = contract.services().await;
    let server = contract.server(&services).await;
    let mut browser = server.browser();
    let asked = browser.submit(ASK, &[("email", ADDRESS)]).await;
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    let [request] = &services.calls()[..] else { panic!("one request: {:?}", services.calls()) };
    let found = contract.check(request);
    assert_eq!(found["address"], ADDRESS);
    if let Some(html) = found.get("html") {
        assert!(html.contains("<!doctype html>") && html.contains("&amp;token="), "{html}");
    }
    assert!(browser.submit(PROVE, &[("code", &code(&found))]).await.signs_in());

    ask(&server).await;
    let link = link(&contract.check(&services.calls()[1]));
    assert!(link.starts_with(&server.origin), "{link}");
    let form = ["token", "email"].map(|name| (name, query(&link, name).unwrap()));
    let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert!(server.browser().submit(PROVE, &form).await.signs_in());
}

/// Whatever else it answers: nobody waits for a mail, and neither the page nor the log says more than it should.
async fn refuses(service: &str) {
    let contract = Contract::of(service);
    let services = contract.services().await;
    let server = contract.server(&services).await;
    for Refusal { answer, log: line, requests } in contract.refusals() {
        let before = services.calls().len();
        services.answer(move |asked| played(&answer, asked));
        log::record();
        let answer = server.browser().submit(ASK, &[("email", ADDRESS)]).await;
        let log = log::recorded();
        assert_not_sent(&server, &answer).await;
        assert_eq!((services.calls().len() - before) as u64, requests, "{line}");
        let told = log.lines().find(|told| told.contains("the mail could not be sent"));
        assert!(told.is_some_and(|told| told.contains(&line)), "{line}: {told:?}");
        assert_clean(&log, &contract, &services);
        server.execute("DELETE FROM attempts").await;
    }
}

/// The same for what no documentation tells.
async fn is_strange(service: &str) {
    let contract = Contract::of(service);
    let services = contract.services().await;
    let server = contract.server(&services).await;
    let redirect = |status: u16| {
        let response = Response::builder().status(status).header("location", "https://evil.test/");
        response.body(Body::empty()).unwrap()
    };
    let strange: [(&str, Box<dyn Fn(&Call) -> Response + Send + Sync>); 8] = [
        ("a log-in page", Box::new(|_| plain(200, "<html>Log in with your key</html>"))),
        ("nothing", Box::new(|_| plain(200, ""))),
        ("null", Box::new(|_| plain(200, "null"))),
        ("5 MB", Box::new(|_| plain(200, vec![b' '; 5 << 20]))),
        ("5 MB of refusal", Box::new(|_| plain(400, vec![b'x'; 5 << 20]))),
        ("a page", Box::new(|asked| plain(400, format!("<html>{}", asked.body)))),
        ("another place, 307", Box::new(move |_| redirect(307))),
        ("another place, 303", Box::new(move |_| redirect(303))),
    ];
    for (name, answer) in strange {
        let before = services.calls().len();
        services.answer(answer);
        log::record();
        let answer = ask(&server).await;
        let log = log::recorded();
        assert_not_sent(&server, &answer).await;
        assert_eq!(
            services.calls().len() - before,
            1,
            "{name}: it may have been taken, so it is not repeated"
        );
        assert_clean(&log, &contract, &services);
        server.execute("DELETE FROM attempts").await;
    }
    services.answer(contract.taken());
    assert!(ask(&server).await.location().contains("/verify-request"), "control");
    assert!(services.calls().iter().all(|asked| !asked.url.as_str().contains("evil.test")));
}

/// One test for each service and each of the above, so that they run beside each other and fail by name.
macro_rules! contracts {
    ($($service:ident)*) => {$(
        mod $service {
            #[tokio::test]
            async fn what_is_documented_is_sent_and_the_mail_signs_in() {
                super::sends(stringify!($service)).await;
            }

            #[tokio::test]
            async fn ml_13_sm_03_lg_02_a_refused_mail_leaves_no_token_and_no_secret() {
                super::refuses(stringify!($service)).await;
            }

            #[tokio::test]
            async fn sm_05_strange_answers_are_no_receipt() {
                super::is_strange(stringify!($service)).await;
            }
        }
    )*};
}

contracts!(resend sendgrid postmark mailgun loops forwardemail);

#[tokio::test]
async fn mailgun_keeps_a_domain_in_one_region() {
    let mut contract = Contract::of("mailgun");
    contract.0["environment"]["AUTH_MAILGUN_REGION"] = "".into();
    contract.0["request"]["url"] = "https://api.mailgun.net/v3/mg.app.test/messages".into();
    let services = contract.services().await;
    ask(&contract.server(&services).await).await;
    contract.check(&services.calls()[0]);
}

#[tokio::test]
async fn sm_03_a_service_without_room_is_asked_again_and_sends_once() {
    for service in ["resend", "sendgrid", "postmark", "mailgun", "loops", "forwardemail"] {
        let contract = Contract::of(service);
        let services = contract.services().await;
        let server = contract.server(&services).await;
        let (taken, is_busy) = (contract.taken(), AtomicBool::new(true));
        services.answer(
            move |asked| {
                if is_busy.swap(false, Ordering::SeqCst) { no_room("0") } else { taken(asked) }
            },
        );
        let answer = ask(&server).await;
        assert!(answer.location().contains("/verify-request"), "{service}: {answer:?}");
        let bodies: Vec<_> = services.calls().into_iter().map(|asked| asked.body).collect();
        assert!(bodies.len() == 2 && bodies[0] == bodies[1], "{service}: the same mail again");
        assert_eq!(server.rows().await.tokens, 1);
    }
}

#[tokio::test]
async fn sm_03_nobody_waits_for_a_service_that_wants_a_minute() {
    let contract = Contract::of("resend");
    let services = contract.services().await;
    let server = contract.server(&services).await;
    services.answer(|_| no_room("60"));
    let started = Instant::now();
    let answer = ask(&server).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_not_sent(&server, &answer).await;
    assert_eq!(services.calls().len(), 1);
}

/// The connection ends after the request, or a 500 comes: the mail may be on its way.
#[tokio::test]
async fn sm_06_a_mail_that_may_have_been_taken_is_not_sent_twice() {
    for service in ["sendgrid", "postmark", "mailgun", "loops", "forwardemail"] {
        let contract = Contract::of(service);
        let services = contract.services().await;
        services.answer(|_| Fault::Cut);
        let server = contract.server(&services).await;
        assert_not_sent(&server, &ask(&server).await).await;
        services.answer(|_| plain(502, "bad gateway"));
        assert_not_sent(&server, &ask(&server).await).await;
        assert_eq!(services.calls().len(), 2, "{service}: one request for each of two sign-ins");
    }
}

/// Resend knows a mail that it has had by the key of the request.
#[tokio::test]
async fn sm_06_resend_is_asked_again_with_the_same_key() {
    let contract = Contract::of("resend");
    let services = contract.services().await;
    services.answer(|_| Fault::Cut);
    let server = contract.server(&services).await;
    let keys = || {
        let key = |asked: Call| asked.headers["idempotency-key"].to_str().unwrap().to_owned();
        services.calls().into_iter().map(key).collect::<Vec<_>>()
    };
    assert_not_sent(&server, &ask(&server).await).await;
    let first = keys();
    assert!(first.len() == 3 && first.iter().all(|key| *key == first[0]), "{first:?}");
    let taken = contract.taken();
    let is_broken = AtomicBool::new(true);
    services.answer(
        move |asked| {
            if is_broken.swap(false, Ordering::SeqCst) { plain(500, "") } else { taken(asked) }
        },
    );
    assert!(ask(&server).await.location().contains("/verify-request"));
    let second = &keys()[3..];
    assert!(second.len() == 2 && second[0] == second[1] && second[0] != first[0], "{second:?}");
    assert_eq!(server.rows().await.tokens, 1);
}

#[tokio::test]
async fn sm_06_parallel_requests_are_one_mail_each() {
    let contract = Contract::of("resend");
    let services = contract.services().await;
    let server = contract.server(&services).await;
    let asks = (0..4).map(|_| ask(&server));
    let answers = futures_util::future::join_all(asks).await;
    assert!(answers.iter().all(|answer| answer.location().contains("/verify-request")), "{answers:?}");
    assert_eq!((services.calls().len(), server.rows().await.tokens), (4, 4));
}

#[tokio::test]
async fn sm_01_a_service_that_nobody_reaches_leaves_no_token() {
    for service in ["resend", "mailgun"] {
        let contract = Contract::of(service);
        let server = contract.server(&contract.services().await.gone()).await;
        let started = Instant::now();
        assert_not_sent(&server, &ask(&server).await).await;
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    }
}

#[tokio::test]
async fn sm_01_a_connection_that_fails_is_tried_again() {
    for service in ["resend", "sendgrid"] {
        let contract = Contract::of(service);
        let services = contract.services().await;
        services.refuse_connections(2);
        let server = contract.server(&services).await;
        assert!(ask(&server).await.location().contains("/verify-request"), "{service}");
        assert_eq!(services.calls().len(), 1);
    }
}

/// One that repeats requests, and one that does not.
#[tokio::test]
async fn sm_02_a_silent_service_is_given_up_and_stops_nobody() {
    tokio::join!(is_given_up("resend"), is_given_up("postmark"));
}

async fn is_given_up(service: &str) {
    let contract = Contract::of(service);
    let services = contract.services().await;
    services.answer(|_| Fault::Silence);
    let server = contract.server(&services).await;
    let started = Instant::now();
    let mut browser = server.browser();
    let meanwhile = async {
        for _ in 0..10 {
            assert!(browser.who().await.is_null());
        }
        started.elapsed()
    };
    let (answer, others) = tokio::join!(ask(&server), meanwhile);
    assert_not_sent(&server, &answer).await;
    assert!(others < Duration::from_secs(5), "{others:?}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(services.calls().len(), 1, "{service}");
}

#[tokio::test]
async fn sm_04_a_service_with_a_foreign_certificate_gets_no_key() {
    let contract = Contract::of("sendgrid");
    let services = contract.services().await;
    let control = contract.server(&services).await;
    assert!(ask(&control).await.location().contains("/verify-request"), "control");
    let server = contract.extended(|builder| services.attach_distrusted(builder)).await;
    assert_not_sent(&server, &ask(&server).await).await;
    assert_eq!(services.calls().len(), 1, "only the control");
}

#[tokio::test]
async fn ml_13_no_request_without_a_stored_token() {
    let contract = Contract::of("resend");
    let services = contract.services().await;
    let server = contract.server(&services).await;
    server.execute("ALTER TABLE verification_tokens RENAME TO away").await;
    assert_eq!(ask(&server).await.status, 503);
    assert!(services.calls().is_empty());
    server.execute("ALTER TABLE away RENAME TO verification_tokens").await;
    assert!(ask(&server).await.location().contains("/verify-request"), "control");
}

/// As a user's own sender is written: one function.
async fn own_sender(_: OutgoingMail) -> Result<(), MailError> {
    Err(MailError("my service answered 500".to_owned()))
}

#[tokio::test]
async fn a_function_sends_mails() {
    const FROM: &str = "Mine <mine@app.test>";
    let sent = Arc::new(Mutex::new(Vec::new()));
    let outbox = sent.clone();
    let send = move |mail: OutgoingMail| {
        let outbox = outbox.clone();
        async move {
            outbox.lock().unwrap().push(mail);
            Ok(())
        }
    };
    let server = TestServer::extended(&[], |builder| builder.mailer(send, FROM)).await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", ADDRESS)]).await;
    let mail = sent.lock().unwrap().pop().expect("a mail");
    assert_eq!((mail.to.as_str(), mail.from.as_str(), mail.data.host.as_str()), (ADDRESS, FROM, "localhost"));
    assert!(mail.text.contains(&mail.data.url) && mail.subject.contains(&mail.data.code));
    assert!(browser.submit(PROVE, &[("code", &mail.data.code)]).await.signs_in());

    let failing = TestServer::extended(&[], |builder| builder.mailer(own_sender, FROM)).await;
    assert_not_sent(&failing, &ask(&failing).await).await;
    let panics = async |_: OutgoingMail| -> Result<(), MailError> { panic!("on purpose") };
    let panicking = TestServer::extended(&[], |builder| builder.mailer(panics, FROM)).await;
    assert_not_sent(&panicking, &ask(&panicking).await).await;
}

#[tokio::test]
async fn sm_02_a_function_that_never_ends_is_given_up() {
    let never = |_: OutgoingMail| std::future::pending();
    let server = TestServer::extended(&[], |builder| builder.mailer(never, "x@app.test")).await;
    let started = Instant::now();
    assert_not_sent(&server, &ask(&server).await).await;
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
}
