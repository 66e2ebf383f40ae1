//! `/account/activity`: what happened to the account, in plain words, page by page.

use leptos::prelude::*;
use leptos_auth::types::{Activity, ActivityItem};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, SubmitButton},
    page::query,
    server_fn::activity,
    text::{ago, date_time, event_text},
};

const PATH: &str = "/account/activity";

/// The page.
#[component]
pub fn ActivityPage() -> impl IntoView {
    account_page(
        "Activity",
        || activity(query("before")),
        |form, activity| view! { <ActivityView form activity/> }.into_any(),
    )
}

/// The view.
#[component]
pub(crate) fn ActivityView(form: AccountForm, activity: Activity) -> impl IntoView {
    let Activity { items, older, can_lock } = activity;
    let content = if items.is_empty() {
        view! { <p class="muted">"Nothing has happened yet that is worth noting."</p> }.into_any()
    } else {
        let item_form = form.clone();
        let items = items.into_iter().map(move |item| view! { <Item form=item_form.clone() item can_lock/> });
        view! { <ul class="activity">{items.collect_view()}</ul> }.into_any()
    };
    let older = older.map(|id| {
        view! { <a class="button" href=format!("{PATH}?before={id}") rel="external">"Older"</a> }
    });
    view! {
        <AccountLayout path=PATH title="Activity" lead="What happened to your account, the newest first." form>
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
        let (feedback, csrf_token) = (form.feedback, form.csrf_token);
        view! {
            <details class="more">
                <summary>"This wasn't me"</summary>
                <p>
                    "Your account is locked and everybody is signed out, also you here. What was added is removed. You open it \
                     again with a mail to your address."
                </p>
                <AuthForm action="/api/auth/account/not-me" csrf_token callback_url=PATH.to_owned() feedback>
                    <input type="hidden" name="id" value=item.id/>
                    <SubmitButton is_danger=true>"Lock my account"</SubmitButton>
                </AuthForm>
            </details>
        }
    });
    view! {
        <li class="activity-item">
            <p>
                <strong>{text}</strong>
                {item.is_unusual.then(|| view! { " " <span class="badge">"Look twice"</span> })}
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
