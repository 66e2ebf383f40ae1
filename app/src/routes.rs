//! Which page is where. All pages are rendered completely before the first byte is sent (`SsrMode::Async`): they
//! work without scripts, and cookies and status codes set while rendering still reach the response.

use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route},
    path,
};

use crate::page::{
    AccountPage, ConfirmEmailPage, DataPage, EmailLinkPage, EmailPage, ErrorPage, HomePage, NotFoundPage,
    PasskeysPage, SignInPage, SignOutPage, VerifyRequestPage, WelcomePage,
};

/// The table. `$development` are routes that a release does not have.
macro_rules! pages {
    ($($development:tt)*) => {
        view! {
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
                <Route path=path!("/signin") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/signin/email-link") view=EmailLinkPage ssr=SsrMode::Async/>
                <Route path=path!("/verify-request") view=VerifyRequestPage ssr=SsrMode::Async/>
                <Route path=path!("/signout") view=SignOutPage ssr=SsrMode::Async/>
                <Route path=path!("/error") view=ErrorPage ssr=SsrMode::Async/>
                <Route path=path!("/welcome") view=WelcomePage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=AccountPage ssr=SsrMode::Async/>
                <Route path=path!("/account/email") view=EmailPage ssr=SsrMode::Async/>
                <Route path=path!("/account/email/confirm") view=ConfirmEmailPage ssr=SsrMode::Async/>
                <Route path=path!("/account/passkeys") view=PasskeysPage ssr=SsrMode::Async/>
                <Route path=path!("/account/data") view=DataPage ssr=SsrMode::Async/>
                $($development)*
            </FlatRoutes>
        }
    };
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
