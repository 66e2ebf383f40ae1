//! Development or production. A build without the feature `dev` is always in production; one with it can be put
//! there by `AUTH_ENV=production` (or `LEPTOS_ENV=PROD`, as Leptos names it), and then shows nothing of `dev`.

use super::{Mode, Problems};

pub(super) fn read(word: Option<&str>, problems: &mut Problems) -> Mode {
    let word = word.map(str::to_ascii_lowercase);
    match word.as_deref() {
        None | Some("dev" | "development") if cfg!(feature = "dev") => Mode::Development,
        None | Some("dev" | "development" | "prod" | "production") => Mode::Production,
        Some(_) => {
            problems.add("AUTH_ENV", "must be development or production. Example: AUTH_ENV=production");
            Mode::Production
        }
    }
}
