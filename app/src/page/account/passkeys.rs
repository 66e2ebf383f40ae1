//! `/account/passkeys`: lists, adds, renames and removes passkeys. Only adding needs scripts, because it uses a browser
//! API.

use leptos::prelude::*;
use leptos_auth::types::{PasskeyInfo, PasskeyList};
use leptos_auth_locales::account_passkeys;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, EndOthersBox, PasskeyForm, ReauthenticationNotice, SubmitButton},
    passkey::PasskeyAction,
    server_fn::account_passkeys,
    text::{date_time, t, t_with},
};

const PATH: &str = "/account/passkeys";

/// The page.
#[component]
pub fn PasskeysPage() -> impl IntoView {
    account_page(t(account_passkeys::TITLE), account_passkeys, |form, list| {
        view! { <PasskeysView form list/> }.into_any()
    })
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
        view! { <p>{t(account_passkeys::NONE)}</p> }.into_any()
    } else {
        view! { <ul role="list">{rows}</ul> }.into_any()
    };
    view! {
        <AccountLayout path=PATH title=t(account_passkeys::TITLE) lead=t(account_passkeys::LEAD) form>
            <section class="card">
                <h2>{t(account_passkeys::YOURS)}</h2>
                {list}
            </section>
            <section class="card">
                <h2>{t(account_passkeys::ADD)}</h2>
                {add}
            </section>
        </AccountLayout>
    }
}

#[component]
fn AddPasskey(form: AccountForm) -> impl IntoView {
    view! {
        <p data-without-passkeys="">{t(account_passkeys::ADD_UNSUPPORTED)}</p>
        <p data-needs-passkeys="" hidden>{t(account_passkeys::ADD_NOTE)}</p>
        <div data-needs-passkeys="" hidden>
            <PasskeyForm
                action=PasskeyAction::Register
                csrf_token=form.csrf_token
                callback_url=format!("{PATH}?done=passkey-added")
                is_primary=true
                label=t(account_passkeys::ADD_BUTTON)
            />
        </div>
    }
}

#[component]
fn PasskeyRow(form: AccountForm, index: usize, passkey: PasskeyInfo, is_fresh: bool) -> impl IntoView {
    let PasskeyInfo { id, name, created, last_used, is_synced } = passkey;
    let csrf_token = form.csrf_token;
    let shown = name.clone().unwrap_or_else(|| t(account_passkeys::NAMELESS).to_owned());
    let used = last_used.map(|used| date_time(&used));
    let note = match (is_synced, used.is_some()) {
        (true, true) => account_passkeys::SYNCED_USED,
        (true, false) => account_passkeys::SYNCED_UNUSED,
        (false, true) => account_passkeys::SINGLE_USED,
        (false, false) => account_passkeys::SINGLE_UNUSED,
    };
    let added = date_time(&created);
    let note = t_with(note, &[("added", &added), ("used", used.as_deref().unwrap_or_default())]);
    let field = format!("passkey-{index}");
    let remove = if is_fresh {
        let (id, shown) = (id.clone(), shown.clone());
        view! {
            <AuthForm
                action="/api/auth/account/remove-passkey"
                csrf_token=csrf_token.clone()
                callback_url=PATH.to_owned()
            >
                <input type="hidden" name="id" value=id/>
                <p class="muted">{t(account_passkeys::REMOVE_NOTE)}</p>
                <EndOthersBox/>
                <SubmitButton is_danger=true>
                    {t(account_passkeys::REMOVE)} <span class="sr-only">" "{shown}</span>
                </SubmitButton>
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
            <span class="row-note muted">{note}</span>
            <details>
                <summary class="link">{t(account_passkeys::CHANGE)} <span class="sr-only">" "{shown}</span></summary>
                <div class="stack">
                    <AuthForm action="/api/auth/account/rename-passkey" csrf_token callback_url=PATH.to_owned()>
                        <input type="hidden" name="id" value=id/>
                        <div class="field">
                            <label for=field.clone()>{t(account_passkeys::NAME)}</label>
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
                        <SubmitButton>{t(account_passkeys::SAVE_NAME)}</SubmitButton>
                    </AuthForm>
                    {remove}
                </div>
            </details>
        </li>
    }
}
