//! A server with something sold: acme under a contract, January stated, a buyer's key published, and what it cost
//! in the seller-only log with words that no buyer may ever read.

use std::fmt::Write as _;

use book::acts::PublishedKey;
use book::statements::Known;
use book::{Book, links::AskedLink};
use jiff::{SignedDuration, Timestamp};
use pricing::statement::Issue;
use proof::signature::{prove_possession, sign};
use tlog::SignerKey;
use work::body::{Assurance, Audience, Body, Control, DocumentKind, Holder, QuoteEntry};
use work::event::{Authorship, PIECEWORK};
use work::{Digest, Event, Headers};

use crate::support::{Server, start};

/// Words of the seller-only log.
pub const SECRETS: [&str; 4] = ["marker-model", "marker-agent", "marker-provider", "777.77"];
/// Works of acme, enough for a full tile and a partial one.
pub const WORKS: usize = 300;

const DEFINITION: &str = include_str!("../../../../examples/definitions/fin.toml");
const PLAN: &str = "id = \"fin\"\nversion = 1\ncurrency = \"USD\"\n[[component]]\nid = \"outcomes\"\nkind = \"outcome\"\nunit = \"support.fin_outcome\"\nprice = \"0.99\"\n";

/// The buyer's own key.
pub fn buyer_key() -> SignerKey {
    SignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[42; 32])
}

/// The server.
pub fn sold() -> Server {
    sold_by(Server::new())
}

/// The same, in the book of a server.
pub fn sold_by(server: Server) -> Server {
    let book = server.app.book();
    let plan = publish(book, DocumentKind::Plan, PLAN);
    let definition = publish(book, DocumentKind::Definition, DEFINITION);
    let contract = format!(
        "id = \"acme-2026\"\ncustomer = \"acme\"\nplan = \"{plan}\"\ndefinitions = [\"{definition}\"]\n\
         currency = \"USD\"\nstarts = 2026-01-01\ntime_zone = \"UTC\"\n"
    );
    let document = publish(book, DocumentKind::Contract, &contract);
    let signed = Control::ContractSigned {
        contract: "acme-2026".to_owned(),
        document,
        by: "buyer".to_owned(),
    };
    append(book, &[own("signed", Body::Control(signed))]);
    let key = buyer_key();
    let published = Assurance::KeyPublished {
        holder: Holder::Buyer,
        vkey: key.verifier_key().to_string(),
        possession: prove_possession(&book.origin("acme").unwrap(), &key),
        by: "finance".to_owned(),
    };
    append(book, &[own("key", Body::Assurance(published))]);
    let mut facts = Vec::new();
    for work in 0..WORKS {
        let data = format!(r#"{{"conversation":"T-{work}","kind":"answer"}}"#);
        facts.push(fact("acme", work, "work.answered", &data));
        let cost = r#"{"line":"model","amount":"777.77 USD","model":"marker-model","provider":"marker-provider","agent":"marker-agent"}"#;
        facts.push(fact("acme", work, "cost.recorded", cost));
    }
    facts.push(fact(
        "globex",
        0,
        "work.answered",
        r#"{"conversation":"G-0","kind":"answer"}"#,
    ));
    append(book, &facts);
    issue(book);
    server
}

/// The text of a link.
pub fn link(server: &Server, customer: &str, statement: Option<&str>, hours: i64) -> String {
    let now = server.app.now();
    let asked = AskedLink {
        customer: customer.to_owned(),
        statement: statement.map(str::to_owned),
        label: "a test".to_owned(),
        expires: now + SignedDuration::from_hours(hours),
    };
    server
        .app
        .book()
        .make_link(&asked, now)
        .unwrap()
        .text
        .to_string()
}

fn issue(book: &Book) {
    let cut: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
    let known = Known::of(book, "acme").unwrap();
    let held = known.account.contract("acme-2026").unwrap();
    let statement = known.draw(book, held, cut).unwrap();
    let coverage = known.account.coverage;
    let entries = statement.issue(&Issue {
        number: "acme-0001",
        coverage,
        carry: book.carry(&known.account, cut).unwrap().digest(),
        at: start(),
        by: "finance",
    });
    append(book, &entries.unwrap());
    book.note_issued("acme", coverage).unwrap();
}

fn publish(book: &Book, document: DocumentKind, text: &str) -> Digest {
    let digest = Digest::of(text.as_bytes());
    let control = Control::DocumentPublished {
        document,
        text: text.to_owned(),
        audience: Audience::Shared,
        by: "finance".to_owned(),
    };
    append(book, &[own(&digest.to_string(), Body::Control(control))]);
    digest
}

fn own(id: &str, body: Body) -> Event {
    Event {
        id: id.into(),
        source: PIECEWORK.into(),
        customer: "acme".into(),
        time: "2026-01-01T00:00:00Z".parse().unwrap(),
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers: Headers::default(),
        body,
    }
}

fn fact(customer: &str, work: usize, kind: &str, data: &str) -> Event {
    let mut text = String::new();
    let _ = write!(
        text,
        r#"{{"specversion":"1.0","id":"{work}/{kind}","source":"desk","type":"piecework.{kind}.v1","subject":"{customer}","time":"2026-01-05T09:00:00Z","workid":"T-{work}","data":{data}}}"#
    );
    Event::parse(&text).unwrap_or_else(|error| panic!("{error:?}: {text}"))
}

fn append(book: &Book, events: &[Event]) {
    let outcomes = book.store.append(events, start()).unwrap();
    for outcome in outcomes {
        assert!(
            matches!(outcome, store::Outcome::Accepted { .. }),
            "{outcome:?}"
        );
    }
}

/// A quote as the buyer's own key accepts it, the key published before.
pub fn acceptance(server: &Server, customer: &str, quote: &serde_json::Value) -> String {
    let book = server.app.book();
    let (key, origin) = (buyer_key(), book.origin(customer).unwrap());
    let published = PublishedKey {
        customer,
        key: key.verifier_key(),
        possession: &prove_possession(&origin, &key),
        by: "it",
    };
    book.publish_key(&published, server.app.now()).unwrap();
    let accepted = QuoteEntry::Accepted {
        quote: quote["quote"].as_str().unwrap().to_owned(),
        digest: work::Digest::of(quote["text"].as_str().unwrap().as_bytes()),
        how: None,
        by: "procurement".to_owned(),
    };
    let event = Event {
        source: "acme.example/buyer".into(),
        customer: customer.into(),
        time: server.app.now(),
        authorship: Authorship::Buyer,
        ..own("accepted", Body::Control(Control::Quote(accepted)))
    };
    sign(event, &origin, &key).unwrap().canonical()
}
