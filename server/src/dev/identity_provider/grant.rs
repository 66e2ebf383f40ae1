//! What a person agreed to, between the browser's way back and the client's questions: first under a code, which works
//! once and for a minute (RFC 6749 section 4.1.2), then under an access token, for five. In memory, bounded.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{AuthorizationRequest, persona::Persona, random_token};

const CODE_LIFETIME: Duration = Duration::from_secs(60);
const TOKEN_LIFETIME: Duration = Duration::from_secs(5 * 60);
const CAPACITY: usize = 1000;

/// Somebody's consent.
#[derive(Debug)]
pub struct Grant {
    /// Who.
    pub persona: &'static Persona,
    /// To what.
    pub request: AuthorizationRequest,
}

/// All that are running.
#[derive(Default)]
pub struct Grants {
    codes: Mutex<Expiring<Grant>>,
    tokens: Mutex<Expiring<&'static Persona>>,
}

impl Grants {
    /// Keeps a grant; the code for it.
    pub fn issue_code(&self, grant: Grant) -> String {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).insert(grant, CODE_LIFETIME)
    }

    /// The grant of a code: once.
    pub fn take(&self, code: &str) -> Option<Grant> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner).take(code)
    }

    /// An access token that speaks for a person.
    pub fn issue_token(&self, persona: &'static Persona) -> String {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(persona, TOKEN_LIFETIME)
    }

    /// Whom an access token speaks for.
    pub fn persona(&self, token: &str) -> Option<&'static Persona> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(token).copied()
    }
}

/// Values under random keys, until they expire.
struct Expiring<T>(HashMap<String, (Instant, T)>);

impl<T> Default for Expiring<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> Expiring<T> {
    fn insert(&mut self, value: T, lifetime: Duration) -> String {
        let now = Instant::now();
        if self.0.len() >= CAPACITY {
            self.0.retain(|_, (end, _)| *end > now);
        }
        if self.0.len() >= CAPACITY {
            self.0.clear();
        }
        let key = random_token();
        self.0.insert(key.clone(), (now + lifetime, value));
        key
    }

    fn take(&mut self, key: &str) -> Option<T> {
        self.0.remove(key).filter(|(end, _)| *end > Instant::now()).map(|(_, value)| value)
    }

    fn get(&self, key: &str) -> Option<&T> {
        self.0.get(key).filter(|(end, _)| *end > Instant::now()).map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_works_once_and_for_its_time() {
        let mut codes = Expiring::default();
        let code = codes.insert("a", Duration::from_secs(60));
        assert_eq!((codes.take(&code), codes.take(&code)), (Some("a"), None));
        let late = codes.insert("b", Duration::ZERO);
        assert_eq!(codes.get(&late), None);
        assert_eq!(codes.take(&late), None);
    }

    #[test]
    fn the_store_is_bounded() {
        let mut codes = Expiring::default();
        for _ in 0..3 * CAPACITY {
            codes.insert((), Duration::from_secs(60));
        }
        assert!(codes.0.len() <= CAPACITY);
    }
}
