//! Tests that `cargo xtask evidence` repeats with higher counts. Rule: the count comes from a variable, the usual one is small
//! enough for every run, and what was measured is printed as a line that the command collects.

/// Returns the count in the variable, or the usual one if it is not set.
///
/// # Panics
/// If the variable is no number.
pub fn scaled(variable: &str, usual: u64) -> u64 {
    std::env::var(variable)
        .map_or(usual, |count| count.parse().unwrap_or_else(|_| panic!("{variable}={count}")))
}

/// Prints a figure for docs/evidence.md.
pub fn evidence(what: &str, figure: &str) {
    println!("evidence: {what} | {figure}");
}
