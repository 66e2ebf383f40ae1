//! Which page is where. All pages are rendered completely before the first byte is sent (`SsrMode::Async`): they
//! work without scripts, and cookies and status codes set while rendering still reach the response.

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    any_nested_route::{AnyNestedRoute, IntoAnyNestedRoute},
    components::{FlatRoutes, Route},
    path,
};

use crate::page::{
    AccountPage, ActivityPage, ConfirmEmailPage, DataPage, DevicesPage, EmailLinkPage, EmailPage,
    ErrorHelpPage, ErrorPage, HomePage, LinkPage, MethodsPage, NotFoundPage, PopupPage, SignInPage,
    SignOutPage, UndoPage, VerifyRequestPage, WelcomePage,
};

/// The table. `$development` are routes that a release does not have.
macro_rules! pages {
    ($($development:tt)*) => {
        view! {
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/signin") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/signin/email-link") view=EmailLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/signin/popup") view=PopupPage ssr=SsrMode::Async/>
                <Route path=path!("/verify-request") view=VerifyRequestPage ssr=SsrMode::Async/>
                <PasswordRoutes/>
                <Route path=path!("/signout") view=SignOutPage ssr=SsrMode::Async/>
                <Route path=path!("/error") view=ErrorPage ssr=SsrMode::Async/>
                <Route path=path!("/error/help") view=ErrorHelpPage ssr=SsrMode::Async/>
                <Route path=path!("/welcome") view=WelcomePage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/account/email") view=EmailPage ssr=SsrMode::Async/>
                <Route path=path!("/account/email/confirm") view=ConfirmEmailPage ssr=SsrMode::Async/>
                <Route path=path!("/account/methods") view=MethodsPage ssr=SsrMode::Async/>
                <Route path=path!("/account/link") view=LinkPage ssr=SsrMode::Async/>
                <Route path=path!("/account/devices") view=DevicesPage ssr=SsrMode::Async/>
                <Route path=path!("/account/activity") view=ActivityPage ssr=SsrMode::Async/>
                <Route path=path!("/account/undo") view=UndoPage ssr=SsrMode::Async/>
                <Route path=path!("/account/data") view=DataPage ssr=SsrMode::Async/>
                <PasskeyRoutes/>
                <SecondStepRoutes/>
                $($development)*
            </FlatRoutes>
        }
    };
}

/// The pages of passwords, where they are built in.
#[component(transparent)]
fn PasswordRoutes() -> AnyNestedRoute {
    #[cfg(not(feature = "password"))]
    let routes = ();
    #[cfg(feature = "password")]
    let routes = {
        use crate::page::{ForgotPasswordPage, PasswordPage, ResetPasswordPage, SignUpPage};
        view! {
            <Route path=path!("/signup") view=SignUpPage ssr=SsrMode::Async/>
            <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async/>
            <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async/>
            <Route path=path!("/account/password") view=PasswordPage ssr=SsrMode::Async/>
        }
        .into_inner()
    };
    routes.into_any_nested_route()
}

/// The page of passkeys, where they are built in.
#[component(transparent)]
fn PasskeyRoutes() -> AnyNestedRoute {
    #[cfg(not(feature = "passkey"))]
    let routes = ();
    #[cfg(feature = "passkey")]
    let routes = {
        use crate::page::PasskeysPage;
        view! { <Route path=path!("/account/passkeys") view=PasskeysPage ssr=SsrMode::Async/> }.into_inner()
    };
    routes.into_any_nested_route()
}

/// The pages of the second step, where it is built in.
#[component(transparent)]
fn SecondStepRoutes() -> AnyNestedRoute {
    #[cfg(not(feature = "totp"))]
    let routes = ();
    #[cfg(feature = "totp")]
    let routes = {
        use crate::page::{RecoveryCodePage, SecondStepPage, SecondStepSettingsPage};
        view! {
            <Route path=path!("/second-step") view=SecondStepPage ssr=SsrMode::Async/>
            <Route path=path!("/second-step/recovery-code") view=RecoveryCodePage ssr=SsrMode::Async/>
            <Route path=path!("/account/second-step") view=SecondStepSettingsPage ssr=SsrMode::Async/>
        }
        .into_inner()
    };
    routes.into_any_nested_route()
}

/// The page for the current address.
#[component]
pub fn Pages() -> impl IntoView {
    #[cfg(not(feature = "dev"))]
    let pages = pages!();
    #[cfg(feature = "dev")]
    let pages = pages!(
        <Route path=path!("/dev/gallery") view=crate::gallery::GalleryPage ssr=SsrMode::Async/>
        <Route path=path!("/dev/gallery/:state") view=crate::gallery::StatePage ssr=SsrMode::Async/>
    );
    pages
}
