//! Sets up two-factor authentication: off, then a secret for the authenticator app, a code of the app, recovery codes, on.
//!
//! A session alone must not be enough to turn it off or to get around it. Therefore turning it off and creating new
//! recovery codes also require a code.

use super::{FRESH, Owner, commit_and_cancel_email_change, done, done_rotated, end_others_if_asked};
use crate::{
    action::second_step::prove,
    adapter::Change,
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    request::{ActionRequest, Redirect},
    second_step::{ATTEMPTS, SecondSteps, Setup, forgotten},
    session::Reading,
    types::{Done, SecondStep, SecondStepOverview},
    user_records::{UserRecords, kind::SECOND_STEP},
};

pub(super) const PAGE: &str = "/account/second-step";

/// Does what a form of the page asks for.
pub(super) async fn change(
    auth: &Auth,
    action: &str,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let steps = auth.second_steps.as_ref().ok_or(AuthError::NotFound)?;
    match action {
        "begin" => begin(auth, steps, request).await,
        "cancel" => Ok(without_setup(auth, Redirect { to: auth.page(PAGE, &[]), set_cookies: Vec::new() })),
        "confirm" => confirm(auth, steps, request).await,
        "new-codes" => new_codes(auth, steps, request).await,
        "codes-kept" => Ok(without_setup(auth, done(auth, PAGE, Done::RecoveryCodesKept))),
        "forget-devices" => forget_devices(auth, steps, request).await,
        "turn-off" => turn_off(auth, steps, request).await,
        _ => Err(AuthError::NotFound),
    }
}

/// What the page shows; `None`: nobody is signed in.
pub(crate) async fn second_step(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<SecondStepOverview>, AuthError> {
    let (Some(steps), Some(adapter)) = (&auth.second_steps, &auth.adapter) else {
        return Err(AuthError::NotFound);
    };
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let Some(user) = adapter.get_user(&session.user.id).await? else { return Ok(None) };
    let records = UserRecords::of(&**adapter, &user.id).await?;
    let setup = steps.setup(&auth.cookies, cookies, &user.id, now);
    let enrolment = setup.as_ref().and_then(|setup| steps.enrolment(setup, &user));
    let state = match (steps.in_use(&records, setup.map(Setup::codes), now)?, enrolment) {
        (Some(in_use), _) => SecondStep::On(in_use),
        (None, Some(enrolment)) => SecondStep::SettingUp(enrolment),
        (None, None) => SecondStep::Off,
    };
    Ok(Some(SecondStepOverview { state, is_fresh: auth.require_fresh(&details, FRESH).is_ok() }))
}

/// Makes a secret for the app.
async fn begin(auth: &Auth, steps: &SecondSteps, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    if steps.is_on(&owner.records, request.now) {
        return Ok(Redirect { to: auth.page(PAGE, &[]), set_cookies: Vec::new() });
    }
    let setup = Setup::begin(&owner.user.id, request.now);
    let cookie = steps.setup_cookie(&auth.cookies, &setup, request.now);
    Ok(Redirect { to: auth.page(PAGE, &[]), set_cookies: vec![cookie] })
}

/// Turns it on. The secret came to this browser in a fresh session a short while ago, so that this one need not be.
///
/// All other sessions end: none of them has taken the second step.
async fn confirm(
    auth: &Auth,
    steps: &SecondSteps,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let user_id = owner.user.id.as_str();
    let setup = steps.setup(&auth.cookies, &request.cookies, user_id, request.now);
    let setup = setup.ok_or(AuthError::SecondStep("nothing is being set up, or for too long"))?;
    let code = request.parameters.get("code").unwrap_or_default();
    let (record, codes) = steps.turn_on(&setup, code, request.now)?;
    auth.end_sessions(user_id, Some(&owner.session)).await?;
    let put = Change::PutRecord { record: &record, from: None };
    let note = Note::of(Event::SecondStepTurnedOn, user_id);
    if !commit_and_cancel_email_change(auth, request, &[put], note).await? {
        return Err(AuthError::SecondStep("two-factor authentication is already on"));
    }
    // Again: also ends sessions that began without a code since the first call.
    auth.end_sessions(user_id, Some(&owner.session)).await?;
    let setup = Setup::show_codes(user_id, codes, request.now);
    let mut redirect = done_rotated(auth, request, PAGE, Done::SecondStepOn).await?;
    redirect.set_cookies.push(steps.setup_cookie(&auth.cookies, &setup, request.now));
    Ok(redirect)
}

/// Makes new recovery codes; the old ones are void.
async fn new_codes(
    auth: &Auth,
    steps: &SecondSteps,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let user_id = owner.user.id.as_str();
    prove(auth, steps, user_id, request).await?;
    end_others_if_asked(auth, request, &owner).await?;
    // Read only now, because using up the code changes the record.
    let records = UserRecords::of(&*owner.adapter, user_id).await?;
    let (record, codes) = steps.new_recovery_codes(&records, request.now)?;
    let put = Change::PutRecord { record: &record, from: records.value(SECOND_STEP, "") };
    let note = Note::of(Event::RecoveryCodesMade, user_id);
    if !commit_and_cancel_email_change(auth, request, &[put], note).await? {
        return Err(AuthError::Busy);
    }
    let setup = Setup::show_codes(user_id, codes, request.now);
    let mut redirect = done_rotated(auth, request, PAGE, Done::RecoveryCodesMade).await?;
    redirect.set_cookies.push(steps.setup_cookie(&auth.cookies, &setup, request.now));
    Ok(redirect)
}

/// Asks everywhere again from now on.
async fn forget_devices(
    auth: &Auth,
    steps: &SecondSteps,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let changes: Vec<_> = forgotten(&owner.records).collect();
    let note = Note::of(Event::DevicesForgotten, &owner.user.id);
    if !auth.commit(request, &changes, note.clone()).await? {
        // Two-factor authentication was off, or was turned off by another request.
        steps.forget(&owner.user.id).await?;
        auth.note(request, note).await?;
    }
    let mut redirect = done(auth, PAGE, Done::DevicesForgotten);
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.remembered_device));
    Ok(redirect)
}

/// Turns it off.
async fn turn_off(
    auth: &Auth,
    steps: &SecondSteps,
    request: &ActionRequest<'_>,
) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let user_id = owner.user.id.as_str();
    prove(auth, steps, user_id, request).await?;
    end_others_if_asked(auth, request, &owner).await?;
    remove(auth, steps, request, &owner).await?;
    let mut redirect = without_setup(auth, done_rotated(auth, request, PAGE, Done::SecondStepOff).await?);
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.remembered_device));
    Ok(redirect)
}

/// Removes two-factor authentication together with the trusted devices and pending two-factor sign-ins.
async fn remove(
    auth: &Auth,
    steps: &SecondSteps,
    request: &ActionRequest<'_>,
    owner: &Owner,
) -> Result<(), AuthError> {
    let user_id = owner.user.id.as_str();
    for _ in 0..ATTEMPTS {
        let records = UserRecords::of(&*owner.adapter, user_id).await?;
        if !steps.is_on(&records, request.now) {
            // Another request has turned it off.
            return steps.forget(user_id).await;
        }
        let off = Change::RemoveRecord { kind: SECOND_STEP, id: "", value: None };
        let changes: Vec<_> = [off].into_iter().chain(forgotten(&records)).collect();
        let note = Note::of(Event::SecondStepTurnedOff, user_id);
        if commit_and_cancel_email_change(auth, request, &changes, note).await? {
            return Ok(());
        }
        // A sign-in may have removed one of the records meanwhile.
    }
    Err(AuthError::Busy)
}

/// Takes what was on the screen away.
fn without_setup(auth: &Auth, mut redirect: Redirect) -> Redirect {
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.second_step_setup));
    redirect
}
