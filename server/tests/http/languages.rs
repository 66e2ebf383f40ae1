//! The language of pages and mails: the one that was chosen here, else what the browser asks for, else English (LP-10).

use std::sync::{Arc, Mutex};

use leptos_auth::email::OutgoingMail;
use leptos_auth_locales::{LANGUAGES, Language, mail};

use crate::support::{Browser, Mail, TestServer, sign_in_email};

const ASK: &str = "/api/auth/signin/email";
const CHOOSE: &str = "/api/fn/set_language";
const ADDRESS: &str = "ada@example.com";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";

fn language(tag: &str) -> &'static Language {
    Language::of_tag(tag).unwrap()
}

/// The mail that a browser with these languages asks for.
async fn mail_for(server: &TestServer, browser: &mut Browser, accepted: &str) -> Mail {
    let headers = [("accept-language", accepted)];
    let asked = browser.submit_with(ASK, &headers, &[("email", ADDRESS)]).await;
    assert!(asked.location().contains("/verify-request"), "{asked:?}");
    server.mail_to(ADDRESS).await
}

/// The code as people read it, in two groups.
fn code(mail: &Mail) -> &str {
    let (_, code) = mail.html.split_once("<span dir=\"ltr\">").expect("a code");
    code.split_once('<').unwrap().0
}

/// The attributes of `<html>`: the menu of languages has `lang` and `dir` as well.
fn attributes(page: &str) -> &str {
    let (_, page) = page.split_once("<html").expect("a page");
    page.split_once('>').unwrap().0
}

fn assert_language(page: &str, tag: &str, dir: &str) {
    let attributes = attributes(page);
    for attribute in [format!("lang=\"{tag}\""), format!("dir=\"{dir}\"")] {
        assert!(attributes.contains(&attribute), "{attribute}: {attributes}");
    }
}

/// A sign-in mail in a language where lines begin on the left.
fn assert_mail(mail: &Mail, tag: &str) {
    assert_language(&mail.html, tag, "ltr");
    let (language, code) = (language(tag), code(mail));
    let host = ("host", "localhost");
    assert_eq!(mail.subject, language.fill(mail::CODE_SUBJECT, &[("code", code), host]));
    assert!(mail.text.starts_with(&language.fill(mail::SIGN_IN_HEADING, &[host])), "{}", mail.text);
    for text in [
        language.text(mail::SIGN_IN_LEAD).to_owned(),
        language.text(mail::CODE_LEAD).to_owned(),
        language.fill(mail::CODE_FOOTER, &[("minutes", "15")]),
    ] {
        assert!(mail.text.contains(&text), "{text}: {}", mail.text);
    }
}

#[tokio::test]
async fn a_mail_speaks_the_language_of_the_browser_that_asked() {
    let server = TestServer::start().await;
    let german = mail_for(&server, &mut server.browser(), "de-CH, fr;q=0.8").await;
    assert_mail(&german, "de");
    assert!(!german.subject.contains("is your code for"), "it is translated: {}", german.subject);
    for accepted in ["xx", ""] {
        let english = mail_for(&server, &mut server.browser(), accepted).await;
        assert_mail(&english, "en");
        assert_eq!(english.subject, format!("{} is your code for localhost", code(&english)));
    }
    server.browser().submit(ASK, &[("email", "grace@example.com")]).await;
    assert_mail(&server.mail_to("grace@example.com").await, "en");
}

#[tokio::test]
async fn what_was_chosen_counts_more_than_what_the_browser_asks_for() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.jar.insert("language".to_owned(), "fr".to_owned());
    assert_mail(&mail_for(&server, &mut browser, "de").await, "fr");
    let page = browser.get_with("/signin", &[("accept-language", "de")]).await;
    assert_language(&page.body, "fr", "ltr");
    browser.jar.insert("language".to_owned(), "\"><script>".to_owned());
    assert_mail(&mail_for(&server, &mut browser, "de").await, "de");
}

#[tokio::test]
async fn in_arabic_lines_begin_on_the_right_and_the_code_stays_as_it_is() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let mail = mail_for(&server, &mut browser, "ar").await;
    assert_language(&mail.html, "ar", "rtl");
    let code = code(&mail);
    assert!(code.len() == 9 && code.chars().all(|c| c.is_ascii_digit() || c == ' '), "{code}");
    // Without the isolates its two groups would change places.
    let isolated = format!("\u{2068}{code}\u{2069}");
    assert!(mail.subject.contains(&isolated) && mail.text.contains(&isolated), "{mail:?}");
    let answer = browser.submit("/api/auth/callback/email", &[("code", code)]).await;
    answer.assert_signed_in();
}

#[tokio::test]
async fn what_an_owner_is_told_is_in_the_language_of_the_request() {
    let server = TestServer::start().await;
    sign_in_email(&server, &mut server.browser(), ADDRESS).await;
    let mut other = server.browser();
    other.user_agent = FIREFOX;
    other.jar.insert("language".to_owned(), "de".to_owned());
    sign_in_email(&server, &mut other, ADDRESS).await;
    let german = language("de");
    let told = server.told(ADDRESS, german.text(mail::NEW_BROWSER_HEADING)).await;
    assert_language(&told.html, "de", "ltr");
    let device = german.fill(mail::DEVICE, &[("browser", "Firefox"), ("system", "Linux")]);
    let method = german.text(mail::METHOD_EMAIL);
    let sentence = german.fill(mail::NEW_BROWSER_LEAD, &[("method", method)]);
    for text in [device.as_str(), sentence.as_str(), "127.0.0.1", german.text(mail::UNDO_BUTTON)] {
        assert!(told.text.contains(text), "{text}: {}", told.text);
    }
}

#[tokio::test]
async fn a_sender_with_words_of_its_own_learns_the_language() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let outbox = sent.clone();
    let send = move |mail: OutgoingMail| {
        let outbox = outbox.clone();
        async move {
            outbox.lock().unwrap().push(mail.data.language);
            Ok(())
        }
    };
    let server = TestServer::extended(&[], |builder| builder.mailer(send, "Mine <mine@app.test>")).await;
    for accepted in ["de", "xx"] {
        let headers = [("accept-language", accepted)];
        server.browser().submit_with(ASK, &headers, &[("email", ADDRESS)]).await;
    }
    assert_eq!(*sent.lock().unwrap(), ["de", "en"]);
}

#[tokio::test]
async fn a_page_speaks_the_language_of_the_browser() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    for (accepted, tag, dir) in [("ar", "ar", "rtl"), ("ja, en;q=0.5", "ja", "ltr"), ("xx", "en", "ltr")] {
        let page = browser.get_with("/signin", &[("accept-language", accepted)]).await;
        assert_eq!(page.status, 200, "{accepted}");
        assert_language(&page.body, tag, dir);
    }
    assert_language(&browser.get("/signin").await.body, "en", "ltr");
}

#[tokio::test]
async fn a_language_is_chosen_in_the_footer() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let html = [("accept", "text/html")];
    for (tag, dir) in [("de", "ltr"), ("ar", "rtl"), ("en", "ltr")] {
        let form = [("language", tag), ("back", "/signin?callbackUrl=%2Faccount")];
        let answer = browser.post_with(CHOOSE, &html, &form).await;
        assert_eq!((answer.status, answer.location()), (302, "/signin?callbackUrl=%2Faccount"), "{answer:?}");
        let cookies = answer.set_cookies();
        assert_eq!(cookies.len(), 1, "{cookies:?}");
        assert!(cookies[0].starts_with(&format!("language={tag}; Path=/;")), "{cookies:?}");
        assert!(cookies[0].contains("HttpOnly") && cookies[0].contains("SameSite=Lax"), "{cookies:?}");
        let page = browser.get_with(answer.location(), &[("accept-language", "fr")]).await;
        assert_language(&page.body, tag, dir);
    }
}

#[tokio::test]
async fn lp_10_a_language_that_nobody_speaks_here_changes_nothing() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let html = [("accept", "text/html")];
    browser.post_with(CHOOSE, &html, &[("language", "de"), ("back", "/")]).await;
    for odd in ["xx", "", "../de", "de; Domain=evil.test", "fr\r\nset-cookie: a=b", "\"><script>"] {
        let answer = browser.post_with(CHOOSE, &html, &[("language", odd), ("back", "/signin")]).await;
        assert_eq!((answer.status, answer.location()), (302, "/signin"), "{odd:?}: {answer:?}");
        let cookies = answer.set_cookies();
        assert_eq!(cookies.len(), 1, "{odd:?}: {cookies:?}");
        assert!(cookies[0].starts_with("language=de; Path=/;"), "{odd:?}: {cookies:?}");
        assert!(!cookies[0].contains("Domain"), "{odd:?}: {cookies:?}");
        assert_language(&browser.get("/signin").await.body, "de", "ltr");
    }
}

#[tokio::test]
async fn lp_10_choosing_a_language_leads_to_no_other_site() {
    let server = TestServer::start().await;
    let mut browser = server.browser();
    let headers = [("accept", "text/html"), ("referer", "https://evil.test/")];
    for back in [
        "https://evil.test/",
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "javascript:alert(1)",
        "/x\r\nlocation: https://evil.test",
        "/\t/evil.test",
        "",
    ] {
        let answer = browser.post_with(CHOOSE, &headers, &[("language", "de"), ("back", back)]).await;
        assert_eq!((answer.status, answer.location()), (302, "/"), "{back:?}: {answer:?}");
    }
    let foreign = [("origin", "https://evil.test")];
    let answer = server.browser().post_with(CHOOSE, &foreign, &[("language", "de"), ("back", "/")]).await;
    assert_eq!((answer.status, answer.set_cookies().len()), (403, 0), "another site chooses nothing");
}

/// What of a page stands outside of the brackets of `en-XA`: data, or a text that somebody forgot to give a key.
fn without_key(page: &str) -> Vec<String> {
    let (_, body) = page.split_once("<body").expect("a page");
    let (mut found, mut depth, mut rest) = (Vec::new(), 0_usize, body);
    let mut plain = String::new();
    let mut keep = |plain: &mut String| {
        let text = std::mem::take(plain);
        if text.chars().filter(|letter| letter.is_alphabetic()).count() > 1 {
            found.push(text.trim().to_owned());
        }
    };
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '<' if rest.starts_with("script")
                || rest.starts_with("svg")
                || rest.starts_with("code")
                || rest.starts_with("pre") =>
            {
                let name = rest.split([' ', '>']).next().unwrap_or_default();
                let end = format!("</{name}>");
                rest = rest.split_once(end.as_str()).map_or("", |(_, after)| after);
                keep(&mut plain);
            }
            '<' => {
                let (tag, after) = rest.split_once('>').unwrap_or((rest, ""));
                rest = after;
                keep(&mut plain);
                for attribute in ["aria-label=\"", "alt=\"", "placeholder=\""] {
                    let value = tag.split_once(attribute).and_then(|(_, value)| value.split_once('"'));
                    if let Some((value, _)) = value.filter(|(value, _)| !value.starts_with('⟦')) {
                        keep(&mut value.to_owned());
                    }
                }
            }
            '⟦' => {
                keep(&mut plain);
                depth += 1;
            }
            '⟧' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
    }
    found
}

#[tokio::test]
async fn t_15_no_page_has_a_text_without_a_key() {
    /// Only developers see them.
    const FOR_DEVELOPERS: [&str; 3] = ["hook", "long-form", "overview"];
    let server = TestServer::start().await;
    let mut browser = server.browser();
    browser.jar.insert("language".to_owned(), "en-XA".to_owned());
    let list = browser.get("/dev/gallery").await.body;
    let states: Vec<_> =
        list.split("href=\"/dev/gallery/").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(states.len() > 100, "{}", states.len());
    let is_public = |state: &&&str| !FOR_DEVELOPERS.iter().any(|name| state.contains(name));
    let mut forgotten = std::collections::BTreeMap::<String, &str>::new();
    for state in states.iter().filter(is_public) {
        let page = browser.get(&format!("/dev/gallery/{state}")).await;
        for text in without_key(&page.body) {
            forgotten.entry(text).or_insert(state);
        }
    }
    let forgotten: Vec<_> = forgotten.into_iter().filter(|(text, _)| !is_data(text)).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    let control = browser.get("/dev/gallery").await;
    assert!(
        without_key(&control.body).iter().any(|text| text == "Page gallery"),
        "the test does see such texts"
    );
}

/// What the samples of the gallery say, and the names of things, which are the same in every language.
fn is_data(text: &str) -> bool {
    const DATA: [&str; 15] = [
        "Firefox on Linux",
        "Firefox on Linux, 2001:db8:85a3::8a2e:370:7334",
        "GitHub",
        "GitHub Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximiliana Anastasia",
        "GitHub octocat",
        "Google",
        "Leptos Auth",
        "Safari on iPhone",
        "The blue key that hangs beside the door",
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximiliana Anastasia",
        "Your Company Single Sign-On",
        "ada@example.com",
        "iCloud Keychain",
        "octocat",
        "wolfeschlegelsteinhausenbergerdorff.maximiliana.anastasia@subdomain.of-a-very-long-company-name.example.com",
    ];
    DATA.contains(&text) || LANGUAGES.iter().any(|language| language.name == text)
}
