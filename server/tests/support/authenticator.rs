//! An authenticator app (RFC 6238): gets its secret from the page that sets a second step up, as a phone does by its
//! camera, and shows codes.

use std::time::{SystemTime, UNIX_EPOCH};

use sha1::{Digest, Sha1};

use super::{Answer, Browser, TestServer};

/// Where the second step is set up.
pub const SETTINGS: &str = "/account/second-step";

/// A phone with the app. It goes with the time of one server.
pub struct Authenticator {
    secret: Vec<u8>,
    /// How many seconds the server's clock was moved.
    later: i64,
    /// The recovery codes that were shown.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// Sets a second step up for whoever is signed in.
    pub async fn enrol(server: &TestServer, browser: &mut Browser) -> Self {
        let mut phone = Self::scan(server, browser).await;
        let code = phone.next_code(server);
        let answer = browser.submit(&action("confirm"), &[("code", &code)]).await;
        assert!(answer.location().ends_with("?done=second-step-on"), "{answer:?}");
        let page = browser.get(SETTINGS).await;
        phone.recovery_codes = recovery_codes(&page);
        assert_eq!(phone.recovery_codes.len(), 10, "{page:?}");
        phone
    }

    /// Only reads the secret from the page: nothing counts yet.
    pub async fn scan(server: &TestServer, browser: &mut Browser) -> Self {
        let begun = browser.submit(&action("begin"), &[]).await;
        assert!(begun.location().ends_with(SETTINGS), "{begun:?}");
        let page = browser.get(SETTINGS).await;
        let at = page.body.find("?secret=").unwrap_or_else(|| panic!("no secret: {page:?}")) + 8;
        let secret = page.body[at..].chars().take_while(char::is_ascii_alphanumeric).collect::<String>();
        Self { secret: base32(&secret), later: server.later(), recovery_codes: Vec::new() }
    }

    /// A minute later there is a code that was never used.
    pub fn next_code(&mut self, server: &TestServer) -> String {
        self.wait(server, 60);
        self.code(0)
    }

    /// Lets time pass.
    pub fn wait(&mut self, server: &TestServer, seconds: i64) {
        self.later += seconds;
        server.set_later(self.later);
    }

    /// What a phone shows whose clock is so many seconds fast.
    pub fn code(&self, fast: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
        let step = (now + self.later + fast) / 30;
        let digest = hmac(&self.secret, &step.to_be_bytes());
        let offset = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes(digest[offset..offset + 4].try_into().unwrap()) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }
}

/// The path of a form of the settings.
pub fn action(name: &str) -> String {
    format!("/api/auth/account/second-step/{name}")
}

/// The recovery codes on a page.
pub fn recovery_codes(page: &Answer) -> Vec<String> {
    let Some((_, list)) = page.body.split_once("class=\"codes\"") else { return Vec::new() };
    let (list, _) = list.split_once("</ul>").unwrap();
    let codes = list.split("<code dir=\"ltr\">").skip(1);
    codes.filter_map(|item| item.split_once('<')).map(|(code, _)| code.to_owned()).collect()
}

fn base32(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        _ => letter - b'2' + 26,
    };
    let bits: Vec<u8> =
        text.bytes().flat_map(|c| (0..5).rev().map(move |place| value(c) >> place & 1)).collect();
    bits.chunks_exact(8).map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

fn hmac(secret: &[u8], message: &[u8]) -> Vec<u8> {
    let mut key = [0; 64];
    key[..secret.len()].copy_from_slice(secret);
    let hash = |pad: u8, message: &[u8]| {
        Sha1::new_with_prefix(key.map(|byte| byte ^ pad)).chain_update(message).finalize().to_vec()
    };
    hash(0x5c, &hash(0x36, message))
}
