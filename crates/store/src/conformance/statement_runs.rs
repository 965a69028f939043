//! Runs over statements, as they are kept.

use jiff::Timestamp;

use super::done;
use crate::limits::RUNS_KEPT_MAX;
use crate::operations::{RunRow, StatementRun};
use crate::{Store, StoreError};

fn at(second: i64) -> Timestamp {
    done(Timestamp::from_second(1_770_000_000 + second))
}

fn run(name: &str) -> StatementRun {
    StatementRun {
        name: name.to_owned(),
        cut: done("2026-02-01".parse()),
        customers: vec!["acme".to_owned(), "bolt, inc".to_owned()],
        by: "finance".to_owned(),
        key: Some("k1".to_owned()),
        is_dry: false,
        proves: true,
        size: 2,
        begun: at(1),
        ended: None,
    }
}

fn row(customer: &str, contract: &str, state: &str) -> RunRow {
    let is_issued = state == "issued";
    RunRow {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        cut: is_issued.then(|| at(0)),
        state: state.to_owned(),
        number: is_issued.then(|| format!("{customer}-0001")),
        total: is_issued.then(|| done("12.50 USD".parse())),
        surfaces: match is_issued {
            true => vec![
                ("access".to_owned(), done("10 USD".parse())),
                ("outcome".to_owned(), done("2.50 USD".parse())),
            ],
            false => Vec::new(),
        },
        detail: (!is_issued).then(|| "nobody signed".to_owned()),
    }
}

pub(super) fn a_run_keeps_what_it_issued(book: &dyn Store) {
    let runs = book.operations();
    let first = run("20260201T000000.000Z");
    done(runs.begin_run(&first));
    assert!(matches!(
        runs.begin_run(&first),
        Err(StoreError::Taken { .. })
    ));
    let name = first.name.as_str();
    assert_eq!(done(runs.run(name)), Some(first.clone()));
    assert_eq!(done(runs.run("none")), None);
    let of = |customer: &str, rows: &[RunRow]| (customer.to_owned(), rows.to_vec());
    let (issued, refused) = (row("acme", "a", "issued"), row("acme", "b", "refused"));
    let other = row("bolt, inc", "c", "refused");
    let both = [issued.clone(), refused.clone()];
    done(runs.put_run_rows(
        name,
        &[
            of("acme", &both),
            of("bolt, inc", std::slice::from_ref(&other)),
        ],
        "issued",
    ));
    let all = |state, customer| done(runs.run_rows(name, (state, customer), None, 9));
    assert_eq!(
        all(None, None),
        [issued.clone(), refused.clone(), other.clone()]
    );
    assert_eq!(all(Some("refused"), None), [refused.clone(), other.clone()]);
    assert_eq!(all(None, Some("acme")), both);
    let after = issued.place();
    assert_eq!(
        done(runs.run_rows(name, (None, None), Some(&after), 1)),
        [refused]
    );
    assert_eq!(done(runs.run_customers(name)), 2);
    // Gone on with: what was issued stays, the rest is said anew.
    let now = row("acme", "b", "issued");
    done(runs.put_run_rows(name, &[of("acme", std::slice::from_ref(&now))], "issued"));
    assert_eq!(all(None, Some("acme")), [issued, now]);
    done(runs.end_run(name, Some(at(5))));
    let ended = done(runs.run(name)).and_then(|own| own.ended);
    assert_eq!(ended, Some(at(5)));
    done(runs.end_run(name, None));
    let ended = done(runs.run(name)).and_then(|own| own.ended);
    assert_eq!(ended, None);
    // The oldest one makes room.
    for number in 0..RUNS_KEPT_MAX {
        done(runs.begin_run(&run(&format!("20270101T{number:06}"))));
    }
    assert_eq!(done(runs.run(name)), None);
    assert_eq!(done(runs.run_customers(name)), 0);
    let newest = done(runs.runs(None, 2));
    assert_eq!(newest.len(), 2);
    assert!(newest[0].name > newest[1].name);
    let next = done(runs.runs(Some(&newest[0].name), 1));
    assert_eq!(next, newest[1..]);
}
