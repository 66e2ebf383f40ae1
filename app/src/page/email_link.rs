//! `/signin/email-link`: where the link in an email leads. Opening it uses nothing up (mail scanners open links);
//! the button does. It shows whose account and which site, so that nobody signs in as somebody else by a link.

use leptos::prelude::*;
use leptos_auth::types::{ErrorCode, SignInForm};
use leptos_auth_locales::email_link;
use leptos_meta::Title;

use super::{error::ErrorView, query, query_is_shared};
use crate::{
    component::{AuthCard, AuthForm, AuthForms, Mark, PageHeader, SubmitButton, display_name},
    server_fn::load_auth_form,
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
    let form = load_auth_form(query("callbackUrl"));
    let email = query("email").filter(|email| looks_like_address(email));
    let token = query("token").filter(|token| !token.is_empty());
    let user = use_session().data.get_untracked().map(|session| session.user);
    let is_shared = query_is_shared();
    let signed_in_as = user.as_ref().map(display_name);
    let content = match (token, email, form) {
        (Some(token), Some(email), Some(form)) => {
            view! { <EmailLinkView link=EmailLink { token, email, form, is_shared, signed_in_as }/> }
                .into_any()
        }
        _ => view! { <ErrorView code=ErrorCode::Verification/> }.into_any(),
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

/// The address stands in a link that anyone can write: nothing that could pass for a sentence is displayed.
pub(super) fn looks_like_address(text: &str) -> bool {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !('\u{200b}'..='\u{206f}').contains(&c);
    let parts = text.split_once('@');
    text.len() <= 254
        && text.chars().all(is_plain)
        && parts
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}

#[cfg(test)]
mod tests {
    use super::looks_like_address;

    #[test]
    fn only_addresses_are_displayed() {
        assert!(looks_like_address("ada@example.com"));
        for text in
            ["", "ada", "@", "a@", "@b", "a@b@c", "your account is locked@call", "a@\u{202e}b", "a@b\n"]
        {
            assert!(!looks_like_address(text), "{text}");
        }
        assert!(!looks_like_address(&format!("a@{}", "b".repeat(300))));
    }
}
