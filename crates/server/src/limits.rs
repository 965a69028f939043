//! Every bound of this crate, in one place.

use std::time::Duration;

use jiff::SignedDuration;

/// Bytes of a request's body as it comes over the wire.
pub const BODY_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Bytes of a request's body once it is inflated.
pub const INFLATED_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bodies that are large, or may be once they are inflated, that are held at once; further ones wait.
pub const LARGE_BODIES_MAX: usize = 4;
/// Requests that are worked on at once; further ones are told to come back.
pub const IN_FLIGHT_MAX: usize = 256;
/// Connections that are open at once; further ones wait in the system's queue.
pub const CONNECTIONS_MAX: usize = 1_024;
/// Time for a request's headers to arrive.
pub const HEADERS_TIME_MAX: Duration = Duration::from_secs(10);
/// Bytes of a request's line and headers.
pub const HEADERS_BYTES_MAX: usize = 16 * 1024;
/// Headers of a request.
pub const HEADERS_MAX: usize = 64;
/// Time for a request to be answered, its body read.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(60);
/// Time for requests under way to end once the server was asked to.
pub const DRAIN_TIME_MAX: Duration = Duration::from_secs(30);
/// What a caller that came too early is told to wait.
pub const RETRY_AFTER_SECONDS: u64 = 1;
/// Time for which an answer of whether the journal takes writes holds.
pub const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Faults of one request that a problem lists; further ones are counted.
pub const FAULTS_LISTED_MAX: usize = 100;
/// Time for which a session lasts.
pub const SESSION_TIME_MAX: Duration = Duration::from_secs(12 * 3_600);
/// Sessions of one key or link; a further one ends its oldest.
pub const SESSIONS_OF_ONE_MAX: usize = 32;
/// Sessions of all; a further one ends the oldest.
pub const SESSIONS_MAX: usize = 4_096;
/// Bytes of what is sent to sign in.
pub const SIGN_IN_BYTES_MAX: usize = 4_096;
/// Customers that are asked at a time what they are charged.
pub const TAKINGS_AT_ONCE: usize = 8;
/// Between two times.
pub const TAKINGS_PAUSE: Duration = Duration::from_millis(250);
/// Between two looks at how much memory the process has.
pub const MEMORY_PAUSE: Duration = Duration::from_secs(1);
/// Bytes by which it has to have grown before what is free is given back.
pub const MEMORY_GROWTH_BYTES: u64 = 32 * 1024 * 1024;
/// Published definitions that a screen shows.
pub const PUBLISHED_SHOWN_MAX: usize = 500;
/// Bytes of the address to which one returns after signing in; beyond it one begins at the first page.
pub const RETURN_BYTES_MAX: usize = 1_000;
/// Bytes of a form with a file.
pub const UPLOAD_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Signed events that are brought at once by a form.
pub const UPLOAD_EVENTS_MAX: usize = 1_000;
/// Records of a buyer that are compared at once by a form; `piecework reconcile` takes more.
pub const RECORDS_MAX: usize = 50_000;
/// Bytes of a proof file that is compared with a buyer's records by a form; `piecework reconcile` takes larger ones.
pub const RECONCILED_FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes of a form of a screen: a document of the largest size, each byte written as three.
pub const FORM_BYTES_MAX: usize = 256 * 1024;
/// Fields of a form of a screen.
pub const FORM_FIELDS_MAX: usize = 64;
/// Bytes of a proof file that is served; `piecework prove` writes larger ones.
pub const PROOF_FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Bytes of a proof file that are read at a time while it is sent.
pub const FILE_PIECE_BYTES: usize = 64 * 1024;
/// Rows of a page where the caller does not say.
pub const PAGE_ROWS: usize = 100;
/// Rows of a page.
pub const PAGE_ROWS_MAX: usize = 500;
/// Bytes of a cursor.
pub const CURSOR_BYTES_MAX: usize = 2_048;
/// Bytes of an `Idempotency-Key`.
pub const ONCE_KEY_BYTES_MAX: usize = 255;
/// Bytes of an answer that is kept for a request that is sent again.
pub const KEPT_ANSWER_BYTES_MAX: usize = 64 * 1024;
/// Keys whose requests are counted at once against their rate, before those at rest are forgotten.
pub const RATE_BUCKETS_MAX: usize = 4_096;
/// Bytes of the reason for which a refused event is dismissed.
pub const DISMISSAL_BYTES_MAX: usize = 1_000;
/// Bytes of a label's value on the page of metrics.
pub const LABEL_BYTES_MAX: usize = 128;
/// Days that are reconciled at once.
pub const RECONCILIATION_DAYS_MAX: i32 = 31;
/// Customers that a statement run works on at once, beside the requests.
pub const RUN_THREADS_MAX: usize = 2;
/// Counts at sources in one request.
pub const SOURCE_COUNTS_MAX: usize = 1_000;

/// Between two looks whether a budget's threshold is reached after new commits.
pub const BUDGET_POLL: Duration = Duration::from_millis(250);
/// Between two looks whether a quote has expired.
pub const EXPIRY_POLL: Duration = Duration::from_secs(1);
/// Between two looks at every budget: works count, and disputes end, without any commit.
pub const BUDGET_ROUND: Duration = Duration::from_secs(60);
/// Commits of the journal that are read for touched customers at a time; beyond, every budget is looked at.
pub const BUDGET_COMMITS_MAX: usize = 4_096;
/// Rows of an answer about the seller's books: postings, months, costs.
pub const JOURNAL_POSTINGS_MAX: usize = 200_000;
/// Costs that one request assigns.
pub const ASSIGNED_MAX: usize = 1_000;

/// Addresses of a name that are tried when something is sent to somebody else.
pub const OUTGOING_ADDRESSES_MAX: usize = 4;

/// Time for one request to Stripe, from resolving the name to the answer.
pub const STRIPE_TIME_MAX: Duration = Duration::from_secs(25);
/// Bytes of an answer of Stripe's: a page of a hundred invoices, each with its first lines.
pub const STRIPE_ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Pages of a list at Stripe among which a thing is looked for.
pub const STRIPE_PAGES_MAX: usize = 100;
/// A key is used again for so long: Stripe knows it for 24 hours at least.
pub const STRIPE_KEY_TIME_MAX: SignedDuration = SignedDuration::from_hours(23);
/// Between two looks for new commits and for what is due.
pub const STRIPE_POLL: Duration = Duration::from_secs(1);
/// Commits of the journal that are read for statements at a time.
pub const STRIPE_COMMITS_MAX: usize = 256;
/// Entries of the journal that are read for statements at a time (one commit more than this at most).
pub const STRIPE_ENTRIES_MAX: u64 = 50_000;
/// The longest time between two attempts.
pub const STRIPE_DELAY_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Between two looks whether something happened at Stripe that a document waits for.
pub const STRIPE_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// Between two looks whether an open invoice was paid.
pub const STRIPE_PAID_POLL: SignedDuration = SignedDuration::from_hours(1);
/// Documents of a customer that are read at a time.
pub const STRIPE_DOCUMENTS_READ: usize = 500;
/// Characters of what Stripe says was wrong that are kept.
pub const STRIPE_PROBLEM_CHARS_MAX: usize = 1_000;
/// Bytes of Stripe's secret key.
pub const STRIPE_KEY_BYTES_MAX: usize = 512;

/// Bytes of an endpoint's URL.
pub const WEBHOOK_URL_BYTES_MAX: usize = 2_048;
/// Bytes of an endpoint's description.
pub const WEBHOOK_DESCRIPTION_BYTES_MAX: usize = 500;
/// Time for one attempt to deliver a message, from resolving the name to the answer.
pub const WEBHOOK_TIME_MAX: Duration = Duration::from_secs(15);
/// How long an attempt has a delivery to itself: what was not settled by then was cut off.
pub const WEBHOOK_CLAIM_TIME: SignedDuration = SignedDuration::from_secs(30);
/// Attempts at once.
pub const WEBHOOK_ATTEMPTS_MAX: usize = 16;
/// Attempts at once to one endpoint.
pub const WEBHOOK_ENDPOINT_ATTEMPTS_MAX: usize = 4;
/// Bytes of an answer's body that are read before the connection is closed.
pub const WEBHOOK_ANSWER_BYTES_MAX: usize = 16 * 1024;
/// The longest time that an endpoint may ask to be left alone.
pub const WEBHOOK_RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);
/// An endpoint that fails for so long is disabled.
pub const WEBHOOK_FAILING_MAX: SignedDuration = SignedDuration::from_hours(5 * 24);
/// A message is kept for so long, whatever became of it.
pub const WEBHOOK_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);
/// What was announced under a key is not announced again for so long.
pub const WEBHOOK_KEYS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);
/// Between two looks for new commits and for what is due.
pub const WEBHOOK_POLL: Duration = Duration::from_millis(250);
/// Commits of the journal that are read for messages at a time.
pub const WEBHOOK_COMMITS_MAX: usize = 256;
/// Entries of the journal that are read for messages at a time (one commit more than this at most).
pub const WEBHOOK_ENTRIES_MAX: u64 = 50_000;
/// Conflicting events that one message lists; all are counted.
pub const WEBHOOK_LISTED_MAX: usize = 10;
/// Characters of a reason that a message repeats.
pub const WEBHOOK_REASON_CHARS_MAX: usize = 1_000;
/// Days for which a key works, where it is said for how many.
pub const KEY_DAYS_MAX: u32 = 3_650;
/// Bytes of a key's label.
pub const KEY_LABEL_BYTES_MAX: usize = 200;
/// Hours for which a key works beside its successor.
pub const KEY_OVERLAP_HOURS_MAX: u32 = 24 * 30;
/// Bytes of who approves something: a role.
pub const ROLE_BYTES_MAX: usize = 200;
/// Bytes of why something is done.
pub const WORDS_BYTES_MAX: usize = 1_000;

/// Bytes of a table; it is written to a file first, and sent from there.
pub const TABLE_BYTES_MAX: u64 = 1024 * 1024 * 1024;
