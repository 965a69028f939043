//! Events: strict reading, exact numbers, one canonical form.

#![allow(clippy::unwrap_used)] // a test that panics is a test that fails

use piecework_work::body::{Body, Control, Kind, StatedCell};
use piecework_work::event::Authorship;
use piecework_work::limits::{EVENT_BYTES_MAX, ID_BYTES_MAX};
use piecework_work::signature::signed_text;
use piecework_work::{Event, EventError, Headers, LogKind};

fn event(kind: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"1","source":"desk","type":"piecework.{kind}.v1","subject":"acme","time":"2026-01-05T10:00:00Z","workid":"w1","data":{data}}}"#
    )
}

fn refused(kind: &str, data: &str) -> EventError {
    Event::parse(&event(kind, data)).unwrap_err()
}

/// Every type of the design, each with the members it may carry: reading, writing and reading again
/// gives the same event and the same bytes.
#[test]
fn every_type_survives_a_round_trip() {
    let digest = "ab".repeat(32);
    let amount = r#"{"amount":"2.50","currency":"USD"}"#;
    let replacement =
        event("work.answered", r#"{"kind":"greeting"}"#).replace(r#""id":"1""#, r#""id":"7""#);
    let table: Vec<(&str, String)> = vec![
        ("work.opened", r#"{"case":"c-1","channel":"chat","environment":"test"}"#.into()),
        ("work.asked", r#"{"kind":"thanks"}"#.into()),
        ("work.answered", r#"{"kind":"answer","confidence":"0.93","review":"full"}"#.into()),
        ("work.confirmed", "{}".into()),
        ("work.rejected", r#"{"reason":"wrong order"}"#.into()),
        ("work.verified", r#"{"result":"passed","check":"test-suite"}"#.into()),
        ("work.escalated", r#"{"configured":true}"#.into()),
        ("work.human_replied", r#"{"visible":false,"minutes":"4.5"}"#.into()),
        ("work.overridden", r#"{"minutes":"12"}"#.into()),
        ("work.reopened", "{}".into()),
        ("work.closed", r#"{"reason":"resolved"}"#.into()),
        ("work.rated", r#"{"score":"4"}"#.into()),
        ("work.valued", format!(r#"{{"amount":{amount}}}"#)),
        ("work.disputed", r#"{"reason":"not ours"}"#.into()),
        ("work.dispute_decided", r#"{"verdict":"credited"}"#.into()),
        ("review.recorded", r#"{"result":"edited","edit_share":"0.2","minutes":"3"}"#.into()),
        (
            "cost.recorded",
            r#"{"line":"model","provider":"openai","model":"gpt-4o","tokens":{"input":"1200","output":"80"},"agent":"a","agent_version":"2"}"#.into(),
        ),
        ("usage.recorded", format!(r#"{{"meter":"messages","quantity":"3","amount":{amount},"item":"thread-7"}}"#)),
        ("seat.assigned", r#"{"seat":"s1"}"#.into()),
        ("seat.released", r#"{"seat":"s1"}"#.into()),
        (
            "baseline.recorded",
            r#"{"measure":"resolutions_per_hour","value":"2.1","observations":"400","from":"2025-10-01T00:00:00Z","until":"2025-12-01T00:00:00Z"}"#.into(),
        ),
        (
            "evidence.attached",
            format!(r#"{{"name":"transcript","commitment":"{digest}","media_type":"text/plain"}}"#),
        ),
        (
            "event.corrected",
            format!(
                r#"{{"target":{{"source":"desk","id":"7","digest":"{digest}","type":"piecework.work.answered.v1"}},"action":"replace","replacement":{replacement},"reason":"was a greeting"}}"#
            ),
        ),
        ("document.published", r#"{"kind":"plan","text":"id = \"x\"\n","by":"revenue"}"#.into()),
        (
            "contract.signed",
            format!(r#"{{"contract":"acme-2026","digest":"{digest}","by":"cfo"}}"#),
        ),
        (
            "contract.amended",
            format!(
                r#"{{"contract":"acme-2026","digest":"{digest}","effective":"2026-02-01T00:00:00Z","reprice":"cfo","by":"cfo"}}"#
            ),
        ),
        (
            "contract.ended",
            r#"{"contract":"acme-2026","effective":"2026-12-31T00:00:00Z","by":"cfo"}"#.into(),
        ),
        (
            "contract.opened",
            format!(r#"{{"contract":"acme-2026","digest":"{digest}","by":"cfo"}}"#),
        ),
        (
            "quote.drafted",
            format!(r#"{{"quote":"acme-Q0001","digest":"{digest}","by":"sales"}}"#),
        ),
        ("quote.sent", r#"{"quote":"acme-Q0001","by":"sales"}"#.into()),
        (
            "quote.accepted",
            format!(
                r#"{{"quote":"acme-Q0001","digest":"{digest}","how":"by letter","by":"procurement"}}"#
            ),
        ),
        (
            "quote.declined",
            r#"{"quote":"acme-Q0001","reason":"too dear","by":"procurement"}"#.into(),
        ),
        (
            "quote.withdrawn",
            r#"{"quote":"acme-Q0001","reason":"a better one follows","by":"sales"}"#.into(),
        ),
        (
            "statement.stated",
            format!(
                r#"{{"contract":"acme-2026","cut":"2026-02-01T00:00:00Z","revision":"1","cells_digest":"{digest}","part":"1","cells":[{{"cell":"resolutions/1","amount":{amount},"quantity":"2","waived":"late"}}]}}"#
            ),
        ),
        (
            "statement.issued",
            format!(
                r#"{{"contract":"acme-2026","cut":"2026-02-01T00:00:00Z","revision":"1","number":"ACME-0001","coverage":"900","carry":"{digest}","body":"{digest}","parts":"1","cells_digest":"{digest}","by":"finance"}}"#
            ),
        ),
        (
            "statement.voided",
            r#"{"number":"ACME-0001","reason":"wrong plan","by":"finance"}"#.into(),
        ),
        (
            "cover.chosen",
            r#"{"per":"customer","from":"2026-01-31","by":"buyer"}"#.into(),
        ),
        (
            "cover.issued",
            format!(
                r#"{{"number":"acme-A0001","through":"2026-01-31","parts":[{{"statement":"ACME-0001","body":"{digest}","total":{amount},"payable":{amount}}}],"total":{amount},"payable":{amount},"by":"finance"}}"#
            ),
        ),
        (
            "cover.voided",
            r#"{"number":"acme-A0001","reason":"wrong address","by":"finance"}"#.into(),
        ),
        (
            "credit.issued",
            format!(
                r#"{{"contract":"acme-2026","amount":{amount},"reason":"goodwill","by":"cs"}}"#
            ),
        ),
        (
            "statement.credited",
            r#"{"number":"ACME-0001","line":"acme-2026/resolutions/2026-01-01T00:00:00Z/v1/class:assumed","reason":"an outage","by":"cs"}"#.into(),
        ),
        (
            "credit.granted",
            format!(
                r#"{{"grant":"g-1","contract":"acme-2026","amount":{amount},"paid":{amount},"priority":"2","starts":"2026-01-01T00:00:00Z","expires":"2026-12-31T00:00:00Z","surfaces":["usage"],"restore_days":"60","by":"finance-lead"}}"#
            ),
        ),
        (
            "credit.amended",
            format!(
                r#"{{"grant":"g-1","amount":{amount},"priority":"3","expires":"2027-01-31T00:00:00Z","reason":"agreed","by":"finance-lead"}}"#
            ),
        ),
        ("credit.voided", r#"{"grant":"g-1","reason":"never paid","by":"finance-lead"}"#.into()),
        (
            "payment.recorded",
            format!(r#"{{"allocations":[{{"amount":{amount},"statement":"ACME-0001"}}],"amount":{amount},"reference":"SEPA 77"}}"#),
        ),
        (
            "payment.allocated",
            format!(r#"{{"allocations":[{{"amount":{amount},"statement":"ACME-0002"}}],"by":"finance","payment":"payment/SEPA 77"}}"#),
        ),
        (
            "payment.refunded",
            format!(r#"{{"amount":{amount},"by":"finance","credit":"ACME-C0001","reason":"asked for","reference":"SEPA 78"}}"#),
        ),
        (
            "payment.voided",
            r#"{"by":"finance","entry":"payment/SEPA 77","reason":"of another customer"}"#.into(),
        ),
        (
            "balance.written_off",
            format!(r#"{{"amount":{amount},"by":"finance","reason":"bank fees","statement":"ACME-0001"}}"#),
        ),
        (
            "books.locked",
            r#"{"by":"controller","reason":"January is reported","until":"2026-01-31"}"#.into(),
        ),
        (
            "books.unlocked",
            r#"{"by":"controller","reason":"a cost was missing"}"#.into(),
        ),
        (
            "approval.proposed",
            format!(
                r#"{{"proposal":"p-1","act":"credit","request":"{{}}","effect":"{digest}","amount":{amount},"what":"give 5.00 USD","before":"nothing","after":"5.00 USD","expires":"2026-02-01T00:00:00Z","by":"finance-lead","key":"k1"}}"#
            ),
        ),
        (
            "approval.decided",
            r#"{"proposal":"p-1","answer":"approved","reason":"seen","by":"cfo","key":"k2","done":["credit/1","credit/2"]}"#
                .into(),
        ),
        (
            "close.recorded",
            format!(
                r#"{{"month":"2026-01","checklist":"{digest}","open":"2","reason":"agreed with the auditor","by":"cfo"}}"#
            ),
        ),
        (
            "check.waived",
            r#"{"contract":"acme-2026","check":"attribution","reason":"the holdout begins in May","until":"2026-06-30","by":"cfo"}"#
                .into(),
        ),
        (
            "data.redacted",
            r#"{"target":{"source":"desk","id":"7"},"reason":"erasure request","by":"dpo"}"#.into(),
        ),
        (
            "key.published",
            format!(
                r#"{{"holder":"buyer","vkey":"acme.example/buyer+1f2e3d4c+AQ==","possession":"{}","by":"it"}}"#,
                "0a".repeat(64)
            ),
        ),
        (
            "document.acknowledged",
            format!(r#"{{"what":"exhibit","digest":"{digest}","definition":"{digest}","by":"legal"}}"#),
        ),
        ("sample.anchored", format!(r#"{{"anchor":"{digest}","length":"120","by":"audit"}}"#)),
        (
            "sample.drawn",
            format!(
                r#"{{"sample":"s-1","statement":"ACME-0001","method":"bottom_k","stratum":"unit:a.b","size":"3","nonce":"{digest}","seed":"{digest}","items":["4","17","2"],"by":"audit"}}"#
            ),
        ),
    ];
    for (kind, data) in &table {
        let read = Event::parse(&event(kind, data)).unwrap_or_else(|e| panic!("{kind}: {e}"));
        let canonical = read.canonical();
        let again = Event::parse(&canonical).unwrap_or_else(|e| panic!("{kind}: {e}"));
        assert_eq!(again, read, "{kind}");
        assert_eq!(again.canonical(), canonical, "{kind}");
    }
    assert_eq!(table.len(), Kind::WORDS.len(), "a type without a row");
}

/// L2: what is waived of what the buyer relies on is in its log, and the margin's waiver is the seller's own.
#[test]
fn l2_a_waiver_is_in_the_log_of_whoever_it_concerns() {
    for (check, log) in [
        ("units", LogKind::Shared),
        ("order", LogKind::Shared),
        ("attribution", LogKind::Shared),
        ("proof", LogKind::Shared),
        ("margin", LogKind::Seller),
    ] {
        let data = format!(
            r#"{{"contract":"acme-2026","check":"{check}","reason":"agreed","until":"2026-06-30","by":"cfo"}}"#
        );
        let read = Event::parse(&event("check.waived", &data)).unwrap();
        assert_eq!(read.log(), log, "{check}");
    }
}

/// L2: evidence of what the seller alone may know, and its redaction, are in the log of what they are about.
#[test]
fn l2_what_the_seller_alone_may_know_is_in_its_log() {
    let evidence = format!(r#""name":"model_call","commitment":"{}""#, "0".repeat(64));
    let redacted = r#""target":{"source":"s","id":"e"},"reason":"asked","by":"privacy""#;
    for (kind, data) in [
        ("evidence.attached", &*evidence),
        ("data.redacted", redacted),
    ] {
        for (audience, log) in [
            ("", LogKind::Shared),
            (r#","audience":"shared""#, LogKind::Shared),
            (r#","audience":"seller""#, LogKind::Seller),
        ] {
            let read = Event::parse(&event(kind, &format!("{{{data}{audience}}}"))).unwrap();
            assert_eq!(read.log(), log, "{kind}{audience}");
            let again = Event::parse(&read.canonical()).unwrap();
            assert_eq!(again, read);
            let says = read.canonical().contains("audience");
            assert_eq!(says, log == LogKind::Seller, "{kind}{audience}");
        }
    }
}

#[test]
fn equal_contents_have_one_digest_however_they_are_written() {
    let plain = event("work.answered", r#"{"confidence":0.50,"kind":"answer"}"#);
    let other = plain
        .replace("10:00:00Z", "11:00:00+01:00")
        .replace("0.50", "\"0.5\"");
    let (a, b) = (Event::parse(&plain).unwrap(), Event::parse(&other).unwrap());
    assert_eq!(a.digest(), b.digest());
}

/// What a provider gives back is a cost below zero, and is written with a word and not with a sign.
#[test]
fn a_credit_is_a_cost_below_zero() {
    let cost = |data: &str| {
        let event = Event::parse(&event("cost.recorded", data)).unwrap();
        match &event.body {
            Body::Cost(cost) => {
                assert_eq!(Event::parse(&event.canonical()).unwrap(), event);
                (cost.amount.unwrap().to_string(), event.canonical())
            }
            other => panic!("{other:?}"),
        }
    };
    let (amount, text) = cost(r#"{"line":"infra","amount":"2.6137 USD","credit":true}"#);
    assert_eq!(amount, "-2.6137 USD");
    assert!(
        text.contains(r#""amount":{"amount":"2.6137","currency":"USD"},"credit":true"#),
        "{text}"
    );
    let (amount, text) = cost(r#"{"line":"infra","amount":"2.6137 USD","credit":false}"#);
    assert_eq!(amount, "2.6137 USD");
    assert!(!text.contains("credit"), "{text}");
}

#[test]
fn numbers_keep_every_digit() {
    let text = event(
        "cost.recorded",
        r#"{"line":"model","amount":{"amount":0.1234567890123456789,"currency":"USD"}}"#,
    );
    assert!(
        Event::parse(&text)
            .unwrap()
            .canonical()
            .contains("0.1234567890123456789")
    );
}

#[test]
fn faults_are_named_by_their_pointer() {
    let table = [
        (
            "work.opened",
            r#"{"chanel":"chat"}"#,
            "/data/chanel",
            "unknown member",
        ),
        (
            "work.answered",
            r#"{"kind":"guess"}"#,
            "/data/kind",
            "is not one of: answer",
        ),
        (
            "work.answered",
            r#"{"confidence":"1.2"}"#,
            "/data/confidence",
            "between 0 and 1",
        ),
        (
            "work.verified",
            r#"{"result":"passed"}"#,
            "/data/check",
            "required",
        ),
        (
            "usage.recorded",
            r#"{"meter":"m","quantity":"-1"}"#,
            "/data/quantity",
            "not be negative",
        ),
        (
            "usage.recorded",
            r#"{"meter":"m","item":""}"#,
            "/data/item",
            "empty",
        ),
        (
            "work.valued",
            r#"{"amount":{"amount":"1","currency":"EURO"}}"#,
            "/data/amount/currency",
            "ISO 4217",
        ),
        (
            "work.valued",
            r#"{"amount":"ten"}"#,
            "/data/amount",
            "not an amount",
        ),
        (
            "cost.recorded",
            r#"{"line":"model"}"#,
            "/data/amount",
            "needs an amount",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","amount":"-1 USD"}"#,
            "/data/amount",
            "must not be negative",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","amount":"-1 USD","credit":true}"#,
            "/data/amount",
            "must not be negative",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","amount":"0 USD","credit":true}"#,
            "/data/amount",
            "a credit says how much",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","model":"m","credit":true}"#,
            "/data/amount",
            "a credit says how much",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","amount":"1 USD","tokens":{"input":1},"credit":true}"#,
            "/data/tokens",
            "tokens are no part of it",
        ),
        (
            "cost.recorded",
            r#"{"line":"model","amount":"1 USD","credit":"yes"}"#,
            "/data/credit",
            "expected true or false",
        ),
        (
            "payment.recorded",
            r#"{"statement":"ACME-0001","amount":"-1 USD"}"#,
            "/data/amount",
            "a payment is written as a positive amount",
        ),
        ("work.sold", "{}", "/type", "not a piecework event type"),
        (
            "work.rated",
            r#"{"score":"9e99"}"#,
            "/data/score",
            "not a decimal number",
        ),
    ];
    for (kind, data, pointer, problem) in table {
        let error = refused(kind, data);
        assert_eq!(error.pointer, pointer, "{kind} {data}: {error}");
        assert!(error.problem.contains(problem), "{kind} {data}: {error}");
    }
}

#[test]
fn the_envelope_is_strict_too() {
    let good = event("work.opened", "{}");
    let check = |text: &str, pointer: &str| {
        assert_eq!(Event::parse(text).unwrap_err().pointer, pointer, "{text}");
    };
    check(&good.replace("1.0", "0.3"), "/specversion");
    check(&good.replace(r#""subject":"acme","#, ""), "/subject");
    check(&good.replace("acme", "_acme"), "/subject");
    check(&good.replace("10:00:00Z", "10:00:00"), "/time");
    check(&good.replace(r#""workid":"w1","#, ""), "/workid");
    check(&good.replace(r#""id":"1""#, r#""id":"1","id":"2""#), "");
    check(&format!("{good} x"), "");
    check(&format!("{}{}", "[".repeat(40), "]".repeat(40)), "");
    let long = "x".repeat(70_000);
    check(&good.replace("w1", &long), "");
}

#[test]
fn an_event_from_the_far_future_is_refused_at_arrival() {
    let event = Event::parse(&event("work.opened", "{}")).unwrap();
    let arrival = |text: &str| event.check_arrival(text.parse().unwrap());
    assert!(arrival("2026-01-04T10:00:00Z").is_ok());
    let error = arrival("2026-01-04T09:59:59Z").unwrap_err();
    assert_eq!(error.pointer, "/time");
    assert!(error.problem.contains("clock"), "{error}");
}

#[test]
fn a_signed_event_is_the_buyers_and_keeps_its_signature() {
    let unsigned = Event::parse(&event("work.reopened", "{}")).unwrap();
    let text = |authorship: &str, signature: &str| {
        event("work.reopened", "{}").replace(
            r#""workid""#,
            &format!(
                r#""authorship":"{authorship}","signer":"acme/buyer+01020304","signature":"{signature}","workid""#
            ),
        )
    };
    let digits = "0a".repeat(64);
    let signed = Event::parse(&text("buyer", &digits)).unwrap();
    assert_eq!(Event::parse(&signed.canonical()).unwrap(), signed);
    assert_ne!(signed.digest(), unsigned.digest());

    // What is signed says whose log and whose key, and not the signature.
    let over = signed_text("vendor.example/log/1", &signed, "acme/buyer+01020304");
    assert!(
        over.starts_with("piecework/entry/v1\nvendor.example/log/1\n{"),
        "{over}"
    );
    assert!(over.contains(r#""signer":"acme/buyer+01020304""#) && !over.contains(&digits));

    for (text, pointer) in [
        (text("seller", &digits), "/authorship"),
        (text("buyer", &digits.to_uppercase()), "/signature"),
        (text("buyer", "0a"), "/signature"),
        (
            text("buyer", &digits).replace(r#""signer":"acme/buyer+01020304","#, ""),
            "/signer",
        ),
        (
            text("buyer", &digits).replace(&format!(r#""signature":"{digits}","#), ""),
            "/signature",
        ),
    ] {
        assert_eq!(Event::parse(&text).unwrap_err().pointer, pointer, "{text}");
    }
}

/// Money moves by amounts above zero, from one place, to statements that are named once.
#[test]
fn d7_entries_about_money_are_strict() {
    let usd = |value: &str| format!(r#"{{"amount":"{value}","currency":"USD"}}"#);
    let part = |statement: &str, amount: &str| {
        format!(r#"{{"amount":{amount},"statement":"{statement}"}}"#)
    };
    let (one, two) = (part("S-1", &usd("1.00")), part("S-2", &usd("1.00")));
    let eur = part("S-2", r#"{"amount":"1.00","currency":"EUR"}"#);
    let many = |count: usize| {
        let parts = (0..count).map(|index| part(&format!("S-{index}"), &usd("0.01")));
        parts.collect::<Vec<_>>().join(",")
    };
    let paid = |allocations: &str| {
        format!(
            r#"{{"amount":{},"allocations":[{allocations}]}}"#,
            usd("2.00")
        )
    };
    for data in [
        format!(r#"{{"amount":{}}}"#, usd("2.00")),
        paid(&format!("{one},{two}")),
        paid(&many(100)),
    ] {
        Event::parse(&event("payment.recorded", &data)).unwrap();
    }
    let of = r#""reason":"r","by":"f""#;
    let amount = usd("1.00");
    for (kind, data, pointer) in [
        ("payment.recorded", paid(""), "/data/allocations"),
        ("payment.recorded", paid(&many(101)), "/data/allocations"),
        (
            "payment.recorded",
            paid(&format!("{one},{one}")),
            "/data/allocations/1/statement",
        ),
        (
            "payment.recorded",
            paid(&format!("{one},{eur}")),
            "/data/allocations/1/amount",
        ),
        ("payment.recorded", paid(&eur), "/data/allocations"),
        (
            "payment.recorded",
            paid(&part("S-1", &usd("2.01"))),
            "/data/allocations",
        ),
        (
            "payment.recorded",
            paid(&part("S-1", &usd("0.00"))),
            "/data/allocations/0/amount",
        ),
        (
            "payment.recorded",
            paid(&one).replacen('{', r#"{"statement":"S-1","#, 1),
            "/data/statement",
        ),
        (
            "payment.allocated",
            format!(r#"{{"allocations":[{one}],"by":"f"}}"#),
            "/data/payment",
        ),
        (
            "payment.allocated",
            r#"{"payment":"p","by":"f"}"#.to_owned(),
            "/data/allocations",
        ),
        (
            "payment.refunded",
            format!(r#"{{"payment":"p","credit":"c","amount":{amount},{of}}}"#),
            "/data/credit",
        ),
        (
            "balance.written_off",
            format!(r#"{{"statement":"S-1","credit":"c","amount":{amount},{of}}}"#),
            "/data/statement",
        ),
        (
            "balance.written_off",
            format!(r#"{{"amount":{amount},{of}}}"#),
            "/data/statement",
        ),
        ("books.locked", format!("{{{of}}}"), "/data/until"),
        (
            "books.locked",
            format!(r#"{{"until":"2026-01-30",{of}}}"#),
            "/data/until",
        ),
        (
            "books.unlocked",
            format!(r#"{{"until":"2026-1-31",{of}}}"#),
            "/data/until",
        ),
    ] {
        let error = Event::parse(&event(kind, &data)).unwrap_err();
        assert_eq!(error.pointer, pointer, "{kind} {data}: {error}");
    }
    for (kind, log) in [
        ("books.locked", LogKind::Seller),
        ("books.unlocked", LogKind::Seller),
    ] {
        let read =
            Event::parse(&event(kind, &format!(r#"{{"until":"2026-02-28",{of}}}"#))).unwrap();
        assert_eq!(read.log(), log);
    }
}

#[test]
fn entries_about_covers_are_strict() {
    let digest = "ab".repeat(32);
    let usd = r#"{"amount":"2.00","currency":"USD"}"#;
    let eur = r#"{"amount":"2.00","currency":"EUR"}"#;
    let part = |number: &str, total: &str| {
        format!(r#"{{"statement":"{number}","body":"{digest}","total":{total},"payable":{usd}}}"#)
    };
    let issued = |parts: &[String], through: &str| {
        let parts = parts.join(",");
        format!(
            r#"{{"number":"acme-A0001","through":"{through}","parts":[{parts}],"total":{usd},"payable":{usd},"by":"f"}}"#
        )
    };
    let many =
        |most: usize| -> Vec<String> { (0..most).map(|n| part(&format!("S-{n}"), usd)).collect() };
    for (kind, data, pointer) in [
        (
            "cover.chosen",
            r#"{"per":"month","from":"2026-01-31","by":"b"}"#.to_owned(),
            "/data/per",
        ),
        (
            "cover.chosen",
            r#"{"per":"customer","from":"2026-1-31","by":"b"}"#.to_owned(),
            "/data/from",
        ),
        ("cover.issued", issued(&[], "2026-01-31"), "/data/parts"),
        (
            "cover.issued",
            issued(&[part("S-1", usd), part("S-1", usd)], "2026-01-31"),
            "/data/parts",
        ),
        (
            "cover.issued",
            issued(&[part("S-1", eur)], "2026-01-31"),
            "/data/parts",
        ),
        (
            "cover.issued",
            issued(&many(1), "2026-02-30"),
            "/data/through",
        ),
        (
            "cover.issued",
            issued(
                &many(piecework_work::limits::COVER_PARTS_MAX + 1),
                "2026-01-31",
            ),
            "/data/parts",
        ),
        (
            "cover.voided",
            r#"{"number":"acme-A0001","by":"f"}"#.to_owned(),
            "/data/reason",
        ),
    ] {
        let error = Event::parse(&event(kind, &data)).unwrap_err();
        assert_eq!(error.pointer, pointer, "{kind}: {error}");
    }
    let whole = issued(&many(piecework_work::limits::COVER_PARTS_MAX), "2026-01-31");
    let read = Event::parse(&event("cover.issued", &whole)).unwrap();
    assert_eq!(read.log(), LogKind::Shared);
}

#[test]
fn entries_about_proof_are_strict() {
    let digest = "ab".repeat(32);
    for (kind, data, pointer) in [
        (
            "key.published",
            r#"{"holder":"buyer","vkey":"k","possession":"00","by":"it"}"#.to_owned(),
            "/data/possession",
        ),
        (
            "document.acknowledged",
            format!(r#"{{"what":"exhibit","digest":"{digest}","by":"x"}}"#),
            "/data/definition",
        ),
        (
            "document.acknowledged",
            format!(r#"{{"what":"plan","digest":"{digest}","definition":"{digest}","by":"x"}}"#),
            "/data/definition",
        ),
        (
            "sample.anchored",
            format!(r#"{{"anchor":"{digest}","length":"0","by":"x"}}"#),
            "/data/length",
        ),
        (
            "sample.anchored",
            format!(r#"{{"anchor":"{digest}","length":"10001","by":"x"}}"#),
            "/data/length",
        ),
        (
            "sample.drawn",
            format!(
                r#"{{"sample":"s","statement":"n","method":"money","stratum":"unit:","size":"1","seed":"{digest}","items":[],"by":"x"}}"#
            ),
            "/data/stratum",
        ),
        (
            "sample.drawn",
            format!(
                r#"{{"sample":"s","statement":"n","method":"money","stratum":"all","size":"2001","seed":"{digest}","items":[],"by":"x"}}"#
            ),
            "/data/size",
        ),
        (
            "sample.drawn",
            format!(
                r#"{{"sample":"s","statement":"n","method":"money","stratum":"all","size":"1","seed":"{digest}","items":["01"],"by":"x"}}"#
            ),
            "/data/items",
        ),
        (
            "sample.drawn",
            format!(
                r#"{{"sample":"s","statement":"n","method":"money","stratum":"all","size":"1","seed":"{digest}","items":[{}],"by":"x"}}"#,
                vec![r#""1""#; 2001].join(",")
            ),
            "/data/items",
        ),
    ] {
        assert_eq!(refused(kind, &data).pointer, pointer, "{kind} {data}");
    }
}

/// An envelope of the longest names and a part as full as it gets stay below the bound of an event.
#[test]
fn the_cells_of_a_statement_are_cut_into_parts_that_fit() {
    let cells: Vec<StatedCell> = (0..5_000)
        .map(|number| StatedCell {
            cell: format!("acme-2026/cases/2026-01-01T00:00:00Z/v1/class:{number:060}"),
            amount: "12.50 USD".parse().unwrap(),
            quantity: "3".parse().unwrap(),
            waived: (number % 7 == 0).then(|| "late".to_owned()),
            credit: None,
        })
        .collect();
    let parts = StatedCell::parts(&cells);
    assert!(parts.len() > 10, "{}", parts.len());
    assert_eq!(parts.concat(), cells);
    assert_eq!(StatedCell::parts(&[]), Vec::<&[StatedCell]>::new());
    let digest = StatedCell::digest(&cells);
    assert_ne!(digest, StatedCell::digest(&cells[1..]));
    for (part, cells) in (1..).zip(parts) {
        let event = Event {
            id: "i".repeat(ID_BYTES_MAX).into(),
            source: "s".repeat(ID_BYTES_MAX).into(),
            customer: "c".repeat(ID_BYTES_MAX).into(),
            time: "2026-02-01T00:00:00.123456789Z".parse().unwrap(),
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body: Body::Control(Control::StatementStated {
                contract: "k".repeat(ID_BYTES_MAX),
                cut: "2026-02-01T00:00:00.123456789Z".parse().unwrap(),
                revision: u32::MAX,
                cells_digest: digest,
                part,
                cells: cells.to_vec(),
            }),
        };
        let text = event.canonical();
        assert!(text.len() < EVENT_BYTES_MAX, "{}", text.len());
        assert_eq!(Event::parse(&text).unwrap(), event);
    }
}

#[test]
fn a_part_has_a_number_and_cells() {
    let digest = "ab".repeat(32);
    let stated = |part: &str, cells: &str| {
        refused(
            "statement.stated",
            &format!(
                r#"{{"contract":"a","cut":"2026-02-01T00:00:00Z","revision":"1","cells_digest":"{digest}","part":"{part}","cells":{cells}}}"#
            ),
        )
    };
    let cell = r#"[{"cell":"a/b","amount":"1 USD","quantity":"1"}]"#;
    assert_eq!(stated("0", cell).pointer, "/data/part");
    assert_eq!(stated("257", cell).pointer, "/data/part");
    assert_eq!(stated("1", "[]").pointer, "/data/cells");
    assert_eq!(
        stated("1", r#"[{"cell":"a/b"}]"#).pointer,
        "/data/cells/0/amount"
    );
}

#[test]
fn the_trace_of_an_event() {
    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    let trace = |traceparent: &str| {
        let text = event("work.opened", r#"{"case":"c-1"}"#).replacen(
            '{',
            &format!(r#"{{"traceparent":"{traceparent}","#),
            1,
        );
        Event::parse(&text).unwrap().trace_id()
    };
    // The W3C examples, and a later version that adds parts.
    for valid in [
        format!("00-{TRACE}-00f067aa0ba902b7-01"),
        format!("00-{}-00f067aa0ba902b7-00", TRACE.to_uppercase()),
        format!("cc-{TRACE}-00f067aa0ba902b7-01-what-the-future-will-be-like"),
    ] {
        assert_eq!(trace(&valid).as_deref(), Some(TRACE), "{valid}");
    }
    for invalid in [
        TRACE.to_owned(),
        format!("ff-{TRACE}-00f067aa0ba902b7-01"),
        format!("00-{TRACE}-0000000000000000-01"),
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{}-00f067aa0ba902b7-01", &TRACE[1..]),
        format!("00-{}g-00f067aa0ba902b7-01", &TRACE[1..]),
        "trace".to_owned(),
    ] {
        assert_eq!(trace(&invalid), None, "{invalid}");
    }
    assert_eq!(
        Event::parse(&event("work.opened", r#"{"case":"c-1"}"#))
            .unwrap()
            .trace_id(),
        None
    );
}
