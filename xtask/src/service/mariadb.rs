//! MariaDB, which also stands in for MySQL: there is no MySQL server in Debian.

use std::path::Path;
use std::process::{Command, Stdio};

use super::place::is_root;
use super::{Kind, Place};
use crate::failure::{Failure, Result};
use crate::process::{exists, run};

pub(super) const MARIADB: Kind = Kind {
    name: "mysql",
    variable: "TEST_MYSQL_URL",
    packages: &["mariadb-server"],
    service: Some("mariadb"),
    is_installed: || exists("mariadbd"),
    prepare,
    command,
    url: |place| format!("mysql://auth:auth@127.0.0.1:{}/auth", place.port),
    last_signal: "KILL",
};

/// The character set stays MariaDB's own default, latin1 and deaf to case: an adapter that relies on it shows.
///
/// Root may come in by the socket only; tests come in by TCP, make databases of their own and take rights away.
const FIRST_STATEMENTS: &str = "\
CREATE DATABASE IF NOT EXISTS auth;
CREATE USER IF NOT EXISTS auth@'%' IDENTIFIED BY 'auth';
GRANT ALL ON *.* TO auth@'%' WITH GRANT OPTION;
";

fn prepare(place: &Place, _: &Path) -> Result {
    place.give_to("mysql")?;
    let file = place.path("first.sql");
    std::fs::write(&file, FIRST_STATEMENTS).map_err(Failure::because(format!("Cannot write {file}")))?;
    let mut install = Command::new("mariadb-install-db");
    install.args(["--no-defaults", "--skip-test-db"]).args(user());
    install.arg(format!("--datadir={}", place.path("data")));
    run(install.stdout(Stdio::null()), "mariadb-install-db made no database: it says why above.")
}

fn command(place: &Place, _: &Path) -> Command {
    let mut mariadbd = Command::new("mariadbd");
    mariadbd.arg("--no-defaults").args(user());
    for (name, value) in [
        ("datadir", place.path("data").as_str()),
        ("socket", &place.path("s")),
        ("init-file", &place.path("first.sql")),
        ("port", &place.port.to_string()),
        ("bind-address", "127.0.0.1"),
        ("max-connections", "400"),
    ] {
        mariadbd.arg(format!("--{name}={value}"));
    }
    mariadbd
}

fn user() -> Option<&'static str> {
    is_root().then_some("--user=mysql")
}
