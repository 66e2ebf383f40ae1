//! A search in a list that stands in a fold.
//!
//! Rule: it works without scripts. The search is a GET of this page with `?q=`, which the server answers with the fold
//! open and what does not match hidden; scripts do the same while somebody types.

use leptos::{ev, html, prelude::*};
use leptos_auth_locales::list_search;
use leptos_router::params::ParamsMap;

use crate::text::{t, t_with};

/// Longer than any name. Whoever writes a link to this page writes this text as well.
const LONGEST: usize = 40;

/// What was searched for, as `?q=` of the address says.
#[must_use]
pub fn search_text(query: Option<String>) -> String {
    query.unwrap_or_default().trim().chars().take(LONGEST).collect()
}

/// A list that is searched.
#[derive(Clone, Copy)]
pub struct Searched {
    /// What for.
    text: RwSignal<String>,
    /// For each item, whether it matches.
    matches: Memo<Vec<bool>>,
}

impl Searched {
    /// `items` are the texts to search in, in the order of the list.
    #[must_use]
    pub fn new(text: RwSignal<String>, items: Vec<String>) -> Self {
        let items: Vec<_> = items.iter().map(|item| item.to_lowercase()).collect();
        let matches = Memo::new(move |_| {
            let text = text.get();
            items.iter().map(|item| is_match(item, &text)).collect()
        });
        Self { text, matches }
    }

    /// Whether the item at that place does not match.
    #[must_use]
    pub fn is_hidden(&self, at: usize) -> bool {
        !self.matches.with(|all| all.get(at).copied().unwrap_or(true))
    }

    fn found(&self) -> usize {
        self.matches.with(|all| all.iter().filter(|is_match| **is_match).count())
    }
}

/// The field, and how many are left.
#[component]
pub fn ListSearch(
    /// The list.
    searched: Searched,
    /// The path of this page.
    path: &'static str,
    /// The id of the fold.
    id: &'static str,
    /// What else the address says.
    fields: Vec<(&'static str, String)>,
    /// Names that are not in the list but above it: a search that means one of them says so.
    above: Vec<String>,
) -> impl IntoView {
    let (text, input) = (searched.text, NodeRef::<html::Input>::new());
    // The browser may have filled the field again, or somebody typed before the scripts were there.
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            text.set(input.value());
        }
    });
    let clear = move || {
        text.set(String::new());
        if let Some(input) = input.get_untracked() {
            input.set_value("");
            let _ = input.focus();
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && !text.with_untracked(String::is_empty) {
            event.prevent_default();
            clear();
        }
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        focus_first(id);
    };
    let on_clear = move |event: ev::MouseEvent| {
        event.prevent_default();
        clear();
    };
    let all: ParamsMap = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let hidden =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <form class="search" role="search" method="get" action=format!("{path}#{id}") on:submit=on_submit>
            {hidden.collect_view()}
            <label for="q">{t(list_search::LABEL)}</label>
            <div class="flex gap-2">
                <input
                    class="input"
                    id="q"
                    name="q"
                    type="search"
                    value=text.get_untracked()
                    maxlength=LONGEST
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    enterkeyhint="search"
                    node_ref=input
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=on_key
                />
                <button class="button without-scripts">{t(list_search::SEARCH)}</button>
            </div>
            <p class="hint">
                <span role="status">{move || text.with(|text| told(text, searched.found(), &above))}</span>
                <a
                    class="link ms-2"
                    href=format!("{path}{}#{id}", all.to_query_string())
                    rel="external"
                    hidden=move || text.with(String::is_empty)
                    on:click=on_clear
                >
                    {t(list_search::SHOW_ALL)}
                </a>
            </p>
        </form>
    }
}

/// Enter in the field goes to the first item that is left.
fn focus_first(id: &str) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let selector = format!("#{id} li:not([hidden]) :is(a, button)");
        let first = document().query_selector(&selector).ok().flatten();
        if let Some(first) = first.and_then(|first| first.dyn_into::<web_sys::HtmlElement>().ok()) {
            let _ = first.focus();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Whether every word that was typed occurs in the item.
fn is_match(item: &str, text: &str) -> bool {
    text.to_lowercase().split_whitespace().all(|word| item.contains(word))
}

/// How many are left. What was searched for is not repeated: anybody can write it into a link.
fn told(text: &str, found: usize, above: &[String]) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let here = match found {
        0 => t(list_search::NONE).to_owned(),
        1 => t(list_search::ONE).to_owned(),
        _ => t_with(list_search::OTHER, &[("count", &found.to_string())]),
    };
    let above: Vec<_> = above.iter().filter(|name| is_match(&name.to_lowercase(), text)).cloned().collect();
    let key = if above.len() == 1 { list_search::ABOVE_ONE } else { list_search::ABOVE_OTHER };
    let names = above
        .into_iter()
        .reduce(|first, second| t_with(list_search::AND, &[("first", &first), ("second", &second)]));
    match names {
        Some(names) => format!("{here} {}", t_with(key, &[("names", &names)])),
        None => here,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_finds_by_words_of_the_name_in_any_order() {
        let entra = "microsoft entra id microsoft-entra-id";
        for found in ["", " ", "entra", "ENTRA micro", "entra-id"] {
            assert!(is_match(entra, found), "{found}");
        }
        assert!(!is_match(entra, "entra google"));
    }

    #[test]
    fn lp_06_what_was_searched_is_not_repeated() {
        let told = told("call 555", 0, &["GitHub".to_owned()]);
        assert_eq!(told, "None of these has that name.");
        assert_eq!(search_text(Some("é".repeat(90))).chars().count(), LONGEST);
    }

    #[test]
    fn a_search_for_a_button_outside_of_the_fold_says_where_it_is() {
        let above = ["GitHub".to_owned(), "GitLab".to_owned()];
        assert_eq!(told("git", 0, &above), "None of these has that name. GitHub and GitLab are above.");
        assert_eq!(told("hub", 1, &above), "1 has that name. GitHub is above.");
    }
}
