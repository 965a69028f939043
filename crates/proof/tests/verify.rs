//! The verifier over the corpus: good files are valid, and every tampering is refused with its code.

#![allow(clippy::unwrap_used, clippy::print_stdout)] // a test may panic, and lists what it saw

mod corpus;

use proof::verify::verify;

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
