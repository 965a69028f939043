//! Every bound of this crate, in one place.

use std::time::Duration;

/// Events in one call of `append`; larger feeds are sent in parts.
pub const BATCH_EVENTS_MAX: usize = 20_000;
/// Events that one call hands to the writer at a time, so that checking the next ones overlaps with
/// the commit of these.
pub const PART_EVENTS_MAX: usize = 2_500;
/// Bytes of entries that wait for the writer before callers are made to wait.
pub const QUEUE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Events of one group commit (one part more than this at most).
pub const GROUP_EVENTS_MAX: usize = 20_000;
/// Bytes of one group commit (one part more than this at most).
pub const GROUP_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Events that the state applies in one transaction (one group commit more than this at most).
pub const APPLY_EVENTS_MAX: usize = 20_000;
/// Group commits that the state applies in one transaction.
pub const APPLY_COMMITS_MAX: usize = 4_096;
/// How long the state lets commits gather before it applies them, where nobody waits for it: long enough that events
/// share a transaction, and short enough that what it writes back at once keeps the disk from the journal for a moment
/// alone.
pub const GATHER_TIME_MAX: Duration = Duration::from_millis(2);
/// Events of a transaction from which on the state counts as behind, and goes on at once.
pub const GATHER_EVENTS_MAX: usize = 2_000;
/// Records of one batch while a book is copied.
pub const COPY_ENTRIES_MAX: usize = 4_096;
/// Bytes of one batch while a book is copied or its hash tiles are made again (one record more than
/// this at most).
pub const COPY_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Largest payload behind a commitment, in bytes: a quarter of what a proof file may disclose at once,
/// so that a group commit that holds one stays small beside the write-ahead files.
pub const PAYLOAD_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Leaf hashes at the right edges of logs that the writer remembers (32 bytes each), so that it need
/// not read back the entries of a hash tile that fills.
pub const EDGE_HASHES_MAX: usize = 512 * 1024;
/// Differences of one kind that `doctor` lists; further ones are counted.
pub const FINDINGS_MAX: usize = 20;
/// Rows of one page of a listing.
pub const PAGE_ROWS_MAX: usize = 10_000;
/// Refused events that wait for a decision; a request whose refusals find no room is told to come back.
pub const REFUSED_WAITING_MAX: u64 = 200_000;
/// Bytes of refused events that wait.
pub const REFUSED_WAITING_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Of these, those that came by other routes than the one for events, so that feeds of telemetry never keep the
/// events themselves from being refused and kept.
pub const REFUSED_OF_FEEDS_WAITING_MAX: u64 = REFUSED_WAITING_MAX / 2;
/// Bytes of these.
pub const REFUSED_OF_FEEDS_WAITING_BYTES_MAX: u64 = REFUSED_WAITING_BYTES_MAX / 2;
/// Sums of metrics that are kept, and series that grow; the oldest make room.
pub const CONTROL_TOTALS_MAX: usize = 10_000;
/// Bytes that are kept of one refused event: a whole event of piecework's own, and the beginning of a
/// longer one.
pub const REFUSED_RAW_BYTES_MAX: usize = 64 * 1024;
/// Decided refusals that are kept; the oldest leave first.
pub const REFUSED_DECIDED_MAX: u64 = 200_000;
/// Days and sources that one question about a customer's deliveries reads.
pub const DELIVERY_ROWS_MAX: usize = 10_000;
/// Costs that are looked at for one page of those without a work.
pub const ASSIGNMENT_SCAN_MAX: usize = 10_000;
/// Contents that corrections may tie together before a scope is refused as malformed.
pub const CLOSURE_CONTENTS_MAX: usize = 1_000_000;

/// Endpoints of webhooks.
pub const ENDPOINTS_MAX: usize = 50;
/// Secrets of an endpoint that are in force at once.
pub const SECRETS_MAX: usize = 4;
/// Bytes of a message's payload.
pub const MESSAGE_BYTES_MAX: usize = 20_000;
/// Bytes of a message's key.
pub const MESSAGE_KEY_BYTES_MAX: usize = 1_024;
/// Deliveries to one endpoint that wait; the oldest ones beyond are given up.
pub const WAITING_MAX: usize = 10_000;
/// Messages that are kept although nothing waits for them.
pub const MESSAGES_KEPT_MAX: usize = 50_000;
/// Messages after which it is looked whether there are more than are kept.
pub const MESSAGES_TRIMMED_EVERY: usize = 1_000;

/// Block cache of the journal.
pub const JOURNAL_CACHE_BYTES: u64 = 32 * 1024 * 1024;
/// Write-ahead files of the journal; bounds the time to open a book (64 MiB is fjall's least).
pub const JOURNAL_WAL_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// Memory table of the entries, before it is written out.
pub const ENTRIES_MEMTABLE_BYTES: u64 = 16 * 1024 * 1024;
/// Memory table of the identities.
pub const IDENTITIES_MEMTABLE_BYTES: u64 = 8 * 1024 * 1024;
/// Background threads of the journal. With two or more, fjall 3.1 lets the first hand every compaction
/// back to the queue as fast as it can, which costs a core for as long as one runs.
pub const WORKERS: usize = 1;
/// Bytes written to find out whether the disk is full.
pub const PROBE_BYTES: usize = 1024 * 1024;
/// Sealed memory tables of one keyspace at which the writer waits before it commits.
///
/// fjall itself waits at four, inside the commit and without looking whether its workers still live;
/// a commit adds one at most, so waiting here keeps that loop out of reach.
pub const SEALED_MEMTABLES_MAX: usize = 2;
/// Unsorted tables of one keyspace at which the writer waits before it commits (fjall halts at 30).
pub const UNSORTED_TABLES_MAX: usize = 18;

/// Page cache of each connection to the state, in KiB.
pub const STATE_CACHE_KIB: i64 = 32 * 1024;
/// Pages of the state's write-ahead file after which it is written back. While it is, commits of the journal wait
/// for the same disk, so these are few: nearly every transaction is written back by itself.
pub const STATE_WAL_PAGES: i64 = 16;
/// The same while the state is behind: the more pages at once, the fewer in all.
pub const STATE_WAL_PAGES_BEHIND: i64 = 8_192;
/// Connections for reading that are kept open between queries.
pub const READERS_KEPT_MAX: usize = 4;
/// Events of one log that the fold remembers while it settles.
pub const EVENTS_REMEMBERED_MAX: usize = 20_000;
/// Definitions that the fold keeps read.
pub const DEFINITIONS_KEPT_MAX: usize = 256;
/// Customers whose governing documents the fold keeps put together.
pub const GOVERNED_KEPT_MAX: usize = 4_096;
/// Scopes settled lately that are remembered, over all customers (some 100 bytes each).
pub const SETTLED_REMEMBERED_MAX: usize = 65_536;
/// The same of one customer.
pub const SETTLED_REMEMBERED_OF_CUSTOMER_MAX: usize = 4_096;
/// Units that one query reads at a time.
pub const UNIT_PAGE_ROWS: usize = 512;
/// Runs over statements that are kept with their rows; the oldest makes room.
pub const RUNS_KEPT_MAX: usize = 500;
/// Links of one customer that are kept, and that may be in force at once.
pub const LINKS_OF_CUSTOMER_MAX: usize = 200;
