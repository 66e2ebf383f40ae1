//! The parts of the evidence: their tests, and the counts that are set by variables.

/// A count for a full and for a quick run.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    full: u64,
    quick: u64,
}

impl Scale {
    /// Returns the count for this run.
    pub fn of(self, is_quick: bool) -> u64 {
        if is_quick { self.quick } else { self.full }
    }
}

const fn scale(full: u64, quick: u64) -> Scale {
    Scale { full, quick }
}

/// Tests in one program.
#[derive(Debug)]
pub struct Suite {
    /// What its figure is about, if its tests print none themselves.
    pub about: &'static str,
    /// `--test NAME`, or `--lib`.
    pub program: &'static [&'static str],
    /// Which of its tests.
    pub tests: Tests,
}

/// Some tests of a program.
#[derive(Debug)]
pub enum Tests {
    /// Those with one of these words in their names.
    Named(&'static [&'static str]),
    /// The property tests in the sources of these folders.
    Properties(&'static [&'static str]),
}

/// What can be run alone.
#[derive(Debug)]
pub struct Part {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it shows, a sentence.
    pub about: &'static str,
    /// The variables of its tests.
    pub variables: &'static [(&'static str, Scale)],
    /// How long its suites are repeated; once, if there is no time.
    pub seconds: Option<Scale>,
    /// Its test programs, in this order.
    pub suites: &'static [Suite],
}

impl Part {
    /// The inputs of each property in one run of a suite, for parts that try random inputs.
    pub fn cases(&self, is_quick: bool) -> Option<u64> {
        self.variables.iter().find(|(name, _)| *name == CASES).map(|(_, scale)| scale.of(is_quick))
    }
}

/// proptest reads it.
const CASES: &str = "PROPTEST_CASES";

/// All of them.
pub const PARTS: [Part; 7] = [
    Part {
        name: "cut-points",
        about: "The network is cut at every place of a first sign-in, in both directions: all or nothing, and a second try works.",
        variables: &[("EVIDENCE_CUT_POINTS", scale(1_500, 100))],
        seconds: None,
        suites: &[Suite { about: "", program: &["--test", "faults"], tests: Tests::Named(&["kx_03"]) }],
    },
    Part {
        name: "races",
        about: "The same thing is asked of three instances at the same time: one user, one winner, and what has ended stays ended.",
        variables: &[
            ("EVIDENCE_FIRST_SIGN_INS", scale(500, 20)),
            ("EVIDENCE_BROWSERS", scale(32, 32)),
            ("EVIDENCE_LINKS", scale(1_000, 40)),
            ("EVIDENCE_RENEWALS", scale(10_000, 300)),
            ("EVIDENCE_ADDRESSES", scale(200, 30)),
            ("EVIDENCE_DELETIONS", scale(1_000, 250)),
        ],
        seconds: None,
        suites: &[
            Suite {
                about: "",
                program: &["--test", "machines"],
                tests: Tests::Named(&["cc_01", "cc_03", "cc_06"]),
            },
            Suite { about: "", program: &["--test", "http"], tests: Tests::Named(&["se_18_cc_06"]) },
            Suite { about: "", program: &["--test", "oauth"], tests: Tests::Named(&["cc_02", "cc_08"]) },
        ],
    },
    Part {
        name: "indexes",
        about: "Every statement of the SQL adapters finds its rows by an index.",
        variables: &[("EVIDENCE_ROWS", scale(1_000_000, 50_000))],
        seconds: None,
        suites: &[Suite {
            about: "",
            program: &["--lib"],
            tests: Tests::Named(&["rows_are_found_by_indexes"]),
        }],
    },
    Part {
        name: "kills",
        about: "Instances, and the databases themselves, are killed with kill -9 during sign-ins: nothing that was acknowledged is lost.",
        variables: &[("EVIDENCE_KILLS", scale(200, 10)), ("EVIDENCE_DATABASE_KILLS", scale(200, 5))],
        seconds: None,
        suites: &[
            Suite { about: "", program: &["--test", "machines"], tests: Tests::Named(&["kx_01"]) },
            Suite { about: "", program: &["--test", "faults"], tests: Tests::Named(&["kx_02"]) },
            Suite { about: "", program: &["--test", "process"], tests: Tests::Named(&["op_05"]) },
        ],
    },
    Part {
        name: "hostile",
        about: "Requests that no honest client sends, with and without a session: no panic, and no 5xx but a deliberate 503.",
        variables: &[("EVIDENCE_REQUESTS", scale(200_000, 20_000))],
        seconds: None,
        suites: &[Suite { about: "", program: &["--test", "process"], tests: Tests::Named(&["hostile"]) }],
    },
    Part {
        name: "soak",
        about: "Steady load: nothing fails, and neither memory nor open descriptors grow.",
        variables: &[("EVIDENCE_SOAK_SECONDS", scale(7_200, 600))],
        seconds: None,
        suites: &[Suite { about: "", program: &["--test", "process"], tests: Tests::Named(&["soak"]) }],
    },
    Part {
        name: "fuzz",
        about: "Random inputs for the parsers, by the property tests (proptest) with many more cases, and other ones in each round.",
        variables: &[(CASES, scale(20_000, 5_000))],
        seconds: Some(scale(3_600, 120)),
        suites: &[Suite {
            about: "the property tests",
            program: &["--lib"],
            tests: Tests::Properties(&["src", "app/src", "locales/src", "server/src"]),
        }],
    },
];
