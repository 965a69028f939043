//! The links of buyers, in SQLite.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};

use super::{Tables, failed, instant};
use crate::StoreError;
use crate::limits::LINKS_OF_CUSTOMER_MAX;
use crate::operations::{Link, Links};

/// The step that makes the table.
pub(super) const SCHEMA: &str = "
    CREATE TABLE links (
        id TEXT PRIMARY KEY, customer TEXT NOT NULL, statement TEXT, label TEXT NOT NULL,
        created TEXT NOT NULL, expires TEXT NOT NULL, revoked TEXT
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX links_by_customer ON links (customer, created, id);";

/// What became of a link that was to be kept.
enum Kept {
    Well,
    Taken,
    TooMany,
}

impl Links for Tables {
    fn put_link(&self, link: &Link) -> Result<(), StoreError> {
        let mut connection = self.connection();
        let mut keep = || {
            let transaction = connection.transaction()?;
            let kept = keep(&transaction, link)?;
            transaction.commit()?;
            Ok(kept)
        };
        match keep().map_err(failed("keeping a link"))? {
            Kept::Well => Ok(()),
            Kept::Taken => Err(StoreError::Taken {
                what: format!("the link {}", link.id),
            }),
            Kept::TooMany => Err(StoreError::TooMany {
                what: "links of one customer",
                given: LINKS_OF_CUSTOMER_MAX + 1,
                max: LINKS_OF_CUSTOMER_MAX,
            }),
        }
    }

    fn link(&self, id: &str) -> Result<Option<Link>, StoreError> {
        let connection = self.connection();
        let read = || {
            let mut select = connection.prepare_cached("SELECT * FROM links WHERE id = ?1")?;
            select.query_row([id], link).optional()
        };
        read().map_err(failed("reading a link"))
    }

    fn links(&self, customer: &str) -> Result<Vec<Link>, StoreError> {
        let connection = self.connection();
        of_customer(&connection, customer).map_err(failed("reading the links of a customer"))
    }

    fn revoke_link(&self, customer: &str, id: &str, at: Timestamp) -> Result<bool, StoreError> {
        let sql = "UPDATE links SET revoked = ?3
                   WHERE id = ?1 AND customer = ?2 AND revoked IS NULL";
        let changed = self
            .connection()
            .execute(sql, [id, customer, &at.to_string()]);
        Ok(changed.map_err(failed("revoking a link"))? > 0)
    }
}

fn keep(transaction: &Transaction<'_>, link: &Link) -> rusqlite::Result<Kept> {
    let known = of_customer(transaction, &link.customer)?;
    if known.len() >= LINKS_OF_CUSTOMER_MAX {
        let over = known.iter().filter(|own| !own.is_in_force(link.created));
        let Some(oldest) = over.min_by_key(|own| own.revoked.unwrap_or(own.expires)) else {
            return Ok(Kept::TooMany);
        };
        transaction.execute("DELETE FROM links WHERE id = ?1", [&oldest.id])?;
    }
    let sql = "INSERT INTO links VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
    let added = transaction.execute(
        sql,
        params![
            link.id,
            link.customer,
            link.statement,
            link.label,
            link.created.to_string(),
            link.expires.to_string(),
            link.revoked.map(|at| at.to_string()),
        ],
    )?;
    Ok(match added {
        0 => Kept::Taken,
        _ => Kept::Well,
    })
}

fn of_customer(connection: &Connection, customer: &str) -> rusqlite::Result<Vec<Link>> {
    let sql = "SELECT * FROM links WHERE customer = ?1 ORDER BY created, id";
    let mut select = connection.prepare_cached(sql)?;
    let links = select.query_map([customer], link)?;
    links.collect()
}

fn link(row: &Row<'_>) -> rusqlite::Result<Link> {
    let needed = |column| instant(row, column)?.ok_or(rusqlite::Error::InvalidQuery);
    Ok(Link {
        id: row.get(0)?,
        customer: row.get(1)?,
        statement: row.get(2)?,
        label: row.get(3)?,
        created: needed(4)?,
        expires: needed(5)?,
        revoked: instant(row, 6)?,
    })
}
