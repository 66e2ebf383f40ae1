//! The databases, the directory and other servers that the tests need, without Docker: each in a folder of its own
//! below the system's temporary folder, on a port of its own, gone with the command that started it. Rule: what
//! cannot be had is named with the reason, and the rest runs.
//!
//! A test that needs one of them lies in a module `postgres`, `mysql`, `redis`, `mongodb`, `ldap` or `oauthlib`:
//! `cargo xtask test` leaves those modules out when theirs is missing. Such a test is marked
//! `#[ignore = "needs PostgreSQL: cargo xtask services"]`, so that a plain `cargo test` says what it left out.

mod ldap;
mod mariadb;
mod mongodb;
mod oauthlib;
mod place;
mod postgres;
mod python;
mod redis;
mod running;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::failure::{Failure, Result};
use crate::machine;
use crate::process::succeeds;
pub use place::Place;
pub use running::Running;

/// How long one may take from its start to the first connection.
const PATIENCE: Duration = Duration::from_secs(20);

/// One kind of server: everything that differs between them.
#[derive(Clone, Copy)]
pub struct Kind {
    /// Its name in the modules of tests.
    pub name: &'static str,
    /// The variable that tells tests its address.
    pub variable: &'static str,
    /// The Debian packages it comes from.
    packages: &'static [&'static str],
    /// The service that Debian starts once they are installed.
    service: Option<&'static str>,
    is_installed: fn() -> bool,
    /// Makes the first files in an empty folder. Gets a folder that outlives the command, for tools.
    prepare: fn(&Place, &Path) -> Result,
    command: fn(&Place, &Path) -> Command,
    url: fn(&Place) -> String,
    /// Ends it at once, together with all its processes: nobody needs the data afterwards.
    last_signal: &'static str,
}

/// All that the tests know.
pub const KINDS: [Kind; 6] =
    [postgres::POSTGRES, mariadb::MARIADB, redis::REDIS, mongodb::MONGODB, ldap::LDAP, oauthlib::OAUTHLIB];

/// One that runs, or why it does not.
pub struct Outcome {
    /// Which one.
    pub kind: Kind,
    /// It ends when this is dropped, and also when this process is killed.
    pub running: Result<Running>,
}

/// Installs what is missing (Debian, root) and starts all of them side by side. `tools` is a folder that stays.
pub fn start_all(tools: &Path) -> Vec<Outcome> {
    let missing: Vec<_> = KINDS.iter().filter(|kind| !(kind.is_installed)()).collect();
    if !missing.is_empty() && machine::can_install() {
        install(&missing);
    }
    std::thread::scope(|scope| {
        let starts = KINDS.map(|kind| (kind, scope.spawn(move || kind.start(tools))));
        let wait = |(kind, start): (Kind, std::thread::ScopedJoinHandle<'_, Result<Running>>)| Outcome {
            kind,
            running: start.join().unwrap_or_else(|_| Err(Failure::new("its start panicked"))),
        };
        starts.map(wait).into()
    })
}

/// Installs programs; the services that come with them are not for us and must not run on.
fn install(missing: &[&Kind]) {
    let packages: Vec<_> = missing.iter().flat_map(|kind| kind.packages).copied().collect();
    if let Err(failure) = machine::install(&packages) {
        println!("{failure}");
    }
    for service in missing.iter().filter_map(|kind| kind.service) {
        // Where there is no systemd, nothing was started.
        succeeds(Command::new("systemctl").args(["disable", "--now", service]));
    }
}

/// The lines by which a shell tells tests where the databases are.
pub fn exports(outcomes: &[Outcome]) -> String {
    let export = |outcome: &Outcome| match &outcome.running {
        Ok(running) => format!("export {}='{}'\n", outcome.kind.variable, running.url),
        Err(failure) => format!("# no {}: {}\n", outcome.kind.name, failure.to_string().replace('\n', " ")),
    };
    outcomes.iter().map(export).collect()
}

impl Kind {
    /// A part of the names of all tests that need it.
    pub fn tests(self) -> String {
        format!("{}::", self.name)
    }

    /// Starts one on an empty folder and waits until it takes connections.
    pub fn start(self, tools: &Path) -> Result<Running> {
        if !(self.is_installed)() {
            return Err(Failure::new(format!(
                "{} is not installed: on Debian `apt-get install {}`",
                self.name,
                self.packages.join(" ")
            )));
        }
        let place = Place::new(self.name)?;
        if let Err(failure) = (self.prepare)(&place, tools) {
            place.remove();
            return Err(failure);
        }
        Running::start(self, place, tools)
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, KINDS, Outcome, exports};

    #[test]
    fn what_is_missing_is_a_comment_for_the_shell() {
        let missing = Outcome { kind: KINDS[0], running: Err(Failure::new("one\ntwo")) };
        assert_eq!(exports(&[missing]), "# no postgres: one two\n");
    }
}
