//! A mail server that takes mail, or behaves badly, and remembers what it was told (RFC 5321).

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    Takes,
    /// Knows nobody.
    RefusesRecipient,
    /// Has no time now.
    RefusesForNow,
    /// Takes connections and says nothing.
    Silent,
}

/// One mail as it came over the wire.
#[derive(Clone, Debug, Default)]
pub struct Received {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
}

/// The server.
pub struct SmtpSink {
    /// For `EMAIL_SERVER`.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
}

impl SmtpSink {
    pub async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        let received = Arc::new(Mutex::new(Vec::new()));
        let all = received.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(talk(stream, manner, all.clone()));
            }
        });
        Self { url, received }
    }

    /// All mails so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn talk(stream: TcpStream, manner: Manner, all: Arc<Mutex<Vec<Received>>>) -> std::io::Result<()> {
    if manner == Manner::Silent {
        return std::future::pending().await;
    }
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut mail = Received::default();
    write.write_all(b"220 sink\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.split_once(':').map_or(line.as_str(), |(command, _)| command) {
            "MAIL FROM" => {
                mail = Received { from: line, ..Received::default() };
                "250 ok"
            }
            "RCPT TO" if manner == Manner::RefusesRecipient => "550 nobody here",
            "RCPT TO" if manner == Manner::RefusesForNow => "451 later",
            "RCPT TO" => {
                mail.to.push(line);
                "250 ok"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    mail.data.push_str(&line);
                    mail.data.push('\n');
                }
                all.lock().unwrap().push(std::mem::take(&mut mail));
                "250 taken"
            }
            "QUIT" => return write.write_all(b"221 bye\r\n").await,
            command if command.starts_with("EHLO") => "250 sink",
            _ => "250 ok",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}
