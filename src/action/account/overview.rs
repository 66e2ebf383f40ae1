//! What the account pages show of their owner.

use super::{FRESH, email_change};
use crate::{
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    error::AuthError,
    session::Reading,
    types::{AccountOverview, PasswordOverview},
    user_records::{UserRecords, kind},
};

/// The data of the pages; `None`: nobody is signed in.
pub(crate) async fn overview(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<AccountOverview>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let shown = session.user;
    let mut overview = AccountOverview {
        id: shown.id,
        name: shown.name,
        email: shown.email,
        is_email_proven: false,
        created: None,
        new_email: None,
        can_change_email: false,
        deletion: None,
        deletion_grace_days: auth.config.account.deletion_grace.as_secs() / (24 * 3600),
        is_fresh: auth.require_fresh(&details, FRESH).is_ok(),
    };
    let Some(adapter) = &auth.adapter else { return Ok(Some(overview)) };
    let Some(user) = adapter.get_user(&overview.id).await? else { return Ok(None) };
    let records = UserRecords::of(&**adapter, &user.id).await?;
    let deletion = records.get(kind::DELETION, now).and_then(|record| record.expires);
    overview.can_change_email = auth.email.is_some() && adapter.keeps_user_records();
    overview.is_email_proven = user.email_verified.is_some();
    (overview.name, overview.email) = (user.name, user.email);
    overview.created = Some(user.created.to_rfc3339());
    overview.new_email = email_change::waiting_address(&records, now);
    overview.deletion = deletion.map(Timestamp::to_rfc3339);
    Ok(Some(overview))
}

/// The data of the page about the password; `None`: nobody is signed in.
pub(crate) async fn password_overview(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<PasswordOverview>, AuthError> {
    let read = auth.sessions.read(cookies, now, Reading::Look).await?;
    let (Some(session), Some(details)) = (read.session, read.details) else { return Ok(None) };
    let mut overview = PasswordOverview {
        min_length: auth.min_password_length(),
        email: None,
        changed: None,
        is_fresh: auth.require_fresh(&details, FRESH).is_ok(),
    };
    let Some(adapter) = &auth.adapter else { return Ok(Some(overview)) };
    let Some(user) = adapter.get_user(&session.user.id).await? else { return Ok(None) };
    let records = UserRecords::of(&**adapter, &user.id).await?;
    overview.email = user.email.filter(|_| user.email_verified.is_some());
    overview.changed = records.get(kind::PASSWORD, now).map(|record| record.created.to_rfc3339());
    Ok(Some(overview))
}
