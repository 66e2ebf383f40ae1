//! Load: 16 connections, each with one request under way at a time. Rule: every answer is read to its
//! end and must have the expected status, so that an error is never measured as a fast success.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::http::Connection;
use super::server::Server;
use crate::failure::{Failure, Result};

const CONNECTIONS: usize = 16;

/// Processor time of the server per request, in microseconds.
pub fn cpu_per_request(server: &Server, request: &str, time: Duration) -> Result<f64> {
    // Warms up connections, allocator and caches, and finds a wrong answer before anything is counted.
    drive(server.port, request, time / 10)?;
    let before = server.cpu_time()?;
    let requests = drive(server.port, request, time)?;
    let used = server.cpu_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / requests.max(1) as f64)
}

fn drive(port: u16, request: &str, time: Duration) -> Result<u64> {
    let (end, requests) = (Instant::now() + time, AtomicU64::new(0));
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..CONNECTIONS)
            .map(|_| scope.spawn(|| repeat(port, request.as_bytes(), end, &requests)))
            .collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().unwrap_or_else(|_| Err(Failure::new("The load generator has failed.")))
        })
    })?;
    Ok(requests.into_inner())
}

fn repeat(port: u16, request: &[u8], end: Instant, requests: &AtomicU64) -> Result {
    let cannot = || Failure::because("The server does not keep up");
    let mut connection = Connection::open(port).map_err(cannot())?;
    let mut count = 0;
    while Instant::now() < end {
        let status = connection.status(request).map_err(cannot())?;
        if status != 200 {
            let request = String::from_utf8_lossy(request);
            let line = request.lines().next().unwrap_or_default();
            return Err(Failure::new(format!("{line} was answered with {status} instead of 200.")));
        }
        count += 1;
    }
    requests.fetch_add(count, Ordering::Relaxed);
    Ok(())
}
