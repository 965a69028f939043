//! The story of the corpus: two months of a customer who buys on all four surfaces.

use pricing::cell::{Source as Cause, owed};
use pricing::statement::{LineKind, Statement, draw_up, shares};
use proof::file::Payload;
use proof::sample::{Seed, Source};
use proof::{commitment, nonce};
use work::body::{
    Acknowledged, Action, Assurance, Audience, Body, Control, DocumentKind, Draw, Holder, Payment,
    SampleMethod,
};
use work::{Digest, Event};

use super::book::{Book, CONTRACT, CUSTOMER, at, event};

pub const UNIT: &str = "support.resolved_case";

pub const DEFINITION: &str = r#"
id = "support.resolved_case"
question = "Did it resolve the ticket?"
owner = "support-platform@vendor.example"
one_per = { key = ["case"], split = "none" }
abandon_after = "60d"
[[counts]]
class = "verified"
when = "verified where result = passed"
[[counts]]
class = "confirmed"
when = "confirmed"
[[counts]]
class = "assumed"
when = "all(answered where kind = answer, quiet(72h, last answered where kind = answer), not(human_replied), not(escalated))"
[[after]]
on = "reopened"
within = "90d"
then = "reverse"
[value]
per_unit = "6.50 USD"
[evidence]
expected = ["transcript"]
[cost]
lines = ["model"]
[rollback]
remedy = "credit"
undo = "reply retracted"
window = "30d"
approver = "cs-lead@vendor.example"
[attribution]
controls = ["answer"]
decided_by = "customer"
counterfactual = "holdout"
[dispute]
window = "30d"
default = "credit"
"#;

pub const PLAN: &str = r#"
id = "hybrid"
version = 1
currency = "USD"
[[meter]]
id = "messages"
class = "usage"
[[component]]
id = "platform"
kind = "platform"
amount = "500.00"
[[component]]
id = "seats"
kind = "seats"
price = "20"
included = 1
[[component]]
id = "messages"
kind = "metered"
meter = "messages"
allowance = 1000
price = { graduated = [{ up_to = 2000, unit = "0.011" }, { unit = "0.007" }] }
[[component]]
id = "cases"
kind = "outcome"
unit = "support.resolved_case"
[[component.class]]
name = "verified"
price = "1.55"
[[component.class]]
name = "confirmed"
price = "1.25"
[[component.class]]
name = "assumed"
price = { graduated = [{ up_to = 4, unit = "0.99" }, { unit = "0.905" }] }
[[component]]
id = "confidence"
kind = "risk"
modifies = "cases"
by = "confidence"
missing = 1
[[component.band]]
from = 0
multiplier = "0.8"
[[component.band]]
from = "0.9"
multiplier = "1.15"
[[component]]
id = "indemnity"
kind = "indemnity"
modifies = "cases"
premium = "0.105"
cover = "50"
[totals]
discount_percent = 7
minimum = "300.00"
"#;

const TERMS: &str = r#"
starts = 2026-01-01
time_zone = "Europe/Berlin"
currency = "USD"
rounding = "half_up"
"#;

/// Where things stand in the log.
pub struct World {
    /// Everything, up to the last entry.
    pub book: Book,
    /// Position of the entry that issues January, February, and February again.
    pub january: usize,
    pub february: usize,
    pub again: usize,
    /// Position of the draw by tickets, and by money.
    pub drawn: usize,
    pub drawn_by_money: usize,
    /// A small log, with one statement, which is the last entry.
    pub small: Book,
    /// A log whose statement is of more cells than fit one entry.
    pub long: Book,
}

pub const JANUARY: &str = "acme-0001";
pub const FEBRUARY: &str = "acme-0002";
pub const AGAIN: &str = "acme-0003";
/// The cuts: midnight in Berlin.
pub const CUT_JANUARY: &str = "2026-01-31T23:00:00Z";
pub const CUT_FEBRUARY: &str = "2026-02-28T23:00:00Z";

pub fn contract(plan: Digest, definitions: &[Digest], terms: &str) -> String {
    let definitions: Vec<String> = definitions.iter().map(|own| format!("\"{own}\"")).collect();
    format!(
        "id = \"{CONTRACT}\"\ncustomer = \"{CUSTOMER}\"\nplan = \"{plan}\"\ndefinitions = [{}]\n{}\n",
        definitions.join(", "),
        terms.trim()
    )
}

/// A log of several bundles, with two statements.
pub fn aged() -> Book {
    let mut book = signed_up();
    for number in 0..500 {
        book.story(&format!(
            "01-20T{:02}:{:02} usage id=more{number} meter=messages quantity=1",
            number / 60,
            number % 60
        ));
    }
    book.issue(CUT_JANUARY);
    february_facts(&mut book);
    book.issue(CUT_FEBRUARY);
    book
}

/// Where the entry stands that issues a statement.
pub fn issued_at(book: &Book, number: &str) -> usize {
    let issues = |own: &work::effective::Content| {
        matches!(
            &own.event.body,
            Body::Control(Control::StatementIssued { number: own, .. }) if own == number
        )
    };
    book.contents.iter().position(issues).unwrap()
}

/// A log up to January's facts, with the buyer's chain of 12 nonces.
pub fn signed_up() -> Book {
    let mut book = Book::new();
    sign_up(&mut book);
    january_facts(&mut book);
    book
}

pub fn world() -> World {
    let mut book = signed_up();
    let january = book.issue(CUT_JANUARY);
    let drawn = draw(&mut book, january, SampleMethod::BottomK, "all", 3);
    let by_unit = format!("unit:{UNIT}");
    let drawn_by_money = draw(&mut book, january, SampleMethod::Money, &by_unit, 4);
    february_facts(&mut book);
    let february = book.issue(CUT_FEBRUARY);
    book.void("2026-03-01T10:00:00Z", FEBRUARY);
    let again = book.issue(CUT_FEBRUARY);
    draw(&mut book, again, SampleMethod::BottomK, "all", 2);
    book.control(
        "2026-03-05T10:00:00Z",
        Control::DataRedacted {
            target_source: "desk".into(),
            target_id: "transcript-b".into(),
            reason: "retention".to_owned(),
            by: "privacy".to_owned(),
            audience: Audience::Shared,
        },
    );
    book.story("03-06T10:00 answered case=z01");
    World {
        book,
        january,
        february,
        again,
        drawn,
        drawn_by_money,
        small: small(),
        long: long(),
    }
}

/// Documents, contract, the buyer's key, acknowledgements, the chain of nonces.
fn sign_up(book: &mut Book) {
    let plan = book.publish("2025-12-01T09:00:00Z", DocumentKind::Plan, PLAN);
    let definition = book.publish("2025-12-01T09:00:00Z", DocumentKind::Definition, DEFINITION);
    let text = contract(plan, &[definition], TERMS);
    let contract = book.publish("2025-12-02T09:00:00Z", DocumentKind::Contract, &text);
    book.control(
        "2025-12-20T09:00:00Z",
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document: contract,
            by: "buyer".to_owned(),
        },
    );
    let buyer = book.parties.buyer.clone();
    book.publish_key("2025-12-21T09:00:00Z", Holder::Buyer, &buyer);
    book.assure_signed(
        "2025-12-22T09:00:00Z",
        Assurance::DocumentAcknowledged {
            what: Acknowledged::Contract,
            digest: contract,
            definition: None,
            by: "procurement".to_owned(),
        },
    );
    book.assure_signed(
        "2025-12-22T09:00:00Z",
        Assurance::DocumentAcknowledged {
            what: Acknowledged::Exhibit,
            digest: Digest::of(b"the definition in plain English"),
            definition: Some(definition),
            by: "procurement".to_owned(),
        },
    );
    let anchor = nonce::after(book.parties.first_nonce, 12);
    book.assure_signed(
        "2025-12-22T10:00:00Z",
        Assurance::SampleAnchored {
            anchor,
            length: 12,
            by: "audit".to_owned(),
        },
    );
}

fn january_facts(book: &mut Book) {
    book.story(
        "01-02T08:00 assigned seat=anna
         01-02T08:00 assigned seat=ben
         01-12T08:00 assigned seat=cleo
         01-20T17:00 released seat=ben
         01-05T09:00 usage id=m1 meter=messages quantity=1800
         01-15T09:00 usage id=m2 meter=messages quantity=1450.5
         01-25T09:00 usage id=m3 meter=messages quantity=700",
    );
    for number in 0..6 {
        let day = 6 + number;
        let confidence = 84 + 3 * number;
        book.story(&format!(
            "01-{day:02}T09:00 answered case=a{number:02} kind=answer confidence=0.{confidence}
             01-{day:02}T09:05 asked case=a{number:02} kind=thanks by=buyer"
        ));
    }
    for number in 0..3 {
        book.story(&format!(
            "01-{:02}T11:00 answered case=c{number:02}",
            8 + number
        ));
        book.signed(&format!(
            "01-{:02}T12:00 confirmed case=c{number:02}",
            8 + number
        ));
    }
    book.story(
        "01-10T09:00 answered case=v01 confidence=0.95
         01-10T09:30 verified case=v01 result=passed check=suite by=third_party
         01-11T09:00 answered case=v02
         01-11T09:30 verified case=v02 result=passed check=suite by=third_party
         01-20T09:00 answered case=h01
         01-20T09:10 human_replied case=h01
         01-22T09:00 confirmed id=k1 case=k01 by=buyer
         01-22T09:00 confirmed id=k1 case=k02 by=buyer",
    );
    // The second content of k1 is in conflict until the seller decides.
    evidence(
        book,
        "01-10T10:00",
        "transcript-a",
        "v01",
        b"{\"ticket\":\"88231\",\"reply\":\"...\"}",
    );
    evidence(
        book,
        "01-11T10:00",
        "transcript-b",
        "v02",
        b"{\"ticket\":\"88240\",\"reply\":\"...\"}",
    );
    // A usage that was typed wrong, and its correction.
    let typed = event("01-26T09:00 usage id=m4 meter=messages quantity=9000");
    let right = event("01-26T09:00 usage id=m4 meter=messages quantity=900");
    book.push(typed.clone());
    correct(book, "01-27T09:00", &typed, Some(right), Action::Replace);
    // The buyer rejects, then takes its own word back.
    book.story("01-28T09:00 answered case=r01");
    let mut rejected = event("01-28T10:00 rejected id=rej1 case=r01 reason=mistaken");
    rejected.authorship = work::event::Authorship::Buyer;
    book.sign(rejected.clone());
    let own = book.contents.last().unwrap().event.clone();
    let mut taken_back = correction(book, "01-29T10:00", &own, None, Action::Void);
    taken_back.authorship = work::event::Authorship::Buyer;
    book.sign(taken_back);
    book.control(
        "01-30T09:00",
        Control::CreditIssued {
            contract: CONTRACT.to_owned(),
            amount: "12.34 USD".parse().unwrap(),
            reason: "an outage".to_owned(),
            by: "cs-lead".to_owned(),
        },
    );
}

pub fn february_facts(book: &mut Book) {
    // A second version of the contract: other prices for what opens from 10 February.
    let plan = PLAN
        .replace("version = 1", "version = 2")
        .replace("\"1.25\"", "\"1.35\"")
        .replace("\"500.00\"", "\"550.00\"");
    let plan = book.publish("02-05T09:00", DocumentKind::Plan, &plan);
    let text = contract(plan, &[Digest::of(DEFINITION.as_bytes())], TERMS);
    let document = book.publish("02-05T10:00", DocumentKind::Contract, &text);
    book.control(
        "02-06T09:00",
        Control::ContractAmended {
            contract: CONTRACT.to_owned(),
            document,
            effective: at("2026-02-09T23:00:00Z"),
            reprice: None,
            by: "buyer".to_owned(),
        },
    );
    book.control(
        "02-08T09:00",
        Control::PaymentRecorded(Payment::on(JANUARY, "500.00 USD".parse().unwrap())),
    );
    // January again: a late usage, a reopened case, a dispute.
    book.story("01-30T09:00 usage id=late1 meter=messages quantity=333");
    book.signed(
        "02-07T09:00 reopened case=a01
         02-07T10:00 disputed case=c02 reason=unsolved",
    );
    book.story(
        "02-09T09:00 dispute_decided case=c02 verdict=credited
         02-03T08:00 usage id=m5 meter=messages quantity=2500
         02-18T08:00 usage id=m6 meter=messages quantity=400
         02-10T08:00 released seat=cleo",
    );
    for number in 0..5 {
        let day = 4 + 4 * number;
        book.story(&format!(
            "02-{day:02}T11:00 answered case=f{number:02} confidence=0.9"
        ));
        if number % 2 == 0 {
            book.signed(&format!("02-{day:02}T12:00 confirmed case=f{number:02}"));
        }
    }
}

pub fn evidence(book: &mut Book, time: &str, id: &str, case: &str, payload: &[u8]) {
    let mut salt = [0x5a; 32];
    salt[..id.len()].copy_from_slice(id.as_bytes());
    let digest = commitment::commit(&salt, payload);
    book.story(&format!(
        "{time} evidence id={id} case={case} name=transcript commitment={digest}"
    ));
    if id == "transcript-a" {
        book.payloads.push(Payload {
            salt,
            bytes: payload.to_vec(),
        });
    }
}

fn correction(
    book: &mut Book,
    time: &str,
    target: &Event,
    replacement: Option<Event>,
    action: Action,
) -> Event {
    book.envelope(
        time,
        Body::Corrected {
            target_source: target.source.clone(),
            target_id: target.id.clone(),
            target_digest: target.digest(),
            target_kind: target.body.tag(),
            action,
            replacement: replacement.map(Box::new),
            reason: None,
        },
    )
}

pub fn correct(
    book: &mut Book,
    time: &str,
    target: &Event,
    replacement: Option<Event>,
    action: Action,
) {
    let event = correction(book, time, target, replacement, action);
    book.push(event);
}

/// Draws a sample from the statement that stands at `issued`, signed by the buyer; where it stands.
pub fn draw(
    book: &mut Book,
    issued: usize,
    method: SampleMethod,
    stratum: &str,
    size: u32,
) -> usize {
    // The one anchor stands before every statement.
    let statements = book.contents[..=issued].iter().filter(|own| {
        matches!(
            own.event.body,
            Body::Control(Control::StatementIssued { .. })
        )
    });
    let number = u32::try_from(statements.count()).unwrap();
    let nonce = book.parties.nonce(number);
    let draw = drawn(book, issued, method, stratum, size, Some(nonce));
    book.assure_signed("2026-03-02T09:00:00Z", Assurance::SampleDrawn(draw));
    book.entries.len() - 1
}

pub fn number_of(book: &Book, issued: usize) -> String {
    match &book.contents[issued].event.body {
        Body::Control(Control::StatementIssued { number, .. }) => number.clone(),
        other => panic!("{other:?}"),
    }
}

/// From how many entries the statement was computed that stands at `issued`.
pub fn coverage_of(book: &Book, issued: usize) -> usize {
    match &book.contents[issued].event.body {
        Body::Control(Control::StatementIssued { coverage, .. }) => {
            usize::try_from(*coverage).unwrap()
        }
        other => panic!("{other:?}"),
    }
}

/// The draw that the rules give, told from the statement independently of the verifier: works by the
/// shares of its charge lines.
pub fn drawn(
    book: &Book,
    issued: usize,
    method: SampleMethod,
    stratum: &str,
    size: u32,
    nonce: Option<Digest>,
) -> Draw {
    let head = book.head_at(issued + 1);
    let Body::Control(Control::StatementIssued { cut, coverage, .. }) =
        book.contents[issued].event.body
    else {
        panic!("no statement at {issued}");
    };
    let contents = &book.contents[..usize::try_from(coverage).unwrap()];
    let statement = draw_up(CUSTOMER, contents, None, CONTRACT, cut).unwrap();
    let seed = Seed::of(&Source {
        origin: book.parties.origin(),
        size: head.size,
        root: head.root,
        coverage,
        stratum,
        nonce,
    });
    let weights = weights(contents, &statement);
    let count = usize::try_from(size).unwrap();
    let items = match method {
        SampleMethod::BottomK => seed.bottom_k(weights.iter().map(|(item, _)| *item), count),
        SampleMethod::Money => seed.by_money(&weights, count),
    };
    Draw {
        sample: format!("sample-{}", book.entries.len()),
        statement: number_of(book, issued),
        method,
        stratum: stratum.to_owned(),
        size,
        nonce,
        seed: seed.digest(),
        items,
        by: "audit".to_owned(),
    }
}

fn weights(contents: &[work::effective::Content], statement: &Statement) -> Vec<(u64, u128)> {
    let account = pricing::Account::fold(CUSTOMER, contents.to_vec(), None);
    let held = account.contract(CONTRACT).unwrap();
    let owed = owed(&held.agreement, &held.facts(), statement.as_of).unwrap();
    let mut weights = std::collections::BTreeMap::<u64, money::Amount>::new();
    for line in statement
        .lines
        .iter()
        .filter(|line| line.kind == LineKind::Charge)
    {
        let cell = &owed.cells[&line.cell];
        let amounts = shares(line.amount, &cell.contributions, false).unwrap();
        for (own, amount) in cell.contributions.iter().zip(amounts) {
            if let Cause::Unit(unit, _) = own.source {
                let by = &held.units[unit].key.opened_by;
                let opening = contents
                    .iter()
                    .find(|own| (&own.event.source, &own.event.id) == (&by.source, &by.id));
                let sum = weights
                    .entry(opening.unwrap().entry)
                    .or_insert(money::Amount::zero(amount.currency()));
                *sum = sum.plus(amount).unwrap();
            }
        }
    }
    let cents = |amount: money::Amount| u128::try_from(amount.minor_units().unwrap()).unwrap_or(0);
    weights
        .into_iter()
        .map(|(item, sum)| (item, cents(sum) * 10_000))
        .collect()
}

/// A log of a handful of entries and one statement.
fn small() -> Book {
    let mut book = Book::new();
    let plan = "id = \"fee\"\nversion = 1\ncurrency = \"EUR\"\n[[component]]\nid = \"fee\"\n\
                kind = \"platform\"\namount = \"9.99\"\n";
    let plan = book.publish("2025-12-01T09:00:00Z", DocumentKind::Plan, plan);
    let terms = "starts = 2026-01-01\ntime_zone = \"UTC\"\ncurrency = \"EUR\"";
    let text = contract(plan, &[], terms);
    let document = book.publish("2025-12-02T09:00:00Z", DocumentKind::Contract, &text);
    book.control(
        "2025-12-20T09:00:00Z",
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
    let buyer = book.parties.buyer.clone();
    book.publish_key("2025-12-21T09:00:00Z", Holder::Buyer, &buyer);
    book.signed("01-03T09:00 asked case=1");
    book.issue("2026-02-01T00:00:00Z");
    book
}

/// A log whose one statement is of a year and states some eight hundred cells.
fn long() -> Book {
    let mut book = Book::new();
    let mut plan = "id = \"many\"\nversion = 1\ncurrency = \"EUR\"\n".to_owned();
    for number in 0..60 {
        plan.push_str(&format!(
            "[[component]]\nid = \"f{number}\"\nkind = \"platform\"\namount = \"{number}.37\"\n"
        ));
    }
    let plan = book.publish("2025-12-01T09:00:00Z", DocumentKind::Plan, &plan);
    let terms = "starts = 2026-01-01\ntime_zone = \"UTC\"\ncurrency = \"EUR\"\nbilling = \"year\"";
    let text = contract(plan, &[], terms);
    let document = book.publish("2025-12-02T09:00:00Z", DocumentKind::Contract, &text);
    book.control(
        "2025-12-20T09:00:00Z",
        Control::ContractSigned {
            contract: CONTRACT.to_owned(),
            document,
            by: "buyer".to_owned(),
        },
    );
    book.issue("2027-01-01T00:00:00Z");
    assert!(book.entries.len() > 5, "the statement is of one part only");
    book
}
