//! The folder of static files that the server hands out. Rule: everything in it comes from `public/`,
//! from the style sheet and from the browser bundle; nothing else writes there.

use std::path::{Path, PathBuf};

use crate::css;
use crate::failure::Result;
use crate::files::{read_bytes, walk, write_if_changed};
use crate::project::{BUNDLE, Project};

/// The folder of the bundle inside a site.
pub fn pkg(site: &Path) -> PathBuf {
    site.join("pkg")
}

/// Copies `public/` and generates the style sheet; returns the classes that have no rule.
pub fn write_static_files(project: &Project, site: &Path) -> Result<Vec<String>> {
    let public = project.path("public");
    for file in walk(&public)? {
        if let Ok(relative) = file.strip_prefix(&public) {
            write_if_changed(&site.join(relative), &read_bytes(&file)?)?;
        }
    }
    let sheet = css::write(project)?;
    write_if_changed(&pkg(site).join(format!("{BUNDLE}.css")), sheet.css.as_bytes())?;
    Ok(sheet.unknown)
}
