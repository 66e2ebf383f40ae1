//! The compiled program in a folder of its own, with an environment of its own.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A secret that is good enough for production.
pub const SECRET: &str = "q8Jr3xT0v7mZ1pKc5yWn9bLs2dFg4hAeUiYo";

const PROGRAM: &str = env!("CARGO_BIN_EXE_leptos-auth-server");

/// The program, not started yet.
pub struct Program {
    command: Command,
    folder: PathBuf,
}

/// The program, listening.
pub struct Running {
    child: Child,
    log: Option<JoinHandle<String>>,
    folder: PathBuf,
    /// `127.0.0.1:PORT`.
    pub address: String,
}

impl Program {
    /// With these variables and no others.
    pub fn new(variables: &[(&str, &str)]) -> Self {
        Self::from(Command::new(PROGRAM), variables)
    }

    /// The same, started by a shell; the script finds the program in `$0`.
    pub fn through_shell(script: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", script, PROGRAM]);
        Self::from(command, variables)
    }

    fn from(mut command: Command, variables: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("leptos-auth-process-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(folder.join("site/pkg")).unwrap();
        command.env_clear().current_dir(&folder).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("LEPTOS_SITE_ROOT", "site").env("PORT", "0").envs(variables.iter().copied());
        Self { command, folder }
    }

    /// Writes `.env` beside it.
    pub fn env_file(self, content: &str) -> Self {
        std::fs::write(self.folder.join(".env"), content).unwrap();
        self
    }

    /// The working directory.
    pub fn folder(&self) -> &PathBuf {
        &self.folder
    }

    /// Runs it with arguments and to its end: the exit code, and what it says on standard error.
    pub fn run(mut self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stderr, .. } = self.command.args(arguments).output().unwrap();
        let _ = std::fs::remove_dir_all(&self.folder);
        (status.code(), String::from_utf8(stderr).unwrap())
    }

    /// The same, with what it says on standard output in between.
    pub fn told(mut self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let Output { status, stdout, stderr } = self.command.args(arguments).output().unwrap();
        let _ = std::fs::remove_dir_all(&self.folder);
        (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
    }

    /// Runs a program that is not going to start.
    pub fn refused(mut self) -> String {
        let text = self.refused_in_place();
        let _ = std::fs::remove_dir_all(&self.folder);
        text
    }

    /// The same; its folder stays.
    pub fn refused_in_place(&mut self) -> String {
        let Output { status, stderr, .. } = self.command.output().unwrap();
        let text = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(1), "{text}");
        text
    }

    /// Starts it, and kills it (`kill -9`) that long after a file of its folder has appeared.
    pub fn start_and_kill(&mut self, file: &str, after: Duration) {
        let file = self.folder.join(file);
        let mut child = self.command.spawn().unwrap();
        let started = Instant::now();
        while !file.exists() {
            assert!(started.elapsed() < Duration::from_secs(20), "no {}", file.display());
            std::thread::sleep(Duration::from_micros(50));
        }
        std::thread::sleep(after);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it and waits until it listens.
    pub fn start(mut self) -> Running {
        let mut child = self.command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (tell, told) = mpsc::channel();
        // Read all the time: a program whose log nobody reads stands still.
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            for line in lines.map_while(Result::ok) {
                if let Some((_, address)) = line.split_once("listening address=") {
                    let _ = tell.send(address.split_whitespace().next().unwrap().to_owned());
                }
                log.push_str(&line);
                log.push('\n');
            }
            log
        });
        match told.recv() {
            Ok(address) => Running { child, log: Some(log), folder: self.folder, address },
            Err(_) => panic!("the program ended: {}", log.join().unwrap()),
        }
    }
}

impl Running {
    /// The working directory.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until a `STOP` has reached every thread: one that is in the middle of a call goes on until its end.
    pub fn wait_until_stopped(&self) {
        let is_stopped = |thread: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
            // The name before it may hold anything but stands in parentheses (proc(5)).
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        };
        let threads = format!("/proc/{}/task", self.child.id());
        while !std::fs::read_dir(&threads).unwrap().flatten().all(is_stopped) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    /// Waits for its end: the exit code, what it printed, and its log.
    pub fn end(mut self) -> (Option<i32>, String, String) {
        let mut printed = String::new();
        let log = self.log.take().unwrap().join().unwrap();
        self.child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
        let status = self.child.wait().unwrap();
        (status.code(), printed, log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
