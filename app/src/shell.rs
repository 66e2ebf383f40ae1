//! The document around the app: `<head>`, the theme, the tags that load the wasm, the Content-Security-Policy.
//!
//! Rule: nothing inline without the nonce, nothing from another host. The tags are our own, because `HydrationScripts` of
//! Leptos 0.8.23 writes the nonce into `crossorigin`, where any script could read it.

use leptos::{
    attr::{Attribute, custom::custom_attribute},
    hydration::AutoReload,
    nonce::use_nonce,
    prelude::*,
};
use leptos_meta::MetaTags;

use crate::{App, text::language, theme::Theme};

/// Where the browser finds the app's files. The server provides it as context; hashed in releases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssetNames {
    /// Path of the JavaScript that loads the wasm.
    pub js: String,
    /// Path of the wasm.
    pub wasm: String,
    /// Path of the style sheet.
    pub css: String,
}

impl Default for AssetNames {
    fn default() -> Self {
        let path = |extension: &str| format!("/pkg/leptos-auth.{extension}");
        Self { js: path("js"), wasm: path("wasm"), css: path("css") }
    }
}

/// Wakes the islands in the order of the page, each inside the one around it, so that it finds what that one provides as
/// context. Then tests go on, and styles show what works from here on only (`.needs-script`).
const WAKE_ISLANDS: &str = "\
for (const island of document.querySelectorAll('leptos-island')) {
  island.closest('leptos-children')?.$$on_hydrate?.();
  const name = island.dataset.component;
  name in app ? app[name](island) : console.error(`The wasm has no island ${name}: is it of another build?`);
}
document.documentElement.dataset.hydrated = '';";

/// The HTML document. The server renders this; the browser only takes over what is inside `<body>`.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let AssetNames { js, wasm, css } = use_context().unwrap_or_default();
    let theme = Theme::of_request();
    let (light, dark) = theme.browser_colors();
    let nonce = use_nonce();
    let language = language();
    #[cfg(feature = "ssr")]
    let texts = language.file.path;
    #[cfg(not(feature = "ssr"))]
    let texts = "";
    let start = format!(
        "const texts = fetch('{texts}').then(answer => answer.json()), app = await import('{js}');\n\
         await app.default({{ module_or_path: '{wasm}' }});\n\
         app.hydrate(await texts);\n\
         {WAKE_ISLANDS}"
    );
    let css_of_site = css_of_site();
    let own_style = (!css_of_site.is_empty()).then(|| {
        let style = format!(":root{{{css_of_site}}}");
        view! { <style nonce=nonce.clone() inner_html=style></style> }
    });
    #[cfg(feature = "ssr")]
    security_policy(nonce.as_deref(), own_style.is_some());
    view! {
        <!DOCTYPE html>
        <html lang=language.tag dir=language.direction.as_str() data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                <meta {..media("(prefers-color-scheme: light)")} name="theme-color" content=light/>
                <meta {..media("(prefers-color-scheme: dark)")} name="theme-color" content=dark/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <link rel="stylesheet" href=css/>
                {own_style}
                <link rel="modulepreload" href=js nonce=nonce.clone()/>
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                <link rel="preload" href=texts r#as="fetch" r#type="application/json" crossorigin="anonymous"/>
                <script type="module" nonce=nonce>{start}</script>
                {cfg!(debug_assertions).then(|| view! { <AutoReload options/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// What the configuration changes about `style/theme.css` (`AUTH_THEME_…`).
fn css_of_site() -> String {
    #[cfg(feature = "ssr")]
    return crate::theme::site_theme().css();
    #[cfg(not(feature = "ssr"))]
    String::new()
}

/// An attribute that Leptos does not know on `<meta>`.
fn media(query: &'static str) -> impl Attribute {
    custom_attribute("media", query)
}

/// Sets the Content-Security-Policy of this response; its nonce is new each time.
///
/// `form-action` names the providers for browsers without Fetch Metadata. They get a redirect after a form, to which the
/// browser applies the policy. All other browsers get an intermediate page instead.
#[cfg(feature = "ssr")]
fn security_policy(nonce: Option<&str>, has_own_style: bool) {
    use http::{HeaderValue, header::CONTENT_SECURITY_POLICY};

    let (Some(nonce), Some(response)) = (nonce, use_context::<leptos_axum::ResponseOptions>()) else {
        return; // The router lists its routes once without a request.
    };
    let providers = use_context::<leptos_auth::Auth>().map(|auth| auth.authorization_origins().join(" "));
    // `cargo leptos watch` reloads the page over a socket.
    let live_reload =
        if cfg!(debug_assertions) && std::env::var_os("LEPTOS_WATCH").is_some() { " ws:" } else { "" };
    let style = if has_own_style { format!(" 'nonce-{nonce}'") } else { String::new() };
    let policy = format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'{style}; img-src 'self' data: https:; connect-src 'self'{live_reload}; font-src 'self'; \
         manifest-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self' {}",
        providers.unwrap_or_default()
    );
    if let Ok(policy) = HeaderValue::from_str(policy.trim_end()) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}
