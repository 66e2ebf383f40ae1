//! Generates the style sheet: theme, base rules, and the utility classes used in the app's sources. Rule: the output depends
//! only on files in the checkout; style/README.md says which classes are supported.

mod class_names;
mod minify;
mod vocabulary;

use std::collections::BTreeSet;

use encre_css::Preflight;

use crate::compress;
use crate::failure::Result;
use crate::files::{read_text, walk, write_if_changed};
use crate::project::Project;
use class_names::ClassNames;

/// Classes that only mark an element for others (`group-hover:`, `peer-checked:`).
const MARKERS: [&str; 2] = ["group", "peer"];
/// Where encre-css's preflight starts to define its own variables.
const DEFAULTS_START: &str = "*, ::before, ::after, ::backdrop, ::-webkit-backdrop {";

/// A generated style sheet.
pub struct StyleSheet {
    /// The minified CSS.
    pub css: String,
    /// Words of `class="…"` that no rule belongs to: typing mistakes, mostly.
    pub unknown: Vec<String>,
}

/// `cargo xtask css`.
pub fn command(project: &Project) -> Result {
    let sheet = write(project)?;
    let compressed = compress::brotli(sheet.css.as_bytes())?.len();
    println!("{}: {} bytes, {compressed} with brotli", project.style_sheet().display(), sheet.css.len());
    warn(&sheet.unknown);
    Ok(())
}

/// Names the classes that no rule belongs to.
pub fn warn(unknown: &[String]) {
    for class in unknown {
        println!("warning: no rule for the class {class:?}, see style/README.md");
    }
}

/// Generates the style sheet and writes it where `cargo leptos` and our own site look for it.
pub fn write(project: &Project) -> Result<StyleSheet> {
    let sheet = generate(project)?;
    write_if_changed(&project.style_sheet(), sheet.css.as_bytes())?;
    Ok(sheet)
}

fn generate(project: &Project) -> Result<StyleSheet> {
    let mut names = ClassNames::default();
    for file in walk(&project.path("app/src"))? {
        if file.extension().is_some_and(|extension| extension == "rs") {
            names.scan(&read_text(&file)?);
        }
    }
    let theme = read_text(&project.path("style/theme.css"))?;
    let base = read_text(&project.path("style/base.css"))?;
    Ok(assemble(&names, &theme, &base))
}

/// Theme and base go into a cascade layer, so that a utility class wins over them without a fight
/// about specificity.
fn assemble(names: &ClassNames, theme: &str, base: &str) -> StyleSheet {
    let candidates = names.candidates.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    let config = vocabulary::config(theme, Preflight::new_none());
    let utilities = encre_css::generate([candidates.as_str()], &config);
    let (reset, defaults) = preflight(&utilities);
    let css =
        minify::minify(&format!("@layer base {{\n{reset}\n{defaults}\n{theme}\n{base}\n}}\n{utilities}"));
    let unknown = unknown_classes(&names.certain, &css);
    StyleSheet { css, unknown }
}

/// The reset that Tailwind users expect, and the initial values of those variables of encre-css that
/// the utilities really use: all of them would cost more than the utilities.
fn preflight(utilities: &str) -> (String, String) {
    let sans = "var(--font-sans, ui-sans-serif, system-ui, sans-serif)";
    let mono = "var(--font-mono, ui-monospace, monospace)";
    let full = Preflight::new_full().font_family_sans(sans).font_family_mono(mono);
    let css = encre_css::generate([], &vocabulary::config("", full));
    let (reset, defaults) = css.split_once(DEFAULTS_START).unwrap_or((&css, ""));
    let used: String = defaults
        .lines()
        .filter(|line| {
            line.trim().split_once(':').is_some_and(|(name, _)| utilities.contains(&format!("({name})")))
        })
        .collect();
    let defaults =
        if used.is_empty() { used } else { format!("*, ::before, ::after, ::backdrop {{{used}}}") };
    (reset.to_owned(), defaults)
}

fn unknown_classes(certain: &BTreeSet<String>, css: &str) -> Vec<String> {
    let is_marker = |name: &str| MARKERS.contains(&name.split('/').next().unwrap_or(name));
    let known = |name: &str| is_marker(name) || has_rule(css, &selector(name));
    certain.iter().filter(|name| !known(name)).cloned().collect()
}

/// Whether a selector occurs as a whole: `.p-4` is not in `.p-40`.
fn has_rule(css: &str, selector: &str) -> bool {
    let continues = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\\');
    css.match_indices(selector).any(|(at, _)| !css[at + selector.len()..].starts_with(continues))
}

/// A class name as it is written in a selector.
fn selector(name: &str) -> String {
    let mut selector = String::from(".");
    for character in name.chars() {
        if !character.is_alphanumeric() && character != '-' && character != '_' {
            selector.push('\\');
        }
        selector.push(character);
    }
    selector
}

#[cfg(test)]
mod tests {
    use super::{ClassNames, assemble, generate};
    use crate::project::Project;

    #[test]
    fn utilities_follow_the_layer_and_unknown_classes_are_named() {
        let mut names = ClassNames::default();
        names.scan(r#"view! { <p class="p-4 card group sm:flexx bg-brand/10"></p> }"#);
        let sheet = assemble(&names, ":root { --color-brand: #123; }", ".card { color: red; }");
        assert_eq!(sheet.unknown, ["sm:flexx"]);
        let layer = sheet.css.find(".card{color:red}").unwrap();
        assert!(layer < sheet.css.find(".p-4{padding:1rem}").unwrap());
        assert!(sheet.css.starts_with("@layer base{"));
        assert!(sheet.css.contains(r".bg-brand\/10{"));
    }

    #[test]
    fn f_b12_every_class_in_the_sources_has_a_rule() {
        let sheet = generate(&Project::find().unwrap()).unwrap();
        assert_eq!(sheet.unknown, [""; 0], "write the rule, or take the class out: style/README.md");
        assert!(sheet.css.contains(".row-note{"), "control: base.css was read");
    }

    #[test]
    fn only_used_variables_get_an_initial_value() {
        let mut names = ClassNames::default();
        assert!(!assemble(&names, "", "").css.contains("--en-shadow"));
        names.scan(r#"view! { <p class="ring-2"></p> }"#);
        let css = assemble(&names, "", "").css;
        assert!(css.contains("--en-ring-offset-width:0px"));
        assert!(!css.contains("--en-sepia"));
    }
}
