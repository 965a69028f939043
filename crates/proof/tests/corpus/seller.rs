//! Tampering by the seller, who has the log's key: hashes and signatures are good.

use std::collections::BTreeMap;

use pricing::statement::Statement;
use proof::file::Member;
use proof::signature::{prove_possession, sign};
use tlog::SignerKey;
use work::body::{
    Action, Allocation, Assurance, Balance, Body, Control, Holder, Payment, PaymentVoided,
    SampleMethod, WriteOff,
};
use work::event::Authorship;
use work::{Digest, Signature};

use super::Case;
use super::assemble::{Draft, listed, pack};
use super::book::{Book, at, event};
use super::evil::{self, add, change, omit, rewrite};
use super::story::{self, AGAIN, CUT_FEBRUARY, CUT_JANUARY, FEBRUARY, JANUARY, World};

/// An edit of what a statement states.
type CellEdit = fn(&mut Statement);

/// Payloads by their members' names.
type Payloads = Vec<(String, Vec<u8>)>;

/// An edit of the documents or facts that a statement is reckoned from.
type Edit = fn(&mut Vec<work::effective::Content>);

/// January reckoned with other documents or facts than the log holds. One at least for every surface.
const RECKONED: &[(&str, Edit)] = &[
    ("price-of-platform", |log| {
        rewrite(log, "\"500.00\"", "\"510.00\"");
    }),
    ("price-of-seats", |log| {
        rewrite(log, "price = \"20\"", "price = \"21\"");
    }),
    ("included-seats", |log| {
        rewrite(log, "included = 1", "included = 0");
    }),
    ("price-of-usage", |log| {
        rewrite(log, "\"0.007\"", "\"0.0071\"");
    }),
    ("tier-of-usage", |log| {
        rewrite(log, "up_to = 2000", "up_to = 2001");
    }),
    ("allowance", |log| {
        rewrite(log, "allowance = 1000", "allowance = 999");
    }),
    ("price-of-class", |log| rewrite(log, "\"1.25\"", "\"1.26\"")),
    ("tier-of-class", |log| {
        rewrite(log, "up_to = 4", "up_to = 6");
    }),
    ("class-given-away", |log| {
        rewrite(log, "price = \"1.25\"", "free = true");
    }),
    ("definition-timer", |log| {
        rewrite(log, "quiet(72h", "quiet(400h");
    }),
    ("definition-class", |log| {
        rewrite(log, "result = passed", "result = failed");
    }),
    ("band-multiplier", |log| rewrite(log, "\"1.15\"", "\"1.2\"")),
    ("band-threshold", |log| {
        rewrite(log, "from = \"0.9\"", "from = \"0.95\"");
    }),
    ("band-missing", |log| {
        rewrite(log, "missing = 1", "missing = \"1.1\"");
    }),
    ("indemnity-premium", |log| {
        rewrite(log, "\"0.105\"", "\"0.11\"");
    }),
    ("discount", |log| {
        rewrite(log, "discount_percent = 7", "discount_percent = 6");
    }),
    ("minimum", |log| rewrite(log, "\"300.00\"", "\"1500.00\"")),
    ("cap", |log| {
        rewrite(log, "minimum = \"300.00\"", "cap = \"500.00\"");
    }),
    ("rounding", |log| rewrite(log, "\"half_up\"", "\"down\"")),
    ("time-zone", |log| {
        rewrite(log, "\"Europe/Berlin\"", "\"UTC\"");
    }),
    ("first-day", |log| {
        rewrite(log, "starts = 2026-01-01", "starts = 2025-12-25");
    }),
    ("seat-invented", |log| {
        add(log, event("01-03T08:00 assigned seat=nobody"));
    }),
    ("seat-never-released", |log| {
        omit(log, "01-20T17:00-released-seat=ben");
    }),
    ("usage-invented", |log| {
        add(
            log,
            event("01-29T08:00 usage id=m9 meter=messages quantity=50"),
        );
    }),
    ("usage-altered", |log| {
        change(log, "m2", |event| {
            if let Body::Usage { quantity, .. } = &mut event.body {
                *quantity = "1450.6".parse().unwrap();
            }
        });
    }),
    ("correction-ignored", |log| omit(log, "control-09")),
    ("conflict-decided-alone", |log| {
        let second = log.iter().rposition(|own| own.event.id == "k1").unwrap();
        log[second].event.id = "k2".into();
    }),
    ("confirmation-invented", |log| {
        add(log, event("01-24T09:00 confirmed case=h01 by=buyer"));
    }),
    ("confirmation-ignored", |log| {
        omit(log, "01-08T12:00-confirmed-case=c00");
    }),
    ("confidence-altered", |log| {
        change(
            log,
            "01-10T09:00-answered-case=v01-confidence=0.95",
            |event| {
                if let Body::Answered { confidence, .. } = &mut event.body {
                    *confidence = Some("0.85".parse().unwrap());
                }
            },
        );
    }),
    ("work-invented", |log| {
        add(log, event("01-29T09:00 confirmed case=c00x by=buyer"));
    }),
    ("goodwill-left-out", |log| omit(log, "control-11")),
    ("goodwill-smaller", |log| {
        change(log, "control-11", |event| {
            if let Body::Control(Control::CreditIssued { amount, .. }) = &mut event.body {
                *amount = "12.33 USD".parse().unwrap();
            }
        });
    }),
    ("buyers-own-word-unsaid", |log| {
        // As if the seller's unsigned correction had an effect on what the buyer signed.
        omit(log, "01-09T12:00-confirmed-case=c01");
    }),
];

/// Words of January's body changed after reckoning.
const WORDED: &[(&str, &str, &str)] = &[
    ("currency", "\"USD\"", "\"EUR\""),
    ("total", "\"988.97\"", "\"989.97\""),
    ("seat-count", "\"quantity\":\"39\"", "\"quantity\":\"40\""),
    (
        "cut",
        "\"cut\":\"2026-01-31T23:00:00Z\"",
        "\"cut\":\"2026-02-01T00:00:00Z\"",
    ),
    ("revision", "\"revision\":1", "\"revision\":2"),
    ("semantics", "\"semantics\":1", "\"semantics\":2"),
    ("class", "class:confirmed\"", "class:verified\""),
    (
        "period",
        "\"service\":{\"from\":\"2026-01-31T23:00:00Z\"",
        "\"service\":{\"from\":\"2026-02-01T23:00:00Z\"",
    ),
    (
        "authorship",
        "\"third_party\":{\"amount\":\"3.54\"",
        "\"third_party\":{\"amount\":\"3.55\"",
    ),
    ("pending", "\"pending\":{", "\"pending\":{\"a\":1,"),
    ("white-space", "{\"as_of\"", "{ \"as_of\""),
    ("plan", "\"plan\":\"f", "\"plan\":\"e"),
];

pub fn cases(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, edit) in RECKONED {
        let statement = evil::statement(world, name, edit);
        let file = evil::issued(world, &statement);
        cases.push(Case::new(&format!("reckoned-{name}"), "recompute", file));
    }
    let honest = honest(world);
    for (name, old, new) in WORDED {
        let body = honest.body();
        let tampered = body.replacen(old, new, if *name == "currency" { usize::MAX } else { 1 });
        assert_ne!(tampered, body, "{name}");
        let file = evil::file(world, &tampered, &honest);
        cases.push(Case::new(&format!("worded-{name}"), "recompute", file));
    }
    cases.extend(cells(world, &honest));
    cases.extend(adjustments(world));
    cases.extend(entries(world));
    cases.extend(identities(world));
    cases.extend(signatures(world));
    cases.extend(statements(world));
    cases.extend(parts(world));
    cases.extend(payloads(world));
    cases.extend(samples(world));
    cases
}

fn honest(world: &World) -> Statement {
    let cut = CUT_JANUARY.parse().unwrap();
    let contents = evil::january(world);
    pricing::statement::draw_up(
        super::book::CUSTOMER,
        &contents,
        None,
        super::book::CONTRACT,
        cut,
    )
    .unwrap()
}

/// The body is right, and what it states cell by cell is not.
fn cells(world: &World, honest: &Statement) -> Vec<Case> {
    let edits: [(&str, CellEdit); 4] = [
        ("amount", |own| {
            own.cells[0].amount = "501.00 USD".parse().unwrap();
        }),
        ("quantity", |own| {
            own.cells[2].quantity = "40".parse().unwrap();
        }),
        ("left-out", |own| drop(own.cells.pop())),
        ("waived", |own| {
            own.cells[0].waived = Some("late".to_owned());
        }),
    ];
    let case = |(name, edit): &(&str, CellEdit)| {
        let mut statement = honest.clone();
        edit(&mut statement);
        let file = evil::issued(world, &statement);
        Case::new(&format!("cells-{name}"), "recompute", file)
    };
    edits.iter().map(case).collect()
}

/// February, which adjusts January: the seller forgets what it owes back.
fn adjustments(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, id) in [
        ("late-usage", "late1"),
        ("reopened", "02-07T09:00-reopened-case=a01"),
        ("dispute", "02-07T10:00-disputed-case=c02-reason=unsolved"),
        ("amendment", "control-16"),
    ] {
        let cut = CUT_FEBRUARY.parse().unwrap();
        let covered = story::coverage_of(&world.book, world.february);
        let mut contents = world.book.contents[..covered].to_vec();
        omit(&mut contents, id);
        let (customer, contract) = (super::book::CUSTOMER, super::book::CONTRACT);
        let statement =
            pricing::statement::draw_up(customer, &contents, None, contract, cut).unwrap();
        let body = statement.body();
        assert_ne!(
            body,
            Draft::of(&world.book.file(FEBRUARY)).statement,
            "{name}"
        );
        let mut book = truncated(&world.book, covered);
        book.issue_as(FEBRUARY, &statement);
        let mut draft = evil::draft(&book, book.entries.len() - 1, &body, &statement);
        draft.about.number = FEBRUARY.to_owned();
        cases.push(Case::new(
            &format!("adjustment-forgotten-{name}"),
            "recompute",
            draft.file(),
        ));
    }
    cases
}

pub fn truncated(book: &Book, size: usize) -> Book {
    let mut book = book.clone();
    book.entries.truncate(size);
    book.contents.truncate(size);
    book
}

/// A file of January with one more or another entry, signed.
fn with_entry(world: &World, edit: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let mut draft = Draft::of(&world.small.file(JANUARY));
    edit(&mut draft.entries);
    draft.resign(&world.small.parties.seller).file()
}

/// Entries that two readers would understand differently, or that are no entries.
fn entries(world: &World) -> Vec<Case> {
    let last = String::from_utf8(world.small.entries[4].clone()).unwrap();
    let plain = r#"{"event":{"id":"x1","source":"desk","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.work.confirmed.v1","workid":"w1"},"received_at":"2026-03-01T09:00:00.25Z"}"#;
    assert!(last.contains("signature"));
    let replaced = |old: &str, new: &str| {
        let text = plain.replacen(old, new, 1);
        assert_ne!(text, plain, "{old}");
        text.into_bytes()
    };
    let deep = format!("\"id\":{}{}", "[".repeat(40), "]".repeat(40));
    let mut list: Vec<(&str, Vec<u8>)> = vec![
        ("duplicate-key", replaced("\"id\":\"x1\"", "\"id\":\"x1\",\"id\":\"x2\"")),
        ("duplicate-key-escaped", replaced("\"id\":\"x1\"", "\"id\":\"x1\",\"\\u0069d\":\"x2\"")),
        ("integer-beyond-2-53", replaced("\"id\":\"x1\"", "\"id\":9007199254740993")),
        ("integer", replaced("\"id\":\"x1\"", "\"id\":7")),
        ("fraction", replaced("\"id\":\"x1\"", "\"id\":1.5")),
        ("exponent", replaced("\"id\":\"x1\"", "\"id\":1e3")),
        ("minus-zero", replaced("\"id\":\"x1\"", "\"id\":-0")),
        ("null", replaced("\"workid\":\"w1\"", "\"workid\":null")),
        ("lone-surrogate-escaped", replaced("x1", "x\\ud800")),
        ("surrogate-pair-escaped", replaced("x1", "x\\ud83d\\ude00")),
        ("escape-not-needed", replaced("x1", "x\\u0031")),
        ("solidus-escaped", replaced("x1", "x\\/1")),
        ("control-character", replaced("x1", "x\u{1}")),
        ("white-space", replaced("{\"event\":", "{\"event\": ")),
        ("line-feed-behind", replaced("25Z\"}", "25Z\"}\n")),
        ("carriage-return", replaced(",\"received_at\"", ",\r\n\"received_at\"")),
        ("byte-order-mark", replaced("{\"event\"", "\u{feff}{\"event\"")),
        ("trailing-object", replaced("25Z\"}", "25Z\"}{}")),
        ("members-unsorted", replaced("\"id\":\"x1\",\"source\":\"desk\"", "\"source\":\"desk\",\"id\":\"x1\"")),
        ("nested-deep", replaced("\"id\":\"x1\"", &deep)),
        ("unknown-member", replaced("\"workid\"", "\"workhim\"")),
        ("unknown-type", replaced("confirmed.v1", "confirmed.v2")),
        ("conflict-false", replaced("{\"event\"", "{\"conflict\":false,\"event\"")),
        ("no-arrival", replaced(",\"received_at\":\"2026-03-01T09:00:00.25Z\"", "")),
        ("time-with-offset", replaced("09:00:00Z\",\"type\"", "10:00:00+01:00\",\"type\"")),
        ("time-with-zeros", replaced(".25Z", ".250Z")),
        ("default-said", replaced("\"event\":{", "\"event\":{\"authorship\":\"seller\",")),
        ("empty-data-said", replaced("\"event\":{", "\"event\":{\"data\":{},")),
        ("other-customer", replaced("\"subject\":\"acme\"", "\"subject\":\"globex\"")),
        ("signed-as-seller", replaced("\"source\"", &format!("\"signature\":\"{}\",\"signer\":\"a+b\",\"source\"", "00".repeat(64)))),
        ("cost-in-the-customer-log", br#"{"event":{"data":{"amount":{"amount":"1.00","currency":"USD"},"line":"model"},"id":"x1","source":"desk","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.cost.recorded.v1","workid":"w1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("decimal-with-zeros", br#"{"event":{"data":{"meter":"m","quantity":"01.50"},"id":"x1","source":"desk","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.usage.recorded.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("number-for-decimal", br#"{"event":{"data":{"meter":"m","quantity":3},"id":"x1","source":"desk","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.usage.recorded.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("waiver-of-the-margin", br#"{"event":{"data":{"by":"cfo","check":"margin","contract":"acme-2026","reason":"the holdout begins in May","until":"2026-06-30"},"id":"x1","source":"piecework","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.check.waived.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("waiver-of-no-check", br#"{"event":{"data":{"by":"cfo","check":"everything","contract":"acme-2026","reason":"the holdout begins in May","until":"2026-06-30"},"id":"x1","source":"piecework","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.check.waived.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("waiver-until-no-day", br#"{"event":{"data":{"by":"cfo","check":"attribution","contract":"acme-2026","reason":"the holdout begins in May","until":"2026-06-31"},"id":"x1","source":"piecework","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.check.waived.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("waiver-without-a-reason", br#"{"event":{"data":{"by":"cfo","check":"attribution","contract":"acme-2026","until":"2026-06-30"},"id":"x1","source":"piecework","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.check.waived.v1"},"received_at":"2026-03-01T09:00:00.25Z"}"#.to_vec()),
        ("not-json", b"hello".to_vec()),
        ("empty", Vec::new()),
    ];
    let mut surrogate = plain.as_bytes().to_vec();
    let at = plain.find("x1").unwrap();
    surrogate.splice(at..at, [0xed, 0xa0, 0x80]);
    list.push(("lone-surrogate-bytes", surrogate));
    let mut cases: Vec<Case> = list
        .into_iter()
        .map(|(name, entry)| {
            let file = with_entry(world, |entries| entries.push(entry));
            Case::new(&format!("entry-{name}"), "entry", file)
        })
        .collect();
    let fine = with_entry(world, |entries| entries.push(plain.as_bytes().to_vec()));
    cases.push(Case::new("entry-fine", "valid", fine));
    for check in ["units", "order", "attribution", "proof"] {
        let waiver = format!(
            r#"{{"event":{{"data":{{"by":"cfo","check":"{check}","contract":"acme-2026","reason":"until May","until":"2026-06-30"}},"id":"x1","source":"piecework","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.check.waived.v1"}},"received_at":"2026-03-01T09:00:00.25Z"}}"#
        );
        let file = with_entry(world, |entries| entries.push(waiver.into_bytes()));
        cases.push(Case::new(
            &format!("entry-waiver-of-{check}"),
            "valid",
            file,
        ));
    }
    cases
}

fn identities(world: &World) -> Vec<Case> {
    let entry = |id: &str, kind: &str, mark: &str| {
        format!(r#"{{{mark}"event":{{"id":"{id}","source":"desk","specversion":"1.0","subject":"acme","time":"2026-03-01T09:00:00Z","type":"piecework.work.{kind}.v1","workid":"w1"}},"received_at":"2026-03-01T09:00:00.25Z"}}"#).into_bytes()
    };
    let mark = "\"conflict\":true,";
    let case = |name: &str, code: &'static str, more: &[Vec<u8>]| {
        let file = with_entry(world, |entries| entries.extend(more.iter().cloned()));
        Case::new(&format!("identity-{name}"), code, file)
    };
    let first = entry("x1", "confirmed", "");
    vec![
        case(
            "marked",
            "valid",
            &[first.clone(), entry("x1", "reopened", mark)],
        ),
        case(
            "not-marked",
            "identity",
            &[first.clone(), entry("x1", "reopened", "")],
        ),
        case(
            "first-marked",
            "identity",
            &[entry("x1", "confirmed", mark)],
        ),
        case(
            "same-content-twice",
            "identity",
            &[first.clone(), entry("x1", "confirmed", mark)],
        ),
        case(
            "same-entry-twice",
            "identity",
            &[first.clone(), first.clone()],
        ),
        case(
            "third-is-the-second",
            "identity",
            &[
                first,
                entry("x1", "reopened", mark),
                entry("x1", "reopened", mark),
            ],
        ),
    ]
}

fn signatures(world: &World) -> Vec<Case> {
    let small = &world.small;
    let case = |name: &str, code: &'static str, edit: &dyn Fn(&mut Book)| {
        let mut book = small.clone();
        edit(&mut book);
        let file = extended(small, &book);
        Case::new(&format!("signature-{name}"), code, file)
    };
    let asked = |id: &str| {
        let mut asked = event(&format!("03-01T09:00 asked id={id} case=1"));
        asked.authorship = Authorship::Buyer;
        asked
    };
    let other = SignerKey::from_seed("acme.example/other".parse().unwrap(), &[11; 32]);
    let own = |event| sign(event, small.parties.origin(), &small.parties.buyer).unwrap();
    let publish = |book: &mut Book, key: &SignerKey, possession: String, is_signed: bool| {
        let mut event = book.envelope(
            "03-02T09:00",
            Body::Assurance(Assurance::KeyPublished {
                holder: Holder::Buyer,
                vkey: key.verifier_key().to_string(),
                possession,
                by: "it".to_owned(),
            }),
        );
        if is_signed {
            event.authorship = Authorship::Buyer;
            book.sign(event);
        } else {
            book.push(event);
        }
    };
    let origin = small.parties.origin().to_owned();
    let weak = |book: &mut Book| {
        let mut material = [0; 33];
        material[0] = 1;
        material[1] = 1; // the neutral element
        let vkey = super::outsider::vkey("acme.example/weak", &material);
        let mut universal = [0; 64];
        universal[0] = 1;
        let possession = Signature {
            signer: String::new(),
            value: universal,
        };
        book.assure(
            "03-02T09:00",
            Assurance::KeyPublished {
                holder: Holder::Buyer,
                vkey,
                possession: possession.to_hex(),
                by: "it".to_owned(),
            },
        );
    };
    vec![
        case("fine", "valid", &|book| book.push(own(asked("s1")))),
        case("forged", "signature", &|book| {
            let mut event = own(asked("s1"));
            event.signature.as_mut().unwrap().value[10] ^= 1;
            book.push(event);
        }),
        case("altered-event", "signature", &|book| {
            let mut event = own(asked("s1"));
            event.time = at("03-01T10:00");
            book.push(event);
        }),
        case("moved-to-another-work", "signature", &|book| {
            let mut event = own(asked("s1"));
            event.headers.set(work::Header::Case, "2");
            book.push(event);
        }),
        case("of-another-log", "signature", &|book| {
            let elsewhere = sign(
                asked("s1"),
                "vendor.example/log/0000000000000000",
                &small.parties.buyer,
            );
            book.push(elsewhere.unwrap());
        }),
        case("by-an-unpublished-key", "signature", &|book| {
            book.push(sign(asked("s1"), &origin, &other).unwrap());
        }),
        case("by-the-seller-in-the-buyers-name", "signature", &|book| {
            let impostor = SignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[12; 32]);
            let mut event = sign(asked("s1"), &origin, &impostor).unwrap();
            event.signature.as_mut().unwrap().signer =
                proof::signature::signer_name(small.parties.buyer.verifier_key());
            book.push(event);
        }),
        case("of-what-no-buyer-signs", "signature", &|book| {
            let mut usage = event("03-01T09:00 usage id=u1 meter=m");
            usage.authorship = Authorship::Buyer;
            let signer = proof::signature::signer_name(small.parties.buyer.verifier_key());
            let text = work::signature::signed_text(&origin, &usage, &signer);
            let value = small.parties.buyer.sign_bytes(text.as_bytes());
            usage.signature = Some(Box::new(Signature { signer, value }));
            book.push(usage);
        }),
        case("second-key-by-the-seller", "signature", &|book| {
            publish(book, &other, prove_possession(&origin, &other), false);
        }),
        case("successor-by-the-buyer", "valid", &|book| {
            publish(book, &other, prove_possession(&origin, &other), true);
            book.push(sign(asked("s1"), &origin, &other).unwrap());
        }),
        case("key-without-possession", "signature", &|book| {
            publish(
                book,
                &other,
                prove_possession(&origin, &small.parties.buyer),
                true,
            );
        }),
        case("possession-for-another-log", "signature", &|book| {
            publish(
                book,
                &other,
                prove_possession("vendor.example/log/0", &other),
                true,
            );
        }),
        case("key-twice", "signature", &|book| {
            let key = &small.parties.buyer;
            publish(book, key, prove_possession(&origin, key), true);
        }),
        case("weak-key", "signature", &weak),
        case("buyers-key-with-the-logs-name", "signature", &|book| {
            let key = SignerKey::from_seed(origin.parse().unwrap(), &[13; 32]);
            publish(book, &key, prove_possession(&origin, &key), true);
        }),
        case("sellers-key-with-another-name", "signature", &|book| {
            book.publish_key("03-02T09:00", Holder::Seller, &other);
        }),
        case("sellers-successor", "valid", &|book| {
            let key = SignerKey::from_seed(origin.parse().unwrap(), &[13; 32]);
            book.publish_key("03-02T09:00", Holder::Seller, &key);
        }),
        case("in-a-replacement", "signature", &|book| {
            let target = book.contents[4].event.clone();
            let mut other = own(asked("s1"));
            other.id.clone_from(&target.id);
            story::correct(book, "03-02T09:00", &target, Some(other), Action::Replace);
        }),
    ]
}

/// The last entry, which issues the statement, written otherwise.
fn reissue(book: &mut Book, edit: impl FnOnce(&mut u64, &mut u32, &mut Digest)) {
    reissue_with(book, |control| {
        if let Control::StatementIssued {
            coverage,
            parts,
            cells_digest,
            ..
        } = control
        {
            edit(coverage, parts, cells_digest);
        }
    });
}

fn reissue_with(book: &mut Book, edit: impl FnOnce(&mut Control)) {
    let mut event = book.contents.last().unwrap().event.clone();
    *book = truncated(book, book.entries.len() - 1);
    if let Body::Control(control) = &mut event.body {
        edit(control);
    }
    book.push(event);
}

/// A statement in several parts, of which one is not as it should be.
fn parts(world: &World) -> Vec<Case> {
    let long = &world.long;
    let case = |name: &str, code: &'static str, edit: &dyn Fn(&mut Vec<work::Event>)| {
        let mut events: Vec<work::Event> =
            long.contents.iter().map(|own| own.event.clone()).collect();
        edit(&mut events);
        let mut book = Book::new();
        for event in events {
            book.push(event);
        }
        let mut draft = Draft::of(&long.file(JANUARY));
        draft.entries.clone_from(&book.entries);
        let issues = |own: &work::effective::Content| {
            matches!(
                own.event.body,
                Body::Control(Control::StatementIssued { .. })
            )
        };
        draft.about.issued = book.contents.iter().position(issues).unwrap() as u64;
        Case::new(
            &format!("parts-{name}"),
            code,
            draft.resign(&long.parties.seller).file(),
        )
    };
    vec![
        case("fine", "valid", &|_| {}),
        case("first-missing", "statement", &|events| {
            drop(events.remove(3));
        }),
        case("second-missing", "statement", &|events| {
            drop(events.remove(4));
        }),
        case("swapped", "statement", &|events| events.swap(3, 4)),
        case("cell-altered", "statement", &|events| {
            if let Body::Control(Control::StatementStated { cells, .. }) = &mut events[3].body {
                cells[7].amount = "7.38 EUR".parse().unwrap();
            }
        }),
        case("cell-left-out", "statement", &|events| {
            if let Body::Control(Control::StatementStated { cells, .. }) = &mut events[4].body {
                cells.pop();
            }
        }),
        case("after-the-statement", "statement", &|events| {
            let last = events.len() - 1;
            events.swap(4, last);
            // The entry that issues it is looked for at the end.
            let part = events.pop().unwrap();
            let issued = events.remove(4);
            events.extend([issued, part]);
        }),
    ]
}

/// The file of the small book's statement with the head of a longer log.
fn extended(small: &Book, longer: &Book) -> Vec<u8> {
    let mut draft = Draft::of(&small.file(JANUARY));
    draft.entries.clone_from(&longer.entries);
    draft.resign(&small.parties.seller).file()
}

fn statements(world: &World) -> Vec<Case> {
    let seller = &world.book.parties.seller;
    let good = Draft::of(&world.book.file(JANUARY));
    let case = |name: &str, code: &'static str, edit: &dyn Fn(&mut Draft)| {
        let mut draft = good.clone();
        edit(&mut draft);
        Case::new(
            &format!("statement-{name}"),
            code,
            draft.resign(seller).file(),
        )
    };
    let small = &world.small;
    let extended = |name: &str, code: &'static str, edit: &dyn Fn(&mut Book)| {
        let mut book = small.clone();
        edit(&mut book);
        let file = extended(small, &book);
        Case::new(&format!("statement-{name}"), code, file)
    };
    let covered = good.about.coverage;
    vec![
        case("voided", "void", &|draft| {
            *draft = Draft::of(&world.book.file(FEBRUARY));
        }),
        case("issued-again", "valid", &|draft| {
            *draft = Draft::of(&world.book.file(AGAIN));
        }),
        case("at-another-entry", "statement", &|draft| {
            draft.about.issued = 3;
        }),
        case("beyond-the-log", "statement", &|draft| {
            draft.about.issued = 1 << 40;
        }),
        case("of-another-number", "statement", &|draft| {
            draft.about.issued = world.again as u64;
        }),
        case("number-altered", "statement", &|draft| {
            draft.about.number = "acme-0009".to_owned();
        }),
        case("contract-altered", "statement", &|draft| {
            draft.about.contract = "acme-2025".to_owned();
        }),
        case("cut-altered", "statement", &|draft| {
            draft.about.cut = at("02-01");
        }),
        case("revision-altered", "statement", &|draft| {
            draft.about.revision = 2;
        }),
        case("coverage-shorter", "statement", &|draft| {
            draft.about.coverage = covered - 1;
        }),
        case("coverage-longer", "statement", &|draft| {
            draft.about.coverage = covered + 1;
        }),
        case("body-of-another", "statement", &|draft| {
            draft.statement = Draft::of(&world.book.file(AGAIN)).statement;
        }),
        case("body-empty", "statement", &|draft| {
            draft.statement = String::new();
        }),
        extended("coverage-beyond-itself", "statement", &|book| {
            reissue(book, |coverage, _, _| *coverage = 9);
        }),
        extended("number-given-twice", "statement", &|book| {
            let last = book.contents.last().unwrap().event.clone();
            book.story("02-02T00:00 answered case=9");
            let mut again = last;
            again.id = "statement-again".into();
            book.push(again);
        }),
        extended("corrected", "entry", &|book| {
            let target = book.contents.last().unwrap().event.clone();
            story::correct(book, "2026-02-02T00:00:00Z", &target, None, Action::Void);
        }),
        extended("part-corrected", "entry", &|book| {
            let target = book.contents[5].event.clone();
            story::correct(book, "2026-02-02T00:00:00Z", &target, None, Action::Void);
        }),
        extended("fact-replaced-by-an-anchor", "entry", &|book| {
            let mut events = book.contents.iter().map(|own| &own.event);
            let fact = events.find(|event| !event.body.tag().is_control());
            let target = fact.unwrap().clone();
            let anchor = Assurance::SampleAnchored {
                anchor: Digest::of(b"any"),
                length: 3,
                by: "buyer".to_owned(),
            };
            let mut new = book.envelope("2026-02-02T00:00:00Z", Body::Assurance(anchor));
            new.source.clone_from(&target.source);
            new.id.clone_from(&target.id);
            let replace = Action::Replace;
            story::correct(book, "2026-02-02T00:00:00Z", &target, Some(new), replace);
        }),
        extended("parts-fewer", "statement", &|book| {
            reissue(book, |_, parts, _| *parts = 0);
        }),
        extended("parts-more", "statement", &|book| {
            reissue(book, |_, parts, _| *parts = 2);
        }),
        extended("cells-digest-altered", "statement", &|book| {
            reissue(book, |_, _, digest| *digest = Digest::of(b"others"));
        }),
        extended("carry-altered", "recompute", &|book| {
            reissue_with(book, |control| {
                if let Control::StatementIssued { carry, .. } = control {
                    *carry = Digest::of(b"another past");
                }
            });
        }),
        extended("voided-when-paid", "valid", &|book| {
            book.control(
                "2026-02-02T00:00:00Z",
                Control::PaymentRecorded(Payment::on(JANUARY, "9.99 EUR".parse().unwrap())),
            );
            book.void("2026-02-03T00:00:00Z", JANUARY);
        }),
        extended("voided-when-written-off-in-part", "valid", &|book| {
            book.control(
                "2026-02-02T00:00:00Z",
                Control::BalanceWrittenOff(WriteOff {
                    of: Balance::Statement(JANUARY.to_owned()),
                    amount: "0.01 EUR".parse().unwrap(),
                    reason: "bank fees".to_owned(),
                    by: "finance".to_owned(),
                }),
            );
            book.void("2026-02-03T00:00:00Z", JANUARY);
        }),
        extended("voided-after-its-payment", "void", &|book| {
            let paid = Payment {
                allocations: vec![Allocation {
                    statement: JANUARY.to_owned(),
                    amount: "1.00 EUR".parse().unwrap(),
                }],
                statement: None,
                ..Payment::on(JANUARY, "9.99 EUR".parse().unwrap())
            };
            book.control("2026-02-02T00:00:00Z", Control::PaymentRecorded(paid));
            let entry = book.last_id();
            book.control(
                "2026-02-02T00:00:00Z",
                Control::PaymentVoided(PaymentVoided {
                    entry,
                    reason: "of another customer".to_owned(),
                    by: "finance".to_owned(),
                }),
            );
            book.void("2026-02-03T00:00:00Z", JANUARY);
        }),
        extended("voided-at-once", "void", &|book| {
            book.void("2026-02-02T00:00:00Z", JANUARY);
        }),
        extended("another-voided", "valid", &|book| {
            book.void("2026-02-02T00:00:00Z", FEBRUARY);
        }),
    ]
}

fn payloads(world: &World) -> Vec<Case> {
    let good = Draft::of(&world.book.file(JANUARY));
    assert_eq!(good.payloads.len(), 1);
    let case = |name: &str, code: &'static str, edit: &dyn Fn(&mut Payloads)| {
        let mut draft = good.clone();
        edit(&mut draft.payloads);
        Case::new(&format!("payload-{name}"), code, draft.file())
    };
    let named = |bytes: &[u8]| {
        let commitment = proof::commitment::of_member(bytes).unwrap();
        (format!("payloads/{commitment}"), bytes.to_vec())
    };
    vec![
        case("none", "valid", &Vec::clear),
        case("altered", "payload", &|list| {
            *list[0].1.last_mut().unwrap() ^= 1;
        }),
        case("salt-altered", "payload", &|list| list[0].1[0] ^= 1),
        case("longer", "payload", &|list| list[0].1.push(b' ')),
        case("too-short", "payload", &|list| list[0].1.truncate(31)),
        case("not-committed-to", "payload", &|list| {
            list.push(named(&[7; 64]));
        }),
    ]
}

fn samples(world: &World) -> Vec<Case> {
    // The log up to the first draw; each case draws in its own way.
    let mut before = truncated(&world.book, world.drawn);
    before.payloads.clear();
    let case = |name: &str, code: &'static str, edit: &dyn Fn(&mut Book)| {
        let mut book = before.clone();
        edit(&mut book);
        let mut draft = Draft::of(&before.file(JANUARY));
        draft.entries.clone_from(&book.entries);
        let file = draft.resign(&book.parties.seller).file();
        Case::new(&format!("sample-{name}"), code, file)
    };
    let nonce = before.parties.nonce(1);
    let drawn =
        |method, size, nonce| story::drawn(&before, world.january, method, "all", size, nonce);
    let honest = drawn(SampleMethod::BottomK, 3, Some(nonce));
    let push = |book: &mut Book, draw: work::body::Draw| {
        book.assure_signed("2026-03-02T09:00:00Z", Assurance::SampleDrawn(draw));
    };
    vec![
        case("fine", "valid", &|book| push(book, honest.clone())),
        case("extended", "valid", &|book| {
            push(book, honest.clone());
            push(book, drawn(SampleMethod::BottomK, 6, Some(nonce)));
        }),
        case("of-all", "valid", &|book| {
            push(book, drawn(SampleMethod::BottomK, 500, Some(nonce)));
        }),
        case("without-nonce", "valid", &|book| {
            push(book, drawn(SampleMethod::BottomK, 3, None));
        }),
        case("seed-rolled-again", "sample", &|book| {
            let mut draw = honest.clone();
            draw.seed = Digest::of(b"one that looks well");
            push(book, draw);
        }),
        case("item-swapped", "sample", &|book| {
            let mut draw = honest.clone();
            draw.items[1] = if draw.items[1] == 17 { 18 } else { 17 };
            push(book, draw);
        }),
        case("items-in-another-order", "sample", &|book| {
            let mut draw = honest.clone();
            draw.items.swap(0, 2);
            push(book, draw);
        }),
        case("item-left-out", "sample", &|book| {
            let mut draw = honest.clone();
            draw.items.pop();
            push(book, draw);
        }),
        case("item-added", "sample", &|book| {
            let mut draw = honest.clone();
            draw.items.push(20);
            push(book, draw);
        }),
        case("stratum-altered", "sample", &|book| {
            let mut draw = honest.clone();
            draw.stratum = "unit:support.resolved_case".to_owned();
            push(book, draw);
        }),
        case("method-altered", "sample", &|book| {
            let mut draw = honest.clone();
            draw.method = SampleMethod::Money;
            push(book, draw);
        }),
        case("nonce-of-no-statement-yet", "sample", &|book| {
            push(
                book,
                drawn(SampleMethod::BottomK, 3, Some(book.parties.nonce(2))),
            );
        }),
        case("nonce-invented", "sample", &|book| {
            push(
                book,
                drawn(SampleMethod::BottomK, 3, Some(Digest::of(b"mine"))),
            );
        }),
        case("two-nonces-for-one-statement", "sample", &|book| {
            push(book, honest.clone());
            push(
                book,
                drawn(SampleMethod::BottomK, 3, Some(book.parties.nonce(2))),
            );
        }),
        case("nonce-after-none", "sample", &|book| {
            push(book, drawn(SampleMethod::BottomK, 3, None));
            push(book, honest.clone());
        }),
        case("of-no-statement", "sample", &|book| {
            let mut draw = honest.clone();
            draw.statement = "acme-0007".to_owned();
            push(book, draw);
        }),
        case("anchored-too-late", "sample", &|book| {
            let first = Digest::from_bytes([44; 32]);
            book.assure_signed(
                "2026-03-02T08:00:00Z",
                Assurance::SampleAnchored {
                    anchor: proof::nonce::after(first, 5),
                    length: 5,
                    by: "audit".to_owned(),
                },
            );
            let nonce = proof::nonce::after(first, 4);
            push(book, drawn(SampleMethod::BottomK, 3, Some(nonce)));
        }),
        case("anchored-by-the-seller", "sample", &|book| {
            book.assure(
                "2026-03-02T08:00:00Z",
                Assurance::SampleAnchored {
                    anchor: Digest::of(b"mine"),
                    length: 5,
                    by: "finance".to_owned(),
                },
            );
        }),
    ]
}

/// Every member of a good file left out, or with a byte more, listed properly.
pub fn unlisted(world: &World) -> BTreeMap<String, Vec<u8>> {
    let good = super::assemble::members(&world.book.file(JANUARY));
    assert_eq!(pack(&listed(good.clone())), pack(&good));
    assert!(good.contains_key(Member::MANIFEST));
    good
}
