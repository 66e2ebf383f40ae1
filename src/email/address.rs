//! An e-mail address is accepted or refused, never repaired: trim, normalise (NFKC), then one plain
//! `local@domain`. What a mail library could read as two addresses, a comment or a quoted part is refused.
//!
//! Normalising comes first: GHSA-7rqj-j65f-68wh was a full-width `＠` that became a real one after the check.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

/// A checked address.
///
/// `Display` shows it as typed (normalised, domain as A-label); [`EmailAddress::key`] is what identifies it.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    address: String,
    key: String,
}

/// The text is not one plain address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one plain e-mail address")]
pub struct InvalidEmail;

impl EmailAddress {
    /// The most bytes of an address (RFC 5321 section 4.5.3.1).
    pub(crate) const LONGEST: usize = 254;

    /// Reads an address.
    ///
    /// # Errors
    /// When the text is anything but one `local@domain` with a dot-atom local part (RFC 5322 section 3.2.3, ASCII
    /// or not), at most 64 and 254 bytes long (RFC 5321 section 4.5.3.1), and a domain name with a dot.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        // Nothing longer can become an address; stop before normalising a megabyte.
        if text.len() > 1024 {
            return Err(InvalidEmail);
        }
        // What some reader could take for `@` or a dot, and another not (EM-07).
        const LOOK_ALIKES: [char; 7] =
            ['\u{ff20}', '\u{fe6b}', '\u{ff0e}', '\u{3002}', '\u{2024}', '\u{fe52}', '\u{ff61}'];
        if text.contains(LOOK_ALIKES) {
            return Err(InvalidEmail);
        }
        let normalised: String = text.trim_matches(' ').nfkc().collect();
        let (local, domain) = normalised.split_once('@').ok_or(InvalidEmail)?;
        if !is_local_part(local) {
            return Err(InvalidEmail);
        }
        let domain = parse_domain(domain)?;
        let address = format!("{local}@{domain}");
        let key = format!("{}@{domain}", local.to_lowercase());
        if address.len() > Self::LONGEST { Err(InvalidEmail) } else { Ok(Self { address, key }) }
    }

    /// What two spellings of one mailbox share: lower case, domain as A-label. Unique in the database.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address to send to.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

fn is_local_part(local: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    !local.is_empty()
        && local.len() <= 64
        && local.chars().all(allowed)
        && !local.starts_with(['.', '-'])
        && !local.ends_with('.')
        && !local.contains("..")
}

fn parse_domain(domain: &str) -> Result<String, InvalidEmail> {
    let is_plain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    if domain.is_empty() || domain.starts_with('.') || !domain.chars().all(is_plain) {
        return Err(InvalidEmail);
    }
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| InvalidEmail)?;
    let has_name_shape = ascii.contains('.') && !ascii.ends_with('.') && !ascii.split('.').any(str::is_empty);
    let is_number =
        ascii.rsplit('.').next().is_some_and(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    if has_name_shape && !is_number { Ok(ascii) } else { Err(InvalidEmail) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_addresses_are_kept_as_typed() {
        for (text, address, key) in [
            ("Ada@Example.com", "Ada@example.com", "ada@example.com"),
            ("  a+b.c@x.org ", "a+b.c@x.org", "a+b.c@x.org"),
            ("o'neil@x.org", "o'neil@x.org", "o'neil@x.org"),
            ("v@bücher.example", "v@xn--bcher-kva.example", "v@xn--bcher-kva.example"),
        ] {
            let parsed = EmailAddress::parse(text).expect(text);
            assert_eq!((parsed.as_str(), parsed.key()), (address, key));
        }
    }

    #[test]
    fn em_10_one_domain_has_one_form_and_look_alikes_differ() {
        let key = |text: &str| EmailAddress::parse(text).unwrap().key().to_owned();
        assert_eq!(key("v@BÜCHER.example"), key("v@xn--bcher-kva.example"));
        assert_ne!(key("v@\u{430}pp.test"), key("v@app.test"));
        assert_ne!(key("v+x@app.test"), key("v@app.test"), "EM-11: no clever folding");
    }

    #[test]
    fn em_everything_else_is_refused() {
        for text in [
            "a@evil.test,v@app.test",
            "a@evil.test;v@app.test",
            "a@evil.test v@app.test",
            "a@evil.test\nv@app.test",
            "\"V\" <a@evil.test>",
            "<a@evil.test>v@app.test",
            "v@app.test <a@evil.test>",
            "v(@evil.test)@app.test",
            "v@app.test(@evil.test)",
            "\"a@evil.test\"@app.test",
            "\"a b\"@x.test",
            "\"\\\"\"@x",
            "v@app.test\r\nBcc:a@evil.test",
            "v@app.test\nRCPT TO:<a@evil.test>",
            "v\u{2028}@app.test",
            "v\u{85}@app.test",
            "a\u{ff20}evil.test@app.test",
            "a\u{fe6b}evil.test@app.test",
            "v@app\u{3002}test",
            "v@evil\u{2024}test.app",
            "@",
            "a@",
            "@b.test",
            "a",
            "",
            "a@b",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "a@b.test.",
            ".a@b.test",
            "a.@b.test",
            "a..b@b.test",
            "a@.b.test",
            "a@b..test",
            "-oQ/tmp@x.test",
            "a@b@c.test",
            "a@b_c.test",
            "<a href=//evil>x</a>@x.test",
            "a@-b.test",
        ] {
            assert!(EmailAddress::parse(text).is_err(), "{text:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@x.test", "a".repeat(64))).is_ok());
        assert!(EmailAddress::parse(&format!("{}@x.test", "a".repeat(65))).is_err());
        assert!(EmailAddress::parse(&format!("a@{}.test", "b.".repeat(130))).is_err());
        assert!(EmailAddress::parse(&"a".repeat(1 << 20)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_accepted_has_one_at_sign_and_no_odd_character(text in "\\PC{0,12}[@＠﹫]?\\PC{0,12}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert_eq!(address.as_str().matches('@').count(), 1);
                prop_assert!(!address.as_str().contains([',', ';', '<', '>', '"', '(', ')', ' ', '\\', ':']));
                let again = EmailAddress::parse(address.as_str()).unwrap();
                prop_assert_eq!(again.key(), address.key());
            }
        }
    }
}
