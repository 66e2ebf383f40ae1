//! Other programs. Rule: their output goes straight to the terminal; when one fails, its own words
//! come first and our one sentence last.

use std::process::{Command, Stdio};

use crate::failure::{Failure, Result};

/// Runs a program to its end with the terminal attached.
pub fn run(command: &mut Command, on_failure: &str) -> Result {
    let status = command.status().map_err(Failure::because(cannot_start(command)))?;
    if status.success() { Ok(()) } else { Err(Failure::new(on_failure)) }
}

/// Runs a program and returns what it printed; its errors go to the terminal.
pub fn output(command: &mut Command, on_failure: &str) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().map_err(Failure::because(cannot_start(command)))?;
    if !output.status.success() {
        return Err(Failure::new(on_failure));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether a program can be started and ends well, without showing anything.
pub fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Whether a program is there at all.
pub fn exists(program: &str) -> bool {
    succeeds(Command::new(program).arg("--version"))
}

fn cannot_start(command: &Command) -> String {
    format!("Cannot start {}", command.get_program().to_string_lossy())
}
