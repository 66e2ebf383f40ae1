//! File operations whose errors name the path. Rule: a file is written only when its content
//! changes, so that time stamps mean something to cargo, to browsers and to our own checks.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Result};

/// Reads a whole text file.
pub fn read_text(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(Failure::because(format!("Cannot read {}", path.display())))
}

/// Reads a whole file.
pub fn read_bytes(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(Failure::because(format!("Cannot read {}", path.display())))
}

/// Writes a file and the folders above it; a file that already has this content is left alone.
/// Returns whether something was written.
pub fn write_if_changed(path: &Path, content: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == content) {
        return Ok(false);
    }
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    fs::write(path, content).map_err(Failure::because(format!("Cannot write {}", path.display())))?;
    Ok(true)
}

/// Copies a file, permissions included, into a folder that need not be there yet.
pub fn copy(from: &Path, to: &Path) -> Result {
    if let Some(folder) = to.parent() {
        create_folder(folder)?;
    }
    let sentence = format!("Cannot copy {} to {}", from.display(), to.display());
    fs::copy(from, to).map(drop).map_err(Failure::because(sentence))
}

/// Creates a folder and everything above it.
pub fn create_folder(path: &Path) -> Result {
    fs::create_dir_all(path).map_err(Failure::because(format!("Cannot create the folder {}", path.display())))
}

/// Removes a folder with everything in it; one that is not there is fine.
pub fn remove_folder(path: &Path) -> Result {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Failure::new(format!("Cannot remove the folder {}: {error}", path.display())))
        }
        _ => Ok(()),
    }
}

/// Every file below a folder, sorted, so that the output does not depend on the file system.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let sentence = format!("Cannot list the folder {}", folder.display());
        let entries = fs::read_dir(&folder).map_err(Failure::because(&sentence))?;
        for entry in entries {
            let path = entry.map_err(Failure::because(&sentence))?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
