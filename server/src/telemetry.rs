//! The log: one line for each event, readable alone, on standard error. `RUST_LOG` chooses what is written, as in
//! `RUST_LOG=debug` or `RUST_LOG=info,leptos_auth=debug`.
//!
//! Rule: no secret, no cookie, no token and no whole URL is ever a field (a URL's query can hold a token).

mod repeats;

use std::io::{IsTerminal, stderr};

use repeats::WithoutRepeats;
use tracing_subscriber::{EnvFilter, fmt};

/// Starts the log, and sends panics there instead of printing them raw.
pub fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let is_terminal = stderr().is_terminal();
    let format = WithoutRepeats::new(fmt::format().with_ansi(is_terminal));
    let log = fmt().with_env_filter(filter).with_writer(stderr).with_ansi(is_terminal).event_format(format);
    // In tests somebody else may have started one already: that is fine.
    if log.try_init().is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// Where it happened, not with which values: a panic message can quote what it choked on.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    tracing::error!(place, "panic");
    tracing::debug!(message = %panic, "panic in full");
}
