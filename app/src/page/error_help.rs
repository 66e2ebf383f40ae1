//! `/error/help`: all that can go wrong, in the words of the pages. The page `/error` leads to the entry of its message.

use leptos::prelude::*;
use leptos_auth::types::ErrorCode;
use leptos_auth_locales::{error_help, way_on};
use leptos_meta::Title;

use crate::{
    component::PageHeader,
    text::{error_text, page_title, t},
};

/// The page, without the part after `#`.
const PATH: &str = "/error/help";

/// The page.
#[component]
pub fn ErrorHelpPage() -> impl IntoView {
    view! {
        <Title text=page_title(t(error_help::TITLE))/>
        <ErrorHelpView/>
    }
}

/// The view.
#[component]
pub fn ErrorHelpView() -> impl IntoView {
    let entries = ErrorCode::ALL.iter().map(|code| {
        let text = error_text(*code);
        view! {
            <div id=anchor(*code)>
                <dt>{text.title}</dt>
                <dd>{text.advice}</dd>
            </div>
        }
    });
    view! {
        <div class="page max-w-2xl">
            <PageHeader title=t(error_help::TITLE)>{t(error_help::LEAD)}</PageHeader>
            <dl class="card entries">{entries.collect_view()}</dl>
            <a class="button self-start" href="/signin">{t(way_on::SIGN_IN)}</a>
        </div>
    }
}

/// The address of the entry of a code.
pub(super) fn entry(code: ErrorCode) -> String {
    format!("{PATH}#{}", anchor(code))
}

fn anchor(code: ErrorCode) -> String {
    code.as_str().to_lowercase()
}
