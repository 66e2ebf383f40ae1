//! The variables that this program reads, and warnings about others. Rule: no variable that looks like a setting is silently
//! ignored, and each gets one line.

#[cfg(test)]
use std::collections::BTreeSet;

use leptos_auth::{
    config::{ConfigError, Environment, copied_with, is_provider_variable, is_service_link, warnings},
    email::EmailAddress,
};
use tracing_subscriber::EnvFilter;

/// All variables except those of providers.
const KNOWN: &[&str] = &[
    "ADMIN_EMAILS",
    "AUTH_AUDIT_RETENTION",
    "AUTH_AUDIT_WEBHOOK_SECRET",
    "AUTH_AUDIT_WEBHOOK_URL",
    "AUTH_COOKIE_DOMAIN",
    "AUTH_COOKIE_HOST_PREFIX",
    "AUTH_COOKIE_NAME",
    "AUTH_COOKIE_SAME_SITE",
    "AUTH_DELETION_GRACE",
    "AUTH_ENV",
    "AUTH_FORWARDEMAIL_KEY",
    "AUTH_JWT_ACCEPT",
    "AUTH_JWT_FORM",
    "AUTH_JWT_PRIVATE_KEY",
    "AUTH_JWT_PUBLIC_KEY",
    "AUTH_LDAP_BIND_DN",
    "AUTH_LDAP_BIND_PASSWORD",
    "AUTH_LDAP_CA",
    "AUTH_LDAP_FILTER",
    "AUTH_LDAP_GROUP_BASE",
    "AUTH_LDAP_GROUP_FILTER",
    "AUTH_LDAP_ID_ATTRIBUTE",
    "AUTH_LDAP_NAME",
    "AUTH_LDAP_SEARCH_BASE",
    "AUTH_LDAP_URL",
    "AUTH_LDAP_USER_DN",
    "AUTH_LIMIT_ACCOUNT_FAILURES",
    "AUTH_LIMIT_ACCOUNT_SIGN_INS",
    "AUTH_LIMIT_ADDRESS_EMAILS",
    "AUTH_LIMIT_NETWORK_EMAILS",
    "AUTH_LIMIT_NETWORK_PROVIDER_SIGN_INS",
    "AUTH_LIMIT_NETWORK_SIGN_INS",
    "AUTH_LINK_TRUSTED",
    "AUTH_LOOPS_KEY",
    "AUTH_LOOPS_TRANSACTIONAL_ID",
    "AUTH_MAILGUN_KEY",
    "AUTH_MAILGUN_REGION",
    "AUTH_OUTBOUND_PROXY",
    "AUTH_PAGES_ERROR",
    "AUTH_PAGES_NEW_USER",
    "AUTH_PAGES_SIGN_IN",
    "AUTH_PAGES_SIGN_OUT",
    "AUTH_PAGES_VERIFY_REQUEST",
    "AUTH_PASSKEY",
    "AUTH_PASSWORD",
    "AUTH_PASSWORD_MIN_LENGTH",
    "AUTH_PASSWORD_QUEUE",
    "AUTH_POSTMARK_KEY",
    "AUTH_RESEND_KEY",
    "AUTH_SECRET",
    "AUTH_SECRET_1",
    "AUTH_SECRET_2",
    "AUTH_SECRET_3",
    "AUTH_SECURITY_MAILS",
    "AUTH_SENDGRID_KEY",
    "AUTH_SESSION",
    "AUTH_SESSION_ABSOLUTE_MAX_AGE",
    "AUTH_SESSION_MAX_AGE",
    "AUTH_SESSION_NOT_BEFORE",
    "AUTH_SESSION_UNREMEMBERED_MAX_AGE",
    "AUTH_SESSION_UPDATE_AGE",
    "AUTH_TABLES",
    "AUTH_THEME_BRAND_COLOR",
    "AUTH_THEME_BUTTON_TEXT",
    "AUTH_THEME_COLOR_SCHEME",
    "AUTH_THEME_FONT",
    "AUTH_THEME_LOGO",
    "AUTH_THEME_RADIUS",
    "AUTH_TOTP",
    "AUTH_URL",
    "DATABASE_URL",
    "EMAIL_FROM",
    "EMAIL_SERVER",
    "HOST",
    "LEPTOS_ENV",
    "LEPTOS_RELOAD_PORT",
    "LEPTOS_SITE_ROOT",
    "PORT",
    "RUST_LOG",
    "SESSION_STORE",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "TRUSTED_PROXIES",
];

/// The prefixes of settings. Auth.js v4 used `NEXTAUTH_` and `EMAIL_SERVER_`.
const PREFIXES: [&str; 3] = ["AUTH_", "NEXTAUTH_", "EMAIL_"];

/// Returns the variables of this process. Names that are not UTF-8 are skipped; in values such bytes are replaced, and
/// [`notices`] reports them.
#[must_use]
pub fn environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .collect()
}

/// Returns warnings about variables that do not prevent a start but are probably mistakes. No value is quoted.
#[must_use]
pub fn notices(env: &Environment) -> Vec<ConfigError> {
    let mut notices = warnings(env);
    let (links, others): (Vec<_>, Vec<_>) =
        env.iter().partition(|(name, value)| is_service_link(name, value));
    notices.extend(service_links(&links.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>()));
    for (name, value) in others {
        let odd = if is_known(name) {
            odd_value(name, value)
        } else if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
            Some("is not known: it changes nothing. Is it mistyped?")
        } else if name.contains('_') && is_known(&name.to_ascii_uppercase()) {
            Some("changes nothing: the names of settings are written in capitals")
        } else {
            None
        };
        notices.extend(odd.map(|message| notice(name, message)));
    }
    notices
}

/// Returns the variables that look like ours but are unknown, mostly because they are mistyped.
#[cfg(test)]
pub(super) fn unknown(env: &Environment) -> BTreeSet<String> {
    let unknown = notices(env).into_iter().filter(|notice| notice.message.starts_with("is not known"));
    unknown.map(|notice| notice.variable).collect()
}

fn is_known(name: &str) -> bool {
    KNOWN.contains(&name) || is_provider_variable(name)
}

/// Returns one warning for all service variables, however many services there are.
fn service_links(names: &[&str]) -> Option<ConfigError> {
    let mut alike = names.iter().filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)));
    let first = alike.next()?;
    let message = match alike.count() {
        0 => "is a variable that Kubernetes sets for a service: it changes nothing here. enableServiceLinks: false in the \
              pod specification removes it"
            .to_owned(),
        count => format!(
            "and {count} more are variables that Kubernetes sets for a service: they change nothing here. \
             enableServiceLinks: false in the pod specification removes them"
        ),
    };
    Some(notice(first, &message))
}

fn odd_value(name: &str, value: &str) -> Option<&'static str> {
    let value = value.trim();
    if value.is_empty() {
        return None;
    }
    let odd = copied_with(name, value);
    match name {
        _ if odd.is_some() => odd,
        "ADMIN_EMAILS" => {
            let mut emails = value.split(',').map(str::trim).filter(|email| !email.is_empty());
            emails.any(|email| EmailAddress::parse(email).is_err()).then_some(
                "has an entry that is not an email address: it grants no role. \
                 Example: ADMIN_EMAILS=ada@example.com,bob@example.com",
            )
        }
        "RUST_LOG" => EnvFilter::builder()
            .parse(value)
            .is_err()
            .then_some("is not a filter: info is used. Example: RUST_LOG=info,leptos_auth=debug"),
        _ => None,
    }
}

fn notice(variable: &str, message: &str) -> ConfigError {
    ConfigError { variable: variable.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
