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

#[test]
fn f_b8_a_proxy_that_is_not_trusted_is_named_once() {
    let ask = |running: &crate::program::Running, header: &str| {
        let mut stream = TcpStream::connect(&running.address).unwrap();
        let head = format!("GET /health HTTP/1.1\r\nHost: localhost\r\n{header}Connection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        stream.read_to_string(&mut String::new()).unwrap();
    };
    let log_of = |trusted: &str, header: &str| {
        let running = Program::new(&[("TRUSTED_PROXIES", trusted)]).start();
        for _ in 0..3 {
            ask(&running, header);
        }
        running.signal("TERM");
        running.end().2
    };
    let warnings = |log: &str| log.lines().filter(|line| line.contains("not in TRUSTED_PROXIES")).count();
    for header in ["X-Forwarded-For: 203.0.113.5\r\n", "Forwarded: for=203.0.113.5\r\n"] {
        assert_eq!(warnings(&log_of("", header)), 1, "{header}");
        assert_eq!(warnings(&log_of("127.0.0.1", header)), 0, "control: the proxy is trusted");
    }
    assert_eq!(warnings(&log_of("", "")), 0, "control: no client address is sent");
}

#[test]
fn ds_07_without_file_descriptors_idle_connections_make_room() {
    const LIMIT: usize = 64;
    let script = format!("ulimit -n {LIMIT}; exec \"$0\"");
    let running = Program::through_shell(&script, &[]).start();
    let idle: Vec<_> = (0..2 * LIMIT).map(|_| TcpStream::connect(&running.address).unwrap()).collect();
    let mut late = TcpStream::connect(&running.address).unwrap();
    late.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
    late.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut answer = [0; 12];
    late.read_exact(&mut answer).unwrap();
    assert_eq!(answer, *b"HTTP/1.1 200", "it is served although the idle connections are still open");
    drop(idle);
    running.signal("TERM");
    let (code, _, log) = running.end();
    assert!(code == Some(0) && log.contains("no connection can be taken"), "{log}");
}
