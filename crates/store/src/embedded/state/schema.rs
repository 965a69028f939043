//! The tables and views of `state.db`.
//!
//! Derived tables are a fold of the journal and hold nothing else, so that they can be made again;
//! operational tables hold what the journal does not. Views whose names begin with `v1_` are for
//! readers outside: they keep their columns when the tables change. Times are RFC 3339 in UTC with
//! nine digits, so that they sort; amounts and quantities are decimal text beside their currency.

use rusqlite::Connection;

/// Changes whenever a derived table does; a state of another version is made again.
pub(super) const VERSION: i64 = 1;

/// The derived tables with the columns that their rows sort by.
pub(super) const DERIVED: &[(&str, &str)] = &[
    ("customers", "no"),
    ("facts", "customer, header, value, log, entry"),
    ("ties", "customer, source, id, log, entry"),
    ("costs", "customer, entry"),
    ("usage", "customer, entry"),
    ("seats", "customer, entry"),
    ("documents", "customer, log, entry"),
    ("contracts", "customer, entry"),
    ("statements", "customer, entry"),
    ("cells", "customer, entry, position"),
    ("voids", "customer, entry"),
    ("credits", "customer, entry"),
    ("payments", "customer, entry"),
];

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS meta (
    key TEXT PRIMARY KEY, value NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customers (
    no INTEGER PRIMARY KEY,
    customer TEXT NOT NULL UNIQUE,
    shared_size INTEGER NOT NULL,
    seller_size INTEGER NOT NULL,
    first_time TEXT,
    last_time TEXT
);
-- Which entries carry a header; of a correction, those of its replacement.
CREATE TABLE IF NOT EXISTS facts (
    customer INTEGER NOT NULL, header TEXT NOT NULL, value TEXT NOT NULL,
    log INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (customer, header, value, log, entry)
) WITHOUT ROWID;
-- Which entries bear on what an identity stands for: corrections of it, and its further contents.
CREATE TABLE IF NOT EXISTS ties (
    customer INTEGER NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL,
    log INTEGER NOT NULL, entry INTEGER NOT NULL,
    PRIMARY KEY (customer, source, id, log, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS costs (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL, work TEXT,
    line TEXT NOT NULL, amount TEXT, currency TEXT, unpriced TEXT,
    provider TEXT, model TEXT, tokens TEXT, agent TEXT, agent_version TEXT, note TEXT,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS costs_by_work ON costs (customer, work) WHERE work IS NOT NULL;
CREATE TABLE IF NOT EXISTS usage (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL, work TEXT,
    meter TEXT NOT NULL, quantity TEXT NOT NULL, amount TEXT, currency TEXT, headers TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seats (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    source TEXT NOT NULL, id TEXT NOT NULL, time TEXT NOT NULL,
    seat TEXT NOT NULL, assigned INTEGER NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS documents (
    customer INTEGER NOT NULL, log INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, document TEXT NOT NULL, digest TEXT NOT NULL, published_by TEXT NOT NULL,
    PRIMARY KEY (customer, log, entry)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_by_digest ON documents (digest);
CREATE TABLE IF NOT EXISTS contracts (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, act TEXT NOT NULL,
    document TEXT, effective TEXT, reprice TEXT, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS statements (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, cut TEXT NOT NULL, revision INTEGER NOT NULL,
    number TEXT NOT NULL, coverage INTEGER NOT NULL, body TEXT NOT NULL, issued_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cells (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL, position INTEGER NOT NULL,
    cell TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL, quantity TEXT NOT NULL,
    waived TEXT,
    PRIMARY KEY (customer, entry, position)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS voids (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, number TEXT NOT NULL, reason TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS credits (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, contract TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
    reason TEXT NOT NULL, done_by TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS payments (
    customer INTEGER NOT NULL, entry INTEGER NOT NULL,
    time TEXT NOT NULL, statement TEXT NOT NULL, amount TEXT NOT NULL, currency TEXT NOT NULL,
    PRIMARY KEY (customer, entry)
) WITHOUT ROWID;

CREATE VIEW IF NOT EXISTS v1_costs AS
    SELECT c.customer, k.entry, k.source, k.id, k.time, k.work, k.line, k.amount, k.currency,
           k.unpriced, k.provider, k.model, k.tokens, k.agent, k.agent_version
    FROM costs k JOIN customers c ON c.no = k.customer;
CREATE VIEW IF NOT EXISTS v1_statement_lines AS
    SELECT c.customer, s.contract, s.number, s.cut, s.revision, s.time AS issued_at,
           l.position, l.cell, l.quantity, l.amount, l.currency, l.waived,
           EXISTS (SELECT 1 FROM voids v WHERE v.customer = s.customer AND v.number = s.number)
               AS voided
    FROM cells l
    JOIN statements s ON s.customer = l.customer AND s.entry = l.entry
    JOIN customers c ON c.no = l.customer;
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
