//! An audit event as JSON, for the database, the webhook and the export. Rule: untrusted text is shortened, and contains
//! nothing that a terminal or a log parser could interpret (LG-03).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Note;
use crate::{adapter::AuditRecord, clock::Timestamp, request::ActionRequest};

/// The longest text of a field.
const LONGEST: usize = 300;

/// What happened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    /// [`Event::as_str`](super::Event::as_str).
    pub(crate) event: String,
    /// `ok` or `refused`.
    pub(crate) result: String,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) detail: Option<String>,
    /// Where the request came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// The browser's own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_agent: Option<String>,
    /// What the lines of the log have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request_id: Option<String>,
}

impl Row {
    pub(super) fn new(note: &Note<'_>, request: &ActionRequest<'_>) -> Self {
        let text = |text: Option<&str>| text.map(plain);
        Self {
            event: note.event.as_str().to_owned(),
            result: if note.refused.is_some() { "refused" } else { "ok" }.to_owned(),
            reason: text(note.refused),
            method: text(note.method),
            detail: text(note.detail.as_deref()),
            address: request.client.map(|address| address.to_canonical().to_string()),
            user_agent: text(request.user_agent),
            request_id: text(request.id),
        }
    }
}

impl Row {
    /// Writes the log line, which has the same content as the row.
    pub(super) fn log(&self, user: Option<&str>) {
        let Self { event, method, reason, detail, address, .. } = self;
        tracing::info!(
            event,
            user,
            provider = method,
            reason,
            detail,
            address,
            "{}",
            event.replace('_', " ")
        );
    }
}

impl AuditRecord {
    /// One object with everything: `id`, `time`, `user`, and what the row says.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut object: Map<String, Value> = serde_json::from_str(&self.data).unwrap_or_default();
        object.insert("id".to_owned(), self.id.clone().into());
        object.insert("time".to_owned(), self.created.to_rfc3339().into());
        object.insert("user".to_owned(), self.user_id.clone().into());
        Value::Object(object)
    }

    /// The smallest id that a record from that instant or later can have.
    #[must_use]
    pub fn first_id(since: Timestamp) -> String {
        crate::random::first_uuid_at(since)
    }
}

fn plain(text: &str) -> String {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}');
    text.chars().take(LONGEST).map(|c| if is_odd(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lg_03_a_text_is_one_plain_line() {
        assert_eq!(plain("a\r\nb\u{1b}[31m\u{2028}c\u{202e}\u{0}"), "a  b [31m c  ");
        assert_eq!(plain(&"ä".repeat(10_000)).chars().count(), LONGEST);
    }

    #[test]
    fn a_record_is_one_object() {
        let row = Row { event: "signed_in".into(), result: "ok".into(), ..Row::default() };
        let record = AuditRecord {
            id: "id".into(),
            user_id: None,
            created: Timestamp::from_millis(0),
            expires: Timestamp::from_millis(0),
            data: serde_json::to_string(&row).unwrap(),
        };
        let expected = serde_json::json!({
            "event": "signed_in",
            "id": "id",
            "result": "ok",
            "time": "1970-01-01T00:00:00.000Z",
            "user": null,
        });
        assert_eq!(record.to_json(), expected);
    }
}
