//! Which pages the settings have switched off, so that nothing leads to them.

/// Their paths.
pub(crate) fn load_pages_off() -> Vec<String> {
    read().unwrap_or_default()
}

#[cfg(feature = "ssr")]
fn read() -> Option<Vec<String>> {
    let (auth, _) = super::context::auth_and_headers()?;
    let pages = [("/account/second-step", auth.has_second_steps())];
    Some(pages.iter().filter(|(_, is_on)| !is_on).map(|(path, _)| (*path).to_owned()).collect())
}

#[cfg(not(feature = "ssr"))]
fn read() -> Option<Vec<String>> {
    None
}
