//! What `cargo xtask dev` shows when the server is up: what to open, and how to sign in.

use std::{fmt::Write, net::IpAddr};

use leptos_auth::{
    Auth,
    types::{ProviderInfo, ProviderType},
};

/// The text for the screen.
pub fn text(auth: &Auth, host: IpAddr) -> String {
    let url = auth.base_url().as_str().trim_end_matches('/');
    let mut text = format!("\n  Leptos Auth is running. Open {url}\n\n  Ways to sign in:\n");
    for provider in auth.providers() {
        let _ = writeln!(text, "    {:<14}{}", provider.name, note(provider, auth, url));
    }
    text.push_str(
        "\n  Turn on more in .env: EMAIL_SERVER (or AUTH_RESEND_KEY, …) and EMAIL_FROM, and the services in docs/providers.md.\n",
    );
    text.push_str("  `cargo xtask doctor` says what is missing.\n");
    if !host.is_loopback() {
        text.push_str("\n  Careful: HOST lets other machines in, and this is a development server. Whoever reaches it\n");
        text.push_str("  can read the dev inbox and sign in as anyone.\n");
    }
    text.push('\n');
    text
}

fn note(provider: &ProviderInfo, auth: &Auth, url: &str) -> String {
    match (provider.id.as_str(), provider.r#type) {
        ("dev", _) => "three test people, no account needed".to_owned(),
        ("password", _) => format!("an address and a password, new ones at {url}/signup"),
        ("passkey", _) => "for who is signed in, at /account/passkeys".to_owned(),
        ("credentials", _) => "demo / demo-password".to_owned(),
        (_, ProviderType::Credentials) => "the directory of AUTH_LDAP_URL".to_owned(),
        (_, ProviderType::Email) => match &auth.config().email {
            Some(settings) => format!("sent by {}", settings.service.name()),
            None => format!("mails land in {url}/dev/inbox"),
        },
        _ => format!("register this callback URL: {}", provider.callback_url),
    }
}
