//! `/v1/tables/{table}`: statements, their lines and works as CSV or XLSX, for spreadsheets.

use std::fs::File;
use std::io::{self, Seek as _, Write};

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use exports::billing::Billing;
use exports::table::{Out, Table, TableError};
use serde::Deserialize;
use utoipa::IntoParams;

use super::log::Octets;
use crate::app::App;
use crate::file_body::FileBody;
use crate::limits::TABLE_BYTES_MAX;
use crate::page::preferred;
use crate::params::{Params, refused};
use crate::problem::{Code, Problem, Refusals, Written};

/// Whose rows, in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Only this customer; all where absent.
    #[param(example = "acme")]
    customer: Option<String>,
    /// `csv` or `xlsx`, in place of `Accept`.
    #[param(example = "csv")]
    format: Option<String>,
}

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A table of the book.
///
/// `statements`: a row a statement; `lines`: a row a cell that a statement states; `works`: a row a work. Amounts are
/// numbers with every digit, the currency is in a column of its own, ids are text. A long table is sooner had by
/// `piecework export`.
#[utoipa::path(get, path = "/v1/tables/{table}", tag = "statements", operation_id = "get_table",
    params(("table" = String, Path, description = "`statements`, `lines` or `works`", example = "statements"),
        ("Accept" = Option<String>, Header, description = "The XLSX's media type for the XLSX", example = "text/csv"), Asked),
    responses(
        (status = 200, description = "The table", content((String = "text/csv"), (Octets = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "It is not written in that form here", body = Written, content_type = "application/problem+json"),
        Refusals))]
pub(crate) async fn show(
    State(app): State<App>,
    Path(table): Path<String>,
    Params(asked): Params<Asked>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let which = Billing::of_word(&table).ok_or_else(|| {
        let detail = "a table is `statements`, `lines` or `works`";
        Problem::new(Code::NotFound, detail)
    })?;
    let kind = match asked.format.as_deref() {
        Some("csv") => Some(CSV),
        Some("xlsx") => Some(XLSX),
        Some(_) => return Err(refused("format", "it is `csv` or `xlsx`")),
        None => preferred(&headers, &[CSV, XLSX]),
    };
    let Some(kind) = kind else {
        let detail = format!("a table is {CSV} or {XLSX}");
        return Err(Problem::new(Code::NotAcceptable, detail));
    };
    if kind == XLSX && app.spreadsheet().is_none() {
        let detail = "this server writes no XLSX; take the CSV, which spreadsheets open, or have a piecework serve \
                      that was built with `--features xlsx`";
        return Err(Problem::new(Code::NotAcceptable, detail));
    }
    let place = app.place_for_large_body().await;
    let customer = asked.customer;
    let written = app
        .work(move |app| written(app, which, kind, customer.as_deref()))
        .await;
    drop(place);
    let (file, bytes) = written?;
    let ending = if kind == CSV { "csv" } else { "xlsx" };
    let name = format!("attachment; filename=\"{}.{ending}\"", which.word());
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_LENGTH, bytes.to_string()),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, Body::new(FileBody::new(file, bytes))).into_response())
}

/// The table in a file without a name.
fn written(
    app: &App,
    which: Billing,
    kind: &str,
    customer: Option<&str>,
) -> Result<(File, u64), Problem> {
    let unwritten = |error: io::Error| failed(TableError::Io(error));
    let mut file = tempfile::tempfile().map_err(unwritten)?;
    let out: Out = Box::new(Bounded {
        file: io::BufWriter::new(file.try_clone().map_err(unwritten)?),
        left: TABLE_BYTES_MAX,
    });
    let table = match app.spreadsheet().filter(|_| kind == XLSX) {
        Some(spreadsheet) => spreadsheet(out, which),
        None => Table::csv(out, which.columns()),
    };
    let mut table = table.map_err(failed)?;
    let book = app.book();
    match which {
        Billing::Statements => book.each_statement(customer, &mut |customer, own| {
            table.statement(customer, own).map_err(failed)
        })?,
        Billing::Lines => book.each_line(customer, &mut |customer, own| {
            table.line(customer, own).map_err(failed)
        })?,
        Billing::Works => book.each_work(customer, app.now(), &mut |customer, own| {
            table.work(customer, own).map_err(failed)
        })?,
    }
    table.finish().map_err(failed)?;
    let bytes = file.metadata().map_err(unwritten)?.len();
    file.rewind().map_err(unwritten)?;
    Ok((file, bytes))
}

/// A file that takes so many bytes and no more.
struct Bounded {
    file: io::BufWriter<File>,
    left: u64,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len() as u64;
        if taken > self.left {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.left -= taken;
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` calls it
fn failed(error: TableError) -> Problem {
    if error.io_kind() == Some(io::ErrorKind::FileTooLarge) {
        let detail = format!(
            "the table has more than {TABLE_BYTES_MAX} bytes; ask for one customer, or `piecework export` writes it"
        );
        return Problem::new(Code::TooLarge, detail);
    }
    tracing::error!(%error, "a table cannot be written");
    Problem::new(Code::Internal, "the table could not be written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_that_is_too_large_says_so() {
        let mut bounded = Bounded {
            file: io::BufWriter::new(tempfile::tempfile().unwrap()),
            left: 3,
        };
        assert_eq!(bounded.write(b"abc").unwrap(), 3);
        let error = bounded.write(b"d").unwrap_err();
        assert_eq!(failed(TableError::Io(error)).code(), Code::TooLarge);
        let error = csv::Error::from(io::Error::from(io::ErrorKind::FileTooLarge));
        assert_eq!(failed(error.into()).code(), Code::TooLarge);
    }
}
