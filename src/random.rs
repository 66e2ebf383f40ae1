//! Unpredictable values, all from the operating system's generator.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::clock::Timestamp;

/// `N` random bytes.
///
/// # Panics
/// When the operating system cannot give randomness: nothing safe can be done then.
pub(crate) fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "without randomness no token may be made")]
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// 256 random bits in 43 characters of base64url: session tokens, link tokens, states, nonces.
pub(crate) fn token() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// 256 random bits in 64 hexadecimal digits, the form Auth.js gives its CSRF token.
pub(crate) fn hex_token() -> String {
    to_hex(&bytes::<32>())
}

/// Eight decimal digits, each value equally likely.
pub(crate) fn eight_digits() -> String {
    const RANGE: u32 = 100_000_000;
    const UNBIASED: u32 = u32::MAX - u32::MAX % RANGE;
    loop {
        let number = u32::from_be_bytes(bytes());
        if number < UNBIASED {
            return format!("{:08}", number % RANGE);
        }
    }
}

/// A random UUID (version 4), as Auth.js gives users and tokens.
pub(crate) fn uuid() -> String {
    to_uuid(bytes(), 4)
}

/// A UUID that begins with an instant (version 7, RFC 9562 section 5.7): in the order of time, to the millisecond.
pub(crate) fn uuid_at(instant: Timestamp) -> String {
    uuid_with(instant, bytes())
}

/// The smallest of them, for looking from that instant on.
pub(crate) fn first_uuid_at(instant: Timestamp) -> String {
    uuid_with(instant, [0; 16])
}

fn uuid_with(instant: Timestamp, mut bytes: [u8; 16]) -> String {
    let millis = u64::try_from(instant.as_millis()).unwrap_or(0);
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    to_uuid(bytes, 7)
}

/// 16 bytes in the form of a UUID with that version number (RFC 9562).
pub(crate) fn to_uuid(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = (bytes[6] & 0x0f) | (version << 4);
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let hex = to_hex(&bytes);
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// Lower-case hexadecimal digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| DIGITS[usize::from(digit)] as char)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn se_03_tokens_are_unique_and_long() {
        let tokens: HashSet<String> = (0..10_000).map(|_| token()).collect();
        assert_eq!(tokens.len(), 10_000);
        assert!(tokens.iter().all(|token| token.len() == 43));
    }

    #[test]
    fn codes_have_eight_digits() {
        assert!(
            (0..1000)
                .map(|_| eight_digits())
                .all(|code| { code.len() == 8 && code.bytes().all(|digit| digit.is_ascii_digit()) })
        );
    }

    #[test]
    fn uuids_have_version_and_variant() {
        assert_eq!(to_uuid([0xff; 16], 4), "ffffffff-ffff-4fff-bfff-ffffffffffff");
        assert_eq!(to_uuid([0; 16], 8), "00000000-0000-8000-8000-000000000000");
    }

    #[test]
    fn uuids_of_instants_are_in_their_order() {
        // The instant of the example in RFC 9562, appendix A.6.
        assert!(uuid_at(Timestamp::from_millis(0x017f_22e2_79b0)).starts_with("017f22e2-79b0-7"));
        let ids: Vec<_> = [0, 1, 255, 256, 1_795_242_994_123].map(Timestamp::from_millis).map(uuid_at).into();
        assert!(ids.is_sorted());
        let instant = Timestamp::from_millis(256);
        assert!(first_uuid_at(instant) <= uuid_at(instant) && first_uuid_at(instant) > ids[2]);
        assert_ne!(uuid_at(Timestamp::from_millis(-1)), uuid_at(Timestamp::from_millis(-1)));
    }
}
