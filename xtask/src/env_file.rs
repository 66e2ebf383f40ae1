//! The `.env` of a development machine. Rule: a secret is generated on the machine that uses it, only
//! the owner can read it, and what a person wrote is never changed.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::files::read_text;

const VARIABLE: &str = "AUTH_SECRET";
const HEADER: &str =
    "# Settings of this machine, read by the server when it starts. Never commit this file.\n";

/// What happened to the file.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The environment or the file has a secret.
    Untouched,
    /// The file is new.
    Written,
    /// The file was there without a secret, which has been added.
    Appended,
}

/// Makes sure that the server finds an AUTH_SECRET.
pub fn ensure_secret(file: &Path) -> Result<Outcome> {
    if std::env::var_os(VARIABLE).is_some_and(|value| !value.is_empty()) {
        return Ok(Outcome::Untouched);
    }
    ensure_in_file(file)
}

fn ensure_in_file(file: &Path) -> Result<Outcome> {
    if !file.exists() {
        write(file, &format!("{HEADER}{}", line()?))?;
        return Ok(Outcome::Written);
    }
    let content = read_text(file)?;
    if content.lines().any(has_secret) {
        return Ok(Outcome::Untouched);
    }
    let separator = if content.is_empty() || content.ends_with('\n') { "" } else { "\n" };
    write(file, &format!("{separator}{}", line()?))?;
    Ok(Outcome::Appended)
}

fn has_secret(line: &str) -> bool {
    assignment(line).is_some_and(|(name, value)| name == VARIABLE && !value.is_empty())
}

/// The name and the value of a line, as it is written.
pub fn assignment(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start();
    let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    Some((name.trim(), value.trim()))
}

fn line() -> Result<String> {
    let mut bytes = [0; 32];
    let source = "/dev/urandom";
    File::open(source)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(Failure::because(format!("Cannot read random bytes from {source}")))?;
    Ok(format!("{VARIABLE}={}\n", base64(&bytes)))
}

fn write(file: &Path, text: &str) -> Result {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(Failure::because(format!("Cannot write {}", file.display())))
}

/// Standard base64 with padding (RFC 4648 section 4).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            chunk.iter().fold(0_u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for position in 0..4 {
            let index = (group >> (18 - 6 * position)) & 63;
            text.push(if position <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Outcome, base64, ensure_in_file, has_secret};

    #[test]
    fn base64_vectors_of_rfc_4648() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("fooba", "Zm9vYmE=")];
        for (text, encoded) in vectors {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xff; 3]), "////");
    }

    #[test]
    fn an_empty_or_commented_secret_does_not_count() {
        assert!(has_secret("AUTH_SECRET=x") && has_secret(" export AUTH_SECRET = \"x\""));
        assert!(
            !has_secret("AUTH_SECRET=") && !has_secret("# AUTH_SECRET=x") && !has_secret("AUTH_SECRET_1=x")
        );
    }

    #[test]
    fn writes_once_and_keeps_what_is_there() {
        let file = std::env::temp_dir().join(format!("xtask-env-{}", std::process::id()));
        std::fs::write(&file, "PORT=4000").unwrap();
        assert_eq!(ensure_in_file(&file).unwrap(), Outcome::Appended);
        let content = std::fs::read_to_string(&file).unwrap();
        assert!(content.starts_with("PORT=4000\nAUTH_SECRET=") && content.len() == 10 + 12 + 44 + 1);
        assert_eq!(ensure_in_file(&file).unwrap(), Outcome::Untouched);
        std::fs::remove_file(&file).unwrap();
        assert_eq!(ensure_in_file(&file).unwrap(), Outcome::Written);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::remove_file(&file).unwrap();
    }
}
