//! `update()` and `update_with()`.

use std::rc::Rc;

use web_sys::AbortController;

use super::{
    Client, current,
    fetch::{self, Body},
    flight::Want,
};
use crate::session::{Pending, SessionSnapshot, outcome::Outcome};

/// Reads the session, or changes it with `data` (JSON). Answers when the store is up to date, or cannot be.
pub(in crate::session) fn update(data: Option<String>) -> Pending<()> {
    let Some(client) = current() else { return Pending::ready(()) };
    // The question must be under way before we return: calls of the same moment share it.
    let question = data.is_none().then(|| client.read(Want::Fresh));
    client.store.set_updating(true);
    Pending::start(async move {
        match (question, data) {
            (Some(question), _) => question.await,
            (None, Some(data)) => client.change(&data).await,
            (None, None) => {}
        }
        client.store.set_updating(false);
    })
}

impl Client {
    async fn change(self: &Rc<Self>, data: &str) {
        if self.store.known() == SessionSnapshot::Known(None) {
            return;
        }
        let answer = self.post_change(data).await;
        // A question from before the change would bring the old data back.
        self.cancel();
        match self.hear(answer) {
            // A refused change answers `null` as well: ask who is signed in, do not believe it.
            Outcome::Session(None) => self.read(Want::Fresh).await,
            outcome => self.land(outcome, false),
        }
    }

    async fn post_change(&self, data: &str) -> Option<fetch::Answer> {
        let base_path = &self.options.base_path;
        let token = fetch::csrf_token(base_path).await?;
        // The token is hex, so it needs no escaping.
        let text = format!(r#"{{"csrfToken":"{token}","data":{data}}}"#);
        let body = Body { content_type: "application/json", text };
        fetch::post(&format!("{base_path}/session"), body, &AbortController::new().ok()?).await
    }
}
