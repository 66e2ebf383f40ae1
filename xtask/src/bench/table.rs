//! The table that the benchmark ends with. Rule: a figure stands beside its target, and a missed target
//! is said as plainly as a met one.

/// One line: what, how much, and against which limit.
pub struct Row {
    /// What was measured.
    pub what: &'static str,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// Something to put beside it, such as ratios.
    pub note: String,
    /// The most it may be, in the same unit, if there is a target.
    pub limit: Option<f64>,
}

impl Row {
    /// A figure with a target.
    pub fn new(what: &'static str, value: f64, unit: &'static str, limit: f64) -> Self {
        Self { what, value, unit, note: String::new(), limit: Some(limit) }
    }

    fn line(&self) -> String {
        let digits = if self.value < 100.0 { 1 } else { 0 };
        let verdict = match self.limit {
            None => String::new(),
            Some(limit) if self.value <= limit => format!("target {limit:.1}: met"),
            Some(limit) => {
                format!("target {limit:.1}: MISSED by {:.0} %", (self.value / limit - 1.0) * 100.0)
            }
        };
        let Self { what, value, unit, note, .. } = self;
        format!("{what:<36}{value:>9.digits$} {unit:<4}{note:<16}{verdict}").trim_end().to_owned()
    }
}

/// All lines, with a heading.
pub fn print(heading: &str, rows: &[Row]) {
    println!("\n{heading}");
    for row in rows {
        println!("  {}", row.line());
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_missed_target_says_by_how_much() {
        assert!(Row::new("idle memory", 19.96, "MB", 20.0).line().ends_with("target 20.0: met"));
        assert!(Row::new("idle memory", 25.0, "MB", 20.0).line().ends_with("MISSED by 25 %"));
    }
}
