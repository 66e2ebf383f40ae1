//! Clients that keep connections open without reading or sending (F-A7).

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::TestServer;

const FILE: usize = 1 << 20;
const REQUESTS: usize = 64;

/// Requests more than all buffers hold, and reads nothing of it.
async fn never_reads(server: &TestServer) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let request = "GET /pkg/large.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(REQUESTS);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Returns how many bytes a client receives until the server closes the connection.
async fn rest(stream: &mut TcpStream) -> usize {
    let (mut read, mut buffer) = (0, vec![0; 1 << 16]);
    loop {
        match timeout(Duration::from_secs(20), stream.read(&mut buffer)).await.expect("still open") {
            Ok(0) | Err(_) => return read,
            Ok(length) => read += length,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f_a7_clients_that_never_read_are_closed_and_others_are_served() {
    let server = TestServer::with(&[("SLOW_CLIENT_TIMEOUT", "1")]).await;
    std::fs::write(server.site().join("pkg/large.js"), vec![b'x'; FILE]).unwrap();
    let mut slow = Vec::new();
    for _ in 0..20 {
        slow.push(never_reads(&server).await);
    }
    for _ in 0..10 {
        assert_eq!(server.browser().get("/health").await.status, 200, "meanwhile");
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    for stream in &mut slow {
        assert!(rest(stream).await < REQUESTS * FILE, "closed before everything was sent");
    }
    let mut good = never_reads(&server).await;
    let mut buffer = vec![0; REQUESTS * FILE];
    let all = timeout(Duration::from_secs(60), good.read_exact(&mut buffer)).await;
    assert!(all.unwrap().is_ok(), "control: a client that reads gets everything");
}

#[tokio::test]
async fn f_a7_idle_connections_make_room() {
    let server = TestServer::with(&[("MAX_CONNECTIONS", "10")]).await;
    let mut idle = Vec::new();
    for _ in 0..30 {
        idle.push(TcpStream::connect(server.address).await.unwrap());
    }
    assert_eq!(server.browser().get("/health").await.status, 200, "there is room for a request");
    let mut closed = 0;
    for stream in &mut idle[..20] {
        closed += usize::from(
            timeout(Duration::from_secs(5), stream.read(&mut [0]))
                .await
                .is_ok_and(|read| read.is_ok_and(|length| length == 0)),
        );
    }
    assert_eq!(closed, 20, "the oldest were closed");
}
