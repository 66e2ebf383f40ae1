//! Development helpers must not reach production: whoever can reach the inbox, the provider or the demo
//! user of a server is signed in as anyone. Rule: a program built without the feature `dev` does not
//! even contain their names.

use std::io::BufRead;
use std::path::Path;

use crate::failure::Result;
use crate::files::read_bytes;

/// Texts that only a program with the feature `dev` contains.
pub const TRACES: [&str; 4] = ["/dev/inbox", "/dev/idp", "/dev/gallery", "demo-password"];

/// The traces that a file contains.
pub fn find(file: &Path) -> Result<Vec<&'static str>> {
    let content = read_bytes(file)?;
    Ok(TRACES.into_iter().filter(|trace| contains(&content, trace.as_bytes())).collect())
}

/// Jumps from one first byte to the next with `skip_until`, which is compiled into the standard library:
/// a loop of our own takes many seconds for a large program when xtask itself is not optimised.
fn contains(mut content: &[u8], text: &[u8]) -> bool {
    let Some((first, rest)) = text.split_first() else { return true };
    while content.skip_until(*first).is_ok_and(|skipped| skipped > 0) {
        if content.starts_with(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::contains;

    #[test]
    fn finds_a_text_anywhere() {
        assert!(contains(b"..//dev/inbox", b"/dev/inbox") && contains(b"demo-password", b"demo-password"));
        assert!(!contains(b"/dev/inbo", b"/dev/inbox") && !contains(b"", b"/dev/inbox"));
    }
}
