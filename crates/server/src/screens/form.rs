//! Forms of screens: what a person entered, and what became of it.
//!
//! A form is posted to the address of its screen. What was done leads back by `303 See Other` to a screen that tells
//! it once, so that a reload does nothing again; what was refused shows the screen again, with what was entered and
//! what is wrong with it. The act itself is the same function of the book that the API's route calls, under the same
//! permission. Invariants: the same form sent twice is done once, and so is one that was opened twice before anything
//! was written of its customer, by the word that stands in it ([`Form::id`]); what is read of a body has a bound before
//! it is read.

use std::collections::BTreeMap;

use axum::RequestExt as _;
use axum::extract::{FromRequest, Request};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use pages::screen::at;
use pages::view::{Entry, FieldFault, Told};
use work::Digest;

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::body;
use crate::limits::{FORM_BYTES_MAX, FORM_FIELDS_MAX};
use crate::once::RequestKey;
use crate::page::page;
use crate::problem::{Code, Problem};

/// Characters of the word that stands in a form.
const ONCE_CHARACTERS: usize = 32;

const MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

/// A form that was sent.
#[derive(Debug)]
pub(super) struct Form {
    fields: BTreeMap<String, String>,
    key: RequestKey,
}

/// What became of a form.
#[derive(Debug)]
pub(super) enum Became {
    /// Something was done: the address of the screen that tells it, and what was done, in words.
    Done { next: String, told: String },
    /// Nothing was done, for what would be was only looked at: the page.
    Seen(String),
}

impl Form {
    /// Which of the screen's forms it is.
    pub(super) fn act(&self) -> &str {
        self.text("act")
    }

    /// What stands in a field, without blanks around it; nothing where it was left empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// The same; empty where it was left empty.
    pub(super) fn text(&self, name: &str) -> &str {
        self.given(name).unwrap_or_default()
    }

    /// A document as it was entered; nothing where there is none.
    pub(super) fn document(&self, name: &str) -> Option<&str> {
        let text = self.fields.get(name)?;
        (!text.trim().is_empty()).then_some(text.as_str())
    }

    /// What was entered, for a screen that is shown again though nothing is wrong.
    ///
    /// # Errors
    /// Where no random word can be drawn.
    pub(super) fn kept(&self, app: &App) -> Result<Entry, Problem> {
        Ok(Entry {
            act: self.act().to_owned(),
            once: drawn(app)?,
            fields: self.fields.clone(),
            ..Entry::default()
        })
    }

    /// The id for what the form writes, the same whenever it is sent; `part` tells several apart.
    pub(super) fn id(&self, part: &str) -> Option<String> {
        self.key.id(part)
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(mut request: Request, _: &S) -> Result<Form, Problem> {
        if !is_form(request.headers()) {
            let detail = format!("a screen reads forms, `{MEDIA_TYPE}`; programs use the API");
            return Err(Problem::new(Code::UnsupportedMediaType, detail));
        }
        let caller: Caller = request.extract_parts().await?;
        let address = request.uri().path().to_owned();
        let bytes = body::within(request.into_body(), FORM_BYTES_MAX).await?;
        let fields = fields(&bytes)?;
        let once = fields.get("once").map_or("", String::as_str);
        let key = RequestKey::of_form(&caller, &address, once);
        Ok(Form { fields, key })
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|own| own.to_str().ok());
    let said = said.and_then(|own| own.split(';').next());
    said.is_some_and(|own| own.trim().eq_ignore_ascii_case(MEDIA_TYPE))
}

/// The fields by name. Browsers end the lines of what is entered in two characters, documents in one.
fn fields(bytes: &[u8]) -> Result<BTreeMap<String, String>, Problem> {
    let mut fields = BTreeMap::new();
    for (at, (name, value)) in form_urlencoded::parse(bytes).enumerate() {
        if at >= FORM_FIELDS_MAX {
            let detail = format!("the form has more than {FORM_FIELDS_MAX} fields");
            return Err(Problem::new(Code::BadRequest, detail));
        }
        fields.insert(name.into_owned(), value.replace("\r\n", "\n"));
    }
    Ok(fields)
}

/// What the forms of a screen begin with; nothing where the caller may not do what they do.
///
/// # Errors
/// Where no random word can be drawn.
pub(super) fn opened(
    app: &App,
    caller: &Caller,
    needs: Permission,
) -> Result<Option<Entry>, Problem> {
    let may = caller.may(needs);
    may.then(|| {
        Ok(Entry {
            once: drawn(app)?,
            ..Entry::default()
        })
    })
    .transpose()
}

/// What the forms of a screen of a customer begin with. Until more is written of the customer, whoever opens the screen
/// once more opens the same forms: sent from both, they are one act.
///
/// # Errors
/// Where the book cannot be read.
pub(super) fn opened_of(
    app: &App,
    caller: &Caller,
    needs: Permission,
    customer: &str,
) -> Result<Option<Entry>, Problem> {
    if !caller.may(needs) {
        return Ok(None);
    }
    let (shared, seller) = app.book().written_of(customer)?;
    let stands = Digest::of(format!("{customer}\n{shared}\n{seller}").as_bytes());
    Ok(Some(Entry {
        once: stands.to_string()[..ONCE_CHARACTERS].to_owned(),
        ..Entry::default()
    }))
}

/// What a form does, of that which the address names.
type Act<Of> = fn(&App, &Caller, &Of, &Form) -> Result<Became, Problem>;

/// The screen of a form, of that which the address names, with what its forms begin with.
type Again<Of> = fn(&App, &Caller, &Of, Option<&Entry>) -> Result<String, Problem>;

/// Does what a form asks: leads on where it was done, or shows the screen again where a person can mend it.
///
/// # Errors
/// What no other entry would mend: what the caller may not do, a book that fails, a screen that is not there.
pub(super) async fn submitted<Of: Send + 'static>(
    app: &App,
    caller: Caller,
    form: Form,
    of: Of,
    act: Act<Of>,
    again: Again<Of>,
) -> Result<Response, Problem> {
    let work = move |app: &App| {
        let problem = match act(app, &caller, &of, &form) {
            Ok(Became::Done { next, told }) => return Ok(led_on(app, &caller, next, told)),
            Ok(Became::Seen(html)) => return Ok(page(html)),
            Err(problem) => problem,
        };
        if problem.code() == Code::Proposed {
            let told =
                "Nothing was done yet: it is above a limit, and waits here for a second person.";
            let next = at::APPROVALS.to_owned();
            return Ok(led_on(app, &caller, next, told.to_owned()));
        }
        if !can_be_mended(problem.code()) {
            return Err(problem);
        }
        let status = problem.code().status();
        // What was refused wrote nothing, and may be mended; unless its word was used for something else.
        let once = match form.given("once") {
            Some(once) if !matches!(problem.code(), Code::Conflict | Code::Refused) => {
                once.to_owned()
            }
            _ => drawn(app)?,
        };
        let html = again(app, &caller, &of, Some(&entry(once, form, problem)))?;
        Ok((status, page(html)).into_response())
    };
    app.work(work).await
}

/// What a screen answers to a form that it does not have.
pub(super) fn no_such_act() -> Problem {
    Problem::new(
        Code::BadRequest,
        "the screen has no such form; open it again",
    )
}

/// What was entered, with what is wrong with it.
fn entry(once: String, form: Form, problem: Problem) -> Entry {
    let act = form.act().to_owned();
    let (detail, faults) = problem.into_parts();
    let faults = faults.into_iter().map(|fault| FieldFault {
        field: fault.pointer().trim_start_matches(['/', '?']).to_owned(),
        says: fault.in_words(),
    });
    let faults: Vec<FieldFault> = faults.collect();
    let refused = match faults.as_slice() {
        [] => detail,
        [only] => format!("`{}`: {}", only.field, only.says),
        [first, others @ ..] => {
            let (field, says, others) = (&first.field, &first.says, others.len());
            format!("`{field}`: {says}; and {others} more")
        }
    };
    Entry {
        act,
        once,
        fields: form.fields,
        faults,
        refused: Some(refused),
    }
}

fn can_be_mended(code: Code) -> bool {
    matches!(
        code,
        Code::BadRequest
            | Code::NotFound
            | Code::Conflict
            | Code::Refused
            | Code::Faulty
            | Code::NotVerified
            | Code::PreconditionFailed
    )
}

fn led_on(app: &App, caller: &Caller, next: String, told: String) -> Response {
    if let Some(session) = &caller.session {
        app.sessions().tell(session, Told::Done(told));
    }
    let headers = [(LOCATION, next), (CACHE_CONTROL, "no-store".to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// A word that no other page has.
fn drawn(app: &App) -> Result<String, Problem> {
    let random = (app.book().random)().map_err(book::Error::Random)?;
    Ok(random[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_browsers_write_them() {
        let read =
            fields(b"act=send&by=cs+lead&text=a%0D%0Ab%0D%0A&empty=&%C3%BC=%E2%82%AC&bad=%FF")
                .unwrap();
        for (name, value) in [
            ("by", "cs lead"),
            ("text", "a\nb\n"),
            ("empty", ""),
            ("\u{fc}", "\u{20ac}"),
            ("bad", "\u{fffd}"),
        ] {
            assert_eq!(read[name], value);
        }
    }

    #[test]
    fn a_form_has_so_many_fields() {
        let of = |count: usize| {
            (0..count)
                .map(|at| format!("f{at}="))
                .collect::<Vec<_>>()
                .join("&")
        };
        assert!(fields(of(FORM_FIELDS_MAX).as_bytes()).is_ok());
        assert!(fields(of(FORM_FIELDS_MAX + 1).as_bytes()).is_err());
    }

    #[test]
    fn what_is_left_empty_is_not_given() {
        let form = Form {
            fields: fields(b"a=+x+&b=++&c=").unwrap(),
            key: RequestKey::default(),
        };
        assert_eq!(
            (
                form.given("a"),
                form.given("b"),
                form.given("c"),
                form.given("d")
            ),
            (Some("x"), None, None, None)
        );
        assert_eq!(form.document("a"), Some(" x "));
    }
}
