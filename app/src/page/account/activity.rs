//! `/account/activity`: what happened to the account, in plain words, page by page.

use leptos::prelude::*;
use leptos_auth::types::{Activity, ActivityItem};
use leptos_auth_locales::account_activity;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, SubmitButton},
    page::query,
    server_fn::activity,
    text::{ago, date_time, event_text, t},
};

const PATH: &str = "/account/activity";

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    account_page(
        t(account_activity::TITLE),
        || activity(query("before")),
        |form, activity| view! { <ActivityView form activity/> }.into_any(),
    )
}

/// The view.
#[component]
pub(crate) fn ActivityView(form: AccountForm, activity: Activity) -> impl IntoView {
    let Activity { items, older, can_lock } = activity;
    let content = if items.is_empty() {
        view! { <p class="muted">{t(account_activity::NOTHING)}</p> }.into_any()
    } else {
        let item_form = form.clone();
        let items = items.into_iter().map(move |item| view! { <Item form=item_form.clone() item can_lock/> });
        view! { <ul class="activity">{items.collect_view()}</ul> }.into_any()
    };
    let older = older.map(|id| {
        view! { <a class="button" href=format!("{PATH}?before={id}")>{t(account_activity::OLDER)}</a> }
    });
    view! {
        <AccountLayout path=PATH title=t(account_activity::TITLE) lead=t(account_activity::LEAD) form>
            <section class="card">
                {content}
                {older}
            </section>
        </AccountLayout>
    }
}

#[component]
fn Item(form: AccountForm, item: ActivityItem, can_lock: bool) -> impl IntoView {
    let text = event_text(&item.event, item.is_refused, item.method.as_deref());
    let place: Vec<String> =
        item.device.filter(|device| !device.is_empty()).into_iter().chain(item.address).collect();
    let not_me = (item.is_unusual && can_lock).then(|| {
        let csrf_token = form.csrf_token;
        view! {
            <details class="more">
                <summary>{t(account_activity::NOT_ME)}</summary>
                <p>{t(account_activity::NOT_ME_NOTE)}</p>
                <AuthForm action="/api/auth/account/not-me" csrf_token callback_url=PATH.to_owned()>
                    <input type="hidden" name="id" value=item.id/>
                    <SubmitButton is_danger=true>{t(account_activity::LOCK)}</SubmitButton>
                </AuthForm>
            </details>
        }
    });
    view! {
        <li class="activity-item">
            <p>
                <strong>{text}</strong>
                {item.is_unusual.then(|| view! { " " <span class="badge">{t(account_activity::UNUSUAL)}</span> })}
            </p>
            <p class="muted">
                {place.join(", ")}
                {(!place.is_empty()).then_some(", ")}
                <time datetime=item.time.clone() title=date_time(&item.time)>{ago(item.age, &item.time)}</time>
            </p>
            {not_me}
        </li>
    }
}
