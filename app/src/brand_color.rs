//! The colour of a provider's mark. Brands choose colours for their own pages: here the mark has one only in the theme
//! where it stands out from the button, by the 3:1 that WCAG 2.2 (1.4.11) asks for; else it has the colour of the text.

use leptos_auth::color::{contrast, luminance};

/// What the buttons are drawn on is read from here, so that another theme has other marks.
const THEME: &str = include_str!("../../style/theme.css");

/// A button at rest, and under the mouse.
const SURFACES: [&str; 2] = ["--color-surface", "--color-sunken"];

/// Contrast of pictures that mean something.
const LEAST: f64 = 3.0;

/// The colour in CSS, or nothing where the text's does better. `brand` is `#rrggbb`.
pub(crate) fn on_button(brand: &str) -> Option<String> {
    let color = luminance(brand)?;
    let mut stands_out = [true; 2];
    for surface in SURFACES {
        let themes = light_and_dark(surface)?;
        for (stands_out, surface) in stands_out.iter_mut().zip(themes) {
            *stands_out &= contrast(color, luminance(surface)?) >= LEAST;
        }
    }
    match stands_out {
        [true, true] => Some(brand.to_owned()),
        [true, false] => Some(format!("light-dark({brand},currentcolor)")),
        [false, true] => Some(format!("light-dark(currentcolor,{brand})")),
        [false, false] => None,
    }
}

/// Both sides of `NAME: light-dark(LIGHT, DARK);` in the theme.
fn light_and_dark(name: &str) -> Option<[&'static str; 2]> {
    let line = THEME.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'))?;
    let (light, dark) =
        line.trim().strip_prefix("light-dark(")?.split_once(')').map(|(pair, _)| pair)?.split_once(',')?;
    Some([light.trim(), dark.trim()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn u_07_a_mark_has_its_brands_colour_only_where_it_stands_out() {
        assert_eq!(on_button("#24292f").as_deref(), Some("light-dark(#24292f,currentcolor)"), "GitHub");
        assert_eq!(
            on_button("#00e054").as_deref(),
            Some("light-dark(currentcolor,#00e054)"),
            "a light green"
        );
        assert_eq!(on_button("#e0245e").as_deref(), Some("#e0245e"), "a red that both themes show");
        assert_eq!(on_button("#ffffff").as_deref(), Some("light-dark(currentcolor,#ffffff)"));
    }

    #[test]
    fn what_is_no_colour_never_reaches_a_page() {
        for brand in ["", "red", "#12", "#12345g", "#ééé", "url(https://evil.example)"] {
            assert_eq!(on_button(brand), None, "{brand}");
        }
    }
}
