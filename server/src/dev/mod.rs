//! Development tools that make a fresh clone work without accounts, a mail server or a network: an inbox that receives all
//! emails, and an identity provider with three test users.
//!
//! Threat: anyone who can open the inbox can sign in as any user. All of this is therefore compiled only with the feature
//! `dev`, is disabled in production mode, and answers only requests whose host is this machine or `AUTH_URL`. A page of
//! another site that points its own name here (DNS rebinding) is rejected.

mod html;
mod identity_provider;
mod inbox;
mod only_here;

use std::{net::IpAddr, sync::Arc};

use axum::{Router, middleware::from_fn_with_state};
use leptos_auth::{AuthBuilder, config::Mode};

use crate::state::AppState;
use identity_provider::IdentityProvider;
use inbox::Inbox;
pub use only_here::only_here;

/// The sender in the inbox.
const FROM: &str = "Leptos Auth <no-reply@localhost>";

/// What is on; nothing in production mode.
#[derive(Default)]
pub struct Dev {
    inbox: Option<Arc<Inbox>>,
    provider: Option<Arc<IdentityProvider>>,
}

/// Adds the inbox as mailer and the provider as "Dev ID".
pub fn add(builder: AuthBuilder, host: IpAddr, port: u16) -> (AuthBuilder, Dev) {
    if builder.config().mode == Mode::Production {
        return (builder, Dev::default());
    }
    let inbox = Arc::new(Inbox::default());
    let builder = builder.mailer(inbox.clone(), FROM);
    match IdentityProvider::new(&builder.config().base_url, host, port) {
        Some(provider) => {
            let builder = builder.provider(provider.registration());
            (builder, Dev { inbox: Some(inbox), provider: Some(Arc::new(provider)) })
        }
        None => (builder, Dev { inbox: Some(inbox), provider: None }),
    }
}

impl Dev {
    /// Adds `/dev/inbox` and `/dev/idp`.
    pub fn add_routes(self, router: Router<AppState>, state: &AppState) -> Router<AppState> {
        let Some(inbox) = self.inbox else { return router };
        let mut routes = inbox::routes(inbox, state);
        if let Some(provider) = self.provider {
            routes = routes.nest(identity_provider::PATH, identity_provider::routes(provider, state));
        }
        router.merge(routes.route_layer(from_fn_with_state(state.clone(), only_here)))
    }
}
