//! Independent pieces of work, shared among threads.
//!
//! Whoever calls says how many threads there are; nothing here asks the machine. Not here: queues,
//! waiting, anything that could order the pieces. Invariant: the outcome is the same for any number of
//! threads.

use std::panic::resume_unwind;
use std::thread;

/// Fewer items than these are not worth a thread.
const SHARE_MIN: usize = 64;

/// What `each` makes of every item, in the order of the items.
///
/// ```
/// let squares = piecework_work::threads::map(2, &[1, 2, 3], |n| n * n);
/// assert_eq!(squares, [1, 4, 9]);
/// ```
pub fn map<'i, T: Sync, R: Send>(
    threads: usize,
    items: &'i [T],
    each: impl Fn(&'i T) -> R + Sync,
) -> Vec<R> {
    let share = items.len().div_ceil(threads.max(1)).max(SHARE_MIN);
    let (own, others) = items.split_at(share.min(items.len()));
    let each = &each;
    thread::scope(|scope| {
        let others: Vec<_> = others
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(each).collect::<Vec<R>>()))
            .collect();
        let mut all = Vec::with_capacity(items.len());
        all.extend(own.iter().map(each));
        for other in others {
            match other.join() {
                Ok(made) => all.extend(made),
                Err(panic) => resume_unwind(panic),
            }
        }
        all
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_that_of_the_items() {
        for length in [0, 1, SHARE_MIN, SHARE_MIN + 1, 1_000] {
            let items: Vec<usize> = (0..length).collect();
            for threads in [0, 1, 2, 3, 7] {
                assert_eq!(
                    map(threads, &items, |item| *item),
                    items,
                    "{threads} threads"
                );
            }
        }
    }
}
