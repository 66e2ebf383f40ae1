//! What tabs tell each other. Rule: a message says only that something changed, never what; whoever hears it asks
//! the server. A forged message can therefore cause one request and nothing else.

use super::timing;
use crate::claims::Session;

/// The only message there is.
const CHANGED: &str = "session";

/// The message; `salt` makes it new, because writing the same value twice fires no storage event.
pub(super) fn changed(salt: u32) -> String {
    format!("{CHANGED} {salt}")
}

/// Is this one of ours? Junk of any kind and length is not.
pub(super) fn is_changed(text: &str) -> bool {
    text.len() < 64 && text.split(' ').next() == Some(CHANGED)
}

/// A short mark of who is signed in, to notice a change without remembering the session: 32 bits are too few to
/// find a person by, and enough to tell two apart. `-` is nobody.
pub(super) fn fingerprint(session: Option<&Session>) -> String {
    let Some(user) = session.map(|session| &session.user) else { return "-".to_owned() };
    let mut hash = 0x811c_9dc5_u32; // FNV-1a
    // `Debug` names and quotes the fields, so moving a letter from one to the next is a change.
    for byte in format!("{user:?}").bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    format!("{hash:08x}")
}

/// The mark that all tabs share: who is signed in as far as this browser knows, and since when (ms, server's clock).
pub(super) fn mark(fingerprint: &str, now: f64) -> String {
    format!("{fingerprint} {}", timing::write(now))
}

/// Does `mark` say that this one is signed in?
pub(super) fn is_mark_of(mark: &str, fingerprint: &str) -> bool {
    mark.split(' ').next() == Some(fingerprint)
}

/// What a page that was just loaded does about the mark it finds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reconcile {
    /// Nothing: everybody knows.
    Agree,
    /// Leave a mark: there was none, so there is nobody to tell.
    Mark,
    /// Leave a mark and tell the other tabs: this page brings news, for example after a sign-in without scripts.
    Tell,
    /// Ask the server: another tab learned something after this page was asked for.
    Ask,
}

/// Compares what the page says with the `shared` mark; the page was `rendered` then (ms, server's clock). When both are
/// about as old, asking is the safe way.
pub(super) fn reconcile(shared: Option<&str>, page: &str, rendered: f64) -> Reconcile {
    let Some((known, since)) = shared.and_then(|mark| mark.split_once(' ')) else { return Reconcile::Mark };
    if known == page {
        return Reconcile::Agree;
    }
    match timing::read(since) {
        Some(since) if since + timing::DATE_STEP >= rendered => Reconcile::Ask,
        _ => Reconcile::Tell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Claims, Role, SessionUser};

    fn session(id: &str, name: Option<&str>, email: Option<&str>) -> Session {
        let user = SessionUser {
            id: id.to_owned(),
            name: name.map(str::to_owned),
            email: email.map(str::to_owned),
            image: None,
            claims: Claims::default(),
        };
        Session { user, expires: "2030-01-01T00:00:00.000Z".to_owned() }
    }

    /// TS-03
    #[test]
    fn junk_is_not_a_message() {
        assert!(is_changed(&changed(u32::MAX)));
        assert_ne!(changed(1), changed(2));
        for junk in ["", " ", "sessions", "SESSION", "{\"event\":\"session\"}", "null", " session"] {
            assert!(!is_changed(junk), "{junk}");
        }
        assert!(!is_changed(&format!("session {}", "x".repeat(100_000))));
    }

    /// TS-03
    #[test]
    fn nothing_of_the_session_is_told() {
        let ada = session("user-1", Some("Ada"), Some("ada@example.com"));
        let told = mark(&fingerprint(Some(&ada)), 5.0);
        assert!(is_mark_of(&told, &fingerprint(Some(&ada))) && !is_mark_of(&told, &fingerprint(None)));
        for part in ["user-1", "Ada", "example"] {
            assert!(!told.contains(part));
        }
    }

    #[test]
    fn the_fingerprint_follows_the_user_not_the_clock() {
        let ada = session("1", Some("Ada"), None);
        let later = Session { expires: "2031-01-01T00:00:00.000Z".to_owned(), ..ada.clone() };
        assert_eq!(fingerprint(Some(&ada)), fingerprint(Some(&later)));
        assert_ne!(fingerprint(Some(&ada)), fingerprint(None));
        assert_ne!(fingerprint(Some(&ada)), fingerprint(Some(&session("2", Some("Ada"), None))));
        assert_ne!(fingerprint(Some(&ada)), fingerprint(Some(&session("1", None, Some("Ada")))));
        let mut admin = ada.clone();
        admin.user.claims.role = Some(Role::Admin);
        assert_ne!(fingerprint(Some(&ada)), fingerprint(Some(&admin)));
        assert_ne!(
            fingerprint(Some(&session("1", Some("ab"), Some("c")))),
            fingerprint(Some(&session("1", Some("a"), Some("bc"))))
        );
    }

    #[test]
    fn the_newer_knowledge_wins() {
        assert_eq!(reconcile(None, "-", 100.0), Reconcile::Mark);
        assert_eq!(reconcile(Some("junk"), "-", 100.0), Reconcile::Mark);
        assert_eq!(reconcile(Some("- 5000"), "-", 9_000.0), Reconcile::Agree);
        assert_eq!(reconcile(Some("- 5000"), "abc", 9_000.0), Reconcile::Tell);
        assert_eq!(reconcile(Some("- 8500"), "abc", 9_000.0), Reconcile::Ask);
        assert_eq!(reconcile(Some("- 9500"), "abc", 9_000.0), Reconcile::Ask);
        assert_eq!(reconcile(Some("- soon"), "abc", 9_000.0), Reconcile::Tell);
    }
}
