//! Whose nonce it is: logs with several statements, and draws with values of several chains.

use proof::nonce;
use work::Digest;
use work::body::{Assurance, SampleMethod};

use super::Case;
use super::book::Book;
use super::carried;
use super::story::{self, AGAIN, CUT_FEBRUARY, CUT_JANUARY, FEBRUARY};

/// A log with its statements, before anything is drawn.
struct Stated {
    book: Book,
    january: usize,
    february: usize,
    /// February again, after it was voided.
    again: usize,
}

/// January and February, with what is done in between, before and after the first.
fn stated(before: impl FnOnce(&mut Book), between: impl FnOnce(&mut Book)) -> Stated {
    let mut book = story::signed_up();
    before(&mut book);
    let january = book.issue(CUT_JANUARY);
    between(&mut book);
    story::february_facts(&mut book);
    let february = book.issue(CUT_FEBRUARY);
    book.void("2026-03-01T10:00:00Z", FEBRUARY);
    let again = book.issue(CUT_FEBRUARY);
    Stated {
        book,
        january,
        february,
        again,
    }
}

/// A value of another chain, so many steps from its first.
fn other(steps: u32) -> Digest {
    nonce::after(Digest::from_bytes([44; 32]), steps)
}

fn anchor(book: &mut Book, anchor: Digest, length: u32) {
    book.assure_signed(
        "2026-02-01T08:00:00Z",
        Assurance::SampleAnchored {
            anchor,
            length,
            by: "audit".to_owned(),
        },
    );
}

impl Stated {
    /// The log with draws, each from the statement that stands there with this nonce.
    fn drawn(&self, draws: &[(usize, Option<Digest>)]) -> Book {
        let mut book = self.book.clone();
        for (issued, nonce) in draws {
            let draw = story::drawn(&book, *issued, SampleMethod::BottomK, "all", 2, *nonce);
            book.assure_signed("2026-03-02T09:00:00Z", Assurance::SampleDrawn(draw));
        }
        book
    }
}

pub fn cases() -> Vec<Case> {
    let one = stated(|_| {}, |_| {});
    let two = stated(|_| {}, |book| anchor(book, other(5), 5));
    // Its anchor has two values before it, and says one.
    let short = stated(|book| anchor(book, other(2), 1), |_| {});
    let nonce = |number| Some(one.book.parties.nonce(number));
    let case =
        |name: &str, code, book: Book| Case::new(&format!("nonce-{name}"), code, book.file(AGAIN));
    let carried = |name: &str, code, book: Book| {
        Case::new(&format!("nonce-{name}"), code, carried::file(&book, AGAIN))
    };
    let (january, february, again) = (one.january, one.february, one.again);
    let of_first = |draws: &[(usize, Option<Digest>)]| one.drawn(draws);
    let of_two = |draws: &[(usize, Option<Digest>)]| two.drawn(draws);
    let of_short = |draws: &[(usize, Option<Digest>)]| short.drawn(draws);
    vec![
        case(
            "of-each-statement",
            "valid",
            of_first(&[(january, nonce(1)), (february, nonce(2)), (again, nonce(3))]),
        ),
        case(
            "in-another-order",
            "valid",
            of_first(&[(again, nonce(3)), (january, nonce(1)), (february, nonce(2))]),
        ),
        case(
            "of-statements-not-drawn-from-used-up",
            "valid",
            of_first(&[(again, nonce(3))]),
        ),
        // The seller was given January's value, and made February's head to measure.
        case(
            "of-the-first-not-drawn-from",
            "sample",
            of_first(&[(february, nonce(1))]),
        ),
        case(
            "of-the-first-drawn-from",
            "sample",
            of_first(&[(january, nonce(1)), (february, nonce(1))]),
        ),
        case(
            "of-the-voided-statement",
            "sample",
            of_first(&[(again, nonce(2))]),
        ),
        case(
            "of-a-later-statement",
            "sample",
            of_first(&[(january, nonce(2))]),
        ),
        case("is-the-anchor", "sample", of_first(&[(january, nonce(0))])),
        carried(
            "of-its-statement-from-a-carry",
            "valid",
            of_first(&[(again, nonce(3)), (january, nonce(1))]),
        ),
        carried(
            "of-another-statement-from-a-carry",
            "sample",
            of_first(&[(again, nonce(1))]),
        ),
        carried(
            "of-another-statement-not-drawn-again-from-a-carry",
            "sample",
            of_first(&[(january, nonce(2))]),
        ),
        // A second chain is for the statements behind its anchor, and the first for those before.
        case(
            "of-each-chain",
            "valid",
            of_two(&[
                (two.january, nonce(1)),
                (two.again, Some(other(3))),
                (two.february, Some(other(4))),
            ]),
        ),
        case(
            "of-the-older-chain-for-a-later-statement",
            "sample",
            of_two(&[(two.february, nonce(2))]),
        ),
        case(
            "of-the-later-chain-for-an-older-statement",
            "sample",
            of_two(&[(two.january, Some(other(4)))]),
        ),
        case(
            "counted-over-both-chains",
            "sample",
            of_two(&[(two.february, Some(other(3)))]),
        ),
        case(
            "of-the-chains-last-statement",
            "valid",
            of_short(&[(short.january, Some(other(1))), (short.february, None)]),
        ),
        case(
            "beyond-the-chains-end",
            "sample",
            of_short(&[(short.february, Some(other(0)))]),
        ),
    ]
}
