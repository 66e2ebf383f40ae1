//! What a command says when it cannot go on: one sentence for a person. Rule: whoever creates a
//! failure writes the sentence, with the path or the command in it; nobody wraps it again.

use std::fmt::{Display, Formatter};

/// The end of a command, as a sentence.
#[derive(Debug)]
pub struct Failure(String);

/// What every fallible function of xtask returns.
pub type Result<T = ()> = std::result::Result<T, Failure>;

impl Failure {
    /// Takes the sentence to show.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// For `map_err`: `what` failed because of the error that follows.
    pub fn because<E: Display>(what: impl Display) -> impl FnOnce(E) -> Self {
        move |error| Self(format!("{what}: {error}"))
    }
}

impl Display for Failure {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}
