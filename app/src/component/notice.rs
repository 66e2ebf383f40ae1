//! The message above a form when something did not work. It is announced, takes the focus and says what to do.

use leptos::{html, prelude::*};
use leptos_auth::types::ErrorCode;

use super::{Icon, Mark};
use crate::text::{ErrorText, Problem, error_text};

/// Shows the problem, if there is one.
#[component]
pub fn Notice(
    /// What went wrong with the form on this page.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// Better words for one code, where this page knows more.
    #[prop(optional)]
    own_text: Option<(ErrorCode, ErrorText)>,
) -> impl IntoView {
    let notice = NodeRef::<html::Div>::new();
    // Without this the focus stays on a button whose form has just failed, and the message is not noticed.
    Effect::new(move |_| {
        if let (Some(_), Some(notice)) = (problem.get(), notice.get()) {
            let _ = notice.focus();
        }
    });
    move || {
        problem.get().map(|problem| {
            let text = match own_text {
                Some((code, text)) if code == problem.code => text,
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
fn advice(problem: Problem, general: &'static str) -> String {
    match problem.retry_after {
        Some(1) => "To protect the account, please wait 1 second before you try again.".to_owned(),
        Some(seconds) if seconds < 120 => {
            format!("To protect the account, please wait {seconds} seconds before you try again.")
        }
        Some(seconds) => {
            format!(
                "To protect the account, please wait {} minutes before you try again.",
                seconds.div_ceil(60)
            )
        }
        None => general.to_owned(),
    }
}
