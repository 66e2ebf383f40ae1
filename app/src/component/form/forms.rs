//! Around the forms of a page: says what went wrong with them, and sends them by script.
//!
//! One is enough for all forms of a page, because a person sends one at a time.

use leptos::{ev, html, prelude::*};
use leptos_auth::types::ErrorCode;

use crate::{
    component::Notice,
    text::{ErrorText, Problem},
};

/// What the fields and buttons inside know of the forms.
#[derive(Clone, Copy)]
pub(super) struct FormsState {
    /// One is sent, and there is no answer yet.
    pub is_pending: RwSignal<bool>,
    /// What went wrong with the last one.
    pub feedback: RwSignal<Option<Problem>>,
    /// The last try by script reached nobody: the next one is left to the browser.
    pub is_left_to_browser: RwSignal<bool>,
}

impl FormsState {
    fn new(problem: Option<Problem>) -> Self {
        Self {
            is_pending: RwSignal::new(false),
            feedback: RwSignal::new(problem),
            is_left_to_browser: RwSignal::new(false),
        }
    }

    /// Whether one of these went wrong.
    pub fn is_refused(self, by: Vec<ErrorCode>) -> Signal<bool> {
        Signal::derive(move || self.feedback.get().is_some_and(|problem| by.contains(&problem.code)))
    }
}

/// The state of the forms around, or of none at all.
pub(super) fn use_forms() -> FormsState {
    use_context().unwrap_or_else(|| FormsState::new(None))
}

/// Stands around everything that is a form, or is about one: the notice comes above it.
#[island]
pub fn AuthForms(
    /// What went wrong before this page was asked for.
    problem: Option<Problem>,
    /// Better words for one code, where this page knows more.
    #[prop(optional_no_strip)]
    own_text: Option<(ErrorCode, ErrorText)>,
    /// The forms.
    children: Children,
) -> impl IntoView {
    let state = FormsState::new(problem);
    provide_context(state);
    let around = NodeRef::<html::Div>::new();
    #[cfg(feature = "hydrate")]
    crate::effect::effect(move || super::submit::stop_waiting_on_return(around, state));
    view! {
        <Notice problem=state.feedback own_text/>
        <div class="no-box" node_ref=around on:submit=move |event| on_submit(&event, state)>{children()}</div>
    }
}

fn on_submit(event: &ev::SubmitEvent, state: FormsState) {
    #[cfg(feature = "hydrate")]
    super::submit::submit(event, state);
    #[cfg(not(feature = "hydrate"))]
    let _ = (event, state.is_left_to_browser);
}
