//! A directory of our own, for what a real one would never say. It reads requests as far as their kind (RFC 4511
//! section 4.2) and answers with bytes that a test has made.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

pub const BIND: u8 = 0x60;
pub const SEARCH: u8 = 0x63;
pub const EXTENDED: u8 = 0x77;

/// What it says to a request: whole messages, made for the number of the request.
type Says = dyn Fn(u8, u8) -> Vec<u8> + Send + Sync;

/// The listening end.
pub struct Fake {
    pub port: u16,
    /// All bytes that came.
    heard: Arc<Mutex<Vec<u8>>>,
    connections: Arc<Mutex<usize>>,
}

impl Fake {
    /// `says` gets the kind of the request and its number.
    pub async fn start(says: impl Fn(u8, u8) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heard, connections, says) = (Arc::default(), Arc::default(), Arc::new(says));
        let fake = Self { port, heard, connections };
        let (heard, connections) = (fake.heard.clone(), fake.connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *connections.lock().unwrap() += 1;
                tokio::spawn(talk(stream, says.clone(), heard.clone()));
            }
        });
        fake
    }

    pub fn heard(&self, text: &str) -> bool {
        let heard = self.heard.lock().unwrap();
        heard.windows(text.len()).any(|part| part == text.as_bytes())
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

async fn talk(mut stream: TcpStream, says: Arc<Says>, heard: Arc<Mutex<Vec<u8>>>) -> std::io::Result<()> {
    loop {
        let message = read_message(&mut stream).await?;
        heard.lock().unwrap().extend(&message);
        // A number in one byte, then the kind.
        let (number, kind) = (message[2], message[3]);
        stream.write_all(&says(kind, number)).await?;
    }
}

async fn read_message(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut head = [0; 2];
    stream.read_exact(&mut head).await?;
    // Not LDAP, as the beginning of TLS: to that there is no answer.
    if head[0] != 0x30 {
        return std::future::pending().await;
    }
    let mut length = usize::from(head[1]);
    if length >= 0x80 {
        let mut bytes = vec![0; length - 0x80];
        stream.read_exact(&mut bytes).await?;
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
    }
    let mut message = vec![0; length.max(4)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

/// One element.
pub fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[tag, 0x82, length[0], length[1]], content].concat()
}

/// A whole message.
pub fn message(number: u8, operation: &[u8]) -> Vec<u8> {
    element(0x30, &[&[2, 1, number], operation].concat())
}

/// A result: its code and its text. `tag` says of what.
pub fn result(number: u8, tag: u8, code: u8, text: &str) -> Vec<u8> {
    let content = [&[10, 1, code][..], &element(4, b""), &element(4, text.as_bytes())].concat();
    message(number, &element(tag, &content))
}

pub const BIND_RESULT: u8 = 0x61;
pub const SEARCH_RESULT: u8 = 0x65;
pub const EXTENDED_RESULT: u8 = 0x78;

/// An entry with attributes.
pub fn entry(number: u8, dn: &str, attributes: &[(&str, &[u8])]) -> Vec<u8> {
    let attribute = |(name, value): &(&str, &[u8])| {
        element(0x30, &[element(4, name.as_bytes()), element(0x31, &element(4, value))].concat())
    };
    let attributes: Vec<u8> = attributes.iter().flat_map(attribute).collect();
    let content = [element(4, dn.as_bytes()), element(0x30, &attributes)].concat();
    message(number, &element(0x64, &content))
}

/// Another directory that would know more.
pub fn reference(number: u8, url: &str) -> Vec<u8> {
    message(number, &element(0x73, &element(4, url.as_bytes())))
}
