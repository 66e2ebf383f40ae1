//! The end: SIGTERM (what orchestrators send) or Ctrl-C. The server then takes no new connections, finishes what
//! is running, and exits with 0.

/// Returns when the process is asked to end.
pub async fn requested() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without the handler the system's own default ends the process; waiting for ever is right here.
            std::future::pending::<()>().await;
        }
    };
    tokio::select! {
        () = interrupt => tracing::info!("stopping: interrupted"),
        () = terminate() => tracing::info!("stopping: SIGTERM"),
    }
}

#[cfg(unix)]
async fn terminate() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut signal) => drop(signal.recv().await),
        Err(_) => std::future::pending().await,
    }
}

#[cfg(not(unix))]
async fn terminate() {
    std::future::pending().await
}
