//! What acts have in their bodies: money, days, who approves.
//!
//! Invariant: a member that cannot be read is refused at its pointer, before anything is done.

use axum::http::StatusCode;
use jiff::civil::Date;
use money::Amount;
use pages::view::json::Money;

use crate::limits::{ROLE_BYTES_MAX, WORDS_BYTES_MAX};
use crate::problem::{Code, Fault, Problem};

/// A member of the body that cannot be used.
pub(crate) fn refused_at(pointer: &str, detail: impl Into<String>) -> Problem {
    let detail = detail.into();
    let fault = Fault {
        pointer: pointer.to_owned(),
        detail: detail.clone(),
    };
    Problem::new(Code::BadRequest, format!("`{pointer}`: {detail}")).with_faults(vec![fault])
}

/// An amount, at `pointer`.
pub(crate) fn amount(pointer: &str, money: &Money) -> Result<Amount, Problem> {
    let text = format!("{} {}", money.amount, money.currency);
    text.parse()
        .map_err(|error: money::MoneyError| refused_at(pointer, error.to_string()))
}

/// A day, at `pointer`.
pub(crate) fn day(pointer: &str, text: &str) -> Result<Date, Problem> {
    text.parse()
        .map_err(|_| refused_at(pointer, format!("`{text}` is not a day such as 2026-01-01")))
}

/// Who approves, signs or reviews: a role.
pub(crate) fn role<'a>(pointer: &str, text: &'a str) -> Result<&'a str, Problem> {
    within(pointer, text, ROLE_BYTES_MAX)
}

/// Why, in words.
pub(crate) fn words<'a>(pointer: &str, text: &'a str) -> Result<&'a str, Problem> {
    within(pointer, text, WORDS_BYTES_MAX)
}

fn within<'a>(pointer: &str, text: &'a str, bytes_max: usize) -> Result<&'a str, Problem> {
    let text = text.trim();
    if (1..=bytes_max).contains(&text.len()) {
        Ok(text)
    } else {
        Err(refused_at(
            pointer,
            format!("it has 1 to {bytes_max} bytes"),
        ))
    }
}

/// Whether the act was done now, or the same had been done before.
pub(crate) fn done(is_known: bool) -> StatusCode {
    if is_known {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_words_are_bounded() {
        type Read = fn(&'static str, &str) -> bool;
        let reads: [(usize, Read); 2] = [
            (ROLE_BYTES_MAX, |at, text| role(at, text).is_ok()),
            (WORDS_BYTES_MAX, |at, text| words(at, text).is_ok()),
        ];
        for (most, is_taken) in reads {
            assert!(is_taken("/by", &"x".repeat(most)));
            assert!(!is_taken("/by", &"x".repeat(most + 1)));
            assert!(!is_taken("/by", " "));
        }
    }
}
