//! A statement beside the buyer's own records: brought, their columns chosen, compared.
//!
//! The comparison is that of `piecework reconcile` ([`proof::reconcile`]), over the very proof file that the buyer can
//! take away and compare by itself. Between the two steps the records go back to the browser: nothing of them is kept
//! here. Invariant: a row that cannot be read stops the comparison, since silence would count against the buyer.

use std::io::Write;
use std::path::Path as FilePath;

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use book::Book;
use book::proof_files::Proving;
use intake::guess::{Proposal, Role, Sample, guess};
use intake::{Import, Input, Map, Options as Reading};
use jiff::SignedDuration;
use pages::screen::portal::{self, at};
use pages::view::{BilledWork, ColumnChoice, OwnRecords, QuestionedWork, RecordsCompared};
use proof::reconcile::{Mine, Reconciliation, reconcile};
use proof::verify::Options;
use work::Event;

use super::frame::{above, frame};
use super::upload::Upload;
use crate::access::{Caller, Permission};
use crate::api::Needs;
use crate::app::App;
use crate::limits::{RECONCILED_FILE_BYTES_MAX, RECORDS_MAX, UPLOAD_BYTES_MAX};
use crate::page::page;
use crate::problem::{Code, Problem};
use crate::screens::{Screen, act, look};
use crate::sent::refused_at;

/// How far apart two clocks may put the same fact, as `piecework reconcile` has it.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(10);

/// The source of the buyer's records as events.
const SOURCE: &str = "buyer";

/// What has to be known of the records: role, words, whether it is a column, whether nothing goes without it.
const CHOICES: [(Role, &str, bool, bool); 6] = [
    (Role::Work, "The work: the id of the ticket", true, true),
    (Role::Time, "When the row happened", true, true),
    (Role::Opened, "When the work began", true, false),
    (Role::Outcome, "What came of it", true, false),
    (
        Role::DoneWords,
        "Words of that column that mean that it was done, with commas between",
        false,
        false,
    ),
    (
        Role::Zone,
        "The time zone of times that do not say theirs, such as Europe/Berlin",
        false,
        false,
    ),
];

pub(super) fn screens() -> Vec<Screen> {
    let read = Needs::Key(Permission::Read);
    vec![
        look(at::RECONCILE, read, get(show)),
        act(at::RECONCILE, read, post(columns)),
        act(at::COMPARED, read, post(compared)),
    ]
}

async fn show(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let numbers = app.book().statements(&customer)?.into_iter();
        let numbers: Vec<String> = numbers
            .filter(|own| own.state != "void")
            .map(|own| own.number)
            .collect();
        let frame = frame(
            app,
            &caller,
            &customer,
            (at::RECONCILE, "Your records"),
            Vec::new(),
        );
        Ok(portal::reconcile(
            &frame,
            &customer,
            &numbers,
            UPLOAD_BYTES_MAX,
        ))
    };
    Ok(page(app.work(shown).await?))
}

/// The first step: what the columns seem to be.
async fn columns(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    let shown = move |app: &App| {
        let statement = upload.given("statement").unwrap_or_default();
        let (name, text) = upload
            .file()
            .ok_or_else(|| refused_at("/file", "choose a file"))?;
        let records = Records::keep(name, text)?;
        let own = OwnRecords {
            statement: statement.to_owned(),
            file: name.to_owned(),
            text: text.to_owned(),
            columns: records.sample.names().to_vec(),
            rows: records.sample.rows(),
            choices: choices(&guess(&records.sample)),
        };
        let trail = above("Your records", at::RECONCILE, &customer);
        let frame = frame(app, &caller, &customer, (at::RECONCILE, "Columns"), trail);
        Ok(portal::columns(&frame, &customer, &own))
    };
    Ok(page(app.work(shown).await?))
}

fn choices(proposal: &Proposal) -> Vec<ColumnChoice> {
    let choices = CHOICES.iter().map(|(role, words, is_column, is_needed)| {
        let guessed = proposal.guesses.iter().find(|own| own.role == *role);
        let asked = proposal.questions.iter().find(|own| own.role == *role);
        let candidates = asked
            .filter(|_| !is_column)
            .map(|own| own.candidates.join(", "));
        ColumnChoice {
            role: role.word(),
            words,
            is_column: *is_column,
            is_needed: *is_needed,
            guess: guessed.map(|own| own.answer.clone()).or(candidates),
            reason: guessed.map(|own| own.reason.clone()),
        }
    });
    choices.collect()
}

/// The second step: compared.
async fn compared(
    State(app): State<App>,
    caller: Caller,
    Path(customer): Path<String>,
    upload: Upload,
) -> Result<Response, Problem> {
    // A whole log is folded twice: so few at once as there are places for large bodies.
    let place = app.place_for_large_body().await;
    let shown = move |app: &App| {
        let number = upload.given("statement").unwrap_or_default();
        let name = upload.given("name").unwrap_or("records.csv");
        let records = Records::keep(name, upload.text()?)?;
        let (events, silent) = records.events(&upload, &customer, app)?;
        let file = proof_file(app, &customer, number)?;
        let mine = Mine {
            events,
            tolerance: TOLERANCE,
        };
        let found = reconcile(&file, &Options::default(), mine);
        let (_, found) = found.map_err(|error| Problem::new(Code::Conflict, error.to_string()))?;
        let mut found = told(app.book(), &customer, number, &found, app.now())?;
        found.silent = silent;
        let trail = above("Your records", at::RECONCILE, &customer);
        let title = format!("Your records beside {number}");
        let frame = frame(app, &caller, &customer, (at::RECONCILE, &title), trail);
        Ok(portal::compared(&frame, &customer, &found))
    };
    let shown = app.work(shown).await;
    drop(place);
    Ok(page(shown?))
}

/// Records in a file of their own, for as long as they are looked at.
struct Records {
    _directory: tempfile::TempDir,
    path: std::path::PathBuf,
    sample: Sample,
}

impl Records {
    fn keep(name: &str, text: &str) -> Result<Records, Problem> {
        let unkept = |error: std::io::Error| {
            tracing::error!(%error, "records cannot be kept while they are looked at");
            Problem::new(Code::Internal, "the records could not be read")
        };
        let directory = tempfile::tempdir().map_err(unkept)?;
        // Of what it was called the ending alone counts: whether it is CSV or JSON.
        let ending = FilePath::new(name).extension().and_then(|own| own.to_str());
        let ending = ending
            .filter(|own| own.len() <= 8 && own.bytes().all(|own| own.is_ascii_alphanumeric()));
        let path = directory
            .path()
            .join(format!("records.{}", ending.unwrap_or("csv")));
        std::fs::write(&path, text).map_err(unkept)?;
        let sample = Sample::read_up_to(&path, RECORDS_MAX).map_err(|error| {
            let path = path.display().to_string();
            refused_at("/file", error.to_string().replace(&path, name))
        })?;
        Ok(Records {
            _directory: directory,
            path,
            sample,
        })
    }

    /// The records as events of the buyer, by the columns that were chosen.
    /// How many rows say nothing is told with them.
    fn events(
        &self,
        upload: &Upload,
        customer: &str,
        app: &App,
    ) -> Result<(Vec<Event>, u64), Problem> {
        // Everything in its own export is the buyer's, whatever a column says.
        let mut answers = vec![(Role::Customer, String::new())];
        for (role, ..) in CHOICES {
            let given = upload.given(role.word()).unwrap_or_default();
            answers.push((role, given.to_owned()));
        }
        let map = guess(&self.sample).map(&answers);
        let map = map.map_err(|error| refused_at("/work", error.to_string()))?;
        let map = Map::parse(&map).map_err(|error| refused_at("/file", error.to_string()))?;
        let reading = Reading {
            customer: Some(customer.to_owned()),
            source: Some(SOURCE.to_owned()),
            received_at: Some(app.now()),
            ..Reading::default()
        };
        let import = Import::open(&map, &[Input::new(&self.path)], reading);
        let mut import = import.map_err(|error| refused_at("/file", error.to_string()))?;
        let mut events = Vec::new();
        for record in import.by_ref() {
            if events.len() == RECORDS_MAX {
                let detail =
                    format!("more than {RECORDS_MAX} records; `piecework reconcile` takes them");
                return Err(Problem::new(Code::TooLarge, detail));
            }
            let event = record.map_err(|refused| {
                let detail = format!(
                    "line {}: {}; repair the row, nothing was compared",
                    refused.line, refused.problem
                );
                refused_at("/file", detail)
            })?;
            events.push(event);
        }
        Ok((events, import.counts().rows_without_event))
    }
}

/// The proof file of a statement, made of the whole log, within bounds.
fn proof_file(app: &App, customer: &str, number: &str) -> Result<Vec<u8>, Problem> {
    let mut file = Bounded(Vec::new());
    let proving = Proving {
        customer,
        number,
        from_carry: false,
        payloads: &[],
    };
    let account = app.book().account(customer, None)?;
    if account.statement(number).is_none() {
        return Err(refused_at("/statement", "there is no such statement"));
    }
    let made = app.book().proof_file(&proving, &mut file, app.now());
    if file.0.len() >= RECONCILED_FILE_BYTES_MAX {
        let detail = "the proof file is too large to be compared here; take it, and run `piecework reconcile`";
        return Err(Problem::new(Code::TooLarge, detail));
    }
    made?;
    Ok(file.0)
}

/// Bytes, up to [`RECONCILED_FILE_BYTES_MAX`] of them.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let room = RECONCILED_FILE_BYTES_MAX.saturating_sub(self.0.len());
        if room == 0 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        let written = bytes.len().min(room);
        self.0.extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn told(
    book: &Book,
    customer: &str,
    number: &str,
    found: &Reconciliation,
    now: jiff::Timestamp,
) -> Result<RecordsCompared, Problem> {
    let lines = |events: &[Event]| -> String {
        events
            .iter()
            .map(|event| event.canonical() + "\n")
            .collect()
    };
    let not_mine = found.not_mine.iter().map(|own| BilledWork {
        work: own.work.clone(),
        class: own.class.clone(),
        amount: own.amount,
    });
    let in_question = found.in_question.iter().map(|own| {
        let facts = own.facts.iter();
        let facts: Vec<String> = facts
            .map(|(kind, time)| format!("{} at {time}", kind.word()))
            .collect();
        QuestionedWork {
            work: own.work.clone(),
            charged: own.charged,
            would_be: own.would_be,
            facts: facts.join(", "),
        }
    });
    let not_billed = found.not_billed.iter();
    Ok(RecordsCompared {
        customer: customer.to_owned(),
        origin: book.origin(customer)?,
        matched: found.matched.len() as u64,
        not_mine: not_mine.collect(),
        not_billed: not_billed
            .map(|own| (own.work.clone(), own.why.word().to_owned()))
            .collect(),
        unreported: found.unreported.len() as u64,
        in_question: in_question.collect(),
        amount: found.amount,
        others: found.others,
        silent: 0,
        disputes: lines(&found.disputes(customer, number, now)),
        facts: lines(&found.unreported),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_file_is_held_up_to_a_bound() {
        let mut file = Bounded(vec![0; RECONCILED_FILE_BYTES_MAX - 2]);
        assert_eq!(file.write(b"abc").unwrap(), 2);
        assert!(file.write(b"c").is_err());
    }
}
