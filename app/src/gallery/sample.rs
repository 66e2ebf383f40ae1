//! Made-up data for the gallery.

use leptos_auth::types::{ProviderInfo, ProviderType, SignInForm, VerifyRequest};

/// A name that does not end.
pub const LONG_NAME: &str = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximiliana Anastasia";
/// An address at the limit of what is allowed, with nowhere to break.
pub const LONG_EMAIL: &str = "wolfeschlegelsteinhausenbergerdorff.maximiliana.anastasia@subdomain.of-a-very-long-company-name.example.com";

fn provider(id: &str, name: &str, r#type: ProviderType) -> ProviderInfo {
    ProviderInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        r#type,
        signin_url: String::new(),
        callback_url: String::new(),
    }
}

/// The first `count` of a dozen providers.
pub fn providers(count: usize) -> Vec<ProviderInfo> {
    const NAMES: [(&str, &str); 12] = [
        ("github", "GitHub"),
        ("google", "Google"),
        ("dev", "Dev ID"),
        ("gitlab", "GitLab"),
        ("microsoft-entra-id", "Microsoft Entra ID"),
        ("apple", "Apple"),
        ("discord", "Discord"),
        ("keycloak", "Keycloak"),
        ("slack", "Slack"),
        ("twitch", "Twitch"),
        ("zitadel", "Zitadel"),
        ("company", "Your Company Single Sign-On"),
    ];
    NAMES.iter().take(count).map(|(id, name)| provider(id, name, ProviderType::Oidc)).collect()
}

/// A sign-in form with so many providers, with email and with a password.
pub fn form(provider_count: usize, email: bool, password: bool) -> SignInForm {
    let mut providers = providers(provider_count);
    providers.extend(email.then(|| provider("email", "Email", ProviderType::Email)));
    providers.extend(password.then(|| provider("credentials", "Demo account", ProviderType::Credentials)));
    SignInForm { providers, csrf_token: "gallery".to_owned(), callback_url: "/".to_owned(), last_used: None }
}

/// A waiting email sign-in.
pub fn request(email: &str, resend_after: u32, expires_in: u32) -> VerifyRequest {
    VerifyRequest {
        email: email.to_owned(),
        csrf_token: "gallery".to_owned(),
        callback_url: "/".to_owned(),
        is_shared: false,
        resend_after,
        expires_in,
    }
}
