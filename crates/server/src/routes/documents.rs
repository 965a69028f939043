//! `/v1/customers/{customer}/statements/{number}/document`, and the same of covers, credit notes and quotes: what people file,
//! send, pay and accept.

use std::path::PathBuf;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use documents::Sheet;
use serde::Deserialize;
use utoipa::IntoParams;

use super::log::Octets;
use super::quotes::to_caller;
use crate::access::Caller;
use crate::app::App;
use crate::page::{page, preferred};
use crate::params::{Params, refused};
use crate::problem::{Code, Problem, Written};

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct InForm {
    /// `html` or `pdf`, in place of `Accept`.
    #[param(example = "html")]
    format: Option<String>,
}

/// The forms of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Html,
    Pdf,
}

const HTML: &str = "text/html";
const PDF: &str = "application/pdf";

/// An issued statement as a document.
///
/// To file, to send and to pay: one page that says what, by when and why, then every line, then what proves it. As
/// HTML that prints, or as PDF/A. A PDF is set once and kept: asked for again it has the same bytes.
#[utoipa::path(get, path = "/v1/customers/{customer}/statements/{number}/document", tag = "statements", operation_id = "get_statement_document",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-0001"),
        ("Accept" = Option<String>, Header, description = "`application/pdf` for the PDF", example = "text/html"), InForm),
    responses(
        (status = 200, description = "The document", content((String = "text/html"), (Octets = "application/pdf"))),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such statement", body = Written, content_type = "application/problem+json"),
        (status = 406, description = "It is not written in that form here", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be set as PDF", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn statement(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<InForm>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = form(&app, &asked, &headers)?;
    let made = move |app: &App| {
        let paper = app.book().statement_paper(&customer, &number)?;
        let document = Document {
            sheet: documents::statement(&paper),
            body: paper.basis.digest,
            fonts: paper.stationery.fonts,
        };
        document.answer(app, &number, form)
    };
    answered(&app, form, made).await
}

/// A cover as a document, with its statements behind it.
///
/// As [the document of a statement](#operation/get_statement_document).
#[utoipa::path(get, path = "/v1/customers/{customer}/covers/{number}/document", tag = "covers", operation_id = "get_cover_document",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-A0001"),
        ("Accept" = Option<String>, Header, description = "`application/pdf` for the PDF", example = "text/html"), InForm),
    responses(
        (status = 200, description = "The document", content((String = "text/html"), (Octets = "application/pdf"))),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such cover", body = Written, content_type = "application/problem+json"),
        (status = 406, description = "It is not written in that form here", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be set as PDF", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn cover(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<InForm>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = form(&app, &asked, &headers)?;
    let made = move |app: &App| {
        let paper = app.book().cover_paper(&customer, &number)?;
        let document = Document {
            sheet: documents::cover(&paper),
            body: paper.basis.digest,
            fonts: paper.stationery.fonts,
        };
        document.answer(app, &number, form)
    };
    answered(&app, form, made).await
}

/// A credit note as a document.
///
/// As [the document of a statement](#operation/get_statement_document).
#[utoipa::path(get, path = "/v1/customers/{customer}/credit-notes/{number}/document", tag = "credits", operation_id = "get_credit_note_document",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("number" = String, Path, description = "The printed number", example = "acme-C0001"),
        ("Accept" = Option<String>, Header, description = "`application/pdf` for the PDF", example = "text/html"), InForm),
    responses(
        (status = 200, description = "The document", content((String = "text/html"), (Octets = "application/pdf"))),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such credit note", body = Written, content_type = "application/problem+json"),
        (status = 406, description = "It is not written in that form here", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be set as PDF", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn credit_note(
    State(app): State<App>,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<InForm>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = form(&app, &asked, &headers)?;
    let made = move |app: &App| {
        let paper = app.book().credit_note_paper(&customer, &number)?;
        let document = Document {
            sheet: documents::credit_note(&paper),
            body: paper.basis.digest,
            fonts: paper.stationery.fonts,
        };
        document.answer(app, &number, form)
    };
    answered(&app, form, made).await
}

/// A quote as a document.
///
/// As the document of a statement.
#[utoipa::path(get, path = "/v1/customers/{customer}/quotes/{quote}/document", tag = "quotes", operation_id = "get_quote_document",
    params(("customer" = String, Path, description = "The customer's id", example = "acme"),
        ("quote" = String, Path, description = "The quote's number", example = "acme-Q0001"),
        ("Accept" = Option<String>, Header, description = "`application/pdf` for the PDF", example = "text/html"), InForm),
    responses(
        (status = 200, description = "The document", content((String = "text/html"), (Octets = "application/pdf"))),
        (status = 400, description = "A parameter cannot be used", body = Written, content_type = "application/problem+json"),
        (status = 404, description = "There is no such quote", body = Written, content_type = "application/problem+json"),
        (status = 406, description = "It is not written in that form here", body = Written, content_type = "application/problem+json"),
        (status = 422, description = "It cannot be set as PDF", body = Written, content_type = "application/problem+json"),
    ))]
pub(crate) async fn quote(
    State(app): State<App>,
    caller: Caller,
    Path((customer, number)): Path<(String, String)>,
    Params(asked): Params<InForm>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let form = form(&app, &asked, &headers)?;
    let made = move |app: &App| {
        let paper = app.book().quote_paper(&customer, &number, app.now())?;
        to_caller(&caller, paper.quote.clone())?;
        let document = Document {
            sheet: documents::quote(&paper),
            // The quote's own text is the first.
            body: (paper.quote.documents.first()).map_or(String::new(), |own| own.digest.clone()),
            fonts: paper.stationery.fonts,
        };
        document.answer(app, &number, form)
    };
    answered(&app, form, made).await
}

/// Which form is wanted: that of the query, or the first that `Accept` names; HTML where neither says.
fn form(app: &App, asked: &InForm, headers: &HeaderMap) -> Result<Form, Problem> {
    let form = match asked.format.as_deref() {
        Some("html") => Some(Form::Html),
        Some("pdf") => Some(Form::Pdf),
        Some(_) => return Err(refused("format", "it is `html` or `pdf`")),
        None => match preferred(headers, &[HTML, PDF]) {
            Some(PDF) => Some(Form::Pdf),
            Some(_) => Some(Form::Html),
            None => None,
        },
    };
    match form {
        Some(Form::Pdf) if app.typesetter().is_none() => Err(Problem::new(
            Code::NotAcceptable,
            "this server writes no PDF; take the HTML, which prints the same, or have a piecework serve that was \
             built with `--features pdf`",
        )),
        Some(form) => Ok(form),
        None => Err(Problem::new(
            Code::NotAcceptable,
            format!("a document is {HTML} or {PDF}"),
        )),
    }
}

/// PDFs are set one after another with what else is large.
async fn answered(
    app: &App,
    form: Form,
    made: impl FnOnce(&App) -> Result<Response, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let place = match form {
        Form::Html => None,
        Form::Pdf => app.place_for_large_body().await,
    };
    let answer = app.work(made).await;
    drop(place);
    answer
}

/// A document that is about to be written.
struct Document {
    sheet: Sheet,
    /// Digest of the body of the statement that it is of or that states it, of the entry of the cover, or of the text of
    /// the quote.
    body: String,
    fonts: Vec<PathBuf>,
}

impl Document {
    fn answer(&self, app: &App, number: &str, form: Form) -> Result<Response, Problem> {
        let Some(typesetter) = app.typesetter().filter(|_| form == Form::Pdf) else {
            return Ok(page(documents::html(&self.sheet)));
        };
        let kept = app
            .book()
            .kept_document(number, &self.body, self.sheet.mark.as_deref());
        let bytes = kept.or_keep(|| {
            typesetter(&self.sheet, &self.fonts).map_err(|told| Problem::new(Code::Refused, told))
        })?;
        let name = book::papers::plain(number);
        let headers = [
            (header::CONTENT_TYPE, PDF.to_owned()),
            (
                header::CONTENT_DISPOSITION,
                format!("inline; filename=\"{name}.pdf\""),
            ),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::CACHE_CONTROL, "private, no-cache".to_owned()),
        ];
        Ok((headers, bytes).into_response())
    }
}
