//! [`each`]: one question to many customers, on several threads.
//!
//! Customers differ in size by orders of magnitude, so threads take one after the other and nobody is dealt a share.
//! Not here: acts, which keep what became of each customer ([`crate::runs`]). Invariant: the answers are those of one
//! thread, in the order of the customers; of several errors that of the first customer is told.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::Result;

/// What is asked of every customer, in their order.
///
/// # Errors
/// The first customer's that failed; nobody is asked after that.
pub(crate) fn each<R: Send>(
    threads: usize,
    customers: &[String],
    ask: impl Fn(&str) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (next, has_failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = || {
        let mut answers = Vec::new();
        while !has_failed.load(Ordering::Relaxed) {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(customer) = customers.get(place) else {
                break;
            };
            let answer = ask(customer);
            has_failed.fetch_or(answer.is_err(), Ordering::Relaxed);
            answers.push((place, answer));
        }
        answers
    };
    let mut answers = thread::scope(|scope| {
        let others = 1..threads.min(customers.len());
        let others: Vec<_> = others.map(|_| scope.spawn(work)).collect();
        let mut all = work();
        for other in others {
            match other.join() {
                Ok(answers) => all.extend(answers),
                Err(panic) => resume_unwind(panic),
            }
        }
        all
    });
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test that panics is a test that fails

    use super::each;
    use crate::error::Absent;

    #[test]
    fn answers_are_in_the_order_of_the_customers_on_any_number_of_threads() {
        for length in [0, 1, 2, 100] {
            let names: Vec<String> = (0..length).map(|own| format!("c{own}")).collect();
            for threads in [0, 1, 2, 7] {
                let answers = each(threads, &names, |name| Ok(name.to_owned())).unwrap();
                assert_eq!(answers, names, "{threads} threads");
            }
        }
    }

    #[test]
    fn of_two_failures_the_first_customers_is_told() {
        let names: Vec<String> = (0..40).map(|own| format!("c{own:02}")).collect();
        for threads in [1, 2, 7] {
            let error = each(threads, &names, |name| match name {
                "c03" | "c04" => Err(Absent::Customer {
                    customer: name.to_owned(),
                    known: Vec::new(),
                }
                .into()),
                _ => Ok(()),
            })
            .unwrap_err();
            assert!(error.to_string().contains("c03"), "{error}");
        }
    }
}
