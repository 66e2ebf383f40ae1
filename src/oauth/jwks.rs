//! A provider's public keys (RFC 7517), remembered for a day.
//!
//! An unknown key id makes us ask again, for providers change keys without notice, but at most once in ten
//! seconds, whatever flood of key ids arrives (ID-13, ID-14). Keys that are known keep working meanwhile (IP-13).

use std::time::Duration;

use josekit::jwk::{Jwk, JwkSet};
use tokio::sync::Mutex;
use url::Url;

use crate::{clock::Timestamp, error::Source, http_client::HttpClient};

const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
const PAUSE: Duration = Duration::from_secs(10);

/// What is remembered of one provider's keys.
#[derive(Default)]
pub(super) struct KeySet {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    keys: Vec<Jwk>,
    asked: Option<Timestamp>,
}

impl KeySet {
    /// The keys that a token with that key id may be signed with: one of that id, or all when it names none.
    pub(super) async fn candidates(
        &self,
        http: &HttpClient,
        url: &Url,
        key_id: Option<&str>,
        now: Timestamp,
    ) -> Result<Vec<Jwk>, Source> {
        let mut state = self.state.lock().await;
        let found = state.find(key_id);
        let age = state.asked.map(|asked| now.since(asked));
        let is_needed = found.is_empty() || age.is_none_or(|age| age >= REMEMBERED);
        if !is_needed || age.is_some_and(|age| age < PAUSE) {
            return Ok(found);
        }
        state.asked = Some(now);
        match ask(http, url).await {
            Ok(keys) => state.keys = keys,
            Err(error) if found.is_empty() => return Err(error),
            Err(_) => {}
        }
        Ok(state.find(key_id))
    }
}

impl State {
    fn find(&self, key_id: Option<&str>) -> Vec<Jwk> {
        let fits = |key: &&Jwk| key_id.is_none() || key.key_id() == key_id;
        self.keys.iter().filter(fits).cloned().collect()
    }
}

async fn ask(http: &HttpClient, url: &Url) -> Result<Vec<Jwk>, Source> {
    let document: serde_json::Value = http.get_json(url, None).await?;
    let set = JwkSet::from_bytes(serde_json::to_vec(&document)?)?;
    let is_public_signing_key =
        |key: &&&Jwk| key.key_type() != "oct" && key.key_use().is_none_or(|key_use| key_use == "sig");
    Ok(set.keys().iter().filter(is_public_signing_key).map(|key| (*key).clone()).collect())
}
