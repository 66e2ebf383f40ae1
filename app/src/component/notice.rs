//! The message above the forms when one did not work. It is announced, takes the focus and says what to do.

use std::borrow::Cow;

use leptos::{html, prelude::*};
use leptos_auth::types::ErrorCode;
use leptos_auth_locales::notice;

use super::{Icon, Mark};
use crate::effect::effect;
use crate::text::{ErrorText, Problem, error_text, t, t_with};

/// Shows the problem, if there is one.
#[component]
pub fn Notice(
    /// What went wrong with the form on this page.
    problem: RwSignal<Option<Problem>>,
    /// Better words for one code, where this page knows more.
    own_text: Option<(ErrorCode, ErrorText)>,
) -> impl IntoView {
    let notice = NodeRef::<html::Div>::new();
    // Without this the focus stays on a button whose form has just failed, and the message is not noticed.
    effect(move || {
        if let (Some(_), Some(notice)) = (problem.get(), notice.get()) {
            let _ = notice.focus();
        }
    });
    move || {
        problem.get().map(|problem| {
            let text = match &own_text {
                Some((code, text)) if *code == problem.code => text.clone(),
                _ => error_text(problem.code),
            };
            // Asking somebody to sign in is no failure: it looks calm.
            let is_calm =
                matches!(problem.code, ErrorCode::SessionRequired | ErrorCode::ReauthenticationRequired);
            let class = if is_calm { "notice" } else { "notice notice-danger" };
            view! {
                <div id="notice" role="alert" tabindex="-1" class=class node_ref=notice>
                    <Icon mark=Mark::Alert/>
                    <div>
                        <p class="notice-title">{text.title}</p>
                        <p>{advice(problem, text.advice)}</p>
                    </div>
                </div>
            }
        })
    }
}

/// The general advice, or how long to wait where the server said so.
fn advice(problem: Problem, general: Cow<'static, str>) -> String {
    match problem.retry_after {
        Some(1) => t(notice::WAIT_SECOND).to_owned(),
        Some(seconds) if seconds < 120 => t_with(notice::WAIT_SECONDS, &[("seconds", &seconds.to_string())]),
        Some(seconds) => t_with(notice::WAIT_MINUTES, &[("minutes", &seconds.div_ceil(60).to_string())]),
        None => general.into_owned(),
    }
}
