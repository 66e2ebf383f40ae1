//! What was found, for people and, with `--json`, for programs.

use std::fmt;

use leptos_auth::config::{ProviderState, ProviderStatus};
use serde::Serialize;

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Well.
    Good,
    /// It works, but is seldom meant; or it could not be looked at.
    Careful,
    /// The server does not start, or nobody can sign in this way.
    Wrong,
    /// Not switched on.
    Off,
}

impl State {
    const fn sign(self) -> char {
        match self {
            Self::Good => '✓',
            Self::Careful => '!',
            Self::Wrong => '✗',
            Self::Off => '·',
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What: a variable, or a word such as `port`.
    pub what: String,
    /// How it is.
    pub state: State,
    /// The sentence, with what to do.
    pub message: String,
}

impl Finding {
    pub(super) fn new(what: &str, state: State, message: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state, message: message.into() }
    }
}

/// A provider, on or not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// The word in its URLs.
    pub id: String,
    /// What people read.
    pub name: String,
    /// How it is.
    pub state: State,
    /// What is wrong.
    pub problems: Vec<String>,
    /// The variables that it needs.
    pub variables: Vec<String>,
    /// What to register there.
    pub callback_url: String,
    /// Where to register it.
    pub console: Option<String>,
}

impl Provider {
    pub(super) fn of(status: &ProviderStatus, origin: &str) -> Self {
        let (state, problems) = match &status.state {
            ProviderState::On(_) => (State::Good, Vec::new()),
            ProviderState::Misconfigured(problems) => {
                (State::Wrong, problems.iter().map(ToString::to_string).collect())
            }
            ProviderState::Off => (State::Off, Vec::new()),
            ProviderState::Ended(why) => (State::Off, vec![format!("is no more: {why}")]),
        };
        Self {
            id: status.id.clone(),
            name: status.name.clone(),
            state,
            problems,
            variables: status.variables.clone(),
            callback_url: format!("{origin}/api/auth/callback/{}", status.id),
            console: status.service.map(|service| service.console.to_owned()),
        }
    }

    /// Takes over whether it answers.
    pub(super) fn reached(&mut self, problem: Option<String>) {
        if let Some(problem) = problem {
            self.state = State::Wrong;
            self.problems.push(problem);
        }
    }
}

/// Everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The settings, this machine, the database.
    pub findings: Vec<Finding>,
    /// All providers: those that are on or should be, then the others.
    pub providers: Vec<Provider>,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_well(&self) -> bool {
        let mut states = self.findings.iter().map(|finding| finding.state);
        let mut providers = self.providers.iter().map(|provider| provider.state);
        states.all(|state| state != State::Wrong) && providers.all(|state| state != State::Wrong)
    }

    /// For programs.
    #[must_use]
    pub fn json(&self) -> String {
        let report = serde_json::json!({
            "ok": self.is_well(),
            "findings": self.findings,
            "providers": self.providers,
        });
        format!("{report:#}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding { what, state, message } in &self.findings {
            writeln!(f, "{} {what} {message}", state.sign())?;
        }
        let (off, on): (Vec<_>, Vec<_>) =
            self.providers.iter().partition(|provider| provider.state == State::Off);
        writeln!(f, "\nProviders")?;
        for provider in on {
            writeln!(f, "{} {}", provider.state.sign(), provider.name)?;
            for problem in &provider.problems {
                writeln!(f, "    {problem}")?;
            }
            writeln!(f, "    callback URL: {}", provider.callback_url)?;
            if let Some(console) = &provider.console {
                writeln!(f, "    register it:  {console}")?;
            }
        }
        let (ended, off): (Vec<_>, Vec<_>) =
            off.into_iter().partition(|provider| !provider.problems.is_empty());
        let names: Vec<_> = off.iter().map(|provider| provider.name.as_str()).collect();
        writeln!(f, "· off, {}: {}", names.len(), names.join(", "))?;
        writeln!(f, "    docs/providers has a page for each: variables, callback URL, where to register")?;
        for provider in ended {
            writeln!(f, "· {} {}", provider.name, provider.problems.join(" "))?;
        }
        let wrong = self.findings.iter().filter(|finding| finding.state == State::Wrong).count()
            + self.providers.iter().filter(|provider| provider.state == State::Wrong).count();
        match wrong {
            0 => writeln!(f, "\nAll is well."),
            1 => writeln!(f, "\n1 thing is wrong: see ✗ above."),
            _ => writeln!(f, "\n{wrong} things are wrong: see ✗ above."),
        }
    }
}
