//! The states of the pages about passwords.

use leptos::prelude::*;
use leptos_auth::types::{Done, ErrorCode, PasswordOverview};

use super::{
    sample::{self, LONG_EMAIL},
    state::{State, state},
};
use crate::{
    page::{
        AccountForm, ForgotPassword, ForgotPasswordView, PasswordView, ResetPassword, ResetPasswordView,
        SignIn, SignInView, SignUp, SignUpView,
    },
    text::Problem,
};

/// All of them, in the order of an account's life.
pub const STATES: &[State] = &[
    state("sign-in-password", "Sign in: address and password", || sign_in(None, None)),
    state("sign-in-password-wrong", "Sign in: wrong password", || {
        sign_in(Some(ErrorCode::CredentialsSignin), None)
    }),
    state("sign-in-password-reset", "Sign in: after a new password", || {
        sign_in(None, Some(Done::PasswordReset))
    }),
    state("sign-up", "Create an account", || sign_up(None)),
    state("sign-up-too-short", "Create an account: password too short", || {
        sign_up(Some(ErrorCode::PasswordTooShort))
    }),
    state("sign-up-common", "Create an account: password known to others", || {
        sign_up(Some(ErrorCode::PasswordCommon))
    }),
    state("forgot-password", "Forgotten password", || forgot(None, None)),
    state("forgot-password-sent", "Forgotten password: mail sent", || {
        forgot(None, Some(Done::PasswordResetSent))
    }),
    state("forgot-password-throttled", "Forgotten password: too many mails", || {
        forgot(Some(Problem { code: ErrorCode::RateLimited, retry_after: Some(42) }), None)
    }),
    state("reset-password", "New password", || reset("ada@example.com", None)),
    state("reset-password-guessable", "New password: easy to guess", || {
        reset(LONG_EMAIL, Some(ErrorCode::PasswordGuessable))
    }),
    state("account-password", "Password", || account(None, None, has_password())),
    state("account-password-changed", "Password: changed", || {
        account(None, Some(Done::PasswordChanged), has_password())
    }),
    state("account-password-wrong", "Password: the present one is wrong", || {
        account(Some(ErrorCode::CredentialsSignin), None, has_password())
    }),
    state("account-password-none", "Password: none yet", || {
        account(None, None, PasswordOverview { changed: None, ..has_password() })
    }),
    state("account-password-not-fresh", "Password: to be confirmed first", || {
        account(None, None, PasswordOverview { is_fresh: false, ..has_password() })
    }),
    state("account-password-no-address", "Password: no proven address", || {
        account(None, None, PasswordOverview { email: None, ..has_password() })
    }),
];

fn sign_in(code: Option<ErrorCode>, done: Option<Done>) -> AnyView {
    let form = Some(sample::form_with_password());
    let email = code.map(|_| "ada@example.com".to_owned());
    let problem = code.map(Into::into);
    view! { <SignInView state=SignIn { form, problem, done, email, ..SignIn::default() }/> }.into_any()
}

fn sign_up(code: Option<ErrorCode>) -> AnyView {
    let problem = code.map(Into::into);
    view! { <SignUpView state=SignUp { form: sample::password_form(), problem, is_shared: false }/> }
        .into_any()
}

fn forgot(problem: Option<Problem>, done: Option<Done>) -> AnyView {
    view! { <ForgotPasswordView state=ForgotPassword { form: sample::password_form(), problem, done }/> }
        .into_any()
}

fn reset(email: &str, code: Option<ErrorCode>) -> AnyView {
    let state = ResetPassword {
        form: sample::password_form(),
        token: "gallery".to_owned(),
        email: email.to_owned(),
        problem: code.map(Into::into),
    };
    view! { <ResetPasswordView state/> }.into_any()
}

fn has_password() -> PasswordOverview {
    PasswordOverview {
        min_length: Some(8),
        email: Some("ada@example.com".to_owned()),
        changed: Some("2026-02-03T08:00:00.000Z".to_owned()),
        is_fresh: true,
    }
}

fn account(code: Option<ErrorCode>, done: Option<Done>, password: PasswordOverview) -> AnyView {
    let problem = code.map(Into::into);
    let form = AccountForm { problem, ..super::state::account_form(done) };
    view! { <PasswordView form password/> }.into_any()
}
