//! A book for tests: a customer's shared log, written line by line, and its statements.

#![allow(dead_code, unreachable_pub)] // each test file uses its own part

use jiff::Timestamp;
use money::{Amount, Currency};
use piecework_pricing::account::Account;
use piecework_pricing::cell::{Owed, owed};
use piecework_pricing::credit::{CreditLine, Lots};
use piecework_pricing::statement::{Issue, Line, Statement, draw_looking_back};
use work::body::{Audience, Body, Control, DocumentKind, Grant, GrantScope, RESTORE_DAYS};
use work::effective::Content;
use work::event::Authorship;
use work::{Digest, Event, Header, Headers};

pub const CUSTOMER: &str = "acme";
pub const CONTRACT: &str = "acme-2026";
pub const UNIT: &str = "support.resolved_case";

const DEFINITION: &str = r#"
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

pub fn at(text: &str) -> Timestamp {
    let text = match text.len() {
        5 => format!("2026-{text}T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        11 => format!("2026-{text}:00Z"),
        _ => text.to_owned(),
    };
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub fn usd(text: &str) -> Amount {
    Amount::new(text.parse().unwrap(), Currency::USD)
}

/// A definition that differs from the usual one by a replacement.
pub fn definition(old: &str, new: &str) -> String {
    let text = DEFINITION.replacen(old, new, 1);
    assert!(old.is_empty() || text != DEFINITION, "{old}");
    text
}

/// A plan of the components given.
pub fn plan(components: &str) -> String {
    format!("id = \"plan\"\nversion = 1\ncurrency = \"USD\"\n{components}")
}

/// An outcome component over the usual unit.
pub fn outcome(rest: &str) -> String {
    plan(&format!(
        "[[component]]\nid = \"cases\"\nkind = \"outcome\"\nunit = \"{UNIT}\"\n{rest}\n"
    ))
}

/// A customer's shared log.
#[derive(Clone, Default)]
pub struct Book {
    pub contents: Vec<Content>,
    control: u64,
    documents: Vec<String>,
}

impl Book {
    /// A book with a plan, the usual definition, and a contract from 2026-01-01 in UTC.
    pub fn new(plan: &str, terms: &str) -> Book {
        Book::with(plan, &definition("", ""), terms)
    }

    pub fn with(plan: &str, definition: &str, terms: &str) -> Book {
        let mut book = Book::default();
        let document = book.contract(CONTRACT, plan, definition, terms);
        book.control(
            "2025-12-20",
            Control::ContractSigned {
                contract: CONTRACT.to_owned(),
                document,
                by: "buyer".to_owned(),
            },
        );
        assert_eq!(book.account().flags, []);
        book
    }

    /// Publishes what a contract needs, and the contract; its digest.
    pub fn contract(&mut self, id: &str, plan: &str, definition: &str, terms: &str) -> Digest {
        self.publish(DocumentKind::Plan, plan);
        self.publish(DocumentKind::Definition, definition);
        let default = |key: &str, value: &str| {
            let given = terms.lines().any(|line| line.starts_with(key));
            if given {
                String::new()
            } else {
                format!("{key} = {value}\n")
            }
        };
        let text = format!(
            "id = \"{id}\"\ncustomer = \"{CUSTOMER}\"\nplan = \"{}\"\ndefinitions = [\"{}\"]\n{}{}{}{terms}",
            Digest::of(plan.as_bytes()),
            Digest::of(definition.as_bytes()),
            default("currency", "\"USD\""),
            default("starts", "2026-01-01"),
            default("time_zone", "\"UTC\""),
        );
        self.publish(DocumentKind::Contract, &text);
        Digest::of(text.as_bytes())
    }

    fn publish(&mut self, document: DocumentKind, text: &str) {
        if self.documents.iter().any(|known| known == text) {
            return;
        }
        self.documents.push(text.to_owned());
        let (audience, by) = (Audience::Shared, "finance".to_owned());
        let text = text.to_owned();
        self.control(
            "2025-12-01",
            Control::DocumentPublished {
                document,
                text,
                audience,
                by,
            },
        );
    }

    /// Publishes a document whose numbers enter rating.
    pub fn tell(&mut self, time: &str, document: DocumentKind, text: &str) {
        let (audience, by) = (Audience::Shared, "finance".to_owned());
        let text = text.to_owned();
        let published = Control::DocumentPublished {
            document,
            text,
            audience,
            by,
        };
        self.control(time, published);
    }

    pub fn amend(
        &mut self,
        effective: &str,
        plan: &str,
        definition: &str,
        terms: &str,
        reprice: bool,
    ) {
        let document = self.contract(CONTRACT, plan, definition, terms);
        let reprice = reprice.then(|| "cfo".to_owned());
        self.control(
            effective,
            Control::ContractAmended {
                contract: CONTRACT.to_owned(),
                document,
                effective: at(effective),
                reprice,
                by: "buyer".to_owned(),
            },
        );
    }

    pub fn end(&mut self, effective: &str) {
        self.control(
            effective,
            Control::ContractEnded {
                contract: CONTRACT.to_owned(),
                effective: at(effective),
                by: "buyer".to_owned(),
            },
        );
    }

    pub fn control(&mut self, time: &str, control: Control) {
        self.control += 1;
        let event = Event {
            id: format!("control-{}", self.control).into(),
            source: "piecework".into(),
            customer: CUSTOMER.into(),
            time: at(time),
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body: Body::Control(control),
        };
        self.push(event);
    }

    /// Lets the contract go on from where another system stopped.
    pub fn open(&mut self, time: &str, rest: &str) {
        let text = format!(
            "contract = \"{CONTRACT}\"\ncurrency = \"USD\"\nsystem = \"the former system\"\n{rest}"
        );
        self.publish(DocumentKind::Opening, &text);
        let opened = Control::ContractOpened {
            contract: CONTRACT.to_owned(),
            document: Digest::of(text.as_bytes()),
            by: "buyer".to_owned(),
        };
        self.control(time, opened);
    }

    /// Grants prepaid credits; `terms` says what differs from a grant for everything, for ever.
    pub fn grant(&mut self, time: &str, id: &str, amount: &str, terms: impl FnOnce(&mut Grant)) {
        let mut grant = Grant {
            grant: id.to_owned(),
            contract: None,
            amount: usd(amount),
            paid: None,
            priority: 0,
            starts: None,
            expires: None,
            scope: GrantScope::default(),
            restore_days: RESTORE_DAYS,
            by: "finance".to_owned(),
        };
        terms(&mut grant);
        self.control(time, Control::CreditGranted(grant));
    }

    /// What is left of every lot, in the order in which they are drawn.
    pub fn lots(&self) -> Vec<String> {
        let account = self.account();
        let lots = Lots::of(&account, None).unwrap();
        let show = |lot: &piecework_pricing::credit::Lot<'_>| {
            format!("{} {}", lot.name, lot.left.number())
        };
        lots.lots.iter().map(show).collect()
    }

    pub fn push(&mut self, event: Event) {
        let entry = u64::try_from(self.contents.len()).unwrap();
        self.contents.push(Content { entry, event });
    }

    /// `2026-01-05T09:00 confirmed case=7`: one fact of a work.
    pub fn story(&mut self, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            self.push(event(line));
        }
    }

    /// Cases that a customer confirmed, one event each, from a number on.
    pub fn confirmed(&mut self, time: &str, first: usize, count: usize) {
        for number in first..first + count {
            self.story(&format!("{time} confirmed case=c{number:04}"));
        }
    }

    pub fn account(&self) -> Account {
        Account::fold(CUSTOMER, self.contents.clone(), None)
    }

    pub fn draw(&self, cut: &str) -> Statement {
        self.draw_of(&self.account(), cut)
    }

    /// What [`piecework_pricing::statement::draw_up`] draws, of the account that is folded already.
    fn draw_of(&self, account: &Account, cut: &str) -> Statement {
        let statement = draw_looking_back(account, CONTRACT, at(cut), |coverage| {
            let known = self.contents.iter().filter(|own| own.entry < coverage);
            Account::fold(CUSTOMER, known.cloned().collect(), None)
        });
        statement.unwrap_or_else(|error| panic!("{cut}: {error}"))
    }

    /// Issues the statement of a cut.
    pub fn issue(&mut self, cut: &str) -> Statement {
        let account = self.account();
        let statement = self.draw_of(&account, cut);
        let held = account.contract(CONTRACT).unwrap();
        let number = account.next_number(held);
        let entries = statement.issue(&issue(&number, account.coverage, at(cut), "finance"));
        for entry in entries.unwrap() {
            self.push(entry);
        }
        statement
    }

    pub fn void(&mut self, number: &str) {
        self.control(
            "2026-12-01",
            Control::StatementVoided {
                number: number.to_owned(),
                reason: "wrong".to_owned(),
                by: "finance".to_owned(),
            },
        );
    }

    /// Decides that a statement, or a line of it, is not to be paid.
    pub fn credit(&mut self, time: &str, number: &str, line: Option<&str>) {
        self.control(
            time,
            Control::StatementCredited {
                number: number.to_owned(),
                line: line.map(str::to_owned),
                reason: "an outage".to_owned(),
                by: "cs-lead".to_owned(),
            },
        );
    }

    pub fn owed(&self, cut: &str) -> Owed {
        let account = self.account();
        let held = account.contract(CONTRACT).unwrap();
        owed(&held.agreement, &held.facts(), at(cut)).unwrap()
    }

    /// What is charged by a cut, rated at once.
    pub fn at_once(&self, cut: &str) -> Amount {
        let owed = self.owed(cut);
        let due = owed.cells.values().filter(|cell| cell.due <= at(cut));
        Amount::sum(Currency::USD, due.map(|cell| cell.charged().unwrap())).unwrap()
    }
}

/// What a test issues a statement with.
pub fn issue<'a>(number: &'a str, coverage: u64, at: Timestamp, by: &'a str) -> Issue<'a> {
    Issue {
        number,
        coverage,
        carry: Digest::of(b"a carry"),
        at,
        by,
    }
}

/// One event from a line: `TIME KIND key=value ...`.
pub fn event(line: &str) -> Event {
    let mut words = line.split_whitespace();
    let (time, kind) = (words.next().unwrap(), words.next().unwrap());
    let (mut id, mut source, mut authorship) =
        (line.replace(' ', "-"), "desk".to_owned(), "seller");
    let (mut data, mut work) = (Vec::new(), String::new());
    for word in words {
        let (key, value) = word.split_once('=').unwrap_or_else(|| panic!("{line}"));
        match key {
            "id" => value.clone_into(&mut id),
            "src" => value.clone_into(&mut source),
            "by" => authorship = value,
            "work" => work = format!("\"workid\":\"{value}\","),
            "amount" => data.push(format!("\"amount\":\"{value} USD\"")),
            _ if value == "true" || value == "false" => data.push(format!("\"{key}\":{value}")),
            _ => data.push(format!("\"{key}\":\"{value}\"")),
        }
    }
    let kind = match kind {
        "usage" => "usage.recorded".to_owned(),
        "assigned" | "released" => format!("seat.{kind}"),
        kind => format!("work.{kind}"),
    };
    let text = format!(
        "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"{source}\",\"type\":\"piecework.{kind}.v1\",\
         \"subject\":\"{CUSTOMER}\",\"time\":\"{}\",\"authorship\":\"{authorship}\",{work}\"data\":{{{}}}}}",
        at(time),
        data.join(",")
    );
    Event::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A line for people: `kind part quantity amount`.
pub fn show(line: &Line) -> String {
    let waived = line
        .waived
        .as_ref()
        .map(|(reason, amount)| format!(" waived {reason} {}", amount.number()));
    format!(
        "{} {} {} {}{}",
        line.kind.word(),
        line.cell.part,
        line.quantity,
        line.amount.number(),
        waived.unwrap_or_default()
    )
}

pub fn lines(statement: &Statement) -> Vec<String> {
    statement.lines.iter().map(show).collect()
}

/// What a statement draws and restores, and what is left to pay.
pub fn credits(statement: &Statement) -> Vec<String> {
    let show = |line: &CreditLine| {
        let mut words = vec![line.lot.to_string()];
        if !line.drawn.is_zero() {
            words.push(format!("drawn {}", line.drawn.number()));
        }
        if !line.restored.is_zero() {
            words.push(format!("restored {}", line.restored.number()));
        }
        words.join(" ")
    };
    let lines = statement.credits.iter().map(show);
    lines
        .chain([format!("payable {}", statement.payable.number())])
        .collect()
}

/// The case header of a unit key's scope.
pub const CASE: Header = Header::Case;
