//! Ten thousand cases of a law, and that they reached what they are for.
//!
//! Cases are small, so that they are many; what keeps them honest is counted. A generator that no longer comes to a
//! tier's edge, a cap or a late fact fails the test that it serves, whatever the law says of the cases that are left.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part
#![allow(clippy::print_stdout)] // how many cases reached what, for people who ask with `--no-capture`

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use piecework_pricing::cell::{Owed, Part, Waiver};
use proptest::prelude::*;
use proptest::test_runner::{TestCaseResult, TestRunner};

/// How many cases a law is tried with; `PROPTEST_CASES` asks for more.
pub const CASES: u32 = 10_000;

/// What a case reached.
#[derive(Debug, Default)]
pub struct Reached(RefCell<BTreeSet<&'static str>>);

impl Reached {
    /// Counts the case under a name, once, where it is so.
    pub fn when(&self, name: &'static str, is_so: bool) {
        if is_so {
            self.0.borrow_mut().insert(name);
        }
    }

    /// Counts what of a price the cells come to.
    pub fn prices(&self, owed: &Owed) {
        let cells = || owed.cells.iter();
        let has = |is_so: &dyn Fn(&Part) -> bool| {
            cells().any(|(key, cell)| is_so(&key.part) && !cell.amount.is_zero())
        };
        let counted = |is_so: &dyn Fn(&Part) -> bool| {
            cells().any(|(key, cell)| is_so(&key.part) && !cell.quantity.is_zero())
        };
        let is_further = |part: &Part| matches!(part, Part::Seats(n) | Part::Usage(n) | Part::Class(_, n) | Part::Attempt(n) if *n > 0);
        let waived = |waiver| {
            cells().any(|(_, cell)| {
                let mut own = cell.waived.iter();
                own.any(|(of, amount)| *of == waiver && !amount.is_zero())
            })
        };
        self.when("a further tier", counted(&is_further));
        self.when(
            "an allowance",
            counted(&|part| matches!(part, Part::Included(_))),
        );
        self.when("a band", has(&|part| matches!(part, Part::Band(..))));
        self.when("a discount", has(&|part| matches!(part, Part::Discount(_))));
        self.when("a cap", has(&|part| matches!(part, Part::Cap)));
        self.when("a minimum", has(&|part| matches!(part, Part::Minimum)));
        self.when("a price that may not rise", waived(Waiver::NoIncrease));
        self.when("a late fact waived", waived(Waiver::Late));
    }
}

/// How many cases reached what.
#[derive(Debug, Default)]
pub struct Counts(BTreeMap<&'static str, u32>);

impl Counts {
    /// One more case.
    pub fn add(&mut self, reached: Reached) {
        for name in reached.0.into_inner() {
            *self.0.entry(name).or_default() += 1;
        }
    }

    /// Holds that each boundary was reached by so many cases.
    pub fn hold(&self, boundaries: &[(&str, u32)]) {
        println!("{:#?}", self.0);
        for (name, least) in boundaries {
            let own = self.0.get(name).copied().unwrap_or_default();
            assert!(
                own >= *least,
                "{name}: {own} cases, not {least}: {:#?}",
                self.0
            );
        }
    }
}

/// Holds a law with ten thousand cases, and that each boundary was reached by so many of them.
pub fn many<S: Strategy>(
    cases: &S,
    boundaries: &[(&str, u32)],
    law: impl Fn(S::Value, &Reached) -> TestCaseResult,
) {
    let usual = ProptestConfig::default();
    let config = ProptestConfig {
        cases: CASES.max(usual.cases),
        failure_persistence: None,
        ..usual
    };
    let counts = RefCell::new(Counts::default());
    let held = TestRunner::new(config).run(cases, |case| {
        let reached = Reached::default();
        law(case, &reached)?;
        counts.borrow_mut().add(reached);
        Ok(())
    });
    if let Err(error) = held {
        panic!("{error}");
    }
    counts.into_inner().hold(boundaries);
}
