//! The network that the other tests of faults rely on does what it is told.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::proxy::{Direction, Network, Proxy};

/// A peer that sends everything back, behind a network.
async fn echo() -> Proxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                tokio::io::copy(&mut from, &mut to).await
            });
        }
    });
    Proxy::start(port).await
}

async fn connect(proxy: &Proxy) -> std::io::Result<TcpStream> {
    TcpStream::connect(("127.0.0.1", proxy.port)).await
}

/// Says something and waits for the echo.
async fn ask(stream: &mut TcpStream, words: &[u8]) -> std::io::Result<Vec<u8>> {
    stream.write_all(words).await?;
    let mut answer = vec![0; words.len()];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn everything_passes_and_is_counted() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await.unwrap();
    assert_eq!(ask(&mut stream, b"hello").await.unwrap(), b"hello");
    assert_eq!((proxy.passed(Direction::Request), proxy.passed(Direction::Answer)), (5, 5));
    assert_eq!(proxy.open(), 1);
}

#[tokio::test]
async fn a_cut_lets_exactly_so_many_bytes_through() {
    let proxy = echo().await;
    for bytes in [1, 4, 7] {
        let (mut first, mut second) = (connect(&proxy).await.unwrap(), connect(&proxy).await.unwrap());
        assert_eq!(ask(&mut second, b"x").await.unwrap(), b"x", "control");
        proxy.cut_after(Direction::Answer, bytes);
        first.write_all(b"0123456789").await.unwrap();
        let mut received = Vec::new();
        first.read_to_end(&mut received).await.unwrap_err();
        assert_eq!(received, b"0123456789"[..usize::try_from(bytes).unwrap()]);
        assert!(ask(&mut second, b"x").await.is_err(), "all connections are cut");
        assert!(!proxy.disarm(), "the cut has happened");
        assert_eq!(ask(&mut connect(&proxy).await.unwrap(), b"again").await.unwrap(), b"again");
    }
    proxy.cut_after(Direction::Request, 3);
    let mut stream = connect(&proxy).await.unwrap();
    assert!(ask(&mut stream, b"hello").await.is_err());
    proxy.cut_after(Direction::Request, 100);
    assert!(ask(&mut connect(&proxy).await.unwrap(), b"hello").await.is_ok());
    assert!(proxy.disarm(), "the cut has not happened");
}

#[tokio::test]
async fn slow_silent_and_refused() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await.unwrap();
    proxy.set(Network::Slow(Duration::from_millis(300)));
    let started = Instant::now();
    assert_eq!(ask(&mut stream, b"slow").await.unwrap(), b"slow");
    assert!(started.elapsed() >= Duration::from_millis(300));

    proxy.set(Network::Silent);
    let wait = Duration::from_millis(300);
    assert!(tokio::time::timeout(wait, ask(&mut stream, b"lost")).await.is_err());
    let mut late = connect(&proxy).await.unwrap();
    assert!(tokio::time::timeout(wait, ask(&mut late, b"lost")).await.is_err(), "new ones too");

    proxy.set(Network::Refused);
    let mut rest = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest)).await;
    assert!(ended.unwrap().is_err(), "running ones are reset");
    let started = Instant::now();
    while connect(&proxy).await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(5), "new ones are refused");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }

    proxy.set(Network::Up);
    let started = Instant::now();
    while connect(&proxy).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(5), "and taken again");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(ask(&mut connect(&proxy).await.unwrap(), b"again").await.unwrap(), b"again");
}
