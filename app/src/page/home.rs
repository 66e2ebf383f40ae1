//! `/`: describes this app and shows who is signed in. Replace it with your own front page.

use leptos::prelude::*;
use leptos_auth_locales::home;
use leptos_meta::Title;

use crate::{
    component::SessionPanel,
    session::{SessionStatus, use_session},
    text::{APP_NAME, t},
};
#[cfg(feature = "dev")]
use crate::{
    component::{Copyable, Icon, ListSearch, Mark, SearchedItem, search_text},
    page::query,
    server_fn::{Feature, FeatureState},
};

/// The hook in use, as a reader would write it.
const SNIPPET: &str = r#"#[island]
fn Greeting() -> impl IntoView {
    let session = use_session();
    move || match session.data.get() {
        Some(session) => session.user.name,
        None => Some("stranger".into()),
    }
}"#;

/// The page.
#[component]
pub fn HomePage() -> impl IntoView {
    view! {
        <Title text=APP_NAME/>
        <div class="page">
            <div class="grid items-center gap-8 py-4 md:grid-cols-[7fr_5fr] md:py-12">
                <section class="hero">
                    <h1>{t(home::TITLE)}</h1>
                    <p class="lead">{t(home::LEAD)}</p>
                    <div class="flex flex-wrap gap-3">
                        <NextStep/>
                        <a class="button" href="#try">{t(home::SEE)}</a>
                    </div>
                </section>
                <section class="card">
                    <h2>{t(home::LIVE)}</h2>
                    <SessionPanel/>
                    <p class="hint">{t(home::LIVE_HINT)}</p>
                </section>
            </div>
            <section class="grid gap-6 md:grid-cols-[5fr_7fr]" id="try">
                <div class="stack">
                    <h2>{t(home::HOOK)}</h2>
                    <p class="muted">{t(home::HOOK_ABOUT)}</p>
                </div>
                <pre class="code" tabindex="0" role="region" aria-label=t(home::EXAMPLE)><code>{SNIPPET}</code></pre>
            </section>
            <Features/>
            <DevelopmentOverview/>
            <Help/>
        </div>
    }
}

/// The main button, which follows the session.
#[island]
fn NextStep() -> impl IntoView {
    let session = use_session();
    let step = move || match session.status.get() {
        SessionStatus::Unauthenticated => ("/signin", t(home::SIGN_IN)),
        _ => ("/account", t(home::ACCOUNT)),
    };
    view! { <a class="button button-primary" href=move || step().0>{move || step().1}</a> }
}

#[component]
fn Features() -> impl IntoView {
    view! {
        <section>
            <h2>{t(home::FEATURES)}</h2>
            <ul class="tiles sm:grid-cols-2 lg:grid-cols-4">
                <li><strong>{t(home::METHODS)}</strong>{t(home::METHODS_ABOUT)}</li>
                <li><strong>{t(home::SCRIPTS)}</strong>{t(home::SCRIPTS_ABOUT)}</li>
                <li><strong>{t(home::SESSIONS)}</strong>{t(home::SESSIONS_ABOUT)}</li>
                <li><strong>{t(home::PAGES)}</strong>{t(home::PAGES_ABOUT)}</li>
            </ul>
        </section>
    }
}

#[component]
fn Help() -> impl IntoView {
    view! {
        <section id="help">
            <h2>{t(home::TROUBLE)}</h2>
            <ul class="plain-list">
                <li>{t(home::TROUBLE_EMAIL)}</li>
                <li>{t(home::TROUBLE_LINK)}</li>
                <li>{t(home::TROUBLE_WAY)}</li>
            </ul>
        </section>
    }
}

#[cfg(not(feature = "dev"))]
#[component]
fn DevelopmentOverview() -> impl IntoView {}

/// What is switched on, and where to switch on the rest. Only in development.
#[cfg(feature = "dev")]
#[component]
fn DevelopmentOverview() -> impl IntoView {
    use crate::server_fn::dev_status;

    let overview = Suspend::new(async {
        // Rejected in production, even if the build contains it.
        let features = dev_status().await.ok()?;
        Some(view! {
            <section class="card">
                <h2>"In development"</h2>
                <p class="muted">"Only you see this: it is not in a release. "<code>"cargo xtask doctor"</code>" checks more."</p>
                <Overview features search=search_text(query("q"))/>
                <div class="flex flex-wrap gap-3">
                    <a class="button" href="/dev/inbox">"Dev inbox"</a>
                    <a class="button" href="/dev/gallery">"Page gallery"</a>
                </div>
            </section>
        })
    });
    view! { <Suspense>{overview}</Suspense> }
}

/// What is on or wrong, then what is off behind a fold with a search.
#[cfg(feature = "dev")]
#[component]
pub fn Overview(features: Vec<Feature>, search: String) -> impl IntoView {
    let (off, on): (Vec<_>, Vec<_>) =
        features.into_iter().partition(|feature| feature.state == FeatureState::Off);
    let above = on.iter().map(|feature| feature.name.clone()).collect();
    let on = on.into_iter().map(|feature| view! { <li><FeatureLine feature/></li> }).collect_view();
    let (count, is_open) = (off.len(), !search.is_empty());
    let names: Vec<_> =
        off.iter().map(|feature| format!("{} {}", feature.name, feature.notes.join(" "))).collect();
    let items = off.into_iter().zip(names.clone()).map(|(feature, names)| {
        view! { <SearchedItem names search=search.clone()><FeatureLine feature/></SearchedItem> }
    });
    let off = items.collect_view();
    view! {
        <ul class="states">{on}</ul>
        <details class="more" id="off" open=is_open>
            <summary class="quiet-link">"What is off ("{count}")" <Icon mark=Mark::Chevron/></summary>
            <ListSearch path="/" id="off" search fields=Vec::new() names above/>
            <ul class="states states-long" tabindex="0" aria-label="What is off">{off}</ul>
        </details>
    }
}

#[cfg(feature = "dev")]
#[component]
fn FeatureLine(feature: Feature) -> impl IntoView {
    let (class, mark, word) = match feature.state {
        FeatureState::On => ("state state-on", Mark::Check, "on"),
        FeatureState::Misconfigured => ("state state-wrong", Mark::Alert, "wrong"),
        FeatureState::Off => ("state", Mark::Ring, "off"),
    };
    let Feature { name, notes, callback_url, console, .. } = feature;
    let console_label = format!("Register at {name}");
    let copy_label = format!("the callback URL of {name}");
    view! {
        <span class=class><Icon mark/>{word}</span>
        <strong>{name}</strong>
        <div class="muted stack">
            {notes.into_iter().map(|note| view! { <span>{note}</span> }).collect_view()}
            {callback_url.map(|text| view! { <Copyable text label=copy_label/> })}
            {console.map(|url| view! { <a class="link" href=url rel="noreferrer">{console_label}</a> })}
        </div>
    }
}
