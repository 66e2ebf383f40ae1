//! Ending: what runs is finished, nothing new is taken, and the exit code is 0 (OP-09).

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::program::Program;

#[test]
fn op_09_a_running_request_is_finished() {
    let running = Program::new(&[]).start();
    let mut slow = TcpStream::connect(&running.address).unwrap();
    let head = "POST /api/auth/signout HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n";
    slow.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    running.signal("TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert!(TcpStream::connect(&running.address).is_err(), "new connections are refused");
    slow.write_all(b"{}").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 "), "the running one is answered: {answer}");
    let (code, _, log) = running.end();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("all requests are finished"), "{log}");
}

#[test]
fn op_09_idle_connections_do_not_hold_it_up() {
    for signal in ["TERM", "INT"] {
        let running = Program::new(&[]).start();
        let mut idle = TcpStream::connect(&running.address).unwrap();
        idle.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut buffer = [0; 16];
        idle.read_exact(&mut buffer).unwrap();
        let started = Instant::now();
        running.signal(signal);
        assert_eq!(running.end().0, Some(0), "{signal}");
        assert!(started.elapsed() < Duration::from_secs(5), "{signal}");
    }
}
