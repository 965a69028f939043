//! A book for tests: keys, a customer's log, its statements and heads.

use jiff::Timestamp;
use pricing::account::Account;
use pricing::statement::{Issue, Statement, draw_up};
use proof::Entry;
use proof::carry::{Carry, LogEntry, Resumed, seal};
use proof::file::{Engine, Payload, Request, build};
use proof::keys::{Master, origin};
use proof::signature::{prove_possession, sign};
use proof::tree::Tree;
use proof::verify::Head;
use proof::{entry, nonce};
use tlog::{Checkpoint, CosignerKey, Frontier, SignerKey};
use work::body::{Assurance, Audience, Body, Control, DocumentKind, Holder};
use work::effective::Content;
use work::event::Authorship;
use work::{Digest, Event, Headers, LogKind};

pub const CUSTOMER: &str = "acme";
pub const CONTRACT: &str = "acme-2026";

pub fn at(text: &str) -> Timestamp {
    let text = match text.len() {
        5 => format!("2026-{text}T00:00:00Z"),
        11 => format!("2026-{text}:00Z"),
        _ => text.to_owned(),
    };
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Who has which secret.
#[derive(Clone)]
pub struct Parties {
    pub seller: SignerKey,
    pub buyer: SignerKey,
    pub cosigner: CosignerKey,
    pub first_nonce: Digest,
}

impl Parties {
    pub fn new(customer: &str) -> Parties {
        let master = Master::new(zeroize::Zeroizing::new([7; 32]));
        let pseudonym = master.pseudonym(LogKind::Shared, customer);
        let origin = origin("vendor.example/log", &pseudonym).unwrap();
        let buyer = "acme.example/buyer".parse().unwrap();
        Parties {
            seller: master.log_key(origin, LogKind::Shared, customer),
            buyer: SignerKey::from_seed("acme.example/buyer".parse().unwrap(), &[8; 32]),
            cosigner: CosignerKey::from_seed(buyer, &[8; 32]),
            // A value under which January's first draw holds v02, whose transcript is redacted behind it.
            first_nonce: Digest::from_bytes([11; 32]),
        }
    }

    pub fn origin(&self) -> &str {
        self.seller.verifier_key().name().as_str()
    }

    /// The nonce of the j-th statement behind the anchor, of a chain of 12.
    pub fn nonce(&self, statement: u32) -> Digest {
        nonce::after(self.first_nonce, 12 - statement)
    }
}

/// A customer's log.
#[derive(Clone)]
pub struct Book {
    pub parties: Parties,
    pub contents: Vec<Content>,
    pub entries: Vec<Vec<u8>>,
    pub payloads: Vec<Payload>,
    arrived: Timestamp,
    control: u32,
}

impl Book {
    pub fn new() -> Book {
        Book {
            parties: Parties::new(CUSTOMER),
            contents: Vec::new(),
            entries: Vec::new(),
            payloads: Vec::new(),
            arrived: at("2025-12-01T08:00:00Z"),
            control: 0,
        }
    }

    /// Appends an event; it arrives a quarter of a second after it happened, or after the one before.
    pub fn push(&mut self, event: Event) {
        let identity = |own: &Event| (own.source.clone(), own.id.clone());
        let mut known = self.contents.iter().map(|own| identity(&own.event));
        let conflict = known.any(|own| own == identity(&event));
        self.append(event, conflict);
    }

    /// Appends an event whose identity is new.
    pub fn push_new(&mut self, event: Event) {
        self.append(event, false);
    }

    fn append(&mut self, event: Event, conflict: bool) {
        let quarter = jiff::SignedDuration::from_millis(250);
        self.arrived = self.arrived.max(event.time).checked_add(quarter).unwrap();
        self.entries
            .push(entry::to_bytes(&event.canonical(), self.arrived, conflict));
        let entry = self.contents.len() as u64;
        self.contents.push(Content { entry, event });
    }

    /// `2026-01-05T09:00 confirmed case=7`: one fact of a work, a line each.
    pub fn story(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.push(event(line));
        }
    }

    /// The same, signed by the buyer.
    pub fn signed(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let mut event = event(line);
            event.authorship = Authorship::Buyer;
            self.sign(event);
        }
    }

    pub fn sign(&mut self, event: Event) {
        let signed = sign(event, self.parties.origin(), &self.parties.buyer).unwrap();
        self.push(signed);
    }

    pub fn envelope(&mut self, time: &str, body: Body) -> Event {
        self.control += 1;
        Event {
            id: format!("control-{:02}", self.control).into(),
            source: "piecework".into(),
            customer: CUSTOMER.into(),
            time: at(time),
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body,
        }
    }

    pub fn control(&mut self, time: &str, control: Control) {
        let event = self.envelope(time, Body::Control(control));
        self.push(event);
    }

    /// The id of the entry written last.
    pub fn last_id(&self) -> String {
        self.contents.last().unwrap().event.id.to_string()
    }

    pub fn assure(&mut self, time: &str, assurance: Assurance) {
        let event = self.envelope(time, Body::Assurance(assurance));
        self.push(event);
    }

    pub fn assure_signed(&mut self, time: &str, assurance: Assurance) {
        let mut event = self.envelope(time, Body::Assurance(assurance));
        event.authorship = Authorship::Buyer;
        self.sign(event);
    }

    pub fn publish(&mut self, time: &str, document: DocumentKind, text: &str) -> Digest {
        self.control(
            time,
            Control::DocumentPublished {
                document,
                text: text.to_owned(),
                audience: Audience::Shared,
                by: "finance".to_owned(),
            },
        );
        Digest::of(text.as_bytes())
    }

    pub fn publish_key(&mut self, time: &str, holder: Holder, key: &SignerKey) {
        let possession = prove_possession(self.parties.origin(), key);
        self.assure(
            time,
            Assurance::KeyPublished {
                holder,
                vkey: key.verifier_key().to_string(),
                possession,
                by: "it".to_owned(),
            },
        );
    }

    pub fn account(&self) -> Account {
        Account::fold(CUSTOMER, self.contents.clone(), None)
    }

    pub fn draw(&self, cut: &str) -> Statement {
        draw_up(CUSTOMER, &self.contents, None, CONTRACT, at(cut)).unwrap()
    }

    pub fn next_number(&self) -> String {
        let account = self.account();
        account.next_number(account.contract(CONTRACT).unwrap())
    }

    /// Issues a statement of the contract under a number, in as many entries as it takes.
    pub fn issue_as(&mut self, number: &str, statement: &Statement) {
        self.issue_with(number, statement, statement.digest());
    }

    /// The same with a digest of the body that may be another.
    pub fn issue_with(&mut self, number: &str, statement: &Statement, digest: Digest) {
        let coverage = self.contents.len() as u64;
        let entries = statement.issue(&Issue {
            number,
            coverage,
            carry: self.carry(statement.cut).digest(),
            at: statement.cut,
            by: "finance",
        });
        for mut event in entries.unwrap() {
            if let Body::Control(Control::StatementIssued { body, .. }) = &mut event.body {
                *body = digest;
            }
            self.push(event);
        }
    }

    /// The first so many entries.
    pub fn first(&self, size: usize) -> Book {
        let mut book = Book::new();
        for content in &self.contents[..size] {
            book.push(content.event.clone());
        }
        // What is written next has an id of its own.
        book.control = self.control;
        book
    }

    /// The carry of all entries, for a statement of this cut.
    pub fn carry(&self, cut: Timestamp) -> Carry {
        let mut frontier = Frontier::default();
        let entries = self.entries.iter().zip(0..).map(|(bytes, index)| {
            frontier.push_leaf_hash(tlog::hash::leaf(bytes)).unwrap();
            let entry = Entry::parse(bytes).unwrap();
            LogEntry { index, entry }
        });
        let log = Resumed::from_genesis(CUSTOMER, entries.collect());
        seal(&log, &self.account(), frontier, cut)
    }

    /// Draws and issues the statement of a cut; where its entry stands.
    pub fn issue(&mut self, cut: &str) -> usize {
        let (statement, number) = (self.draw(cut), self.next_number());
        self.issue_as(&number, &statement);
        self.entries.len() - 1
    }

    pub fn void(&mut self, time: &str, number: &str) {
        self.control(
            time,
            Control::StatementVoided {
                number: number.to_owned(),
                reason: "wrong address".to_owned(),
                by: "finance".to_owned(),
            },
        );
    }

    pub fn tree(&self) -> Tree {
        Tree::of(
            self.entries
                .iter()
                .map(|entry| tlog::hash::leaf(entry))
                .collect(),
        )
    }

    pub fn head_at(&self, size: usize) -> Head {
        let size = size as u64;
        let root = self.tree().root(size).unwrap();
        Head { size, root }
    }

    /// The signed head of all entries.
    pub fn checkpoint(&self) -> String {
        checkpoint(&self.entries, &self.parties.seller)
    }

    /// The proof file of a statement, as the product makes it.
    pub fn file(&self, number: &str) -> Vec<u8> {
        self.file_with(number, &self.checkpoint())
    }

    pub fn file_with(&self, number: &str, checkpoint: &str) -> Vec<u8> {
        let request = Request {
            number,
            checkpoint,
            key: self.parties.seller.verifier_key(),
            payloads: &self.payloads,
            engine: engine(),
        };
        let mut file = Vec::new();
        let entries = self.entries.iter().map(Ok::<_, std::convert::Infallible>);
        build(&request, entries, &mut file).unwrap_or_else(|error| panic!("{error}"));
        file
    }
}

pub fn engine() -> Engine {
    Engine {
        name: "piecework".to_owned(),
        version: "0.1.0".to_owned(),
    }
}

/// The head over entries, signed.
pub fn checkpoint(entries: &[Vec<u8>], key: &SignerKey) -> String {
    let tree = Tree::of(
        entries
            .iter()
            .map(|entry| tlog::hash::leaf(entry))
            .collect(),
    );
    let size = tree.size();
    let head = Checkpoint::new(
        key.verifier_key().name().as_str(),
        size,
        tree.root(size).unwrap(),
    );
    head.unwrap().sign(key).unwrap().to_string()
}

/// One event from a line: `TIME KIND key=value ...`.
pub fn event(line: &str) -> Event {
    let mut words = line.split_whitespace();
    let (time, kind) = (words.next().unwrap(), words.next().unwrap());
    let (mut id, mut source, mut authorship) = (
        line.replace([' ', '"'], "-"),
        "desk".to_owned(),
        String::new(),
    );
    let (mut data, mut work) = (Vec::new(), String::new());
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{line}"));
        match key {
            "work" => work = format!("\"workid\":\"{value}\","),
            "id" => value.clone_into(&mut id),
            "src" => value.clone_into(&mut source),
            "by" => authorship = format!("\"authorship\":\"{value}\","),
            _ if value == "true" || value == "false" => data.push(format!("\"{key}\":{value}")),
            _ => data.push(format!("\"{key}\":\"{value}\"")),
        }
    }
    let kind = match kind {
        "usage" => "usage.recorded".to_owned(),
        "evidence" => "evidence.attached".to_owned(),
        "reviewed" => "review.recorded".to_owned(),
        "assigned" | "released" => format!("seat.{kind}"),
        kind => format!("work.{kind}"),
    };
    let text = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"{source}\",\"type\":\"piecework.{kind}.v1\",\
         \"subject\":\"{CUSTOMER}\",\"time\":\"{}\",{authorship}{work}\"data\":{{{}}}}}",
        at(time),
        data.join(",")
    );
    Event::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}
