//! A customer of three contracts who is sent one document to pay for each month; and covers that say otherwise than
//! the log.

use jiff::civil::{Date, date};
use money::{Amount, Currency};
use pricing::statement::{Statement, draw_up};
use work::Digest;
use work::body::{Control, CoverEntry, CoverPart, DocumentKind, Payment, Per};

use super::Case;
use super::book::{Book, CUSTOMER, at};

/// The contracts: how many dollars a month, and where. January ends an hour earlier in Berlin.
const DESK: &str = "acme-desk";
const VOICE: &str = "acme-voice";
/// In yen.
const ARCHIVE: &str = "acme-archive";

const BERLIN: &str = "2026-01-31T23:00:00Z";
const LONDON: &str = "2026-02-01T00:00:00Z";

fn january() -> Date {
    date(2026, 1, 31)
}

fn sign(book: &mut Book, id: &str, currency: &str, zone: &str, fee: &str) {
    let day = "2025-12-01T09:00:00Z";
    let plan = format!(
        "id = \"{id}\"\nversion = 1\ncurrency = \"{currency}\"\n[[component]]\nid = \"platform\"\nkind = \"platform\"\namount = \"{fee}\"\ndue = \"arrears\"\n"
    );
    let plan = book.publish(day, DocumentKind::Plan, &plan);
    let contract = format!(
        "id = \"{id}\"\ncustomer = \"{CUSTOMER}\"\nplan = \"{plan}\"\nstarts = 2026-01-01\ntime_zone = \"{zone}\"\ncurrency = \"{currency}\"\n"
    );
    let document = book.publish(day, DocumentKind::Contract, &contract);
    let signed = Control::ContractSigned {
        contract: id.to_owned(),
        document,
        by: "procurement".to_owned(),
    };
    book.control(day, signed);
}

fn choose(book: &mut Book, per: Per, from: Date) {
    let chosen = CoverEntry::Chosen {
        per,
        from,
        by: "procurement".to_owned(),
    };
    book.control("2026-01-15T09:00:00Z", Control::Cover(chosen));
}

fn issue(book: &mut Book, contract: &str, cut: &str) {
    let statement = draw_up(CUSTOMER, &book.contents, None, contract, at(cut)).unwrap();
    let account = book.account();
    let number = account.next_number(account.contract(contract).unwrap());
    book.issue_as(&number, &statement);
}

fn drafted(book: &Book, through: Date, currency: &str) -> CoverEntry {
    let currency: Currency = currency.parse().unwrap();
    let drafted = book.account().draft_cover(through, currency, "finance");
    drafted.unwrap().unwrap()
}

fn cover(book: &mut Book, entry: CoverEntry) {
    book.control("2026-02-01T08:00:00Z", Control::Cover(entry));
}

/// Three contracts; January is stated, and waits for its covers.
fn stated() -> Book {
    stated_with(|book| choose(book, Per::Customer, january()))
}

fn stated_with(choice: impl FnOnce(&mut Book)) -> Book {
    let mut book = Book::new();
    sign(&mut book, DESK, "USD", "Europe/Berlin", "47.50");
    sign(&mut book, VOICE, "USD", "UTC", "20.00");
    sign(&mut book, ARCHIVE, "JPY", "UTC", "1500");
    choice(&mut book);
    issue(&mut book, DESK, BERLIN);
    issue(&mut book, VOICE, LONDON);
    issue(&mut book, ARCHIVE, LONDON);
    book
}

/// January under its cover, with something else stated of the second contract than the log gives.
fn forged(forge: impl Fn(&mut Statement, &mut Digest)) -> Book {
    let mut book = Book::new();
    sign(&mut book, DESK, "USD", "Europe/Berlin", "47.50");
    sign(&mut book, VOICE, "USD", "UTC", "20.00");
    choose(&mut book, Per::Customer, january());
    issue(&mut book, DESK, BERLIN);
    let mut statement = draw_up(CUSTOMER, &book.contents, None, VOICE, at(LONDON)).unwrap();
    let mut digest = statement.digest();
    forge(&mut statement, &mut digest);
    book.issue_with("acme-0002", &statement, digest);
    let entry = drafted(&book, january(), "USD");
    cover(&mut book, entry);
    book
}

/// January with its covers, one for each currency.
fn covered() -> Book {
    let mut book = stated();
    for currency in ["USD", "JPY"] {
        let entry = drafted(&book, january(), currency);
        cover(&mut book, entry);
    }
    book
}

/// An edit of a cover in dollars, before it is issued.
type Edit = fn(&mut Said);

/// What a cover says, to be edited.
struct Said {
    number: String,
    through: Date,
    parts: Vec<CoverPart>,
    total: Amount,
    payable: Amount,
}

const EDITS: &[(&str, Edit)] = &[
    ("total", |own| own.total = usd("67.51")),
    ("payable", |own| own.payable = usd("67.49")),
    ("part-total", |own| {
        own.parts[0].total = usd("48.50");
        own.total = usd("68.50");
    }),
    ("part-payable", |own| {
        own.parts[1].payable = usd("10.00");
        own.payable = usd("57.50");
    }),
    ("part-body", |own| own.parts[0].body = own.parts[1].body),
    ("part-left-out", |own| {
        own.parts.truncate(1);
        own.total = usd("47.50");
        own.payable = usd("47.50");
    }),
    ("part-of-nothing", |own| {
        let mut part = own.parts[0].clone();
        part.statement = "acme-0009".to_owned();
        own.parts.push(part);
        own.total = usd("115.00");
        own.payable = usd("115.00");
    }),
    ("parts-swapped", |own| own.parts.swap(0, 1)),
    ("number-skipped", |own| {
        own.number = "acme-A0002".to_owned();
    }),
    ("number-of-another-form", |own| {
        own.number = "acme-A1".to_owned();
    }),
    ("other-day", |own| own.through = date(2026, 2, 28)),
];

fn usd(text: &str) -> Amount {
    Amount::new(text.parse().unwrap(), Currency::USD)
}

fn edited(edit: Edit) -> Book {
    let mut book = stated();
    let CoverEntry::Issued {
        number,
        through,
        parts,
        total,
        payable,
        by,
    } = drafted(&book, january(), "USD")
    else {
        panic!("a draft is a cover");
    };
    let mut said = Said {
        number,
        through,
        parts,
        total,
        payable,
    };
    edit(&mut said);
    let entry = CoverEntry::Issued {
        number: said.number,
        through: said.through,
        parts: said.parts,
        total: said.total,
        payable: said.payable,
        by,
    };
    cover(&mut book, entry);
    book
}

/// The files.
pub fn cases() -> Vec<Case> {
    let mut cases = good();
    for (name, edit) in EDITS {
        let file = edited(*edit).file("acme-0001");
        cases.push(Case::new(&format!("cover-{name}"), "cover", file));
    }
    let honest = drafted(&stated(), january(), "USD");
    let mut bad = |name: &str, number: &str, book: &Book| {
        let name = format!("cover-{name}");
        cases.push(Case::new(&name, "cover", book.file(number)));
    };

    let mut unchosen = stated_with(|_| ());
    cover(&mut unchosen, honest.clone());
    bad("nobody-chose", "acme-0001", &unchosen);

    let mut later = stated_with(|book| choose(book, Per::Customer, date(2026, 2, 1)));
    cover(&mut later, honest.clone());
    bad("before-the-choice-holds", "acme-0001", &later);

    let mut behind = stated_with(|_| ());
    choose(&mut behind, Per::Customer, january());
    cover(&mut behind, honest.clone());
    bad("of-what-was-sent-before-the-choice", "acme-0001", &behind);

    let mut taken_back = stated_with(|book| {
        choose(book, Per::Customer, january());
        choose(book, Per::Contract, january());
    });
    cover(&mut taken_back, honest.clone());
    bad("after-the-choice-was-taken-back", "acme-0001", &taken_back);

    let mut twice = covered();
    let CoverEntry::Issued {
        through,
        parts,
        total,
        payable,
        by,
        ..
    } = honest.clone()
    else {
        panic!("a draft is a cover");
    };
    let again = CoverEntry::Issued {
        number: "acme-A0003".to_owned(),
        through,
        parts,
        total,
        payable,
        by,
    };
    cover(&mut twice, again);
    bad("twice", "acme-0001", &twice);
    // Another statement's file tells of it as well: nobody's covers are right where one is wrong.
    bad("twice-seen-from-another", "acme-0003", &twice);

    // What is stated of the other contract does not follow from the log: the file of the first, which has all entries,
    // is no proof of the cover.
    for name in ["body", "cells"] {
        let forged = forged(|statement, digest| match name {
            "body" => *digest = Digest::of(b"another"),
            _ => statement.cells[0].amount = usd("21.00"),
        });
        let name = format!("covered-statement-with-other-{name}");
        cases.push(Case::new(&name, "recompute", forged.file("acme-0001")));
    }
    let mut bad = |name: &str, number: &str, book: &Book| {
        let name = format!("cover-{name}");
        cases.push(Case::new(&name, "cover", book.file(number)));
    };

    let mut voided = stated();
    voided.void("2026-02-01T07:00:00Z", "acme-0002");
    cover(&mut voided, honest);
    bad("of-a-voided-statement", "acme-0001", &voided);
    cases
}

fn good() -> Vec<Case> {
    let case = |name: &str, number: &str, book: &Book| {
        Case::new(&format!("good-cover-{name}"), "valid", book.file(number))
    };
    let january_alone = covered();

    // Voided, its statements wait again, and the next one has a number of its own.
    let mut again = covered();
    let voided = CoverEntry::Voided {
        number: "acme-A0001".to_owned(),
        reason: "wrong address".to_owned(),
        by: "finance".to_owned(),
    };
    again.control("2026-02-02T08:00:00Z", Control::Cover(voided));
    let entry = drafted(&again, january(), "USD");
    cover(&mut again, entry);

    // One of its statements is voided and issued again: that waits for a further cover, and the cover stays.
    let mut reissued = covered();
    reissued.void("2026-02-02T07:00:00Z", "acme-0002");
    issue(&mut reissued, VOICE, LONDON);
    let entry = drafted(&reissued, january(), "USD");
    cover(&mut reissued, entry);

    // A void that has no effect, because something was paid: the cover stands, and nothing waits.
    let mut paid = covered();
    let payment = Payment::on("acme-0001", usd("47.50"));
    paid.control("2026-02-10T08:00:00Z", Control::PaymentRecorded(payment));
    let voided = CoverEntry::Voided {
        number: "acme-A0001".to_owned(),
        reason: "wrong address".to_owned(),
        by: "finance".to_owned(),
    };
    paid.control("2026-02-11T08:00:00Z", Control::Cover(voided));
    vec![
        case("january", "acme-0001", &january_alone),
        case("other-contract", "acme-0002", &january_alone),
        case("other-currency", "acme-0003", &january_alone),
        case("voided-and-again", "acme-0001", &again),
        case("statement-again", "acme-0004", &reissued),
        case("paid", "acme-0001", &paid),
    ]
}
