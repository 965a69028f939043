//! What Stripe is asked.

use jiff::Timestamp;

use super::done;
use crate::Store;
use crate::operations::{
    DocumentOf, DocumentState, NewDocument, SentStep, StepState, StripeFilter,
};

fn at(second: i64) -> Timestamp {
    done(Timestamp::from_second(1_770_000_000 + second))
}

fn found(customer: &str, kind: &str, name: &str, second: i64) -> NewDocument {
    NewDocument {
        of: DocumentOf {
            customer: customer.to_owned(),
            kind: kind.to_owned(),
            name: name.to_owned(),
        },
        made: at(second),
        until: 7,
    }
}

pub(super) fn a_document_is_there_once_and_keeps_its_steps(book: &dyn Store) {
    let outbox = book.operations();
    assert_eq!(done(outbox.stripe_followed()), None);
    assert_eq!(done(outbox.stripe_next()), None);
    let (one, two) = (
        found("acme", "statement", "a-1", 1),
        found("globex", "statement", "g-1", 2),
    );
    done(outbox.stripe_follow(&[one.clone(), two.clone()], 5));
    done(outbox.stripe_follow(std::slice::from_ref(&one), 9));
    assert_eq!(done(outbox.stripe_followed()), Some(9));
    let all = done(outbox.stripe_documents(&StripeFilter::default(), 10));
    assert_eq!(
        all.iter().map(|own| &own.of).collect::<Vec<_>>(),
        [&one.of, &two.of]
    );
    let own = &all[0];
    assert_eq!(
        (own.state, own.made, own.until),
        (DocumentState::New, at(1), 7)
    );
    assert_eq!(done(outbox.stripe_document(&one.of)).as_ref(), Some(own));
    let of_globex = StripeFilter {
        customer: Some("globex"),
        ..StripeFilter::default()
    };
    assert_eq!(
        done(outbox.stripe_documents(&of_globex, 10)),
        [all[1].clone()]
    );

    let step = |name: &str| (name.to_owned(), format!("{{\"{name}\":1}}"));
    done(outbox.stripe_plan(own.number, &[step("invoice"), step("finalize")]));
    // Steps stay as they were made.
    done(outbox.stripe_plan(own.number, &[step("other")]));
    let mut steps = done(outbox.stripe_steps(own.number));
    let names: Vec<_> = steps.iter().map(|own| own.name.as_str()).collect();
    assert_eq!(names, ["invoice", "finalize"]);
    assert_eq!(
        (steps[0].state, steps[0].generation, steps[0].attempts),
        (StepState::Open, 0, 0)
    );
    let first = &mut steps[0];
    first.sent = Some(SentStep {
        path: "/v1/invoices".to_owned(),
        body: "a=b".to_owned(),
        at: at(3),
    });
    (first.generation, first.attempts, first.is_unclear) = (2, 3, true);
    (first.last_at, first.last_status) = (Some(at(4)), Some(500));
    (first.last_problem, first.made) = (Some("down".to_owned()), Some("in_1".to_owned()));
    first.state = StepState::Left;
    done(outbox.stripe_note_step(first));
    assert_eq!(done(outbox.stripe_steps(own.number)), steps);
}

pub(super) fn documents_are_looked_at_when_they_are_due(book: &dyn Store) {
    let outbox = book.operations();
    let found_now = [
        found("acme", "statement", "a-1", 1),
        found("acme", "statement", "a-2", 2),
    ];
    done(outbox.stripe_follow(&found_now, 1));
    assert_eq!(done(outbox.stripe_due(at(0), 0)), None);
    let due = |by: i64, after: u64| done(outbox.stripe_due(at(by), after)).map(|own| own.of.name);
    assert_eq!(due(1, 0).as_deref(), Some("a-1"));
    let Some(mut first) = done(outbox.stripe_due(at(2), 0)) else {
        panic!("nothing is due");
    };
    assert_eq!(due(2, first.number).as_deref(), Some("a-2"));
    done(outbox.stripe_plan(first.number, &[("invoice".to_owned(), "{}".to_owned())]));
    first.state = DocumentState::Person;
    first.problem = Some("refused".to_owned());
    first.next_at = None;
    done(outbox.stripe_note(&first));
    assert_eq!(due(1_000, 0).as_deref(), Some("a-2"));
    assert_eq!(done(outbox.stripe_next()), Some(at(2)));
    let waiting = StripeFilter {
        state: Some(DocumentState::Person),
        ..StripeFilter::default()
    };
    assert_eq!(done(outbox.stripe_documents(&waiting, 10)), [first.clone()]);
    // Asked for again, it is open where it has steps.
    assert_eq!(done(outbox.stripe_retry(Some("globex"), None, at(50))), 0);
    assert_eq!(
        done(outbox.stripe_retry(Some("acme"), Some("a-1"), at(50))),
        1
    );
    let again = done(outbox.stripe_document(&first.of));
    assert_eq!(
        again.map(|own| (own.state, own.next_at)),
        Some((DocumentState::Open, Some(at(50))))
    );
    // What is voided is looked at at once.
    done(outbox.stripe_follow(&[found("acme", "void", "a-1", 20)], 2));
    let again = done(outbox.stripe_document(&first.of));
    assert_eq!(again.and_then(|own| own.next_at), Some(at(20)));
}
