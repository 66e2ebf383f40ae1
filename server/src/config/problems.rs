//! Collects everything that prevents a start and reports it at once, so that five errors do not take five restarts.

use std::fmt;

use leptos_auth::config::explain;

use super::{ConfigError, Environment};

/// What is wrong with the settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<ConfigError>);

impl Problems {
    /// A single one.
    #[must_use]
    pub fn one(variable: &str, message: &str) -> Self {
        Self(vec![ConfigError { variable: variable.to_owned(), message: message.to_owned() }])
    }

    /// Adds one.
    pub fn add(&mut self, variable: &str, message: impl Into<String>) {
        self.0.push(ConfigError { variable: variable.to_owned(), message: message.into() });
    }

    /// Replaces reasons that follow from a badly copied value, such as one in quotes, with that cause.
    #[must_use]
    pub fn explained(mut self, env: &Environment) -> Self {
        self.0.iter_mut().for_each(|problem| explain(env, problem));
        self
    }

    /// Adds those of a part; its value, if it has one.
    pub fn collect<T>(&mut self, result: Result<T, Vec<ConfigError>>) -> Option<T> {
        result.map_err(|problems| self.0.extend(problems)).ok()
    }

    /// Adds one when there is no value.
    pub fn or_default<T>(&mut self, value: Option<T>, variable: &str, message: &str) -> Option<T> {
        if value.is_none() {
            self.add(variable, message);
        }
        value
    }

    /// Whether all is well.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One by one.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigError> {
        self.0.iter()
    }
}

impl From<Vec<ConfigError>> for Problems {
    fn from(problems: Vec<ConfigError>) -> Self {
        Self(problems)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let these =
            if self.0.len() == 1 { "this is".to_owned() } else { format!("these {} are", self.0.len()) };
        writeln!(f, "\nThe server cannot start until {these} put right:\n")?;
        for problem in &self.0 {
            writeln!(f, "  {problem}")?;
        }
        writeln!(f, "\nAll settings are explained in docs/environment.md.")
    }
}

impl std::error::Error for Problems {}
