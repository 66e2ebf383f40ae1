//! Hearing of revocations: one subscription for all who wait, in a task of its own that ends with the adapter.
//!
//! While Redis is away it is tried once a second. A subscription that hears nothing is asked from time to time whether
//! it is still one: a lost network closes no connection.

use std::{sync::Arc, time::Duration};

use futures_util::StreamExt;
use redis::{Client, ConnectionInfo, RedisResult};
use tokio::{
    sync::{Notify, OnceCell},
    task::JoinHandle,
    time::{sleep, timeout},
};

use super::LIMIT;

const PAUSE: Duration = Duration::from_secs(1);
const SILENCE: Duration = Duration::from_secs(10);

/// Who waits for revocations.
pub(super) struct Listener {
    nodes: Vec<ConnectionInfo>,
    heard: Arc<Notify>,
    task: OnceCell<Task>,
}

struct Task(JoinHandle<()>);

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Listener {
    pub(super) fn new(nodes: Vec<ConnectionInfo>) -> Self {
        Self { nodes, heard: Arc::default(), task: OnceCell::new() }
    }

    /// Returns when something is said on the channel, or may have been.
    pub(super) async fn wait(&self, channel: String) {
        let heard = self.heard.notified();
        self.task.get_or_init(|| async { self.listen(channel) }).await;
        heard.await;
    }

    fn listen(&self, channel: String) -> Task {
        let (nodes, heard) = (self.nodes.clone(), self.heard.clone());
        Task(tokio::spawn(async move {
            // Any server of a cluster hears all.
            for node in nodes.iter().cycle() {
                if let Err(error) = hear(node, &channel, &heard).await {
                    tracing::debug!(error = crate::error::chain(&error), "no subscription to revocations");
                }
                sleep(PAUSE).await;
            }
        }))
    }
}

/// Listens until the connection is lost.
async fn hear(node: &ConnectionInfo, channel: &str, heard: &Notify) -> RedisResult<()> {
    let subscribe = async {
        let mut subscription = Client::open(node.clone())?.get_async_pubsub().await?;
        subscription.subscribe(channel).await?;
        Ok::<_, redis::RedisError>(subscription)
    };
    let (mut questions, mut messages) = timeout(LIMIT, subscribe).await.map_err(late)??.split();
    // What was said before this subscription was not heard.
    tell(heard);
    loop {
        match timeout(SILENCE, messages.next()).await {
            Ok(Some(_)) => tell(heard),
            Ok(None) => return Ok(()),
            Err(_) => timeout(LIMIT, questions.ping::<redis::Value>()).await.map_err(late)?.map(drop)?,
        }
    }
}

/// Wakes all who wait, or else the next one who comes: it may be busy with the one before.
fn tell(heard: &Notify) {
    heard.notify_waiters();
    heard.notify_one();
}

fn late(elapsed: tokio::time::error::Elapsed) -> redis::RedisError {
    std::io::Error::from(elapsed).into()
}
