//! What every mail looks like: a heading, some paragraphs, perhaps a button and a code, as HTML and as text.
//!
//! Nothing stands in it unescaped (GHSA-pgjx-7f9g-9463), and every link is one of our own pages.

use std::time::Duration;

use leptos_auth_locales::{Direction, Key, Language, mail};
use url::Url;

use super::{EmailAddress, MailData, OutgoingMail};
use crate::{config::Theme, html::escape};

/// A mail that is written.
pub(crate) struct Letter<'a> {
    pub(crate) to: &'a EmailAddress,
    /// `EMAIL_FROM`.
    pub(crate) from: &'a str,
    /// The host of `AUTH_URL`.
    pub(crate) host: &'a str,
    /// Colours of the button.
    pub(crate) theme: &'a Theme,
    /// That of the request which caused the mail.
    pub(crate) language: &'static Language,
}

/// What it says. Paragraphs are text, not markup.
#[derive(Default)]
pub(crate) struct Words<'a> {
    pub(crate) subject: String,
    pub(crate) heading: String,
    pub(crate) paragraphs: Vec<String>,
    /// Its label and where it leads.
    pub(crate) button: Option<(&'a str, &'a Url)>,
    /// What stands before the code, and the code.
    pub(crate) code: Option<(&'a str, &'a str)>,
    /// In small print.
    pub(crate) footer: String,
    /// How long link and code are good.
    pub(crate) valid_for: Duration,
}

impl Letter<'_> {
    /// The link that confirms a new address.
    pub(crate) fn confirm_address(&self, link: &Url, valid_for: Duration) -> OutgoingMail {
        let host = [("host", self.host)];
        let minutes = (valid_for.as_secs() / 60).to_string();
        self.write(&Words {
            subject: self.fill(mail::CONFIRM_SUBJECT, &host),
            heading: self.text(mail::CONFIRM_HEADING).to_owned(),
            paragraphs: vec![self.fill(mail::CONFIRM_LEAD, &host)],
            button: Some((self.text(mail::CONFIRM_BUTTON), link)),
            footer: self.fill(mail::CONFIRM_FOOTER, &[("minutes", &minutes)]),
            valid_for,
            ..Words::default()
        })
    }

    /// A text in the language of the mail.
    pub(crate) fn text(&self, key: Key) -> &'static str {
        self.language.text(key)
    }

    /// The same with its placeholders filled.
    pub(crate) fn fill(&self, key: Key, values: &[(&str, &str)]) -> String {
        let isolated: Vec<_> =
            values.iter().map(|(name, value)| (*name, isolated(self.language, value))).collect();
        let values: Vec<_> = isolated.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.language.fill(key, &values)
    }

    /// Puts the words into their form.
    pub(crate) fn write(&self, words: &Words<'_>) -> OutgoingMail {
        OutgoingMail {
            to: self.to.clone(),
            from: self.from.to_owned(),
            subject: words.subject.clone(),
            html: html(words, self.language, self.theme),
            text: text(words, self.language),
            data: MailData {
                url: words.button.map(|(_, link)| link.to_string()).unwrap_or_default(),
                code: words.code.map(|(_, code)| code.to_owned()).unwrap_or_default(),
                host: self.host.to_owned(),
                minutes: words.valid_for.as_secs() / 60,
                language: self.language.tag.to_owned(),
            },
        }
    }
}

/// Where lines begin on the right, a value keeps its own direction (isolates of UAX #9): the two groups of a code would
/// change places otherwise.
fn isolated(language: &Language, value: &str) -> String {
    match language.direction {
        Direction::Ltr => value.to_owned(),
        Direction::Rtl => format!("\u{2068}{value}\u{2069}"),
    }
}

fn text(words: &Words<'_>, language: &Language) -> String {
    let link = words.button.map(|(label, link)| format!("{label}:\n{link}"));
    let code = words.code.map(|(before, code)| format!("{before}\n{}", isolated(language, code)));
    let parts = std::iter::once(words.heading.clone()).chain(words.paragraphs.iter().cloned());
    let parts =
        parts.chain(link).chain(code).chain(Some(words.footer.clone()).filter(|text| !text.is_empty()));
    parts.collect::<Vec<_>>().join("\n\n") + "\n"
}

fn html(words: &Words<'_>, language: &Language, theme: &Theme) -> String {
    let (ground, color) = theme.mail_button();
    let button = format!(
        "display:inline-block;padding:12px 22px;border-radius:8px;background:{ground};color:{color};font-weight:600;text-decoration:none"
    );
    const CODE: &str = "margin:0 0 28px;font-size:28px;font-weight:700;letter-spacing:3px;font-family:ui-monospace,Menlo,Consolas,monospace";
    let heading = escape(&words.heading);
    let mut body = String::new();
    for paragraph in &words.paragraphs {
        body += &format!("<p style=\"margin:0 0 20px\">{}</p>\n", escape(paragraph));
    }
    if let Some((label, link)) = words.button {
        let (label, link) = (escape(label), escape(link.as_str()));
        body +=
            &format!("<p style=\"margin:0 0 28px\"><a href=\"{link}\" style=\"{button}\">{label}</a></p>\n");
    }
    if let Some((before, code)) = words.code {
        let (before, code) = (escape(before), escape(code));
        body += &format!(
            "<p style=\"margin:0 0 8px\">{before}</p>\n<p style=\"{CODE}\"><span dir=\"ltr\">{code}</span></p>\n"
        );
    }
    if !words.footer.is_empty() {
        body += &format!("<p style=\"margin:0;font-size:14px;opacity:.75\">{}</p>\n", escape(&words.footer));
    }
    // Twice: some services show a mail without its `<html>`.
    let locale = format!("lang=\"{}\" dir=\"{}\"", language.tag, language.direction.as_str());
    format!(
        r#"<!doctype html>
<html {locale}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>{heading}</title>
</head>
<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
<table role="presentation" {locale} cellpadding="0" cellspacing="0" style="max-width:440px;width:100%;margin:0 auto"><tr><td>
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">{heading}</h1>
{body}</td></tr></table>
</body>
</html>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn em_09_nothing_breaks_out_of_the_markup() {
        let link = Url::parse("https://app.test/x?callbackUrl=%22%3E&a='<b>\"&email=o'x@y.test").unwrap();
        let to = EmailAddress::parse("o'x@y.test").unwrap();
        let letter = Letter {
            to: &to,
            from: "App <no-reply@app.test>",
            host: "app.test",
            theme: &Theme::default(),
            language: Language::english(),
        };
        let mail = letter.write(&Words {
            subject: "S".to_owned(),
            heading: "<h>".to_owned(),
            paragraphs: vec!["<script>alert(1)</script>".to_owned()],
            button: Some(("\"Go\"", &link)),
            code: Some(("Or type", "1234 5678")),
            footer: "<i>".to_owned(),
            valid_for: Duration::from_secs(900),
        });
        for markup in ["<script>", "<i>", "<h>", "\"Go\""] {
            assert!(!mail.html.contains(markup), "{markup}");
        }
        assert!(mail.html.contains("1234 5678") && mail.text.contains("1234 5678"));
        assert!(mail.text.contains(link.as_str()));
        let start = mail.html.find("href=\"").unwrap() + 6;
        let href = &mail.html[start..start + mail.html[start..].find('"').unwrap()];
        assert_eq!(href.replace("&amp;", "&").replace("&#39;", "'"), link.as_str());
        assert_eq!((mail.data.url.as_str(), mail.data.minutes), (link.as_str(), 15));
    }
}
