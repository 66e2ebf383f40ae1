//! The mail server, as the program and `doctor` use it: certificates, STARTTLS, the password, and what it rejects.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::Value;

use super::program::{Program, Running, SECRET};
use crate::support::Browser;

const PASSWORD: &str = "mail-password-7719";
const FROM: (&str, &str) = ("EMAIL_FROM", "no-reply@app.test");

/// A mail server. It answers 250 to every command that `refuses` does not name.
#[derive(Clone, Default)]
struct MailServer {
    /// The extensions in the response to EHLO.
    extensions: &'static [&'static str],
    /// The beginning of a command, and the response to it.
    refuses: Option<(&'static str, &'static str)>,
    /// TLS from the first byte.
    tls: Option<Arc<ServerConfig>>,
    /// All commands that were received.
    commands: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// Listens, and returns the port.
    fn start(&self) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, server) = (listener.local_addr().unwrap().port(), self.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let server = server.clone();
                std::thread::spawn(move || server.accept(stream));
            }
        });
        port
    }

    fn accept(&self, stream: TcpStream) -> Option<()> {
        match &self.tls {
            Some(config) => self.talk(StreamOwned::new(ServerConnection::new(config.clone()).ok()?, stream)),
            None => self.talk(stream),
        }
    }

    fn talk(&self, stream: impl Read + Write) -> Option<()> {
        let mut stream = BufReader::new(stream);
        write_line(stream.get_mut(), "220 mail.test")?;
        let mut line = String::new();
        let mut is_message = false;
        while stream.read_line(&mut line).ok()? > 0 {
            let command = std::mem::take(&mut line);
            if is_message {
                if command.trim_end() == "." {
                    is_message = false;
                    write_line(stream.get_mut(), "250 taken")?;
                }
                continue;
            }
            self.commands.lock().unwrap().push(command.trim_end().to_owned());
            match self.refuses.filter(|(begins, _)| command.starts_with(begins)) {
                Some((_, refusal)) => write_line(stream.get_mut(), refusal)?,
                None if command.starts_with("EHLO") => {
                    let lines: Vec<_> = std::iter::once(&"mail.test").chain(self.extensions).collect();
                    for (index, line) in lines.iter().enumerate() {
                        let separator = if index + 1 == lines.len() { ' ' } else { '-' };
                        write_line(stream.get_mut(), &format!("250{separator}{line}"))?;
                    }
                }
                None if command.starts_with("AUTH") => write_line(stream.get_mut(), "235 welcome")?,
                None if command.starts_with("DATA") => {
                    is_message = true;
                    write_line(stream.get_mut(), "354 go on")?;
                }
                None if command.starts_with("QUIT") => return write_line(stream.get_mut(), "221 bye"),
                None => write_line(stream.get_mut(), "250 ok")?,
            }
        }
        Some(())
    }

    fn was_told(&self, command: &str) -> bool {
        self.commands.lock().unwrap().iter().any(|line| line.starts_with(command))
    }
}

fn write_line(stream: &mut impl Write, text: &str) -> Option<()> {
    stream.write_all(format!("{text}\r\n").as_bytes()).ok()?;
    stream.flush().ok()
}

/// Returns the certificate of a company's authority in PEM, and a server `localhost` whose certificate it has signed.
fn company() -> (String, Arc<ServerConfig>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "A company");
    let authority = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let own_key = KeyPair::generate().unwrap();
    let own =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&own_key, &issuer).unwrap();
    leptos_auth_server::tls::install();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own_key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let pem = openssl::x509::X509::from_der(authority.der()).unwrap().to_pem().unwrap();
    (
        String::from_utf8(pem).unwrap(),
        Arc::new(config.with_single_cert(vec![own.der().clone()], private).unwrap()),
    )
}

/// Returns `doctor`'s findings about email, and its exit code.
fn doctor(variables: &[(&str, &str)], authority: Option<&str>) -> (Option<i32>, Vec<(String, String)>) {
    let base = [("AUTH_ENV", "development"), ("DATABASE_URL", "memory:"), FROM];
    let file = authority.map(|pem| {
        let file = crate::support::new_folder().join("ca.pem");
        std::fs::write(&file, pem).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let file = file.as_deref().map(|file| ("SSL_CERT_FILE", file));
    let variables: Vec<_> = base.iter().chain(variables).copied().chain(file).collect();
    let (code, text, log) = Program::new(&variables).told(&["doctor", "--json"]);
    assert!(!text.contains(PASSWORD) && !log.contains(PASSWORD), "{text}{log}");
    let report: Value = serde_json::from_str(&text).expect(&text);
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["what"] == "mail");
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    (code, findings.map(|finding| (word(&finding["state"]), word(&finding["message"]))).collect())
}

fn url(scheme: &str, host: &str, port: u16) -> String {
    format!("{scheme}://user:{PASSWORD}@{host}:{port}")
}

#[test]
fn i_15_doctor_says_what_is_wrong_with_the_mail_server() {
    const AUTH: &[&str] = &["AUTH PLAIN LOGIN"];
    let takes = |extensions| MailServer { extensions, ..MailServer::default() };
    let refuses = |begins, answer| MailServer { refuses: Some((begins, answer)), ..takes(AUTH) };
    for (server, expected) in [
        (refuses("AUTH", "535 5.7.8 mail-password-7719 is wrong"), "user name and the password"),
        (takes(&[]), "AUTH PLAIN"),
        (refuses("MAIL", "550 not your address"), "EMAIL_FROM"),
        (refuses("RCPT", "530 authentication required"), "does not accept email from this program"),
    ] {
        let (code, findings) = doctor(&[("EMAIL_SERVER", &url("smtp", "127.0.0.1", server.start()))], None);
        assert_eq!((code, findings.len(), findings[0].0.as_str()), (Some(1), 1, "wrong"), "{findings:?}");
        assert!(findings[0].1.contains(expected), "{expected}: {findings:?}");
        assert!(!server.was_told("DATA"), "no message is sent");
    }
    // A name of this machine that does not look like one.
    let server = takes(AUTH);
    let (code, findings) = doctor(&[("EMAIL_SERVER", &url("smtp", "127.1", server.start()))], None);
    assert_eq!((code, findings[0].0.as_str()), (Some(1), "wrong"), "{findings:?}");
    assert!(findings[0].1.contains("does not offer STARTTLS"), "{findings:?}");
    assert!(!server.was_told("AUTH") && !server.was_told("MAIL"), "nothing is sent in clear text");

    let server = takes(&["AUTH PLAIN LOGIN", "SMTPUTF8", "8BITMIME"]);
    let (code, findings) = doctor(&[("EMAIL_SERVER", &url("smtp", "127.0.0.1", server.start()))], None);
    assert_eq!((code, findings.len(), findings[0].0.as_str()), (Some(0), 1, "good"), "control: {findings:?}");
    assert!(server.was_told("RCPT") && !server.was_told("DATA"));

    let (code, findings) = doctor(&[("EMAIL_SERVER", &url("smtp", "127.0.0.1", takes(AUTH).start()))], None);
    assert_eq!((code, findings[1].0.as_str()), (Some(0), "careful"), "{findings:?}");
    assert!(findings[1].1.contains("SMTPUTF8"), "{findings:?}");
}

#[test]
fn i_15_doctor_says_that_nobody_answers() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (code, findings) = doctor(&[("EMAIL_SERVER", &url("smtp", "127.0.0.1", free))], None);
    assert_eq!(code, Some(1));
    assert!(findings[0].1.contains("cannot be reached"), "{findings:?}");
    let plain = MailServer::default().start();
    let (_, findings) = doctor(&[("EMAIL_SERVER", &url("smtps", "localhost", plain))], None);
    assert!(findings[0].1.contains("does not speak TLS on this port"), "{findings:?}");
}

#[test]
fn i_15_the_companys_authority_counts_for_mail() {
    let (authority, tls) = company();
    let server =
        MailServer { extensions: &["AUTH PLAIN", "SMTPUTF8"], tls: Some(tls), ..MailServer::default() };
    let port = server.start();
    let variable = ("EMAIL_SERVER", url("smtps", "localhost", port));
    let variable = (variable.0, variable.1.as_str());
    let (code, findings) = doctor(&[variable], Some(&authority));
    assert_eq!((code, findings[0].0.as_str()), (Some(0), "good"), "{findings:?}");
    let (other, _) = company();
    let (code, findings) = doctor(&[variable], Some(&other));
    assert_eq!((code, findings[0].0.as_str()), (Some(1), "wrong"), "control: {findings:?}");
    assert!(findings[0].1.contains("SSL_CERT_FILE"), "{findings:?}");
    // The name in the certificate is also checked.
    let (_, findings) = doctor(&[("EMAIL_SERVER", &url("smtps", "127.0.0.1", port))], Some(&authority));
    assert!(findings[0].1.contains("another name"), "{findings:?}");
}

/// Requests a sign-in link, and returns what the log says about it.
async fn ask(variables: &[(&str, &str)], to: &str) -> String {
    const ORIGIN: &str = "http://localhost:3000";
    leptos_auth_server::tls::install();
    let base = [("DATABASE_URL", "memory:"), ("AUTH_URL", ORIGIN), ("AUTH_SECRET", SECRET), FROM];
    let running: Running = Program::new(&[&base, variables].concat()).start();
    let mut browser = Browser::new(running.address.parse().unwrap(), ORIGIN);
    browser.submit("/api/auth/signin/email", &[("email", to)]).await;
    running.signal("TERM");
    let (_, _, log) = running.end();
    assert!(!log.contains(PASSWORD), "{log}");
    log
}

#[tokio::test(flavor = "multi_thread")]
async fn i_15_mail_goes_out_by_a_server_of_the_companys_authority() {
    let (authority, tls) = company();
    let file = crate::support::new_folder().join("ca.pem");
    std::fs::write(&file, authority).unwrap();
    let server = MailServer { extensions: &["AUTH PLAIN"], tls: Some(tls), ..MailServer::default() };
    let url = url("smtps", "localhost", server.start());
    let trusted = [("EMAIL_SERVER", url.as_str()), ("SSL_CERT_FILE", file.to_str().unwrap())];
    ask(&trusted, "ada@example.com").await;
    assert!(server.was_told("DATA"));
    let log = ask(&trusted[..1], "ada@example.com").await;
    assert!(log.contains("SSL_CERT_FILE"), "control: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i_15_an_address_that_the_server_cannot_carry_is_said_in_plain_words() {
    let server = MailServer::default();
    let url = format!("smtp://127.0.0.1:{}", server.start());
    let log = ask(&[("EMAIL_SERVER", &url)], "jürgen@example.com").await;
    assert!(log.contains("cannot carry an address with non-ASCII letters"), "{log}");
    assert!(!log.contains("jürgen"), "{log}");
    assert!(!server.was_told("DATA"));
    let international = MailServer { extensions: &["SMTPUTF8", "8BITMIME"], ..MailServer::default() };
    let url = format!("smtp://127.0.0.1:{}", international.start());
    ask(&[("EMAIL_SERVER", &url)], "jürgen@example.com").await;
    assert!(international.was_told("DATA"), "control");
}
