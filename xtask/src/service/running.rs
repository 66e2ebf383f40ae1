//! A database server that cannot outlive us. Rule: it is the child of a guard, a shell that waits at a pipe; when
//! this process ends, well, by a panic, by Ctrl-C or by `kill -9`, the kernel closes the pipe, and the guard ends
//! the server and removes its folder. No signal handler could promise that.

use std::fs::File;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{Kind, PATIENCE, Place};
use crate::failure::{Failure, Result};

/// `$1` is the folder, `$2` the last signal, the rest the server. A line on standard input is a signal after which
/// the files stay, for another start.
const GUARD: &str = r#"
folder=$1; last=$2; shift 2
"$@" </dev/null & server=$!
if read -r signal; then kill -s "$signal" $server; wait $server
else kill -s "$last" $server; wait $server; rm -rf "$folder"
fi
"#;

/// What it prints, in its folder.
const LOG: &str = "log";

/// A server that takes connections.
pub struct Running {
    /// Its address, as `DATABASE_URL` has it.
    pub url: String,
    /// Its port, for what stands between it and a test.
    pub port: u16,
    kind: Kind,
    place: Place,
    #[allow(dead_code, reason = "for another start")]
    tools: PathBuf,
    guard: Child,
}

impl Running {
    /// Starts it on a folder that is prepared, and waits until it takes connections.
    pub(super) fn start(kind: Kind, place: Place, tools: &Path) -> Result<Self> {
        let guard = guard(kind, &place, tools)?;
        let url = (kind.url)(&place);
        let running = Self { url, port: place.port, kind, place, tools: tools.to_path_buf(), guard };
        running.wait()?;
        Ok(running)
    }

    fn wait(&self) -> Result {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if started.elapsed() > PATIENCE {
                let log = last_lines(&self.place.path(LOG));
                return Err(Failure::new(format!("{} does not come up. It says:\n{log}", self.kind.name)));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

/// For tests of faults, which include this file.
#[allow(dead_code, reason = "no command stops a database and starts it again")]
impl Running {
    /// Sends a signal and waits for the end. The files stay.
    pub fn stop(&mut self, signal: &str) -> Result {
        let cannot = || Failure::because(format!("Cannot stop {}", self.kind.name));
        if let Some(mut pipe) = self.guard.stdin.take() {
            writeln!(pipe, "{signal}").map_err(cannot())?;
        }
        self.guard.wait().map(drop).map_err(cannot())
    }

    /// Starts it again, on the same files and port.
    pub fn start_again(&mut self) -> Result {
        self.guard = guard(self.kind, &self.place, &self.tools)?;
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
        self.place.remove();
    }
}

fn guard(kind: Kind, place: &Place, tools: &Path) -> Result<Child> {
    let cannot = || Failure::because(format!("Cannot start {}", kind.name));
    let log = File::options().create(true).append(true).open(place.path(LOG)).map_err(cannot())?;
    let server = (kind.command)(place, tools);
    let mut command = Command::new("sh");
    command.args(["-c", GUARD, "guard"]).arg(&place.folder).arg(kind.last_signal);
    command.arg(server.get_program()).args(server.get_args()).current_dir(&place.folder);
    command.stdin(Stdio::piped()).stdout(log.try_clone().map_err(cannot())?).stderr(log);
    // Ctrl-C in the terminal is for us alone: the guard has to live on to clean up.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn().map_err(cannot())
}

fn last_lines(file: &str) -> String {
    let text = std::fs::read(file).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It never takes a connection, so it is only guarded.
    fn sleeping() -> (Place, Child) {
        let kind = Kind {
            name: "sleep",
            variable: "",
            packages: &[],
            service: None,
            is_installed: || true,
            prepare: |_, _| Ok(()),
            command: |_, _| {
                let mut sleep = Command::new("sleep");
                sleep.arg("1000");
                sleep
            },
            url: |_| String::new(),
            last_signal: "KILL",
        };
        let place = Place::new("sleep").unwrap();
        let mut guard = guard(kind, &place, Path::new("")).unwrap();
        assert!(guard.try_wait().unwrap().is_none() && place.folder.exists(), "control: it runs");
        (place, guard)
    }

    #[test]
    fn when_the_pipe_closes_everything_goes() {
        let (place, mut guard) = sleeping();
        drop(guard.stdin.take());
        guard.wait().unwrap();
        assert!(!place.folder.exists());
    }

    #[test]
    fn a_signal_leaves_the_files() {
        let (place, mut guard) = sleeping();
        writeln!(guard.stdin.take().unwrap(), "TERM").unwrap();
        guard.wait().unwrap();
        assert!(place.folder.exists());
        place.remove();
    }
}
