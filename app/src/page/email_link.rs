//! `/signin/email-link`: the page of the link in a sign-in email. Opening it uses nothing up, because mail scanners open
//! links; its button does. It shows the account and the site, so that users notice if a link belongs to another account.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, SignInForm};
use leptos_auth_locales::email_link;
use leptos_meta::Title;

use super::{
    error::ErrorView,
    mail_link::{IncompleteLinkView, MailLink, with_target},
};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, Mark, PageHeader, SubmitButton, display_name},
    server_fn::{load_auth_form, load_verify_request},
    session::use_session,
    text::{APP_NAME, page_title, t, t_around, t_with},
};

/// What the page shows.
#[derive(Clone)]
pub struct EmailLink {
    /// Token of the link.
    pub token: String,
    /// The address that signs in.
    pub email: String,
    /// CSRF token and where to go afterwards.
    pub form: SignInForm,
    /// Whether the mail was asked for on a shared computer.
    pub is_shared: bool,
    /// Name of whoever is signed in in this browser already.
    pub signed_in_as: Option<String>,
}

/// The page.
#[component]
pub fn EmailLinkPage() -> impl IntoView {
    let user = use_session().data.get_untracked().map(|session| session.user);
    let signed_in_as = user.as_ref().map(display_name);
    let content = match MailLink::of_address() {
        None => {
            let is_waiting = load_verify_request().is_some_and(|request| request.expires_in > 0);
            view! { <IncompleteLinkView new_email=with_target("/signin") is_waiting/> }.into_any()
        }
        Some(MailLink { token, email, callback_url, is_shared }) => match load_auth_form(callback_url) {
            Some(form) => {
                let link = EmailLink { token, email, form, is_shared, signed_in_as };
                view! { <EmailLinkView link/> }.into_any()
            }
            None => view! { <ErrorView code=ErrorCode::Configuration/> }.into_any(),
        },
    };
    view! {
        <Title text=page_title(t(email_link::TITLE))/>
        {content}
    }
}

/// The view.
#[component]
pub fn EmailLinkView(link: EmailLink) -> impl IntoView {
    let EmailLink { token, email, form, is_shared, signed_in_as } = link;
    let other_user = signed_in_as.map(|name| {
        let (before, after) = t_around(email_link::OTHER_USER);
        view! {
            <p class="notice">
                <span>{before}<bdi>{name}</bdi>{after}</span>
            </p>
        }
    });
    let (before, after) = t_around(email_link::SUBMIT);
    view! {
        <AuthCard>
            <PageHeader mark=Mark::Key title=t(email_link::TITLE)>
                {t_with(email_link::ASKED, &[("app", APP_NAME)])}
            </PageHeader>
            <p class="address"><bdi dir="ltr">{email.clone()}</bdi></p>
            <AuthForms problem=None>
                {other_user}
                <AuthForm
                    action="/api/auth/callback/email"
                    csrf_token=form.csrf_token
                    callback_url=form.callback_url
                    is_shared
                    is_used_once=true
                >
                    <input type="hidden" name="token" value=token/>
                    <input type="hidden" name="email" value=email.clone()/>
                    <SubmitButton is_primary=true>
                        <span class="truncate">{before}<bdi dir="ltr">{email}</bdi>{after}</span>
                    </SubmitButton>
                </AuthForm>
            </AuthForms>
            <a class="quiet-link justify-center" href="/">{t(email_link::NOT_ME)}</a>
        </AuthCard>
    }
}
