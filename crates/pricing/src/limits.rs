//! Every bound of this crate, in one place.

/// Largest plan or contract document, in bytes: a published document is one log entry.
pub const DOCUMENT_BYTES_MAX: usize = 48_000;
/// Longest id in a document, in bytes.
pub const ID_BYTES_MAX: usize = 64;
/// Components of one plan.
pub const COMPONENTS_MAX: usize = 64;
/// Tiers of one price.
pub const TIERS_MAX: usize = 64;
/// Price groups (classes) of one outcome component, and bands of one risk component.
pub const GROUPS_MAX: usize = 64;
/// Documents of one customer whose numbers enter rating: forty subjects, month by month, for eight years.
pub const RATED_DOCUMENTS_MAX: usize = 4_096;
/// Numbers that one calibration tells.
pub const NUMBERS_MAX: usize = 64;
/// Grants of prepaid credits of one customer.
pub const GRANTS_MAX: usize = 1_000;
/// Items that one counter of an opening names.
pub const OPENING_ITEMS_MAX: usize = 1_000;
/// Works that the opening of a contract names.
pub const OPENING_WORKS_MAX: usize = 1_000;
/// Quotes of one customer.
pub const QUOTES_MAX: usize = 1_000;
/// Longest words to a quote, in bytes.
pub const QUOTE_WORDS_BYTES_MAX: usize = 4_000;
/// Closed periods that the expected bill of a quote looks back at.
pub const QUOTE_PERIODS_MAX: usize = 12;
/// Periods of one schedule: two hundred years of months.
pub const PERIODS_MAX: usize = 2_400;
/// Faults reported for one document.
pub const FAULTS_MAX: usize = 64;
/// Works, and causes, that one adjustment line names; the rest is counted.
pub const NAMES_PER_LINE_MAX: usize = 100;
/// Rating periods in which what is left of an allowance may still be used: five years of months.
pub const ROLLOVER_PERIODS_MAX: u32 = 60;
/// Entries of `[[discount]]` of one document.
pub const DISCOUNTS_MAX: usize = 32;
/// Percentages that `discount_percent` takes off after one another.
pub const PERCENTAGES_MAX: usize = 8;
/// Periods that one minimum is for: ten years of months.
pub const MINIMUM_PERIODS_MAX: u32 = 120;
/// Cost centres that a total is split between.
pub const COST_CENTRES_MAX: usize = 64;
/// Lines of an address.
pub const ADDRESS_LINES_MAX: usize = 8;
/// Longest line of a name, an address or an order number, in bytes.
pub const LINE_BYTES_MAX: usize = 200;
/// Longest grace between the end of a period and its statement, in days.
pub const GRACE_DAYS_MAX: u32 = 90;
/// Longest time to pay, in days.
pub const DUE_DAYS_MAX: u32 = 365;
/// Phases of one contract document.
pub const PHASES_MAX: usize = 64;
/// Longest trial, in days.
pub const TRIAL_DAYS_MAX: u32 = 366;
/// Terms that a renewal is followed over.
pub const RENEWALS_MAX: u32 = 1_200;
