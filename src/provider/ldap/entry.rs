//! The entry of a person, and what is taken from it. Rule: it is hostile until it has passed through the checks of every
//! profile; the account id comes from one attribute with one value, never from the name that was typed.

use std::collections::BTreeMap;

use ldap3::SearchEntry;
use serde_json::json;

use super::{AuthorizedUser, Failure};
use crate::{config::ldap::AccountId, provider::ProfileMap};

/// What is read of people (RFC 4519, RFC 2798, RFC 4530, Active Directory).
pub(super) const ATTRIBUTES: [&str; 9] = [
    "entryUUID",
    "objectGUID",
    "displayName",
    "cn",
    "uid",
    "sAMAccountName",
    "userPrincipalName",
    "mail",
    "memberOf",
];

/// An entry. Values are bytes: whether they are text is not the directory's to decide.
pub(super) struct Entry {
    pub(super) dn: String,
    /// By names in small letters: a directory may write them as it likes.
    attributes: BTreeMap<String, Vec<Vec<u8>>>,
}

impl From<SearchEntry> for Entry {
    fn from(entry: SearchEntry) -> Self {
        let texts = entry.attrs.into_iter().map(|(name, values)| {
            (name.to_ascii_lowercase(), values.into_iter().map(String::into_bytes).collect())
        });
        let binary = entry.bin_attrs.into_iter().map(|(name, values)| (name.to_ascii_lowercase(), values));
        Self { dn: entry.dn, attributes: texts.chain(binary).collect() }
    }
}

impl Entry {
    /// The person, with everything that callbacks may want to know.
    pub(super) fn user(&self, rule: &AccountId, groups: &[String]) -> Result<AuthorizedUser, Failure> {
        let id = self.account_id(rule).ok_or_else(|| {
            Failure::misconfigured(
                "an entry has no usable id: AUTH_LDAP_ID_ATTRIBUTE can name another attribute",
            )
        })?;
        let claims = json!({
            "sub": id,
            "dn": self.dn,
            "name": self.first_text("displayName").or(self.first_text("cn")),
            "preferred_username": self.first_text("uid").or(self.first_text("sAMAccountName")),
            "email": self.first_text("mail"),
            "groups": groups,
        });
        let profile =
            ProfileMap::CLAIMS.read(&claims).map_err(|error| Failure::misconfigured(error.to_string()))?;
        Ok(AuthorizedUser {
            id: profile.account_id,
            name: profile.name,
            email: profile.email.map(|email| email.to_string()),
            image: None,
            profile: Some(claims),
        })
    }

    fn account_id(&self, rule: &AccountId) -> Option<String> {
        match rule {
            AccountId::Dn => Some(self.dn.clone()),
            AccountId::Attribute(name) => self.only(name).map(id_text),
            AccountId::Standard => match self.only("entryUUID") {
                Some(id) => Some(id_text(id)),
                None => self.only("objectGUID").and_then(guid),
            },
        }
    }

    /// What `memberOf` says; `None` when the directory sends a part only, as Active Directory does with very many.
    pub(super) fn groups(&self) -> Option<Vec<String>> {
        if self.attributes.keys().any(|name| name.starts_with("memberof;range=")) {
            return None;
        }
        let texts = self.values("memberOf").iter().filter_map(|value| text(value));
        Some(texts.map(str::to_owned).collect())
    }

    /// The value of an attribute that has exactly one, if it is text.
    pub(super) fn only_text(&self, name: &str) -> Option<&str> {
        self.only(name).and_then(text)
    }

    fn first_text(&self, name: &str) -> Option<&str> {
        self.values(name).first().and_then(|value| text(value))
    }

    fn only(&self, name: &str) -> Option<&[u8]> {
        match self.values(name) {
            [value] => Some(value),
            _ => None,
        }
    }

    fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }
}

fn text(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok()
}

/// As it is, or in hexadecimal digits if it is no text.
fn id_text(value: &[u8]) -> String {
    let hexadecimal = || value.iter().map(|byte| format!("{byte:02x}")).collect();
    text(value).map_or_else(hexadecimal, str::to_owned)
}

/// As Active Directory writes it: the first three fields have their bytes in reverse (MS-DTYP section 2.3.4).
fn guid(value: &[u8]) -> Option<String> {
    let bytes: [u8; 16] = value.try_into().ok()?;
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let digit = |index: usize| {
        let dash = if matches!(index, 4 | 6 | 8 | 10) { "-" } else { "" };
        format!("{dash}{:02x}", bytes[order[index]])
    };
    Some((0..16).map(digit).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attributes: &[(&str, &[&[u8]])]) -> Entry {
        let attributes = attributes.iter().map(|(name, values)| {
            (name.to_ascii_lowercase(), values.iter().map(|value| value.to_vec()).collect())
        });
        Entry { dn: "uid=ada,dc=test".to_owned(), attributes: attributes.collect() }
    }

    #[test]
    fn an_account_is_named_by_one_value_that_stays() {
        let id = |attributes: &[(&str, &[&[u8]])], rule: &AccountId| entry(attributes).account_id(rule);
        let standard = &AccountId::Standard;
        assert_eq!(id(&[("entryUUID", &[b"u-1"])], standard).as_deref(), Some("u-1"));
        // Bytes that happen to be text are no text: the id must not depend on luck.
        let guid: &[u8] = b"abcdefghijklmnop";
        let expected = "64636261-6665-6867-696a-6b6c6d6e6f70";
        assert_eq!(id(&[("objectguid", &[guid])], standard).as_deref(), Some(expected));
        assert_eq!(id(&[("objectGUID", &[b"short"])], standard), None);
        assert_eq!(id(&[("entryUUID", &[b"u-1", b"u-2"])], standard), None, "two ids are none");
        assert_eq!(id(&[("uid", &[b"ada"]), ("cn", &[b"Ada"])], standard), None, "never the name");
        let own = AccountId::Attribute("nsUniqueId".to_owned());
        assert_eq!(id(&[("nsuniqueid", &[b"n-1"])], &own).as_deref(), Some("n-1"));
        assert_eq!(id(&[("nsuniqueid", &[b"\xff\x01"])], &own).as_deref(), Some("ff01"));
        assert_eq!(id(&[], &AccountId::Dn).as_deref(), Some("uid=ada,dc=test"));
    }

    #[test]
    fn id_11_em_14_jw_14_what_is_odd_is_dropped_or_refused() {
        let long = "n".repeat(100_000);
        let odd = entry(&[
            ("entryUUID", &[b"u-1"]),
            ("displayName", &[long.as_bytes()]),
            ("mail", &[b"a@b.test\r\nBcc: x@y.test"]),
            ("cn", &[b"\xff"]),
        ]);
        let user = odd.user(&AccountId::Standard, &[]).unwrap();
        assert_eq!((user.name.unwrap().len(), user.email), (200, None));
        for id in [&b""[..], b"a\0", long.as_bytes()] {
            assert!(entry(&[("entryUUID", &[id])]).user(&AccountId::Standard, &[]).is_err());
        }
    }

    #[test]
    fn a_part_of_the_groups_is_not_taken_for_all() {
        let groups: &[&[u8]] = &[b"cn=a,dc=test", b"cn=b,dc=test", b"\xff"];
        let whole = entry(&[("memberOf", groups)]);
        assert_eq!(whole.groups().unwrap(), ["cn=a,dc=test", "cn=b,dc=test"]);
        assert_eq!(entry(&[("memberOf", &[]), ("memberOf;range=0-1499", groups)]).groups(), None);
        assert_eq!(entry(&[]).groups().unwrap(), Vec::<String>::new());
    }
}
