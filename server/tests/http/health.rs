//! What orchestrators ask (LG-10).

use crate::support::TestServer;

#[tokio::test]
async fn live_and_ready_are_two_questions() {
    let server = TestServer::start().await;
    for path in ["/health", "/ready"] {
        let answer = server.browser().get(path).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "ok\n"), "{path}");
    }
    let bare = TestServer::with(&[("DATABASE_URL", "")]).await;
    assert_eq!(bare.browser().get("/ready").await.status, 200, "nothing to wait for");
}

#[tokio::test]
async fn lg_10_they_tell_nothing_else() {
    let server = TestServer::start().await;
    for path in ["/metrics", "/debug", "/env", "/config", "/server-status"] {
        assert_eq!(server.browser().get(path).await.status, 404, "{path}");
    }
}
