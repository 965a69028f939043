//! Text in a drawing: how wide it will be, and how to make it fit.
//!
//! SVG does not wrap and the server does not know the reader's font, so widths are estimated, on the
//! wide side, from classes of characters.

/// The width of a text in a proportional face, estimated.
#[must_use]
pub fn width(text: &str, size: f64) -> f64 {
    text.chars().map(character).sum::<f64>() * size
}

/// Width of a character in units of the font size.
fn character(c: char) -> f64 {
    match c {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' => 0.0,
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | '\u{a0}' => 0.3,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '-' | '/' | '·' => 0.37,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.88,
        'A'..='Z' => 0.69,
        '0'..='9' => 0.57,
        c if c < '\u{2e80}' => 0.57,
        _ => 1.05,
    }
}

/// Whether a character belongs to the one before it.
fn clings(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The text, shortened with an ellipsis to fit `room`.
#[must_use]
pub fn fit(text: &str, size: f64, room: f64) -> String {
    fit_by(text, room, |c| character(c) * size)
}

/// The same in a fixed-width face.
pub(super) fn fit_fixed(text: &str, size: f64, room: f64) -> String {
    const EM: f64 = 0.605;
    fit_by(text, room, |c| {
        if character(c) > 1.0 {
            2.0 * EM * size
        } else {
            EM * size
        }
    })
}

fn fit_by(text: &str, room: f64, width_of: impl Fn(char) -> f64) -> String {
    if text.chars().map(&width_of).sum::<f64>() <= room {
        return text.to_owned();
    }
    let room = room - width_of('…');
    let mut used = 0.0;
    let mut end = 0;
    for (index, c) in text.char_indices() {
        used += width_of(c);
        if used > room {
            break;
        }
        end = index + c.len_utf8();
    }
    while end > 0 && text[end..].chars().next().is_some_and(clings) {
        end -= text[..end].chars().next_back().map_or(0, char::len_utf8);
    }
    let kept = text[..end].trim_end().trim_end_matches('\u{200d}');
    format!("{kept}…")
}

/// The text in at most `lines` lines that fit `room`; the last one ends in an ellipsis where it
/// does not.
#[must_use]
pub fn wrap(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() && wrapped.len() < lines {
        if wrapped.len() + 1 == lines || width(rest, size) <= room {
            wrapped.push(fit(rest, size, room));
            break;
        }
        let mut end = 0;
        for (index, _) in rest.match_indices(' ').chain([(rest.len(), "")]) {
            if width(&rest[..index], size) > room {
                break;
            }
            end = index;
        }
        if end == 0 {
            // One word wider than the room: it is shortened, and what follows starts a new line.
            end = rest.find(' ').unwrap_or(rest.len());
        }
        wrapped.push(fit(&rest[..end], size, room));
        rest = rest[end..].trim_start();
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_fits_is_left_alone() {
        assert_eq!(fit("Northwind", 12.0, 200.0), "Northwind");
    }

    #[test]
    fn a_long_name_ends_in_an_ellipsis_and_fits() {
        let name = "a".repeat(200);
        let short = fit(&name, 12.0, 100.0);
        assert!(short.ends_with('…') && width(&short, 12.0) <= 100.0);
    }

    #[test]
    fn an_emoji_is_not_cut_in_two() {
        let family = "👩‍👩‍👧‍👦".repeat(20);
        let short = fit(&family, 12.0, 60.0);
        assert!(
            !short.trim_end_matches('…').ends_with('\u{200d}'),
            "{short:?}"
        );
    }

    #[test]
    fn text_wraps_at_spaces_and_stops_at_the_last_line() {
        let text = "buyer 41.0% · third party 22.0% · seller 37.0%";
        let lines = wrap(text, 12.0, 160.0, 3);
        assert_eq!(lines.join(" "), text);
        assert!(lines.len() > 1 && lines.iter().all(|l| width(l, 12.0) <= 160.0));
        assert!(wrap(text, 12.0, 160.0, 1)[0].ends_with('…'));
        assert!(wrap("", 12.0, 160.0, 2).is_empty());
    }
}
