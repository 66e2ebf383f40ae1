//! Several instances on one database, as behind a load balancer without sticky sessions: rows OP, CC, SE-06, RL-09, IP-15
//! and SE-19 of the threat model. Rule: they behave as one, even if some of them are killed. Every test runs with each
//! database, or pair of databases, that instances can share.
#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs, unused_imports)]

// How a database server is started is written once, for `cargo xtask services` and for those who need their own.
#[path = "../../../xtask/src/failure.rs"]
mod failure;
#[path = "../../../xtask/src/files.rs"]
mod files;
#[path = "../../../xtask/src/machine.rs"]
mod machine;
#[path = "../../../xtask/src/process.rs"]
mod process;
#[path = "../../../xtask/src/service/mod.rs"]
mod service;

#[path = "../faults/database.rs"]
mod database;
#[path = "../process/program.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

mod killed;
mod purge;
mod races;
mod scene;
mod stores;

/// All scenes on one kind of stores.
macro_rules! scenes {
    ($attribute:tt, $stores:expr; $($name:ident: $scene:path,)*) => {
        $(
            #[tokio::test(flavor = "multi_thread")]
            #$attribute
            async fn $name() {
                let stores = $stores.await;
                $scene(&stores).await;
                stores.end().await;
            }
        )*
    };
    ($needs:literal, $stores:expr) => {
        scenes! { [ignore = $needs], $stores;
            op_01_any_machine_goes_on_where_another_began: crate::scene::flows,
            op_02_se_06_what_one_machine_ends_is_over_at_all: crate::scene::ended,
            rl_09_limits_are_shared: crate::scene::limits,
            ip_15_sixty_four_requests_at_three_machines_make_one_refresh: crate::scene::refresh,
            ip_15_a_machine_that_dies_while_refreshing_is_waited_for: crate::scene::dead_refresh,
            cc_01_one_new_person_in_sixteen_browsers_is_one_user: crate::races::new_person,
            cc_06_what_is_renewed_while_it_is_ended_stays_ended: crate::races::renewal,
            cc_03_one_link_opened_sixteen_times_at_once_signs_in_once: crate::races::link,
            cc_10_one_callback_used_sixteen_times_at_once_signs_in_once: crate::races::callback,
            op_04_ten_programs_start_at_once_on_an_empty_database: crate::killed::ten_starts,
            kx_01_programs_killed_in_a_stream_of_sign_ins: crate::killed::stream,
            se_19_one_machine_at_a_time_purges_in_batches: crate::purge::by_one,
        }
    };
}

/// Several programs on one computer may share a SQLite file. Which one purges or refreshes is decided as with other databases.
mod sqlite {
    scenes! { [doc = "Needs nothing."], crate::stores::Stores::sqlite();
        cc_01_one_new_person_in_sixteen_browsers_is_one_user: crate::races::new_person,
        cc_03_one_link_opened_sixteen_times_at_once_signs_in_once: crate::races::link,
        cc_06_what_is_renewed_while_it_is_ended_stays_ended: crate::races::renewal,
        kx_01_programs_killed_in_a_stream_of_sign_ins: crate::killed::stream,
    }
}

mod postgres {
    scenes!("needs PostgreSQL: cargo xtask services", crate::stores::Stores::postgres());
}

mod mysql {
    scenes!("needs MariaDB: cargo xtask services", crate::stores::Stores::mysql());
}

mod redis {
    mod everything {
        scenes!("needs Redis: cargo xtask services", crate::stores::Stores::redis());
    }

    mod sessions_beside_sqlite {
        scenes!("needs Redis: cargo xtask services", crate::stores::Stores::redis_beside_sqlite());
    }
}
