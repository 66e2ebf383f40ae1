//! The one mail of an e-mail sign-in: a link and a code, as HTML and as text.
//!
//! Nothing that a visitor typed stands in it unescaped (GHSA-pgjx-7f9g-9463), and the link is always ours.
//! The code stands in the subject, so that it can be read in a notification.

use std::time::Duration;

use url::Url;

use super::{EmailAddress, MailData, OutgoingMail};
use crate::html::escape;

/// What the mail says.
pub(crate) struct SignInMail<'a> {
    pub(crate) to: &'a EmailAddress,
    pub(crate) from: &'a str,
    pub(crate) link: &'a Url,
    /// Eight digits.
    pub(crate) code: &'a str,
    pub(crate) base_url: &'a Url,
    pub(crate) valid_for: Duration,
}

/// Writes the mail.
pub(crate) fn sign_in_mail(mail: &SignInMail<'_>) -> OutgoingMail {
    let host = mail.base_url.host_str().unwrap_or_default();
    let code = format!("{} {}", &mail.code[..4], &mail.code[4..]);
    let minutes = mail.valid_for.as_secs() / 60;
    OutgoingMail {
        to: mail.to.clone(),
        from: mail.from.to_owned(),
        subject: format!("{code} is your code for {host}"),
        html: html(host, mail, &code, minutes),
        text: text(host, mail, &code, minutes),
        data: MailData { url: mail.link.to_string(), code, host: host.to_owned(), minutes },
    }
}

fn text(host: &str, mail: &SignInMail<'_>, code: &str, minutes: u64) -> String {
    format!(
        "Sign in to {host}\n\n\
         Open this link on the device where you want to be signed in:\n{link}\n\n\
         Or type this code on the page that asked for it:\n{code}\n\n\
         The link and the code work once, for {minutes} minutes. Never give the code to anybody.\n\
         If you did not ask for this mail, you can ignore it: nothing happens without the link or the code.\n",
        link = mail.link
    )
}

fn html(host: &str, mail: &SignInMail<'_>, code: &str, minutes: u64) -> String {
    let (host, link) = (escape(host), escape(mail.link.as_str()));
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Sign in to {host}</title>
</head>
<body style="margin:0;padding:24px 16px;font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:16px;line-height:1.5">
<table role="presentation" cellpadding="0" cellspacing="0" style="max-width:440px;width:100%;margin:0 auto"><tr><td>
<h1 style="font-size:22px;line-height:1.3;margin:0 0 16px">Sign in to {host}</h1>
<p style="margin:0 0 20px">Open the link on the device where you want to be signed in.</p>
<p style="margin:0 0 28px"><a href="{link}" style="display:inline-block;padding:12px 22px;border-radius:8px;background:#4338ca;color:#ffffff;font-weight:600;text-decoration:none">Sign in</a></p>
<p style="margin:0 0 8px">Or type this code on the page that asked for it:</p>
<p style="margin:0 0 28px;font-size:28px;font-weight:700;letter-spacing:3px;font-family:ui-monospace,Menlo,Consolas,monospace" dir="ltr">{code}</p>
<p style="margin:0;font-size:14px;opacity:.75">The link and the code work once, for {minutes} minutes. Never give the code to anybody. If you did not ask for this mail, you can ignore it: nothing happens without the link or the code.</p>
</td></tr></table>
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
        let mail = sign_in_mail(&SignInMail {
            to: &EmailAddress::parse("o'x@y.test").unwrap(),
            from: "App <no-reply@app.test>",
            link: &link,
            code: "12345678",
            base_url: &Url::parse("https://app.test").unwrap(),
            valid_for: Duration::from_secs(900),
        });
        assert!(mail.html.contains("1234 5678") && mail.text.contains("1234 5678"));
        assert!(mail.subject.starts_with("1234 5678 is your code for app.test"));
        assert!(mail.text.contains(link.as_str()));
        let start = mail.html.find("href=\"").unwrap() + 6;
        let href = &mail.html[start..start + mail.html[start..].find('"').unwrap()];
        assert_eq!(href.replace("&amp;", "&").replace("&#39;", "'"), link.as_str());
    }
}
