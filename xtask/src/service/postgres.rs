//! PostgreSQL. It refuses to run as root, so that root starts it as the user `postgres`, as Debian does.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::place::is_root;
use super::{Kind, Place};
use crate::failure::Result;
use crate::process::run;

pub(super) const POSTGRES: Kind = Kind {
    name: "postgres",
    variable: "TEST_POSTGRES_URL",
    packages: &["postgresql"],
    service: Some("postgresql"),
    is_installed: || program("postgres").exists() && program("initdb").exists(),
    prepare,
    command,
    url: |place| format!("postgres://postgres@127.0.0.1:{}/postgres", place.port),
    // Immediate shutdown: it ends its own processes first.
    last_signal: "QUIT",
};

fn prepare(place: &Place, _: &Path) -> Result {
    place.give_to("postgres")?;
    let mut initdb = as_postgres("initdb");
    initdb.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    initdb.arg("--pgdata").arg(place.path("data")).current_dir(&place.folder).stdout(Stdio::null());
    run(&mut initdb, "initdb made no database cluster: it says why above.")
}

/// `fsync` stays on, as in production: tests kill the server and count what is left.
fn command(place: &Place, _: &Path) -> Command {
    let mut postgres = as_postgres("postgres");
    postgres.args(["-D", &place.path("data"), "-p", &place.port.to_string()]);
    for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=400"] {
        postgres.args(["-c", setting]);
    }
    postgres
}

fn as_postgres(name: &str) -> Command {
    if !is_root() {
        return Command::new(program(name));
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]).arg(program(name));
    command
}

/// Debian keeps the servers of all versions beside each other and none on PATH; elsewhere they are on PATH.
fn program(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest =
        versions.map(|version| version.path().join("bin").join(name)).filter(|path| path.exists()).max();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.exists());
    newest.or_else(on_path).unwrap_or_else(|| name.into())
}
