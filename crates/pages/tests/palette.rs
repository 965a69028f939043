//! The palette reaches the contrast of WCAG 2.2 AA, in both themes.

use piecework_pages::palette::{COLOURS, Role};

/// Relative luminance of an sRGB colour, <https://www.w3.org/TR/WCAG22/#dfn-relative-luminance>.
fn luminance(hex: &str) -> f64 {
    let channel = |at: usize| {
        let value =
            f64::from(u8::from_str_radix(&hex[at..at + 2], 16).expect("two hexadecimal digits"))
                / 255.0;
        if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

/// <https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio>
fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_formula_gives_the_known_ratios() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.005);
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.005);
}

#[test]
fn text_and_shapes_stand_out_from_every_ground_in_both_themes() {
    let mut faults = Vec::new();
    for ground in COLOURS.iter().filter(|c| c.role == Role::Ground) {
        for colour in COLOURS {
            let least = match colour.role {
                Role::Text => 4.5,
                Role::Shape => 3.0,
                Role::Ground | Role::Line => continue,
            };
            for (theme, over, under) in [
                ("light", colour.light, ground.light),
                ("dark", colour.dark, ground.dark),
            ] {
                let ratio = contrast(over, under);
                if ratio < least {
                    faults.push(format!(
                        "{} on {} ({theme}): {ratio:.2} < {least}",
                        colour.name, ground.name
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_colour_is_named_once() {
    let mut names: Vec<_> = COLOURS.iter().map(|c| c.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), COLOURS.len());
}
