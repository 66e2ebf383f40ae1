//! Requests whose cost is measured, and how the costs compare. Rule: a limit in microseconds was written
//! for one machine and is scaled by what the floor takes on this one.

use std::time::Duration;

use super::fleet::Fleet;
use super::http::get;
use super::server::Server;
use super::table::Row;
use super::{load, sign_in};
use crate::failure::Result;

/// What a fixed JSON answer took on the machine for which the limits were written.
const REFERENCE_FLOOR: f64 = 4.7;
/// How often everything is measured; the median counts.
const ROUNDS: usize = 3;
const ROUND_TIME: Duration = Duration::from_secs(3);
const SESSION: &str = "/api/auth/session";
const JSON: &str = "floor: fixed JSON";
const JWE: &str = "floor: JWE decrypt and re-encrypt";

struct Scenario<'a> {
    what: &'static str,
    server: &'a Server,
    request: String,
    limit: Limit,
}

enum Limit {
    /// Nothing to compare with.
    None,
    /// Microseconds on the reference machine.
    Reference(f64),
    /// A multiple of the JWE floor.
    JweFloors(f64),
}

/// Measures all scenarios in turn, several times, so that a slow minute of the machine hits all alike.
pub fn rows(fleet: &Fleet) -> Result<Vec<Row>> {
    let scenarios = scenarios(fleet)?;
    let mut samples = vec![Vec::new(); scenarios.len()];
    for _ in 0..ROUNDS {
        for (scenario, samples) in scenarios.iter().zip(&mut samples) {
            samples.push(load::cpu_per_request(scenario.server, &scenario.request, ROUND_TIME)?);
        }
    }
    let medians: Vec<f64> = samples.iter_mut().map(|samples| median(samples)).collect();
    let of = |what| scenarios.iter().position(|s| s.what == what).map_or(f64::NAN, |index| medians[index]);
    let (json, jwe) = (of(JSON), of(JWE));
    Ok(scenarios.iter().zip(&medians).map(|(scenario, value)| scenario.row(*value, json, jwe)).collect())
}

fn scenarios(fleet: &Fleet) -> Result<Vec<Scenario<'_>>> {
    let Fleet { floor, jwt, reissuing, sqlite, .. } = fleet;
    let (token, row) = (sign_in::demo_user(jwt)?, sign_in::demo_user(sqlite)?);
    let scenario = |what, server, path, cookies: &str, limit| Scenario {
        what,
        server,
        request: get(path, cookies),
        limit,
    };
    Ok(vec![
        scenario(JSON, floor, "/json", "", Limit::None),
        scenario("floor: JWE decrypt", floor, "/jwe-read", &token, Limit::None),
        scenario(JWE, floor, "/jwe", &token, Limit::None),
        scenario("GET session, anonymous", jwt, SESSION, "", Limit::Reference(8.0)),
        scenario("GET session, JWT", jwt, SESSION, &token, Limit::JweFloors(1.3)),
        scenario("GET session, JWT re-issued", reissuing, SESSION, &token, Limit::JweFloors(1.3)),
        scenario("GET session, SQLite", sqlite, SESSION, &row, Limit::Reference(60.0)),
        scenario("signed-in page, JWT", jwt, "/account", &token, Limit::Reference(90.0)),
        scenario("signed-in page, SQLite", sqlite, "/account", &row, Limit::None),
        scenario("sign-in page", jwt, "/signin", "", Limit::Reference(90.0)),
    ])
}

impl Scenario<'_> {
    fn row(&self, value: f64, json: f64, jwe: f64) -> Row {
        let limit = match self.limit {
            Limit::None => None,
            Limit::Reference(limit) => Some(limit * json / REFERENCE_FLOOR),
            Limit::JweFloors(ratio) => Some(ratio * jwe),
        };
        let note = format!("{:>6.2} {:>6.2}", value / json, value / jwe);
        Row { what: self.what, value, unit: "µs", note, limit }
    }
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples.get(samples.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::median;

    #[test]
    fn the_median_ignores_an_outlier() {
        assert_eq!(median(&mut [5.0, 900.0, 4.0]), 5.0);
    }
}
