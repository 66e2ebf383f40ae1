//! Static files: where they lie, how they are named, how long browsers keep them.
//!
//! A release names its bundle by content (`leptos-auth.HASH.js`), so these files are kept for ever, and its marks of
//! providers for a day; everything else is asked for again each time, which a `304` answers.

use std::path::{Path, PathBuf};

use axum::{extract::Request, response::Response};
use http::{HeaderValue, StatusCode, header};
use leptos_auth_app::AssetNames;
use tower_http::services::ServeDir;

/// Kept for ever: the name changes with the content.
pub(crate) const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Kept for a day: the marks of providers, which a sign-in page shows by the dozen and which hardly change.
const DAY: HeaderValue = HeaderValue::from_static("public, max-age=86400, stale-while-revalidate=604800");
/// Kept, but asked for each time.
const REVALIDATE: HeaderValue = HeaderValue::from_static("public, no-cache");

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The folder that was set, else `site/` beside the program, else where `cargo xtask dev` writes.
#[must_use]
pub fn site_root(setting: Option<&str>) -> PathBuf {
    if let Some(folder) = setting {
        return folder.into();
    }
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("site")));
    beside.filter(|folder| folder.is_dir()).unwrap_or_else(|| "target/site".into())
}

/// The names of the bundle's files, and whether they carry a hash.
#[derive(Clone, Debug)]
pub struct Assets {
    /// What pages link to.
    pub names: AssetNames,
    is_hashed: bool,
}

impl Assets {
    /// Reads `pkg/hash.txt`, which releases have: lines such as `js: 85944171f73967e8`.
    #[must_use]
    pub fn of(site_root: &Path) -> Self {
        let list = std::fs::read_to_string(site_root.join("pkg/hash.txt")).unwrap_or_default();
        let name = |kind: &str| {
            let hash = list.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(':'));
            hash.map(|hash| format!("/pkg/leptos-auth.{}.{kind}", hash.trim()))
        };
        match (name("js"), name("wasm"), name("css")) {
            (Some(js), Some(wasm), Some(css)) => {
                Self { names: AssetNames { js, wasm, css }, is_hashed: true }
            }
            _ => Self { names: AssetNames::default(), is_hashed: false },
        }
    }

    /// How long browsers may keep the file at that path.
    #[must_use]
    pub fn cache_control(&self, path: &str) -> HeaderValue {
        let AssetNames { js, wasm, css } = &self.names;
        let is_bundle = [js, wasm, css].into_iter().any(|name| name == path);
        match path {
            _ if self.is_hashed && is_bundle => IMMUTABLE,
            _ if self.is_hashed && path.starts_with("/marks/") => DAY,
            _ => REVALIDATE,
        }
    }
}

/// Serves the folder: compressed where a `.br` or `.gz` lies beside a file; no listings, no `index.html`.
#[must_use]
pub fn service(site_root: &Path) -> ServeDir {
    ServeDir::new(site_root).append_index_html_on_directories(false).precompressed_br().precompressed_gzip()
}

/// Whether the request may name a file: a path whose parts are plain names. Hidden files (`.env`, `.git`) are never
/// served, also when somebody copies them into the folder, and the list of hashes is nobody's business (HD-07).
#[must_use]
pub fn may_be_file(request: &Request) -> bool {
    let path = request.uri().path();
    let is_hidden = path
        .split('/')
        .any(|part| part.starts_with('.') || part.starts_with("%2e") || part.starts_with("%2E"));
    let has_extension = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    has_extension && !is_hidden && path != "/pkg/hash.txt"
}

/// Adds how long the file may be kept (errors are not kept), and what it may do when it is opened by itself: a picture
/// may have styles of its own, and nothing may have a script.
pub fn set_headers(response: &mut Response, assets: &Assets, path: &str) {
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, assets.cache_control(path));
        headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn names_follow_the_list_of_hashes() {
        let folder = std::env::temp_dir().join(format!("leptos-auth-assets-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("pkg")).unwrap();
        let plain = Assets::of(&folder);
        assert_eq!(plain.names, AssetNames::default());
        assert_eq!(plain.cache_control(&plain.names.js), REVALIDATE);

        std::fs::write(folder.join("pkg/hash.txt"), "js: aa\nwasm: bb\ncss: cc\n").unwrap();
        let hashed = Assets::of(&folder);
        assert_eq!(hashed.names.wasm, "/pkg/leptos-auth.bb.wasm");
        assert_eq!(hashed.cache_control("/pkg/leptos-auth.bb.wasm"), IMMUTABLE);
        assert_eq!(hashed.cache_control("/favicon.svg"), REVALIDATE);
        assert_eq!(hashed.cache_control("/marks/github.svg"), DAY);
        assert_eq!(plain.cache_control("/marks/github.svg"), REVALIDATE);
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn hd_07_hidden_files_are_not_served() {
        let may = |path: &str| may_be_file(&Request::get(path).body(Body::empty()).unwrap());
        assert!(may("/favicon.svg") && may("/pkg/leptos-auth.js"), "control");
        for path in ["/.env", "/.git/config", "/%2eenv", "/a/.b.txt", "/pkg/hash.txt", "/account", "/../.env"]
        {
            assert!(!may(path), "{path}");
        }
    }
}
