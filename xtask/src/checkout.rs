//! Makes cargo compile this checkout and no other. Rule: commands that compile call `claim` first.
//!
//! cargo distinguishes two checkouts of one workspace only by the modification times of their files. If two share a build
//! folder, or one was copied together with it, cargo treats output compiled from the other as up to date if the sources here
//! are older. Therefore the build folder names the checkout that used it last; another one updates the times of its sources.

use std::fs::File;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::SystemTime;

use crate::failure::{Failure, Result};
use crate::files::{walk, write_if_changed};
use crate::project::{Project, cargo};

/// The file in the build folder that names the checkout.
const STAMP: &str = "xtask/checkout";
/// Where this program was compiled: that checkout filled a build folder without a stamp.
const COMPILED_IN: &str = env!("CARGO_MANIFEST_DIR");
/// The folders of the packages. A build script is also a source, so generated code is written again.
const SOURCES: [&str; 6] = ["src", "app", "examples", "locales", "server", "xtask"];

/// Compiles and starts this command again if the build folder was last used by another checkout, because this program may
/// have been compiled from it. Returns `None` if the build folder belongs to this checkout.
pub fn claim(project: &Project, arguments: &[String]) -> Result<Option<ExitCode>> {
    let compiled_in = Path::new(COMPILED_IN).parent().unwrap_or(Path::new(""));
    if !take_over(project, compiled_in)? {
        return Ok(None);
    }
    println!("The build folder was last used by another checkout: compiling this one's code again.");
    let mut again = Command::new(cargo());
    again.args(["run", "--package", "xtask", "--"]).args(arguments).current_dir(project.path(""));
    let status = again.status().map_err(Failure::because("cargo"))?;
    Ok(Some(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }))
}

/// Returns whether the build folder belonged to another checkout; in that case the sources get a new time.
fn take_over(project: &Project, compiled_in: &Path) -> Result<bool> {
    let (stamp, root) = (project.target(STAMP), project.path(""));
    let owner = std::fs::read_to_string(&stamp);
    let is_ours = owner.map_or(compiled_in == root, |owner| Path::new(&owner) == root);
    if !is_ours {
        touch(project)?;
    }
    write_if_changed(&stamp, root.display().to_string().as_bytes())?;
    Ok(!is_ours)
}

/// Sets the modification time of all sources to now, so that cargo compiles them and nothing else.
pub fn touch(project: &Project) -> Result {
    let now = SystemTime::now();
    for folder in SOURCES.map(|folder| project.path(folder)).iter().filter(|folder| folder.is_dir()) {
        for file in walk(folder)?.iter().filter(|file| file.extension().is_some_and(|kind| kind == "rs")) {
            let sentence = format!("Cannot change the time of {}", file.display());
            let changed = File::options().append(true).open(file).and_then(|file| file.set_modified(now));
            changed.map_err(Failure::because(sentence))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir_all, metadata, remove_dir_all, write};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, SystemTime};

    use super::take_over;
    use crate::project::Project;

    /// Creates a checkout with one source file that is a day old.
    fn checkout(folder: &Path) -> (Project, PathBuf) {
        let file = folder.join("src/lib.rs");
        create_dir_all(folder.join("src")).unwrap();
        write(&file, "").unwrap();
        let yesterday = SystemTime::now() - Duration::from_secs(86_400);
        File::options().append(true).open(&file).unwrap().set_modified(yesterday).unwrap();
        (Project::at(folder, &folder.join("../target")), file)
    }

    #[test]
    fn f_b11_sources_are_new_for_cargo_when_another_checkout_used_the_build_folder() {
        let folder = std::env::temp_dir().join(format!("xtask-checkout-{}", std::process::id()));
        let [(one, file_one), (two, file_two)] = ["one", "two"].map(|name| checkout(&folder.join(name)));
        let age = |file: &Path| metadata(file).unwrap().modified().unwrap().elapsed().unwrap_or_default();
        let hour = Duration::from_secs(3600);

        assert!(!take_over(&one, &one.path("")).unwrap(), "control: compiled here");
        assert!(!take_over(&one, &two.path("")).unwrap(), "control: the stamp counts, not this program");
        assert!(age(&file_one) > hour, "control: nothing is compiled without need");

        assert!(take_over(&two, &one.path("")).unwrap());
        assert!(age(&file_two) < hour && age(&file_one) > hour);
        assert!(!take_over(&two, &one.path("")).unwrap(), "once");
        assert!(take_over(&one, &one.path("")).unwrap(), "and back");
        assert!(age(&file_one) < hour);
        remove_dir_all(folder).unwrap();
    }
}
