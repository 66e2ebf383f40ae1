//! Concurrency: of several simultaneous attempts exactly one succeeds.

use std::collections::HashSet;

use super::store::{HOUR, MILLISECOND, PROVIDER, Store, at_once, is_conflict, new_account};
use crate::{
    adapter::{Account, AdapterError, SessionRecord, User, VerificationToken},
    random,
};

super::promises! {
    Sessions: of_parallel_uses_of_a_token_one_wins, of_parallel_uses_of_two_tokens_of_an_address_one_wins,
        of_parallel_renewals_of_a_session_one_moves_it, a_parallel_renewal_never_revives_a_session,
        of_parallel_ends_of_a_session_one_finds_it, of_parallel_sessions_with_one_token_one_is_stored,
        parallel_attempts_are_all_counted, parallel_attempts_at_the_end_of_a_window_begin_one_window,
        parallel_revocations_are_all_made, parallel_purges_leave_what_runs;
    Apart: of_parallel_first_sign_ins_one_makes_a_user,
        of_parallel_first_sign_ins_at_two_providers_one_has_the_address,
        of_parallel_proofs_of_an_address_one_makes_a_user, of_parallel_changes_to_an_address_one_gets_it,
        of_parallel_links_of_an_account_one_user_gets_it, of_parallel_unlinks_one_finds_the_account,
        of_parallel_leases_one_is_given, of_parallel_writers_of_tokens_one_wins,
        of_parallel_uses_of_a_passkey_one_moves_the_counter, of_parallel_passkeys_with_one_id_one_is_stored,
        of_parallel_removals_of_a_user_one_finds_it, a_user_removed_meanwhile_leaves_no_account_or_passkey,
        parallel_sign_ups_are_all_stored;
    Everything: a_user_removed_meanwhile_leaves_no_session;
}

/// How many of the results are a success; the others have to be conflicts.
fn winners<T: std::fmt::Debug>(results: &[Result<T, AdapterError>]) -> usize {
    assert!(results.iter().all(|result| result.is_ok() || is_conflict(result)), "{results:?}");
    results.iter().filter(|result| result.is_ok()).count()
}

fn count(results: &[bool]) -> usize {
    results.iter().filter(|result| **result).count()
}

async fn of_parallel_first_sign_ins_one_makes_a_user(store: Store) {
    let account = new_account();
    let results = at_once(32, |_| {
        let (store, account, (user, key)) = (store.clone(), account.clone(), store.new_user());
        async move { store.create_user(&user, Some(&key), Some(&account), None).await }
    })
    .await;
    assert_eq!(winners(&results), 1, "CC-01");
    let winner = results.into_iter().find_map(Result::ok);
    assert_eq!(store.owner(&account).await.map(|user| user.id), winner);
}

async fn of_parallel_first_sign_ins_at_two_providers_one_has_the_address(store: Store) {
    let (_, key) = store.new_user();
    let accounts =
        ["contract", "contract-2"].map(|provider| Account { provider: provider.to_owned(), ..new_account() });
    let results = at_once(32, |index| {
        let (store, account, key) = (store.clone(), accounts[index % 2].clone(), key.clone());
        async move {
            let (user, _) = store.new_user();
            store.create_user(&user, Some(&key), Some(&account), None).await
        }
    })
    .await;
    assert_eq!(winners(&results), 1, "CC-02");
    let owner = store.get_user_by_email(&key).await.unwrap();
    assert_eq!(owner.as_ref().map(|user| &user.id), results.iter().find_map(|result| result.as_ref().ok()));
    let mut owners = [store.owner(&accounts[0]).await, store.owner(&accounts[1]).await];
    owners.sort_by_key(Option::is_none);
    assert_eq!(owners, [owner, None], "the other account leads to nobody");
}

async fn of_parallel_proofs_of_an_address_one_makes_a_user(store: Store) {
    let (_, key) = store.new_user();
    let results = at_once(32, |_| {
        let (store, key) = (store.clone(), key.clone());
        async move {
            let (user, _) = store.new_user();
            store.create_user(&user, Some(&key), None, None).await
        }
    })
    .await;
    assert_eq!(winners(&results), 1, "CC-04");
    let owner = store.get_user_by_email(&key).await.unwrap();
    assert_eq!(owner.map(|user| user.id), results.into_iter().find_map(Result::ok));
}

async fn of_parallel_changes_to_an_address_one_gets_it(store: Store) {
    let (_, key) = store.new_user();
    let mut users = Vec::new();
    for _ in 0..8 {
        users.push(store.user().await);
    }
    let results = at_once(8, |index| {
        let (store, user, key) = (store.clone(), users[index].clone(), key.clone());
        async move { store.update_user(&user, Some(&key)).await }
    })
    .await;
    assert_eq!(winners(&results), 1);
    let winner = results.iter().position(Result::is_ok).map(|index| users[index].clone());
    assert_eq!(store.get_user_by_email(&key).await.unwrap(), winner);
}

async fn of_parallel_links_of_an_account_one_user_gets_it(store: Store) {
    let (account, users) = (new_account(), [store.user().await, store.user().await]);
    let results = at_once(16, |index| {
        let (store, account, user) = (store.clone(), account.clone(), users[index % 2].clone());
        async move { store.link_account(&user.id, &account, store.now).await.map(|()| user) }
    })
    .await;
    assert_eq!(winners(&results), 1, "CC-05");
    assert_eq!(store.owner(&account).await, results.into_iter().find_map(Result::ok));
    let lists =
        [store.get_accounts(&users[0].id).await.unwrap(), store.get_accounts(&users[1].id).await.unwrap()];
    assert_eq!(lists[0].len() + lists[1].len(), 1);
}

async fn of_parallel_unlinks_one_finds_the_account(store: Store) {
    let (user, account) = store.user_and_account().await;
    let results = at_once(8, |_| {
        let (store, user, id) = (store.clone(), user.id.clone(), account.provider_account_id.clone());
        async move { store.unlink_account(&user, PROVIDER, &id).await.unwrap() }
    })
    .await;
    assert_eq!(count(&results), 1);
}

async fn of_parallel_leases_one_is_given(store: Store) {
    let account = store.account_with_tokens("tokens").await;
    let results =
        at_once(16, |_| {
            let (store, account) = (store.clone(), account.clone());
            async move {
                store.lease_account_tokens(&account, "tokens", store.in_hours(1), store.now).await.unwrap()
            }
        })
        .await;
    assert_eq!(count(&results), 1, "IP-15");
}

async fn of_parallel_writers_of_tokens_one_wins(store: Store) {
    let account = store.account_with_tokens("old").await;
    let results = at_once(16, |index| {
        let (store, account, new) = (store.clone(), account.clone(), index.to_string());
        async move { store.update_account_tokens(&account, Some("old"), Some(&new)).await.unwrap() }
    })
    .await;
    assert_eq!(count(&results), 1);
    let user = store.owner(&account).await.unwrap();
    let winner = results.iter().position(|result| *result).map(|index| index.to_string());
    assert_eq!(store.get_accounts(&user.id).await.unwrap()[0].tokens, winner);
}

async fn of_parallel_uses_of_a_passkey_one_moves_the_counter(store: Store) {
    let passkey = store.authenticator().await;
    let results = at_once(16, |index| {
        let (store, id, to) = (store.clone(), passkey.credential_id.clone(), 1 + index as u32);
        async move { store.use_authenticator(&id, 0, to, true, store.now).await.unwrap() }
    })
    .await;
    assert_eq!(count(&results), 1);
    let counter = results.iter().position(|result| *result).map(|index| 1 + index as u32);
    let stored = store.get_authenticator(&passkey.credential_id).await.unwrap();
    assert_eq!(stored.map(|passkey| passkey.counter), counter);
}

async fn of_parallel_passkeys_with_one_id_one_is_stored(store: Store) {
    let (user, id) = (store.user().await, random::token());
    let results = at_once(8, |_| {
        let store = store.clone();
        let mut passkey = store.new_authenticator(&user.id);
        passkey.credential_id.clone_from(&id);
        async move { store.create_authenticator(&passkey).await.map(|()| passkey) }
    })
    .await;
    assert_eq!(winners(&results), 1);
    let winner: Vec<_> = results.into_iter().filter_map(Result::ok).collect();
    assert_eq!(store.list_authenticators(&user.id).await.unwrap(), winner);
}

async fn of_parallel_removals_of_a_user_one_finds_it(store: Store) {
    let (user, _) = store.user_and_account().await;
    let results = at_once(8, |_| {
        let (store, id) = (store.clone(), user.id.clone());
        async move { store.delete_user(&id).await.unwrap() }
    })
    .await;
    assert_eq!(count(&results), 1);
}

async fn a_user_removed_meanwhile_leaves_no_account_or_passkey(store: Store) {
    for _ in 0..8 {
        let user = store.user().await;
        let made = at_once(6, |index| {
            let (store, user_id, account) = (store.clone(), user.id.clone(), new_account());
            let passkey = store.new_authenticator(&user_id);
            async move {
                // Whoever comes too late is told so: their results do not matter.
                match index {
                    0 => drop(store.delete_user(&user_id).await.unwrap()),
                    1..4 => drop(store.link_account(&user_id, &account, store.now).await),
                    _ => drop(store.create_authenticator(&passkey).await),
                }
                (account, passkey)
            }
        })
        .await;
        let heir = store.user().await;
        for (account, passkey) in &made {
            assert_eq!(store.owner(account).await, None, "CC-08");
            store.link_account(&heir.id, account, store.now).await.unwrap();
            assert_eq!(store.get_authenticator(&passkey.credential_id).await.unwrap(), None, "CC-08");
        }
        assert_eq!(store.get_accounts(&user.id).await.unwrap(), [], "CC-08");
        assert_eq!(store.list_authenticators(&user.id).await.unwrap(), [], "CC-08");
    }
}

async fn a_user_removed_meanwhile_leaves_no_session(store: Store) {
    for _ in 0..8 {
        let user = store.user().await;
        let sessions: Vec<SessionRecord> = at_once(6, |index| {
            let store = store.clone();
            let session = store.new_session(&user.id);
            async move {
                match index {
                    0 => drop(store.delete_user(&session.user_id).await.unwrap()),
                    _ => drop(store.create_session(&session).await),
                }
                session
            }
        })
        .await;
        assert_eq!(store.list_sessions(&user.id, store.now).await.unwrap(), [], "CC-08");
        for session in sessions {
            assert_eq!(store.get_session(&session.token_hash, store.now).await.unwrap(), None, "CC-08");
        }
    }
}

async fn parallel_sign_ups_are_all_stored(store: Store) {
    let users: Vec<(User, Account)> = at_once(32, |_| {
        let store = store.clone();
        async move { store.user_and_account().await }
    })
    .await;
    for (user, account) in users {
        assert_eq!(store.owner(&account).await, Some(user));
    }
}

async fn of_parallel_uses_of_a_token_one_wins(store: Store) {
    for _ in 0..4 {
        let token = store.token().await;
        let results = at_once(16, |_| {
            let (store, token) = (store.clone(), token.clone());
            async move { store.uses(&token, store.now).await }
        })
        .await;
        assert_eq!(count(&results), 1, "CC-03");
    }
}

async fn of_parallel_uses_of_two_tokens_of_an_address_one_wins(store: Store) {
    for _ in 0..4 {
        let token = store.token().await;
        let other = VerificationToken { token_hash: random::hex_token(), ..token.clone() };
        store.create_verification_token(&other).await.unwrap();
        let results = at_once(16, |index| {
            let (store, token) = (store.clone(), if index % 2 == 0 { token.clone() } else { other.clone() });
            async move { store.uses(&token, store.now).await }
        })
        .await;
        assert_eq!(count(&results), 1, "the others die with the used one");
    }
}

async fn of_parallel_renewals_of_a_session_one_moves_it(store: Store) {
    let session = store.session().await;
    let results = at_once(16, |index| {
        let (store, session) = (store.clone(), session.clone());
        async move {
            let to = store.in_hours(2).plus(MILLISECOND * index as u32);
            store.update_session(&session.token_hash, session.expires, to, store.now).await.unwrap()
        }
    })
    .await;
    assert_eq!(count(&results), 1);
    let winner = results.iter().position(|result| *result).unwrap() as u32;
    let found = store.get_session(&session.token_hash, store.now).await.unwrap();
    let expires = store.in_hours(2).plus(MILLISECOND * winner);
    assert_eq!(found, Some(SessionRecord { expires, ..session }));
}

async fn a_parallel_renewal_never_revives_a_session(store: Store) {
    for _ in 0..16 {
        let session = store.session().await;
        let ended = at_once(4, |index| {
            let (store, session) = (store.clone(), session.clone());
            async move {
                if index == 0 {
                    return store.delete_session(&session.token_hash).await.unwrap();
                }
                let to = store.in_hours(2);
                store.update_session(&session.token_hash, session.expires, to, store.now).await.unwrap();
                false
            }
        })
        .await;
        assert_eq!(count(&ended), 1, "SE-18: its end is found, renewed or not");
        assert_eq!(store.get_session(&session.token_hash, store.now).await.unwrap(), None, "SE-18");
        assert_eq!(store.list_sessions(&session.user_id, store.now).await.unwrap(), [], "SE-18");
    }
}

async fn of_parallel_ends_of_a_session_one_finds_it(store: Store) {
    let session = store.session().await;
    let results = at_once(16, |_| {
        let (store, token_hash) = (store.clone(), session.token_hash.clone());
        async move { store.delete_session(&token_hash).await.unwrap() }
    })
    .await;
    assert_eq!(count(&results), 1);
}

async fn of_parallel_sessions_with_one_token_one_is_stored(store: Store) {
    let (user_id, token_hash) = (store.user_id().await, random::hex_token());
    let results = at_once(8, |_| {
        let store = store.clone();
        let session = SessionRecord { token_hash: token_hash.clone(), ..store.new_session(&user_id) };
        async move { store.create_session(&session).await.map(|()| session) }
    })
    .await;
    assert_eq!(winners(&results), 1);
    let winner: Vec<_> = results.into_iter().filter_map(Result::ok).collect();
    assert_eq!(store.list_sessions(&user_id, store.now).await.unwrap(), winner);
}

async fn parallel_attempts_are_all_counted(store: Store) {
    let key = random::uuid();
    let mut counts = at_once(16, |_| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.count_attempt(&key, HOUR, store.now).await.unwrap().count }
    })
    .await;
    counts.sort_unstable();
    assert_eq!(counts, (1..=16).collect::<Vec<_>>(), "RL-12: every attempt has a number of its own");
}

async fn parallel_attempts_at_the_end_of_a_window_begin_one_window(store: Store) {
    let key = random::uuid();
    for _ in 0..3 {
        store.count_attempt(&key, HOUR, store.now).await.unwrap();
    }
    let mut attempts = at_once(16, |_| {
        let (store, key) = (store.clone(), key.clone());
        async move { store.count_attempt(&key, HOUR, store.in_hours(1)).await.unwrap() }
    })
    .await;
    attempts.sort_unstable_by_key(|attempts| attempts.count);
    let counts: Vec<u32> = attempts.iter().map(|attempts| attempts.count).collect();
    assert_eq!(counts, (1..=16).collect::<Vec<_>>(), "RL-12");
    assert!(attempts.iter().all(|attempts| attempts.resets == store.in_hours(2)));
}

async fn parallel_revocations_are_all_made(store: Store) {
    let made: Vec<_> = (0..64).map(|_| store.new_revocation()).collect();
    at_once(16, |index| {
        let (store, own) = (store.clone(), made[index * 4..][..4].to_vec());
        async move { store.add_revocations(&own).await.unwrap() }
    })
    .await;
    let found = store.revocations_among(&made).await;
    assert_eq!(found.len(), made.len(), "each once");
    let ids: HashSet<String> = found.iter().map(|revocation| format!("{revocation:?}")).collect();
    assert_eq!(ids.len(), made.len());
}

async fn parallel_purges_leave_what_runs(store: Store) {
    let session = store.session().await;
    for _ in 0..16 {
        let expired = SessionRecord { expires: store.past(), ..store.new_session(&session.user_id) };
        store.create_session(&expired).await.unwrap();
    }
    at_once(8, |_| {
        let store = store.clone();
        async move { store.purge_expired(store.now, 4).await.unwrap() }
    })
    .await;
    assert_eq!(store.list_sessions(&session.user_id, store.now).await.unwrap(), [session]);
}
