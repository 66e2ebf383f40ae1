//! Reads `.env`. Rule: an invalid line stops the start and is reported by its number only, because its text may be a secret.

use std::{io, path::Path};

use dotenvy::Error;

use super::Problems;

const FILE: &str = ".env";

/// Reads `.env` in the working directory, if there is one. Variables that are already set keep their values.
///
/// # Errors
/// If a line is not `NAME=value`, or the file is not UTF-8.
pub fn load_env_file() -> Result<(), Problems> {
    let bytes = match std::fs::read(Path::new(FILE)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(_) => return Err(Problems::one(FILE, "cannot be read: look at its permissions")),
    };
    let text = text(&bytes).ok_or_else(|| {
        Problems::one(FILE, "is not text in UTF-8: save it in that encoding. Example: PORT=3000")
    })?;
    let mut lines = dotenvy::from_read_iter(text.as_bytes());
    if let Some(error) = lines.find_map(Result::err) {
        return Err(Problems::one(FILE, &problem(text, &error)));
    }
    dotenvy::from_read(text.as_bytes()).map_err(|error| Problems::one(FILE, &problem(text, &error)))
}

/// Removes the byte order mark that Windows writes.
fn text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Returns which line is invalid. The error's own text would quote the line.
fn problem(text: &str, error: &Error) -> String {
    const EXAMPLE: &str = "is not NAME=value; a value with spaces, # or quotes needs single quotes around it. \
                           Example: EMAIL_FROM='App <no-reply@example.com>'";
    let Error::LineParse(wrong, _) = error else { return format!("has a line that {EXAMPLE}") };
    let number = text.lines().position(|line| line.trim_end().ends_with(wrong.trim_end()));
    match number {
        Some(number) => format!("has a line (number {}) that {EXAMPLE}", number + 1),
        None => format!("has a line that {EXAMPLE}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(file: &str) -> Option<String> {
        let error = dotenvy::from_read_iter(file.as_bytes()).find_map(Result::err)?;
        Some(problem(file, &error))
    }

    #[test]
    fn i_14_a_line_that_cannot_be_read_is_named_by_its_number() {
        for file in [
            "PORT=1\n\nEMAIL_FROM=App <hunter2@app.test>\n",
            "PORT=1\n\nAUTH_SECRET hunter2\n",
            "PORT=1\r\n\r\nAUTH_SECRET=\"hunter2\r\n",
        ] {
            let problem = wrong(file).unwrap();
            assert!(problem.contains("number 3") && !problem.contains("hunter2"), "{problem}");
        }
        assert_eq!(wrong("export PORT=1\nEMAIL_FROM='App <a@app.test>'\r\n# x\n"), None, "control");
    }

    #[test]
    fn i_14_a_byte_order_mark_is_not_part_of_a_name() {
        assert_eq!(text("\u{feff}PORT=1".as_bytes()), Some("PORT=1"));
        assert_eq!(text(b"PORT=1"), Some("PORT=1"), "control");
        assert_eq!(text(b"\xff\xfeP\0"), None, "UTF-16");
    }
}
