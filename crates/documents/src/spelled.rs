//! How amounts, days and foreign texts are spelled in a document: so that nobody can read them two ways.

use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Decimal};
use pages::format::{clean, grouped};
use pages::view::Period;

use crate::limits::TEXT_CHARS_MAX;

/// An amount under a head that names its currency: `−1,234.50`. Every digit that it has.
pub(crate) fn amount(amount: Amount) -> String {
    grouped(&amount.number())
}

/// An amount with its currency: `1,234.50 USD`.
pub(crate) fn money(amount: Amount) -> String {
    format!("{}\u{a0}{}", grouped(&amount.number()), amount.currency())
}

/// A difference, with its sign.
pub(crate) fn change(amount: Amount) -> String {
    let sign = if amount.is_zero() || amount.is_negative() {
        ""
    } else {
        "+"
    };
    format!("{sign}{}", grouped(&amount.number()))
}

/// A quantity.
pub(crate) fn quantity(value: Decimal) -> String {
    grouped(&value.to_string())
}

/// The day of an instant, where the period counts its days: `2026-03-01`.
pub(crate) fn day(at: Timestamp, period: &Period) -> Date {
    at.to_zoned(period.zone.clone()).date()
}

/// A period by its first and last day, both in it; with times where it does not begin and end at midnight.
pub(crate) fn period(period: &Period) -> String {
    span(period.from, period.until, period)
}

/// A span of time in the days of a period.
pub(crate) fn span(from: Timestamp, until: Timestamp, period: &Period) -> String {
    let (from, until) = (
        period.zone.to_datetime(from),
        period.zone.to_datetime(until),
    );
    let midnight = jiff::civil::Time::midnight();
    if from.time() != midnight || until.time() != midnight || from >= until {
        return format!(
            "{} to {}",
            from.strftime("%Y-%m-%d %H:%M"),
            until.strftime("%Y-%m-%d %H:%M")
        );
    }
    let last = until.date().yesterday().unwrap_or(until.date());
    format!("{} to {last}", from.date())
}

/// The name of the zone in which days are counted.
pub(crate) fn zone(period: &Period) -> String {
    text(period.zone.iana_name().unwrap_or("UTC"))
}

/// Foreign text: without what could turn the page around, and not longer than a document bears.
pub(crate) fn text(text: &str) -> String {
    let clean = clean(text);
    if clean.chars().count() <= TEXT_CHARS_MAX {
        return clean;
    }
    let mut short: String = clean.chars().take(TEXT_CHARS_MAX - 1).collect();
    short.push('…');
    short
}

/// Whether a text is a digest, to be compared digit by digit.
pub(crate) fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or(text);
    let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
    digits.len() == 64 && digits.chars().all(is_hex)
}

/// `1 work`, `2 works`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    let noun = if count == 1 { one } else { many };
    format!("{} {noun}", grouped(&count.to_string()))
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn amounts_have_every_digit_of_their_currency() {
        for (exact, shown) in [
            ("1234567.5 USD", "1,234,567.50\u{a0}USD"),
            ("-1234567 JPY", "\u{2212}1,234,567\u{a0}JPY"),
            ("99.9 HUF", "99.90\u{a0}HUF"),
            ("0 EUR", "0.00\u{a0}EUR"),
            ("1.5 KWD", "1.500\u{a0}KWD"),
        ] {
            assert_eq!(money(exact.parse().unwrap()), shown);
        }
        assert_eq!(change("5 USD".parse().unwrap()), "+5.00");
        assert_eq!(change("0 USD".parse().unwrap()), "0.00");
    }

    #[test]
    fn a_period_ends_with_its_last_day() {
        let own = |from: &str, until: &str| {
            period(&Period {
                from: from.parse().unwrap(),
                until: until.parse().unwrap(),
                zone: TimeZone::get("Europe/Berlin").unwrap(),
            })
        };
        assert_eq!(
            own("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            "2026-03-01 to 2026-03-31"
        );
        assert_eq!(
            own("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            "2026-03-01 01:00 to 2026-04-01 02:00"
        );
    }

    #[test]
    fn a_long_text_ends_in_an_ellipsis() {
        let long = text(&"x".repeat(900));
        assert_eq!(long.chars().count(), TEXT_CHARS_MAX);
        assert!(long.ends_with('…'));
        assert_eq!(text("a\u{202e}b"), "ab");
    }
}
