//! Helpers for tests that `cargo xtask evidence` repeats with higher counts. Rule: the count comes from a variable, the default
//! is small enough for every run, and the results are printed as lines that the command collects.

/// Returns the count in the variable, or `usual` if it is not set.
///
/// # Panics
/// If the variable is not a number.
pub fn scaled(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .map_or(usual, |count| count.parse().unwrap_or_else(|_| panic!("{variable}={count}")))
}

/// Prints a figure for docs/evidence.md.
pub fn evidence(what: &str, figure: &str) {
    println!("evidence: {what} | {figure}");
}
