//! The tables and views of `state.db`.
//!
//! Derived tables are a fold of the journal and hold nothing else, so that they can be made again;
//! operational tables hold what the journal does not. Views whose names begin with `v1_` are for
//! readers outside: they keep their columns when the tables change. Times are RFC 3339 in UTC with
//! nine digits, so that they sort; amounts and quantities are decimal text beside their currency.

use rusqlite::Connection;

/// Changes whenever a derived table does; a state of another version is made again.
pub(super) const VERSION: i64 = 11;

/// The derived tables with the columns that their rows sort by.
pub(super) const DERIVED: &[(&str, &str)] = &[
    ("customers", "no"),
    ("facts", "customer, header, value, log, entry"),
    ("ties", "customer, log, source, id, entry"),
    ("costs", "customer, entry"),
    ("usage", "customer, entry"),
    ("seats", "customer, entry"),
    ("documents", "customer, log, entry"),
    ("contracts", "customer, entry"),
    ("statements", "customer, entry"),
    ("stated", "customer, entry"),
    ("cells", "customer, entry, position"),
    ("voids", "customer, entry"),
    ("credits", "customer, entry"),
    ("grants", "customer, entry"),
    ("decisions", "customer, entry"),
    ("payments", "customer, entry"),
    ("locks", "customer, entry"),
    ("approvals", "customer, entry"),
    ("quotes", "customer, entry"),
    ("units", "customer, key"),
    ("states", "customer, key, position"),
    ("movements", "customer, key, position"),
    ("unit_works", "customer, work, key"),
    ("problems", "customer, contract, problem"),
    ("deliveries", "customer, day, source"),
    (
        "counted_days",
        "customer, day, unit, class, decided_by, currency, moved",
    ),
    ("standing_days", "customer, day, unit, state, moved"),
    ("cost_days", "customer, day, line, currency"),
];

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS meta (
    key TEXT PRIMARY KEY, value ANY NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customers (
    no INTEGER PRIMARY KEY,
    customer TEXT NOT NULL UNIQUE,
    shared_size INTEGER NOT NULL,
    seller_size INTEGER NOT NULL,
    first_time TEXT,
    last_time TEXT
) STRICT;
-- Which entries carry a header; of a correction, those of its replacement.
CREATE TABLE IF NOT EXISTS facts (
    customer INTEGER NOT NULL, header TEXT NOT NULL, value TEXT NOT NULL,
    log INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (customer, header, value, log, entry)
) STRICT, WITHOUT ROWID;
-- Which entries bear on what an identity stands for: corrections of it, and its further contents.
CREATE TABLE IF NOT EXISTS ties (
    customer INTEGER NOT NULL, log INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
    entry INTEGER NOT NULL,
    PRIMARY KEY (customer, log, source, id, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS costs (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL, work TEXT,
    line TEXT NOT NULL, amount TEXT, currency TEXT, unpriced TEXT,
    provider TEXT, model TEXT, tokens TEXT, agent TEXT, agent_version TEXT, note TEXT,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS costs_by_work ON costs (customer, work) WHERE work IS NOT NULL;
CREATE INDEX IF NOT EXISTS costs_without_work ON costs (customer, time, work) WHERE work IS NULL;
CREATE INDEX IF NOT EXISTS costs_unclaimed ON costs (time, customer) WHERE unpriced IS NOT NULL;
-- One call may be told by several feeds, and under several customers (`FEEDS_OF_CALLS`).
CREATE INDEX IF NOT EXISTS costs_of_calls ON costs (id, source)
    WHERE source IN ('litellm', 'otlp');
CREATE TABLE IF NOT EXISTS usage (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL, work TEXT,
    meter TEXT NOT NULL, quantity TEXT NOT NULL, amount TEXT, currency TEXT, item TEXT,
    headers TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS usage_by_work ON usage (customer, work) WHERE work IS NOT NULL;
CREATE TABLE IF NOT EXISTS seats (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL,
    seat TEXT NOT NULL, assigned INTEGER NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    customer INTEGER NOT NULL, log INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, document TEXT NOT NULL, digest TEXT NOT NULL, published_by TEXT NOT NULL,
    PRIMARY KEY (customer, log, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_digest ON documents (digest);
CREATE TABLE IF NOT EXISTS contracts (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, act TEXT NOT NULL,
    document TEXT, effective TEXT, reprice TEXT, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statements (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, cut TEXT NOT NULL, revision INTEGER NOT NULL,
    number TEXT NOT NULL, coverage INTEGER NOT NULL, body TEXT NOT NULL,
    parts INTEGER NOT NULL, cells_digest TEXT NOT NULL, issued_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- The parts in which a statement's cells came; a part that no statement names states nothing.
CREATE TABLE IF NOT EXISTS stated (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    contract TEXT NOT NULL, cut TEXT NOT NULL, revision INTEGER NOT NULL,
    cells_digest TEXT NOT NULL, part INTEGER NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stated_by_digest ON stated (customer, cells_digest);
CREATE TABLE IF NOT EXISTS cells (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL, position INTEGER NOT NULL,
    cell TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL, quantity TEXT NOT NULL,
    waived TEXT, credit TEXT,
    PRIMARY KEY (customer, entry, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS voids (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, number TEXT NOT NULL, reason TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS credits (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
    reason TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- What of statements is not to be paid; the whole of one where `line` is NULL.
CREATE TABLE IF NOT EXISTS decisions (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, number TEXT NOT NULL, line TEXT, reason TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- Prepaid credits: what was granted, amended and voided.
CREATE TABLE IF NOT EXISTS grants (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, act TEXT NOT NULL, credit TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- Money: what was paid, allocated, refunded, written off and voided.
CREATE TABLE IF NOT EXISTS payments (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, act TEXT NOT NULL, amount TEXT, currency TEXT,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- That the seller's books were locked and unlocked.
CREATE TABLE IF NOT EXISTS locks (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, act TEXT NOT NULL, until TEXT, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- What was proposed to a second person, and what became of it.
CREATE TABLE IF NOT EXISTS approvals (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, act TEXT NOT NULL, proposal TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- What was offered, and what became of it.
CREATE TABLE IF NOT EXISTS quotes (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, quote TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) STRICT, WITHOUT ROWID;
-- Settled units; the contract is empty under the default documents. A key is the digest of the scope, then of the opening event. `body` is the whole
-- unit; the other tables are what queries need of it.
CREATE TABLE IF NOT EXISTS units (
    customer INTEGER NOT NULL, key BLOB NOT NULL,
    contract TEXT NOT NULL, unit TEXT NOT NULL, scope_key TEXT NOT NULL, scope TEXT NOT NULL,
    opened TEXT NOT NULL, version INTEGER NOT NULL, works TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (customer, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS units_by_opened ON units (customer, opened);
CREATE TABLE IF NOT EXISTS states (
    customer INTEGER NOT NULL, key BLOB NOT NULL, position INTEGER NOT NULL,
    since TEXT NOT NULL, until TEXT, state TEXT NOT NULL, what TEXT,
    PRIMARY KEY (customer, key, position)
) STRICT, WITHOUT ROWID;
-- What waits at an instant has no end yet, or one after it.
CREATE INDEX IF NOT EXISTS states_pending ON states (customer, until, since) WHERE state = 'pending';
-- What is decided may be decided otherwise, at a deadline that is known.
CREATE INDEX IF NOT EXISTS states_followed ON states (customer, until)
    WHERE state <> 'pending' AND until IS NOT NULL;
CREATE TABLE IF NOT EXISTS movements (
    customer INTEGER NOT NULL, key BLOB NOT NULL, position INTEGER NOT NULL,
    instant TEXT NOT NULL, kind TEXT NOT NULL, class TEXT NOT NULL, quantity TEXT NOT NULL,
    value TEXT, currency TEXT, counted_at TEXT NOT NULL, decided_by TEXT NOT NULL,
    PRIMARY KEY (customer, key, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unit_works (
    customer INTEGER NOT NULL, work TEXT NOT NULL, key BLOB NOT NULL,
    PRIMARY KEY (customer, work, key)
) STRICT, WITHOUT ROWID;
-- What keeps a contract from governing.
CREATE TABLE IF NOT EXISTS problems (
    customer INTEGER NOT NULL, contract TEXT NOT NULL, problem TEXT NOT NULL,
    PRIMARY KEY (customer, contract, problem)
) STRICT, WITHOUT ROWID;
-- What became of deliveries, by what they name and by the day (UTC) on which they arrived; names that could
-- not be read are empty.
CREATE TABLE IF NOT EXISTS deliveries (
    customer TEXT NOT NULL, day TEXT NOT NULL, source TEXT NOT NULL,
    accepted INTEGER NOT NULL, duplicate INTEGER NOT NULL, conflicting INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (customer, day, source)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_by_day ON deliveries (day, source);
-- Sums by day (UTC), of each customer, and of all together under the number 0. What counted is kept by the day on which
-- it did and by that of the movement, so that what only a deadline takes back is not taken back before.
CREATE TABLE IF NOT EXISTS counted_days (
    customer INTEGER NOT NULL, day TEXT NOT NULL, unit TEXT NOT NULL, class TEXT NOT NULL,
    decided_by TEXT NOT NULL, currency TEXT NOT NULL, moved TEXT NOT NULL,
    movements INTEGER NOT NULL, quantity TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (customer, day, unit, class, decided_by, currency, moved)
) STRICT, WITHOUT ROWID;
-- Units by the day of their opening and the day on which they came to a state, less those that left it.
CREATE TABLE IF NOT EXISTS standing_days (
    customer INTEGER NOT NULL, day TEXT NOT NULL, unit TEXT NOT NULL, state TEXT NOT NULL,
    moved TEXT NOT NULL, units INTEGER NOT NULL,
    PRIMARY KEY (customer, day, unit, state, moved)
) STRICT, WITHOUT ROWID;
-- Costs; those without a currency claim no amount that can be trusted.
CREATE TABLE IF NOT EXISTS cost_days (
    customer INTEGER NOT NULL, day TEXT NOT NULL, line TEXT NOT NULL, currency TEXT NOT NULL,
    entries INTEGER NOT NULL, amount TEXT NOT NULL,
    PRIMARY KEY (customer, day, line, currency)
) STRICT, WITHOUT ROWID;

-- Operational: the definitions that govern customers without a contract.
CREATE TABLE IF NOT EXISTS defaults (
    position INTEGER PRIMARY KEY, kind TEXT NOT NULL, text TEXT NOT NULL
) STRICT;

-- A unit has one row for each state that it was in; `since` may lie in the future, where a timer
-- that runs will settle it if nothing happens. Where it stands at an instant t:
-- since <= t AND (until IS NULL OR until > t).
CREATE VIEW IF NOT EXISTS v1_works AS
    SELECT c.customer, nullif(u.contract, '') AS contract, u.unit, u.scope, u.works, u.opened, u.version,
           s.since, s.until, s.state,
           CASE s.state WHEN 'counted' THEN s.what END AS class,
           CASE s.state WHEN 'not_counted' THEN s.what END AS reason,
           hex(u.key) AS unit_key
    FROM units u
    JOIN states s ON s.customer = u.customer AND s.key = u.key
    JOIN customers c ON c.no = u.customer;
CREATE VIEW IF NOT EXISTS v1_movements AS
    SELECT c.customer, nullif(u.contract, '') AS contract, u.unit, u.scope, m.instant, m.kind, m.class, m.quantity,
           m.value, m.currency, m.counted_at, m.decided_by, hex(u.key) AS unit_key
    FROM movements m
    JOIN units u ON u.customer = m.customer AND u.key = m.key
    JOIN customers c ON c.no = m.customer;
CREATE VIEW IF NOT EXISTS v1_deliveries AS
    SELECT nullif(customer, '') AS customer, day, nullif(source, '') AS source,
           accepted + duplicate + conflicting + refused AS received,
           accepted, duplicate, conflicting, refused
    FROM deliveries;
CREATE VIEW IF NOT EXISTS v1_costs AS
    SELECT c.customer, k.entry, k.source, k.id, k.time, k.work, k.line, k.amount, k.currency,
           k.unpriced, k.provider, k.model, k.tokens, k.agent, k.agent_version
    FROM costs k JOIN customers c ON c.no = k.customer;
-- Whole statements alone: as many parts before the issue as it names. That their cells have the digest
-- is for the account to say, which flags a statement that has not.
CREATE VIEW IF NOT EXISTS v1_statement_lines AS
    SELECT c.customer, s.contract, s.number, s.cut, s.revision, s.time AS issued_at,
           row_number() OVER (PARTITION BY s.customer, s.entry ORDER BY p.part, l.position) - 1
               AS position,
           l.cell, l.quantity, l.amount, l.currency, l.waived,
           EXISTS (SELECT 1 FROM voids v WHERE v.customer = s.customer AND v.number = s.number)
               AS voided
    FROM statements s
    JOIN stated p ON p.customer = s.customer AND p.cells_digest = s.cells_digest
        AND p.contract = s.contract AND p.cut = s.cut AND p.revision = s.revision
        AND p.entry < s.entry
    JOIN cells l ON l.customer = p.customer AND l.entry = p.entry AND l.credit IS NULL
    JOIN customers c ON c.no = s.customer
    WHERE s.parts = (
        SELECT count(*) FROM stated o
        WHERE o.customer = s.customer AND o.cells_digest = s.cells_digest
            AND o.contract = s.contract AND o.cut = s.cut AND o.revision = s.revision
            AND o.entry < s.entry);
-- What prepaid credits paid of statements; below zero, what went back to them.
CREATE VIEW IF NOT EXISTS v1_statement_credits AS
    SELECT c.customer, s.contract, s.number, s.cut, s.revision, s.time AS issued_at,
           row_number() OVER (PARTITION BY s.customer, s.entry ORDER BY p.part, l.position) - 1
               AS position,
           l.cell, l.credit, l.amount, l.currency,
           EXISTS (SELECT 1 FROM voids v WHERE v.customer = s.customer AND v.number = s.number)
               AS voided
    FROM statements s
    JOIN stated p ON p.customer = s.customer AND p.cells_digest = s.cells_digest
        AND p.contract = s.contract AND p.cut = s.cut AND p.revision = s.revision
        AND p.entry < s.entry
    JOIN cells l ON l.customer = p.customer AND l.entry = p.entry AND l.credit IS NOT NULL
    JOIN customers c ON c.no = s.customer
    WHERE s.parts = (
        SELECT count(*) FROM stated o
        WHERE o.customer = s.customer AND o.cells_digest = s.cells_digest
            AND o.contract = s.contract AND o.cut = s.cut AND o.revision = s.revision
            AND o.entry < s.entry);
";

/// Makes what is missing.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(TABLES)
}

/// Removes every derived table and view, keeping operational ones, and makes them again, empty.
pub(super) fn reset(connection: &Connection) -> rusqlite::Result<()> {
    let mut views = Vec::new();
    {
        let mut list = connection.prepare("SELECT name FROM sqlite_master WHERE type = 'view'")?;
        let mut rows = list.query([])?;
        while let Some(row) = rows.next()? {
            views.push(row.get::<_, String>(0)?);
        }
    }
    for view in views {
        connection.execute_batch(&format!("DROP VIEW IF EXISTS \"{view}\""))?;
    }
    for (table, _) in DERIVED {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {table}"))?;
    }
    create(connection)?;
    connection.execute("DELETE FROM meta", [])?;
    Ok(())
}
