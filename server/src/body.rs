//! Request bodies: read whole, small, and in time. Forms and JSON of this server need a few hundred bytes; what is
//! larger or comes drop by drop only holds memory and connections (DS-02, DS-04, LP-07).

use std::time::Duration;

use axum::body::{Body, HttpBody, to_bytes};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::LengthLimitError;

/// The largest body that is read.
pub const LIMIT: usize = 64 * 1024;
/// The time a body may take.
const DEADLINE: Duration = Duration::from_secs(15);

/// The whole body, or the status that says why not.
///
/// # Errors
/// 413 when it is too large, 408 when it takes too long, 400 when it breaks off.
pub async fn read(body: Body) -> Result<Bytes, StatusCode> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // Whoever announces too much need not send it first.
    if body.size_hint().lower() > LIMIT as u64 {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    read_within(body, DEADLINE).await
}

async fn read_within(body: Body, deadline: Duration) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(deadline, to_bytes(body, LIMIT)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) if is_too_large(&error) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Ok(Err(_)) => Err(StatusCode::BAD_REQUEST),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<LengthLimitError>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ds_04_the_limit_is_exact() {
        assert_eq!(read(Body::from(vec![b'a'; LIMIT])).await.map(|bytes| bytes.len()), Ok(LIMIT), "control");
        assert_eq!(read(Body::from(vec![b'a'; LIMIT + 1])).await, Err(StatusCode::PAYLOAD_TOO_LARGE));
    }

    #[tokio::test]
    async fn ds_02_a_body_that_never_ends_is_given_up() {
        let endless = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
        let result = read_within(Body::from_stream(endless), Duration::from_millis(10)).await;
        assert_eq!(result, Err(StatusCode::REQUEST_TIMEOUT));
    }
}
