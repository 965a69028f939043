//! What a caller is told of what the book could not do.
//!
//! The variants of [`book::Error`] say what to answer; the message is the book's where the caller may know it.
//! Invariant: nobody learns which other customers there are, nor what is on the server's disk.

use book::Error;
use book::error::{Absent, Refused};

use crate::problem::{Code, Fault, Problem};

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Absent(Absent::Customer { customer, .. }) => {
                Problem::new(Code::NotFound, format!("there is no customer `{customer}`"))
            }
            Error::Absent(absent) => Problem::new(Code::NotFound, absent.to_string()),
            Error::Invalid(invalid) => {
                let (argument, detail) = (invalid.argument(), told(&invalid));
                let fault = Fault {
                    pointer: format!("?{argument}"),
                    detail: detail.clone(),
                };
                Problem::new(Code::BadRequest, detail).with_faults(vec![fault])
            }
            Error::Refused(Refused::Cosignature(error)) => {
                Problem::new(Code::NotVerified, told(&error))
            }
            Error::Refused(refused) => Problem::new(Code::Conflict, told(&refused)),
            Error::Store(error) => Problem::from(error),
            other => {
                tracing::error!(error = told(&other), "the book could not do it");
                Problem::new(Code::Internal, "the book could not do it")
            }
        }
    }
}

/// An error with its sources.
fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(own) = source {
        text.push_str(": ");
        text.push_str(&own.to_string());
        source = own.source();
    }
    text
}
