//! Statements, their lines and works, as tables.

use pages::view::{StatedLine, StatementRow, WorkRow};

use crate::table::{Cell, Table, TableError};

/// Which table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Billing {
    /// A row a statement that was issued.
    Statements,
    /// A row a cell that a statement states.
    Lines,
    /// A row a work.
    Works,
}

impl Billing {
    /// The word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Billing::Statements => "statements",
            Billing::Lines => "lines",
            Billing::Works => "works",
        }
    }

    /// The table of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Billing> {
        [Billing::Statements, Billing::Lines, Billing::Works]
            .into_iter()
            .find(|own| own.word() == word)
    }

    /// The columns.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Billing::Statements => &[
                "customer",
                "number",
                "contract",
                "cut",
                "revision",
                "total",
                "credited",
                "balance",
                "currency",
                "state",
                "entries",
                "digest",
                "due_on",
                "due",
                "paid",
                "written_off",
                "cover",
            ],
            Billing::Lines => &[
                "customer",
                "statement",
                "contract",
                "state",
                "surface",
                "component",
                "part",
                "from",
                "until",
                "quantity",
                "amount",
                "currency",
                "what",
                "credit",
                "cell",
                "tax_category",
                "origin",
                "cover",
            ],
            Billing::Works => &[
                "customer", "work", "unit", "contract", "state", "class", "reason", "since",
                "opened", "disputed",
            ],
        }
    }
}

fn text(value: Option<&String>) -> Cell<'_> {
    value.map_or(Cell::Empty, |own| Cell::Text(own))
}

impl Table {
    /// Writes a statement.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn statement(&mut self, customer: &str, own: &StatementRow) -> Result<(), TableError> {
        self.row(&[
            Cell::Text(customer),
            Cell::Text(&own.number),
            Cell::Text(&own.contract),
            Cell::Time(own.cut),
            Cell::Count(own.revision.into()),
            Cell::Amount(own.total),
            own.credited.map_or(Cell::Empty, Cell::Amount),
            own.balance.map_or(Cell::Empty, Cell::Amount),
            Cell::Text(own.total.currency().code()),
            Cell::Text(&own.state),
            Cell::Count(own.coverage),
            Cell::Text(&own.digest),
            text(own.due_on.map(|day| day.to_string()).as_ref()),
            own.due.map_or(Cell::Empty, Cell::Amount),
            own.paid.map_or(Cell::Empty, Cell::Amount),
            own.written_off.map_or(Cell::Empty, Cell::Amount),
            text(own.cover.as_ref()),
        ])
    }

    /// Writes a line.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn line(&mut self, customer: &str, own: &StatedLine) -> Result<(), TableError> {
        self.row(&[
            Cell::Text(customer),
            Cell::Text(&own.statement),
            Cell::Text(&own.contract),
            Cell::Text(own.state),
            Cell::Text(own.surface.word()),
            Cell::Text(&own.component),
            Cell::Text(&own.part),
            Cell::Time(own.from),
            Cell::Time(own.until),
            Cell::Quantity(own.quantity),
            Cell::Amount(own.amount),
            Cell::Text(own.amount.currency().code()),
            Cell::Text(own.what),
            text(own.credit.as_ref()),
            Cell::Text(&own.cell),
            text(own.tax_category.as_ref()),
            text(own.origin.as_ref()),
            text(own.cover.as_ref()),
        ])
    }

    /// Writes a work.
    ///
    /// # Errors
    /// [`TableError`].
    pub fn work(&mut self, customer: &str, own: &WorkRow) -> Result<(), TableError> {
        self.row(&[
            Cell::Text(customer),
            Cell::Text(&own.work),
            Cell::Text(&own.unit),
            text(own.contract.as_ref()),
            Cell::Text(&own.standing.state),
            text(own.standing.class.as_ref()),
            text(own.standing.reason.as_ref()),
            Cell::Time(own.standing.since),
            Cell::Time(own.opened),
            Cell::Flag(own.is_disputed),
        ])
    }
}
