//! A server as a process of its own, and what the kernel knows about it. Rule: only the server's own
//! processor time counts; the load generator's does not.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::http::{Connection, get};
use crate::failure::{Failure, Result};

/// How long a start may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running server; it ends with this value.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub port: u16,
    /// From the start of the process to the first answer.
    pub start_time: Duration,
}

impl Server {
    /// Starts a program with `PORT` and other settings and waits until it answers.
    pub fn start(program: &Path, settings: &[(&str, &str)], probe: &str) -> Result<Self> {
        let port = free_port()?;
        let started = Instant::now();
        let child = Command::new(program)
            .env("PORT", port.to_string())
            .env("HOST", "127.0.0.1")
            .env("AUTH_URL", format!("http://127.0.0.1:{port}"))
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .map_err(Failure::because(format!("Cannot start {}", program.display())))?;
        let mut server = Self { child, port, start_time: Duration::ZERO };
        while !server.answers(probe) {
            if started.elapsed() > PATIENCE {
                return Err(Failure::new(format!("{} does not answer on {probe}.", program.display())));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.start_time = started.elapsed();
        Ok(server)
    }

    fn answers(&self, probe: &str) -> bool {
        Connection::open(self.port).is_ok_and(|mut c| c.ask(&get(probe, "")).is_ok_and(|a| a.status < 500))
    }

    /// The origin, as the server knows it too.
    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Processor time of all its threads since the start.
    pub fn cpu_time(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        let ticks = cpu_ticks(&stat).ok_or_else(|| Failure::new("/proc/PID/stat has an unknown form."))?;
        // 100 ticks a second is what Linux tells every program, whatever the kernel's own clock is.
        Ok(Duration::from_millis(10 * ticks))
    }

    /// Resident memory in kilobytes.
    pub fn memory(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kibibytes.unwrap_or_default() * 1024 / 1000)
    }

    fn proc(&self, file: &str) -> Result<String> {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.child.id()))
            .map_err(Failure::because("The benchmark needs Linux's /proc"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that nobody uses now.
fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(Failure::because("No free port"))?;
    listener.local_addr().map(|address| address.port()).map_err(Failure::because("No free port"))
}

/// Fields 14 and 15 of /proc/PID/stat, user and system time. Field 2, the name, may contain anything.
fn cpu_ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::cpu_ticks;

    #[test]
    fn reads_user_and_system_time() {
        let stat = "123 (a) b) S 1 123 123 0 -1 4194560 100 0 0 0 250 40 0 0 20 0 4 0 100 1 1";
        assert_eq!(cpu_ticks(stat), Some(290));
    }
}
