//! A browser at the HTTP level: a cookie jar, the headers that browsers send automatically, no redirects followed.

use std::{collections::BTreeMap, net::SocketAddr};

use http::{HeaderMap, Method};
use serde_json::Value;

use super::{TestServer, query};

/// One person's browser.
#[derive(Clone)]
pub struct Browser {
    client: reqwest::Client,
    address: SocketAddr,
    origin: String,
    /// What it calls itself.
    pub user_agent: &'static str,
    /// The address that a proxy reports.
    forwarded_for: Option<String>,
    /// Names and values of all cookies. Tests may write into it.
    pub jar: BTreeMap<String, String>,
}

/// An answer that was read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Browser {
    pub fn new(address: SocketAddr, origin: &str) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .unwrap();
        Self {
            client,
            address,
            origin: origin.to_owned(),
            user_agent: "test",
            forwarded_for: None,
            jar: BTreeMap::new(),
        }
    }

    /// Returns the browser behind a proxy that reports a client address made from this number. The server must trust the proxy.
    #[must_use]
    pub fn with_client(self, number: u64) -> Self {
        let [.., a, b, c] = number.to_be_bytes();
        Self { forwarded_for: Some(format!("10.{a}.{b}.{c}")), ..self }
    }

    /// The same person, whom the load balancer sends to another server.
    #[must_use]
    pub fn at(&self, server: &TestServer) -> Self {
        self.at_address(server.address)
    }

    /// The same, where only the address is known.
    #[must_use]
    pub fn at_address(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// Opens a page. Also takes absolute URLs of the site, as they come in `Location`.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    /// Opens a page with more headers.
    pub async fn get_with(&mut self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, Vec::new()).await
    }

    /// Sends a form of a page of this site.
    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_with(path, &[], form).await
    }

    /// Sends a form with more headers.
    pub async fn post_with(&mut self, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let origin = self.origin.clone();
        let mut all =
            vec![("content-type", "application/x-www-form-urlencoded"), ("origin", origin.as_str())];
        all.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        all.extend(headers);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, path, &all, body.into_bytes()).await
    }

    /// Sends a form with the right CSRF token in front.
    pub async fn submit(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.submit_with(path, &[], form).await
    }

    /// The same with more headers.
    pub async fn submit_with(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let token = self.csrf().await;
        let form: Vec<_> = [("csrfToken", token.as_str())].into_iter().chain(form.iter().copied()).collect();
        self.post_with(path, headers, &form).await
    }

    /// Sends JSON with the right CSRF token in it.
    pub async fn submit_json(&mut self, path: &str, mut json: Value) -> Answer {
        json["csrfToken"] = self.csrf().await.into();
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, path, &headers, json.to_string().into_bytes()).await
    }

    /// The CSRF token of this browser.
    pub async fn csrf(&mut self) -> String {
        self.get("/api/auth/csrf").await.json()["csrfToken"].as_str().unwrap().to_owned()
    }

    /// The session, or JSON `null`.
    pub async fn who(&mut self) -> Value {
        let answer = self.get("/api/auth/session").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    /// The name of whoever is signed in.
    pub async fn name(&mut self) -> Option<String> {
        self.who().await["user"]["name"].as_str().map(str::to_owned)
    }

    /// The names of the session cookie and its chunks.
    pub fn session_cookies(&self) -> Vec<&String> {
        self.jar.keys().filter(|name| name.contains("session-token")).collect()
    }

    /// The value of the session cookie.
    pub fn session_cookie(&self) -> Option<&String> {
        self.jar.iter().find(|(name, _)| name.contains("session-token")).map(|(_, value)| value)
    }

    /// Any request at all; the jar goes along and takes what comes back.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// The same to a server that may be killed meanwhile: the error is that no answer came.
    pub async fn try_send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let path = path.strip_prefix(self.origin.as_str()).unwrap_or(path);
        let mut request = self.client.request(method, format!("http://{}{path}", self.address)).body(body);
        // A test that writes its own header means it; `host` is that of the site.
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", self.origin.split_once("://").unwrap().1);
        }
        if !self.jar.is_empty() && !headers.iter().any(|(name, _)| *name == "cookie") {
            request = request.header("cookie", self.cookie_header());
        }
        request = request.header("user-agent", self.user_agent);
        if let Some(client) = &self.forwarded_for {
            request = request.header("x-forwarded-for", client);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let answer = Answer { status, headers, body: response.text().await? };
        self.keep(&answer);
        Ok(answer)
    }

    /// The headers of its requests, for what the application itself asks the core.
    pub fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(http::header::COOKIE, self.cookie_header().parse().unwrap())])
    }

    /// Sends a form as a script does: without the headers of a browser, and without a CSRF token.
    pub async fn program(&mut self, path: &str, headers: &[(&str, &str)], form: &[(&str, &str)]) -> Answer {
        let content_type = ("content-type", "application/x-www-form-urlencoded");
        let headers: Vec<_> = [content_type].into_iter().chain(headers.iter().copied()).collect();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, path, &headers, body.into_bytes()).await
    }

    fn cookie_header(&self) -> String {
        self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if cookie.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    /// A header's value, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Where the browser is sent.
    pub fn location(&self) -> &str {
        self.header("location")
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// All `Set-Cookie` values.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }

    /// Whether a session cookie is set (and not removed).
    pub fn signs_in(&self) -> bool {
        self.set_cookies()
            .iter()
            .any(|cookie| cookie.contains("session-token") && !cookie.contains("Max-Age=0"))
    }

    /// Somebody has come in.
    #[track_caller]
    pub fn assert_signed_in(&self) {
        assert!(self.signs_in(), "not signed in: {self:?}");
    }

    /// The error word in `Location`.
    pub fn error(&self) -> Option<String> {
        query(self.location(), "error")
    }

    /// DENY, as the matrix of attacks means it: 4xx, or a redirect to an own page with a generic word; no session.
    #[track_caller]
    pub fn assert_denied(&self) {
        let is_refused = (400..500).contains(&self.status) || (self.status == 302 && self.error().is_some());
        assert!(is_refused && !self.signs_in(), "not refused: {self:?}");
    }
}
