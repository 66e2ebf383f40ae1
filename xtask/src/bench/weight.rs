//! What travels to the browser, lies on the disk and stays in memory. Rule: measured on the release
//! itself, compressed as it would be sent.

use std::path::Path;

use super::http::{Connection, get};
use super::server::Server;
use super::table::Row;
use crate::compress::brotli;
use crate::failure::{Failure, Result};
use crate::files::{read_bytes, read_text};
use crate::project::BUNDLE;
use crate::site;

/// One row for each figure. The server must not have had any work yet.
pub fn rows(program: &Path, folder: &Path, server: &Server) -> Result<Vec<Row>> {
    let memory = server.memory()? as f64 / 1000.0;
    let start = server.start_time.as_secs_f64() * 1000.0;
    let (wasm, css) = (bundled(folder, "wasm")?, bundled(folder, "css")?);
    let page = Connection::open(server.port).and_then(|mut connection| connection.ask(&get("/signin", "")));
    let html = page.map_err(Failure::because("The sign-in page cannot be read"))?.body;
    let program = read_bytes(program)?.len();
    Ok(vec![
        Row::new("idle memory, SQLite open", memory, "MB", 20.0),
        Row::new("start to first answer", start, "ms", 50.0),
        Row { limit: None, ..Row::new("program", program as f64 / 1e6, "MB", 0.0) },
        Row::new("wasm", kilobytes(wasm.len()), "kB", 450.0),
        Row::new("wasm, brotli", kilobytes(brotli(&wasm)?.len()), "kB", 150.0),
        Row::new(
            "sign-in page, HTML and CSS, brotli",
            kilobytes(brotli(&html)?.len() + brotli(&css)?.len()),
            "kB",
            14.0,
        ),
    ])
}

/// A file of the bundle, by the hash in its name.
fn bundled(folder: &Path, kind: &str) -> Result<Vec<u8>> {
    let pkg = site::pkg(folder);
    let hashes = read_text(&pkg.join("hash.txt"))?;
    let hash = hashes.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(": "));
    let hash = hash.ok_or_else(|| Failure::new(format!("hash.txt does not name the {kind}.")))?;
    read_bytes(&pkg.join(format!("{BUNDLE}.{hash}.{kind}")))
}

fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1000.0
}
