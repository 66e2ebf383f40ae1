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
    refuse_existing(file)?;
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

/// Gives the copy its name once it is on the disk.
fn finish(partial: &Path, file: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    refuse_existing(file)?;
    fs::rename(partial, file)?;
    // The name is on the disk when the folder is.
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })?.sync_all()?;
    }
    Ok(())
}

fn refuse_existing(file: &Path) -> io::Result<()> {
    if file.exists() { Err(io::ErrorKind::AlreadyExists.into()) } else { Ok(()) }
}
