//! Parses the link of an email. Mail programs, scanners and users change links on the way. This module reads a changed link
//! if its meaning is clear, and tells an incomplete link apart from a wrong or used one.
//!
//! | change | accepted |
//! | --- | --- |
//! | `&amp;` for `&`, also twice or percent-encoded | yes |
//! | a dot, a bracket or a quotation mark at the end | yes |
//! | `=3D` for `=`, and line breaks (quoted-printable, RFC 2045 section 6.7) | yes |
//! | the query encoded once more | yes |
//! | a missing part | no: the page says so |
//!
//! A complete link is read unchanged: nothing in it is treated as damage.

use leptos::prelude::*;
use leptos_auth_locales::{incomplete_link, way_on};

use super::{query, raw_query, value_in, with_query};
use crate::{
    component::{AuthCard, Mark, PageHeader},
    text::t,
};

/// The lengths of a token: ours, and that of an email which Auth.js sent.
const TOKEN_LENGTHS: [usize; 2] = [43, 64];

/// A complete link.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct MailLink {
    pub(super) token: String,
    pub(super) email: String,
    pub(super) callback_url: Option<String>,
    /// Whether the email was requested without "Keep me signed in".
    pub(super) is_shared: bool,
}

impl MailLink {
    /// Returns the link that this page was opened with; `None` if a part is missing.
    pub(super) fn of_address() -> Option<Self> {
        Self::parse(&raw_query())
    }

    /// Returns the token of a link that contains nothing else.
    pub(super) fn token_of_address(has_shape: fn(&str) -> bool) -> Option<String> {
        readings(&raw_query()).into_iter().find_map(|query| token(&query, has_shape))
    }

    fn parse(query: &str) -> Option<Self> {
        readings(query).into_iter().find_map(|query| {
            let email = clean(&value_in(&query, "email")?);
            Some(Self {
                token: token(&query, has_token_shape)?,
                email: Some(email).filter(|email| looks_like_address(email))?,
                callback_url: value_in(&query, "callbackUrl"),
                is_shared: value_in(&query, "remember").is_some_and(|remember| clean(&remember) != "true"),
            })
        })
    }
}

/// Returns the query unchanged, followed by the possible originals of a changed query.
fn readings(query: &str) -> [String; 4] {
    let unbroken = joined(query, &["%0D%0A", "%0d%0a", "%0A", "%0a"]);
    let joined = joined(query, &["=%0D%0A", "=%0d%0a", "=%0A", "%0D%0A", "%0d%0a", "%0A", "%0a"]);
    let mut separated = joined.clone();
    for separator in ["%26amp%3B", "%26AMP%3B", "%26amp%3b", "%26AMP%3b", "&AMP;"] {
        separated = separated.replace(separator, "&amp;");
    }
    while separated.contains("&amp;") {
        separated = separated.replace("&amp;", "&");
    }
    let equals = separated.replace("=3D", "=").replace("=3d", "=");
    let decoded = joined.replace("%3D", "=").replace("%3d", "=").replace("%26", "&").replace("%25", "%");
    [unbroken, separated, equals, decoded]
}

/// Removes inserted line breaks; none of our values contains one.
fn joined(query: &str, breaks: &[&str]) -> String {
    breaks.iter().fold(query.to_owned(), |query, line_break| query.replace(line_break, ""))
}

fn token(query: &str, has_shape: fn(&str) -> bool) -> Option<String> {
    Some(clean(&value_in(query, "token")?)).filter(|token| has_shape(token))
}

/// Removes spaces, and characters that follow a link in a sentence. None of our values ends with such a character.
fn clean(value: &str) -> String {
    let value: String = value.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    value.trim_end_matches(|c| !is_part(c)).to_owned()
}

/// Returns whether a text has the form of a token in an email.
pub(super) fn has_token_shape(token: &str) -> bool {
    TOKEN_LENGTHS.contains(&token.len()) && token.bytes().all(is_base64url)
}

/// Returns whether a text has the form of an encrypted token: five parts (RFC 7516 section 7.1).
pub(super) fn has_sealed_shape(token: &str) -> bool {
    token.split('.').count() == 5 && token.bytes().all(|byte| is_base64url(byte) || byte == b'.')
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// Anyone can write the address in a link, so nothing that could be read as a sentence is displayed.
fn looks_like_address(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !('\u{200b}'..='\u{206f}').contains(&c);
    let parts = text.split_once('@');
    text.len() <= 254
        && text.chars().all(is_plain)
        && parts
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

/// Returns the page's URL with the target of the sign-in, if that is known.
pub(super) fn with_target(path: &str) -> String {
    match query("callbackUrl") {
        Some(target) => with_query(path, &[("callbackUrl", &target)]),
        None => path.to_owned(),
    }
}

/// The page for an incomplete link.
#[component]
pub fn IncompleteLinkView(
    /// The page that requests another email.
    new_email: String,
    /// Whether this browser waits for that email, so that its code can be entered.
    #[prop(optional)]
    is_waiting: bool,
) -> impl IntoView {
    let lead = if is_waiting { incomplete_link::LEAD } else { incomplete_link::LEAD_WITHOUT_CODE };
    let ask = |class: &'static str| view! { <a class=class href=new_email>{t(way_on::NEW_EMAIL)}</a> };
    let ways = if is_waiting {
        view! {
            <a class="button button-primary button-wide" href="/verify-request">{t(incomplete_link::ENTER_CODE)}</a>
            {ask("button button-wide")}
        }
        .into_any()
    } else {
        ask("button button-primary button-wide").into_any()
    };
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Mail title=t(incomplete_link::TITLE)>{t(lead)}</PageHeader>
            {ways}
        </AuthCard>
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    const TOKEN: &str = "3DkV0vZ2m_Xq8-Yw3sT5uN7pR9aB1cD4eF6gH8iJ0kL";
    const PATH: &str = "callbackUrl=http%3A%2F%2Flocalhost%2Faccount%3Fq%3Da%2526b";

    fn link() -> String {
        format!("{PATH}&token={TOKEN}&email=ada%2Bx%40example.com&remember=false")
    }

    fn whole() -> MailLink {
        MailLink {
            token: TOKEN.to_owned(),
            email: "ada+x@example.com".to_owned(),
            callback_url: Some("http://localhost/account?q=a%26b".to_owned()),
            is_shared: true,
        }
    }

    #[test]
    fn i_16_a_link_that_was_changed_on_the_way_is_read() {
        assert_eq!(MailLink::parse(&link()), Some(whole()), "control");
        for between in ["&amp;", "&AMP;", "&amp;amp;", "%26amp%3B"] {
            assert_eq!(MailLink::parse(&link().replace('&', between)), Some(whole()), "{between}");
        }
        for behind in
            [".", ")", ",", "%3E", "%22", ">", "\"", ");", "%E2%80%9D.", "!", "%20", "&", "&amp;", "%0D%0A"]
        {
            assert_eq!(MailLink::parse(&format!("{}{behind}", link())), Some(whole()), "{behind}");
            let without = link().replace("&remember=false", behind);
            assert_eq!(MailLink::parse(&without), Some(MailLink { is_shared: false, ..whole() }), "{behind}");
        }
        assert_eq!(MailLink::parse(&link().replace('=', "=3D")), Some(whole()));
        for line_break in ["%0D%0A", "%0A", "=%0D%0A", "%0D%0A%20"] {
            let mut broken = link();
            broken.insert_str(PATH.len() + 20, line_break);
            assert_eq!(MailLink::parse(&broken), Some(whole()), "{line_break}");
        }
        let encoded = link().replace('%', "%25").replace('&', "%26").replace('=', "%3D");
        assert_eq!(MailLink::parse(&encoded), Some(whole()));
    }

    #[test]
    fn i_16_a_link_with_a_part_missing_is_not_whole() {
        for cut in 0..link().find("%40").unwrap() {
            assert_eq!(MailLink::parse(&link()[..cut]), None, "{}", &link()[..cut]);
        }
        for damaged in [
            link().replace(TOKEN, &TOKEN[..40]),
            link().replace(TOKEN, ""),
            link().replace(TOKEN, &TOKEN.replace('V', "!")),
            link().replace("ada%2Bx%40example.com", "ada"),
            link().replace("email", "mail"),
        ] {
            assert_eq!(MailLink::parse(&damaged), None, "{damaged}");
        }
    }

    #[test]
    fn i_03_an_address_is_decoded_once() {
        let of =
            |email: &str| MailLink::parse(&format!("token={TOKEN}&email={email}")).map(|link| link.email);
        for (email, expected) in [
            ("a%2541b%40example.com", "a%41b@example.com"),
            ("a%2Bb%40example.com", "a+b@example.com"),
            ("a%2526b%40example.com", "a%26b@example.com"),
            ("a%252Bb%40example.com", "a%2Bb@example.com"),
            ("3Da%40example.com", "3Da@example.com"),
        ] {
            assert_eq!(of(email).as_deref(), Some(expected), "{email}");
        }
    }

    #[test]
    fn only_addresses_are_displayed() {
        assert!(looks_like_address("ada@example.com"));
        for text in
            ["", "ada", "@", "a@", "@b", "a@b@c", "your account is locked@call", "a@\u{202e}b", "a@b\n"]
        {
            assert!(!looks_like_address(text), "{text}");
        }
        assert!(!looks_like_address(&format!("a@{}", "b".repeat(300))));
    }
}
