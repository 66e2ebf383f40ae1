//! `/account/devices`: where one is signed in, and signing out there.

use leptos::prelude::*;
use leptos_auth::types::{AccountDevices, DeviceSession};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, ReauthenticationNotice, SubmitButton},
    server_fn::account_devices,
    text::date_time,
};

const PATH: &str = "/account/devices";

/// The page.
#[component]
pub fn DevicesPage() -> impl IntoView {
    account_page("Devices", account_devices, |form, devices| view! { <DevicesView form devices/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn DevicesView(form: AccountForm, devices: AccountDevices) -> impl IntoView {
    let AccountDevices { sessions, is_fresh } = devices;
    let others = sessions.iter().filter(|session| !session.is_current).count();
    let rows: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            let form = form.clone();
            view! { <DeviceRow form session is_fresh/> }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <p>"This site keeps no list of devices. Sign out on each of them."</p> }.into_any()
    } else {
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    let all = (others > 0).then(|| {
        let AccountForm { csrf_token, feedback, .. } = form.clone();
        let action = if is_fresh {
            view! {
                <AuthForm
                    action="/api/auth/account/end-other-sessions"
                    csrf_token
                    callback_url=PATH.to_owned()
                    feedback
                >
                    <SubmitButton is_danger=true>"Sign out all other devices"</SubmitButton>
                </AuthForm>
            }
            .into_any()
        } else {
            view! { <ReauthenticationNotice path=PATH/> }.into_any()
        };
        view! {
            <section class="card">
                <h2>"Something looks wrong?"</h2>
                <p>"Sign out everywhere else. Whoever is there is out at once."</p>
                {action}
            </section>
        }
    });
    view! {
        <AccountLayout path=PATH title="Devices" lead="Where you are signed in." form>
            <section class="card">
                <h2>"Signed in"</h2>
                {list}
            </section>
            {all}
        </AccountLayout>
    }
}

#[component]
fn DeviceRow(form: AccountForm, session: DeviceSession, is_fresh: bool) -> impl IntoView {
    let DeviceSession { id, is_current, device, address, signed_in, last_used, .. } = session;
    let device = device.filter(|device| !device.is_empty()).unwrap_or_else(|| "Unknown device".to_owned());
    let AccountForm { csrf_token, feedback, .. } = form;
    let action = (is_fresh && !is_current).then(|| {
        let label = device.clone();
        view! {
            <AuthForm action="/api/auth/account/end-session" csrf_token callback_url=PATH.to_owned() feedback>
                <input type="hidden" name="session" value=id/>
                <SubmitButton>"Sign out" <span class="sr-only">": "{label}</span></SubmitButton>
            </AuthForm>
        }
    });
    view! {
        <li class="row">
            <span class="row-name">
                <bdi>{device}</bdi>
                {is_current.then(|| view! { <span class="tag">"This device"</span> })}
            </span>
            <span class="row-note muted">"Last used " {date_time(&last_used)}</span>
            <span class="row-note muted">
                "Signed in " {date_time(&signed_in)}
                {address.map(|address| view! { " from " <bdi dir="ltr">{address}</bdi> })}
            </span>
            {action}
        </li>
    }
}
