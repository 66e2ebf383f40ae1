//! Time-based one-time passwords (RFC 6238) as every authenticator app makes them: SHA-1, six digits, 30 seconds.
//!
//! SHA-1 is what all apps understand. Its collisions say nothing about HMAC (RFC 6194 section 3.3).

use hmac::{Hmac, KeyInit, Mac};
use qrcode::{Color, EcLevel, QrCode};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use url::Url;

use super::base32;
use crate::{clock::Timestamp, hash, percent, random, types::QrPicture};

const SECONDS_PER_STEP: i64 = 30;
/// Clocks of phones go wrong: one step before and one after the present count as well (RFC 6238 section 5.2).
const TOLERANCE: i64 = 1;
/// RFC 4648 section 6.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The light margin that readers need around a QR code, in modules (ISO/IEC 18004 section 9.1).
const MARGIN: usize = 4;

/// What the app and we share: 160 bits, as RFC 4226 section 4 (R6) recommends.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct TotpSecret([u8; 20]);

impl TotpSecret {
    pub(super) fn new() -> Self {
        Self(random::bytes())
    }

    /// The step whose code that is, if it is one of those that count now and later than `used`: a code that was seen
    /// once, or is older than one that was, is never taken again (RFC 6238 section 5.2).
    pub(super) fn step_of(&self, code: &str, used: i64, now: Timestamp) -> Option<i64> {
        let present = now.as_seconds().div_euclid(SECONDS_PER_STEP);
        let steps = present - TOLERANCE..=present + TOLERANCE;
        // All are computed, whichever fits: the time tells nothing.
        steps.fold(None, |found, step| {
            let is_it = hash::equal(&self.code(step), code) && step > used;
            if is_it { Some(step) } else { found }
        })
    }

    /// The code of a step: HOTP (RFC 4226 section 5.3) of its number.
    fn code(&self, step: i64) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = <Hmac<Sha1> as KeyInit>::new_from_slice(&self.0) else { return String::new() };
        mac.update(&step.to_be_bytes());
        let digest = mac.finalize().into_bytes();
        let offset = usize::from(digest[19] & 15);
        let number = u32::from_be_bytes([
            digest[offset] & 0x7f,
            digest[offset + 1],
            digest[offset + 2],
            digest[offset + 3],
        ]);
        format!("{:06}", number % 1_000_000)
    }

    /// The secret to type where no picture can be read, in groups of four. Apps ignore the spaces.
    pub(super) fn text(&self) -> String {
        let text = base32(ALPHABET, &self.0);
        let groups: Vec<_> = text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect();
        groups.join(" ")
    }

    /// The address that apps read, as Google Authenticator defined it. Digits and period are the ones that apps take
    /// for granted, and some do not understand them.
    pub(super) fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (percent::encode(issuer), percent::encode(account));
        format!("otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}", base32(ALPHABET, &self.0))
    }
}

/// What an app calls the site: its host, and the port where it is not the usual one.
pub(super) fn issuer(base_url: &Url) -> String {
    let host = base_url.host_str().unwrap_or_default();
    match base_url.port() {
        // The colon separates issuer and account.
        Some(port) => format!("{host} {port}"),
        None => host.to_owned(),
    }
}

/// A text as the picture that phones read. `None` when it is longer than 2331 bytes.
pub(super) fn qr_picture(text: &str) -> Option<QrPicture> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run[0] == Color::Dark {
                let length = run.len();
                path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + MARGIN, y + MARGIN));
            }
            x += run.len();
        }
    }
    u32::try_from(width + 2 * MARGIN).ok().map(|size| QrPicture { size, path })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> TotpSecret {
        TotpSecret(*b"12345678901234567890")
    }

    /// RFC 6238 appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().code(seconds / 30), code);
            let now = Timestamp::from_seconds(seconds);
            assert_eq!(secret().step_of(code, 0, now), Some(seconds / 30));
        }
    }

    #[test]
    fn sk_01_a_clock_may_be_a_step_off_and_no_more() {
        let present = 1_000_000;
        let code = secret().code(present);
        for (off, is_taken) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let now = Timestamp::from_seconds((present + off) * 30);
            assert_eq!(secret().step_of(&code, 0, now), is_taken.then_some(present), "{off}");
        }
    }

    #[test]
    fn a_code_is_taken_once_and_so_is_everything_before_it() {
        let now = Timestamp::from_seconds(1_000_000 * 30);
        let code = |off: i64| secret().code(1_000_000 + off);
        assert_eq!(secret().step_of(&code(0), 1_000_000, now), None);
        assert_eq!(secret().step_of(&code(-1), 1_000_000, now), None);
        assert_eq!(secret().step_of(&code(1), 1_000_000, now), Some(1_000_001), "the next one is another");
    }

    #[test]
    fn what_is_no_code_fits_nothing() {
        let now = Timestamp::from_seconds(1_000_000 * 30);
        for typed in ["", "0", "12345", "1234567", "abcdef"] {
            assert_eq!(secret().step_of(typed, 0, now), None, "{typed}");
        }
        assert_eq!(secret().step_of(&TotpSecret::new().code(1_000_000), 0, now), None, "of somebody else");
    }

    #[test]
    fn apps_read_the_secret() {
        let text = "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ";
        assert_eq!(secret().text(), text);
        assert_eq!(
            secret().uri("app.example.com", "ada+b@example.com"),
            format!(
                "otpauth://totp/app.example.com:ada%2Bb%40example.com?secret={}&issuer=app.example.com",
                text.replace(' ', "")
            )
        );
        let named = |url: &str| issuer(&Url::parse(url).unwrap());
        assert_eq!(named("https://app.example.com"), "app.example.com");
        assert_eq!(named("http://localhost:3000"), "localhost 3000");
    }

    #[test]
    fn a_picture_has_its_three_corners_and_a_margin() {
        let picture = qr_picture(&secret().uri("app.example.com", "ada@example.com")).unwrap();
        let corner = |x: u32, y: u32| picture.path.contains(&format!("M{x} {y}h7v1h-7z"));
        let far = picture.size - 4 - 7;
        assert!(corner(4, 4) && corner(far, 4) && corner(4, far) && !corner(far, far));
        assert!(!picture.path.contains("M0 ") && qr_picture(&"x".repeat(3000)).is_none());
    }

    #[test]
    fn the_path_is_the_code() {
        let text = secret().uri("app.example.com", "ada@example.com");
        let picture = qr_picture(&text).unwrap();
        let mut dark = std::collections::BTreeSet::new();
        for run in picture.path.split('M').skip(1) {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (length, _) = rest.split_once('v').unwrap();
            let [x, y, length] = [x, y, length].map(|number| number.parse::<usize>().unwrap());
            dark.extend((x..x + length).map(|x| (x, y)));
        }
        let code = QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
        let all = (0..code.width()).flat_map(|y| (0..code.width()).map(move |x| (x, y)));
        let drawn = all.filter(|at| code[*at] == Color::Dark).map(|(x, y)| (x + MARGIN, y + MARGIN));
        assert_eq!(dark, drawn.collect());
    }
}
