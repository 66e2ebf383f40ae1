//! Tests the suite itself: adapters with one defect each, and the case that must find it.

pub(in crate::adapter) mod faulty;

use std::collections::HashSet;

use super::*;
use crate::adapter::MemoryAdapter;
use faulty::{Fault, Faulty};

#[test]
fn names_of_cases_are_unique_and_many() {
    let names: HashSet<&str> = cases(Scope::Everything).map(Case::name).collect();
    assert_eq!(names.len(), cases(Scope::Everything).count());
    assert!(names.len() >= 60, "{}", names.len());
}

const FOUND_BY: [(Fault, &str); 47] = [
    (Fault::ConflictIsIgnored, "a_proven_address_has_one_owner"),
    (Fault::HalfUser, "a_taken_account_leaves_no_user"),
    (Fault::RacingFirstSignIns, "of_parallel_first_sign_ins_one_makes_a_user"),
    (Fault::AddressesIgnoreCase, "addresses_are_compared_byte_by_byte"),
    (Fault::AccountsIgnoreTrailingSpace, "accounts_are_compared_byte_by_byte"),
    (Fault::AccountsAreNormalised, "accounts_are_compared_byte_by_byte"),
    (Fault::EmptyIsAbsent, "empty_text_is_not_absent_text"),
    (Fault::NamesAreCut, "long_text_of_users_comes_back"),
    (Fault::UnchangedIsNotFound, "an_update_that_changes_nothing_finds_its_user"),
    (Fault::HalfChange, "no_change_of_one_call_is_made_without_the_others"),
    (Fault::WholeRowsAreWritten, "parallel_changes_of_different_columns_keep_each_other"),
    (Fault::PagesOverlap, "a_walk_meets_every_user_once"),
    (Fault::SecondsOnly, "times_of_sessions_come_back_to_the_millisecond"),
    (Fault::SessionsNeverEnd, "a_session_ends_at_its_end"),
    (Fault::RenewalRevives, "an_ended_session_is_not_renewed"),
    (Fault::RenewalAfterTheEnd, "an_expired_session_is_not_renewed"),
    (Fault::RenewalIgnoresTheEnd, "a_renewal_from_another_end_is_refused"),
    (Fault::SessionsOutliveTheirUser, "a_removed_user_takes_sessions_along"),
    (Fault::SessionsNeedNoUser, "a_session_needs_a_user"),
    (Fault::UsersAreCached, "a_session_comes_with_its_user_as_it_is_now"),
    (Fault::TokensAreUsedTwice, "a_token_is_used_once"),
    (Fault::OtherTokensLive, "the_other_tokens_of_an_address_die_with_the_used_one"),
    (Fault::RacingTokens, "of_parallel_uses_of_a_token_one_wins"),
    (Fault::TokensNeverEnd, "a_token_ends_at_its_end"),
    (Fault::LookingUsesTokens, "looking_for_a_token_uses_nothing_up"),
    (Fault::WriterIgnoresTokens, "tokens_are_replaced_by_comparing"),
    (Fault::LeasesNeverEnd, "a_lease_ends_by_itself"),
    (Fault::LeasesAreForAll, "of_parallel_leases_one_is_given"),
    (Fault::CounterIsNotCompared, "a_use_with_an_old_counter_is_refused"),
    (Fault::PasskeysAreEverybodys, "a_passkey_is_not_taken_away_by_others"),
    (Fault::PurgeTakesWhatRuns, "running_sessions_stay"),
    (Fault::PurgeTakesNothing, "expired_rows_of_each_kind_go"),
    (Fault::LostAttempts, "parallel_attempts_are_all_counted"),
    (Fault::WindowsNeverEnd, "at_its_end_a_window_begins_anew"),
    (Fault::AttemptsAreKept, "attempts_are_taken_back"),
    (Fault::RecordsAreOverwritten, "a_record_is_replaced_by_comparing"),
    (Fault::RacingRecords, "of_parallel_writers_of_a_record_one_wins"),
    (Fault::RecordsAreRemovedTwice, "a_record_is_taken_away_once"),
    (Fault::AllRecordsExpire, "expired_records_are_found"),
    (Fault::ExpiredRecordsAreUnordered, "expired_records_of_a_kind_come_in_the_order_of_their_ends"),
    (Fault::ExpiredRecordsOfOtherKinds, "expired_records_of_a_kind_come_in_the_order_of_their_ends"),
    (Fault::AuditIsReplaced, "what_happened_is_never_replaced"),
    (Fault::AuditGoesWithItsUser, "what_happened_outlives_its_user"),
    (Fault::OnlyTheFirstRevocation, "revocations_of_each_kind_come_back"),
    (Fault::RevocationsUnlimited, "a_page_of_revocations_goes_on_where_the_last_one_ended"),
    (Fault::WaitingSpins, "waiting_for_revocations_is_idle"),
    (Fault::Hangs, "the_store_answers"),
];

async fn outcome(fault: Fault, name: &str) -> Result<(), Failure> {
    let case = cases(Scope::Everything).find(|case| case.name() == name).unwrap();
    case.check(Arc::new(Faulty::new(fault)), Scope::Everything).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_fault_is_found_by_its_case() {
    for (fault, name) in FOUND_BY.into_iter().filter(|(fault, _)| *fault != Fault::Hangs) {
        let found = outcome(fault, name).await;
        assert_eq!(found.map_err(|failure| failure.case), Err(name), "{fault:?}");
        let control = outcome(Fault::None, name).await;
        assert_eq!(control, Ok(()), "{name}, without the fault");
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_never_returns_is_found() {
    let failure = outcome(Fault::Hangs, "the_store_answers").await.unwrap_err();
    assert_eq!(failure.to_string(), "the_store_answers: took longer than 60s");
}

#[tokio::test]
#[should_panic(
    expected = "the adapter breaks the contract:\na_proven_address_has_one_owner: the address is taken"
)]
async fn a_run_names_what_failed() {
    run(Arc::new(Faulty::new(Fault::ConflictIsIgnored))).await;
}

/// Sixteen suites at once on one store: what one does is nothing to the others.
pub(in crate::adapter) async fn sixteen_at_once(adapter: Arc<dyn Adapter>) {
    let suites = (0..16).map(|_| tokio::spawn(failures(adapter.clone(), Scope::Everything)));
    for suite in suites.collect::<Vec<_>>() {
        assert_eq!(suite.await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn db_16_sixteen_suites_at_once_in_memory() {
    sixteen_at_once(Arc::new(MemoryAdapter::default())).await;
}
