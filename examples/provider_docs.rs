//! Writes `docs/providers/`, one page for each service of the catalog, and the table in `docs/providers.md`. Rule: the
//! pages are generated from the code, so that they always match it; do not edit them by hand.
//!
//! `cargo xtask docs` runs it; its test fails if a page is out of date.

use std::{collections::BTreeMap, fmt::Write, fs, io, path::Path, process::ExitCode};

use leptos_auth::provider::{Service, ServiceEndpoints, Setting, catalog};

/// What stands around the table in `docs/providers.md`.
const BEGIN: &str = "<!-- services: written by `cargo xtask docs` -->";
const END: &str = "<!-- end of services -->";

/// Every file that is written, by its path from the top of the checkout, and what belongs into it.
fn files(top: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut files: BTreeMap<String, String> = catalog::SERVICES
        .iter()
        .map(|service| (format!("docs/providers/{}.md", service.id), page(service)))
        .collect();
    let index = "docs/providers.md";
    let text = fs::read_to_string(top.join(index))?;
    let parts = text.split_once(BEGIN).and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) = parts.ok_or_else(|| io::Error::other(format!("{index} has no {BEGIN} … {END}")))?;
    files.insert(index.to_owned(), format!("{head}{BEGIN}\n{}{END}{tail}", table()));
    Ok(files)
}

/// The page of one service.
fn page(service: &Service) -> String {
    let Service { id, name, docs, console, note, .. } = service;
    let mut page = format!("# {name}\n\n");
    if !note.is_empty() {
        // The texts are plain; in Markdown `<tenant>` would be a tag.
        let _ = writeln!(page, "{}\n", note.replace('<', "\\<"));
    }
    let _ = writeln!(page, "1. Register an application: <{console}>. Its callback URL:\n");
    let _ = writeln!(page, "   ```text\n   https://app.example.com/api/auth/callback/{id}");
    let _ = writeln!(page, "   http://localhost:3000/api/auth/callback/{id}\n   ```\n");
    let _ = writeln!(page, "   The second is for development; some services take https only.");
    let _ = writeln!(page, "2. Write into `.env`:\n\n   ```sh\n{}   ```\n", variables(service));
    let _ = writeln!(page, "3. Start again: the sign-in page has a button \"Continue with {name}\".\n");
    let _ = writeln!(page, "| | |\n| --- | --- |");
    for (what, value) in facts(service) {
        let _ = writeln!(page, "| {what} | {value} |");
    }
    let _ = writeln!(page, "\n[What {name} says of it]({docs}) · [all providers](../providers.md)");
    page
}

/// As they would stand in `.env`; what need not be set is a comment.
fn variables(service: &Service) -> String {
    let mut lines = String::new();
    for part in credentials(service) {
        let _ = writeln!(lines, "   {}=…", service.variable(part));
    }
    if service.settings.iter().any(|setting| setting.name == "TEAM_ID") {
        let _ = writeln!(
            lines,
            "   # instead of the secret, the key that makes it: {}, {} and {}, see providers.md",
            service.variable("TEAM_ID"),
            service.variable("KEY_ID"),
            service.variable("PRIVATE_KEY")
        );
    }
    for setting in service.settings {
        let Setting { name, about, example, default, is_required, .. } = setting;
        let _ = match (is_required, default) {
            (true, _) => writeln!(lines, "   # {about}\n   {}={example}", service.variable(name)),
            (false, Some(default)) => {
                writeln!(
                    lines,
                    "   # {about}; when it is not set, {default}\n   # {}={example}",
                    service.variable(name)
                )
            }
            (false, None) => {
                writeln!(lines, "   # {about}; need not be set\n   # {}={example}", service.variable(name))
            }
        };
    }
    lines
}

/// The variables that prove who we are. A private key is one of the settings.
fn credentials(service: &Service) -> impl Iterator<Item = &'static str> {
    ["ID"].into_iter().chain((!service.has_private_key()).then_some("SECRET"))
}

fn facts(service: &Service) -> Vec<(&'static str, String)> {
    let protocol = match service.endpoints {
        ServiceEndpoints::Issuer(_) => "OpenID Connect",
        ServiceEndpoints::OAuth2 { .. } => "OAuth 2",
        ServiceEndpoints::OAuth1(_) => "OAuth 1.0a",
    };
    let pkce = match (service.endpoints, service.pkce) {
        (ServiceEndpoints::OAuth1(_), _) => "with signed requests",
        (_, true) => "with PKCE",
        (_, false) => "without PKCE, which it refuses",
    };
    let scopes: Vec<_> = service.scopes.iter().map(|scope| format!("`{}`", filled(service, scope))).collect();
    let scopes = if scopes.is_empty() { "none".to_owned() } else { scopes.join(", ") };
    let profile = service.profile;
    let parts = [("name", profile.name), ("e-mail address", profile.email), ("picture", profile.image)];
    let read: Vec<_> = parts.iter().filter(|(_, at)| !at.is_empty()).map(|(part, _)| *part).collect();
    let read = if read.is_empty() { "nothing but an id".to_owned() } else { read.join(", ") };
    vec![
        ("protocol", format!("{protocol}, {pkce}")),
        ("scopes that are asked for", scopes),
        ("what is read", read),
        ("is an address proven by it?", trust(service)),
    ]
}

/// A text of the catalogue with the defaults of settings, or their variables, for the braces.
fn filled(service: &Service, text: &str) -> String {
    service.settings.iter().fold(text.to_owned(), |text, setting| {
        let value = setting.default.map_or_else(|| service.variable(setting.name), str::to_owned);
        text.replace(&format!("{{{}}}", setting.name.to_ascii_lowercase()), &value)
    })
}

fn trust(service: &Service) -> String {
    let profile = service.profile;
    match (profile.email.is_empty(), profile.email_verified.is_empty(), service.trusts_email) {
        (true, _, _) => format!("no: {} tells none", service.name),
        (false, true, _) => format!("no: {} does not say which addresses it has checked", service.name),
        (false, false, true) if service.settings.iter().any(|setting| setting.name == "ISSUER") => format!(
            "yes, when it is called verified; by an installation of your own only with `{}=true`",
            service.variable("TRUST_EMAIL")
        ),
        (false, false, true) => "yes, when it is called verified".to_owned(),
        (false, false, false) => {
            format!("no, unless you say so: `{}=true` takes its word for it", service.variable("TRUST_EMAIL"))
        }
    }
}

/// The table of all, and the services that are no more.
fn table() -> String {
    let mut services: Vec<_> = catalog::SERVICES.iter().collect();
    services.sort_by_key(|service| service.name.to_lowercase());
    let mut table = "| service | variables | |\n| --- | --- | --- |\n".to_owned();
    for service in services {
        let variables: Vec<_> = service.variables().iter().map(|name| format!("`{name}`")).collect();
        let kind = match service.endpoints {
            ServiceEndpoints::Issuer(_) => "OpenID Connect",
            ServiceEndpoints::OAuth2 { .. } => "OAuth 2",
            ServiceEndpoints::OAuth1(_) => "OAuth 1.0a",
        };
        let Service { id, name, .. } = service;
        let _ = writeln!(table, "| [{name}](providers/{id}.md) | {} | {kind} |", variables.join(", "));
    }
    let _ = writeln!(table, "\nKnown to Auth.js, and no more:\n");
    for (id, why) in catalog::ENDED {
        let _ = writeln!(table, "- `{id}`: {why}");
    }
    table
}

/// What is in the folder and belongs to no service.
fn left_over(top: &Path) -> io::Result<Vec<String>> {
    let mut left_over = Vec::new();
    for file in fs::read_dir(top.join("docs/providers"))? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.strip_suffix(".md").is_none_or(|id| catalog::service(id).is_none()) {
            left_over.push(format!("docs/providers/{name}"));
        }
    }
    Ok(left_over)
}

fn write() -> io::Result<()> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(top.join("docs/providers"))?;
    for (path, text) in files(top)? {
        fs::write(top.join(path), text)?;
    }
    for path in left_over(top)? {
        fs::remove_file(top.join(path))?;
    }
    Ok(())
}

fn main() -> ExitCode {
    match write() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("The pages of the providers cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_providers_are_as_the_catalogue_has_them() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR"));
        for (path, text) in files(top).unwrap() {
            let written = fs::read_to_string(top.join(&path)).unwrap_or_default();
            assert!(written == text, "{path} is old: `cargo xtask docs` writes it anew");
        }
        assert_eq!(
            left_over(top).unwrap(),
            [""; 0],
            "pages without a service: `cargo xtask docs` removes them"
        );
    }

    #[test]
    fn a_page_has_everything_that_somebody_has_to_paste() {
        let page = page(&catalog::OKTA);
        for part in [
            "AUTH_OKTA_ID=…",
            "AUTH_OKTA_SECRET=…",
            "AUTH_OKTA_ISSUER=https://",
            "http://localhost:3000/api/auth/callback/okta",
            catalog::OKTA.console,
        ] {
            assert!(page.contains(part), "{part}");
        }
    }
}
