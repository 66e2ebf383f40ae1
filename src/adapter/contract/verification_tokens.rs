//! Verification tokens: used once, only with both parts, and only before they expire.

use super::store::{HOUR, MILLISECOND, Store};
use crate::{adapter::VerificationToken, random};

super::promises! {
    Sessions: a_token_is_used_once, a_token_is_of_its_address, a_wrong_token_is_refused,
        wrong_tries_leave_the_token_good, a_token_ends_at_its_end, an_expired_token_spares_the_others,
        the_other_tokens_of_an_address_die_with_the_used_one, tokens_of_other_addresses_stay,
        a_removed_token_is_refused, removing_a_token_spares_the_others, an_address_gets_new_tokens_after_use,
        looking_for_a_token_uses_nothing_up;
}

fn another(token: &VerificationToken) -> VerificationToken {
    VerificationToken { token_hash: random::hex_token(), ..token.clone() }
}

async fn a_token_is_used_once(store: Store) {
    let token = store.token().await;
    assert!(store.uses(&token, store.now).await, "the first time");
    assert!(!store.uses(&token, store.now).await, "the second time");
}

async fn a_token_is_of_its_address(store: Store) {
    let (token, other) = (store.token().await, store.token().await);
    for identifier in [other.identifier, token.identifier.to_uppercase(), String::new()] {
        let foreign = VerificationToken { identifier, ..token.clone() };
        assert!(!store.uses(&foreign, store.now).await, "address {:?}", foreign.identifier);
    }
    assert!(store.uses(&token, store.now).await);
}

async fn a_wrong_token_is_refused(store: Store) {
    let token = store.token().await;
    for token_hash in [random::hex_token(), token.token_hash.to_uppercase(), String::new(), "%".to_owned()] {
        let wrong = VerificationToken { token_hash, ..token.clone() };
        assert!(!store.uses(&wrong, store.now).await, "token {:?}", wrong.token_hash);
    }
    assert!(store.uses(&token, store.now).await);
}

async fn wrong_tries_leave_the_token_good(store: Store) {
    let token = store.token().await;
    for _ in 0..20 {
        assert!(!store.uses(&another(&token), store.now).await);
    }
    assert!(store.uses(&token, store.now).await);
}

async fn a_token_ends_at_its_end(store: Store) {
    let (token, in_time) = (store.token().await, store.token().await);
    assert!(!store.uses(&token, token.expires).await, "when it expires");
    assert!(store.uses(&in_time, store.now.plus(HOUR - MILLISECOND)).await, "a millisecond before");
}

async fn an_expired_token_spares_the_others(store: Store) {
    let token = store.token().await;
    let newer = VerificationToken { expires: store.in_hours(2), ..another(&token) };
    store.create_verification_token(&newer).await.unwrap();
    assert!(!store.uses(&token, store.in_hours(1)).await, "it is too late");
    assert!(store.uses(&newer, store.in_hours(1)).await, "the newer one is in time");
}

async fn the_other_tokens_of_an_address_die_with_the_used_one(store: Store) {
    let token = store.token().await;
    let others = [another(&token), another(&token)];
    for other in &others {
        store.create_verification_token(other).await.unwrap();
    }
    assert!(store.uses(&others[0], store.now).await);
    assert!(!store.uses(&token, store.now).await, "an older one");
    assert!(!store.uses(&others[1], store.now).await, "a newer one");
}

async fn tokens_of_other_addresses_stay(store: Store) {
    let (token, other) = (store.token().await, store.token().await);
    assert!(store.uses(&token, store.now).await);
    assert!(store.uses(&other, store.now).await);
}

async fn a_removed_token_is_refused(store: Store) {
    let token = store.token().await;
    for _ in 0..2 {
        store.delete_verification_token(&token.identifier, &token.token_hash).await.unwrap();
    }
    assert!(!store.uses(&token, store.now).await);
}

async fn removing_a_token_spares_the_others(store: Store) {
    let token = store.token().await;
    let unsent = another(&token);
    store.create_verification_token(&unsent).await.unwrap();
    store.delete_verification_token("other@example.com", &token.token_hash).await.unwrap();
    store.delete_verification_token(&unsent.identifier, &unsent.token_hash).await.unwrap();
    assert!(store.uses(&token, store.now).await);
}

async fn an_address_gets_new_tokens_after_use(store: Store) {
    let token = store.token().await;
    assert!(store.uses(&token, store.now).await);
    let next = another(&token);
    store.create_verification_token(&next).await.unwrap();
    assert!(!store.uses(&token, store.now).await, "the former one");
    assert!(store.uses(&next, store.now).await, "the next one");
}

async fn looking_for_a_token_uses_nothing_up(store: Store) {
    let token = store.token().await;
    let has = async |token: &VerificationToken, now| {
        store.has_verification_token(&token.identifier, &token.token_hash, now).await.unwrap()
    };
    for _ in 0..2 {
        assert!(has(&token, store.now).await);
    }
    assert!(!has(&token, token.expires).await, "when it expires");
    assert!(!has(&another(&token), store.now).await, "another token");
    let identifier = store.token().await.identifier;
    assert!(!has(&VerificationToken { identifier, ..token.clone() }, store.now).await, "another address");
    assert!(store.uses(&token, store.now).await);
    assert!(!has(&token, store.now).await, "used");
}
