//! What handlers share. Made once at start; cloning it is cheap.

use std::{ops::Deref, path::Path, sync::Arc};

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use leptos_auth::Auth;
use tower_http::services::ServeDir;

use crate::assets::{self, Assets};

/// The state of the router.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The parts.
pub struct Shared {
    /// The auth core.
    pub auth: Auth,
    /// What Leptos needs to know of this site.
    pub leptos: LeptosOptions,
    /// Names of the bundle's files.
    pub assets: Assets,
    /// The folder of static files.
    pub files: ServeDir,
}

impl AppState {
    /// Puts the parts together.
    #[must_use]
    pub fn new(auth: Auth, leptos: LeptosOptions, assets: Assets, site_root: &Path) -> Self {
        Self(Arc::new(Shared { auth, leptos, assets, files: assets::service(site_root) }))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<AppState> for Auth {
    fn from_ref(state: &AppState) -> Self {
        state.auth.clone()
    }
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos.clone()
    }
}
