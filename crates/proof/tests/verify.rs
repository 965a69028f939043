//! The verifier over the corpus: good files are valid, and every tampering is refused with its code.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test may panic, and lists what it saw

mod corpus;

use proof::verify::verify;
use work::event::Authorship;

#[test]
fn every_file_of_the_corpus_gets_its_verdict() {
    let cases = corpus::cases::all();
    let mut wrong = Vec::new();
    for case in &cases {
        let report = verify(&case.file, &case.options());
        let (code, reason) = match &report.refusal {
            None => ("valid", ""),
            Some(refusal) => (refusal.code.word(), refusal.reason.as_str()),
        };
        println!("{:<44} {code:<11} {reason}", case.name);
        if code != case.expected {
            wrong.push(format!(
                "{}: {code}, not {}: {reason}",
                case.name, case.expected
            ));
        }
    }
    println!("{} files", cases.len());
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Three confirmations of January are signed, one (of two contents, undecided) only says so.
#[test]
fn the_buyers_part_is_told_by_signature() {
    let cases = corpus::cases::all();
    let report = |name: &str| {
        let case = cases.iter().find(|case| case.name == name).unwrap();
        verify(&case.file, &case.options())
    };
    let usd = |text: &str| text.parse::<money::Amount>().unwrap();
    let january = report("good-january").by_signature.unwrap();
    // Three quarters of 5.42, to the cent.
    assert_eq!(january.signed, usd("4.07 USD"));
    assert_eq!(january.unsigned, usd("1.35 USD"));
    for case in cases.iter().filter(|case| case.expected == "valid") {
        let report = verify(&case.file, &case.options());
        let own = report.by_signature.unwrap();
        let sum = own.signed.plus(own.unsigned).unwrap();
        let sum = sum.plus(own.not_at_hand).unwrap();
        let buyers = report.authorship.get(&Some(Authorship::Buyer));
        let zero = money::Amount::zero(sum.currency());
        assert_eq!(sum, buyers.copied().unwrap_or(zero), "{}", case.name);
        let rests = report.rests_on.is_some();
        assert!(rests || own.not_at_hand.is_zero(), "{}", case.name);
    }
}
