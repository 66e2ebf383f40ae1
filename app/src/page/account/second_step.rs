//! `/account/second-step`: off, then a secret for the app, then recovery codes, then on.

use leptos::prelude::*;
use leptos_auth::types::{Enrolment, ErrorCode, QrPicture, SecondStep, SecondStepInUse, SecondStepOverview};

use super::{AccountForm, AccountLayout, account_page};
use crate::{
    component::{AuthForm, ChoiceButton, CopyButton, Field, ReauthenticationNotice, SubmitButton},
    page::NotFoundPage,
    server_fn::{load_second_step_form, second_step},
    text::date_time,
};

const PATH: &str = "/account/second-step";
/// From so few on there should be new ones.
const FEW: u32 = 3;

/// The page; where second steps are switched off there is none.
#[component]
pub fn SecondStepSettingsPage() -> impl IntoView {
    if load_second_step_form() == Some(None) {
        return view! { <NotFoundPage/> }.into_any();
    }
    let page = |form, overview| view! { <SecondStepSettingsView form overview/> }.into_any();
    account_page("Second step", second_step, page).into_any()
}

/// The view.
#[component]
pub(crate) fn SecondStepSettingsView(form: AccountForm, overview: SecondStepOverview) -> impl IntoView {
    let SecondStepOverview { state, is_fresh } = overview;
    let own = form.clone();
    let content = match state {
        SecondStep::Off => view! { <Off form=own is_fresh/> }.into_any(),
        SecondStep::SettingUp(enrolment) => view! { <SettingUp form=own enrolment/> }.into_any(),
        SecondStep::On(in_use) => view! { <On form=own in_use is_fresh/> }.into_any(),
    };
    view! {
        <AccountLayout
            path=PATH
            title="Second step"
            lead="Who has your password or reads your mail still needs your phone."
            form
        >
            {content}
        </AccountLayout>
    }
}

#[component]
fn Off(form: AccountForm, is_fresh: bool) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let begin = if is_fresh {
        view! {
            <AuthForm action="/api/auth/account/second-step/begin" csrf_token callback_url=PATH.to_owned() feedback>
                <SubmitButton is_primary=true>"Set it up"</SubmitButton>
            </AuthForm>
        }
        .into_any()
    } else {
        view! { <ReauthenticationNotice path=PATH/> }.into_any()
    };
    view! {
        <section class="card">
            <h2>"The second step is off"</h2>
            <p>
                "With it, signing in also asks for a code from an authenticator app, such as Google Authenticator, "
                "1Password, Aegis or the password manager of your phone. When you turn it on, all your other devices "
                "are signed out."
            </p>
            {begin}
        </section>
    }
}

#[component]
fn SettingUp(form: AccountForm, enrolment: Enrolment) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let Enrolment { secret, uri, picture } = enrolment;
    let cancel_token = csrf_token.clone();
    let is_refused = is_refused(feedback);
    view! {
        <section class="card">
            <h2>"1. Give your app the key"</h2>
            <p>"Scan this picture with the app:"</p>
            {picture.map(|picture| view! { <Picture picture/> })}
            <p><a class="link" href=uri rel="external">"Open the app on this device"</a>", or type the key into it:"</p>
            <p class="address"><code dir="ltr" id="secret">{secret.clone()}</code></p>
            <CopyButton text=secret label="the key"/>
        </section>
        <section class="card">
            <h2>"2. Type the code that it shows"</h2>
            <AuthForm action="/api/auth/account/second-step/confirm" csrf_token callback_url=PATH.to_owned() feedback>
                <Field
                    name="code"
                    label="Code"
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    hint="6 digits from the app"
                    help="Enter the 6 digits from the app."
                    is_refused
                />
                <SubmitButton is_primary=true>"Turn it on"</SubmitButton>
            </AuthForm>
            <AuthForm
                action="/api/auth/account/second-step/cancel"
                csrf_token=cancel_token
                callback_url=PATH.to_owned()
                feedback
            >
                <SubmitButton>"Cancel"</SubmitButton>
            </AuthForm>
        </section>
    }
}

/// Dark on light in every theme: readers of QR codes expect that.
#[component]
fn Picture(picture: QrPicture) -> impl IntoView {
    let QrPicture { size, path } = picture;
    view! {
        <svg class="qr" viewBox=format!("0 0 {size} {size}") role="img" aria-label="QR code of the key, which stands below">
            <path d=path></path>
        </svg>
    }
}

#[component]
fn On(form: AccountForm, in_use: SecondStepInUse, is_fresh: bool) -> impl IntoView {
    let SecondStepInUse { since, recovery_codes_left, remembered_devices, new_codes } = in_use;
    let AccountForm { csrf_token, feedback, .. } = form.clone();
    let has_new_codes = !new_codes.is_empty();
    let warning = (recovery_codes_left <= FEW && !has_new_codes).then(|| {
        let words = match recovery_codes_left {
            0 => {
                "You have no recovery code left. Make new ones now: without your phone you could not sign in."
                    .to_owned()
            }
            1 => "You have 1 recovery code left. Make new ones soon.".to_owned(),
            left => format!("You have {left} recovery codes left. Make new ones soon."),
        };
        view! { <p class="notice notice-danger" role="status">{words}</p> }
    });
    let forget = (remembered_devices > 0).then(|| {
        let csrf_token = csrf_token.clone();
        view! {
            <AuthForm
                action="/api/auth/account/second-step/forget-devices"
                csrf_token
                callback_url=PATH.to_owned()
                feedback
            >
                <SubmitButton>"Ask again on all devices"</SubmitButton>
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
        view! { <section class="card"><h2>"Change it"</h2>{content}</section> }
    });
    view! {
        {has_new_codes.then(|| view! { <NewCodes form codes=new_codes/> })}
        {warning}
        <section class="card">
            <h2>"The second step is on"</h2>
            <dl class="facts">
                <dt>"Since"</dt>
                <dd>{date_time(&since)}</dd>
                <dt>"Recovery codes left"</dt>
                <dd>{recovery_codes_left}</dd>
                <dt>"Devices that are not asked"</dt>
                <dd>{remembered_devices}</dd>
            </dl>
            {forget}
        </section>
        {change}
    }
}

#[component]
fn Change(form: AccountForm) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let is_refused = is_refused(feedback);
    view! {
        <p>"Both need a code from your app, or a recovery code. New recovery codes replace all that you have."</p>
        <AuthForm action="/api/auth/account/second-step/new-codes" csrf_token callback_url=PATH.to_owned() feedback>
            <Field
                name="code"
                label="Code"
                autocomplete="one-time-code"
                hint="6 digits from the app, or a recovery code"
                help="Enter the 6 digits from the app, or one recovery code."
                is_refused
            />
            <div class="stack">
                <ChoiceButton class="button button-wide" action="/api/auth/account/second-step/new-codes".to_owned()>
                    "Make new recovery codes"
                </ChoiceButton>
                <ChoiceButton
                    class="button button-danger button-wide"
                    action="/api/auth/account/second-step/turn-off".to_owned()
                >
                    "Turn off the second step"
                </ChoiceButton>
            </div>
        </AuthForm>
    }
}

/// The codes, this once.
#[component]
fn NewCodes(form: AccountForm, codes: Vec<String>) -> impl IntoView {
    let AccountForm { csrf_token, feedback, .. } = form;
    let list =
        codes.iter().map(|code| view! { <li><code dir="ltr">{code.clone()}</code></li> }).collect_view();
    let text = codes.join("\n");
    // Letters, digits, dashes and line breaks: nothing else needs encoding.
    let file = format!("data:text/plain;charset=utf-8,{}%0A", text.replace('\n', "%0A"));
    view! {
        <section class="card" id="recovery-codes">
            <h2>"Your recovery codes"</h2>
            <p>
                "Keep them where you find them without your phone. Each signs you in once in place of the app. "
                <strong>"They are not shown again."</strong>
            </p>
            <ul class="codes" role="list">{list}</ul>
            <div class="flex flex-wrap gap-3">
                <CopyButton text label="the recovery codes"/>
                <a class="button" href=file download="recovery-codes.txt" rel="external">"Download"</a>
                <button type="button" class="button needs-script" on:click=|_| print()>"Print"</button>
            </div>
            <AuthForm action="/api/auth/account/second-step/codes-kept" csrf_token callback_url=PATH.to_owned() feedback>
                <SubmitButton is_primary=true>"I have saved them"</SubmitButton>
            </AuthForm>
        </section>
    }
}

fn print() {
    #[cfg(feature = "hydrate")]
    let _ = window().print();
}

fn is_refused(feedback: crate::component::FormFeedback) -> Signal<bool> {
    Signal::derive(move || feedback.get().is_some_and(|problem| problem.code == ErrorCode::SecondStep))
}
