//! `/account/second-step`: sets up two-factor authentication: off, a secret for the app, recovery codes, on.

use leptos::prelude::*;
use leptos_auth::types::{Enrolment, ErrorCode, QrPicture, SecondStep, SecondStepInUse, SecondStepOverview};
use leptos_auth_locales::account_second_step;

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{
        AuthForm, ChoiceButton, CopyButton, EndOthersBox, Field, ReauthenticationNotice, SubmitButton,
    },
    page::NotFoundPage,
    server_fn::{load_second_step_form, second_step},
    text::{date_time, t, t_around, t_with},
};

const PATH: &str = "/account/second-step";
/// From so few on there should be new ones.
const FEW: u32 = 3;

/// The page; where second steps are switched off there is none.
#[component]
pub fn SecondStepSettingsPage() -> impl IntoView {
    if load_second_step_form().is_none() {
        return view! { <NotFoundPage/> }.into_any();
    }
    let page = |form, overview| view! { <SecondStepSettingsView form overview/> }.into_any();
    account_page(t(account_second_step::TITLE), second_step, page).into_any()
}

/// The view.
#[component]
pub(crate) fn SecondStepSettingsView(form: AccountForm, overview: SecondStepOverview) -> impl IntoView {
    let own = form.clone();
    view! {
        <AccountLayout path=PATH title=t(account_second_step::TITLE) lead=t(account_second_step::LEAD) form>
            <Content form=own overview/>
        </AccountLayout>
    }
}

/// A component, so that the fields are drawn inside of the layout: that tells them what went wrong.
#[component]
fn Content(form: AccountForm, overview: SecondStepOverview) -> impl IntoView {
    let SecondStepOverview { state, is_fresh } = overview;
    match state {
        SecondStep::Off => view! { <Off form is_fresh/> }.into_any(),
        SecondStep::SettingUp(enrolment) => view! { <SettingUp form enrolment/> }.into_any(),
        SecondStep::On(in_use) => view! { <On form in_use is_fresh/> }.into_any(),
    }
}

#[component]
fn Off(form: AccountForm, is_fresh: bool) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let begin = if is_fresh {
        view! {
            <AuthForm action="/api/auth/account/second-step/begin" csrf_token callback_url=PATH.to_owned()>
                <SubmitButton is_primary=true>{t(account_second_step::BEGIN)}</SubmitButton>
            </AuthForm>
        }
        .into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    view! {
        <section class="card">
            <h2>{t(account_second_step::OFF)}</h2>
            <p>{t(account_second_step::OFF_NOTE)}</p>
            {begin}
        </section>
    }
}

#[component]
fn SettingUp(form: AccountForm, enrolment: Enrolment) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let Enrolment { secret, uri, picture } = enrolment;
    let cancel_token = csrf_token.clone();
    let (before, after) = t_around(account_second_step::OR_TYPE);
    view! {
        <section class="card">
            <h2>{t(account_second_step::KEY_HEADING)}</h2>
            <p>{t(account_second_step::SCAN)}</p>
            {picture.map(|picture| view! { <Picture picture/> })}
            <p>{before} <a class="link" href=uri>{t(account_second_step::OPEN_APP)}</a> {after}</p>
            <p class="address"><code dir="ltr" id="secret">{secret.clone()}</code></p>
            <CopyButton text=secret label=t(account_second_step::KEY)/>
        </section>
        <section class="card">
            <h2>{t(account_second_step::CODE_HEADING)}</h2>
            <AuthForm action="/api/auth/account/second-step/confirm" csrf_token callback_url=PATH.to_owned()>
                <Field
                    name="code"
                    label=t(account_second_step::CODE)
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    hint=t(account_second_step::APP_CODE_HINT)
                    help=t(account_second_step::APP_CODE_HELP)
                    refused_by=[ErrorCode::SecondStep]
                />
                <SubmitButton is_primary=true>{t(account_second_step::TURN_ON)}</SubmitButton>
            </AuthForm>
            <AuthForm
                action="/api/auth/account/second-step/cancel"
                csrf_token=cancel_token
                callback_url=PATH.to_owned()
            >
                <SubmitButton>{t(account_second_step::CANCEL)}</SubmitButton>
            </AuthForm>
        </section>
    }
}

/// Dark on light in every theme: readers of QR codes expect that.
#[component]
fn Picture(picture: QrPicture) -> impl IntoView {
    let QrPicture { size, path } = picture;
    view! {
        <svg class="qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label=t(account_second_step::PICTURE)>
            <path d=path></path>
        </svg>
    }
}

#[component]
fn On(form: AccountForm, in_use: SecondStepInUse, is_fresh: bool) -> impl IntoView {
    let SecondStepInUse { since, recovery_codes_left, remembered_devices, new_codes } = in_use;
    let has_new_codes = !new_codes.is_empty();
    let warning = (recovery_codes_left <= FEW && !has_new_codes).then(|| {
        let words = match recovery_codes_left {
            0 => t(account_second_step::LEFT_NONE).to_owned(),
            1 => t(account_second_step::LEFT_ONE).to_owned(),
            left => t_with(account_second_step::LEFT_OTHER, &[("count", &left.to_string())]),
        };
        view! { <p class="notice notice-danger" role="status">{words}</p> }
    });
    let forget = (remembered_devices > 0).then(|| {
        let csrf_token = form.csrf_token.clone();
        view! {
            <AuthForm
                action="/api/auth/account/second-step/forget-devices"
                csrf_token
                callback_url=PATH.to_owned()
            >
                <SubmitButton>{t(account_second_step::FORGET)}</SubmitButton>
            </AuthForm>
        }
    });
    // One thing at a time: the codes have to be kept first.
    let change = (!has_new_codes).then(|| {
        let content = if is_fresh {
            view! { <Change form=form.clone()/> }.into_any()
        } else {
            view! { <ReauthenticationNotice path=PATH/> }.into_any()
        };
        view! { <section class="card"><h2>{t(account_second_step::CHANGE)}</h2>{content}</section> }
    });
    view! {
        {has_new_codes.then(|| view! { <NewCodes form codes=new_codes/> })}
        {warning}
        <section class="card">
            <h2>{t(account_second_step::ON)}</h2>
            <dl class="facts">
                <dt>{t(account_second_step::SINCE)}</dt>
                <dd>{date_time(&since)}</dd>
                <dt>{t(account_second_step::CODES_LEFT)}</dt>
                <dd>{recovery_codes_left}</dd>
                <dt>{t(account_second_step::REMEMBERED)}</dt>
                <dd>{remembered_devices}</dd>
            </dl>
            {forget}
        </section>
        {change}
    }
}

#[component]
fn Change(form: AccountForm) -> impl IntoView {
    let csrf_token = form.csrf_token;
    view! {
        <p>{t(account_second_step::CHANGE_NOTE)}</p>
        <AuthForm action="/api/auth/account/second-step/new-codes" csrf_token callback_url=PATH.to_owned()>
            <Field
                name="code"
                label=t(account_second_step::CODE)
                autocomplete="one-time-code"
                hint=t(account_second_step::ANY_CODE_HINT)
                help=t(account_second_step::ANY_CODE_HELP)
                refused_by=[ErrorCode::SecondStep]
            />
            <EndOthersBox/>
            <div class="stack">
                <ChoiceButton class="button button-wide" action="/api/auth/account/second-step/new-codes".to_owned()>
                    {t(account_second_step::MAKE_CODES)}
                </ChoiceButton>
                <ChoiceButton
                    class="button button-danger button-wide"
                    action="/api/auth/account/second-step/turn-off".to_owned()
                >
                    {t(account_second_step::TURN_OFF)}
                </ChoiceButton>
            </div>
        </AuthForm>
    }
}

/// The codes, this once.
#[component]
fn NewCodes(form: AccountForm, codes: Vec<String>) -> impl IntoView {
    let csrf_token = form.csrf_token;
    let list =
        codes.iter().map(|code| view! { <li><code dir="ltr">{code.clone()}</code></li> }).collect_view();
    let text = codes.join("\n");
    // Letters, digits, dashes and line breaks: nothing else needs encoding.
    let file = format!("data:text/plain;charset=utf-8,{}%0A", text.replace('\n', "%0A"));
    view! {
        <section class="card" id="recovery-codes">
            <h2>{t(account_second_step::CODES)}</h2>
            <p>{t(account_second_step::CODES_KEEP)} " " <strong>{t(account_second_step::CODES_ONCE)}</strong></p>
            <ul class="codes" role="list">{list}</ul>
            <div class="flex flex-wrap gap-3">
                <CopyButton text label=t(account_second_step::CODES_COPY)/>
                <a class="button" href=file download="recovery-codes.txt">{t(account_second_step::DOWNLOAD)}</a>
                <PrintButton/>
            </div>
            <AuthForm action="/api/auth/account/second-step/codes-kept" csrf_token callback_url=PATH.to_owned()>
                <SubmitButton is_primary=true>{t(account_second_step::CODES_KEPT)}</SubmitButton>
            </AuthForm>
        </section>
    }
}

#[island]
fn PrintButton() -> impl IntoView {
    view! {
        <button type="button" class="button needs-script" on:click=|_| print()>
            {t(account_second_step::PRINT)}
        </button>
    }
}

fn print() {
    #[cfg(feature = "hydrate")]
    let _ = window().print();
}
