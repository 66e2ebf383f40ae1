//! Checks a database URL before it is used: its query parameters, and whether its host is reached with TLS.
//!
//! Rule: no query parameter is silently ignored. A parameter that controls encryption or where the data is stored stops
//! the server at startup if the driver does not read it. A known tuning parameter of other software only causes a
//! warning. No part of the URL appears in a message, because it may be part of a password that was not percent-encoded.

mod drivers;
mod network;

use url::{Url, form_urlencoded};

use drivers::{Driver, MONGODB, MYSQL, POSTGRES, REDIS, SQLITE};
use network::{Network, network_of};

/// Why a URL cannot be used, as a sentence fragment, and an example of a URL that works.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UrlError {
    pub(crate) reason: String,
    /// `None` if any valid URL of the variable is a good example.
    pub(crate) example: Option<&'static str>,
}

/// A URL that was checked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Checked {
    /// The URL. TLS was added if the host needs it and the URL does not say whether to use it.
    pub(super) url: String,
    /// Whether TLS was added to the URL.
    requires_tls: bool,
    /// The parameter that turns TLS off.
    plain: &'static str,
    /// Warnings, as sentence fragments, about settings that work but are probably not intended.
    pub(super) warnings: Vec<String>,
}

/// Checks a database URL. `feature` is the cargo feature of its driver. With `takes_schema` the caller reads `?schema=`
/// itself.
pub(super) fn check(feature: &str, url: &str, takes_schema: bool) -> Result<Checked, UrlError> {
    let driver = match feature {
        "postgres" => &POSTGRES,
        "mysql" => &MYSQL,
        "redis" => &REDIS,
        "mongodb" => &MONGODB,
        "sqlite" => &SQLITE,
        _ => return Ok(Checked::unchanged(url)),
    };
    let mut checked = Checked { plain: driver.plain, ..Checked::unchanged(url) };
    let (mut network, mut is_explicit, mut is_encrypted) = (Network::Local, false, true);
    // Redis accepts a comma-separated list of cluster nodes.
    let urls = if feature == "redis" { url.split(',').map(str::trim).collect() } else { vec![url] };
    let mut read = Vec::new();
    for url in urls {
        // A MongoDB URL may list several hosts, which the URL standard does not allow; SQLite's is a path.
        if !matches!(feature, "mongodb" | "sqlite") {
            driver.parse(url)?;
        }
        let pairs = pairs(url);
        let ignored = driver.check_query(&pairs, takes_schema, &mut checked.warnings)?;
        if feature != "sqlite" {
            network = network.max(network_of(url, &pairs));
        }
        is_explicit |= driver.says_tls(url, &pairs);
        is_encrypted &= url.starts_with("rediss:");
        read.push(without(url, &ignored));
    }
    checked.warnings.dedup();
    // The driver logs unknown parameters together with their values, so they are removed.
    checked.url = read.join(",");
    let url = checked.url.as_str();
    match network {
        Network::Local => {}
        _ if feature == "redis" => {
            if !is_encrypted {
                checked.warnings.push(
                    "connects to another machine without TLS: sessions can be read in transit. Use rediss:// unless \
                     the network is trusted"
                        .to_owned(),
                );
            }
        }
        _ if is_explicit => {
            if network == Network::Public && driver.turns_tls_off(url) {
                checked.warnings.push(format!(
                    "allows a connection without TLS to a public host: users and sessions can be read in transit. \
                     Write {}",
                    driver.require_tls
                ));
            }
        }
        Network::Private => checked.warnings.push(format!(
            "does not require an encrypted connection to another machine: write {} to require it, or {} if the network is \
             trusted",
            driver.require_tls, driver.plain
        )),
        Network::Public => {
            checked.url = with_parameter(url, driver.require_tls);
            checked.requires_tls = true;
        }
    }
    Ok(checked)
}

impl Checked {
    fn unchanged(url: &str) -> Self {
        Self { url: url.to_owned(), requires_tls: false, plain: "", warnings: Vec::new() }
    }

    /// Adds to the reason of a failed connection why TLS was used.
    pub(super) fn explain(&self, reason: String) -> String {
        let is_about_tls = reason.to_lowercase().contains("tls") || self.plain == MONGODB.plain;
        if !self.requires_tls || !is_about_tls {
            return reason;
        }
        format!(
            "{reason}. TLS is required, because the host is neither this machine nor in a private network; {} turns it off",
            self.plain
        )
    }
}

impl Driver {
    fn parse(&self, url: &str) -> Result<(), UrlError> {
        let unusable = |reason: &str| UrlError { reason: reason.to_owned(), example: Some(self.example) };
        const NO_URL: &str =
            "is not a URL: in the user name and the password, write @ : / ? # % as %40 %3A %2F %3F %23 %25";
        let parsed = Url::parse(url).map_err(|_| unusable(NO_URL))?;
        // The redis crate understands the fragment `#insecure`.
        if parsed.fragment().is_some() && parsed.scheme() != "rediss" {
            return Err(unusable(NO_URL));
        }
        let database = parsed.path().trim_matches('/');
        if parsed.scheme().starts_with("redis") && !database.is_empty() && database.parse::<u32>().is_err() {
            return Err(unusable("has a path that is not a database number"));
        }
        Ok(())
    }

    /// Returns the names of the parameters to remove.
    fn check_query(
        &self,
        pairs: &[(String, String)],
        takes_schema: bool,
        warnings: &mut Vec<String>,
    ) -> Result<Vec<String>, UrlError> {
        let mut left_out = Vec::new();
        for (name, value) in pairs {
            if self.is_known(name) {
                self.check_value(name, value)?;
                continue;
            }
            let is_postgres = self.plain == POSTGRES.plain;
            if is_postgres && name == "schema" && takes_schema {
                continue;
            }
            if is_postgres && name == "schema" && value == "public" {
                left_out.push(name.clone());
                continue;
            }
            let plain = name.replace(['_', '-'], "").to_ascii_lowercase();
            let has = |names: &[&str]| names.contains(&plain.as_str());
            if let Some((_, advice)) = self.ignored.iter().find(|(names, _)| has(names)) {
                warnings.push(format!("has {name}, which its driver does not read: {advice}"));
                left_out.push(name.clone());
                continue;
            }
            // The name of any other parameter may be part of a password, so it is not shown.
            let refused = self.refused.iter().find(|(names, ..)| has(names));
            let (reason, example) = match refused {
                Some((_, advice, example)) => {
                    (format!("has {name}, which its driver does not read: {advice}"), *example)
                }
                None => ("has a parameter that its driver does not read".to_owned(), self.example),
            };
            return Err(UrlError { reason, example: Some(example) });
        }
        Ok(left_out)
    }

    fn is_known(&self, name: &str) -> bool {
        let is_mongodb = self.plain == MONGODB.plain;
        self.known.iter().any(|known| *known == name || (is_mongodb && known.eq_ignore_ascii_case(name)))
            || (self.plain == POSTGRES.plain && name.starts_with("options["))
    }

    /// Checks values that the driver would reject with an error message that repeats them.
    fn check_value(&self, name: &str, value: &str) -> Result<(), UrlError> {
        let wrong = |reason: String| Err(UrlError { reason, example: Some(self.example) });
        let value = value.to_ascii_lowercase();
        let name = name.to_ascii_lowercase();
        let of_name = self.values.iter().find(|(names, _)| names.contains(&name.as_str()));
        if let Some((_, values)) = of_name.filter(|(_, values)| !values.contains(&value.as_str())) {
            return wrong(format!("has a value of {name} that is none of {}", values.join(", ")));
        }
        let is_wrong_number = match name.as_str() {
            "statement-cache-capacity" => value.parse::<usize>().is_err(),
            "port" => value.parse::<u16>().is_err(),
            _ => false,
        };
        if is_wrong_number {
            return wrong(format!("has a value of {name} that is not a number"));
        }
        Ok(())
    }

    /// Returns whether the URL itself says if TLS is used.
    fn says_tls(&self, url: &str, pairs: &[(String, String)]) -> bool {
        let is_set = |(name, _): &(String, String)| self.tls.contains(&name.to_ascii_lowercase().as_str());
        // libpq's environment variable, which the driver also reads.
        let is_in_environment = self.plain == POSTGRES.plain
            && std::env::var_os("PGSSLMODE").is_some_and(|mode| !mode.is_empty());
        pairs.iter().any(is_set) || url.starts_with("mongodb+srv:") || is_in_environment
    }

    fn turns_tls_off(&self, url: &str) -> bool {
        const OFF: [&str; 6] = ["disable", "disabled", "allow", "prefer", "preferred", "false"];
        let pairs = pairs(url);
        let mut modes =
            pairs.iter().filter(|(name, _)| self.tls.contains(&name.to_ascii_lowercase().as_str()));
        modes.next_back().is_some_and(|(_, mode)| OFF.contains(&mode.to_ascii_lowercase().as_str()))
    }
}

/// Returns the query of a URL, not decoded.
fn query(url: &str) -> &str {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('#').next().unwrap_or_default()
}

fn pairs(url: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query(url).as_bytes()).into_owned().collect()
}

/// Returns the URL without the parameters of these names.
fn without(url: &str, names: &[String]) -> String {
    let Some((before, after)) = url.split_once('?').filter(|_| !names.is_empty()) else {
        return url.to_owned();
    };
    let is_left_out = |pair: &&str| {
        form_urlencoded::parse(pair.as_bytes())
            .next()
            .is_some_and(|(name, _)| names.contains(&name.into_owned()))
    };
    let kept: Vec<_> = query(url).split('&').filter(|pair| !is_left_out(pair)).collect();
    let fragment = after.split_once('#').map_or(String::new(), |(_, fragment)| format!("#{fragment}"));
    match kept.is_empty() {
        true => format!("{before}{fragment}"),
        false => format!("{before}?{}{fragment}", kept.join("&")),
    }
}

fn with_parameter(url: &str, parameter: &str) -> String {
    let has_path =
        url.split_once("://").is_some_and(|(_, rest)| rest.split('?').next().unwrap_or("").contains('/'));
    match url.split_once('?') {
        Some((before, "")) => format!("{before}?{parameter}"),
        Some(_) => format!("{url}&{parameter}"),
        None if has_path => format!("{url}?{parameter}"),
        None => format!("{url}/?{parameter}"),
    }
}

#[cfg(test)]
mod tests;
