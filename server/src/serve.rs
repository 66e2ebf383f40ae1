//! Connections: taken, given to the router, and ended in time.
//!
//! This is hyper itself and not `axum::serve`, because that sets no limits on what a client may keep open: here a
//! request's head must arrive within 15 seconds (DS-01; an idle connection is closed then as well) and fit into 32 kB
//! (DS-05), and when the process is asked to stop, what still runs gets ten seconds (OP-09).

use std::{io, net::SocketAddr, pin::pin, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use leptos_auth::ClientAddress;
use tokio::net::{TcpListener, TcpStream};
use tower::Service;

use crate::client_address::TrustedProxies;

const HEAD_DEADLINE: Duration = Duration::from_secs(15);
const HEAD_LIMIT: usize = 32 * 1024;
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// Serves until `stop` is ready and running requests are finished.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    proxies: TrustedProxies,
    stop: impl Future<Output = ()>,
) {
    let running = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => handle(stream, peer, router.clone(), proxies.clone(), &running),
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    tokio::select! {
        () = running.shutdown() => tracing::info!("stopped: all requests are finished"),
        () = tokio::time::sleep(DRAIN_DEADLINE) => tracing::warn!("stopped: some requests took too long"),
    }
}

fn handle(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    proxies: TrustedProxies,
    running: &GracefulShutdown,
) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ClientAddress(client));
        router.clone().call(request.map(Body::new))
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(stream), service);
    let connection = running.watch(connection);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection ended early");
        }
    });
}

/// A client that went away is nothing; without file descriptors (DS-07) waiting lets some become free.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken; trying again in a second");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
