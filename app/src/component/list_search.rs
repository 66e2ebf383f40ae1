//! A search field for a list in a collapsible section.
//!
//! Rule: it works without scripts. The search is a GET of this page with `?q=`; the server responds with the section open
//! and other items hidden. Scripts do the same while the user types. The items are [`SearchedItem`]s anywhere in the
//! section.

use leptos::{ev, html, prelude::*};
use leptos_auth_locales::list_search;
#[cfg(feature = "hydrate")]
use wasm_bindgen::JsCast;

use crate::effect::effect;
use crate::session::with_query;
use crate::text::{t, t_with};

/// Longer than any name. Whoever writes a link to this page writes this text as well.
const LONGEST: usize = 40;

/// What was searched for, as `?q=` of the address says.
#[must_use]
pub fn search_text(query: Option<String>) -> String {
    query.unwrap_or_default().trim().chars().take(LONGEST).collect()
}

/// An item of a list that is searched.
#[component]
pub fn SearchedItem(
    /// What it is found by.
    names: String,
    /// What was searched for.
    search: String,
    /// The item.
    children: Children,
) -> impl IntoView {
    let names = lowercase(&names);
    let is_hidden = !is_match(&names, &search);
    view! { <li data-names=names hidden=is_hidden>{children()}</li> }
}

/// The field, and how many are left.
#[component]
pub fn ListSearch(
    /// The path of this page.
    path: &'static str,
    /// The id of the fold.
    id: &'static str,
    /// What was searched for.
    search: String,
    /// What else the address says.
    fields: Vec<(&'static str, String)>,
    /// The names of the items.
    names: Vec<String>,
    /// Names that are not in the list but above it: a search that means one of them says so.
    above: Vec<String>,
) -> impl IntoView {
    let found = names.iter().filter(|names| is_match(&lowercase(names), &search)).count() as u32;
    let all: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let show_all = format!("{}#{id}", with_query(path, &all));
    let fields =
        fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    let fields = fields.collect_view();
    view! {
        <SearchForm action=format!("{path}#{id}") id=id.to_owned() search show_all above found>{fields}</SearchForm>
    }
}

#[island]
fn SearchForm(
    action: String,
    id: String,
    search: String,
    show_all: String,
    above: Vec<String>,
    found: u32,
    children: Children,
) -> impl IntoView {
    let (text, input) = (RwSignal::new(search), NodeRef::<html::Input>::new());
    let found = RwSignal::new(found);
    // The browser may have filled the field again, or somebody typed before the scripts were there.
    effect(move || {
        if let Some(input) = input.get() {
            text.set(input.value());
        }
    });
    let list = id.clone();
    effect(move || text.with(|text| found.set(show_matches(&list, text))));
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
    let list = id.clone();
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        focus_first(&list);
    };
    let on_clear = move |event: ev::MouseEvent| {
        event.prevent_default();
        clear();
    };
    view! {
        <form class="search" role="search" method="get" action=action on:submit=on_submit>
            {children()}
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
                <span role="status">{move || text.with(|text| told(text, found.get(), &above))}</span>
                <a
                    class="link ms-2"
                    href=show_all
                    hidden=move || text.with(String::is_empty)
                    on:click=on_clear
                >
                    {t(list_search::SHOW_ALL)}
                </a>
            </p>
        </form>
    }
}

/// Hides the items that do not match; returns how many do.
fn show_matches(id: &str, text: &str) -> u32 {
    #[cfg(feature = "hydrate")]
    {
        let items = document().query_selector_all(&format!("#{id} [data-names]")).ok();
        let items =
            items.into_iter().flat_map(|items| (0..items.length()).filter_map(move |at| items.item(at)));
        let items = items.filter_map(|item| item.dyn_into::<web_sys::HtmlElement>().ok());
        let is_shown = |item: &web_sys::HtmlElement| {
            let is_match = is_match(&item.get_attribute("data-names").unwrap_or_default(), text);
            item.set_hidden(!is_match);
            is_match
        };
        items.filter(is_shown).count() as u32
    }
    #[cfg(not(feature = "hydrate"))]
    {
        let _ = (id, text);
        0
    }
}

/// Enter in the field goes to the first item that is left.
fn focus_first(id: &str) {
    #[cfg(feature = "hydrate")]
    {
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
    lowercase(text).split_whitespace().all(|word| item.contains(word))
}

/// The browser does it for the wasm, which need not have the table of all letters then.
fn lowercase(text: &str) -> String {
    #[cfg(feature = "hydrate")]
    return js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(feature = "hydrate"))]
    text.to_lowercase()
}

/// How many are left. What was searched for is not repeated: anybody can write it into a link.
fn told(text: &str, found: u32, above: &[String]) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let here = match found {
        0 => t(list_search::NONE).to_owned(),
        1 => t(list_search::ONE).to_owned(),
        _ => t_with(list_search::OTHER, &[("count", &found.to_string())]),
    };
    let above: Vec<_> = above.iter().filter(|name| is_match(&lowercase(name), text)).cloned().collect();
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
