//! What a service speaks, as its documentation has it: one file in `services/` for each.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    simulation::{CLIENT_ID, CLIENT_SECRET},
    support::{query, services::Call},
};

/// One file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// The name of the file.
    #[serde(skip)]
    pub id: String,
    /// Variables beside `AUTH_<ID>_ID` and `_SECRET`, by the end of their names.
    #[serde(default)]
    pub settings: BTreeMap<String, String>,
    /// OpenID Connect: what its discovery document calls itself.
    pub issuer: Option<String>,
    /// OpenID Connect: what its discovery document says of client authentication, if it does.
    pub auth_methods: Option<Vec<String>>,
    /// OpenID Connect: how its ID tokens are signed.
    #[serde(default = "rs256")]
    pub signing: String,
    /// Where the browser goes.
    pub authorize: String,
    /// What the browser takes along, beside what every sign-in has: `scope` and the service's own parameters.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// Whether the code is bound by PKCE.
    #[serde(default = "yes")]
    pub pkce: bool,
    /// What follows `#`.
    pub fragment: Option<String>,
    /// Whether the way back is a form that the service's page posts.
    #[serde(default)]
    pub form_post: bool,
    /// Where the code becomes a token.
    pub token: String,
    /// `client_secret_basic` or `client_secret_post`, or the names of both fields where they are others.
    pub client_authentication: String,
    /// What the token request has beside the standard.
    #[serde(default)]
    pub token_parameters: BTreeMap<String, String>,
    /// What the token endpoint answers; without it, as the standard has it.
    pub token_answer: Option<Value>,
    /// Who it is: the userinfo request, as `GET https://…`, with its headers. For OpenID Connect only where the ID token
    /// lacks something.
    pub userinfo: Option<String>,
    #[serde(default)]
    pub userinfo_headers: BTreeMap<String, String>,
    /// The claims of the ID token, or the userinfo answer of OAuth 2.
    pub person: Value,
    /// OpenID Connect: the userinfo answer.
    pub more: Option<Value>,
    /// A second answer with addresses, and where it is.
    pub emails: Option<(String, Value)>,
    /// JSON pointer to what says that the address is checked, in `person`, or in `emails` after `/emails`, or in `more`
    /// after `/more`.
    pub verified: Option<String>,
    /// Other values than `true` that mean the same at this service.
    #[serde(default)]
    pub also_verified: Vec<Value>,
    /// Whether another member names the person when the id is missing.
    #[serde(default)]
    pub has_second_id: bool,
    /// What must come out.
    pub expect: Expected,
}

/// What must come out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub id: String,
    pub name: Option<String>,
    pub email: Option<String>,
    #[serde(default)]
    pub is_proven: bool,
    pub image: Option<String>,
}

/// What a hostile answer must lead to.
pub enum Outcome {
    Refused,
    /// A session whose user is as this checks.
    SignedIn(fn(&Value, &str)),
}

fn rs256() -> String {
    "RS256".to_owned()
}

const fn yes() -> bool {
    true
}

/// All files, by id.
pub fn all() -> Vec<Facts> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/providers/services");
    let mut all: Vec<Facts> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let facts: Facts = serde_json::from_slice(&std::fs::read(&path).unwrap())
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Facts { id: path.file_stem().unwrap().to_str().unwrap().to_owned(), ..facts }
        })
        .collect();
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all
}

/// The files that `ONLY=discord,github` names, or all of them.
pub fn chosen() -> Vec<Facts> {
    let only = std::env::var("ONLY").unwrap_or_default();
    let is_chosen = |facts: &Facts| only.is_empty() || only.split(',').any(|id| id == facts.id);
    all().into_iter().filter(is_chosen).collect()
}

impl Facts {
    /// The variables that turn the service on.
    pub fn variables(&self) -> Vec<(String, String)> {
        let name = self.id.to_uppercase().replace('-', "_");
        let both = [("ID", CLIENT_ID), ("SECRET", CLIENT_SECRET)];
        let both = both.map(|(part, value)| (part.to_owned(), value.to_owned()));
        let settings = self.settings.clone().into_iter();
        both.into_iter().chain(settings).map(|(part, value)| (format!("AUTH_{name}_{part}"), value)).collect()
    }

    /// The names that the service has for our id and secret.
    fn names(&self) -> (&str, &str) {
        match self.client_authentication.as_str() {
            "client_secret_basic" | "client_secret_post" => ("client_id", "client_secret"),
            names => names.split_once(' ').expect("two names"),
        }
    }

    /// Every parameter of the authorization request, and no other.
    pub fn check_authorization(&self, location: &str, origin: &str) {
        let (place, rest) = location.split_once('?').expect("a query");
        let (_, fragment) = rest.split_once('#').map_or((rest, None), |(query, part)| (query, Some(part)));
        assert_eq!(place, self.authorize, "{}", self.id);
        assert_eq!(fragment, self.fragment.as_deref(), "{}", self.id);
        let url = url::Url::parse(location).unwrap();
        let mut sent: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(sent.len(), url.query_pairs().count(), "{}: a parameter is sent twice", self.id);
        let mut long = vec!["state"];
        if self.pkce {
            assert_eq!(sent.remove("code_challenge_method").as_deref(), Some("S256"), "{}", self.id);
            long.push("code_challenge");
        }
        if self.issuer.is_some() {
            long.push("nonce");
        }
        for name in long {
            let value = sent.remove(name).unwrap_or_else(|| panic!("{}: no {name}", self.id));
            assert!(value.len() >= 43, "{}: {name} is short", self.id);
        }
        let mut expected = self.parameters.clone();
        expected.insert("response_type".to_owned(), "code".to_owned());
        expected.insert(self.names().0.to_owned(), CLIENT_ID.to_owned());
        expected.insert("redirect_uri".to_owned(), self.redirect_uri(origin));
        assert_eq!(sent, expected, "{}", self.id);
    }

    fn redirect_uri(&self, origin: &str) -> String {
        format!("{origin}/api/auth/callback/{}", self.id)
    }

    /// What the service was asked after the way back.
    pub fn check_calls(&self, calls: &[Call], origin: &str) {
        let tokens: Vec<_> =
            calls.iter().filter(|call| call.place() == self.token.split('?').next().unwrap()).collect();
        let [token] = tokens[..] else { panic!("{}: {} token requests", self.id, tokens.len()) };
        assert_eq!((token.method.as_str(), token.url.as_str()), ("POST", self.token.as_str()), "{}", self.id);
        let mut sent: BTreeMap<_, _> =
            url::form_urlencoded::parse(token.body.as_bytes()).into_owned().collect();
        let verifier = sent.remove("code_verifier");
        assert_eq!(verifier.is_some(), self.pkce, "{}: PKCE", self.id);
        let mut expected = self.token_parameters.clone();
        let standard = [("grant_type", "authorization_code"), ("code", "the-code")];
        expected.extend(standard.map(|(name, value)| (name.to_owned(), value.to_owned())));
        expected.insert("redirect_uri".to_owned(), self.redirect_uri(origin));
        if self.client_authentication == "client_secret_basic" {
            assert_eq!(
                token.header("authorization"),
                "Basic dGhlLWNsaWVudDp0aGUlMkJzZWNyZXQ=",
                "{}",
                self.id
            );
        } else {
            assert_eq!(token.header("authorization"), "", "{}", self.id);
            let (id, secret) = self.names();
            expected.insert(id.to_owned(), CLIENT_ID.to_owned());
            expected.insert(secret.to_owned(), CLIENT_SECRET.to_owned());
        }
        assert_eq!(sent, expected, "{}", self.id);
        if let Some(userinfo) = &self.userinfo {
            let asked = |call: &&Call| format!("{} {}", call.method, call.url) == *userinfo;
            let call = calls.iter().find(asked);
            let call =
                call.unwrap_or_else(|| panic!("{}: {userinfo} was not asked, but {calls:#?}", self.id));
            for (name, value) in &self.userinfo_headers {
                assert_eq!(call.header(name), value, "{}: {name}", self.id);
            }
            assert!(!call.header("user-agent").is_empty(), "{}", self.id);
        }
    }

    /// What a hostile service might say instead, and what must come of it. Each is of another person.
    pub fn hostile(&self) -> Vec<(String, Self, Outcome)> {
        let mut all: Vec<(String, Self, Outcome)> = Vec::new();
        let mut add = |what: &str, facts: Self, outcome| all.push((what.to_owned(), facts, outcome));
        let signed_in = || Outcome::SignedIn(|_, _| {});
        let no_email =
            || Outcome::SignedIn(|user, label| assert!(user["email"].is_null(), "{label}: {user}"));
        let mut number = 0;
        let mut other = || {
            number += 1;
            self.another(number)
        };
        if let Some(email) = &self.expect.email {
            for (what, value) in [
                ("no e-mail", Value::Null),
                ("a list as e-mail", json!(["ada@example.com"])),
                ("an object as e-mail", json!({ "$ne": null })),
                ("an e-mail with a line break", json!("ada@example.com\r\nBcc: eve@evil.test")),
                ("an e-mail of 100 kB", json!(format!("{}@example.com", "a".repeat(100_000)))),
            ] {
                let mut facts = other();
                let own = facts.expect.email.clone().unwrap_or_else(|| email.clone());
                facts.replace(&own, &value);
                facts.expect.is_proven = false;
                add(what, facts, no_email());
            }
        }
        for (what, value) in [
            ("no name", Value::Null),
            ("a number as name", json!(7)),
            ("HTML in the name", json!("<img src=x onerror=alert(1)>")),
        ] {
            let mut facts = other();
            let name = self.expect.name.clone().unwrap_or_default();
            for part in name.split(' ').chain([name.as_str()]).filter(|part| !part.is_empty()) {
                facts.replace(part, &value);
            }
            add(what, facts, signed_in());
        }
        if let Some(image) = &self.expect.image {
            let mut facts = other();
            facts.replace(image, &json!("javascript:alert(1)"));
            let check = |user: &Value, label: &str| {
                assert!(
                    !user["image"].as_str().unwrap_or_default().starts_with("javascript"),
                    "{label}: {user}"
                );
            };
            add("a script as picture", facts, Outcome::SignedIn(check));
        }
        for value in [json!(false), json!("true"), json!(1), json!([true]), Value::Null] {
            let Some(pointer) = &self.verified else { break };
            if self.also_verified.contains(&value) {
                continue;
            }
            let mut facts = other();
            *facts.pointed(pointer) = value.clone();
            facts.expect.is_proven = false;
            add(&format!("an e-mail that is verified: {value}"), facts, signed_in());
        }
        for (what, value) in [
            ("no id", Value::Null),
            ("an id with a fraction", json!(1.5)),
            ("an object as id", json!({ "id": 1 })),
            ("an id of 10 kB", json!("1".repeat(10_000))),
            ("an id with a NUL", json!("1\u{0}")),
        ] {
            let mut facts = other();
            let id = facts.expect.id.clone();
            facts.replace(&id, &value);
            let is_absent = !value.is_string();
            add(what, facts, if self.has_second_id && is_absent { signed_in() } else { Outcome::Refused });
        }
        let mut facts = other();
        facts.person["padding"] = json!("x".repeat(5 << 20));
        add("a body of 5 MB", facts, Outcome::Refused);
        for person in [Value::Null, json!([]), json!("ada"), json!({})] {
            let what = format!("{person} as the person");
            add(&what, Self { person, more: None, ..other() }, Outcome::Refused);
        }
        all
    }

    /// The same service with another person.
    fn another(&self, number: u32) -> Self {
        let mut facts = self.clone();
        let old = self.expect.id.clone();
        let new = match old.parse::<u64>() {
            Ok(id) => (id + u64::from(number)).to_string(),
            Err(_) => format!("{old}{number}"),
        };
        let digits = new.parse::<u64>().map_or_else(|_| json!(new), |id| json!(id));
        facts.exchange(&old, &json!(new), &digits);
        facts.expect.id = new;
        if let Some(email) = &self.expect.email {
            let other = format!("n{number}.{email}");
            facts.replace(email, &json!(other));
            facts.expect.email = Some(other);
        }
        facts
    }

    /// Puts another value wherever the service says that text, or that number.
    fn replace(&mut self, text: &str, new: &Value) {
        self.exchange(text, new, new);
    }

    /// The same, with one value for texts and one for numbers.
    fn exchange(&mut self, old: &str, text: &Value, number: &Value) {
        fn inside(value: &mut Value, old: &str, text: &Value, number: &Value) {
            match value {
                Value::String(string) if string == old => *value = text.clone(),
                Value::Number(digits) if digits.to_string() == old => *value = number.clone(),
                Value::Array(list) => list.iter_mut().for_each(|value| inside(value, old, text, number)),
                Value::Object(members) => {
                    members.values_mut().for_each(|value| inside(value, old, text, number));
                }
                _ => {}
            }
        }
        inside(&mut self.person, old, text, number);
        for value in self
            .more
            .iter_mut()
            .chain(&mut self.token_answer)
            .chain(self.emails.iter_mut().map(|(_, list)| list))
        {
            inside(value, old, text, number);
        }
    }

    fn pointed(&mut self, pointer: &str) -> &mut Value {
        let emails = pointer.strip_prefix("/emails").zip(self.emails.as_mut());
        let more = pointer.strip_prefix("/more").zip(self.more.as_mut());
        let found = match (emails, more) {
            (Some((rest, (_, emails))), _) => emails.pointer_mut(rest),
            (_, Some((rest, more))) => more.pointer_mut(rest),
            _ => self.person.pointer_mut(pointer),
        };
        found.unwrap_or_else(|| panic!("{}: nothing at {pointer}", self.id))
    }
}
