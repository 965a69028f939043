//! What commands print: tables for people, JSON for programs, on standard output.

use std::io::{self, Write as _};

use anyhow::Result;
use comfy_table::{CellAlignment, LineStyle, Table, TableStyle};
use money::{Amount, Rounding};
use serde::Serialize;

/// Where results go, and in which form.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// JSON instead of tables.
    pub json: bool,
}

impl Output {
    /// Prints a line; nothing in JSON form.
    pub fn line(self, text: impl AsRef<str>) -> Result<()> {
        if !self.json {
            writeln!(io::stdout().lock(), "{}", text.as_ref())?;
        }
        Ok(())
    }

    /// Prints a text that another program reads, in whatever form results go.
    pub fn text(self, text: &str) -> Result<()> {
        writeln!(io::stdout().lock(), "{text}")?;
        Ok(())
    }

    /// Prints a value: as JSON, or as what `people` makes of it.
    pub fn value<T: Serialize>(
        self,
        value: &T,
        people: impl FnOnce(&T) -> Vec<String>,
    ) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.json {
            serde_json::to_writer_pretty(&mut out, value)?;
            writeln!(out)?;
        } else {
            for line in people(value) {
                writeln!(out, "{line}")?;
            }
        }
        Ok(())
    }
}

/// An amount for people: finer than a coin, it is shown to a millionth; JSON has every digit.
pub fn money(amount: Amount) -> String {
    const DIGITS: u8 = 6;
    Amount::new(
        amount.value().rounded(DIGITS, Rounding::HalfEven),
        amount.currency(),
    )
    .to_string()
}

/// A table as text. Columns whose title begins with `>` are aligned right.
pub fn table(titles: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    let line = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(line).bottom_border(line));
    table.set_header(titles.iter().map(|title| title.trim_start_matches('>')));
    for row in rows {
        table.add_row(row);
    }
    for (index, title) in titles.iter().enumerate() {
        if title.starts_with('>')
            && let Some(column) = table.column_mut(index)
        {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}
