//! [`Span`]: a length of time as contracts write it.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::limits::SPAN_DAYS_MAX;

/// A length of time: hours and minutes elapse, days are local calendar days (semantics.md P3).
///
/// `72h` is 72 elapsed hours; `3d` ends at the same wall time three days later, which over a change
/// of daylight-saving time is an hour more or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Elapsed minutes.
    Minutes(i64),
    /// Elapsed hours.
    Hours(i64),
    /// Local calendar days.
    Days(i64),
    /// No end.
    Forever,
}

/// The text is not a span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a span: write `30m`, `72h`, `30d` (whole numbers, at most ten years) or `forever`"
)]
pub struct SpanError(String);

impl Span {
    /// The instant this long after `start`, or `None` where there is no end.
    ///
    /// # Errors
    /// The time zone's arithmetic refuses only instants outside years -9999 to 9999, which
    /// event times cannot reach; such an instant also yields `None`.
    #[must_use]
    pub fn after(self, start: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Span::Minutes(minutes) => start.checked_add(SignedDuration::from_mins(minutes)).ok(),
            Span::Hours(hours) => start.checked_add(SignedDuration::from_hours(hours)).ok(),
            Span::Days(days) => {
                let local = start.to_zoned(zone.clone());
                local
                    .checked_add(days.days())
                    .ok()
                    .map(|end| end.timestamp())
            }
            Span::Forever => None,
        }
    }

    /// Whether an instant lies within the span from `start`, its end included.
    #[must_use]
    pub fn reaches(self, start: Timestamp, instant: Timestamp, zone: &TimeZone) -> bool {
        self.after(start, zone).is_none_or(|end| instant <= end)
    }
}

impl FromStr for Span {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Span, SpanError> {
        let refuse = || SpanError(text.chars().take(40).collect());
        if text == "forever" {
            return Ok(Span::Forever);
        }
        let unit = text.chars().last().ok_or_else(refuse)?;
        let digits = &text[..text.len() - unit.len_utf8()];
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(refuse());
        }
        let count: i64 = digits.parse().map_err(|_| refuse())?;
        let (span, per_day) = match unit {
            'm' => (Span::Minutes(count), 24 * 60),
            'h' => (Span::Hours(count), 24),
            'd' => (Span::Days(count), 1),
            _ => return Err(refuse()),
        };
        if count / per_day > SPAN_DAYS_MAX {
            return Err(refuse());
        }
        Ok(span)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Span::Minutes(minutes) => write!(f, "{minutes}m"),
            Span::Hours(hours) => write!(f, "{hours}h"),
            Span::Days(days) => write!(f, "{days}d"),
            Span::Forever => f.write_str("forever"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// semantics.md P3: "30d" over the change of 29 March 2026 in Berlin is 29 d 23 h elapsed.
    #[test]
    fn days_are_local_and_hours_elapse() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        let start: Timestamp = "2026-03-10T12:00:00+01:00".parse().unwrap();
        let days = Span::from_str("30d")
            .unwrap()
            .after(start, &berlin)
            .unwrap();
        assert_eq!(
            days.duration_since(start),
            SignedDuration::from_hours(30 * 24 - 1)
        );
        let hours = Span::from_str("720h")
            .unwrap()
            .after(start, &berlin)
            .unwrap();
        assert_eq!(hours.duration_since(start), SignedDuration::from_hours(720));
    }

    #[test]
    fn spans_print_as_written_and_nonsense_is_refused() {
        for text in ["30m", "72h", "30d", "forever"] {
            assert_eq!(text.parse::<Span>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "h",
            "72",
            "-1h",
            "1.5h",
            "72 h",
            "3w",
            "99999d",
            "999999999h",
            "日",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
