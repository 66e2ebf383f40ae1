//! Redis, told to write every change to disk before it answers: tests kill it and count what is left.

use std::path::Path;
use std::process::Command;

use super::{Kind, Place};
use crate::process::exists;

pub(super) const REDIS: Kind = Kind {
    name: "redis",
    variable: "TEST_REDIS_URL",
    packages: &["redis-server"],
    service: Some("redis-server"),
    is_installed: || exists("redis-server"),
    prepare: |_, _| Ok(()),
    command,
    url: |place| format!("redis://127.0.0.1:{}", place.port),
    last_signal: "KILL",
};

fn command(place: &Place, _: &Path) -> Command {
    let mut redis = Command::new("redis-server");
    redis.args(["--bind", "127.0.0.1", "--port", &place.port.to_string(), "--dir"]).arg(&place.folder);
    redis.args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
    redis
}
