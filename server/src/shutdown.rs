//! The end: SIGTERM (what orchestrators send) or Ctrl-C. The server then takes no new connections, finishes what
//! is running, and exits with 0.

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the process to be asked to end. It listens from this call on, not only once it is awaited: call it before
/// anybody learns that the server is up.
#[cfg(unix)]
pub fn requested() -> impl Future<Output = ()> {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async {
        tokio::select! {
            () = received(terminate) => tracing::info!("stopping: SIGTERM"),
            () = received(interrupt) => tracing::info!("stopping: interrupted"),
        }
    }
}

/// Waits for Ctrl-C.
#[cfg(not(unix))]
pub async fn requested() {
    match tokio::signal::ctrl_c().await {
        Ok(()) => tracing::info!("stopping: interrupted"),
        Err(_) => std::future::pending().await,
    }
}

/// Without a handler the system's own default ends the process, and waiting for ever is right here.
#[cfg(unix)]
async fn received(signal: std::io::Result<Signal>) {
    match signal {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}
