//! A copy of a SQLite database that is in use (OP-10).
//!
//! The copy is what the database was at one instant: sign-ins go on meanwhile and are in it wholly or not at all. It has
//! its name only once it is complete and on the disk, so a backup that was interrupted is never taken for one.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::Path,
    str::FromStr,
    time::Duration,
};

use sqlx::{Connection, SqliteConnection, sqlite::SqliteConnectOptions};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database cannot be read.
    #[error("the database cannot be read: {0}")]
    Database(#[from] sqlx::Error),
    /// The copy cannot be written. An existing file is never replaced.
    #[error("the copy cannot be written: {0}")]
    File(#[from] io::Error),
}

/// Copies the database of a `DATABASE_URL` into a new file that only its owner can read: it holds names and addresses.
///
/// # Errors
/// When there is no such database, or the file is there already or cannot be written: then it is not there afterwards.
pub async fn backup(database_url: &str, file: &Path) -> Result<(), BackupError> {
    let source = SqliteConnectOptions::from_str(database_url)?.busy_timeout(Duration::from_secs(5));
    if file.exists() {
        return Err(io::Error::from(io::ErrorKind::AlreadyExists).into());
    }
    let mut partial = file.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    let result = copy(source, partial).await.and_then(|()| Ok(finish(partial, file)?));
    if result.is_err() {
        let _ = fs::remove_file(partial);
    }
    result
}

async fn copy(source: SqliteConnectOptions, to: &Path) -> Result<(), BackupError> {
    let mut connection = SqliteConnection::connect_with(&source).await?;
    create_private(to)?;
    let name = to.to_str().ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
    sqlx::query("VACUUM INTO ?").bind(name).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

/// An empty file; what an interrupted backup has left is replaced.
fn create_private(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Gives the copy its name, without replacing a file that has come meanwhile.
fn finish(partial: &Path, file: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    fs::hard_link(partial, file)?;
    fs::remove_file(partial)?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
