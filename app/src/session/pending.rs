//! Work that has begun whether or not somebody waits for it, as a promise in JavaScript. A plain Rust future
//! would do nothing until awaited, and a click handler that forgets `.await` would silently do nothing.

use std::{
    cell::RefCell,
    future::{Future, IntoFuture},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

/// A running call of the session hook: `.await` it for its answer, or drop it and read the signals.
///
/// ```rust,no_run
/// use leptos::{prelude::*, task::spawn_local};
/// use leptos_auth_app::session::use_session;
///
/// #[component]
/// fn Refresh() -> impl IntoView {
///     let session = use_session();
///     let now = move |_| {
///         session.update(); // enough for most
///     };
///     let and_then = move |_| {
///         let running = session.update();
///         spawn_local(async move {
///             let signed_in = running.await.is_some();
///             leptos::logging::log!("still signed in: {signed_in}");
///         });
///     };
///     view! { <button on:click=now>"Refresh"</button> <button on:click=and_then>"Check"</button> }
/// }
/// ```
pub struct Pending<T>(Rc<RefCell<Slot<T>>>);

struct Slot<T> {
    value: Option<T>,
    waiting: Vec<Waker>,
}

impl<T> Clone for Pending<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T: Clone + 'static> Pending<T> {
    /// Already answered: what calls return on the server, where nothing can be asked.
    pub(super) fn ready(value: T) -> Self {
        Self(Rc::new(RefCell::new(Slot { value: Some(value), waiting: Vec::new() })))
    }

    /// To be answered by [`Pending::resolve`].
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn open() -> Self {
        Self(Rc::new(RefCell::new(Slot { value: None, waiting: Vec::new() })))
    }

    /// Begins the work now.
    #[cfg(feature = "hydrate")]
    pub(super) fn start(work: impl Future<Output = T> + 'static) -> Self {
        let pending = Self::open();
        let answer = pending.clone();
        leptos::task::spawn_local(async move { answer.resolve(work.await) });
        pending
    }

    /// Gives everybody who waits the answer.
    #[cfg(any(feature = "hydrate", test))]
    pub(super) fn resolve(&self, value: T) {
        let waiting = {
            let mut slot = self.0.borrow_mut();
            slot.value = Some(value);
            std::mem::take(&mut slot.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

// `IntoFuture` instead of `Future`: dropping the answer is fine, so the compiler need not warn about it.
impl<T: Clone + 'static> IntoFuture for Pending<T> {
    type Output = T;
    type IntoFuture = Answer<T>;

    fn into_future(self) -> Answer<T> {
        Answer(self.0)
    }
}

/// The future behind [`Pending`].
pub struct Answer<T>(Rc<RefCell<Slot<T>>>);

impl<T: Clone> Future for Answer<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let mut slot = self.0.borrow_mut();
        match &slot.value {
            Some(value) => Poll::Ready(value.clone()),
            None => {
                slot.waiting.push(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poll<T: Clone>(answer: &mut Answer<T>) -> Poll<T> {
        Pin::new(answer).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn everybody_who_waits_gets_the_one_answer() {
        let pending = Pending::open();
        let mut first = pending.clone().into_future();
        let mut second = pending.clone().into_future();
        assert_eq!(poll(&mut first), Poll::Pending);
        assert_eq!(poll(&mut second), Poll::Pending);
        pending.resolve(7);
        assert_eq!(poll(&mut first), Poll::Ready(7));
        assert_eq!(poll(&mut second), Poll::Ready(7));
    }

    #[test]
    fn a_ready_answer_does_not_wait() {
        assert_eq!(poll(&mut Pending::ready("now").into_future()), Poll::Ready("now"));
    }
}
