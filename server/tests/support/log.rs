//! What one test logs, with everything on. It sees what its own thread does, and `#[tokio::test]` does all on one.

use std::{cell::RefCell, sync::Once};

use tracing_subscriber::{Layer, filter::dynamic_filter_fn, layer::SubscriberExt, util::SubscriberInitExt};

thread_local! {
    /// What this thread logs, if somebody wants to see it.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct ToThread;

impl std::io::Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.with_borrow_mut(|log| log.iter_mut().for_each(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins. The subscriber is everybody's: one of this thread alone misses what another thread has met first.
pub fn record() {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let is_wanted = dynamic_filter_fn(|_, _| LOG.with_borrow(Option::is_some));
        let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(|| ToThread);
        tracing_subscriber::registry().with(layer.with_filter(is_wanted)).init();
    });
    LOG.set(Some(Vec::new()));
}

/// Everything since [`record`].
pub fn recorded() -> String {
    String::from_utf8(LOG.take().expect("a recording")).unwrap()
}
