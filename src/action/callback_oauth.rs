//! The callback from a provider: `GET /api/auth/callback/:provider`. For providers that send a POST, see `form_post.rs`.
//!
//! No request is sent to the provider before the browser has presented the transaction that belongs to `state`, or to
//! `oauth_token` of OAuth 1. Each transaction is used once, even by parallel requests (OA-03, CC-10, O1-07).

use super::{
    PendingLink,
    account::{self, METHODS_PAGE, Owner},
    complete_sign_in, target,
};
use crate::{
    account_linking::{self, Person},
    adapter::Account,
    auth::Auth,
    error::AuthError,
    oauth::{CallbackParameters, OAuthClient, Transaction},
    provider::Profile,
    provider_token::StoredTokens,
    rate_limit::{TRANSACTION_USES, network},
    request::{ActionRequest, Parameters, Redirect, Refused},
    session::Reading,
};

/// Signs in whom the provider names.
pub(crate) async fn callback_oauth(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
) -> Result<Redirect, Refused> {
    let transaction = find_transaction(auth, client, request)?;
    let (limits, network) = (&auth.limits.configured, request.client.map(network));
    if let Some(network) = &network {
        auth.limits.count(&limits.network_callbacks, network, request.now).await?;
    }
    // From here on the attempt is over, well or badly; but a store that is away has not seen it yet.
    let used = AuthError::callback("the callback was used before");
    // By its nonce: the token of OAuth 1 is the provider's word, who could choose that of somebody else.
    auth.limits.use_once(&TRANSACTION_USES, &transaction.nonce, request.now, used).await?;
    let spent = auth.cookies.clear(&Transaction::cookie_name(&auth.cookies.transaction, &transaction.state));
    match finish(auth, client, request, &transaction).await {
        Ok(mut redirect) => {
            for limit in [&limits.network_starts, &limits.network_callbacks] {
                if let Some(network) = &network {
                    auth.limits.give_back_one(limit, network).await;
                }
            }
            redirect.set_cookies.push(spent);
            Ok(redirect)
        }
        Err(error) => {
            let page = transaction.links.then_some(METHODS_PAGE);
            let callback_url = Some(transaction.callback_url);
            Err(Refused { page, callback_url, ..Refused::with_cookies(error, vec![spent]) })
        }
    }
}

fn find_transaction(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
) -> Result<Transaction, AuthError> {
    let parameters = &request.parameters;
    // Who cancels at Twitter or Discogs comes back with `denied` in place of `oauth_token`.
    let state = if client.is_oauth1() {
        parameters.get("oauth_token").or_else(|| parameters.get("denied"))
    } else {
        parameters.get("state")
    };
    let state =
        state.ok_or_else(|| AuthError::callback("the callback does not say which sign-in it ends"))?;
    let (keys, prefix) = (&auth.transaction_keys, &auth.cookies.transaction);
    Transaction::find(keys, prefix, &request.cookies, &client.provider.id, state, request.now)
        .ok_or_else(|| AuthError::callback("this browser has no such sign-in running"))
}

async fn finish(
    auth: &Auth,
    client: &OAuthClient,
    request: &ActionRequest<'_>,
    transaction: &Transaction,
) -> Result<Redirect, AuthError> {
    let parameters = &request.parameters;
    if let Some(error) = refusal(client, parameters) {
        return Err(match error {
            // The second word is Apple's.
            "access_denied" | "user_cancelled_authorize" | "user_refused" => {
                AuthError::AccessDenied("cancelled at the provider")
            }
            _ => AuthError::callback(format!(
                "the provider says {}",
                error.chars().take(60).collect::<String>()
            )),
        });
    }
    check_user(auth, request, transaction).await?;
    let callback = CallbackParameters {
        code: parameters.get("code"),
        iss: parameters.get("iss"),
        user: parameters.get("user"),
        verifier: parameters.get("oauth_verifier"),
    };
    let (profile, tokens) = client.finish(&auth.config.base_url, transaction, &callback).await?;
    let name = profile.account_name();
    let person = person(client, profile);
    let tokens = StoredTokens::of_sign_in(client, &person.account, name, tokens, request.now);
    if transaction.links {
        link(auth, request, transaction, person, tokens).await
    } else {
        sign_in(auth, request, transaction, person, tokens).await
    }
}

async fn sign_in(
    auth: &Auth,
    request: &ActionRequest<'_>,
    transaction: &Transaction,
    mut person: Person,
    tokens: StoredTokens,
) -> Result<Redirect, AuthError> {
    let (account, email) = (person.account.clone(), person.email.clone());
    person.tokens = Some(auth.provider_tokens.seal(&tokens));
    let resolved = match account_linking::by_account(&auth.linking(), person, request.now).await {
        Err(AuthError::AccountNotLinked) => {
            let link = PendingLink::new(account, email, tokens, &transaction.callback_url, request.now);
            return Ok(link.offer(auth, request.now));
        }
        resolved => resolved?,
    };
    if resolved.must_link {
        account::store_link(auth, request, &resolved.user, &account).await?;
    }
    if !resolved.is_new {
        auth.provider_tokens.remember(&resolved.user.id, &account, tokens).await?;
    }
    let callback_url = target(auth, Some(transaction.callback_url.as_str())).await?;
    complete_sign_in(auth, request, resolved, &account.provider, transaction.remembered, callback_url).await
}

/// Whoever asked for it gets one more way to sign in.
async fn link(
    auth: &Auth,
    request: &ActionRequest<'_>,
    transaction: &Transaction,
    person: Person,
    tokens: StoredTokens,
) -> Result<Redirect, AuthError> {
    let owner = Owner::of(auth, request).await?;
    let account = person.account.clone();
    // The `sign_in` callback says who may come in by an account, and so which may be linked.
    auth.linking().admit(owner.user.clone(), false, person).await?;
    let to = target(auth, Some(transaction.callback_url.as_str())).await?;
    account::link(auth, request, &owner, &account, Some(tokens), to).await
}

/// What the provider says in place of a code or verifier.
fn refusal<'p>(client: &OAuthClient, parameters: &'p Parameters) -> Option<&'p str> {
    if !client.is_oauth1() {
        return parameters.get("error");
    }
    // Beside `denied` there are the extension for problems, and what Atlassian's servers send for a verifier.
    let is_denied = parameters.get("denied").is_some() || parameters.get("oauth_verifier") == Some("denied");
    if is_denied { Some("access_denied") } else { parameters.get("oauth_problem") }
}

/// Whoever was signed in at the start must not have become somebody else meanwhile; whoever links, be signed in still.
async fn check_user(
    auth: &Auth,
    request: &ActionRequest<'_>,
    transaction: &Transaction,
) -> Result<(), AuthError> {
    let Some(user) = &transaction.user else { return Ok(()) };
    let present = auth.sessions.read(&request.cookies, request.now, Reading::Look).await?.session;
    match present {
        Some(session) if session.user.id != *user => {
            Err(AuthError::callback("another user has signed in meanwhile"))
        }
        None if transaction.links => Err(AuthError::SignedOut),
        _ => Ok(()),
    }
}

fn person(client: &OAuthClient, profile: Profile) -> Person {
    Person {
        account: Account {
            r#type: client.r#type().to_owned(),
            provider: client.provider.id.clone(),
            provider_account_id: profile.account_id,
        },
        name: profile.name,
        is_email_proven: client.provider.trusts_email && profile.email_verified,
        email: profile.email,
        image: profile.image,
        profile: Some(profile.raw),
        tokens: None,
    }
}
