//! Tests with MariaDB, which also stands for MySQL.

use crate::{failover, killed, scene};

const URL: &str = "TEST_MYSQL_URL";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_01_down_at_start() {
    scene::down_at_start(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_02_down_in_the_middle_of_a_sign_in() {
    scene::down_in_the_middle(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_03_down_for_those_who_are_signed_in() {
    scene::down_for_sessions(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_04_slow() {
    scene::slow(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_05_all_connections_ended_fifty_times() {
    scene::connections_ended(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_05_restarted_under_load() {
    killed::stop_under_load("mysql", "TERM", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn kx_02_killed_under_load() {
    killed::stop_under_load("mysql", "KILL", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_08_without_rights_without_a_table() {
    scene::broken_schema(
        URL,
        &[
            (
                "RENAME TABLE accounts TO elsewhere",
                "RENAME TABLE elsewhere TO accounts",
                "accounts' doesn't exist",
            ),
            (
                "REVOKE INSERT ON {database}.* FROM {user}",
                "GRANT INSERT ON {database}.* TO {user}",
                "insert command denied",
            ),
        ],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_09_more_people_than_connections() {
    scene::exhausted(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn db_13_the_loser_of_a_deadlock_tries_again() {
    scene::deadlock(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn kx_03_db_07_cut_at_300_places_of_a_first_sign_in() {
    scene::cut_everywhere(URL, 150).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn i_02_a_failover_is_followed_though_the_old_connections_stay_open() {
    failover::mysql().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn i_02_connections_that_fall_silent_are_replaced() {
    failover::silent_connections(URL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs MariaDB: cargo xtask services"]
async fn i_02_a_call_that_hangs_within_a_transaction_ends() {
    failover::hanging_transaction(URL).await;
}
