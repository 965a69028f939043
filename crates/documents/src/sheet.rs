//! [`Sheet`]: a document with every text spelled, before it has a form.

use jiff::civil::Date;
use pages::view::{Logo, SheetSize};
use serde::{Deserialize, Serialize};

/// A document: a page that says everything at once, then the detail, then what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// What it is: `Billing statement`.
    pub title: String,
    /// Under the title: of which period, before tax.
    pub under_title: String,
    /// Its printed number.
    pub number: String,
    /// What is written across every page: `DRAFT`, `VOID`.
    pub mark: Option<String>,
    /// What a reader must know first.
    pub notice: Option<String>,
    /// The size of a page.
    pub size: SheetSize,
    /// The seller's logo.
    pub logo: Option<Logo>,
    /// The day that it bears.
    pub date: Date,
    /// Who sells.
    pub seller: Side,
    /// Who buys.
    pub buyer: Side,
    /// Number, days, contract, order: a name and a text each.
    pub facts: Vec<(String, String)>,
    /// The one amount that matters.
    pub headline: Headline,
    /// How it comes about.
    pub summary: Table,
    /// The rest of the first page.
    pub asides: Vec<Section>,
    /// The pages after it.
    pub details: Vec<Section>,
    /// What it rests on, and how to check it.
    pub proof: Section,
}

/// Who sells, or who buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// `From`, `To`.
    pub role: String,
    /// The name.
    pub name: String,
    /// Address and references, a line each.
    pub lines: Vec<String>,
}

/// The one amount that matters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headline {
    /// What it is: `To pay, before tax`.
    pub label: String,
    /// The amount with its currency.
    pub amount: String,
    /// By when, or why there is none.
    pub note: String,
}

/// A part with a title.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Section {
    /// The title.
    pub title: String,
    /// Paragraphs.
    pub text: Vec<String>,
    /// A name and a text each; digests and commands among them.
    pub facts: Vec<(String, String)>,
    /// A table, where there is one.
    pub table: Option<Table>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Row>,
    /// How many rows are not here, and where they are.
    pub omitted: Option<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// How its cells stand.
    pub align: Align,
}

/// How the cells of a column stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Align {
    /// Text, from the left.
    Text,
    /// Days, from the left, never broken.
    Days,
    /// Numbers, to the right, digit under digit.
    Number,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// What it is.
    pub kind: RowKind,
    /// A text for each column; of a group, the first alone.
    pub cells: Vec<String>,
    /// Smaller, under the first cell.
    pub note: Option<String>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowKind {
    /// The head of the rows after it.
    Group,
    /// A row.
    Plain,
    /// A part of the row above it.
    Part,
    /// The sum of a group.
    Subtotal,
    /// The sum of all.
    Total,
}

impl Table {
    /// An empty table of these columns; those of numbers begin with `>`, those of days with `|`.
    #[must_use]
    pub fn of(columns: &[&str]) -> Table {
        let column = |title: &&str| {
            let align = match title.chars().next() {
                Some('>') => Align::Number,
                Some('|') => Align::Days,
                _ => Align::Text,
            };
            Column {
                title: title.trim_start_matches(['>', '|']).to_owned(),
                align,
            }
        };
        Table {
            columns: columns.iter().map(column).collect(),
            rows: Vec::new(),
            omitted: None,
        }
    }

    /// Adds a row.
    pub fn row<const N: usize>(&mut self, kind: RowKind, cells: [String; N]) -> &mut Table {
        debug_assert!(kind == RowKind::Group || N == self.columns.len());
        self.rows.push(Row {
            kind,
            cells: cells.into(),
            note: None,
        });
        self
    }

    /// Gives the last row a note; none where it is empty.
    pub fn note(&mut self, note: String) -> &mut Table {
        if let Some(last) = self.rows.last_mut() {
            last.note = Some(note).filter(|note| !note.is_empty());
        }
        self
    }

    /// Cuts it to so many rows, the total among them; `rest` says where the others are.
    pub fn cut(&mut self, rows_max: usize, rest: &str) {
        if self.rows.len() > rows_max {
            let left = self.rows.len() - rows_max;
            let total = self.rows.pop_if(|last| last.kind == RowKind::Total);
            self.rows.truncate(rows_max - usize::from(total.is_some()));
            self.rows.extend(total);
            self.omitted = Some(format!(
                "{} more row{}: {rest}",
                pages::format::grouped(&left.to_string()),
                if left == 1 { "" } else { "s" }
            ));
        }
    }
}
