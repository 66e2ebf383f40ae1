//! How colours stand out from each other, as WCAG 2.2 counts it.

/// Contrast of two luminances, 1 to 21 (WCAG 2.2).
#[must_use]
pub fn contrast(first: f64, second: f64) -> f64 {
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

/// Relative luminance of `#rgb` or `#rrggbb` (WCAG 2.2), 0 to 1; `None` for what is no colour.
#[must_use]
pub fn luminance(color: &str) -> Option<f64> {
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

/// Black or white, whichever is easier to read on that colour.
#[must_use]
pub fn text_on(color: &str) -> &'static str {
    let is_light = luminance(color).is_some_and(|ground| contrast(ground, 0.0) >= contrast(ground, 1.0));
    if is_light { "#000000" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contrast_is_that_of_wcag() {
        let between = |first, second| contrast(luminance(first).unwrap(), luminance(second).unwrap());
        assert!((between("#000", "#fff") - 21.0).abs() < 0.001);
        assert!((between("#767676", "#ffffff") - 4.54).abs() < 0.01);
    }

    #[test]
    fn words_are_readable_on_every_colour() {
        for color in ["#000", "#fff", "#346df1", "#9d174d", "#facc15", "#777777", "#767676"] {
            let ground = luminance(color).unwrap();
            assert!(contrast(ground, luminance(text_on(color)).unwrap()) >= 4.5, "{color}");
        }
    }
}
