//! Terms on a sum, all of them at once: discounts, caps and minimums in any mix keep the laws of statements.

#![allow(clippy::unwrap_used)] // a test may stop at the first thing that is not there

#[path = "support/kept.rs"]
mod kept;
mod support;

use kept::{Kept, shown};
use money::{Amount, Currency};
use piecework_pricing::cell::{Owed, owed};
use proptest::prelude::*;
use support::*;

const CUTS: [&str; 7] = [
    "02-01", "03-01", "04-01", "05-01", "06-01", "07-01", "08-01",
];

/// A fee, usage and work that counts, under terms of the contract.
fn sold(terms: &str) -> String {
    plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"fee\"\nkind = \"platform\"\namount = \"33.33\"\nminimum = 5\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = \"0.337\"\ndiscount_percent = 5\n\
         [[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\nprice = \"7.77\"\n{terms}"
    ))
}

fn a_scope() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "",
        "components = [\"calls\"]\n",
        "components = [\"fee\", \"cases\"]\n",
        "surfaces = [\"usage\", \"outcome\"]\n",
    ])
}

fn a_discount() -> impl Strategy<Value = String> {
    let off = prop_oneof![
        (0u32..=100).prop_map(|own| format!("percent = {own}\n")),
        (0u32..6000).prop_map(|own| format!("amount = \"{own}.01\"\n")),
    ];
    let when = prop::sample::select(vec![
        "",
        "periods = 2\n",
        "from = 2026-02-10\n",
        "from = 2026-02-01\nperiods = 1\n",
        "until = 2026-03-15\n",
    ]);
    (off, a_scope(), when, 1u32..4).prop_map(|(off, scope, when, sequence)| {
        format!("[[discount]]\n{off}{scope}{when}sequence = {sequence}\nreason = \"r\"\n")
    })
}

fn some_terms() -> impl Strategy<Value = String> {
    let cap = prop::sample::select(vec![
        "",
        "cap = 60\n",
        "cap = { amount = 45, mode = \"stop\" }\n",
        "cap = { amount = 30, mode = \"soft\" }\n",
        "cap = { amount = 40, mode = \"overage\", overage = \"1.35\" }\n",
        "cap = { amount = 40, mode = \"overage\", overage = 0 }\n",
    ]);
    let bill = prop::sample::select(vec!["at_end", "in_advance"]);
    let overage = prop::sample::select(vec!["", "overage = \"0.9\"\n", "overage = \"1.5\"\n"]);
    let minimum = (0u32..90, 1u32..5, a_scope(), bill, overage).prop_map(
        |(amount, periods, scope, bill, overage)| {
            let most = amount.min(30 * periods);
            format!(
                "[totals.minimum]\namount = {most}\nperiods = {periods}\nbill = \"{bill}\"\n{scope}{overage}"
            )
        },
    );
    let discounts = prop::collection::vec(a_discount(), 0..4);
    (discounts, cap, prop::option::of(minimum)).prop_map(|(discounts, cap, minimum)| {
        let minimum = minimum.unwrap_or_default();
        format!("[totals]\n{cap}{minimum}{}", discounts.concat())
    })
}

fn a_line() -> impl Strategy<Value = String> {
    let when = (1u32..=7, 1u32..=28, 0u32..24);
    (when, 0u32..5, 0usize..6, 1u32..200).prop_map(|((month, day, hour), case, kind, quantity)| {
        let what = match kind {
            0..=2 => format!("usage meter=calls quantity={quantity}"),
            3 | 4 => format!("confirmed case=c{case} by=buyer"),
            _ => format!("reopened case=c{case} by=buyer"),
        };
        format!("{month:02}-{day:02}T{hour:02}:00 {what}")
    })
}

fn whole(book: &Book, cut: &str) -> Owed {
    let account = book.account();
    let held = account.contract(CONTRACT).unwrap();
    owed(&held.agreement, &held.facts(), at(cut)).unwrap()
}

/// Lines sum to the total, statements to what is owed at once, and running totals are rating everything.
fn the_laws_hold(terms: &str, lines: &[String], end: Option<u32>) -> Result<(), TestCaseError> {
    let mut book = Book::new(&sold(terms), "");
    for (index, line) in lines.iter().enumerate() {
        book.push(event(&format!("{line} id=e{index}")));
    }
    if let Some(day) = end {
        book.end(&format!("05-{day:02}"));
    }
    let mut totals = Vec::new();
    for cut in CUTS {
        let statement = book.issue(cut);
        let amounts = statement.lines.iter().map(|line| line.amount);
        prop_assert_eq!(
            Amount::sum(Currency::USD, amounts).unwrap(),
            statement.total
        );
        totals.push(statement.total);
    }
    let sum = Amount::sum(Currency::USD, totals).unwrap();
    prop_assert_eq!(sum, book.at_once("08-01"), "{}", terms);
    let account = book.account();
    let mut kept = Kept::new(&account, CONTRACT, at("01-01"));
    kept.follow(&account);
    for cut in ["01-01", "03-14", "08-01"] {
        kept.running.advance(at(cut)).unwrap();
        prop_assert_eq!(
            shown(&kept.running.owed().unwrap()),
            shown(&whole(&book, cut).cells)
        );
    }
    Ok(())
}

/// Usage alone: what a month's calls come to decides everything.
fn usage(quantities: &[u32]) -> Vec<String> {
    let numbered = quantities.iter().enumerate();
    numbered
        .map(|(month, quantity)| {
            format!(
                "{:02}-07T01:00 usage meter=calls quantity={quantity}",
                month + 1
            )
        })
        .collect()
}

fn total(terms: &str, lines: &[String], end: Option<u32>, amended: &[u32], cut: &str) -> Amount {
    let text = plan(&format!(
        "[[meter]]\nid = \"calls\"\nclass = \"usage\"\n\
         [[component]]\nid = \"calls\"\nkind = \"metered\"\nmeter = \"calls\"\nprice = 1\n{terms}"
    ));
    let mut book = Book::new(&text, "");
    let definition = definition("", "");
    for day in amended {
        let time = format!("02-{day:02}");
        book.amend(&time, &text, &definition, "", false);
    }
    for (index, line) in lines.iter().enumerate() {
        book.push(event(&format!("{line} id=e{index}")));
    }
    if let Some(day) = end {
        book.end(&format!("05-{day:02}"));
    }
    book.at_once(cut)
}

fn however_it_is_billed(
    (amount, periods, overage): (u32, u32, bool),
    quantities: &[u32],
    end: Option<u32>,
) -> Result<(), TestCaseError> {
    let overage = if overage { "overage = \"1.25\"\n" } else { "" };
    let terms = |bill: &str| {
        format!(
            "[totals.minimum]\namount = \"{amount}.07\"\nperiods = {periods}\nbill = \"{bill}\"\n{overage}"
        )
    };
    let lines = usage(quantities);
    // Twelve months: a whole number of terms of one to four, and of six, or an early end.
    let cut = "2027-01-01T00:00:00Z";
    let [at_end, in_advance] = ["at_end", "in_advance"].map(|bill| {
        // A term that begins at the cut has a part in advance.
        total(&terms(bill), &lines, end.or(Some(31)), &[], cut)
    });
    prop_assert_eq!(at_end, in_advance);
    Ok(())
}

fn parts_sum_to_the_whole(minimum: u32, days: &[u32]) -> Result<(), TestCaseError> {
    let text = format!("minimum = \"{minimum}.01\"\n");
    let of_the_contract = format!("[totals]\nminimum = \"{minimum}.01\"\n");
    for terms in [text, of_the_contract] {
        let whole = total(&terms, &[], None, &[], "03-01");
        let parts = total(&terms, &[], None, days, "03-01");
        prop_assert_eq!(whole, parts);
    }
    // What a cap leaves is the cap.
    let quantity = [minimum + 50, minimum + 50];
    let capped = format!("maximum = \"{minimum}.01\"\n");
    let lines = usage(&quantity);
    let whole = total(&capped, &lines, None, &[], "03-01");
    let parts = total(&capped, &lines, None, days, "03-01");
    prop_assert_eq!(whole, parts);
    Ok(())
}

fn in_either_order(percents: &[u32], amount: u32, quantity: u32) -> Result<(), TestCaseError> {
    let mut entries: Vec<String> = percents
        .iter()
        .map(|own| format!("[[discount]]\npercent = {own}\nreason = \"r\"\n"))
        .collect();
    entries.push(format!(
        "[[discount]]\namount = \"{amount}.5\"\nreason = \"r\"\n"
    ));
    let lines = usage(&[quantity]);
    let one = total(&entries.concat(), &lines, None, &[], "02-01");
    entries.rotate_right(1);
    let other = total(&entries.concat(), &lines, None, &[], "02-01");
    prop_assert_eq!(one, other);
    prop_assert!(!one.is_negative());
    Ok(())
}

fn days() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::btree_set(2u32..28, 0..5).prop_map(|days| days.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn all_terms_at_once_keep_the_laws(
        terms in some_terms(),
        lines in prop::collection::vec(a_line(), 0..14),
        end in prop::option::of(1u32..=31),
    ) {
        the_laws_hold(&terms, &lines, end)?;
    }

    /// A term comes to the greater of what was promised and what was charged, whichever way it is billed.
    #[test]
    fn d2_a_minimum_comes_to_the_same_however_it_is_billed(
        terms in (0u32..900, 1u32..7, any::<bool>()),
        quantities in prop::collection::vec(0u32..300, 0..6),
        end in prop::option::of(1u32..=31),
    ) {
        however_it_is_billed(terms, &quantities, end)?;
    }

    #[test]
    fn p2_parts_of_a_minimum_and_of_a_cap_sum_to_the_whole(minimum in 0u32..500, days in days()) {
        parts_sum_to_the_whole(minimum, &days)?;
    }

    #[test]
    fn within_a_sequence_the_order_of_the_file_decides_nothing(
        percents in prop::collection::vec(0u32..=100, 0..3),
        amount in 0u32..300,
        quantity in 0u32..600,
    ) {
        in_either_order(&percents, amount, quantity)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn slow_all_terms_at_once_keep_the_laws(
        terms in some_terms(),
        lines in prop::collection::vec(a_line(), 0..6),
        end in prop::option::of(1u32..=31),
    ) {
        the_laws_hold(&terms, &lines, end)?;
    }

    #[test]
    fn slow_d2_a_minimum_comes_to_the_same_however_it_is_billed(
        terms in (0u32..900, 1u32..7, any::<bool>()),
        quantities in prop::collection::vec(0u32..300, 0..6),
        end in prop::option::of(1u32..=31),
    ) {
        however_it_is_billed(terms, &quantities, end)?;
    }

    #[test]
    fn slow_p2_parts_of_a_minimum_and_of_a_cap_sum_to_the_whole(
        minimum in 0u32..500,
        days in days(),
    ) {
        parts_sum_to_the_whole(minimum, &days)?;
    }
}
