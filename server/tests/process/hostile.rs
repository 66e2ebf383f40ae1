//! Many requests that no legitimate client sends: no panic, no 5xx except a deliberate 503, and the program still answers
//! afterwards. Rule: every run with the same seed sends the same requests.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::{
    program::Program,
    support::{Browser, evidence, scaled, sign_in_demo},
};

const CLIENTS: u64 = 4;
/// Methods that most routes do not have.
const METHODS: [&str; 6] = ["HEAD", "PUT", "PATCH", "OPTIONS", "DELETE", "TRACE"];
const PATHS: [&str; 50] = [
    "/",
    "/signin",
    "/signup",
    "/error",
    "/signout",
    "/verify-request",
    "/forgot-password",
    "/reset-password",
    "/second-step",
    "/account",
    "/account/methods",
    "/account/password",
    "/account/passkeys",
    "/account/activity",
    "/account/undo",
    "/api/me",
    "/health",
    "/ready",
    "/pkg/leptos-auth.js",
    "/pkg/..%2f..%2f.env",
    "/dev/inbox",
    "/dev/gallery",
    "/api/auth",
    "/api/auth/session",
    "/api/auth/csrf",
    "/api/auth/providers",
    "/api/auth/error",
    "/api/auth/signin/dev",
    "/api/auth/signin/email",
    "/api/auth/callback/dev",
    "/api/auth/callback/email",
    "/api/auth/callback/credentials",
    "/api/auth/callback/password",
    "/api/auth/callback/totp",
    "/api/auth/callback/webauthn",
    "/api/auth/webauthn-options/webauthn",
    "/api/auth/signup",
    "/api/auth/forgot-password",
    "/api/auth/reset-password",
    "/api/auth/signout",
    "/api/auth/backchannel-logout/dev",
    "/api/auth/account/profile",
    "/api/auth/account/password",
    "/api/auth/account/unlink",
    "/api/auth/account/undo",
    "/api/fn/account",
    "/api/fn/dev_status",
    "/api/fn/set_theme",
    "/api/fn/sign_in_form",
    "/texts/en.json",
];
const FIELDS: [&str; 24] = [
    "callbackUrl",
    "email",
    "password",
    "currentPassword",
    "username",
    "name",
    "code",
    "state",
    "token",
    "iss",
    "error",
    "error_description",
    "id_token",
    "logout_token",
    "provider",
    "account",
    "id",
    "data",
    "json",
    "response",
    "remember",
    "link",
    "secondStep",
    "rememberDevice",
];
const VALUES: [&str; 34] = [
    "",
    "x",
    "demo",
    "demo-password",
    "ada@example.com",
    "a@b,c@d",
    "\"a b\"@example.com",
    "v@app.test%0d%0aBcc:%20a@evil.test",
    "https://evil.test",
    "//evil.test",
    "/\\evil.test",
    "javascript:alert(1)",
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "%",
    "%zz",
    "%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB",
    "%E2%80%AEabc",
    "'%20OR%201=1--",
    "{\"$ne\":null}",
    "[[[[[[[[",
    "__proto__",
    "<script>alert(1)</script>",
    "123456",
    "%D9%A1%D9%A2%D9%A3%D9%A4%D9%A5%D9%A6",
    "-1",
    "9223372036854775808",
    "1e309",
    "eyJhbGciOiJub25lIn0..",
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2Q0JDLUhTNTEyIn0..AAAA.AAAA.AAAA",
    "a.b.c.d.e.f",
    "true",
    "null",
];
const HEADERS: [&str; 18] = [
    "Origin: https://evil.test",
    "Origin: null",
    "Sec-Fetch-Site: cross-site",
    "Authorization: Bearer %E0%A4%A",
    "Authorization: Bearer eyJhbGciOiJub25lIn0..",
    "Authorization: Basic x",
    "X-Forwarded-For: 203.0.113.5:41234, [2001:db8::1]:443, x",
    "X-Forwarded-Host: evil.test",
    "X-Auth-Return-Redirect: 1",
    "X-Auth-Return-Token: 1",
    "X-HTTP-Method-Override: DELETE",
    "Accept-Language: ar;q=0.9,zz-ZZ;q=x,,,*",
    "Cookie: authjs.session-token=a.b.c.d.e; authjs.session-token.0=x; authjs.csrf-token=|",
    "Cookie: city=K\u{f6}ln; theme=\u{202e}; ;;;=;=",
    "Cookie: authjs.transaction.123456789012=AAAA; authjs.second-step=AAAA; authjs.verify-request=AAAA",
    "Accept: text/html, application/json;q=x",
    "Content-Encoding: gzip",
    "Range: bytes=0-0,5-2,-1",
];
const TYPES: [&str; 6] = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=x",
    "text/plain",
    "application/cbor",
];

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }
}

/// What some requests know about a legitimate visitor.
#[derive(Clone)]
struct Visitor {
    cookie: String,
    token: String,
}

/// Returns the fields of a form, encoded.
fn fields(random: &mut Random, visitor: &Visitor) -> String {
    let mut pairs: Vec<String> = (0..random.below(6))
        .map(|_| {
            let value = random.of(&VALUES).to_owned();
            let repeated = if random.one_in(40) { 1 << random.below(15) } else { 1 };
            format!(
                "{}={}",
                random.of(&FIELDS),
                value.repeat(repeated).chars().take(70_000).collect::<String>()
            )
        })
        .collect();
    if !random.one_in(3) {
        pairs.push(format!("csrfToken={}", visitor.token));
    }
    pairs.join("&")
}

fn json(random: &mut Random, visitor: &Visitor) -> String {
    let mut members: Vec<String> = (0..random.below(6))
        .map(|_| {
            let value = match random.below(6) {
                0 => "null".to_owned(),
                1 => "[".repeat(random.below(3000)),
                2 => random.next().to_string(),
                3 => "1e999".to_owned(),
                4 => "{\"a\":{\"$gt\":\"\"}}".to_owned(),
                _ => format!("{:?}", random.of(&VALUES)),
            };
            format!("\"{}\":{value}", random.of(&FIELDS))
        })
        .collect();
    if !random.one_in(3) {
        members.push(format!("\"csrfToken\":\"{}\"", visitor.token));
    }
    format!("{{{}}}", members.join(","))
}

/// Percent-encodes characters that a URL may not contain, as a browser does, in nine of ten requests.
fn encoded(random: &mut Random, text: &str) -> String {
    if random.one_in(10) {
        // A space would end the request line.
        return text.replace(' ', "%20");
    }
    let mut encoded = String::new();
    for character in text.chars() {
        match character {
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' | '[' | ']' | ' ' => {
                encoded += &format!("%{:02X}", u32::from(character));
            }
            _ => encoded.push(character),
        }
    }
    encoded
}

/// Returns one request: its method, its path, and all of its bytes.
fn request(random: &mut Random, visitor: &Visitor) -> (&'static str, String, Vec<u8>) {
    let mut path = random.of(&PATHS).to_owned();
    let usual = if path.starts_with("/api/auth/") { ["POST", "GET"] } else { ["GET", "POST"] };
    let method = match random.below(16) {
        0 => random.of(&METHODS),
        1..5 => usual[1],
        _ => usual[0],
    };
    if random.one_in(8) {
        let value = random.of(&VALUES);
        path = format!("{path}/{}", encoded(random, value));
    }
    if !random.one_in(3) {
        let query = fields(random, visitor);
        path = format!("{path}?{}", encoded(random, &query));
        path.truncate(path.len().min(20_000));
    }
    let kind = random.of(&TYPES);
    let mut body = match random.below(4) {
        0 => Vec::new(),
        1 => json(random, visitor).into_bytes(),
        _ => fields(random, visitor).into_bytes(),
    };
    for _ in 0..random.below(3) * usize::from(random.one_in(4)) {
        let place = random.below(body.len() + 1);
        body.insert(place, random.next().to_le_bytes()[0]);
    }
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n");
    // The visitor must stay signed in.
    if !random.one_in(4) && !path.starts_with("/api/auth/signout") {
        head += &format!("Cookie: {}\r\n", visitor.cookie);
    }
    for _ in 0..random.below(4) {
        head += &format!("{}\r\n", random.of(&HEADERS));
    }
    head += &format!("Content-Length: {}\r\n\r\n", body.len());
    (method, path, [head.into_bytes(), body].concat())
}

/// Sends a request and reads the whole response. Returns `None` if the server closes the connection instead.
fn exchange(connection: &mut BufReader<TcpStream>, method: &str, request: &[u8]) -> Option<u16> {
    connection.get_mut().write_all(request).ok()?;
    let mut line = String::new();
    connection.read_line(&mut line).ok()?;
    let status = line.split(' ').nth(1)?.parse().ok()?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let mut header = Vec::new();
        connection.read_until(b'\n', &mut header).ok()?;
        let header = String::from_utf8_lossy(&header).trim().to_ascii_lowercase();
        match header.split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().ok()?,
            Some(("transfer-encoding", _)) => is_chunked = true,
            Some(_) => {}
            None => break,
        }
    }
    if method == "HEAD" || status == 204 || status == 304 {
        return Some(status);
    }
    while is_chunked {
        let mut size = String::new();
        connection.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        connection.read_exact(&mut vec![0; size + 2]).ok()?;
        is_chunked = size > 0;
    }
    connection.read_exact(&mut vec![0; length]).ok()?;
    Some(status)
}

/// Sends `count` requests. Returns how often each status occurred; 0 stands for a closed connection.
fn attack(address: &str, seed: u64, count: u64, visitor: &Visitor) -> BTreeMap<u16, u64> {
    let connect = || {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        BufReader::new(stream)
    };
    let (mut random, mut connection, mut statuses) = (Random(seed), connect(), BTreeMap::new());
    for number in 0..count {
        let (method, path, bytes) = request(&mut random, visitor);
        let status = exchange(&mut connection, method, &bytes).unwrap_or(0);
        // The error page responds with 500 if a request asks for an error of the operator.
        let is_fine = status < 500 || status == 503 || path.contains("/error");
        assert!(is_fine, "request {number} of seed {seed}: {status}: {}", String::from_utf8_lossy(&bytes));
        // Also after a rejected body, part of which may still be in transit.
        if status == 0 || status >= 400 {
            connection = connect();
        }
        *statuses.entry(status).or_default() += 1;
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn kx_07_in_04_hostile_requests_make_no_panic_and_no_500() {
    let (count, seed) = (scaled("EVIDENCE_REQUESTS", 4_000), scaled("EVIDENCE_SEED", 1));
    leptos_auth_server::tls::install();
    let running = Program::new(&[]).start();
    let port = running.address.rsplit_once(':').unwrap().1;
    let mut browser = Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"));
    sign_in_demo(&mut browser).await;
    let token = browser.csrf().await;
    let cookies = browser.jar.iter().map(|(name, value)| format!("{name}={value}"));
    let visitor = Visitor { cookie: cookies.collect::<Vec<_>>().join("; "), token };

    let attacks = (0..CLIENTS).map(|client| {
        let (address, visitor) = (running.address.clone(), visitor.clone());
        tokio::task::spawn_blocking(move || attack(&address, seed + client, count / CLIENTS, &visitor))
    });
    let mut statuses = BTreeMap::new();
    for attack in attacks.collect::<Vec<_>>() {
        for (status, count) in attack.await.unwrap() {
            *statuses.entry(status).or_insert(0) += count;
        }
    }
    let mut after = Browser::new(running.address.parse().unwrap(), &format!("http://localhost:{port}"));
    assert_eq!(after.get("/signin").await.status, 200, "control: it answers");
    running.signal("TERM");
    let (code, _, log) = running.end();
    assert_eq!(code, Some(0));
    assert!(
        !log.contains("panicked"),
        "{}",
        log.lines().filter(|line| line.contains("panic")).collect::<String>()
    );
    println!("{statuses:?}");
    let kinds = |range: std::ops::Range<u16>| statuses.range(range).map(|(_, count)| count).sum::<u64>();
    assert!(kinds(200..400) > count / 20 && kinds(400..500) > count / 20, "control: {statuses:?}");
    evidence(
        &format!("hostile requests, seeds {seed} to {}", seed + CLIENTS - 1),
        &format!(
            "{count} requests: {} answered 2xx or 3xx, {} 4xx, {} 503, {} connections ended; 0 panics, 0 other 5xx",
            kinds(200..400),
            kinds(400..500),
            kinds(503..504),
            kinds(0..1)
        ),
    );
}
