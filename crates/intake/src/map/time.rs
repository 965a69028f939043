//! Times as foreign files write them.
//!
//! A time with an offset is an instant. One without needs the map's `zone`; where the wall clock
//! skips that time it is read as if the clock had not yet changed (02:30 becomes 03:30), and where
//! the clock shows it twice the first is taken, as RFC 5545 does.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime::{self, BrokenDownTime};
use jiff::tz::TimeZone;
use money::{Decimal, Rounding};

/// How to read a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimeFormat {
    /// The forms, tried in order.
    pub(crate) forms: Vec<TimeForm>,
    /// The zone of times that do not say theirs.
    pub(crate) zone: Option<TimeZone>,
}

/// One way to write a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TimeForm {
    /// RFC 3339 and its civil relatives: a blank for the `T`, no seconds, no offset, the day alone.
    Rfc3339,
    /// Seconds since 1970, with decimals if need be.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
    /// A pattern of `%` directives.
    Pattern(String),
}

impl TimeForm {
    /// Reads the map's word for a form.
    pub(crate) fn from_word(word: &str) -> Result<TimeForm, String> {
        match word {
            "rfc3339" => Ok(TimeForm::Rfc3339),
            "unix" => Ok(TimeForm::Unix),
            "unix_ms" => Ok(TimeForm::UnixMs),
            pattern if pattern.contains('%') => {
                let sample = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
                let printed = strtime::format(pattern, &sample)
                    .map_err(|error| format!("`{pattern}` is not a time pattern: {error}"))?;
                let read = BrokenDownTime::parse(pattern, &printed)
                    .map_err(|error| format!("`{pattern}` cannot be read back: {error}"))?;
                if read.timestamp().is_none() && read.to_datetime().is_err() {
                    return Err(format!(
                        "`{pattern}` names no day; it needs year, month and day"
                    ));
                }
                Ok(TimeForm::Pattern(pattern.to_owned()))
            }
            other => Err(format!(
                "`{other}` is not a time format; write `rfc3339`, `unix`, `unix_ms` or a pattern such as `%d/%m/%Y %H:%M`"
            )),
        }
    }
}

impl TimeFormat {
    /// The instant that the text means.
    pub(crate) fn instant(&self, text: &str) -> Result<Timestamp, String> {
        let mut problem = String::new();
        for form in &self.forms {
            match self.read(form, text) {
                Ok(instant) => return Ok(instant),
                Err(fault) if problem.is_empty() => problem = fault,
                Err(_) => {}
            }
        }
        Err(problem)
    }

    fn read(&self, form: &TimeForm, text: &str) -> Result<Timestamp, String> {
        match form {
            TimeForm::Rfc3339 => {
                if let Ok(instant) = text.parse() {
                    return Ok(instant);
                }
                let clock = text.get(10..).unwrap_or_default();
                if clock.contains(['+', '-', 'Z', 'z', '[']) {
                    return Err(not_a_time(text));
                }
                let civil: DateTime = text.parse().map_err(|_| not_a_time(text))?;
                self.in_zone(civil, text)
            }
            TimeForm::Unix => unix(text, 0),
            TimeForm::UnixMs => unix(text, 3),
            TimeForm::Pattern(pattern) => {
                let read = BrokenDownTime::parse(pattern, text)
                    .map_err(|_| format!("`{text}` is not a time of the form `{pattern}`"))?;
                if read.timestamp().is_some() || read.offset().is_some() {
                    return read
                        .to_timestamp()
                        .map_err(|error| format!("`{text}`: {error}"));
                }
                let civil = read
                    .to_datetime()
                    .map_err(|error| format!("`{text}`: {error}"))?;
                self.in_zone(civil, text)
            }
        }
    }

    fn in_zone(&self, civil: DateTime, text: &str) -> Result<Timestamp, String> {
        let zone = self.zone.as_ref().ok_or_else(|| {
            format!("`{text}` says no time zone; write `zone = \"UTC\"` or `zone = \"Europe/Rome\"` in the map")
        })?;
        zone.to_ambiguous_zoned(civil)
            .compatible()
            .map(|zoned| zoned.timestamp())
            .map_err(|_| not_a_time(text))
    }
}

fn not_a_time(text: &str) -> String {
    format!(
        "`{text}` is not a time such as 2026-01-31T09:00:00Z; say how it is written with `time_format`"
    )
}

/// Seconds since 1970 with the point moved `digits` to the left; exact to the nanosecond.
fn unix(text: &str, digits: u8) -> Result<Timestamp, String> {
    let refuse = || format!("`{text}` is not a number of seconds or milliseconds since 1970");
    let number: Decimal = text.parse().map_err(|_| refuse())?;
    let to_nanos = Decimal::new(10i128.pow(9 - u32::from(digits)), 0).map_err(|_| refuse())?;
    let nanos = number
        .times(to_nanos)
        .map_err(|_| refuse())?
        .rounded(0, Rounding::HalfEven);
    let nanos = nanos.mantissa();
    Timestamp::from_nanosecond(nanos).map_err(|_| refuse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(form: &str, zone: Option<&str>, text: &str) -> Result<String, String> {
        let zone = zone.map(|name| TimeZone::get(name).unwrap());
        let format = TimeFormat {
            forms: vec![TimeForm::from_word(form)?],
            zone,
        };
        format.instant(text).map(|instant| instant.to_string())
    }

    #[test]
    fn times_are_read_in_the_forms_that_files_use() {
        let rome = Some("Europe/Rome");
        for (form, zone, text, expected) in [
            (
                "rfc3339",
                None,
                "2026-01-31T09:00:00Z",
                "2026-01-31T09:00:00Z",
            ),
            (
                "rfc3339",
                None,
                "2026-01-31 09:00:00+01:00",
                "2026-01-31T08:00:00Z",
            ),
            (
                "rfc3339",
                rome,
                "2026-01-31T09:00:00.123456",
                "2026-01-31T08:00:00.123456Z",
            ),
            ("rfc3339", rome, "2026-07-31 09:00", "2026-07-31T07:00:00Z"),
            ("rfc3339", rome, "2026-07-31", "2026-07-30T22:00:00Z"),
            ("unix", None, "1700000000", "2023-11-14T22:13:20Z"),
            ("unix", None, "1700000000.25", "2023-11-14T22:13:20.25Z"),
            ("unix_ms", None, "1700000000250", "2023-11-14T22:13:20.25Z"),
            (
                "%d/%m/%Y %H:%M",
                rome,
                "31/01/2026 09:00",
                "2026-01-31T08:00:00Z",
            ),
            (
                "%d %b %Y %I:%M %p",
                rome,
                "31 Jan 2026 09:00 PM",
                "2026-01-31T20:00:00Z",
            ),
            (
                "%Y-%m-%d %H:%M:%S %z",
                None,
                "2026-01-31 09:00:00 -0500",
                "2026-01-31T14:00:00Z",
            ),
            (
                "%Y-%m-%d %H:%M:%S UTC",
                Some("UTC"),
                "2026-01-31 09:00:00 UTC",
                "2026-01-31T09:00:00Z",
            ),
            (
                "%m/%d/%Y",
                Some("UTC"),
                "01/31/2026",
                "2026-01-31T00:00:00Z",
            ),
        ] {
            assert_eq!(
                read(form, zone, text).as_deref(),
                Ok(expected),
                "{form} {text}"
            );
        }
    }

    /// On 29 March 2026 the clock in Rome goes from 02:00 to 03:00, on 25 October from 03:00 to 02:00.
    #[test]
    fn a_skipped_time_moves_on_and_a_doubled_time_is_the_first() {
        let rome = Some("Europe/Rome");
        assert_eq!(
            read("rfc3339", rome, "2026-03-29T02:30:00").as_deref(),
            Ok("2026-03-29T01:30:00Z")
        );
        assert_eq!(
            read("rfc3339", rome, "2026-10-25T02:30:00").as_deref(),
            Ok("2026-10-25T00:30:00Z")
        );
    }

    #[test]
    fn what_is_not_a_time_says_what_to_do() {
        let problem = read("rfc3339", None, "2026-01-31T09:00:00").unwrap_err();
        assert!(problem.contains("zone = "), "{problem}");
        for (form, text) in [
            ("rfc3339", "31/01/2026"),
            ("rfc3339", "2026-01-31T09:00:00+99:00"),
            ("rfc3339", "2026-02-30T09:00:00Z"),
            ("rfc3339", ""),
            ("rfc3339", "日本日本日本日本"),
            ("unix", "1e400"),
            ("unix", "99999999999999999999"),
            ("unix_ms", "yesterday"),
            ("%d/%m/%Y", "2026-01-31"),
        ] {
            assert!(read(form, Some("UTC"), text).is_err(), "{form} {text}");
        }
        for form in ["", "iso", "%H:%M", "%!", "%"] {
            assert!(TimeForm::from_word(form).is_err(), "{form}");
        }
    }
}
