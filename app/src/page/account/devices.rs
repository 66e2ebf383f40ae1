//! `/account/devices`: lists the active sessions, and signs out of them.

use leptos::prelude::*;
use leptos_auth::types::{AccountDevices, DeviceSession};
use leptos_auth_locales::account_devices;

use super::{AccountForm, AccountLayout, account_page, around_filled};
use crate::{
    component::{AuthForm, ReauthenticationNotice, SubmitButton},
    server_fn::account_devices,
    text::{date_time, t, t_with},
};

const PATH: &str = "/account/devices";

/// The page.
#[component]
pub fn DevicesPage() -> impl IntoView {
    account_page(t(account_devices::TITLE), account_devices, |form, devices| {
        view! { <DevicesView form devices/> }.into_any()
    })
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
        view! { <p>{t(account_devices::NO_LIST)}</p> }.into_any()
    } else {
        view! { <ul role="list">{rows}</ul> }.into_any()
    };
    let all = (others > 0).then(|| {
        let csrf_token = form.csrf_token.clone();
        let action = if is_fresh {
            view! {
                <AuthForm
                    action="/api/auth/account/end-other-sessions"
                    csrf_token
                    callback_url=PATH.to_owned()
                >
                    <SubmitButton is_danger=true>{t(account_devices::SIGN_OUT_OTHERS)}</SubmitButton>
                </AuthForm>
            }
            .into_any()
        } else {
            view! { <ReauthenticationNotice path=PATH/> }.into_any()
        };
        view! {
            <section class="card">
                <h2>{t(account_devices::WRONG)}</h2>
                <p>{t(account_devices::WRONG_NOTE)}</p>
                {action}
            </section>
        }
    });
    view! {
        <AccountLayout path=PATH title=t(account_devices::TITLE) lead=t(account_devices::LEAD) form>
            <section class="card">
                <h2>{t(account_devices::HEADING)}</h2>
                {list}
            </section>
            {all}
        </AccountLayout>
    }
}

#[component]
fn DeviceRow(form: AccountForm, session: DeviceSession, is_fresh: bool) -> impl IntoView {
    let DeviceSession { id, is_current, device, address, signed_in, last_used, .. } = session;
    let device = device.filter(|device| !device.is_empty());
    let device = device.unwrap_or_else(|| t(account_devices::UNKNOWN).to_owned());
    let csrf_token = form.csrf_token;
    let action = (is_fresh && !is_current).then(|| {
        let label = device.clone();
        view! {
            <AuthForm action="/api/auth/account/end-session" csrf_token callback_url=PATH.to_owned()>
                <input type="hidden" name="session" value=id/>
                <SubmitButton>{t(account_devices::SIGN_OUT)} <span class="sr-only">": "{label}</span></SubmitButton>
            </AuthForm>
        }
    });
    let date = date_time(&signed_in);
    let signed_in = match address {
        None => t_with(account_devices::SIGNED_IN, &[("date", &date)]).into_any(),
        Some(address) => {
            let (before, after) =
                around_filled(account_devices::SIGNED_IN_FROM, "{address}", &[("date", &date)]);
            view! { {before} <bdi dir="ltr">{address}</bdi> {after} }.into_any()
        }
    };
    view! {
        <li class="row">
            <span class="row-name">
                <bdi>{device}</bdi>
                {is_current.then(|| view! { <span class="tag">{t(account_devices::THIS_DEVICE)}</span> })}
            </span>
            <span class="row-note muted">
                {t_with(account_devices::LAST_USED, &[("date", &date_time(&last_used))])}
            </span>
            <span class="row-note muted">{signed_in}</span>
            {action}
        </li>
    }
}
