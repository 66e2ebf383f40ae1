//! Where the browser goes next. Rule: only to addresses that `target.rs` allows.

use std::time::Duration;

use leptos::prelude::{location, set_timeout};
use web_sys::Url;

use super::{Client, current};
use crate::session::{
    SessionSnapshot, page_url,
    target::{self, Target},
};

/// The address of this page, fragment included.
pub(super) fn href() -> String {
    location().href().unwrap_or_default()
}

/// Sends whoever has to sign in to the sign-in page. It takes the place of this page in the history: "back" from
/// there would only lead here and on again.
pub(in crate::session) fn leave_to_sign_in() {
    let Some(client) = current() else { return };
    let is_closed = client.store.known() == SessionSnapshot::Known(None);
    let here = location().pathname().unwrap_or_default();
    if is_closed && !client.leaving.get() && here != page_url::SIGN_IN_PAGE {
        let _ = location().replace(&page_url::session_required(&href()));
    }
}

/// Asks the server for this page as it is for whoever is signed in now.
pub(in crate::session) fn load_anew(pause: Duration) {
    let load = || {
        if current().is_some_and(|client| !client.leaving.get()) {
            let _ = location().reload();
        }
    };
    set_timeout(load, pause);
}

/// An address as the browser understands it, relative to this page.
pub(super) fn parse(url: &str) -> Option<Url> {
    Url::new_with_base(url, &href()).ok()
}

/// The whole address, if one may go there.
pub(super) fn followable(url: &str) -> Option<String> {
    parse(url).filter(may_follow).map(|url| url.href())
}

impl Client {
    /// Goes to `url` if that is allowed; otherwise the page stays.
    pub fn go(&self, url: &str) {
        let next = followable(url);
        self.leaving.set(next.is_some());
        let Some(next) = next else { return };
        let here = href();
        let same_page = target::without_fragment(&here) == target::without_fragment(&next);
        let _ = location().assign(&next);
        // An address that differs in its fragment only is not loaded again by itself.
        if same_page && next.contains('#') {
            let _ = location().reload();
        }
    }
}

fn may_follow(url: &Url) -> bool {
    let same_origin = location().origin().is_ok_and(|origin| origin == url.origin());
    target::may_follow(&Target { protocol: &url.protocol(), hostname: &url.hostname(), same_origin })
}
