//! Links another sign-in method: the last step of linking, and the answer to "Link GitHub to your account?".

use url::Url;

use super::Owner;
use crate::{
    account_linking::{self, Linked},
    action::{
        pending_link::{self, PendingLink},
        rotate,
    },
    adapter::{Account, Change, User},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    cookie::Cookies,
    email::EmailAddress,
    error::AuthError,
    provider_token::StoredTokens,
    rate_limit::LINK_USES,
    request::{ActionRequest, Redirect},
    session::Reading,
    types::{Done, LinkOffer},
};

/// Links an account that its owner has just signed in with elsewhere. Their session goes on under a new token.
pub(crate) async fn link(
    auth: &Auth,
    request: &ActionRequest<'_>,
    owner: &Owner,
    account: &Account,
    tokens: Option<StoredTokens>,
    mut to: Url,
) -> Result<Redirect, AuthError> {
    let done = match store_link(auth, request, &owner.user, account).await? {
        Linked::Now => Done::Linked,
        Linked::Before => Done::LinkedBefore,
    };
    if let Some(tokens) = tokens {
        auth.provider_tokens.remember(&owner.user.id, account, tokens).await?;
    }
    to.query_pairs_mut().append_pair("done", done.as_str());
    Ok(Redirect { to, set_cookies: rotate(auth, request).await? })
}

/// Stores the account together with its audit event and the email to the user.
///
/// # Errors
/// [`AuthError::AccountOfAnotherUser`], which is recorded; when the database is unavailable.
pub(crate) async fn store_link(
    auth: &Auth,
    request: &ActionRequest<'_>,
    user: &User,
    account: &Account,
) -> Result<Linked, AuthError> {
    let note = Note { method: Some(&account.provider), ..Note::of(Event::AccountLinked, &user.id) };
    let change = Change::LinkAccount { account, now: request.now };
    let stored = auth.commit(request, &[change], note.clone()).await;
    let linked = account_linking::linked(&auth.linking(), user, account, stored).await;
    if let Err(AuthError::AccountOfAnotherUser) = linked {
        auth.note(request, Note { refused: Some("the account belongs to another user"), ..note }).await?;
    }
    linked
}

/// Links what waits in this browser, if it is for whoever is signed in. Otherwise the page says why not.
pub(super) async fn accept(auth: &Auth, request: &ActionRequest<'_>) -> Result<Redirect, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let pending = PendingLink::read(auth, &request.cookies, request.now);
    let Some(pending) = pending.filter(|pending| is_for(pending, &owner.user)) else {
        return Ok(Redirect { to: auth.page(pending_link::PAGE, &[]), set_cookies: Vec::new() });
    };
    let used = AuthError::callback("what waited was linked before");
    auth.limits.use_once(&LINK_USES, &pending.id, request.now, used).await?;
    let account = pending.account();
    let to = super::super::target(auth, Some(pending.callback_url.as_str())).await?;
    let mut redirect = link(auth, request, &owner, &account, pending.tokens, to).await?;
    redirect.set_cookies.push(auth.cookies.clear(&auth.cookies.pending_link));
    Ok(redirect)
}

/// The data of the page that asks; `None`: nobody is signed in.
pub(crate) async fn offer(
    auth: &Auth,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<Option<LinkOffer>, AuthError> {
    let Some(session) = auth.sessions.read(cookies, now, Reading::Look).await?.session else {
        return Ok(None);
    };
    let (Some(pending), Some(adapter)) = (PendingLink::read(auth, cookies, now), &auth.adapter) else {
        return Ok(Some(LinkOffer::Nothing));
    };
    let Some(user) = adapter.get_user(&session.user.id).await? else { return Ok(None) };
    let method = auth.method(&pending.provider);
    Ok(Some(if is_for(&pending, &user) {
        LinkOffer::Ready { method, account_name: pending.account_name, callback_url: pending.callback_url }
    } else {
        LinkOffer::OtherUser { method }
    }))
}

/// Whether a user owns the address that the sign-in came with (row 13 of the table). To claim it is not enough.
fn is_for(pending: &PendingLink, user: &User) -> bool {
    let owned = user.email.as_deref().filter(|_| user.email_verified.is_some());
    owned.and_then(|email| EmailAddress::parse(email).ok()).is_some_and(|email| pending.is_for(&email))
}
