//! Two-factor authentication at sign-in: `POST /api/auth/callback/totp`, with an authenticator or recovery code in `code`.
//!
//! Every sign-in comes to [`ask`] before its session begins, whatever its first factor was. After the code it is completed
//! like all others.

use url::Url;

use super::{complete_sign_in, end_begun};
use crate::{
    account_linking::Resolved,
    adapter::Change,
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    rate_limit::{Attempt, SECOND_STEP_CODES, SECOND_STEP_CODES_A_DAY, SECOND_STEP_TRIES, forget_failures},
    request::{ActionRequest, Redirect, Refused},
    second_step::{ATTEMPTS, Proof, SecondSteps, WRONG, WaitingSignIn},
    types::{ErrorCode, SecondStepForm},
    user_records::{UserRecords, kind::SECOND_STEP},
};

const PAGE: &str = "/second-step";
const RECOVERY_PAGE: &str = "/second-step/recovery-code";
const RECOVERY_FIELD: &str = "recoveryCode";

/// Lets a sign-in wait for its code, and says where to type that; `None`: it need not wait.
pub(super) async fn ask(
    auth: &Auth,
    request: &ActionRequest<'_>,
    resolved: &Resolved,
    records: &UserRecords,
    provider: &str,
    remembered: bool,
    callback_url: &Url,
) -> Result<Option<Redirect>, AuthError> {
    let Some(steps) = &auth.second_steps else { return Ok(None) };
    let user_id = resolved.user.id.as_str();
    if resolved.is_multi_factor
        || !steps.is_on(records, request.now)
        || steps.is_remembered(&auth.cookies, request, user_id, records)
    {
        return Ok(None);
    }
    let waiting = WaitingSignIn::new(resolved, provider, remembered, callback_url);
    let cookie = steps.wait(&auth.cookies, &waiting, request.now).await?;
    tracing::info!(provider, user = user_id, "waiting for the second step");
    // Programs that only ask whether there is an error must not believe that somebody is signed in.
    let to = auth.page(PAGE, &[("error", ErrorCode::SecondStepRequired.as_str())]);
    // Kept in case the pending two-factor sign-in expires and has to begin again.
    let target = auth.cookies.set(&auth.cookies.callback_url, callback_url.as_str(), None);
    Ok(Some(Redirect { to, set_cookies: vec![cookie, target] }))
}

/// What the page that asks for the code needs; `None` where there are no second steps.
pub(crate) fn form(
    auth: &Auth,
    cookies: &Cookies<'_>,
    csrf_token: String,
    now: Timestamp,
) -> Option<SecondStepForm> {
    let ticket = auth.second_steps.as_ref()?.ticket_of_browser(&auth.cookies, cookies, now);
    let is_shared = ticket.as_ref().is_some_and(|ticket| ticket.is_shared);
    Some(SecondStepForm { csrf_token, is_waiting: ticket.is_some(), is_shared })
}

/// Signs in whoever has the code as well.
pub(crate) async fn callback_totp(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, Refused> {
    let steps = auth.second_steps.as_ref().ok_or(AuthError::NotFound)?;
    let adapter = auth.adapter.as_ref().ok_or(AuthError::NotFound)?;
    let over = |reason| {
        let cookie = auth.cookies.clear(&auth.cookies.second_step);
        Refused::with_cookies(AuthError::SecondStepOver(reason), vec![cookie])
    };
    let ticket = steps.ticket(&auth.cookies, request).ok_or_else(|| over("no sign-in waits here"))?;
    match auth.limits.count(&SECOND_STEP_TRIES, &ticket.id(), request.now).await {
        // Counted for longer than the ticket lives, so this sign-in is over.
        Err(AuthError::RateLimited(..)) => return Err(over("too many wrong codes")),
        counted => counted?,
    }
    let waiting = steps.waiting(&ticket, request.now).await?;
    let waiting = waiting.ok_or_else(|| over("the sign-in was finished, or ended"))?;
    let proof = prove(auth, steps, &ticket.user, request).await;
    let proof = proof.map_err(|error| Refused::on_page(error, page_of(request)))?;
    let user = adapter.get_user(&ticket.user).await.map_err(AuthError::from)?;
    let user = user.ok_or_else(|| over("the user was deleted"))?;
    let (provider, remembered, callback_url) =
        (waiting.provider.clone(), waiting.remembered, waiting.callback_url.clone());
    let resolved = waiting.resolved(user);
    let mut redirect = complete_sign_in(auth, request, resolved, &provider, remembered, callback_url).await?;
    // Only now: whoever ends all sessions takes the ticket first, so that this one does not escape them (CC-07).
    if !steps.stop_waiting(&ticket).await? {
        end_begun(auth, request, redirect.set_cookies).await?;
        return Err(over("it was finished by another request, or ended meanwhile"));
    }
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.second_step));
    let wants_memory = request.parameters.get("rememberDevice") == Some("true");
    if wants_memory && proof == Proof::Code && !ticket.is_shared {
        redirect.set_cookies.push(steps.remember(&auth.cookies, request, &ticket.user).await?);
    }
    Ok(redirect)
}

/// Makes everybody who signs in as that user take both steps again.
pub(crate) async fn forget(auth: &Auth, user_id: &str) -> Result<(), AuthError> {
    match &auth.second_steps {
        Some(steps) => steps.forget(user_id).await,
        None => Ok(()),
    }
}

/// Where the form of a request is.
fn page_of(request: &ActionRequest<'_>) -> &'static str {
    if request.parameters.get(RECOVERY_FIELD).is_some() { RECOVERY_PAGE } else { PAGE }
}

/// Checks what was typed, and records what its owner should know of.
pub(super) async fn prove(
    auth: &Auth,
    steps: &SecondSteps,
    user_id: &str,
    request: &ActionRequest<'_>,
) -> Result<Proof, AuthError> {
    let typed = request.parameters.get("code").or_else(|| request.parameters.get(RECOVERY_FIELD));
    let proof = checked(auth, steps, user_id, request, typed.unwrap_or_default()).await;
    match &proof {
        Err(AuthError::SecondStep(_)) => note_refused(auth, request, user_id, "wrong code").await?,
        Err(AuthError::RateLimited(..)) => note_refused(auth, request, user_id, "too many codes").await?,
        _ => {}
    }
    proof
}

/// Checks the typed code. Authenticator codes are counted before they are checked. Only an attacker who knows the first
/// factor gets here, so a stranger cannot use up the owner's attempts. Recovery codes work even when those are used up
/// (RL-04).
async fn checked(
    auth: &Auth,
    steps: &SecondSteps,
    user_id: &str,
    request: &ActionRequest<'_>,
    typed: &str,
) -> Result<Proof, AuthError> {
    if !SecondSteps::is_code(typed) {
        use_recovery_code(auth, steps, user_id, request, typed).await?;
        forget_failures(auth, request, "totp", user_id).await;
        return Ok(Proof::RecoveryCode);
    }
    let limits = [SECOND_STEP_CODES, SECOND_STEP_CODES_A_DAY];
    let attempt = Attempt::begin(auth, request, "totp", user_id, &limits).await?;
    let used = steps.use_code(user_id, typed, request.now).await;
    attempt.settle(used.as_ref()).await;
    used.map(|()| Proof::Code)
}

/// Uses up a recovery code. Its audit event and its email are stored in the same transaction.
async fn use_recovery_code(
    auth: &Auth,
    steps: &SecondSteps,
    user_id: &str,
    request: &ActionRequest<'_>,
    typed: &str,
) -> Result<(), AuthError> {
    let adapter = auth.adapter.as_ref().ok_or(AuthError::NotFound)?;
    for _ in 0..ATTEMPTS {
        let records = UserRecords::of(&**adapter, user_id).await?;
        let (record, left) = steps.without_recovery_code(&records, typed, request.now)?;
        let put = Change::PutRecord { record: &record, from: records.value(SECOND_STEP, "") };
        let note =
            Note { detail: Some(format!("{left} left")), ..Note::of(Event::RecoveryCodeUsed, user_id) };
        if auth.commit(request, &[put], note).await? {
            return Ok(());
        }
    }
    Err(WRONG)
}

/// Somebody knows the first step, and perhaps is not its owner.
async fn note_refused(
    auth: &Auth,
    request: &ActionRequest<'_>,
    user_id: &str,
    reason: &str,
) -> Result<(), AuthError> {
    let refused = Some(reason);
    auth.note(request, Note { refused, ..Note::of(Event::SecondStepRefused, user_id) }).await
}
