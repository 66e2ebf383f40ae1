//! The states of the second step: asking for the code, and setting it up.

use leptos::prelude::*;
use leptos_auth::types::{
    Done, Enrolment, ErrorCode, SecondStep, SecondStepForm, SecondStepInUse, SecondStepOverview,
};

use super::{
    sample,
    state::{State, account_form, state, throttled},
};
use crate::{
    page::{AccountForm, RecoveryCodeView, SecondStepSettingsView, SecondStepSignIn, SecondStepView},
    text::Problem,
};

/// Its states.
pub const STATES: &[State] = &[
    state("second-step", "Second step: asks for the code", || code(None, true, false)),
    state("second-step-wrong", "Second step: wrong code", || code(wrong(), true, false)),
    state("second-step-throttled", "Second step: too many codes", || code(Some(throttled()), true, false)),
    state("second-step-shared", "Second step: shared computer", || code(None, true, true)),
    state("second-step-nothing", "Second step: nothing waits", || code(None, false, false)),
    state("recovery-code", "Second step: recovery code", || recovery_code(None)),
    state("recovery-code-wrong", "Second step: wrong recovery code", || recovery_code(wrong())),
    state("account-second-step", "Second step: off", || settings(None, SecondStep::Off, true)),
    state("account-second-step-not-fresh", "Second step: off, to be confirmed first", || {
        settings(None, SecondStep::Off, false)
    }),
    state("account-second-step-setup", "Second step: set up", || {
        settings(None, SecondStep::SettingUp(enrolment()), true)
    }),
    state("account-second-step-setup-wrong", "Second step: set up, wrong code", || {
        let form = AccountForm { problem: wrong(), ..account_form(None) };
        let overview = SecondStepOverview { state: SecondStep::SettingUp(enrolment()), is_fresh: true };
        view! { <SecondStepSettingsView form overview/> }.into_any()
    }),
    state("account-recovery-codes", "Second step: recovery codes, this once", || {
        settings(Some(Done::SecondStepOn), in_use(10, 0, sample::recovery_codes()), true)
    }),
    state("account-second-step-on", "Second step: on", || settings(None, in_use(8, 2, Vec::new()), true)),
    state("account-second-step-few", "Second step: on, few recovery codes, to be confirmed first", || {
        settings(Some(Done::DevicesForgotten), in_use(1, 0, Vec::new()), false)
    }),
    state("account-second-step-none", "Second step: on, no recovery code left", || {
        settings(None, in_use(0, 1, Vec::new()), true)
    }),
];

fn wrong() -> Option<Problem> {
    Some(ErrorCode::SecondStep.into())
}

fn sign_in(problem: Option<Problem>, is_waiting: bool, is_shared: bool) -> SecondStepSignIn {
    let form = SecondStepForm { csrf_token: "gallery".to_owned(), is_waiting, is_shared };
    SecondStepSignIn { form, problem }
}

fn code(problem: Option<Problem>, is_waiting: bool, is_shared: bool) -> AnyView {
    view! { <SecondStepView sign_in=sign_in(problem, is_waiting, is_shared)/> }.into_any()
}

fn recovery_code(problem: Option<Problem>) -> AnyView {
    view! { <RecoveryCodeView sign_in=sign_in(problem, true, false)/> }.into_any()
}

fn settings(done: Option<Done>, state: SecondStep, is_fresh: bool) -> AnyView {
    let overview = SecondStepOverview { state, is_fresh };
    view! { <SecondStepSettingsView form=account_form(done) overview/> }.into_any()
}

fn in_use(recovery_codes_left: u32, remembered_devices: u32, new_codes: Vec<String>) -> SecondStep {
    let since = "2026-10-03T08:00:00.000Z".to_owned();
    SecondStep::On(SecondStepInUse { since, recovery_codes_left, remembered_devices, new_codes })
}

fn enrolment() -> Enrolment {
    Enrolment {
        secret: "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ".to_owned(),
        uri: "otpauth://totp/localhost%203000:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=localhost%203000".to_owned(),
        picture: Some(sample::qr_picture()),
    }
}
