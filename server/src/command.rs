//! What the program is asked to do. Rule: a word that is not known does nothing, so that a mistyped `backup` does not
//! start a second server.

use std::{ffi::OsString, path::PathBuf};

use crate::{
    config::{Environment, Problems, ServerConfig},
    startup,
};

/// What somebody reads who has asked for something else.
pub const USAGE: &str = "\
leptos-auth-server              serves the site
leptos-auth-server backup FILE  copies the SQLite database into a new file, while the server runs
";

/// One of the things to do.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    /// Serve.
    Serve,
    /// Copy the database.
    Backup(PathBuf),
}

impl Command {
    /// Reads the arguments, without the program's own name. `None`: they mean nothing.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        let mut arguments = arguments.into_iter();
        let command = match (arguments.next(), arguments.next()) {
            (None, None) => Self::Serve,
            (Some(word), Some(file)) if word == "backup" => Self::Backup(file.into()),
            _ => return None,
        };
        arguments.next().is_none().then_some(command)
    }
}

/// Copies the database that the settings name.
///
/// # Errors
/// One sentence about what is in the way.
pub async fn backup(env: &Environment, file: PathBuf) -> Result<(), String> {
    // What else is wrong with the settings does not matter here.
    let mode = ServerConfig::from_environment(env, &mut Problems::default()).mode;
    let env = startup::with_defaults(env, mode);
    let Some(url) = env.get("DATABASE_URL").filter(|url| !url.is_empty()) else {
        return Err("DATABASE_URL is not set. Example: DATABASE_URL=sqlite://data/app.db".to_owned());
    };
    if !url.starts_with("sqlite:") {
        return Err("DATABASE_URL names no SQLite database: use the backup tool of that database".to_owned());
    }
    copy(url, file).await
}

#[cfg(feature = "sqlite")]
async fn copy(url: &str, file: PathBuf) -> Result<(), String> {
    leptos_auth::backup::backup(url, &file).await.map_err(|error| error.to_string())
}

#[cfg(not(feature = "sqlite"))]
async fn copy(_: &str, _: PathBuf) -> Result<(), String> {
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
        for mistake in ["backup", "backup a b", "bakup copy.db", "--help", "serve"] {
            assert_eq!(parse(mistake), None, "{mistake}");
        }
    }
}
