//! The least HTTP/1.1 client that can drive a server: one keep-alive connection, no pipelining. Rule: it
//! spends little itself, because it shares the processors with what it measures.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A keep-alive connection and the last answer on it.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

/// An answer, taken out of the connection's buffer.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The body, chunks joined.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects to a port of this machine.
    pub fn open(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream, buffer: vec![0; 256 * 1024], filled: 0 })
    }

    /// Sends a request and returns the whole answer.
    pub fn ask(&mut self, request: &str) -> Result<Answer> {
        let (head_end, end) = self.exchange(request.as_bytes())?;
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).into_owned();
        let body = &self.buffer[head_end..end];
        let body = if is_chunked(&self.buffer[..head_end]) { join_chunks(body) } else { body.to_vec() };
        Ok(Answer { status: status(&self.buffer).unwrap_or_default(), head, body })
    }

    /// Sends a request and returns the status of the answer, which is read to its end.
    pub fn status(&mut self, request: &[u8]) -> Result<u16> {
        self.exchange(request)?;
        status(&self.buffer).ok_or_else(|| Error::new(ErrorKind::InvalidData, "no status"))
    }

    /// Where the head and where the body of the answer end.
    fn exchange(&mut self, request: &[u8]) -> Result<(usize, usize)> {
        self.stream.write_all(request)?;
        self.filled = 0;
        let head_end = loop {
            let from = self.filled.saturating_sub(3);
            self.fill()?;
            if let Some(at) = find(&self.buffer[from..self.filled], b"\r\n\r\n") {
                break from + at + 4;
            }
        };
        if is_chunked(&self.buffer[..head_end]) {
            while !self.buffer[head_end - 2..self.filled].ends_with(b"\r\n0\r\n\r\n") {
                self.fill()?;
            }
            return Ok((head_end, self.filled));
        }
        let length = header(&self.buffer[..head_end], b"content-length: ");
        let length = length.and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let end = head_end + length.unwrap_or(0_usize);
        while self.filled < end {
            self.fill()?;
        }
        Ok((head_end, end))
    }

    fn fill(&mut self) -> Result<()> {
        if self.filled == self.buffer.len() {
            self.buffer.resize(2 * self.filled, 0);
        }
        match self.stream.read(&mut self.buffer[self.filled..])? {
            0 => Err(Error::new(ErrorKind::UnexpectedEof, "the server closed the connection")),
            count => {
                self.filled += count;
                Ok(())
            }
        }
    }
}

impl Answer {
    /// The values of a header; the name in lower case, as hyper writes it.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head.lines().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// `Cookie:` of what this answer sets.
    pub fn cookies(&self) -> String {
        let pairs = self.headers("set-cookie").filter_map(|cookie| cookie.split(';').next());
        pairs.collect::<Vec<_>>().join("; ")
    }
}

/// A request without a body. `cookies` may be empty.
pub fn get(path: &str, cookies: &str) -> String {
    let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {cookies}\r\n") };
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{cookies}\r\n")
}

/// A form, sent as a browser on the same origin sends it.
pub fn post(origin: &str, path: &str, cookies: &str, form: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nOrigin: {origin}\r\nCookie: {cookies}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        origin.trim_start_matches("http://"),
        form.len()
    )
}

fn status(answer: &[u8]) -> Option<u16> {
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

fn is_chunked(head: &[u8]) -> bool {
    header(head, b"transfer-encoding: ") == Some(b"chunked")
}

fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(name)?.strip_suffix(b"\r"))
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The data of `SIZE CRLF DATA CRLF … 0 CRLF CRLF`.
fn join_chunks(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(line) = find(chunks, b"\r\n") {
        let size =
            std::str::from_utf8(&chunks[..line]).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
        let Some(data) =
            size.and_then(|size| chunks.get(line + 2..line + 2 + size)).filter(|d| !d.is_empty())
        else {
            break;
        };
        body.extend_from_slice(data);
        chunks = chunks.get(line + 2 + data.len() + 2..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::{Answer, header, join_chunks, status};

    #[test]
    fn reads_the_parts_of_an_answer() {
        let head =
            b"HTTP/1.1 302 Found\r\ncontent-length: 17\r\nset-cookie: a=1; Path=/\r\nset-cookie: b=2\r\n\r\n";
        assert_eq!((status(head), header(head, b"content-length: ")), (Some(302), Some(&b"17"[..])));
        let answer =
            Answer { status: 302, head: String::from_utf8(head.to_vec()).unwrap(), body: Vec::new() };
        assert_eq!(answer.cookies(), "a=1; b=2");
        assert_eq!(join_chunks(b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"), b"hello!");
    }
}
