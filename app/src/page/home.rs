//! `/`: what this app is, and who is signed in right now. Replace it with your own front page.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::{
    component::SessionPanel,
    session::{SessionStatus, use_session},
};

/// The hook in use, as a reader would write it.
const SNIPPET: &str = r#"#[component]
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
    let session = use_session();
    let next_step = move || match session.status.get() {
        SessionStatus::Unauthenticated => {
            view! { <a class="button button-primary" href="/signin" rel="external">"Sign in"</a> }.into_any()
        }
        _ => view! { <a class="button button-primary" href="/account">"Open your account"</a> }.into_any(),
    };
    view! {
        <Title text="Leptos Auth"/>
        <div class="page">
            <div class="grid items-center gap-8 py-4 md:grid-cols-[7fr_5fr] md:py-12">
                <section class="hero">
                    <h1>"Sign-in that is ready when your app is"</h1>
                    <p class="lead">
                        "A Leptos app that knows who is signed in: in the first HTML, in every tab, with and without
                        scripts. Clone it, run it, change it."
                    </p>
                    <div class="flex flex-wrap gap-3">
                        {next_step}
                        <a class="button" href="#try" rel="external">"See how it works"</a>
                    </div>
                </section>
                <section class="card">
                    <h2>"Who you are, live"</h2>
                    <SessionPanel/>
                    <p class="hint">"Sign in or out in another tab and watch this box."</p>
                </section>
            </div>
            <section class="grid gap-6 md:grid-cols-[5fr_7fr]" id="try">
                <div class="stack">
                    <h2>"One hook, every component"</h2>
                    <p class="muted">
                        "use_session() answers on the server and in the browser. Ten components that use it cause one
                        request, and when the network is away nobody is signed out."
                    </p>
                </div>
                <pre class="code" tabindex="0" role="region" aria-label="Example"><code>{SNIPPET}</code></pre>
            </section>
            <Features/>
            <DevelopmentOverview/>
            <Help/>
        </div>
    }
}

#[component]
fn Features() -> impl IntoView {
    view! {
        <section>
            <h2>"What is in it"</h2>
            <ul class="tiles sm:grid-cols-2 lg:grid-cols-4">
                <li><strong>"Email, providers, passwords"</strong>"A link and a code, OAuth and OpenID Connect, or your own check."</li>
                <li><strong>"Works without scripts"</strong>"Every form is plain HTML. Scripts only make it quicker."</li>
                <li><strong>"Sessions you can trust"</strong>"Encrypted cookies or your database. A failing network never signs anybody out."</li>
                <li><strong>"Pages you own"</strong>"One file per page in app/src/page, one file of colours in style/theme.css."</li>
            </ul>
        </section>
    }
}

#[component]
fn Help() -> impl IntoView {
    view! {
        <section id="help">
            <h2>"Trouble signing in?"</h2>
            <ul class="plain-list">
                <li>"No email? Look in the spam folder and check the address. You can send it again after half a minute."</li>
                <li>"A link works once and for 15 minutes. Opened on another device, it signs in that device."</li>
                <li>"You used another way before? Choose that one: the same address does not open the same account by itself."</li>
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
    use crate::{
        component::{Icon, Mark},
        server_fn::dev_status,
    };

    let features = Resource::new_blocking(|| (), |()| dev_status());
    let rows = move || {
        Suspend::new(async move {
            let features = features.await.unwrap_or_default().into_iter();
            features
                .map(|feature| {
                    let (mark, state) = if feature.is_on { (Mark::Check, "on") } else { (Mark::Ring, "off") };
                    view! {
                        <li>
                            <span class=if feature.is_on { "state state-on" } else { "state" }><Icon mark/>{state}</span>
                            <strong>{feature.name}</strong>
                            <span class="muted">{feature.note}</span>
                        </li>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <section class="card">
            <h2>"In development"</h2>
            <p class="muted">"Only you see this: it is not in a release."</p>
            <Suspense><ul class="states">{rows}</ul></Suspense>
            <div class="flex flex-wrap gap-3">
                <a class="button" href="/dev/inbox" rel="external">"Dev inbox"</a>
                <a class="button" href="/dev/gallery" rel="external">"Page gallery"</a>
            </div>
        </section>
    }
}
