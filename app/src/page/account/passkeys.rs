//! `/account/passkeys`: which there are, another one, another name, and taking one away. Adding one needs scripts, for only
//! a browser can ask for it; the rest does not.

use leptos::prelude::*;
use leptos_auth::types::{PasskeyInfo, PasskeyList};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, PasskeyForm, ReauthenticationNotice, SubmitButton, use_passkeys},
    passkey::PasskeyAction,
    server_fn::account_passkeys,
    text::date_time,
};

const PATH: &str = "/account/passkeys";

/// The page.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    account_page("Passkeys", account_passkeys, |form, list| view! { <PasskeysView form list/> }.into_any())
}

/// The view.
#[component]
pub(crate) fn PasskeysView(form: AccountForm, list: PasskeyList) -> impl IntoView {
    let PasskeyList { passkeys, is_fresh } = list;
    let add = if is_fresh {
        view! { <AddPasskey form=form.clone()/> }.into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    let rows = passkeys.into_iter().enumerate().map(|(index, passkey)| {
        let form = form.clone();
        view! { <PasskeyRow form index passkey is_fresh/> }
    });
    let rows: Vec<_> = rows.collect();
    let list = if rows.is_empty() {
        view! { <p>"You have none yet."</p> }.into_any()
    } else {
        view! { <ul class="rows" role="list">{rows}</ul> }.into_any()
    };
    view! {
        <AccountLayout
            path=PATH
            title="Passkeys"
            lead="Sign in with your fingerprint, your face or a PIN. Nothing to remember, nothing that can be given away."
            form
        >
            <section class="card">
                <h2>"Your passkeys"</h2>
                {list}
            </section>
            <section class="card">
                <h2>"Add one"</h2>
                {add}
            </section>
        </AccountLayout>
    }
}

#[component]
fn AddPasskey(form: AccountForm) -> impl IntoView {
    let is_supported = use_passkeys();
    move || {
        let AccountForm { csrf_token, feedback, .. } = form.clone();
        if !is_supported.get() {
            return view! {
                <p>"To add a passkey, this page needs scripts and a browser that has passkeys. You can sign in here with another browser or device and add it there."</p>
            }
            .into_any();
        }
        view! {
            <p>"Your browser asks where it should be kept: on this device, in a password manager, on a phone or on a security key."</p>
            <PasskeyForm
                action=PasskeyAction::Register
                csrf_token
                callback_url=format!("{PATH}?done=passkey-added")
                feedback
                is_primary=true
                label="Add a passkey"
            />
        }
        .into_any()
    }
}

#[component]
fn PasskeyRow(form: AccountForm, index: usize, passkey: PasskeyInfo, is_fresh: bool) -> impl IntoView {
    let PasskeyInfo { id, name, created, last_used, is_synced } = passkey;
    let AccountForm { csrf_token, feedback, .. } = form;
    let shown = name.clone().unwrap_or_else(|| "Passkey".to_owned());
    let used =
        last_used.map_or_else(|| "not used yet".to_owned(), |used| format!("last used {}", date_time(&used)));
    let place = if is_synced { "Synced to your other devices" } else { "On one device only" };
    let field = format!("passkey-{index}");
    let remove = if is_fresh {
        let (id, shown) = (id.clone(), shown.clone());
        view! {
            <AuthForm
                action="/api/auth/account/remove-passkey"
                csrf_token=csrf_token.clone()
                callback_url=PATH.to_owned()
                feedback
            >
                <input type="hidden" name="id" value=id/>
                <p class="muted">"It will not open this account any more. Your device keeps it until you delete it there."</p>
                <SubmitButton is_danger=true>"Remove" <span class="sr-only">" "{shown}</span></SubmitButton>
            </AuthForm>
        }
        .into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    view! {
        <li class="row">
            <span class="row-name">
                <bdi>{shown.clone()}</bdi>
            </span>
            <span class="row-note muted">{place} ", added " {date_time(&created)} ", " {used}</span>
            <details class="row-more">
                <summary class="link">"Change" <span class="sr-only">" "{shown}</span></summary>
                <div class="stack">
                    <AuthForm
                        action="/api/auth/account/rename-passkey"
                        csrf_token
                        callback_url=PATH.to_owned()
                        feedback
                    >
                        <input type="hidden" name="id" value=id/>
                        <div class="field">
                            <label for=field.clone()>"Name"</label>
                            <input
                                class="input"
                                id=field
                                name="name"
                                value=name.unwrap_or_default()
                                maxlength="60"
                                autocomplete="off"
                                dir="auto"
                            />
                        </div>
                        <SubmitButton>"Save the name"</SubmitButton>
                    </AuthForm>
                    {remove}
                </div>
            </details>
        </li>
    }
}
