//! The servers of one benchmark: the floor, the release, and the release with the feature `dev` in three
//! configurations. Rule: each is a process of its own, and nobody is measured while another works.

use std::path::{Path, PathBuf};

use super::server::Server;
use crate::failure::Result;
use crate::files::{copy, create_folder, remove_folder};
use crate::project::{Project, SERVER};
use crate::release;

/// Derives the keys of the floor and of the servers, so that all read the same token.
const SECRET: &str = "7Hq2vTz9cXb4Lw8sRk1mYp6gNd3fJa5uBeC0";
/// A day: no session is renewed while the benchmark runs.
const DAY: &str = "86400";

/// The programs under test, each under a name of its own.
pub struct Programs {
    /// What gets deployed.
    pub release: PathBuf,
    with_dev: PathBuf,
    floor: PathBuf,
    /// Compares a read with and without ended sessions; prints one line.
    pub revocation: PathBuf,
}

impl Programs {
    /// Builds them and keeps copies, because two have the same name in cargo's folder.
    pub fn build(project: &Project, folder: &Path) -> Result<Self> {
        let kept = |name: &str| folder.join(name).join(SERVER);
        let programs = Self {
            release: kept("release"),
            with_dev: kept("with-dev"),
            floor: kept("floor"),
            revocation: project.target("release/examples/bench_revocation"),
        };
        copy(&release::build_server(project, None)?, &programs.release)?;
        copy(&release::build_server(project, Some("dev"))?, &programs.with_dev)?;
        copy(&project.target("release/examples/bench_floor"), &programs.floor)?;
        Ok(programs)
    }
}

/// The running servers.
pub struct Fleet {
    /// Bare axum handlers.
    pub floor: Server,
    /// Sessions in cookies.
    pub jwt: Server,
    /// The same, but every read renews the session.
    pub reissuing: Server,
    /// Sessions in SQLite.
    pub sqlite: Server,
    /// The release itself, with SQLite.
    pub release: Server,
}

impl Fleet {
    /// Starts all of them on a fresh database each.
    pub fn start(programs: &Programs, folder: &Path) -> Result<Self> {
        let data = folder.join("data");
        remove_folder(&data)?;
        create_folder(&data)?;
        let site = folder.join("site").display().to_string();
        let start = |program: &Path, database: Option<&str>, update_age: &str| {
            let url = database.map(|name| format!("sqlite://{}", data.join(name).display()));
            let settings = [
                ("AUTH_SECRET", SECRET),
                ("AUTH_SESSION", if url.is_some() { "database" } else { "jwt" }),
                ("AUTH_SESSION_UPDATE_AGE", update_age),
                ("DATABASE_URL", url.as_deref().unwrap_or_default()),
                ("LEPTOS_SITE_ROOT", &site),
            ];
            Server::start(program, &settings, "/api/auth/session")
        };
        Ok(Self {
            floor: Server::start(&programs.floor, &[("AUTH_SECRET", SECRET)], "/json")?,
            jwt: start(&programs.with_dev, None, DAY)?,
            reissuing: start(&programs.with_dev, None, "0")?,
            sqlite: start(&programs.with_dev, Some("bench.db"), DAY)?,
            release: start(&programs.release, Some("release.db"), DAY)?,
        })
    }
}
