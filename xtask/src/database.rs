//! Which databases the server is built with, beside SQLite, and whether with a directory: those whose URLs are in the
//! environment or in `.env`. Rule: whoever sets `DATABASE_URL` need not know the name of a feature.

use crate::env_file;
use crate::files::read_text;
use crate::project::Project;

const VARIABLES: [&str; 3] = ["DATABASE_URL", "SESSION_STORE", "AUTH_LDAP_URL"];

/// The features for `--features`, one after another.
pub fn features(project: &Project) -> Vec<&'static str> {
    let file = read_text(&project.path(".env")).unwrap_or_default();
    let url = |name: &str| std::env::var(name).ok().or_else(|| in_file(&file, name));
    let mut features: Vec<_> = VARIABLES.into_iter().filter_map(|name| feature(&url(name)?)).collect();
    features.dedup();
    features
}

/// The feature that a URL needs; SQLite is always there.
fn feature(url: &str) -> Option<&'static str> {
    match url.split_once(':')?.0 {
        "postgres" | "postgresql" => Some("postgres"),
        "mysql" | "mariadb" => Some("mysql"),
        "mongodb" | "mongodb+srv" => Some("mongodb"),
        "redis" | "rediss" => Some("redis"),
        "ldap" | "ldaps" => Some("ldap"),
        _ => None,
    }
}

fn in_file(content: &str, name: &str) -> Option<String> {
    let assignments = content.lines().filter_map(env_file::assignment);
    let mut values = assignments.filter(|(variable, _)| *variable == name).map(|(_, value)| value);
    Some(values.next_back()?.trim_matches(['"', '\'']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{feature, in_file};

    #[test]
    fn a_url_tells_the_feature() {
        assert_eq!(feature("postgres://u:p@h/d"), Some("postgres"));
        assert_eq!(feature("mongodb+srv://h/d"), Some("mongodb"));
        assert_eq!(feature("ldaps://h"), Some("ldap"));
        assert_eq!(feature("sqlite://data/app.db"), None);
        assert_eq!(feature(""), None);
    }

    #[test]
    fn a_file_is_read_as_the_server_reads_it() {
        let file =
            "# DATABASE_URL=mysql://x\nexport DATABASE_URL=\"redis://h\"\nDATABASE_URL_OLD=postgres://h";
        assert_eq!(in_file(file, "DATABASE_URL").as_deref(), Some("redis://h"));
        assert_eq!(in_file(file, "SESSION_STORE"), None);
    }
}
