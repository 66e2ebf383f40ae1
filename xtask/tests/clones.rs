//! Two checkouts and one build folder (F-B11): the compiled program works on the checkout that it was started in.
#![allow(clippy::unwrap_used, missing_docs)]

use std::fs::{create_dir_all, read_to_string, remove_dir_all, write};
use std::path::{Path, PathBuf};
use std::process::Command;

const XTASK: &str = env!("CARGO_BIN_EXE_xtask");

/// Creates the minimum that `cargo metadata` and `xtask css` need.
fn checkout(root: &Path, class: &str) {
    for (file, content) in [
        ("Cargo.toml", "[workspace]\nmembers = [\"xtask\"]\nresolver = \"3\"\n".to_owned()),
        ("xtask/Cargo.toml", "[package]\nname = \"xtask\"\n".to_owned()),
        ("xtask/src/main.rs", String::new()),
        ("app/src/lib.rs", format!("view! {{ <p class=\"{class}\"></p> }}")),
        ("style/theme.css", String::new()),
        ("style/base.css", String::new()),
    ] {
        let file = root.join(file);
        create_dir_all(file.parent().unwrap()).unwrap();
        write(file, content).unwrap();
    }
}

/// Returns the style sheet that `xtask css` writes when it is started like this.
fn style_sheet(package: Option<PathBuf>, current: &Path, target: &Path) -> String {
    let mut command = Command::new(XTASK);
    command.arg("css").current_dir(current).env("CARGO_TARGET_DIR", target).env_remove("CARGO_MANIFEST_DIR");
    command.envs(package.map(|package| ("CARGO_MANIFEST_DIR", package)));
    assert!(command.output().unwrap().status.success());
    read_to_string(target.join("css/leptos-auth.css")).unwrap()
}

#[test]
fn f_b11_two_checkouts_with_one_build_folder_work_on_themselves() {
    let folder = std::env::temp_dir().join(format!("xtask-clones-{}", std::process::id()));
    let [one, two, target] = ["one", "two", "target"].map(|name| folder.join(name));
    checkout(&one, "p-1");
    checkout(&two, "p-2");
    for _ in 0..2 {
        // Started by `cargo run`, from any folder.
        assert!(style_sheet(Some(one.join("xtask")), &two, &target).contains(".p-1{"));
        assert!(style_sheet(Some(two.join("xtask")), &one, &target).contains(".p-2{"));
        // The program alone, in a subfolder of a checkout.
        assert!(style_sheet(None, &one.join("app/src"), &target).contains(".p-1{"));
        assert!(style_sheet(None, &two, &target).contains(".p-2{"));
        // The package of another project is ignored.
        assert!(style_sheet(Some(folder.join("elsewhere")), &two, &target).contains(".p-2{"));
    }
    remove_dir_all(folder).unwrap();
}

#[test]
fn f_b11_outside_of_a_checkout_the_program_says_so() {
    let folder = std::env::temp_dir().join(format!("xtask-nowhere-{}", std::process::id()));
    create_dir_all(&folder).unwrap();
    let mut command = Command::new(XTASK);
    let output = command.arg("css").current_dir(&folder).env_remove("CARGO_MANIFEST_DIR").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("not a checkout"));
    remove_dir_all(folder).unwrap();
}
