//! `server/src/auth.rs`: what stands beside other items.

use std::sync::Arc;

use leptos_auth::{
    AuthBuilder, Callbacks, Events, SignInEvent, adapter::MemoryAdapter, async_trait, config::Environment,
};
use serde_json::Value;

struct Hooks {
    groups: Groups,
}

impl Hooks {
    fn new(env: &Environment) -> Self {
        Self { groups: Groups }
    }
}

impl Callbacks for Hooks {}

/// A table of one's own.
struct Groups;

impl Groups {
    async fn store(&self, user_id: &str, groups: &Value) {}
}

struct Log;

impl Events for Log {}

/// One has to be given back that keeps the trait: the shortest.
struct MyAdapter;

impl MyAdapter {
    fn new(url: &str) -> MemoryAdapter {
        MemoryAdapter::default()
    }
}

/* the block */
