//! Reads `DATABASE_URL`, `SESSION_STORE` and `AUTH_TABLES`.

use super::{ConfigError, Environment, Mode, Reader};
use crate::{
    adapter::{self, AuthJsTables, Purpose, UrlError},
    secret::Secret,
};

/// The variable, its purpose, and an example.
const URLS: [(&str, Purpose, &str); 2] = [
    ("DATABASE_URL", Purpose::Everything, "sqlite://data/app.db"),
    ("SESSION_STORE", Purpose::Sessions, "redis://localhost"),
];

impl Reader<'_> {
    /// Reads `DATABASE_URL` and `SESSION_STORE`.
    pub(super) fn database_urls(&mut self) -> [Option<Secret>; 2] {
        let urls = URLS.map(|(variable, purpose, example)| {
            let url = self.get(variable).map(Secret::new)?;
            if let Err(UrlError { reason, example: better }) = self.check_url(&url, purpose) {
                let example = better.unwrap_or(example);
                self.wrong(variable, format!("{reason}. Example: {variable}={example}"));
            }
            Some(url)
        });
        if let [None, Some(_)] = urls {
            self.wrong("DATABASE_URL", "is missing: SESSION_STORE holds sessions, but no users. Example: DATABASE_URL=sqlite://data/app.db");
        }
        urls
    }

    fn check_url(&self, url: &Secret, purpose: Purpose) -> Result<Vec<String>, UrlError> {
        // Prisma names a schema with `?schema=`, and its tables are used as they are.
        let takes_schema = self.get("AUTH_TABLES").is_some_and(|word| AuthJsTables::named(word).is_some());
        adapter::check_url(url.expose(), purpose, takes_schema)
    }

    pub(super) fn auth_js_tables(&mut self) -> Option<AuthJsTables> {
        let word = self.get("AUTH_TABLES").filter(|word| *word != "leptos-auth")?;
        let Some(tables) = AuthJsTables::named(word) else {
            self.wrong("AUTH_TABLES", "must be leptos-auth, authjs or prisma. Example: AUTH_TABLES=authjs");
            return None;
        };
        let is_postgres = self.get("DATABASE_URL").is_some_and(|url| url.starts_with("postgres"));
        if !is_postgres {
            self.wrong(
                "AUTH_TABLES",
                "names tables of Auth.js, and those are used in PostgreSQL only. \
                 Example: DATABASE_URL=postgres://user:password@localhost/app",
            );
        }
        Some(tables)
    }
}

/// Returns warnings about database URLs that work but are probably not as intended.
pub(super) fn warnings(env: &Environment) -> Vec<ConfigError> {
    let reader = Reader { env, mode: Mode::Production, errors: Vec::new() };
    let of_url = |(variable, purpose, _): (&str, Purpose, &str)| {
        let url = reader.get(variable).map(Secret::new);
        let warnings = url.and_then(|url| reader.check_url(&url, purpose).ok()).unwrap_or_default();
        let warning = |message| ConfigError { variable: variable.to_owned(), message };
        warnings.into_iter().map(warning).collect::<Vec<_>>()
    };
    URLS.into_iter().flat_map(of_url).collect()
}
