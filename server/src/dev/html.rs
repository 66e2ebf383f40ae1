//! HTML of the development pages: plain, without scripts, in the look of the site.

pub use leptos_auth::html::escape;

/// A whole document. `head` and `body` are HTML; the title is text.
pub fn document(css: &str, title: &str, head: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="{css}">
{head}
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"#
    )
}
