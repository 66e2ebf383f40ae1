//! Who is signed in, top right on every page. It is in the first HTML, so nobody ever sees "Sign in" by mistake.

use leptos::{either::EitherOf3, prelude::*};
use leptos_auth_locales::user_menu;

use super::{Icon, Mark};
use crate::{
    claims::SessionUser,
    session::{SessionStatus, use_session},
    text::t,
};

/// "Sign in", or the menu of the signed-in user. Nothing while that cannot be known.
#[island]
pub fn UserMenu() -> impl IntoView {
    let session = use_session();
    // Only a change of the user redraws the menu, not each renewal of the session.
    let user = Memo::new(move |_| session.data.get().map(|session| session.user));
    move || match user.get() {
        Some(user) => EitherOf3::A(view! { <SignedInMenu user/> }),
        None if session.status.get() == SessionStatus::Unauthenticated => {
            EitherOf3::B(view! { <a class="button" href="/signin">{t(user_menu::SIGN_IN)}</a> })
        }
        None => EitherOf3::C(()),
    }
}

#[component]
fn SignedInMenu(user: SessionUser) -> impl IntoView {
    let name = display_name(&user);
    view! {
        <details class="menu" data-user-menu="">
            <summary class="button">
                <span class="avatar" aria-hidden="true">{initial(&name)}</span>
                <span class="menu-name">{name}</span>
                <Icon mark=Mark::Chevron/>
            </summary>
            <div class="menu-panel">
                {user.email.map(|email| view! { <p class="menu-email muted"><bdi dir="ltr">{email}</bdi></p> })}
                <a class="menu-item" href="/account">{t(user_menu::ACCOUNT)}</a>
                // A question first: a page that is not about signing out carries no token for it.
                <form method="get" action="/signout">
                    <button class="menu-item">{t(user_menu::SIGN_OUT)}</button>
                </form>
            </div>
        </details>
    }
}

/// What to call the user: name, else email address, else a neutral word.
#[must_use]
pub fn display_name(user: &SessionUser) -> String {
    let name = user.name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    name.or(user.email.as_deref()).unwrap_or_else(|| t(user_menu::YOUR_ACCOUNT)).to_owned()
}

/// As the name has it: the style makes it big.
fn initial(name: &str) -> String {
    name.chars().take(1).collect()
}
