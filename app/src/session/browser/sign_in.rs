//! `sign_in()` in the browser.

use std::rc::Rc;

use leptos_auth::types::ErrorCode;

use super::{
    Client, current, fetch,
    flight::Want,
    form::{self, Sent},
    leave,
    popup::Popup,
};
use crate::session::{Pending, SignInOptions, SignInResult, page_url};

pub(in crate::session) fn sign_in(provider: String, options: SignInOptions) -> Pending<SignInResult> {
    let Some(client) = current() else {
        return Pending::ready(SignInResult::failed(ErrorCode::Configuration));
    };
    let popup = options.popup.then(Popup::open).flatten();
    Pending::start(async move { client.sign_in(&provider, options, popup).await })
}

impl Client {
    async fn sign_in(
        self: Rc<Self>,
        provider: &str,
        options: SignInOptions,
        popup: Option<Popup>,
    ) -> SignInResult {
        let here = || options.callback_url.unwrap_or_else(leave::href);
        let callback_url = if popup.is_some() { page_url::POPUP_DONE.to_owned() } else { here() };
        let base_path = &self.options.base_path;
        let Some(providers) = fetch::json(&format!("{base_path}/providers")).await else {
            popup.iter().for_each(Popup::close);
            return SignInResult::failed(ErrorCode::Unavailable);
        };
        let known = fetch::field(&providers, provider);
        let sent = match known.and_then(|known| fetch::text(&known, "type")).as_deref() {
            // Let the person choose.
            None => Sent { url: Some(choose(&callback_url)), error: None, code: None },
            Some(kind) => {
                let action = if kind == "credentials" { "callback" } else { "signin" };
                form::send(base_path, &format!("/{action}/{provider}"), &options.fields, &callback_url).await
            }
        };
        if let Some(popup) = popup {
            match &sent.url {
                Some(url) => popup.go(url),
                None => popup.close(),
            }
        } else if options.redirect {
            sent.url.iter().for_each(|url| self.go(url));
        } else if sent.error.is_none() {
            self.read(Want::Fresh).await;
        }
        SignInResult::from_parts(sent.url, sent.error, sent.code)
    }
}

fn choose(callback_url: &str) -> String {
    format!("{}?callbackUrl={}", page_url::SIGN_IN_PAGE, page_url::encode(callback_url))
}
