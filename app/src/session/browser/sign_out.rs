//! `sign_out()` in the browser.

use std::rc::Rc;

use leptos_auth::types::ErrorCode;

use super::{Client, current, flight::Want, form, leave};
use crate::session::{Pending, SignOutOptions, SignOutResult};

pub(in crate::session) fn sign_out(options: SignOutOptions) -> Pending<SignOutResult> {
    let Some(client) = current() else {
        return Pending::ready(SignOutResult::failed(ErrorCode::Configuration));
    };
    Pending::start(async move { client.sign_out(options).await })
}

impl Client {
    async fn sign_out(self: Rc<Self>, options: SignOutOptions) -> SignOutResult {
        let callback_url = options.callback_url.unwrap_or_else(leave::href);
        self.cancel();
        let sent = form::send(&self.options.base_path, "/signout", &[], &callback_url).await;
        if let Some(error) = sent.error {
            // Not signed out: find out what holds now, since we stopped a question above.
            self.read(Want::Fresh);
            return SignOutResult::failed(error);
        }
        // Before the store changes, or a protected page would go to the sign-in page first.
        self.leaving.set(options.redirect);
        self.cancel();
        self.retry.clear();
        self.adopt(None, false);
        if options.redirect {
            sent.url.iter().for_each(|url| self.go(url));
        }
        SignOutResult { ok: true, error: None, url: sent.url }
    }
}
