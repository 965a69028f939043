//! What a book could not do, as a [`Problem`]: the only place where that is decided.
//!
//! Invariant: what is wrong with the book itself goes to the log, never to the caller; and nobody is told which
//! other customers there are.

use book::documents::FaultyDocument;
use book::error::{Absent, Error, Invalid, Refused};
use work::definition::Fault as InText;

use super::{Code, Fault, PlacedFault, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Absent(Absent::Customer { customer, .. }) => {
                Problem::new(Code::NotFound, format!("there is no customer `{customer}`"))
            }
            Error::Absent(absent) => Problem::new(Code::NotFound, absent.to_string()),
            Error::Invalid(invalid) => of_invalid('?', &invalid),
            Error::Refused(Refused::Cosignature(error)) => {
                Problem::new(Code::NotVerified, error.to_string())
            }
            Error::Refused(refused @ Refused::Proposed(_)) => {
                Problem::new(Code::Proposed, refused.to_string())
            }
            Error::Refused(refused) => of_refused(&refused),
            Error::Faulty(document) => faulty("", &document),
            Error::Store(error) => error.into(),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "the book failed");
                Problem::new(Code::Internal, "the book could not answer")
            }
        }
    }
}

/// The same for an act, whose arguments are members of the body.
pub(crate) fn of_act(error: Error) -> Problem {
    match error {
        Error::Invalid(invalid) => of_invalid('/', &invalid),
        Error::Faulty(document) => faulty("/document", &document),
        error => error.into(),
    }
}

fn of_invalid(place: char, invalid: &Invalid) -> Problem {
    let detail = match invalid {
        Invalid::Event(error) => format!("{invalid}: {error}"),
        invalid => invalid.to_string(),
    };
    let fault = Fault {
        pointer: format!("{place}{}", invalid.argument()),
        detail: detail.clone(),
    };
    Problem::new(Code::BadRequest, detail).with_faults(vec![fault])
}

fn of_refused(refused: &Refused) -> Problem {
    let problem = Problem::new(Code::Refused, refused.to_string());
    match refused {
        Refused::Fact {
            pointer,
            problem: detail,
        } => problem.with_faults(vec![Fault {
            pointer: pointer.clone(),
            detail: detail.clone(),
        }]),
        _ => problem,
    }
}

/// The faults of a document that is at `pointer` of the body.
pub(crate) fn faulty(pointer: &str, document: &FaultyDocument) -> Problem {
    let faults = document.faults.iter();
    let faults: Vec<PlacedFault> = faults
        .map(|fault| placed(pointer, &document.text, fault))
        .collect();
    let detail = match faults.as_slice() {
        [] => format!("{} cannot be used", document.name),
        [first, ..] => format!("{}: {}", document.name, first.detail),
    };
    Problem::new(Code::Faulty, detail).with_placed_faults(faults)
}

fn placed(pointer: &str, text: &str, fault: &InText) -> PlacedFault {
    let before = text.get(..fault.span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    PlacedFault {
        pointer: pointer.to_owned(),
        detail: fault.problem.clone(),
        line: Some(before.matches('\n').count() + 1),
        column: Some(before[line_start..].chars().count() + 1),
        hint: fault.hint.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_where_people_count_it() {
        let text = "id = \"x\"\nfür = 1\n";
        for (start, line, column) in [(0, 1, 1), (9, 2, 1), (14, 2, 5), (text.len(), 3, 1)] {
            let fault = InText {
                span: start..start,
                problem: "p".to_owned(),
                hint: None,
            };
            let placed = placed("/text", text, &fault);
            assert_eq!((placed.line, placed.column), (Some(line), Some(column)));
        }
    }

    #[test]
    fn nobody_is_told_who_else_is_there() {
        let absent = Absent::Customer {
            customer: "acme".to_owned(),
            known: vec!["secret".to_owned()],
        };
        let problem = Problem::from(Error::from(absent));
        assert_eq!(problem.code(), Code::NotFound);
        assert!(!problem.detail.contains("secret"));
    }

    #[test]
    fn what_is_wrong_with_the_book_stays_in_the_log() {
        let damaged = book::error::Damaged::Missing("the vault");
        let problem = Problem::from(Error::from(damaged));
        assert_eq!(problem.code(), Code::Internal);
        assert!(!problem.detail.contains("vault"));
    }
}
