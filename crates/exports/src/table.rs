//! [`Table`]: rows for a spreadsheet, as CSV or as XLSX.
//!
//! What is an id or a name is text wherever it is read: no cell of an XLSX is a formula, and a text of a CSV that a
//! spreadsheet would take for one has an apostrophe before it ([`guarded`]). What is a number is a number, exact: a
//! CSV has every digit, and a cell of an XLSX, which is a binary number of 15 decimal digits, is a number where the
//! value has so many at most, else text with every digit. Instants are text, ISO 8601 in UTC.
//!
//! Rows are written as they come and not kept. Invariant: a number that a reader sees is the number that was given,
//! or is refused to be one; none is rounded.

use std::io::Write;

use jiff::Timestamp;
use money::{Amount, Decimal};

/// Rows of one sheet of an XLSX, its head among them; what is more goes to a next sheet.
#[cfg(feature = "xlsx")]
const SHEET_ROWS_MAX: u32 = 1_048_576;
/// Decimal digits that every binary number of a spreadsheet has.
#[cfg(feature = "xlsx")]
const EXACT_DIGITS: usize = 15;

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// An id, a name, a word.
    Text(&'a str),
    /// Money, of which the column beside it has the currency.
    Amount(Amount),
    /// A quantity.
    Quantity(Decimal),
    /// So many.
    Count(u64),
    /// When.
    Time(Timestamp),
    /// Yes or no.
    Flag(bool),
    /// Nothing is known, or nothing applies.
    Empty,
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// A CSV.
    #[error("the CSV cannot be written")]
    Csv(#[from] csv::Error),
    /// A file.
    #[error("the table cannot be written")]
    Io(#[from] std::io::Error),
    /// An XLSX.
    #[cfg(feature = "xlsx")]
    #[error("the XLSX cannot be written")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

impl TableError {
    /// What the system said, where it did.
    #[must_use]
    pub fn io_kind(&self) -> Option<std::io::ErrorKind> {
        match self {
            TableError::Csv(error) => match error.kind() {
                csv::ErrorKind::Io(error) => Some(error.kind()),
                _ => None,
            },
            TableError::Io(error) => Some(error.kind()),
            #[cfg(feature = "xlsx")]
            TableError::Xlsx(rust_xlsxwriter::XlsxError::IoError(error)) => Some(error.kind()),
            #[cfg(feature = "xlsx")]
            TableError::Xlsx(_) => None,
        }
    }
}

/// Where rows go.
pub type Out = Box<dyn Write + Send>;

/// A table that is being written.
pub struct Table {
    form: Form,
}

enum Form {
    Csv(csv::Writer<Out>),
    #[cfg(feature = "xlsx")]
    Xlsx(Box<xlsx::Sheets>),
}

impl Table {
    /// A CSV with a head line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn csv(out: Out, columns: &[&str]) -> Result<Table, TableError> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(columns)?;
        Ok(Table {
            form: Form::Csv(writer),
        })
    }

    /// An XLSX with a head that stays in view. Rows wait in temporary files, not in memory.
    ///
    /// # Errors
    /// Where there is no place for temporary files.
    #[cfg(feature = "xlsx")]
    pub fn xlsx(
        out: Out,
        name: &str,
        columns: &'static [&'static str],
    ) -> Result<Table, TableError> {
        let sheets = xlsx::Sheets::new(out, name, columns, SHEET_ROWS_MAX)?;
        Ok(Table {
            form: Form::Xlsx(Box::new(sheets)),
        })
    }

    /// Writes a row, a cell a column.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), TableError> {
        match &mut self.form {
            Form::Csv(writer) => {
                for cell in cells {
                    match cell {
                        Cell::Text(text) => writer.write_field(guarded(text).as_bytes())?,
                        other => writer.write_field(plain(*other))?,
                    }
                }
                writer.write_record(None::<&[u8]>)?;
                Ok(())
            }
            #[cfg(feature = "xlsx")]
            Form::Xlsx(sheets) => sheets.row(cells),
        }
    }

    /// Ends it.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(self) -> Result<(), TableError> {
        match self.form {
            Form::Csv(mut writer) => Ok(writer.flush()?),
            #[cfg(feature = "xlsx")]
            Form::Xlsx(sheets) => sheets.finish(),
        }
    }
}

/// A text as it may stand in a CSV: with an apostrophe where a spreadsheet would take it for a formula.
#[must_use]
pub fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    match text.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{text}").into(),
        _ => text.into(),
    }
}

/// A value with every digit.
fn plain(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => text.to_owned(),
        Cell::Amount(amount) => amount.number(),
        Cell::Quantity(quantity) => quantity.to_string(),
        Cell::Count(count) => count.to_string(),
        Cell::Time(at) => at.to_string(),
        Cell::Flag(is) => is.to_string(),
        Cell::Empty => String::new(),
    }
}

#[cfg(feature = "xlsx")]
mod xlsx {
    //! XLSX, by `rust_xlsxwriter` in its mode of constant memory.

    use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

    use super::{Cell, EXACT_DIGITS, Out, TableError, plain};

    /// The sheets of a workbook.
    pub(super) struct Sheets {
        out: Out,
        book: Workbook,
        name: String,
        columns: &'static [&'static str],
        sheets: usize,
        row: u32,
        rows_max: u32,
        head: Format,
        /// By digits behind the point.
        amounts: Vec<Format>,
    }

    impl Sheets {
        pub(super) fn new(
            out: Out,
            name: &str,
            columns: &'static [&'static str],
            rows_max: u32,
        ) -> Result<Sheets, TableError> {
            let mut book = Workbook::new();
            // The clock is not ours to read, and the same rows are the same file.
            let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
            let properties = DocProperties::new()
                .set_author("piecework")
                .set_title(name)
                .set_creation_datetime(&made);
            book.set_properties(&properties);
            let digits = 0..=usize::from(money::Decimal::SCALE_MAX);
            let amounts = digits.map(|digits| {
                let point = if digits == 0 { "" } else { "." };
                Format::new().set_num_format(format!("#,##0{point}{}", "0".repeat(digits)))
            });
            let mut sheets = Sheets {
                out,
                book,
                name: name.to_owned(),
                columns,
                sheets: 0,
                row: 0,
                rows_max,
                head: Format::new().set_bold(),
                amounts: amounts.collect(),
            };
            sheets.begin()?;
            Ok(sheets)
        }

        /// The next sheet, with its head.
        fn begin(&mut self) -> Result<(), TableError> {
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            self.sheets += 1;
            match self.sheets {
                1 => sheet.set_name(&self.name)?,
                number => sheet.set_name(format!("{} {number}", self.name))?,
            };
            sheet.set_freeze_panes(1, 0)?;
            for (column, title) in (0_u16..).zip(self.columns) {
                sheet.set_column_width(column, 18)?;
                sheet.write_string_with_format(0, column, *title, &self.head)?;
            }
            self.row = 1;
            Ok(())
        }

        pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), TableError> {
            if self.row == self.rows_max {
                self.begin()?;
            }
            let sheet = self.book.worksheet_from_index(self.sheets - 1)?;
            for (column, cell) in (0_u16..).zip(cells) {
                write(sheet, (self.row, column), *cell, &self.amounts)?;
            }
            self.row += 1;
            Ok(())
        }

        pub(super) fn finish(mut self) -> Result<(), TableError> {
            self.book.save_to_writer(&mut self.out)?;
            Ok(self.out.flush()?)
        }
    }

    fn write(
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        cell: Cell<'_>,
        amounts: &[Format],
    ) -> Result<(), TableError> {
        let text = plain(cell);
        match cell {
            Cell::Empty => return Ok(()),
            Cell::Flag(is) => sheet.write_boolean(row, column, is)?,
            Cell::Text(_) | Cell::Time(_) => sheet.write_string(row, column, text)?,
            Cell::Amount(_) | Cell::Quantity(_) | Cell::Count(_) => match exact(&text) {
                // With every digit that it has: a column of them may differ.
                Some(number) => match cell {
                    Cell::Amount(_) => {
                        let digits = text.split_once('.').map_or(0, |(_, rest)| rest.len());
                        let format = amounts.get(digits).unwrap_or(&amounts[0]); // never empty
                        sheet.write_number_with_format(row, column, number, format)?
                    }
                    _ => sheet.write_number(row, column, number)?,
                },
                None => sheet.write_string(row, column, text)?,
            },
        };
        Ok(())
    }

    /// A decimal number as a binary one, where that gives every digit back.
    fn exact(text: &str) -> Option<f64> {
        let digits = text.bytes().filter(u8::is_ascii_digit);
        let significant = digits.skip_while(|digit| *digit == b'0').count();
        (significant <= EXACT_DIGITS)
            .then(|| text.parse().ok())
            .flatten()
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_number_of_more_digits_than_a_spreadsheet_has_is_none() {
            assert_eq!(exact("1234567890123.45"), Some(1_234_567_890_123.45));
            assert_eq!(exact("-0.000000000000001"), Some(-1e-15));
            assert_eq!(exact("12345678901234.56"), None);
        }

        #[test]
        fn a_sheet_that_is_full_is_followed_by_another() {
            let file = tempfile::NamedTempFile::new().unwrap();
            let out = Box::new(file.reopen().unwrap());
            let mut sheets = Sheets::new(out, "t", &["n"], 3).unwrap();
            for n in 0..5 {
                sheets.row(&[Cell::Count(n)]).unwrap();
            }
            // Two rows and a head each, and the last begins a third.
            assert_eq!((sheets.sheets, sheets.row), (3, 2));
            sheets.finish().unwrap();
            assert!(file.as_file().metadata().unwrap().len() > 1_000);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What is written, to be looked at afterwards.
    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn text_is_never_a_formula_and_a_negative_amount_stays_a_number() {
        let paper = Paper::default();
        let mut table = Table::csv(Box::new(paper.clone()), &["id", "amount", "n"]).unwrap();
        for id in [
            "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "T-1", "007", "a,\"b\"",
        ] {
            let amount = Cell::Amount("-1.5 USD".parse().unwrap());
            table.row(&[Cell::Text(id), amount, Cell::Empty]).unwrap();
        }
        table.finish().unwrap();
        let written = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(
            written,
            "id,amount,n\n'=1+1,-1.50,\n'+1,-1.50,\n'-1,-1.50,\n'@SUM(A1),-1.50,\n'\tx,-1.50,\n\
             T-1,-1.50,\n007,-1.50,\n\"a,\"\"b\"\"\",-1.50,\n"
        );
    }
}
