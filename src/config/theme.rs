//! `theme` of Auth.js: the look of pages and mails by configuration. Without it `style/theme.css` decides.

use super::Reader;
use crate::color::text_on;

/// The brand colour of mails where none is set: `--color-brand` of `style/theme.css`.
const BRAND_COLOR: &str = "#00684e";

/// Light, dark, or as the device is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorScheme {
    /// As the device is set, and as the person chooses in the footer.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// What is set; everything else is as the style sheet has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// `AUTH_THEME_COLOR_SCHEME`: light, dark or auto. The switch in the footer is there for auto only.
    pub color_scheme: ColorScheme,
    /// `AUTH_THEME_BRAND_COLOR`, as `#rrggbb`.
    pub brand_color: Option<String>,
    /// `AUTH_THEME_BUTTON_TEXT`: colour of the words on the brand colour, as `#rrggbb`. Without it black or white, whichever
    /// is easier to read.
    pub button_text: Option<String>,
    /// `AUTH_THEME_LOGO`: path of a picture of this site, which stands in the place of the logo.
    pub logo: Option<String>,
    /// `AUTH_THEME_RADIUS`: how round corners are, for example `0` or `0.5rem`.
    pub radius: Option<String>,
    /// `AUTH_THEME_FONT`: families of fonts in the order of preference, for example `Inter, system-ui`.
    pub font: Option<String>,
}

impl Theme {
    /// The variables of `style/theme.css` that it sets, as declarations of CSS; empty when it sets none. All of it has been
    /// checked: nothing in it ends a declaration or an element.
    #[must_use]
    pub fn css(&self) -> String {
        let declarations = [
            ("--color-brand", &self.brand_color),
            ("--color-brand-text", &self.button_text),
            // Words of one colour need a ground of one colour: the style sheet's own is lighter in the dark theme.
            ("--color-brand-fill", &self.button_text.as_ref().map(|_| "var(--color-brand)".to_owned())),
            ("--radius", &self.radius),
            ("--font-sans", &self.font),
        ];
        let set = declarations.into_iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        set.map(|(name, value)| format!("{name}:{value};")).collect()
    }
}

impl Theme {
    /// Ground and words of the button in a mail, which has no style sheet.
    #[must_use]
    pub fn mail_button(&self) -> (&str, &str) {
        let ground = self.brand_color.as_deref().unwrap_or(BRAND_COLOR);
        (ground, self.button_text.as_deref().unwrap_or_else(|| text_on(ground)))
    }
}

impl Reader<'_> {
    pub(super) fn theme(&mut self) -> Theme {
        let color_scheme = match self.get("AUTH_THEME_COLOR_SCHEME") {
            None | Some("auto") => ColorScheme::Auto,
            Some("light") => ColorScheme::Light,
            Some("dark") => ColorScheme::Dark,
            Some(_) => {
                let message = "must be light, dark or auto. Example: AUTH_THEME_COLOR_SCHEME=auto";
                self.wrong("AUTH_THEME_COLOR_SCHEME", message);
                ColorScheme::Auto
            }
        };
        Theme {
            color_scheme,
            brand_color: self.styled("AUTH_THEME_BRAND_COLOR", color, "is no colour", "#4f46e5"),
            button_text: self.styled("AUTH_THEME_BUTTON_TEXT", color, "is no colour", "#ffffff"),
            logo: self.styled(
                "AUTH_THEME_LOGO",
                picture,
                "must be the path of a picture of this site",
                "/logo.svg",
            ),
            radius: self.styled("AUTH_THEME_RADIUS", length, "is no length of CSS", "0.5rem"),
            font: self.styled(
                "AUTH_THEME_FONT",
                fonts,
                "must be names of fonts, separated by commas",
                "Inter, system-ui",
            ),
        }
    }

    fn styled(
        &mut self,
        variable: &str,
        check: fn(&str) -> Option<String>,
        reason: &str,
        example: &str,
    ) -> Option<String> {
        let value = self.get(variable)?;
        let checked = check(value);
        if checked.is_none() {
            self.wrong(variable, format!("{reason}. Example: {variable}=\"{example}\""));
        }
        checked
    }
}

/// `#rgb` becomes `#rrggbb`.
fn color(value: &str) -> Option<String> {
    let digits =
        value.strip_prefix('#').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    match digits.len() {
        3 => Some(digits.chars().fold("#".to_owned(), |color, digit| color + &digit.to_string().repeat(2))),
        6 => Some(format!("#{digits}")),
        _ => None,
    }
}

fn picture(value: &str) -> Option<String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte);
    (value.starts_with('/') && !value.starts_with("//") && value.bytes().all(is_plain))
        .then(|| value.to_owned())
}

fn length(value: &str) -> Option<String> {
    let number = ["rem", "em", "px"]
        .iter()
        .find_map(|unit| value.strip_suffix(unit))
        .or((value == "0").then_some("0"))?;
    let is_number = number.parse::<f32>().is_ok_and(|number| (0.0..=100.0).contains(&number));
    (is_number && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')).then(|| value.to_owned())
}

/// Names with spaces are quoted.
fn fonts(value: &str) -> Option<String> {
    let is_plain = |name: &str| {
        !name.is_empty() && name.chars().all(|letter| letter.is_alphanumeric() || " -".contains(letter))
    };
    let names = value.split(',').map(|name| name.trim().trim_matches(['"', '\'']));
    let names: Option<Vec<_>> = names.map(|name| is_plain(name).then_some(name)).collect();
    let quoted = names?.into_iter().map(|name| match name.contains(' ') {
        true => format!("\"{name}\""),
        false => name.to_owned(),
    });
    Some(quoted.collect::<Vec<_>>().join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_meant_reaches_the_style_sheet() {
        assert_eq!(color("#abc").as_deref(), Some("#aabbcc"));
        assert_eq!(color("#4f46e5").as_deref(), Some("#4f46e5"));
        assert_eq!(length("0.5rem").as_deref(), Some("0.5rem"));
        assert_eq!(length("0").as_deref(), Some("0"));
        assert_eq!(fonts("Inter, 'Segoe UI',system-ui").as_deref(), Some("Inter, \"Segoe UI\", system-ui"));
        assert_eq!(picture("/logo.svg").as_deref(), Some("/logo.svg"));
        for bad in [
            "",
            "red;",
            "</style>",
            "url(https://evil.example)",
            "//evil.example/x.svg",
            "#12",
            "1rem;}",
            "-1px",
            "infrem",
            "\\",
        ] {
            for check in [color, length, picture] {
                assert_eq!(check(bad), None, "{bad}");
            }
        }
        for bad in ["", "a;b", "a{", "</style>", "url(x)", ",", "\\61"] {
            assert_eq!(fonts(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_not_set_leaves_the_style_sheet_alone() {
        assert_eq!(Theme::default().css(), "");
        let theme = Theme {
            brand_color: Some("#aabbcc".to_owned()),
            radius: Some("0".to_owned()),
            ..Theme::default()
        };
        assert_eq!(theme.css(), "--color-brand:#aabbcc;--radius:0;");
    }
}
