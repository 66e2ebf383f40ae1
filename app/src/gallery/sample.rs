//! Made-up data for the gallery.

#[cfg(feature = "passkey")]
use leptos_auth::types::PasskeyInfo;
#[cfg(feature = "totp")]
use leptos_auth::types::QrPicture;
use leptos_auth::types::{
    AccountDevices, AccountMethods, AccountOverview, Activity, ActivityItem, DeviceSession, EmailMethod,
    LinkedAccount, ProviderMethod, ProviderType, SignInForm, SignInMethod, VerifyRequest,
};

use crate::server_fn::{Feature, FeatureState};

/// A name that does not end.
pub const LONG_NAME: &str = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh Maximiliana Anastasia";
/// An address at the limit of what is allowed, with nowhere to break.
pub const LONG_EMAIL: &str = "wolfeschlegelsteinhausenbergerdorff.maximiliana.anastasia@subdomain.of-a-very-long-company-name.example.com";

fn method(id: &str, name: &str, r#type: ProviderType) -> SignInMethod {
    SignInMethod { id: id.to_owned(), name: name.to_owned(), r#type, mark: None, color: None }
}

/// The first `count` of a dozen usual providers, then services of the catalogue, then more than there are.
fn providers(count: usize) -> Vec<SignInMethod> {
    let mut methods = services(count);
    let missing = methods.len()..count;
    methods.extend(missing.map(|number| {
        let name =
            format!("Subsidiary {number} of Wolfeschlegelsteinhausenbergerdorff Holding, Single Sign-On");
        method(&format!("company-{number}"), &name, ProviderType::Oidc)
    }));
    methods
}

/// Only the server knows the catalogue, and only it draws these pages.
#[cfg(feature = "ssr")]
fn services(count: usize) -> Vec<SignInMethod> {
    use leptos_auth::provider::catalog;

    const USUAL: [&str; 12] = [
        "github",
        "google",
        "company",
        "gitlab",
        "microsoft-entra-id",
        "apple",
        "discord",
        "keycloak",
        "slack",
        "twitch",
        "zitadel",
        "spotify",
    ];
    let others = catalog::SERVICES.iter().map(|service| service.id).filter(|id| !USUAL.contains(id));
    let ids = USUAL.into_iter().chain(others).take(count);
    let methods = ids.map(|id| match catalog::service(id) {
        Some(service) => SignInMethod {
            mark: service.has_mark.then(|| format!("/marks/{id}.svg")),
            color: crate::brand_color::on_button(service.color),
            ..method(id, service.name, ProviderType::Oidc)
        },
        None => method(id, "Your Company Single Sign-On", ProviderType::Oidc),
    });
    methods.collect()
}

#[cfg(not(feature = "ssr"))]
fn services(_: usize) -> Vec<SignInMethod> {
    Vec::new()
}

/// A sign-in form with so many providers, with email and with a password.
pub fn form(provider_count: usize, email: bool, password: bool) -> SignInForm {
    let mut providers = providers(provider_count);
    providers.extend(email.then(|| method("email", "Email", ProviderType::Email)));
    providers.extend(password.then(|| method("credentials", "Demo account", ProviderType::Credentials)));
    SignInForm {
        providers,
        csrf_token: "gallery".to_owned(),
        callback_url: "/".to_owned(),
        last_used: None,
        waits_to_link: None,
    }
}

/// Ways in that are on, wrong, and off.
pub fn features() -> Vec<Feature> {
    let feature = |name: &str, state, note: &str, has_address: bool| Feature {
        name: name.to_owned(),
        state,
        notes: vec![note.to_owned()],
        callback_url: has_address
            .then(|| format!("http://localhost:3000/api/auth/callback/{}", name.to_lowercase())),
        console: has_address.then(|| "https://example.com/developers".to_owned()),
    };
    vec![
        feature("Dev", FeatureState::On, "Three test people. Only in development.", false),
        feature("GitHub", FeatureState::On, "", true),
        feature(
            "Okta",
            FeatureState::Misconfigured,
            "AUTH_OKTA_ISSUER is missing: this provider needs AUTH_OKTA_ID, AUTH_OKTA_SECRET, AUTH_OKTA_ISSUER. Example: AUTH_OKTA_ISSUER=…",
            true,
        ),
        feature("Google", FeatureState::Off, "AUTH_GOOGLE_ID, AUTH_GOOGLE_SECRET in .env", true),
        feature("Mixer", FeatureState::Off, "No more: Microsoft closed Mixer in July 2020.", false),
        feature("Wolfeschlegelsteinhausenbergerdorff", FeatureState::Off, "AUTH_WOLFE_ID in .env", true),
    ]
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

/// What happened to an account: the usual, and something to look at twice.
pub fn activity() -> Activity {
    let item = |event: &str, method: Option<&str>, age: u64, is_unusual| ActivityItem {
        id: format!("{event}-{age}"),
        event: event.to_owned(),
        is_refused: event.ends_with("refused"),
        method: method.map(str::to_owned),
        device: Some("Firefox on Linux".to_owned()),
        address: Some("2001:db8:85a3::8a2e:370:7334".to_owned()),
        time: "2026-02-03T08:00:00.000Z".to_owned(),
        age,
        is_unusual,
    };
    let items = vec![
        item("signed_in", Some("GitHub"), 20, false),
        item("signed_in", Some("Email"), 4000, true),
        item("email_changed", None, 90_000, true),
        item("sign_in_refused", Some("Password"), 200_000, false),
        item("profile_changed", None, 9_000_000, false),
    ];
    Activity { items, older: Some("older".to_owned()), can_lock: true }
}

/// A form with an address and a password beside two providers.
#[cfg(feature = "password")]
pub fn form_with_password() -> SignInForm {
    let mut form = form(2, true, false);
    form.providers.push(method("password", "Password", ProviderType::Credentials));
    form
}

/// What the pages about passwords need.
#[cfg(feature = "password")]
pub fn password_form() -> leptos_auth::types::PasswordForm {
    let (csrf_token, callback_url) = ("gallery".to_owned(), "/".to_owned());
    leptos_auth::types::PasswordForm { csrf_token, callback_url, min_length: 8 }
}

/// What looks like a QR code, and is none.
#[cfg(feature = "totp")]
pub fn qr_picture() -> QrPicture {
    const SIZE: u32 = 45;
    let mut path = String::new();
    for (x, y) in (4..SIZE - 4).flat_map(|y| (4..SIZE - 4).map(move |x| (x, y))) {
        let is_corner = (x < 12 && !(12..SIZE - 12).contains(&y)) || (x >= SIZE - 12 && y < 12);
        if !is_corner && (x * 7 + y * 13 + x * y) % 5 < 2 {
            path += &format!("M{x} {y}h1v1h-1z");
        }
    }
    for (x, y) in [(4, 4), (SIZE - 11, 4), (4, SIZE - 11)] {
        path += &format!("M{x} {y}h7v1h-7zm0 6h7v1h-7zm0 -5h1v5h-1zm6 0h1v5h-1zm-4 1h3v3h-3z");
    }
    QrPicture { size: SIZE, path }
}

/// Recovery codes that open nothing.
#[cfg(feature = "totp")]
pub fn recovery_codes() -> Vec<String> {
    (0..10).map(|number| format!("7k2m-q9x4-c0wd-3fz{number}")).collect()
}

/// An account that has nothing special.
pub fn account() -> AccountOverview {
    let text = |text: &str| Some(text.to_owned());
    AccountOverview {
        id: "5f0c2c1e-9a57-4c0b-8d6e-2f1f0f2a7d11".to_owned(),
        name: text("Ada Lovelace"),
        email: text("ada@example.com"),
        is_email_proven: true,
        created: text("2026-02-03T08:00:00.000Z"),
        new_email: None,
        can_change_email: true,
        deletion: None,
        deletion_grace_days: 14,
        is_fresh: true,
    }
}

/// Passkeys as a way in.
pub fn passkey() -> SignInMethod {
    method("passkey", "Passkey", ProviderType::WebAuthn)
}

/// Passkeys of somebody.
#[cfg(feature = "passkey")]
pub fn passkeys() -> Vec<PasskeyInfo> {
    let passkey = |name: Option<&str>, last_used: Option<&str>, is_synced| PasskeyInfo {
        id: "gallery".to_owned(),
        name: name.map(str::to_owned),
        created: "2026-02-03T08:00:00.000Z".to_owned(),
        last_used: last_used.map(str::to_owned),
        is_synced,
    };
    vec![
        passkey(Some("iCloud Keychain"), Some("2026-11-20T17:45:00.000Z"), true),
        passkey(Some("The blue key that hangs beside the door"), Some("2026-03-01T09:00:00.000Z"), false),
        passkey(None, None, false),
    ]
}

/// Ways to sign in: three providers, with so many accounts at the first of them.
pub fn methods(accounts: usize) -> AccountMethods {
    let names = ["octocat", LONG_NAME];
    let account = |at: usize| LinkedAccount {
        id: at.to_string(),
        name: names.get(at).map(|name| (*name).to_owned()),
        since: "2026-02-03T08:00:00.000Z".to_owned(),
        is_last: false,
    };
    let provider = |(at, method): (usize, SignInMethod)| ProviderMethod {
        method,
        can_link: true,
        accounts: if at == 0 { (0..accounts).map(account).collect() } else { Vec::new() },
    };
    AccountMethods {
        providers: providers(3).into_iter().enumerate().map(provider).collect(),
        email: Some(EmailMethod { address: Some("ada@example.com".to_owned()), is_proven: true }),
        has_password: Some(true),
        passkeys: Some(2),
        last_used: Some("github".to_owned()),
        is_fresh: true,
    }
}

/// A provider and nothing else, whose account cannot be removed.
pub fn last_method() -> AccountMethods {
    let mut methods = AccountMethods { email: None, has_password: None, passkeys: None, ..methods(1) };
    methods
        .providers
        .iter_mut()
        .flat_map(|provider| &mut provider.accounts)
        .for_each(|account| account.is_last = true);
    methods
}

/// So many devices.
pub fn devices(count: usize) -> AccountDevices {
    let devices = [Some("Firefox on Linux"), Some("Safari on iPhone"), None, Some(LONG_NAME)];
    let session = |(at, device): (usize, Option<&str>)| DeviceSession {
        id: at.to_string(),
        is_current: at == 0,
        device: device.map(str::to_owned),
        address: (at != 2).then(|| format!("2001:db8:85a3:8d3:1319:8a2e:370:734{at}")),
        provider: "github".to_owned(),
        signed_in: "2026-02-03T08:00:00.000Z".to_owned(),
        last_used: "2026-02-14T18:30:00.000Z".to_owned(),
        expires: "2026-03-16T18:30:00.000Z".to_owned(),
    };
    AccountDevices {
        sessions: devices.into_iter().enumerate().map(session).take(count).collect(),
        is_fresh: true,
    }
}
