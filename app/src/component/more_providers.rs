//! The fold behind the first provider buttons: all the others, and a search by name.

use leptos::prelude::*;
use leptos_auth::types::SignInMethod;
use leptos_auth_locales::{more_providers, provider_button};

use super::{AuthForm, ChoiceButton, Icon, ListSearch, Mark, ProviderMark, SearchedItem};
use crate::text::{t_around, t_with};

/// From so many on there is a search: fewer are faster to look through.
const SEARCHED: usize = 7;

/// The fold.
#[component]
pub fn MoreProviders(
    /// The providers inside, in their order.
    methods: Vec<SignInMethod>,
    /// Names of the providers outside: a search that means one of them says so.
    shown: Vec<String>,
    /// What was searched for.
    search: String,
    /// CSRF token of the page.
    csrf_token: String,
    /// Where to go afterwards.
    callback_url: String,
    /// Whether the browser must forget the session when it is closed.
    is_shared: bool,
) -> impl IntoView {
    let count = methods.len();
    let is_open = !search.is_empty();
    // The name alone is seen; the whole sentence is read out.
    let (before, after) = t_around(provider_button::CONTINUE);
    let looked_for = search.clone();
    let all_names = methods.iter().map(names).collect();
    let button = move |method: SignInMethod| {
        let names = names(&method);
        let SignInMethod { id, name, mark, color, .. } = method;
        view! {
            <SearchedItem names search=looked_for.clone()>
                <ChoiceButton action=format!("/api/auth/signin/{id}")>
                    <ProviderMark name=name.clone() mark color/>
                    <span class="min-w-0">{unseen(before)}{name}{unseen(after)}</span>
                </ChoiceButton>
            </SearchedItem>
        }
    };
    let mut fields = vec![("callbackUrl", callback_url.clone())];
    fields.extend(is_shared.then(|| ("remember", "false".to_owned())));
    view! {
        <details class="more" id="more" open=is_open>
            <summary class="quiet-link">
                {t_with(more_providers::SUMMARY, &[("count", &count.to_string())])}
                <Icon mark=Mark::Chevron/>
            </summary>
            {(count >= SEARCHED).then(|| view! { <ListSearch path="/signin" id="more" search fields names=all_names above=shown/> })}
            <AuthForm action="/api/auth/signin" csrf_token callback_url is_shared>
                <ul class="choices" role="list">{methods.into_iter().map(button).collect_view()}</ul>
            </AuthForm>
        </details>
    }
}

/// What a provider is found by.
fn names(method: &SignInMethod) -> String {
    format!("{} {}", method.name, method.id)
}

fn unseen(words: &'static str) -> Option<impl IntoView> {
    (!words.is_empty()).then(|| view! { <span class="sr-only">{words}</span> })
}
