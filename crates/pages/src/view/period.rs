//! [`Period`], [`Surface`] and [`Measure`]: what nearly every view model mentions.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use money::Decimal;
use serde::Serialize;
use utoipa::ToSchema;

use super::json;

/// A span of time with the zone in which its days are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Period {
    /// The first instant.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub from: Timestamp,
    /// The first instant after it.
    #[serde(serialize_with = "json::instant")]
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
    /// Where its days are counted (semantics.md P3); also the zone in which a page prints times.
    #[serde(serialize_with = "json::zone")]
    #[schema(value_type = String)]
    pub zone: TimeZone,
}

impl Period {
    /// The period in words: `March 2026`, `5 March 2026 to 3 April 2026` (the last day included),
    /// or with times where it does not begin and end at midnight.
    #[must_use]
    pub fn label(&self) -> String {
        let from = self.zone.to_datetime(self.from);
        let until = self.zone.to_datetime(self.until);
        let midnight = |at: DateTime| at.time() == jiff::civil::Time::midnight();
        if !(midnight(from) && midnight(until) && from < until) {
            let at = |at: DateTime| at.strftime("%-d %B %Y, %H:%M").to_string();
            return format!("{} to {}", at(from), at(until));
        }
        let last = until.date().yesterday().unwrap_or(until.date());
        let whole_month = from.day() == 1
            && last == last.last_of_month()
            && (from.year(), from.month()) == (last.year(), last.month());
        if whole_month {
            from.strftime("%B %Y").to_string()
        } else if from.date() == last {
            from.strftime("%-d %B %Y").to_string()
        } else {
            format!(
                "{} to {}",
                from.strftime("%-d %B %Y"),
                last.strftime("%-d %B %Y")
            )
        }
    }
}

/// What a price is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// Being able to use it: platform, seats.
    Access,
    /// Using it: metered components.
    Usage,
    /// The work that counts.
    Outcome,
    /// Bands, levels, tiers of service, indemnities: they modify the other surfaces.
    Risk,
    /// Contract terms over all of them: minimum, cap, discount, holdback, goodwill.
    Terms,
}

impl Surface {
    /// The name for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Surface::Access => "Access",
            Surface::Usage => "Usage",
            Surface::Outcome => "Outcome",
            Surface::Risk => "Risk",
            Surface::Terms => "Contract terms",
        }
    }

    /// The word of the wire format, also the name of its colour.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Surface::Access => "access",
            Surface::Usage => "usage",
            Surface::Outcome => "outcome",
            Surface::Risk => "risk",
            Surface::Terms => "terms",
        }
    }
}

/// A number of something: `120 seats`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Measure {
    /// How many.
    #[schema(value_type = String)]
    pub value: Decimal,
    /// Of what, in the grammatical number that fits.
    pub noun: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(from: &str, until: &str) -> String {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        Period {
            from: from.parse().unwrap(),
            until: until.parse().unwrap(),
            zone,
        }
        .label()
    }

    #[test]
    fn a_period_is_named_as_people_name_it() {
        // Summer time begins on the last Sunday of March: the ends have different offsets.
        assert_eq!(
            label("2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"),
            "March 2026"
        );
        assert_eq!(
            label("2026-03-09T23:00:00Z", "2026-03-10T23:00:00Z"),
            "10 March 2026"
        );
        assert_eq!(
            label("2026-03-04T23:00:00Z", "2026-04-03T22:00:00Z"),
            "5 March 2026 to 3 April 2026"
        );
        assert_eq!(
            label("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z"),
            "1 March 2026, 01:00 to 1 April 2026, 02:00"
        );
    }
}
