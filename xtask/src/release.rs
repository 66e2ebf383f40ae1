//! `cargo xtask build`: a release in `target/dist/`, the program and the folder `site/` beside it. Rule:
//! names carry a hash of the content, so that browsers may keep a file for ever, and everything that
//! compresses lies there compressed, so that no request pays for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compress;
use crate::failure::{Failure, Result};
use crate::files::{copy, create_folder, read_bytes, remove_folder, walk, write_if_changed};
use crate::process::run;
use crate::project::{BUNDLE, Project, SERVER, cargo};
use crate::step::Steps;
use crate::{database, dev_traces, prerequisites, site, wasm, wasm_opt, wasm_target};

/// The kinds of files whose names carry a hash.
const HASHED: [&str; 3] = ["js", "wasm", "css"];

/// Builds the release and prints what it weighs.
pub fn command(project: &Project) -> Result {
    let dist = project.target("dist");
    let mut steps = Steps::new(7);
    steps.quiet("Checking the prerequisites", prerequisites::check)?;
    write_site(project, &dist.join("site"), &mut steps)?;
    steps.noisy("Building the server", || {
        let server = build_server(project, None)?;
        assert_no_traces(&server)?;
        // A running server keeps its file: the new one takes the name only.
        let _ = fs::remove_file(dist.join(SERVER));
        copy(&server, &dist.join(SERVER))
    })?;
    print_sizes(&dist)
}

/// The site of a release, in five steps.
pub fn write_site(project: &Project, folder: &Path, steps: &mut Steps) -> Result {
    let pkg = site::pkg(folder);
    remove_folder(folder)?;
    create_folder(&pkg)?;
    let compiler = steps.quiet("Looking for the browser's compile target", wasm_target::ensure)?;
    let module = steps.noisy("Building the browser bundle", || wasm::RELEASE.compile(project, compiler))?;
    steps.noisy("Optimising it", || {
        let bound = project.target("xtask/release-pkg");
        remove_folder(&bound)?;
        wasm::RELEASE.bind(&module, &bound)?;
        assert_no_traces(&bound.join(format!("{BUNDLE}.wasm")))?;
        copy(&bound.join(format!("{BUNDLE}.js")), &pkg.join(format!("{BUNDLE}.js")))?;
        wasm_opt::optimise(
            project,
            &bound.join(format!("{BUNDLE}.wasm")),
            &pkg.join(format!("{BUNDLE}.wasm")),
        )
    })?;
    steps.quiet("Writing the style sheet and static files", || {
        site::write_static_files(project, folder)?;
        hash_names(&pkg)
    })?;
    steps.quiet("Compressing", || walk(folder)?.iter().try_for_each(|file| compress::beside(file)))
}

/// The optimised server, with a feature, or with the databases that are named.
pub fn build_server(project: &Project, feature: Option<&str>) -> Result<PathBuf> {
    let mut command = Command::new(cargo());
    command.args(["build", "--release", "--package", SERVER]).current_dir(project.path(""));
    match feature {
        Some(feature) => command.args(["--features", feature, "--examples", "--bin", SERVER]),
        None => command.args(["--features", &database::features(project).join(",")]),
    };
    run(&mut command, "The server did not compile: cargo says why above.")?;
    Ok(project.target("release").join(SERVER))
}

fn assert_no_traces(file: &Path) -> Result {
    let found = dev_traces::find(file)?;
    if found.is_empty() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{} must not contain {found:?}: that belongs to the feature dev.",
        file.display()
    )))
}

/// Renames the bundle to `leptos-auth.HASH.js` and so on, and lists the hashes in `hash.txt` for the
/// server, in the form that leptos reads.
fn hash_names(pkg: &Path) -> Result {
    let mut list = String::new();
    for kind in HASHED {
        let file = pkg.join(format!("{BUNDLE}.{kind}"));
        let hash = content_hash(&read_bytes(&file)?);
        let sentence = format!("Cannot rename {}", file.display());
        fs::rename(&file, pkg.join(format!("{BUNDLE}.{hash}.{kind}"))).map_err(Failure::because(sentence))?;
        list.push_str(&format!("{kind}: {hash}\n"));
    }
    write_if_changed(&pkg.join("hash.txt"), list.as_bytes()).map(drop)
}

/// FNV-1a, 64 bits, as 16 hexadecimal digits: it tells versions of one file apart, nothing more.
fn content_hash(content: &[u8]) -> String {
    let hash = content.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

fn print_sizes(dist: &Path) -> Result {
    println!("\n{}", dist.display());
    for file in walk(dist)? {
        let size = fs::metadata(&file).map_or(0, |metadata| metadata.len());
        let name = file.strip_prefix(dist).unwrap_or(&file);
        println!("{:>10.1} kB  {}", size as f64 / 1000.0, name.display());
    }
    println!("\nStart it: cd {} && AUTH_SECRET=… AUTH_URL=https://… ./{SERVER}", dist.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{content_hash, hash_names};

    #[test]
    fn fnv_1a_vectors() {
        assert_eq!(content_hash(b""), "cbf29ce484222325");
        assert_eq!(content_hash(b"foobar"), "85944171f73967e8");
    }

    #[test]
    fn names_carry_the_hash_and_the_list_names_it() {
        let folder = std::env::temp_dir().join(format!("xtask-hash-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for kind in super::HASHED {
            std::fs::write(folder.join(format!("leptos-auth.{kind}")), "foobar").unwrap();
        }
        hash_names(&folder).unwrap();
        let list = std::fs::read_to_string(folder.join("hash.txt")).unwrap();
        assert!(list.starts_with("js: 85944171f73967e8\nwasm: 8"));
        assert!(folder.join("leptos-auth.85944171f73967e8.css").exists());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
