//! `/verify-request`: waits for the email. The link finishes this page when it is opened in this browser; opened
//! on another device it signs in there and never here, because whoever asked for the mail may not be its reader.
//! What signs in this page is the code, typed.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, VerifyRequest};
use leptos_auth_locales::{verify_request, way_on};
use leptos_meta::Title;

use super::query_problem;
use crate::effect::effect;
use crate::{
    component::{
        AuthCard, AuthForm, AuthForms, Field, Mark, PageHeader, ResendButton, SubmitButton, display_name,
    },
    server_fn::load_verify_request,
    session::{SessionStatus, use_session},
    text::{ErrorText, Problem, page_title, t, t_around, t_with},
};

/// Here it can only have been the code.
fn wrong_code() -> ErrorText {
    ErrorText::new(verify_request::WRONG_CODE_TITLE, verify_request::WRONG_CODE_ADVICE)
}

/// What the page shows.
#[derive(Clone, Default)]
pub struct Waiting {
    /// The email that this browser asked for.
    pub request: Option<VerifyRequest>,
    /// Why the last try did not work.
    pub problem: Option<Problem>,
    /// Name of whoever is signed in already.
    pub signed_in_as: Option<String>,
}

/// The page.
#[component]
pub fn VerifyRequestPage() -> impl IntoView {
    let request = load_verify_request();
    let problem = query_problem();
    let user = use_session().data.get_untracked().map(|session| session.user);
    let signed_in_as = user.as_ref().map(display_name);
    let callback_url =
        request.as_ref().map_or_else(|| "/".to_owned(), |request| request.callback_url.clone());
    // Somebody who was signed in before decides themself.
    let follows = signed_in_as.is_none();
    view! {
        <Title text=page_title(t(verify_request::TITLE))/>
        <VerifyRequestView waiting=Waiting { request, problem, signed_in_as }/>
        {follows.then(|| view! { <GoOnWhenSignedIn callback_url/> })}
    }
}

/// The link was opened in another tab: this one follows.
#[island]
fn GoOnWhenSignedIn(callback_url: String) -> impl IntoView {
    let status = use_session().status;
    effect(move || {
        if status.get() == SessionStatus::Authenticated {
            let _ = window().location().replace(&callback_url);
        }
    });
}

/// The view.
#[component]
pub fn VerifyRequestView(waiting: Waiting) -> impl IntoView {
    let Waiting { request, problem, signed_in_as } = waiting;
    let content = match request {
        Some(request) => view! { <EmailSent request problem signed_in_as/> }.into_any(),
        None => view! { <NothingAsked/> }.into_any(),
    };
    view! { <AuthCard>{content}</AuthCard> }
}

#[component]
fn EmailSent(
    request: VerifyRequest,
    problem: Option<Problem>,
    signed_in_as: Option<String>,
) -> impl IntoView {
    let VerifyRequest { email, csrf_token, callback_url, is_shared, resend_after, expires_in } = request;
    let is_expired = expires_in == 0;
    let signed_in = signed_in_as.map(|name| {
        let href = callback_url.clone();
        let (before, after) = t_around(verify_request::SIGNED_IN_AS);
        view! {
            <p class="notice">
                <span>
                    {before}<bdi>{name}</bdi>{after}" "
                    <a class="link" href=href>{t(verify_request::GO_ON)}</a>
                </span>
            </p>
        }
    });
    let expired = is_expired.then(|| {
        view! {
            <p class="notice notice-danger">
                <span>{t(verify_request::EXPIRED)}</span>
            </p>
        }
    });
    let address = email.clone();
    let (before, after) = t_around(verify_request::SENT);
    view! {
        <PageHeader mark=Mark::Mail title=t(verify_request::TITLE)>
            {before}<strong><bdi dir="ltr">{address}</bdi></strong>{after}" "
            <a class="link" href="/signin">{t(verify_request::CHANGE)}</a>
        </PageHeader>
        <AuthForms problem own_text=Some((ErrorCode::Verification, wrong_code()))>
            {signed_in}
            {expired}
            {(!is_expired).then(|| view! {
                <CodeForm csrf_token=csrf_token.clone() callback_url=callback_url.clone()/>
            })}
            <MailboxLink email=email.clone()/>
            <section class="aside">
                <h2>{t(verify_request::NOTHING_THERE)}</h2>
                <p class="muted">{t(verify_request::NOTHING_THERE_ADVICE)}</p>
                <AuthForm action="/api/auth/signin/email" csrf_token callback_url is_shared>
                    <input type="hidden" name="email" value=email/>
                    <input type="hidden" name="again" value="true"/>
                    <ResendButton wait=resend_after is_primary=is_expired/>
                </AuthForm>
            </section>
        </AuthForms>
    }
}

/// What signs in this page, where the link was opened on another device.
#[component]
fn CodeForm(csrf_token: String, callback_url: String) -> impl IntoView {
    view! {
        <AuthForm action="/api/auth/callback/email" csrf_token callback_url>
            <Field
                name="code"
                label=t(verify_request::CODE)
                autocomplete="one-time-code"
                inputmode="numeric"
                hint=t(verify_request::CODE_HINT)
                help=t(verify_request::CODE_HELP)
                refused_by=[ErrorCode::Verification]
            />
            <SubmitButton is_primary=true>{t(way_on::SIGN_IN)}</SubmitButton>
        </AuthForm>
    }
}

/// A way into the mailbox, where the provider is known. Opens beside this page, which goes on waiting.
#[component]
fn MailboxLink(email: String) -> impl IntoView {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let mailbox = match domain.as_deref() {
        Some("gmail.com" | "googlemail.com") => Some(("Gmail", "https://mail.google.com/")),
        Some("outlook.com" | "hotmail.com" | "live.com") => {
            Some(("Outlook", "https://outlook.live.com/mail/"))
        }
        _ => None,
    };
    mailbox.map(|(name, href)| {
        let label = t_with(verify_request::OPEN_MAILBOX, &[("mailbox", name)]);
        view! { <a class="button button-wide" href=href target="_blank" rel="noreferrer">{label}</a> }
    })
}

#[component]
fn NothingAsked() -> impl IntoView {
    view! {
        <PageHeader mark=Mark::Mail title=t(verify_request::TITLE)>
            {t(verify_request::NOTHING_ASKED)}
        </PageHeader>
        <a class="button button-primary button-wide" href="/signin">{t(way_on::NEW_EMAIL)}</a>
    }
}
