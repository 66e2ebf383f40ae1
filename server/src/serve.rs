//! Accepts connections, passes them to the router, and closes them in time.
//!
//! It uses hyper directly, because `axum::serve` has no limits on open connections. Here a request's head must arrive within
//! 15 seconds (DS-01; an idle connection is also closed then) and fit into 32 kB (DS-05), a client that stops reading its
//! response or sending its body is disconnected (F-A7), the number of connections is limited
//! ([`connections`](crate::connections)), and at shutdown running requests get ten seconds (OP-09).

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use leptos_auth::ClientAddress;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::{
    client_address::{TrustedProxies, is_private},
    connection_body::{AnswerBody, RequestBody},
    connections::{Connection, ConnectionLimits, Connections},
};

const HEAD_DEADLINE: Duration = Duration::from_secs(15);
const HEAD_LIMIT: usize = 32 * 1024;
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);
/// The time for an idle connection to close properly.
const CLOSE_DEADLINE: Duration = Duration::from_millis(250);

/// The settings for serving connections.
#[derive(Clone)]
pub struct Serve {
    pub router: Router,
    pub proxies: TrustedProxies,
    pub limits: ConnectionLimits,
}

/// Serves until `stop` is ready and running requests are finished.
pub async fn serve(listener: TcpListener, serve: Serve, stop: impl Future<Output = ()>) {
    let (stopping, mut tasks) = (CancellationToken::new(), JoinSet::new());
    let connections = Connections::new(serve.limits, stopping.clone());
    let mut stop = pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
            Some(_ended) = tasks.join_next() => continue,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tokio::select! {
                    () = pause_after(&error, &connections) => continue,
                    () = &mut stop => break,
                }
            }
        };
        let is_proxy = is_private(peer.ip()) || serve.proxies.contains(peer.ip());
        let connection = if is_proxy {
            // It carries requests of all clients, so it waits for a place.
            tokio::select! {
                connection = connections.admit_proxy(peer.ip(), HEAD_DEADLINE) => connection,
                () = &mut stop => break,
            }
        } else {
            connections.admit(peer.ip(), false)
        };
        match connection {
            Some(connection) => drop(tasks.spawn(handle(stream, peer, connection, serve.clone()))),
            None => tracing::warn!(%peer, "connection refused: all connections are in use"),
        }
    }
    drop(listener);
    stopping.cancel();
    let ended = async { while tasks.join_next().await.is_some() {} };
    tokio::select! {
        () = ended => tracing::info!("stopped: all requests are finished"),
        () = tokio::time::sleep(DRAIN_DEADLINE) => tracing::warn!("stopped: some requests took too long"),
    }
}

async fn handle(stream: TcpStream, peer: SocketAddr, connection: Connection, serve: Serve) {
    // Answers are small and complete: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // Counted only while a write is waiting, from the last byte that the client read.
    stream.set_write_timeout(Some(serve.limits.slow_client));
    let connection = Arc::new(connection);
    let requests = connection.clone();
    let Serve { router, proxies, limits } = serve;
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        let client = proxies.client(peer.ip(), request.headers());
        request.extensions_mut().insert(ClientAddress(client));
        let request = request.map(|body| Body::new(RequestBody::new(body, limits.slow_client)));
        let (answer, in_progress) = (router.clone().call(request), requests.begin_request());
        async move {
            answer.await.map(|answer: Response<Body>| answer.map(|body| AnswerBody::new(body, in_progress)))
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_DEADLINE)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(Box::pin(stream)), service);
    let mut served = pin!(served);
    let result = tokio::select! {
        result = served.as_mut() => result,
        () = connection.closing() => {
            served.as_mut().graceful_shutdown();
            if connection.is_busy() {
                served.await
            } else {
                tokio::time::timeout(CLOSE_DEADLINE, served).await.unwrap_or(Ok(()))
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended early");
    }
}

/// Ignores a client that disconnected. When file descriptors run out (DS-07), closes idle connections and waits for others
/// to become free.
async fn pause_after(error: &io::Error, connections: &Connections) {
    const CLOSED_AT_ONCE: usize = 64;
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(%error, "no connection can be taken; trying again in a second");
        connections.close_idle(CLOSED_AT_ONCE);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
