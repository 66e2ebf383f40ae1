//! The colour of a provider's mark. Brands choose colours for their own pages: here the mark has one only in the theme
//! where it stands out from the button, by the 3:1 that WCAG 2.2 (1.4.11) asks for; else it has the colour of the text.

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

fn contrast(first: f64, second: f64) -> f64 {
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

/// Relative luminance of `#rgb` or `#rrggbb` (WCAG 2.2).
fn luminance(color: &str) -> Option<f64> {
    let digits = color.strip_prefix('#').filter(|digits| digits.is_ascii())?;
    let digit = |at: usize| u8::from_str_radix(digits.get(at..=at)?, 16).ok();
    let channel = |channel: usize| {
        let byte = match digits.len() {
            3 => digit(channel)? * 17,
            6 => digit(channel * 2)? * 16 + digit(channel * 2 + 1)?,
            _ => return None,
        };
        let part = f64::from(byte) / 255.0;
        Some(if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) })
    };
    Some(0.2126 * channel(0)? + 0.7152 * channel(1)? + 0.0722 * channel(2)?)
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

    #[test]
    fn contrast_is_that_of_wcag() {
        let between = |first, second| contrast(luminance(first).unwrap(), luminance(second).unwrap());
        assert!((between("#000", "#fff") - 21.0).abs() < 0.001);
        assert!((between("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }
}
