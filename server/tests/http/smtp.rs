//! Mail over a real SMTP conversation, with a server that takes it and with servers that do not (EM, ML and SM rows).

use std::time::{Duration, Instant};

use crate::support::{
    Answer, TestServer,
    smtp_sink::{Manner, SmtpSink},
};

const ASK: &str = "/api/auth/signin/email";

async fn server_with(sink: &SmtpSink) -> TestServer {
    TestServer::with(&[("EMAIL_SERVER", &sink.url), ("EMAIL_FROM", "My App <no-reply@app.test>")]).await
}

async fn ask(server: &TestServer, address: &str) -> Answer {
    server.browser().submit(ASK, &[("email", address)]).await
}

/// Undoes the soft line breaks and escapes of quoted-printable (RFC 2045 section 6.7).
fn unfold(data: &str) -> String {
    data.replace("=\n", "").replace("=3D", "=")
}

#[tokio::test]
async fn em_05_em_06_one_mail_to_one_recipient() {
    let sink = SmtpSink::start(Manner::Takes).await;
    let server = server_with(&sink).await;
    let answer = ask(&server, "Ada.O'Hara@example.com").await;
    assert!(answer.location().contains("/verify-request"), "{answer:?}");
    for address in ["v@app.test\r\nBcc:a@evil.test", "v@app.test\nRCPT TO:<a@evil.test>", "a@b.test,c@d.test"]
    {
        ask(&server, address).await.assert_denied();
    }
    let received = sink.received();
    assert_eq!(received.len(), 1, "{received:?}");
    let mail = &received[0];
    assert!(mail.from.starts_with("MAIL FROM:<no-reply@app.test>"), "{mail:?}");
    assert_eq!(mail.to, ["RCPT TO:<Ada.O'Hara@example.com>"]);
    let data = unfold(&mail.data);
    for part in [
        "From: \"My App\" <no-reply@app.test>",
        "To: ",
        "Subject: ",
        "Content-Type: multipart/alternative",
        "Content-Type: text/plain",
        "Content-Type: text/html",
        "/api/auth/callback/email?",
    ] {
        assert!(data.contains(part), "{part}: {data}");
    }
    assert!(!data.contains("Bcc"));
}

#[tokio::test]
async fn the_link_of_a_real_mail_signs_in() {
    let sink = SmtpSink::start(Manner::Takes).await;
    let server = server_with(&sink).await;
    let mut browser = server.browser();
    browser.submit(ASK, &[("email", "ada@example.com")]).await;
    let data = unfold(&sink.received()[0].data);
    let link = data.lines().find(|line| line.starts_with("http")).expect("a link").to_owned();
    let value = |name: &str| crate::support::query(&link, name).unwrap();
    let (token, email) = (value("token"), value("email"));
    let form = [("token", token.as_str()), ("email", email.as_str())];
    assert!(browser.submit("/api/auth/callback/email", &form).await.signs_in());
}

#[tokio::test]
async fn sm_01_sm_03_a_mail_that_cannot_be_sent_leaves_no_token() {
    let mut nobody = SmtpSink::start(Manner::Takes).await;
    nobody.url = "smtp://127.0.0.1:9".to_owned();
    let refusing = SmtpSink::start(Manner::RefusesRecipient).await;
    let busy = SmtpSink::start(Manner::RefusesForNow).await;
    for sink in [nobody, refusing, busy] {
        let server = server_with(&sink).await;
        let answer = ask(&server, "ada@example.com").await;
        answer.assert_denied();
        assert_eq!(answer.error().as_deref(), Some("EmailSignin"), "{}", sink.url);
        assert!(!answer.set_cookies().iter().any(|cookie| cookie.contains("verify-request")));
        assert_eq!((server.rows().await.tokens, sink.received().len()), (0, 0));
    }
}

#[tokio::test]
async fn sm_02_a_silent_server_is_given_up_and_stops_nobody() {
    let sink = SmtpSink::start(Manner::Silent).await;
    let server = server_with(&sink).await;
    let started = Instant::now();
    let mut browser = server.browser();
    let meanwhile = async {
        for _ in 0..10 {
            assert!(browser.who().await.is_null());
        }
        started.elapsed()
    };
    let (answer, others) = tokio::join!(ask(&server, "ada@example.com"), meanwhile);
    assert_eq!(answer.error().as_deref(), Some("EmailSignin"));
    assert!(others < Duration::from_secs(5), "{others:?}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    assert_eq!(server.rows().await.tokens, 0);
}

#[tokio::test]
async fn ml_13_no_mail_without_a_stored_token() {
    let sink = SmtpSink::start(Manner::Takes).await;
    let server = server_with(&sink).await;
    server.execute("ALTER TABLE verification_tokens RENAME TO away").await;
    let answer = ask(&server, "ada@example.com").await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(sink.received().is_empty());
    server.execute("ALTER TABLE away RENAME TO verification_tokens").await;
    assert!(ask(&server, "ada@example.com").await.location().contains("/verify-request"), "control");
    assert_eq!(sink.received().len(), 1);
}
