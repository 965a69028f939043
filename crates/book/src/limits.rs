//! The bounds of what an open book keeps in memory and asks for at once.

/// Statement periods that the case for a renewal shows; earlier ones are counted.
pub const RENEWAL_PERIODS_MAX: usize = 12;

/// Entries that the accounts remembered were folded from, in total. Beyond it the account used longest ago is
/// forgotten and folded again when somebody asks; the last one is remembered whatever its length.
pub const ACCOUNT_ENTRIES_MAX: u64 = 2_000_000;

/// Works whose part in a balance is remembered, over all customers (some 300 bytes each). Beyond it the customer
/// asked for longest ago is forgotten and begun again when somebody asks; the last one is remembered whatever its
/// length.
pub const BALANCE_SCOPES_MAX: usize = 1_000_000;

/// Minutes after which a customer is asked again what it is charged although its log did not grow: a work may count
/// without any entry.
pub const TAKINGS_FRESH_MINUTES: i64 = 60;
/// Entries of a shared log that are few enough to ask a customer whose totals are not kept while somebody waits.
pub const TAKINGS_AT_ONCE_ENTRIES_MAX: u64 = 5_000;
/// Customers that wait and are looked at for some that are asked quickly.
pub const TAKINGS_LOOKED_AT_MAX: usize = 200;
/// Commits that are looked at for the customers whose logs grew; beyond them every customer is asked.
pub const TAKINGS_COMMITS_MAX: usize = 1_000;

/// Months that the first page tells of.
pub const HOME_MONTHS: usize = 12;
/// Customers that the first page asks again before it is shown, of those that are asked quickly.
pub const HOME_CUSTOMERS_ASKED: usize = 8;
/// Customers that the first page names.
pub const HOME_CUSTOMERS_SHOWN: usize = 12;
/// Cost entries without an amount that the first page asks model costs about; it tells how many more there are.
pub const HOME_COSTS_READ_MAX: usize = 1_000;
/// Published definitions that the first page looks for its work unit in.
pub const HOME_DEFINITIONS_MAX: usize = 200;

/// Thresholds of one budget.
pub const BUDGET_THRESHOLDS_MAX: usize = 16;
/// The highest threshold of a budget, in per cent of it.
pub const BUDGET_THRESHOLD_PERCENT_MAX: u16 = 1_000;
/// Bytes of the note of a budget.
pub const BUDGET_NOTE_BYTES_MAX: usize = 500;

/// Entries of a log read at a time, before they are taken apart on several threads.
pub const ENTRIES_READ_AT_ONCE: usize = 8_192;

/// Customers read from the store at a time.
pub const CUSTOMERS_PAGE: usize = 1_000;

/// Generations of a book's secret.
pub const GENERATIONS_MAX: usize = 64;

/// Works read at a time for a table.
pub const TABLE_PAGE_ROWS: usize = 5_000;
/// Works in dispute that a paper names.
pub const DISPUTED_TOLD_MAX: usize = 50;
/// Bytes of the logo on papers.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;

/// Units looked at for one page of a listing. A page that few of them are for ends there, with a place to go on
/// from.
pub const UNITS_LOOKED_AT_MAX: usize = 10_000;

/// Customers looked at for one page of the works of everybody.
pub const CUSTOMERS_LOOKED_AT_MAX: usize = 500;

/// Customers whose ageing is told at once.
pub const AGEING_CUSTOMERS_MAX: usize = 50_000;

/// Facts told of one work.
pub const FACTS_TOLD_MAX: usize = 200;
/// Days that a link for a buyer may last.
pub const LINK_DAYS_MAX: i64 = 92;

/// Bytes of the words that say whom a link is for.
pub const LINK_LABEL_BYTES_MAX: usize = 200;

/// Characters of a link's text behind its first four: two names of 1,000 bytes, an end and a signature.
pub const LINK_TEXT_BYTES_MAX: usize = 3_000;

/// Names of logs that are remembered with whose they are, two for each customer; further ones are looked up
/// each time.
pub const LOG_NAMES_MAX: usize = 200_000;

/// Seconds by which the clock of whoever cosigns a head may be ahead.
pub const COSIGNER_AHEAD_SECONDS_MAX: u64 = 300;
/// Customers that a run over statements names.
pub const RUN_CUSTOMERS_NAMED_MAX: usize = 1_000;
/// Customers of a run whose rows are kept in one go: what a crash makes it look at again.
pub const RUN_ROWS_GATHERED: usize = 64;
/// Rows of a run that are read at a time.
pub const RUN_ROWS_PAGE: usize = 1_000;
/// Rows of one customer in a run that are looked at when it is gone on with.
pub const RUN_CUSTOMER_ROWS_MAX: usize = 10_000;
/// Bytes of the reason in a row of a run.
pub const RUN_DETAIL_BYTES_MAX: usize = 1_000;
/// Times that the same act is proposed again, each after the one before was decided or has expired.
pub const PROPOSED_AGAIN_MAX: u32 = 100;
/// Details of one row of a month's checklist; further ones are counted.
pub const CLOSE_DETAILS_MAX: usize = 50;
/// Times that one month is closed.
pub const CLOSES_OF_MONTH_MAX: usize = 100;
/// Signed heads that are looked at, the latest first, for one that the buyer acknowledged.
pub const HEADS_LOOKED_AT_MAX: usize = 64;
/// Closed periods that a change of contract is previewed over.
pub const PREVIEW_PERIODS_MAX: usize = 36;

/// Bytes of a customer's id that stand in the id of a contract which nobody named; a longer one gives its
/// digest.
pub const CUSTOMER_IN_ID_BYTES_MAX: usize = 48;

/// Works below which what was measured of them keeps no statement from being issued.
pub const MEASURED_WORKS_MIN: usize = 30;
/// Days that a check may be waived for.
pub const WAIVED_DAYS_MAX: i64 = 366;
/// Times that one check of a contract is waived.
pub const WAIVERS_OF_CHECK_MAX: usize = 100;
/// Bytes of a contract's id that stand in the id of a waiver; a longer one gives its digest.
pub const CONTRACT_IN_ID_BYTES_MAX: usize = 128;
/// Customers whose contracts are checked at once.
pub const CHECKED_CUSTOMERS_MAX: usize = 200;
