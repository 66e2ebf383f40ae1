//! The window that a sign-in with `popup` runs in. Rule: it is opened while the click is handled, or browsers block it; and it
//! shows pages of this site and of the provider only.
//!
//! The window has no message for the page that opened it: the page that it ends on lets all tabs know that somebody signed
//! in, as every page does. So it works across the provider's pages, where browsers cut what ties two windows together
//! (Cross-Origin-Opener-Policy).

use std::time::Duration;

use leptos::prelude::{set_timeout, window};
use web_sys::Window;

use super::{current, leave};
use crate::session::page_url::POPUP_PAGE;

/// A second click brings the same window to the front.
const NAME: &str = "leptos-auth-sign-in";
const FEATURES: &str = "popup,width=480,height=720";

/// For the page to start, and for a message to leave it.
const MOMENT: Duration = Duration::from_millis(100);

/// The end of a sign-in in a window: tells all tabs, then closes. It tells in any case: what the tabs know may be so young that
/// this page would ask the server first, and be gone before the answer.
pub(crate) fn tell_and_close() {
    let tell = || {
        if let Some(client) = current() {
            client.broadcast.tell();
        }
        set_timeout(|| drop(window().close()), MOMENT);
    };
    set_timeout(tell, MOMENT);
}

pub(super) struct Popup(Window);

impl Popup {
    /// `None` where browsers block it: then the sign-in goes on in this page.
    pub fn open() -> Option<Self> {
        window().open_with_url_and_target_and_features(POPUP_PAGE, NAME, FEATURES).ok().flatten().map(Self)
    }

    /// Shows that page, if it is one that may be followed.
    pub fn go(&self, url: &str) {
        match leave::followable(url) {
            Some(url) => drop(self.0.location().replace(&url)),
            None => self.close(),
        }
    }

    pub fn close(&self) {
        let _ = self.0.close();
    }
}
