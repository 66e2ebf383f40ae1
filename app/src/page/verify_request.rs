//! `/verify-request`: waits for the email. The link finishes this page when it is opened in this browser; opened
//! on another device it signs in there and never here, because whoever asked for the mail may not be its reader.
//! What signs in this page is the code, typed.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, VerifyRequest};
use leptos_meta::Title;

use super::query_problem;
use crate::{
    component::{AuthForm, Field, Mark, Notice, PageHeader, ResendButton, SubmitButton, display_name},
    server_fn::load_verify_request,
    session::{SessionStatus, use_session},
    text::{ErrorText, Problem},
};

/// Here it can only have been the code.
const WRONG_CODE: ErrorText = ErrorText {
    title: "This code does not work",
    advice: "Check the 8 digits. If you asked for more than one email, use the newest.",
};

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
    let session = use_session();
    let user = session.data.get_untracked().map(|session| session.user);
    let signed_in_as = user.as_ref().map(display_name);
    let callback_url =
        request.as_ref().map_or_else(|| "/".to_owned(), |request| request.callback_url.clone());
    go_on_when_signed_in(session.status, signed_in_as.is_some(), callback_url);
    view! {
        <Title text="Check your email · Leptos Auth"/>
        <VerifyRequestView waiting=Waiting { request, problem, signed_in_as }/>
    }
}

/// The link was opened in another tab: this one follows. Somebody who was signed in before decides themself.
fn go_on_when_signed_in(status: Signal<SessionStatus>, was_signed_in: bool, callback_url: String) {
    Effect::new(move |_| {
        if !was_signed_in && status.get() == SessionStatus::Authenticated {
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
    view! { <div class="card card-narrow">{content}</div> }
}

#[component]
fn EmailSent(
    request: VerifyRequest,
    problem: Option<Problem>,
    signed_in_as: Option<String>,
) -> impl IntoView {
    let feedback = RwSignal::new(problem);
    let is_refused =
        Signal::derive(move || feedback.get().is_some_and(|p| p.code == ErrorCode::Verification));
    let VerifyRequest { email, csrf_token, callback_url, is_shared, resend_after, expires_in } = request;
    let is_expired = expires_in == 0;
    let signed_in = signed_in_as.map(|name| {
        let href = callback_url.clone();
        view! {
            <p class="notice">
                <span>
                    "You are signed in as "<bdi>{name}</bdi>". "
                    <a class="link" href=href rel="external">"Go on"</a>
                </span>
            </p>
        }
    });
    let code_form = (!is_expired).then(|| {
        let (csrf_token, callback_url) = (csrf_token.clone(), callback_url.clone());
        view! {
            <AuthForm action="/api/auth/callback/email" csrf_token callback_url feedback>
                <Field
                    name="code"
                    label="Code"
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    hint="8 digits from the email"
                    help="Enter the 8 digits from the email."
                    is_refused
                />
                <SubmitButton is_primary=true>"Sign in"</SubmitButton>
            </AuthForm>
        }
    });
    let expired = is_expired.then(|| {
        view! {
            <p class="notice notice-danger">
                <span>"The link and the code have expired. Send the email again to get new ones."</span>
            </p>
        }
    });
    let address = email.clone();
    view! {
        <PageHeader mark=Mark::Mail title="Check your email">
            "We sent a link and a code to "<strong><bdi dir="ltr">{address}</bdi></strong>". "
            <a class="link" href="/signin" rel="external">"Change"</a>
        </PageHeader>
        <Notice problem=feedback own_text=(ErrorCode::Verification, WRONG_CODE)/>
        {signed_in}
        {expired}
        {code_form}
        <MailboxLink email=email.clone()/>
        <section class="aside">
            <h2>"Nothing there?"</h2>
            <p class="muted">"It can take a minute. Look in the spam folder, and check that the address is right."</p>
            <AuthForm action="/api/auth/signin/email" csrf_token callback_url is_shared feedback>
                <input type="hidden" name="email" value=email/>
                <input type="hidden" name="again" value="true"/>
                <ResendButton wait=resend_after is_primary=is_expired/>
            </AuthForm>
        </section>
    }
}

/// A way into the mailbox, where the provider is known. Opens beside this page, which goes on waiting.
#[component]
fn MailboxLink(email: String) -> impl IntoView {
    let domain = email.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase());
    let mailbox = match domain.as_deref() {
        Some("gmail.com" | "googlemail.com") => Some(("Open Gmail", "https://mail.google.com/")),
        Some("outlook.com" | "hotmail.com" | "live.com") => {
            Some(("Open Outlook", "https://outlook.live.com/mail/"))
        }
        _ => None,
    };
    mailbox.map(|(label, href)| {
        view! { <a class="button button-wide" href=href target="_blank" rel="noreferrer">{label}</a> }
    })
}

#[component]
fn NothingAsked() -> impl IntoView {
    view! {
        <PageHeader mark=Mark::Mail title="Check your email">
            "If you asked for a sign-in email, open the link in it. It works for 15 minutes."
        </PageHeader>
        <a class="button button-primary button-wide" href="/signin" rel="external">"Ask for a new email"</a>
    }
}
