//! Pictures: our own in this file, the marks of providers in `public/marks`; nothing comes from another host. They are
//! decoration, so they are hidden from screen readers; the words beside them say what they mean.

use leptos::prelude::*;

/// The logo: the picture that `AUTH_THEME_LOGO` names, else the drawing in this file (`public/favicon.svg` has it too).
#[component]
pub fn Logo() -> impl IntoView {
    // The browser leaves what the server wrote, so only the server needs to know of the picture.
    #[cfg(feature = "ssr")]
    if let Some(path) = crate::theme::site_theme().logo {
        let picture = format!("<img src=\"{path}\" alt=\"\" height=\"32\">");
        return view! { <span class="logo" aria-hidden="true" inner_html=picture></span> };
    }
    view! { <span class="logo" aria-hidden="true" inner_html=LOGO.to_owned()></span> }
}

/// A drawing of one colour, the colour of the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An envelope.
    Mail,
    /// A key.
    Key,
    /// An open eye.
    Eye,
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// A circle, half filled.
    Half,
    /// An exclamation mark in a circle.
    Alert,
    /// A tick.
    Check,
    /// A ring: off, nothing.
    #[cfg(feature = "dev")]
    Ring,
    /// A cloud with a line through it.
    Offline,
    /// A globe.
    Globe,
    /// A small arrow down.
    Chevron,
}

/// One of the marks.
#[component]
pub fn Icon(
    /// Which one.
    mark: Mark,
) -> impl IntoView {
    let drawing = match mark {
        Mark::Mail => MAIL,
        Mark::Key => KEY,
        Mark::Eye => EYE,
        Mark::Sun => SUN,
        Mark::Moon => MOON,
        Mark::Half => HALF,
        Mark::Alert => ALERT,
        Mark::Check => CHECK,
        #[cfg(feature = "dev")]
        Mark::Ring => RING,
        Mark::Offline => OFFLINE,
        Mark::Globe => GLOBE,
        Mark::Chevron => CHEVRON,
    };
    view! { <span class="icon" aria-hidden="true" inner_html=drawing></span> }
}

/// The mark of a provider: its own where there is one, else its first letter. The file is a picture of its
/// own, so that a page with a hundred providers is no heavier in wasm, and browsers keep it.
#[component]
pub fn ProviderMark(
    /// The provider's name.
    name: String,
    /// The path of its mark.
    mark: Option<String>,
    /// The colour of its mark, if not that of the words beside it.
    color: Option<String>,
) -> impl IntoView {
    match mark {
        // An attribute and not a style: the policy of our pages forbids styles in HTML.
        Some(mark) => view! {
            <span class="icon" aria-hidden="true">
                <svg viewBox="0 0 24 24" color=color><use_ href=format!("{mark}#mark")/></svg>
            </span>
        }
        .into_any(),
        None => {
            let letter = name.chars().next().map(|first| first.to_uppercase().to_string());
            view! { <span class="monogram" aria-hidden="true">{letter}</span> }.into_any()
        }
    }
}

/// A key whose ring is an orbit, with the lepton on it.
const LOGO: &str = "<svg viewBox='0 0 32 32'><rect width='32' height='32' rx='8' fill='var(--color-brand-fill)'/><g fill='none' stroke='var(--color-brand-text)' stroke-width='2.6' stroke-linecap='round'><path d='M18.9 7.1a6 6 0 1 0 2.9 3.9M16 18.4V26M16 22.6h4'/></g><circle cx='21.4' cy='7.6' r='2.3' fill='var(--color-brand-text)'/></svg>";

const MAIL: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><rect x='3' y='5' width='18' height='14' rx='2.5'/><path d='m4 7.5 8 6 8-6'/></svg>";
const KEY: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='8' cy='15.5' r='4.5'/><path d='M11.3 12.2 20 3.5M16 7.5l3 3M18 5.5l2 2'/></svg>";
const EYE: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z'/><circle cx='12' cy='12' r='2.75'/></svg>";
const SUN: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='12' cy='12' r='4'/><path d='M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4'/></svg>";
const MOON: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='M20 14.2A8.3 8.3 0 0 1 9.8 4a8.3 8.3 0 1 0 10.2 10.2Z'/></svg>";
const HALF: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='12' cy='12' r='8.5'/><path d='M12 3.5a8.5 8.5 0 0 1 0 17Z' fill='currentColor'/></svg>";
const ALERT: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='12' cy='12' r='9'/><path d='M12 7.5v5.5M12 16.4v.1'/></svg>";
const CHECK: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='m5 12.5 4.5 4.5L19 7.5'/></svg>";
#[cfg(feature = "dev")]
const RING: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='12' cy='12' r='6' stroke-dasharray='3 3'/></svg>";
const OFFLINE: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='M7 18.5a4.5 4.5 0 0 1-.6-8.9M9.5 6.3A6 6 0 0 1 17.7 10a4.3 4.3 0 0 1 2.5 7M4 3.5l16.5 17M7 18.5h9.5'/></svg>";
const GLOBE: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><circle cx='12' cy='12' r='9'/><path d='M3 12h18M12 3c2.6 2.5 4 5.5 4 9s-1.4 6.5-4 9c-2.6-2.5-4-5.5-4-9s1.4-6.5 4-9Z'/></svg>";
const CHEVRON: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='m7 10 5 5 5-5'/></svg>";
