//! Caches one document of a provider: one request at a time fetches it, and the old document is used meanwhile.
//!
//! Rule: a slow provider delays only callers that have no document yet, and not for longer than one request takes. No lock
//! is held during a request, and a caller that stops waiting does not cancel a request that others wait for.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use tokio::time::timeout;

use crate::{
    clock::{Clock, Timestamp},
    error::{self, Source},
};

/// After a failed request no new one is sent for this long (IP-02). Until then callers get the same error.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long a caller with an old document waits for a newer one. Healthy providers answer within this time, so a revoked
/// key is rarely used again; a provider that hangs costs no more than this.
const PATIENCE: Duration = Duration::from_millis(500);

/// The result of a request: the document, and how long it is fresh.
type Fetched<T> = Result<(T, Duration), Source>;
type Outcome<T> = Result<Arc<T>, FetchError>;
type Flight<T> = Shared<BoxFuture<'static, Outcome<T>>>;

/// Why a document could not be fetched; shared by every caller that waited for it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct FetchError(Arc<str>);

/// The cached document of one provider.
pub(super) struct Cached<T> {
    shared: Arc<CacheState<T>>,
}

struct CacheState<T> {
    clock: Arc<dyn Clock>,
    state: Mutex<State<T>>,
}

struct State<T> {
    known: Option<Known<T>>,
    /// The request in progress.
    flight: Option<Flight<T>>,
    /// When the last request ended, if it failed.
    failure: Option<(Timestamp, FetchError)>,
}

struct Known<T> {
    document: Arc<T>,
    fetched: Timestamp,
    fresh_for: Duration,
}

impl<T: Send + Sync + 'static> Cached<T> {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let state = Mutex::new(State { known: None, flight: None, failure: None });
        Self { shared: Arc::new(CacheState { clock, state }) }
    }

    /// Returns the document that was fetched last, however old.
    pub(super) fn known(&self) -> Option<Arc<T>> {
        self.shared.lock().known.as_ref().map(|known| known.document.clone())
    }

    /// Returns the document. Sends `request` if the document is not fresh and no other request is in progress. Returns the old
    /// document if the request fails or takes longer than [`PATIENCE`].
    ///
    /// # Errors
    /// Returns why the request failed, if there is no document. During the pause after a failure nothing is sent.
    pub(super) async fn get<F>(&self, request: F) -> Outcome<T>
    where
        F: Future<Output = Fetched<T>> + Send + 'static,
    {
        let (known, is_fresh) = self.shared.known();
        match known {
            Some(known) if is_fresh => Ok(known),
            Some(known) => match self.flight(request) {
                Ok(flight) => match timeout(PATIENCE, flight).await {
                    Ok(Ok(newer)) => Ok(newer),
                    _ => Ok(known),
                },
                Err(_) => Ok(known),
            },
            None => self.flight(request)?.await,
        }
    }

    /// Returns the document as the provider has it now, from a request in progress or from `request`.
    ///
    /// # Errors
    /// See [`Cached::get`].
    pub(super) async fn fetch<F>(&self, request: F) -> Outcome<T>
    where
        F: Future<Output = Fetched<T>> + Send + 'static,
    {
        self.flight(request)?.await
    }

    /// Returns the request in progress; starts `request` if there is none.
    fn flight<F>(&self, request: F) -> Result<Flight<T>, FetchError>
    where
        F: Future<Output = Fetched<T>> + Send + 'static,
    {
        let mut state = self.shared.lock();
        // A request that has ended is still here only if its task panicked.
        if let Some(flight) = state.flight.as_ref().filter(|flight| flight.peek().is_none()) {
            return Ok(flight.clone());
        }
        let now = self.shared.clock.now();
        if let Some((failed, error)) = &state.failure
            && is_within(now, *failed, PAUSE_AFTER_FAILURE)
        {
            return Err(error.repeated());
        }
        let shared = self.shared.clone();
        let task = tokio::spawn(async move {
            let fetched = request.await;
            shared.finish(fetched)
        });
        let flight = task.map(|ended| ended.unwrap_or_else(|error| Err(FetchError::new(&error))));
        let flight = flight.boxed().shared();
        state.flight = Some(flight.clone());
        Ok(flight)
    }
}

impl<T> CacheState<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the document, and whether it is fresh.
    fn known(&self) -> (Option<Arc<T>>, bool) {
        let now = self.clock.now();
        match &self.lock().known {
            Some(known) => (Some(known.document.clone()), is_within(now, known.fetched, known.fresh_for)),
            None => (None, false),
        }
    }

    fn finish(&self, fetched: Fetched<T>) -> Outcome<T> {
        let now = self.clock.now();
        let mut state = self.lock();
        state.flight = None;
        match fetched {
            Ok((document, fresh_for)) => {
                let document = Arc::new(document);
                state.known = Some(Known { document: document.clone(), fetched: now, fresh_for });
                state.failure = None;
                Ok(document)
            }
            Err(reason) => {
                let error = FetchError::new(&*reason);
                state.failure = Some((now, error.clone()));
                Err(error)
            }
        }
    }
}

impl FetchError {
    fn new(reason: &(dyn std::error::Error + 'static)) -> Self {
        Self(error::chain(reason).into())
    }

    fn repeated(&self) -> Self {
        let seconds = PAUSE_AFTER_FAILURE.as_secs();
        Self(format!("{} (asked again {seconds} seconds after that failure)", self.0).into())
    }
}

/// Returns whether less than `window` has passed since an instant. `false` for a future instant: the clock was set back.
pub(super) fn is_within(now: Timestamp, since: Timestamp, window: Duration) -> bool {
    since <= now && now.since(since) < window
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    use tokio::time::sleep;

    use super::*;

    #[derive(Default)]
    struct TestClock(AtomicI64);

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
        }
    }

    struct Scene {
        clock: Arc<TestClock>,
        cached: Arc<Cached<usize>>,
        sent: Arc<AtomicUsize>,
    }

    impl Scene {
        fn new() -> Self {
            let clock = Arc::new(TestClock::default());
            clock.0.store(1_000_000, Ordering::SeqCst);
            Self { cached: Arc::new(Cached::new(clock.clone())), clock, sent: Arc::default() }
        }

        fn later(&self, seconds: i64) {
            self.clock.0.fetch_add(seconds, Ordering::SeqCst);
        }

        fn sent(&self) -> usize {
            self.sent.load(Ordering::SeqCst)
        }

        /// Returns a request that takes this many seconds and returns its number, which is fresh for one minute.
        fn request(&self, seconds: u64, works: bool) -> impl Future<Output = Fetched<usize>> + use<> {
            let (sent, clock) = (self.sent.clone(), self.clock.clone());
            async move {
                let number = sent.fetch_add(1, Ordering::SeqCst) + 1;
                sleep(Duration::from_secs(seconds)).await;
                clock.0.fetch_add(i64::try_from(seconds).unwrap(), Ordering::SeqCst);
                if works {
                    Ok((number, Duration::from_secs(60)))
                } else {
                    Err(format!("cause {number}").into())
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f_b2_callers_share_one_request_and_its_end() {
        for works in [true, false] {
            let scene = Scene::new();
            let started = tokio::time::Instant::now();
            let mut callers = Vec::new();
            for second in 0..10 {
                let (cached, request) = (scene.cached.clone(), scene.request(10, works));
                callers.push(tokio::spawn(async move {
                    sleep(Duration::from_secs(second)).await;
                    cached.get(request).await
                }));
            }
            for caller in callers {
                assert_eq!(caller.await.unwrap().is_ok(), works);
            }
            assert_eq!((scene.sent(), started.elapsed().as_secs()), (1, 10), "in virtual time");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn f_b2_a_caller_that_leaves_ends_no_request() {
        let scene = Scene::new();
        let first = scene.cached.get(scene.request(3, true));
        assert!(timeout(Duration::from_secs(1), first).await.is_err());
        assert_eq!(*scene.cached.get(scene.request(3, true)).await.unwrap(), 1);
        assert_eq!(scene.sent(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn f_b2_an_old_document_is_used_while_a_newer_one_is_fetched() {
        let scene = Scene::new();
        scene.cached.get(scene.request(0, true)).await.unwrap();
        scene.later(61);
        assert_eq!(*scene.cached.get(scene.request(10, true)).await.unwrap(), 1, "used");
        assert_eq!(*scene.cached.get(scene.request(10, true)).await.unwrap(), 1, "used, in the same flight");
        sleep(Duration::from_secs(10)).await;
        assert_eq!((*scene.cached.get(scene.request(0, true)).await.unwrap(), scene.sent()), (2, 2));
        scene.later(61);
        assert_eq!(*scene.cached.get(scene.request(0, true)).await.unwrap(), 3, "waits for a fast provider");
        scene.later(61);
        assert_eq!(*scene.cached.get(scene.request(0, false)).await.unwrap(), 3, "the request failed");
    }

    #[tokio::test(start_paused = true)]
    async fn f_b2_i_13_the_pause_begins_when_the_failure_ends_and_repeats_its_cause() {
        let scene = Scene::new();
        let first = scene.cached.get(scene.request(10, false)).await.unwrap_err();
        assert_eq!(first.to_string(), "cause 1");
        scene.later(4);
        let second = scene.cached.get(scene.request(0, true)).await.unwrap_err();
        assert!(second.to_string().starts_with("cause 1 ("), "{second}");
        assert_eq!(scene.sent(), 1);
        scene.later(1);
        assert!(scene.cached.get(scene.request(0, true)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_ends_every_pause() {
        let scene = Scene::new();
        scene.cached.get(scene.request(0, false)).await.unwrap_err();
        scene.later(-3600);
        scene.cached.get(scene.request(0, true)).await.unwrap();
        scene.later(-3600);
        assert_eq!(
            *scene.cached.get(scene.request(0, true)).await.unwrap(),
            3,
            "a document from the future is old"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_panics_is_a_failure_and_blocks_nothing() {
        let scene = Scene::new();
        let panics = async { panic!("a test") };
        scene.cached.get(panics).await.unwrap_err();
        assert!(scene.cached.get(scene.request(0, true)).await.is_ok());
    }
}
