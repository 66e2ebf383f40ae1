//! Numbered steps with the time each took. Rule: a person who waits always sees what is going on, and
//! a step that lets another program print shows its line again below that output.

use std::io::Write;
use std::time::Instant;

use crate::failure::Result;

/// A counter of steps, shown as `[3/7] Building the browser bundle … 12.3 s`.
pub struct Steps {
    total: usize,
    done: usize,
}

impl Steps {
    /// A run of `total` steps.
    pub fn new(total: usize) -> Self {
        Self { total, done: 0 }
    }

    /// A step that prints nothing itself.
    pub fn quiet<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let title = self.title(title);
        show(&title);
        let started = Instant::now();
        let result = work();
        finish("", started, result)
    }

    /// A step in which cargo or npm print their progress.
    pub fn noisy<T>(&mut self, title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let title = self.title(title);
        show(&title);
        println!();
        let started = Instant::now();
        let result = work();
        finish(&title, started, result)
    }

    fn title(&mut self, title: &str) -> String {
        self.done += 1;
        format!("[{}/{}] {title} …", self.done, self.total)
    }
}

fn show(title: &str) {
    print!("{title}");
    // Nobody can be told that standard output is gone.
    let _ = std::io::stdout().flush();
}

fn finish<T>(title: &str, started: Instant, result: Result<T>) -> Result<T> {
    let outcome = if result.is_ok() { "" } else { "failed after " };
    println!("{title} {outcome}{:.1} s", started.elapsed().as_secs_f64());
    result
}
