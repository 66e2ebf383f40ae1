//! Text: it is returned byte for byte as it was stored, and two texts are equal only if their bytes are equal.

use super::store::{HOUR, PROVIDER, Store, is_conflict, new_account};
use crate::{
    adapter::{Account, Authenticator, Revocation, Revoked, SessionRecord, User, VerificationToken},
    random,
};

super::promises! {
    Sessions: odd_text_of_sessions_comes_back, odd_text_of_revocations_comes_back,
        addresses_of_tokens_are_compared_byte_by_byte, attempts_are_counted_byte_by_byte,
        a_long_user_agent_comes_back, long_addresses_of_tokens_are_compared_to_the_end,
        operators_of_query_languages_are_text_in_tokens;
    Apart: odd_text_of_users_comes_back, empty_text_is_not_absent_text, long_text_of_users_comes_back,
        addresses_are_compared_byte_by_byte, accounts_are_compared_byte_by_byte,
        providers_are_compared_byte_by_byte, operators_of_query_languages_are_text_in_accounts,
        wildcards_are_text, long_account_ids_are_compared_to_the_end, long_tokens_are_compared_to_the_end,
        long_credential_ids_are_compared_to_the_end, odd_text_of_passkeys_comes_back,
        a_nul_comes_back_or_is_refused;
}

/// Text that has hurt somebody before.
const ODD: [&str; 22] = [
    "Robert'); DROP TABLE users;--",
    "\"quoted\" 'single' `back`",
    "back\\slash \\' \\\" \\\\",
    "%_.*?[a-z]^$",
    "{\"$ne\": \"\"}",
    "$where: sleep(1000)",
    "a.b.c",
    "__proto__",
    "?1 $1 :name @p1 {0} %s ${x} {{x}}",
    "naïve 日本語 العربية עברית ไทย",
    "🦀 👩‍👩‍👧‍👦 🏳️‍🌈 \u{1f1e9}\u{1f1ea}",
    "e\u{301}",
    "\u{e9}",
    "zero\u{200b}width\u{200d}joined",
    "\u{202e}right to left",
    "\u{feff}mark",
    "  spaces  ",
    "line\nbreak\r\nand\ttab",
    "\u{7f}\u{1b}[31m\u{1}",
    "ß ẞ ſ ı İ ﬁ",
    "\u{10ffff}\u{fffd}",
    "null",
];

/// Texts that some collation takes for the same: case, accents, width, trailing space, normal form, what is not seen.
const ALIKE: [&str; 19] = [
    "a",
    "A",
    "á",
    "a\u{301}",
    "ä",
    "a ",
    "a  ",
    " a",
    "a\t",
    "a\u{a0}",
    "a\u{200b}",
    "a\u{ad}",
    "\u{feff}a",
    "ａ",
    "а",
    "%",
    "_",
    "ß",
    "ss",
];

fn full_of(text: &str, length: usize) -> String {
    text.chars().cycle().take(length).collect()
}

async fn comes_back(store: &Store, user: User, what: &str) {
    let user = store.create(user, None, None).await;
    assert_eq!(store.get_user(&user.id).await.unwrap(), Some(user), "{what}");
}

async fn odd_text_of_users_comes_back(store: Store) {
    for text in ODD {
        let (user, _) = store.new_user();
        let odd = Some(text.to_owned());
        comes_back(&store, User { name: odd.clone(), email: odd.clone(), image: odd, ..user }, text).await;
    }
}

async fn empty_text_is_not_absent_text(store: Store) {
    let (user, _) = store.new_user();
    let empty = Some(String::new());
    comes_back(&store, User { name: empty.clone(), email: empty.clone(), image: empty, ..user }, "empty")
        .await;
    let (user, _) = store.new_user();
    let absent = User { name: None, email: None, email_verified: None, image: None, ..user };
    comes_back(&store, absent, "absent").await;
}

async fn long_text_of_users_comes_back(store: Store) {
    for text in ["a", "日本語", "🦀"] {
        let (user, _) = store.new_user();
        let name = Some(full_of(text, 2000));
        let image = Some(format!("https://example.com/{}", full_of(text, 2000)));
        comes_back(&store, User { name, image, ..user }, text).await;
    }
}

async fn addresses_are_compared_byte_by_byte(store: Store) {
    let domain = random::uuid();
    let mut users = Vec::new();
    for text in ALIKE {
        let (user, _) = store.new_user();
        let key = format!("{text}@{domain}");
        assert!(
            !is_conflict(&store.create_user(&user, Some(&key), None, None).await),
            "{key:?} is another's"
        );
        users.push((key, user.name));
    }
    let mut owners = std::collections::HashSet::new();
    for (key, _) in users {
        let owner = store.get_user_by_email(&key).await.unwrap();
        let Some(owner) = owner else { panic!("{key:?} finds nobody") };
        assert!(owners.insert(owner.id), "{key:?} finds another's owner");
    }
}

async fn spelled_alike(store: &Store, account: impl Fn(&str) -> Account) {
    let mut owned = Vec::new();
    for text in ALIKE {
        let ((user, _), account) = (store.new_user(), account(text));
        let user = User { name: Some(text.to_owned()), ..user };
        assert_eq!(store.owner(&account).await, None, "{text:?} leads to another's user");
        owned.push((store.create(user, None, Some(&account)).await, account));
    }
    for (user, account) in owned {
        assert_eq!(store.owner(&account).await.as_ref(), Some(&user));
        assert_eq!(store.get_accounts(&user.id).await.unwrap()[0].account, account);
    }
}

async fn accounts_are_compared_byte_by_byte(store: Store) {
    let prefix = random::uuid();
    spelled_alike(&store, |text| Account { provider_account_id: format!("{prefix}{text}"), ..new_account() })
        .await;
}

async fn providers_are_compared_byte_by_byte(store: Store) {
    let id = random::uuid();
    spelled_alike(&store, |text| Account {
        provider: format!("{PROVIDER}-{text}"),
        provider_account_id: id.clone(),
        ..new_account()
    })
    .await;
}

/// What means "anything" to some database.
const OPERATORS: [&str; 12] = [
    "{\"$ne\": \"\"}",
    "{\"$gt\": \"\"}",
    "{\"$regex\": \".*\"}",
    "[$ne]",
    "$ne",
    "' OR '1'='1",
    "\" OR \"\"=\"",
    "1 OR 1=1",
    "*",
    "%",
    "_",
    ".*",
];

async fn operators_of_query_languages_are_text_in_accounts(store: Store) {
    let (user, _) = store.user_and_account().await;
    let unused = random::uuid();
    for text in OPERATORS {
        for (provider, id) in [(PROVIDER, text), (text, text)] {
            let found = store.get_user_by_account(provider, id).await.unwrap();
            assert_eq!(found, None, "provider {provider:?}, id {id:?}");
            let unlinked = store.unlink_account(&user.id, provider, id).await.unwrap();
            assert!(!unlinked, "provider {provider:?}, id {id:?}");
        }
        assert_eq!(store.get_user_by_email(text).await.unwrap(), None, "address {text:?}");
        assert_eq!(store.get_user(text).await.unwrap(), None, "user {text:?}");
        assert!(!store.delete_user(text).await.unwrap(), "user {text:?}");
        assert_eq!(store.get_authenticator(text).await.unwrap(), None, "credential id {text:?}");
        assert!(!store.rename_authenticator(text, text, None).await.unwrap(), "user {text:?}");
    }
    assert_eq!(store.get_user_by_email(&unused).await.unwrap(), None);
}

async fn operators_of_query_languages_are_text_in_tokens(store: Store) {
    let (token, session) = (store.token().await, store.session().await);
    for text in OPERATORS {
        for (identifier, token_hash) in
            [(token.identifier.as_str(), text), (text, token.token_hash.as_str()), (text, text)]
        {
            let used = store.use_verification_token(identifier, token_hash, store.now).await.unwrap();
            assert!(!used, "address {identifier:?}, token {token_hash:?}");
            store.delete_verification_token(identifier, token_hash).await.unwrap();
        }
        assert_eq!(store.get_session(text, store.now).await.unwrap(), None, "session {text:?}");
        assert_eq!(store.list_sessions(text, store.now).await.unwrap(), [], "user {text:?}");
        assert!(!store.delete_session(text).await.unwrap(), "session {text:?}");
    }
    assert_eq!(store.get_session(&session.token_hash, store.now).await.unwrap(), Some(session));
    assert!(store.uses(&token, store.now).await, "the token is still good");
}

async fn wildcards_are_text(store: Store) {
    let (user, account) = store.user_and_account().await;
    let id = &account.provider_account_id;
    for pattern in [format!("{}%", &id[..20]), format!("{}_", &id[..35]), format!("{}.*", &id[..20])] {
        let found = store.get_user_by_account(PROVIDER, &pattern).await.unwrap();
        assert_eq!(found, None, "id {pattern:?}");
    }
    assert_eq!(store.get_user_by_account("contrac_", id).await.unwrap(), None);
    let (_, key) = store.user_and_key().await;
    let pattern = format!("{}%", &key[..20]);
    assert_eq!(store.get_user_by_email(&pattern).await.unwrap(), None, "address {pattern:?}");
    assert_eq!(store.owner(&account).await, Some(user));
}

/// Two texts of that many bytes which differ in the last one.
fn twins(bytes: usize) -> [String; 2] {
    let begin = full_of(&random::hex_token(), bytes - 1);
    [format!("{begin}a"), format!("{begin}b")]
}

async fn long_account_ids_are_compared_to_the_end(store: Store) {
    for [first, second] in [twins(255), [format!("{}ä", twins(253)[0]), format!("{}é", twins(253)[0])]] {
        let account = |id: String| Account { provider_account_id: id, ..new_account() };
        let (first, second) = (account(first), account(second));
        let ((user, _), other) = (store.new_user(), store.user().await);
        let user = store.create(user, None, Some(&first)).await;
        assert_eq!(store.owner(&second).await, None);
        store.link_account(&other.id, &second, store.now).await.unwrap();
        assert_eq!(store.owner(&first).await, Some(user));
        assert_eq!(store.owner(&second).await, Some(other));
    }
}

async fn long_addresses_of_tokens_are_compared_to_the_end(store: Store) {
    // The longest address there is (RFC 5321 section 4.5.3.1).
    let [first, second] = twins(254).map(|identifier| VerificationToken { identifier, ..store.new_token() });
    store.create_verification_token(&first).await.unwrap();
    store.create_verification_token(&second).await.unwrap();
    let swapped = VerificationToken { token_hash: first.token_hash.clone(), ..second.clone() };
    assert!(!store.uses(&swapped, store.now).await);
    assert!(store.uses(&first, store.now).await);
    assert!(store.uses(&second, store.now).await);
}

async fn long_tokens_are_compared_to_the_end(store: Store) {
    let [first, second] = twins(16 * 1024);
    let (user, account) = store.user_and_account().await;
    let update = async |from: Option<&str>, to: &str| {
        store.update_account_tokens(&account, from, Some(to)).await.unwrap()
    };
    assert!(update(None, &first).await);
    assert_eq!(store.get_accounts(&user.id).await.unwrap()[0].tokens.as_ref(), Some(&first));
    let lease = async |tokens: &str| {
        store.lease_account_tokens(&account, tokens, store.in_hours(1), store.now).await.unwrap()
    };
    assert!(!lease(&second).await && lease(&first).await);
    assert!(!update(Some(&second), "other").await);
    assert!(update(Some(&first), &second).await);
    assert_eq!(store.get_accounts(&user.id).await.unwrap()[0].tokens.as_ref(), Some(&second));
}

async fn long_credential_ids_are_compared_to_the_end(store: Store) {
    // The longest one is 1023 bytes (WebAuthn section 4), in base64url 1364.
    let [first, second] = twins(1364);
    let user = store.user().await;
    let passkey = |credential_id: &str| Authenticator {
        credential_id: credential_id.to_owned(),
        public_key: full_of(&random::token(), 3000),
        ..store.new_authenticator(&user.id)
    };
    let passkeys = [passkey(&first), passkey(&second)];
    store.create_authenticator(&passkeys[0]).await.unwrap();
    assert_eq!(store.get_authenticator(&second).await.unwrap(), None);
    store.create_authenticator(&passkeys[1]).await.unwrap();
    for passkey in passkeys {
        assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), Some(passkey));
    }
}

async fn odd_text_of_passkeys_comes_back(store: Store) {
    let user = store.user().await;
    for text in ODD.into_iter().chain([""]) {
        let odd = Some(text.to_owned());
        let passkey =
            Authenticator { name: odd.clone(), transports: odd, ..store.new_authenticator(&user.id) };
        store.create_authenticator(&passkey).await.unwrap();
        let found = store.get_authenticator(&passkey.credential_id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&passkey), "{text:?}");
        store.rename_authenticator(&user.id, &passkey.credential_id, None).await.unwrap();
        store.rename_authenticator(&user.id, &passkey.credential_id, Some(text)).await.unwrap();
        let renamed = store.get_authenticator(&passkey.credential_id).await.unwrap();
        assert_eq!(renamed, Some(passkey), "{text:?} as a new name");
    }
}

async fn odd_text_of_sessions_comes_back(store: Store) {
    let user_id = store.user_id().await;
    for text in ODD.into_iter().chain([""]) {
        let session = SessionRecord {
            provider: text.chars().take(40).collect(),
            user_agent: Some(text.to_owned()),
            address: Some(text.to_owned()),
            ..store.new_session(&user_id)
        };
        store.create_session(&session).await.unwrap();
        let found = store.get_session(&session.token_hash, store.now).await.unwrap();
        assert_eq!(found, Some(session), "{text:?}");
    }
}

async fn odd_text_of_revocations_comes_back(store: Store) {
    let made = ODD.map(|text| Revocation {
        revoked: Revoked::User { id: text.to_owned(), before: store.now, except: Some(random::uuid()) },
        expires: store.in_hours(1),
    });
    store.add_revocations(&made).await.unwrap();
    assert_eq!(store.revocations_among(&made).await, made);
}

async fn addresses_of_tokens_are_compared_byte_by_byte(store: Store) {
    let domain = random::uuid();
    let tokens =
        ALIKE.map(|text| VerificationToken { identifier: format!("{text}@{domain}"), ..store.new_token() });
    for token in &tokens {
        store.create_verification_token(token).await.unwrap();
    }
    for token in &tokens {
        for other in tokens.iter().filter(|other| *other != token) {
            let swapped = VerificationToken { token_hash: token.token_hash.clone(), ..other.clone() };
            assert!(
                !store.uses(&swapped, store.now).await,
                "{:?} for {:?}",
                other.identifier,
                token.identifier
            );
        }
        assert!(store.uses(token, store.now).await, "{:?} has died with another", token.identifier);
    }
}

async fn attempts_are_counted_byte_by_byte(store: Store) {
    let prefix = random::uuid();
    for text in ALIKE.iter().chain(&ODD) {
        let key = format!("{prefix}{text}");
        assert_eq!(store.count_attempt(&key, HOUR, store.now).await.unwrap().count, 1, "key {key:?}");
    }
}

async fn a_long_user_agent_comes_back(store: Store) {
    let user_id = store.user_id().await;
    for text in ["a", "日本語", "🦀"] {
        let user_agent = Some(full_of(text, 300));
        let session = SessionRecord { user_agent, ..store.new_session(&user_id) };
        store.create_session(&session).await.unwrap();
        let found = store.get_session(&session.token_hash, store.now).await.unwrap();
        assert_eq!(found, Some(session), "{text:?}");
    }
}

async fn a_nul_comes_back_or_is_refused(store: Store) {
    let (user, _) = store.new_user();
    let user = User { name: Some("before\0after".to_owned()), ..user };
    // Not every database has room for it (PostgreSQL). What none may do is to cut the text there.
    match store.create_user(&user, None, None, None).await {
        Ok(id) => {
            let user = User { id, ..user };
            assert_eq!(store.get_user(&user.id).await.unwrap(), Some(user));
        }
        Err(_) => assert_eq!(store.get_user(&user.id).await.unwrap(), None),
    }
    let (_, account) = store.user_and_account().await;
    let cut = format!("{}\0", account.provider_account_id);
    let found = store.get_user_by_account(PROVIDER, &cut).await;
    assert!(!matches!(found, Ok(Some(_))), "an id that ends with NUL is another id");
}
