//! The three customers of the demonstration, and where their numbers come from.
//!
//! Sources, all public:
//! - hours and weekdays: opening times of 24,918 incidents of the ServiceNow log (UCI, CC BY 4.0),
//!   in parts per thousand;
//! - share resolved: about 67 % on average (Intercom's published Fin average, 2025), spread by
//!   customer; difficulty lowers it and raises the tokens (statistics of tau2-bench runs, MIT);
//! - tokens: 43,000 to 77,000 prompt and 800 to 3,900 completion tokens a conversation, standard
//!   deviation of ln cost 0.5 to 0.8 (tau2-bench airline, gpt-4o and claude-sonnet-4-5, MIT);
//! - tickets that come back: 3.3 % taken up again after a resolution, 8.4 % resolved more than once
//!   (help-desk log of an Italian software house, doi:10.4121/uuid:0c60edf1);
//! - sizes: customer means are lognormal with a standard deviation of 1.5 to 2.7 (`ServeGen`,
//!   arXiv 2505.09999): three customers of 40, 600 and 6,000 works a month are an ordinary book.
//!
//! Assumed, for want of a public source: the shares of confirmations, ratings and thanks, and what
//! people's minutes cost.

/// A customer as the generator knows it.
#[derive(Debug)]
pub(super) struct Profile {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    /// Prefix of its work ids.
    pub(super) code: &'static str,
    pub(super) terms: &'static str,
    /// Works expected in the month.
    pub(super) works: i64,
    /// Hours that its local time is ahead of UTC in winter.
    pub(super) ahead_of_utc: i64,
    /// Weights of the hours of a day.
    pub(super) hours: &'static [f64; 24],
    /// Weights of Monday to Sunday.
    pub(super) weekdays: &'static [f64; 7],
    /// Log odds that a work of middling difficulty is resolved.
    pub(super) success: f64,
    /// Share of resolved works that the buyer's user confirms.
    pub(super) confirms: f64,
    /// A third party's check, and the share of works that it looks at.
    pub(super) check: Option<(&'static str, f64)>,
    /// Share of works by e-mail; the rest is chat.
    pub(super) email: f64,
    /// How long its conversations are, against the average.
    pub(super) length: f64,
    /// Share of works that one of the vendor's people reviews.
    pub(super) reviewed: f64,
    /// First day of the month with the second version of the agent.
    pub(super) second_version_from: i64,
    /// Share of works in which an in-house model tags the language.
    pub(super) tagged: f64,
    pub(super) languages: &'static [(&'static str, f64)],
    pub(super) categories: &'static [(&'static str, f64)],
    /// Seats by number: first day, and day of release.
    pub(super) seats: &'static [(i64, Option<i64>)],
    /// Support that the vendor's people give the customer each week, in cents.
    pub(super) support_cents: i64,
}

/// Office hours: opening times of the incident log by hour.
const OFFICE_HOURS: [f64; 24] = [
    11.0, 9.0, 6.0, 5.0, 5.0, 5.0, 13.0, 23.0, 102.0, 121.0, 116.0, 99.0, 54.0, 66.0, 90.0, 86.0,
    75.0, 43.0, 19.0, 12.0, 9.0, 14.0, 10.0, 7.0,
];
/// Its weekdays, Monday first.
const OFFICE_WEEK: [f64; 7] = [239.0, 199.0, 196.0, 165.0, 154.0, 26.0, 23.0];
/// Travellers write in the evening and at week-ends too: half office hours, half waking hours.
const WAKING_HOURS: [f64; 24] = [
    16.0, 10.0, 7.0, 5.0, 5.0, 8.0, 20.0, 37.0, 82.0, 91.0, 89.0, 80.0, 58.0, 64.0, 76.0, 74.0,
    68.0, 53.0, 44.0, 41.0, 38.0, 36.0, 28.0, 20.0,
];
const WAKING_WEEK: [f64; 7] = [165.0, 150.0, 145.0, 140.0, 145.0, 125.0, 130.0];

const TWO: [(i64, Option<i64>); 2] = [(1, None); 2];
const SEVEN: [(i64, Option<i64>); 7] = [
    (1, None),
    (1, None),
    (1, None),
    (1, None),
    (1, None),
    (1, Some(19)),
    (9, None),
];
const TWENTY_FOUR: [(i64, Option<i64>); 24] = {
    let mut seats = [(1, None); 24];
    seats[20] = (4, None);
    seats[21] = (11, Some(12));
    seats[22] = (15, None);
    seats[23] = (15, Some(24));
    seats
};

/// The customers, smallest first.
pub(super) const CUSTOMERS: [Profile; 3] = [
    Profile {
        id: "cobalt-cycles",
        name: "Cobalt Cycles",
        code: "COB",
        terms: include_str!("documents/terms-cobalt-cycles.toml"),
        works: 40,
        ahead_of_utc: 1,
        hours: &OFFICE_HOURS,
        weekdays: &OFFICE_WEEK,
        success: 1.30,
        confirms: 0.40,
        check: None,
        email: 0.45,
        length: 0.8,
        reviewed: 0.05,
        second_version_from: 20,
        tagged: 0.0,
        languages: &[("de", 0.7), ("en", 0.3)],
        categories: &[("delivery", 0.4), ("warranty", 0.25), ("fitting", 0.35)],
        seats: &TWO,
        support_cents: 1_800,
    },
    Profile {
        id: "harbour-hotels",
        name: "Harbour Hotels",
        code: "HAR",
        terms: include_str!("documents/terms-harbour-hotels.toml"),
        works: 600,
        ahead_of_utc: 0,
        hours: &WAKING_HOURS,
        weekdays: &WAKING_WEEK,
        success: 0.45,
        confirms: 0.22,
        check: Some(("booking-state", 0.35)),
        email: 0.30,
        length: 1.35,
        reviewed: 0.12,
        second_version_from: 32,
        tagged: 0.25,
        languages: &[("en", 0.6), ("fr", 0.2), ("es", 0.2)],
        categories: &[("booking_change", 0.45), ("refund", 0.2), ("stay", 0.35)],
        seats: &SEVEN,
        support_cents: 9_600,
    },
    Profile {
        id: "tessera-telecom",
        name: "Tessera Telecom",
        code: "TES",
        terms: include_str!("documents/terms-tessera-telecom.toml"),
        works: 6_000,
        ahead_of_utc: -5,
        hours: &OFFICE_HOURS,
        weekdays: &WAKING_WEEK,
        success: 0.95,
        confirms: 0.16,
        check: Some(("line-test", 0.20)),
        email: 0.12,
        length: 1.0,
        reviewed: 0.03,
        second_version_from: 15,
        tagged: 0.0,
        languages: &[("en", 0.82), ("es", 0.18)],
        categories: &[
            ("outage", 0.3),
            ("bill", 0.4),
            ("move", 0.1),
            ("device", 0.2),
        ],
        seats: &TWENTY_FOUR,
        support_cents: 31_000,
    },
];
