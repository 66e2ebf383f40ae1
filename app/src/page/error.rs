//! `/error`: shown when a sign-in failed and no form can show why. It says what happened and how to continue. The address
//! only selects one of our texts; no part of it is displayed.

use leptos::prelude::*;
use leptos_auth::types::ErrorCode;
use leptos_auth_locales::{error_page, way_on};
use leptos_meta::Title;

use super::{error_help, query, query_problem, with_query};
use crate::{
    component::{AuthCard, Icon, Mark},
    text::{error_text, page_title, t},
};

/// The page.
#[component]
pub fn ErrorPage() -> impl IntoView {
    let problem = query_problem();
    let code = problem.map_or(ErrorCode::Configuration, |problem| problem.code);
    #[cfg(feature = "ssr")]
    crate::server_fn::set_status(status(code));
    view! {
        <Title text=page_title(t(error_page::TITLE))/>
        <ErrorView code target=query("callbackUrl")/>
    }
}

/// The view.
#[component]
pub fn ErrorView(
    /// The error.
    code: ErrorCode,
    /// The target of the failed sign-in: it is passed to the next one, which validates it.
    #[prop(optional_no_strip)]
    target: Option<String>,
) -> impl IntoView {
    let text = error_text(code);
    let sign_in = match &target {
        Some(target) => with_query("/signin", &[("callbackUrl", target)]),
        None => "/signin".to_owned(),
    };
    let (label, href) = match code {
        ErrorCode::Verification => (way_on::NEW_EMAIL, sign_in),
        ErrorCode::Configuration | ErrorCode::Unavailable => (way_on::FRONT_PAGE, "/".to_owned()),
        _ => (error_page::BACK, sign_in),
    };
    view! {
        <AuthCard>
            <div class="page-header" id="notice" role="alert" tabindex="-1">
                <span class="badge-icon badge-danger"><Icon mark=Mark::Alert/></span>
                <h1>{text.title}</h1>
                <p class="muted">{text.advice}</p>
            </div>
            <a class="button button-primary button-wide" href=href>{t(label)}</a>
            <a class="quiet-link justify-center" href=error_help::entry(code)>{t(error_page::ALL)}</a>
        </AuthCard>
    }
}

/// As Auth.js answers, so that monitors and clients see the same.
#[cfg(feature = "ssr")]
fn status(code: ErrorCode) -> http::StatusCode {
    match code {
        ErrorCode::Configuration => http::StatusCode::INTERNAL_SERVER_ERROR,
        ErrorCode::AccessDenied | ErrorCode::Verification | ErrorCode::MissingCSRF => {
            http::StatusCode::FORBIDDEN
        }
        ErrorCode::RateLimited => http::StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Unavailable => http::StatusCode::SERVICE_UNAVAILABLE,
        _ => http::StatusCode::OK,
    }
}
