//! Connections that are kept open on purpose (DS rows).

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::program::Program;

#[test]
fn ds_01_a_head_that_never_ends_is_given_up() {
    let running = Program::new(&[]).start();
    let mut slow: Vec<_> = (0..50).map(|_| TcpStream::connect(&running.address).unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ").unwrap();
    }
    let started = Instant::now();
    let mut good = TcpStream::connect(&running.address).unwrap();
    good.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    good.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && started.elapsed() < Duration::from_secs(2), "control");
    for mut stream in slow {
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(30), "all are closed");
}
