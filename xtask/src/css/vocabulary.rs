//! The utility classes: encre-css's, what it lacks of Tailwind v4, and the names that
//! `style/theme.css` gives. Rule: a name in the theme file is a class at once, with nothing to
//! register here.

use encre_css::prelude::build_plugin::{
    Arbitrary, DynamicPlugin, ListProperties, ListValues, Plugin, PropertyName, Spacing,
};
use encre_css::selector::Variant;
use encre_css::{Config, Preflight, Scanner};

/// Tailwind classes that encre-css does not know, and what they stand for.
const MISSING_CLASSES: [(&str, &[&str]); 5] = [
    ("antialiased", &["-webkit-font-smoothing: antialiased;", "-moz-osx-font-smoothing: grayscale;"]),
    ("outline-none", &["outline-style: none;"]),
    ("outline-solid", &["outline-style: solid;"]),
    ("rounded", &["border-radius: 0.25rem;"]),
    ("wrap-anywhere", &["overflow-wrap: anywhere;"]),
];

/// Configures encre-css: one candidate per line in, no preflight out unless asked for.
pub fn config(theme: &str, preflight: Preflight) -> Config {
    let mut config = Config::default();
    config.preflight = preflight;
    config.scanner = Scanner::from_fn(|content| content.lines().collect());
    for (name, value) in theme_variables(theme, "color") {
        config.theme.colors.add(name, value);
    }
    for (family, class, property) in [
        ("radius", "rounded", "border-radius"),
        ("shadow", "shadow", "box-shadow"),
        ("font", "font", "font-family"),
    ] {
        let values = theme_variables(theme, family).map(|(name, value)| (format!("{class}-{name}"), value));
        config.register_dynamic_plugin(Plugin::ListValues(ListValues {
            prop: PropertyName::SingleProp(property.to_owned()),
            values: values.collect(),
            ..ListValues::default_dynamic()
        }));
    }
    add_missing(&mut config);
    config
}

fn add_missing(config: &mut Config) {
    let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    config.register_dynamic_plugin(Plugin::ListProperties(ListProperties {
        props: MISSING_CLASSES.iter().map(|(class, css)| ((*class).to_owned(), lines(css))).collect(),
        ..ListProperties::default_dynamic()
    }));
    for plugin in size() {
        config.register_dynamic_plugin(plugin);
    }
    config.theme.aria.add("invalid", "invalid=\"true\"");
    config.theme.aria.add("current", "current=\"page\"");
    let last = config.last_variant_order();
    config.register_variant("user-invalid", Variant::new(last, "&:user-invalid"));
}

/// `size-4`, `size-full`, `size-[18px]`.
fn size() -> [DynamicPlugin; 2] {
    let namespace = || "size".to_owned();
    let prop = || PropertyName::MultipleProps(vec!["width".to_owned(), "height".to_owned()]);
    [
        Plugin::Spacing(Spacing {
            namespace: namespace(),
            prop: prop(),
            has_auto: Some(true),
            has_full: Some(true),
            ..Spacing::default_dynamic()
        }),
        Plugin::Arbitrary(Arbitrary { namespace: namespace(), prop: prop(), ..Arbitrary::default_dynamic() }),
    ]
}

/// The variables `--FAMILY-NAME` that the theme file defines, as `(NAME, var(--FAMILY-NAME))`.
fn theme_variables<'a>(theme: &'a str, family: &'a str) -> impl Iterator<Item = (String, String)> + 'a {
    theme.split(&[';', '{', '}', '\n']).filter_map(move |declaration| {
        let (variable, _) = declaration.trim().split_once(':')?;
        let name = variable.strip_prefix("--")?.strip_prefix(family)?.strip_prefix('-')?;
        Some((name.to_owned(), format!("var({variable})")))
    })
}

#[cfg(test)]
mod tests {
    use super::{config, theme_variables};
    use encre_css::Preflight;

    const THEME: &str = ":root {\n  --color-brand: light-dark(#123, #abc);\n  --radius-card: 1rem; --shadow-card: 0 1px red;\n}\n";

    fn css(class: &str) -> String {
        let css = encre_css::generate([class], &config(THEME, Preflight::new_none()));
        css.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn theme_names_become_classes() {
        let colors: Vec<_> = theme_variables(THEME, "color").collect();
        assert_eq!(colors, [("brand".to_owned(), "var(--color-brand)".to_owned())]);
        assert_eq!(css("text-brand"), ".text-brand { color: var(--color-brand); }");
        assert_eq!(
            css("hover:rounded-card"),
            ".hover\\:rounded-card:hover { border-radius: var(--radius-card); }"
        );
        assert_eq!(css("shadow-card"), ".shadow-card { box-shadow: var(--shadow-card); }");
        assert_eq!(css("shadow-unknown"), "");
    }

    #[test]
    fn gaps_of_encre_css_are_filled() {
        assert_eq!(
            css("sm:size-4"),
            "@media (width >= 40rem) { .sm\\:size-4 { width: 1rem; height: 1rem; } }"
        );
        assert_eq!(css("size-[18px]"), ".size-\\[18px\\] { width: 18px; height: 18px; }");
        assert_eq!(css("focus:outline-none"), ".focus\\:outline-none:focus { outline-style: none; }");
        assert_eq!(css("aria-invalid:p-4"), ".aria-invalid\\:p-4[aria-invalid=\"true\"] { padding: 1rem; }");
        assert_eq!(css("user-invalid:p-4"), ".user-invalid\\:p-4:user-invalid { padding: 1rem; }");
    }
}
