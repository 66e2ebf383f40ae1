//! Pictures, all of them in this file: nothing is loaded from anywhere. They are decoration, so they are hidden
//! from screen readers; the words beside them say what they mean.

use leptos::prelude::*;

/// The logo. Replace the drawing here and in `public/favicon.svg`.
#[component]
pub fn Logo() -> impl IntoView {
    view! { <span class="logo" aria-hidden="true" inner_html=LOGO></span> }
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
        Mark::Chevron => CHEVRON,
    };
    view! { <span class="icon" aria-hidden="true" inner_html=drawing></span> }
}

/// The mark of a provider: its own where its rules allow that on a sign-in button, else its first letter.
#[component]
pub fn ProviderMark(
    /// The provider's id.
    id: String,
    /// The provider's name.
    name: String,
) -> impl IntoView {
    let drawing = match id.as_str() {
        "github" => Some(GITHUB),
        "google" => Some(GOOGLE),
        _ => None,
    };
    match drawing {
        Some(drawing) => {
            view! { <span class="icon" aria-hidden="true" inner_html=drawing></span> }.into_any()
        }
        None => {
            let letter = name.chars().next().map(String::from);
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
const CHEVRON: &str = "<svg viewBox='0 0 24 24' fill='none' stroke='currentColor' stroke-width='1.75' stroke-linecap='round' stroke-linejoin='round'><path d='m7 10 5 5 5-5'/></svg>";

/// GitHub's mark in one colour, as its rules allow on a sign-in button.
const GITHUB: &str = "<svg viewBox='0 0 16 16' fill='currentColor'><path d='M8 0C3.58 0 0 3.58 0 8c0 3.54 2.29 6.53 5.47 7.59.4.07.55-.17.55-.38 0-.19-.01-.82-.01-1.49-2.01.37-2.53-.49-2.69-.94-.09-.23-.48-.94-.82-1.13-.28-.15-.68-.52-.01-.53.63-.01 1.08.58 1.23.82.72 1.21 1.87.87 2.33.66.07-.52.28-.87.51-1.07-1.78-.2-3.64-.89-3.64-3.95 0-.87.31-1.59.82-2.15-.08-.2-.36-1.02.08-2.12 0 0 .67-.21 2.2.82.64-.18 1.32-.27 2-.27s1.36.09 2 .27c1.53-1.04 2.2-.82 2.2-.82.44 1.1.16 1.92.08 2.12.51.56.82 1.27.82 2.15 0 3.07-1.87 3.75-3.65 3.95.29.25.54.73.54 1.48 0 1.07-.01 1.93-.01 2.2 0 .21.15.46.55.38A8.01 8.01 0 0 0 16 8c0-4.42-3.58-8-8-8Z'/></svg>";
/// Google's G in its four colours: its rules ask for them.
const GOOGLE: &str = "<svg viewBox='0 0 24 24'><path fill='#4285F4' d='M22.56 12.25c0-.78-.07-1.53-.2-2.25H12v4.26h5.92a5.06 5.06 0 0 1-2.2 3.32v2.77h3.56c2.08-1.92 3.28-4.74 3.28-8.1Z'/><path fill='#34A853' d='M12 23c2.97 0 5.46-.98 7.28-2.65l-3.57-2.77a6.6 6.6 0 0 1-9.87-3.48H2.18v2.84A11 11 0 0 0 12 23Z'/><path fill='#FBBC05' d='M5.84 14.1a6.6 6.6 0 0 1 0-4.2V7.06H2.18a11 11 0 0 0 0 9.88l3.66-2.84Z'/><path fill='#EA4335' d='M12 5.38c1.62 0 3.06.56 4.21 1.64l3.15-3.15A11 11 0 0 0 2.18 7.06L5.84 9.9A6.6 6.6 0 0 1 12 5.38Z'/></svg>";
