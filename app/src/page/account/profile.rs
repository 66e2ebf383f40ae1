//! `/account`: who they are to this site, and this session.

use leptos::prelude::*;
use leptos_auth::types::{AccountOverview, ErrorCode};
use leptos_auth_locales::{account_data, account_profile};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, Field, SessionPanel, SubmitButton},
    server_fn::account,
    text::{date_time, t, t_with},
};

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    account_page(t(account_profile::TITLE), account, |form, account| {
        view! { <ProfileView form account/> }.into_any()
    })
}

/// The view.
#[component]
pub(crate) fn ProfileView(form: AccountForm, account: AccountOverview) -> impl IntoView {
    let AccountOverview { id, name, email, is_email_proven, created, deletion, .. } = account;
    let unknown = || view! { <span class="muted">{t(account_profile::NOT_GIVEN)}</span> };
    let csrf_token = form.csrf_token.clone();
    let can_change = created.is_some();
    view! {
        <AccountLayout path="/account" title=t(account_profile::TITLE) lead=t(account_profile::LEAD) form>
            {deletion.map(|day| view! { <DeletionNotice day/> })}
            <section class="card">
                <h2>{t(account_profile::HEADING)}</h2>
                <dl class="facts">
                    <dt>{t(account_profile::EMAIL)}</dt>
                    <dd>
                        {email.map_or_else(|| unknown().into_any(), |email| view! { <bdi dir="ltr">{email}</bdi> }.into_any())}
                        {(!is_email_proven && can_change).then(|| view! {
                            " " <span class="muted">{t(account_profile::NOT_PROVEN)}</span>
                        })}
                    </dd>
                    {created.map(|created| view! {
                        <dt>{t(account_profile::SINCE)}</dt><dd>{date_time(&created)}</dd>
                    })}
                    <dt>{t(account_profile::USER_ID)}</dt>
                    <dd><code>{id}</code></dd>
                </dl>
                {if can_change {
                    view! {
                        <AuthForm action="/api/auth/account/profile" csrf_token callback_url="/account".to_owned()>
                            <Field
                                name="name"
                                label=t(account_profile::NAME)
                                autocomplete="name"
                                help=t(account_profile::NAME_HELP)
                                value=name
                                is_optional=true
                                refused_by=[ErrorCode::InvalidInput]
                            />
                            <SubmitButton>{t(account_profile::SAVE)}</SubmitButton>
                        </AuthForm>
                    }.into_any()
                } else {
                    view! {
                        <dl class="facts">
                            <dt>{t(account_profile::NAME)}</dt>
                            <dd>{name.map_or_else(|| unknown().into_any(), |name| view! { <bdi>{name}</bdi> }.into_any())}</dd>
                        </dl>
                    }.into_any()
                }}
            </section>
            <section class="card">
                <h2>{t(account_profile::SESSION)}</h2>
                <SessionPanel/>
                <form method="get" action="/signout">
                    <button class="button">{t(account_profile::SIGN_OUT)}</button>
                </form>
            </section>
        </AccountLayout>
    }
}

/// Whoever came back to an account that waits for its deletion should see so at once.
#[component]
fn DeletionNotice(day: String) -> impl IntoView {
    view! {
        <div class="notice notice-danger" role="status">
            <p>
                {t_with(account_data::WAITING, &[("date", &date_time(&day))])} " "
                <a class="link" href="/account/data">{t(account_profile::KEEP)}</a>
            </p>
        </div>
    }
}
