//! [`Turns`]: one act of a customer at a time.
//!
//! Invariant: of every customer there is one [`Turn`] at most; whoever asks for a second one waits until the
//! first is dropped. Acts of different customers do not wait for each other.

use std::collections::BTreeSet;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Whose turns are taken.
#[derive(Default)]
pub(crate) struct Turns {
    taken: Mutex<BTreeSet<String>>,
    given_back: Condvar,
}

/// The turn of an act; given back when it is dropped.
#[must_use]
pub(crate) struct Turn<'t> {
    turns: &'t Turns,
    customer: String,
}

impl Turns {
    /// Waits for the turn of a customer. An act takes one turn, and nothing that it calls takes another.
    pub(crate) fn take(&self, customer: &str) -> Turn<'_> {
        let mut taken = self.taken();
        while taken.contains(customer) {
            taken = (self.given_back.wait(taken)).unwrap_or_else(PoisonError::into_inner);
        }
        taken.insert(customer.to_owned());
        Turn {
            turns: self,
            customer: customer.to_owned(),
        }
    }

    /// Nothing that holds this lock can panic between two changes of the set.
    fn taken(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.turns.taken().remove(&self.customer);
        self.turns.given_back.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::Turns;

    #[test]
    fn of_one_customer_there_is_one_turn_at_a_time() {
        let turns = Turns::default();
        let (within, most) = (AtomicU32::new(0), AtomicU32::new(0));
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        let _turn = turns.take("acme");
                        let now = within.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        within.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn customers_do_not_wait_for_each_other_and_a_panic_gives_the_turn_back() {
        let turns = Turns::default();
        let acme = turns.take("acme");
        let bolt = turns.take("bolt");
        drop((acme, bolt));
        let panicked = thread::scope(|scope| {
            let act = scope.spawn(|| {
                let _turn = turns.take("acme");
                panic!("an act panics");
            });
            act.join()
        });
        assert!(panicked.is_err());
        let _acme = turns.take("acme");
    }
}
