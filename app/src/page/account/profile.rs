//! `/account`: who they are to this site, and this session.

use leptos::prelude::*;
use leptos_auth::types::{AccountOverview, ErrorCode};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, Field, SessionPanel, SubmitButton},
    server_fn::account,
    text::date_time,
};

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    account_page("Account", account, |form, account| view! { <ProfileView form account/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn ProfileView(form: AccountForm, account: AccountOverview) -> impl IntoView {
    let AccountOverview { id, name, email, is_email_proven, created, deletion, .. } = account;
    let feedback = form.feedback;
    let is_refused =
        Signal::derive(move || feedback.get().is_some_and(|problem| problem.code == ErrorCode::InvalidInput));
    let unknown = || view! { <span class="muted">"not given"</span> };
    let csrf_token = form.csrf_token.clone();
    let can_change = created.is_some();
    view! {
        <AccountLayout path="/account" title="Account" lead="What this site knows about you." form>
            {deletion.map(|day| view! { <DeletionNotice day/> })}
            <section class="card">
                <h2>"Profile"</h2>
                <dl class="facts">
                    <dt>"Email"</dt>
                    <dd>
                        {email.map_or_else(|| unknown().into_any(), |email| view! { <bdi dir="ltr">{email}</bdi> }.into_any())}
                        {(!is_email_proven && can_change).then(|| view! { " " <span class="muted">"(not proven)"</span> })}
                    </dd>
                    {created.map(|created| view! { <dt>"Here since"</dt><dd>{date_time(&created)}</dd> })}
                    <dt>"User id"</dt>
                    <dd><code>{id}</code></dd>
                </dl>
                {if can_change {
                    view! {
                        <AuthForm action="/api/auth/account/profile" csrf_token callback_url="/account".to_owned() feedback>
                            <Field
                                name="name"
                                label="Name"
                                autocomplete="name"
                                help="At most 100 characters."
                                value=name.unwrap_or_default()
                                is_optional=true
                                is_refused
                            />
                            <SubmitButton>"Save"</SubmitButton>
                        </AuthForm>
                    }.into_any()
                } else {
                    view! {
                        <dl class="facts">
                            <dt>"Name"</dt>
                            <dd>{name.map_or_else(|| unknown().into_any(), |name| view! { <bdi>{name}</bdi> }.into_any())}</dd>
                        </dl>
                    }.into_any()
                }}
            </section>
            <section class="card">
                <h2>"This session"</h2>
                <SessionPanel/>
                <form method="get" action="/signout">
                    <button class="button">"Sign out"</button>
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
                "This account will be deleted on " {date_time(&day)} ". "
                <a class="link" href="/account/data" rel="external">"Keep it"</a>
            </p>
        </div>
    }
}
