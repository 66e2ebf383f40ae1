//! Everything that is stored of a user, for the user: `GET /api/auth/account/export`. Complete but for what would open
//! something: hashes and tokens are named, not shown.

use serde_json::{Value, json};

use super::Owner;
use crate::{
    adapter::{AccountRecord, Adapter, AdapterError, AuditRecord, Authenticator, SessionRecord},
    audit::{Event, Note},
    auth::Auth,
    clock::Timestamp,
    error::AuthError,
    request::ActionRequest,
};

/// The document.
pub(crate) async fn export(auth: &Auth, request: &ActionRequest<'_>) -> Result<Value, AuthError> {
    let owner = Owner::fresh(auth, request).await?;
    let (user, adapter) = (&owner.user, &owner.adapter);
    let accounts = adapter.get_accounts(&user.id).await?;
    let sessions = adapter.list_sessions(&user.id, request.now).await?;
    let passkeys = adapter.list_authenticators(&user.id).await?;
    let records = owner.records.iter().map(|record| {
        json!({ "kind": record.kind, "created": record.created.to_rfc3339(), "expires": optional(record.expires) })
    });
    let document = json!({
        "exported": request.now.to_rfc3339(),
        "site": auth.base_url(),
        "user": {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "emailVerified": optional(user.email_verified),
            "image": user.image,
            "created": user.created.to_rfc3339(),
        },
        "accounts": accounts.iter().map(account).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(session).collect::<Vec<_>>(),
        "passkeys": passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "records": records.collect::<Vec<_>>(),
        "activity": activity(&**adapter, &user.id).await?,
    });
    auth.note(request, Note::of(Event::DataExported, &user.id)).await?;
    Ok(document)
}

/// All that happened to the account and is still kept, the newest first.
async fn activity(adapter: &dyn Adapter, user_id: &str) -> Result<Vec<Value>, AdapterError> {
    const PAGE: u32 = 500;
    let mut rows = Vec::new();
    let mut last: Option<String> = None;
    loop {
        let page = adapter.list_audit(user_id, last.as_deref(), PAGE).await?;
        let Some(end) = page.last() else { return Ok(rows) };
        last = Some(end.id.clone());
        rows.extend(page.iter().map(AuditRecord::to_json));
    }
}

fn optional(time: Option<Timestamp>) -> Option<String> {
    time.map(Timestamp::to_rfc3339)
}

fn account(record: &AccountRecord) -> Value {
    json!({
        "provider": record.account.provider,
        "type": record.account.r#type,
        "providerAccountId": record.account.provider_account_id,
        "linked": record.created.to_rfc3339(),
        "hasTokens": record.tokens.is_some(),
    })
}

fn session(session: &SessionRecord) -> Value {
    json!({
        "id": session.id,
        "provider": session.provider,
        "signedIn": session.created.to_rfc3339(),
        "lastUsed": session.renewed.to_rfc3339(),
        "expires": session.expires.to_rfc3339(),
        "userAgent": session.user_agent,
        "address": session.address,
    })
}

fn passkey(passkey: &Authenticator) -> Value {
    json!({
        "credentialId": passkey.credential_id,
        "name": passkey.name,
        "created": passkey.created.to_rfc3339(),
        "lastUsed": optional(passkey.used),
        "backedUp": passkey.backed_up,
        "transports": passkey.transports,
    })
}
