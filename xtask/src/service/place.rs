//! Where one database lives: a folder and a port. Rule: the port lies below those that the kernel hands out for
//! connections, so that it is still free when the database comes back after a crash.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::failure::{Failure, Result};
use crate::process::{output, run};

const FIRST_PORT: u16 = 20_000;
const PORTS: u16 = 12_000;

/// A folder and a port that nobody else uses.
#[derive(Clone, Debug)]
pub struct Place {
    /// Everything that the database writes.
    pub folder: PathBuf,
    /// On 127.0.0.1.
    pub port: u16,
}

impl Place {
    /// An empty folder and a free port.
    pub fn new(name: &str) -> Result<Self> {
        let port = free_port().ok_or_else(|| Failure::new("No port is free."))?;
        let folder = std::env::temp_dir().join(format!("leptos-auth-{name}-{}-{port}", std::process::id()));
        let sentence = format!("Cannot create the folder {}", folder.display());
        std::fs::create_dir(&folder).map_err(Failure::because(sentence))?;
        Ok(Self { folder, port })
    }

    /// The path of a file in the folder, as an argument.
    pub fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Gives the folder to the user whom a database server runs as when root starts it.
    pub fn give_to(&self, user: &str) -> Result {
        if !is_root() {
            return Ok(());
        }
        run(Command::new("chown").arg(user).arg(&self.folder), &format!("The user {user} is missing."))
    }

    /// Removes the folder. One that is gone is fine, and one that cannot be removed is in a temporary place.
    pub fn remove(&self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Whether servers must be told to be somebody else.
pub fn is_root() -> bool {
    output(Command::new("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0")
}

/// Each call begins where the last one ended, and each process somewhere else.
pub(super) fn free_port() -> Option<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = std::process::id().wrapping_mul(37) % u32::from(PORTS);
    (0..PORTS).find_map(|_| {
        let offset = (start + u32::from(NEXT.fetch_add(1, Ordering::Relaxed))) % u32::from(PORTS);
        let port = FIRST_PORT + u16::try_from(offset).ok()?;
        TcpListener::bind(("127.0.0.1", port)).is_ok().then_some(port)
    })
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn no_two_places_are_the_same() {
        let (first, second) = (Place::new("test").unwrap(), Place::new("test").unwrap());
        assert!(first.port != second.port && first.folder != second.folder);
        assert!(first.folder.is_dir());
        first.remove();
        second.remove();
        assert!(!first.folder.exists());
    }
}
