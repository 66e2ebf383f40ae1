//! Four brands that are not ours, by nothing but what `AUTH_THEME_…` can say: each should look designed (U-42).

use leptos_auth::config::Theme;

/// The states that are drawn with a theme of their own, and that theme.
pub(crate) fn theme_of(state: &str) -> Option<Theme> {
    let (color, radius, font, logo) = match state {
        "brand-bakery" => ("#9d174d", "1rem", "Georgia, serif", BREAD),
        "brand-bank" => ("#0b3d91", "0.125rem", "\"Helvetica Neue\", Arial, sans-serif", COLUMNS),
        "brand-arcade" => ("#facc15", "0", "ui-monospace, Menlo, monospace", BLOCKS),
        "brand-garden" => ("#15803d", "1.375rem", "\"Trebuchet MS\", Verdana, sans-serif", LEAF),
        _ => return None,
    };
    Some(Theme {
        brand_color: Some(color.to_owned()),
        radius: Some(radius.to_owned()),
        font: Some(font.to_owned()),
        logo: Some(format!("data:image/svg+xml,{}", escaped(logo))),
        ..Theme::default()
    })
}

/// What a URL or an attribute cannot hold.
fn escaped(picture: &str) -> String {
    picture.replace('#', "%23").replace('<', "%3C").replace('>', "%3E")
}

const BREAD: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M4 13a6 6 0 0 1 6-6h12a6 6 0 0 1 3 11v5a3 3 0 0 1-3 3H10a3 3 0 0 1-3-3v-5a6 6 0 0 1-3-5Z' fill='#9d174d'/><path d='m11 13 3 3m2-3 3 3m2-3 2 2' stroke='#fff' stroke-width='2' stroke-linecap='round'/></svg>";
const COLUMNS: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M16 4 29 11v3H3v-3ZM6 16h4v8H6Zm8 0h4v8h-4Zm8 0h4v8h-4ZM3 26h26v3H3Z' fill='#2f6fd6'/></svg>";
const BLOCKS: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M2 2h28v28H2Z' fill='#111'/><path d='M6 12h6v6H6Zm7 0h6v6h-6Zm7 0h6v6h-6Zm-7 7h6v6h-6Z' fill='#facc15'/></svg>";
const LEAF: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M28 4C12 4 5 11 5 19c0 2 .5 4 2 6l-3 4 2 1 3-4c2 1 4 2 6 2C25 28 28 18 28 4Z' fill='#16a34a'/><path d='M9 24C13 17 18 13 23 10' stroke='#fff' stroke-width='2' fill='none' stroke-linecap='round'/></svg>";
