//! The command line of the program. Rule: an unknown command does nothing, so that a mistyped `backup` does not start a
//! second server.

use std::{
    ffi::OsString,
    io::{self, Write},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use leptos_auth::{
    adapter::{self, Adapter, AuditRecord, AuthJsTables, Counts, Phase, Purpose},
    clock::{Clock, SystemClock, Timestamp},
    operator,
};

use crate::{
    config::{Environment, Problems, ServerConfig},
    doctor, startup,
};

/// What somebody reads who has asked for something else.
pub const USAGE: &str = "\
leptos-auth-server                        serves the site
leptos-auth-server doctor [--json]        says all that is wrong with the settings, the database and the providers
leptos-auth-server migrate                brings the tables of DATABASE_URL up to date
leptos-auth-server backup FILE            copies the SQLite database into a new file, while the server runs
leptos-auth-server export-audit [--since TIME]
                                          prints what happened to accounts, one JSON object a line, the oldest first
leptos-auth-server reset-two-factor USER  turns two-factor authentication off for a user, named by id or email address, who
                                          has lost phone and recovery codes. Make sure who asks
leptos-auth-server copy-database OLD NEW  copies everybody from one database to another while no server runs: each is
                                          a URL, or the name of a variable that holds one
";

/// How long sessions of Auth.js live, unless it was told otherwise. No copy is renewed by it.
const AUTH_JS_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 3600);

/// One of the things to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Serve,
    /// Say what is wrong.
    Doctor {
        /// For programs.
        is_json: bool,
    },
    /// Bring the tables up to date.
    Migrate,
    /// Copy the database into a file.
    Backup(PathBuf),
    /// Print what happened to accounts.
    ExportAudit {
        /// From that instant on.
        since: Option<Timestamp>,
    },
    /// Turn two-factor authentication off for a user, given by id or address.
    ResetTwoFactor(String),
    /// Copy one database into another.
    CopyDatabase {
        /// Where everybody is.
        from: String,
        /// Where everybody shall be.
        to: String,
    },
}

impl Command {
    /// Reads the arguments, without the program's own name. `None`: they mean nothing.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let arguments: Vec<_> = arguments.into_iter().collect();
        let words: Vec<_> = arguments.iter().map(|argument| argument.to_str().unwrap_or_default()).collect();
        Some(match words[..] {
            [] => Self::Serve,
            ["doctor"] => Self::Doctor { is_json: false },
            ["doctor", "--json"] => Self::Doctor { is_json: true },
            ["migrate"] => Self::Migrate,
            ["backup", _] => Self::Backup(arguments.into_iter().nth(1)?.into()),
            ["export-audit"] => Self::ExportAudit { since: None },
            ["export-audit", "--since", time] => Self::ExportAudit { since: Some(instant(time)?) },
            ["reset-two-factor", user] if !user.is_empty() => Self::ResetTwoFactor(user.to_owned()),
            ["copy-database", from, to] => Self::CopyDatabase { from: from.to_owned(), to: to.to_owned() },
            _ => return None,
        })
    }
}

/// A time with its offset, or a day in UTC.
fn instant(text: &str) -> Option<Timestamp> {
    Timestamp::from_rfc3339(text).or_else(|| Timestamp::from_rfc3339(&format!("{text}T00:00:00Z")))
}

/// Says what is wrong, on standard output.
///
/// # Errors
/// Without a word when something is wrong: it has been said.
pub async fn doctor(env: &Environment, is_json: bool) -> Result<(), String> {
    let report = doctor::examine(env).await;
    if is_json {
        println!("{}", report.json());
    } else {
        print!("{report}");
    }
    if report.is_well() { Ok(()) } else { Err(String::new()) }
}

/// Brings the tables of the database that the settings name up to date, as every start does.
///
/// # Errors
/// One sentence about what is in the way.
pub async fn migrate(env: &Environment) -> Result<(), String> {
    let url = database_url(env)?;
    open("DATABASE_URL", &url, env).await.map(drop)
}

/// Prints what happened to accounts, on standard output: page by page, so that any number fits into memory.
///
/// # Errors
/// One sentence about what is in the way; what was printed until then is right.
pub async fn export_audit(env: &Environment, since: Option<Timestamp>) -> Result<(), String> {
    const PAGE: u32 = 500;
    let adapter = open("DATABASE_URL", &database_url(env)?, env).await?;
    let mut last = since.map(AuditRecord::first_id).unwrap_or_default();
    let mut out = io::BufWriter::new(io::stdout().lock());
    loop {
        let page = adapter.audit_after(&last, PAGE).await;
        let page = page.map_err(|error| format!("The database cannot be read: {error}"))?;
        let Some(end) = page.last() else { break };
        last.clone_from(&end.id);
        for record in &page {
            writeln!(out, "{}", record.to_json()).map_err(cannot_print)?;
        }
    }
    out.flush().map_err(cannot_print)
}

fn cannot_print(error: io::Error) -> String {
    format!("The events cannot be printed: {error}")
}

/// Turns two-factor authentication off for a user.
///
/// # Errors
/// Returns one sentence about what failed.
pub async fn reset_two_factor(env: &Environment, user: &str) -> Result<(), String> {
    const DAY: u64 = 24 * 3600;
    let adapter = open("DATABASE_URL", &database_url(env)?, env).await?;
    let days = env.get("AUTH_AUDIT_RETENTION").and_then(|days| days.trim().parse().ok()).unwrap_or(180_u64);
    let retention = Duration::from_secs(days.min(3650) * DAY);
    let reset = operator::reset_two_factor(&*adapter, user, SystemClock.now(), retention).await;
    match reset.map_err(|error| format!("The database cannot be written: {error}"))? {
        Some((id, true)) => eprintln!("Two-factor authentication of the user {id} is off. Notify the user."),
        Some((id, false)) => eprintln!("The user {id} has no two-factor authentication."),
        None => return Err(format!("There is no user with the id or verified address {user}.")),
    }
    Ok(())
}

/// Copies one database into another. Tells on standard error how far it is.
///
/// # Errors
/// One sentence about what is in the way; what was copied stays, and the next try goes on from there.
pub async fn copy_database(env: &Environment, from: &str, to: &str) -> Result<(), String> {
    let url_of = |name: &str| {
        let url = if name.contains(':') { Some(name) } else { env.get(name).map(String::as_str) };
        url.map(|url| url.trim().to_owned())
            .ok_or_else(|| format!("{name} is neither a URL nor the name of a variable"))
    };
    let (old, new) =
        (open(from, &url_of(from)?, env).await?, open(to, &url_of(to)?, &Environment::new()).await?);
    let counts = adapter::copy(&*old, &*new, &SystemClock, |phase, counts| match phase {
        Phase::Copying => eprintln!("copied {}", told(counts)),
        Phase::Checking => eprintln!("compared {}", told(counts)),
    });
    let counts = counts.await.map_err(|error| {
        format!("Copying has stopped: {error}. Put that right and begin again: it goes on where it was.")
    })?;
    eprintln!("Both are the same: {}.", told(&counts));
    Ok(())
}

fn told(counts: &Counts) -> String {
    let Counts { users, accounts, authenticators, sessions, user_records, audit, revocations } = counts;
    format!(
        "{users} users, {accounts} accounts, {authenticators} passkeys, {sessions} sessions, {user_records} records, \
         {revocations} revocations, {audit} events"
    )
}

/// Opens a database; `AUTH_TABLES` says whether it has tables of Auth.js.
async fn open(name: &str, url: &str, env: &Environment) -> Result<Arc<dyn Adapter>, String> {
    let tables = env.get("AUTH_TABLES").and_then(|word| AuthJsTables::named(word.trim()));
    let opened = match tables {
        Some(tables) => adapter::connect_auth_js(url, tables, AUTH_JS_MAX_AGE).await,
        None => adapter::connect(url, Purpose::Everything).await,
    };
    let name = if name.contains(':') { "the URL" } else { name };
    opened.map_err(|reason| format!("{name} cannot be used: {reason}"))
}

/// What the settings name, or what stands in for it in development.
fn database_url(env: &Environment) -> Result<String, String> {
    // What else is wrong with the settings does not matter here.
    let mode = ServerConfig::from_environment(env, &mut Problems::default()).mode;
    let url = startup::with_defaults(env, mode).remove("DATABASE_URL").map(|url| url.trim().to_owned());
    url.filter(|url| !url.is_empty())
        .ok_or_else(|| "DATABASE_URL is not set. Example: DATABASE_URL=sqlite://data/app.db".to_owned())
}

/// Copies the database that the settings name.
///
/// # Errors
/// One sentence about what is in the way.
pub async fn backup(env: &Environment, file: PathBuf) -> Result<(), String> {
    let url = database_url(env)?;
    if !url.starts_with("sqlite:") {
        return Err("DATABASE_URL names no SQLite database: use the backup tool of that database".to_owned());
    }
    copy_file(&url, file).await
}

#[cfg(feature = "sqlite")]
async fn copy_file(url: &str, file: PathBuf) -> Result<(), String> {
    leptos_auth::backup::backup(url, &file).await.map_err(|error| error.to_string())
}

#[cfg(not(feature = "sqlite"))]
async fn copy_file(_: &str, _: PathBuf) -> Result<(), String> {
    Err("this build has no SQLite".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Option<Command> {
        Command::parse(text.split_whitespace().map(OsString::from))
    }

    #[test]
    fn only_what_is_known_is_done() {
        assert_eq!(parse(""), Some(Command::Serve));
        assert_eq!(parse("backup copy.db"), Some(Command::Backup("copy.db".into())));
        assert_eq!(parse("migrate"), Some(Command::Migrate));
        assert_eq!(parse("doctor"), Some(Command::Doctor { is_json: false }));
        assert_eq!(parse("doctor --json"), Some(Command::Doctor { is_json: true }));
        assert_eq!(parse("export-audit"), Some(Command::ExportAudit { since: None }));
        for time in ["2026-11-21", "2026-11-21T00:00:00Z", "2026-11-21T01:00:00+01:00"] {
            let since = Timestamp::from_rfc3339("2026-11-21T00:00:00Z");
            assert_eq!(parse(&format!("export-audit --since {time}")), Some(Command::ExportAudit { since }));
        }
        let reset = Command::ResetTwoFactor("ada@example.com".to_owned());
        assert_eq!(parse("reset-two-factor ada@example.com"), Some(reset));
        let copy = Command::CopyDatabase { from: "OLD".to_owned(), to: "sqlite://new.db".to_owned() };
        assert_eq!(parse("copy-database OLD sqlite://new.db"), Some(copy));
        for mistake in [
            "doctor --yaml",
            "backup",
            "backup a b",
            "bakup copy.db",
            "--help",
            "serve",
            "migrate now",
            "export-audit --since yesterday",
            "export-audit --until 2026-11-21",
            "copy-database OLD",
            "reset-two-factor",
            "reset-two-factor ada grace",
        ] {
            assert_eq!(parse(mistake), None, "{mistake}");
        }
    }
}
