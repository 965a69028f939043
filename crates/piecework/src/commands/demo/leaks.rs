//! What a proof file tells a buyer of the seller's cost: nothing, neither in words nor by its size.
//!
//! The demonstration's month is run with costs that cannot be mistaken. Every amount and every count of
//! tokens ends in the same twelve digits, far behind the point, so that one search finds any of them, and
//! no price, quantity or time ends in them; a margin is told by having so many digits at all. By chance
//! twelve given digits stand in a hundred megabytes of hexadecimal text once in some million runs. Words
//! that the buyer may know anyway (`brightdesk` is the vendor; `3.1` and `1.0` are versions of many
//! things) get an ending that nothing else has. And so that nobody searches blindly, the same search over
//! the seller-only logs must find every single one.

use std::collections::{BTreeMap, BTreeSet};

use book::keyring;
use book::proof_files::Proving;
use money::{Amount, Decimal};
use proof::zip::Archive;
use serde_json::Value;
use work::body::{Body, Cost, Kind};
use work::{Digest, LogKind, SmolStr};

use super::*;

/// What every amount and every count of tokens ends in.
const DIGITS: &str = "730190217481";
/// Where they end: amounts have four digits behind the point before them.
const SCALE: u8 = 16;
/// What words get that are not of costs alone.
const ENDING: &str = "-zq8141";

/// The month with costs that cannot be mistaken. Without the largest customer, who has nothing in kind
/// that the others have not, and takes minutes.
fn marked() -> Month {
    let mut month = demo::month(demo::SEED);
    let largest = month.customers.pop().unwrap().id;
    let keep = |event: &Event| event.customer != largest;
    month.events.retain(keep);
    month.redelivered.retain(keep);
    month.late.retain(keep);
    for event in every(&mut month) {
        match &mut event.body {
            Body::Cost(cost) => mark(cost),
            Body::Corrected {
                replacement: Some(by),
                ..
            } => {
                if let Body::Cost(cost) = &mut by.body {
                    mark(cost);
                }
            }
            _ => {}
        }
    }
    aim(&mut month);
    month
}

/// The same month with fewer costs, other amounts and other models.
fn cheaper() -> Month {
    let mut month = marked();
    let mut kept = 0;
    let mut keep = |event: &Event| {
        kept += 1;
        event.body.tag() != Kind::CostRecorded || kept % 3 == 0
    };
    month.events.retain(&mut keep);
    month.redelivered.retain(&mut keep);
    for event in every(&mut month) {
        if let Body::Cost(cost) = &mut event.body {
            cost.amount = cost.amount.map(|own| Amount::new(ended(), own.currency()));
            cost.model = cost.model.as_ref().map(|_| "another".to_owned());
        }
    }
    aim(&mut month);
    month
}

fn every(month: &mut Month) -> impl Iterator<Item = &mut Event> {
    let lists = [&mut month.events, &mut month.redelivered, &mut month.late];
    lists.into_iter().flatten()
}

fn mark(cost: &mut Cost) {
    let marked = |own: Decimal| own.plus(ended()).unwrap();
    cost.amount = cost
        .amount
        .map(|own| Amount::new(marked(own.value()), own.currency()));
    for count in cost.tokens.values_mut() {
        *count = marked(*count);
    }
    let provider = cost.provider.as_mut().filter(|own| *own == "brightdesk");
    let words = [&mut cost.agent, &mut cost.agent_version, &mut cost.note];
    for word in words.into_iter().flatten().chain(provider) {
        word.push_str(ENDING);
    }
}

fn ended() -> Decimal {
    Decimal::new(DIGITS.parse().unwrap(), SCALE).unwrap()
}

/// Corrections name the content that they correct.
fn aim(month: &mut Month) {
    let digests: BTreeMap<(SmolStr, SmolStr), Digest> = every(month)
        .map(|own| ((own.source.clone(), own.id.clone()), own.digest()))
        .collect();
    for event in every(month) {
        if let Body::Corrected {
            target_source,
            target_id,
            target_digest,
            ..
        } = &mut event.body
            && let Some(digest) = digests.get(&(target_source.clone(), target_id.clone()))
        {
            *target_digest = *digest;
        }
    }
}

/// A book of a month, with December's and January's statements, and where it is.
struct Told {
    directory: tempfile::TempDir,
    book: Book,
    month: Month,
}

/// Everything that a buyer gets: the files of a customer, by name.
type Files = BTreeMap<String, Vec<u8>>;

impl Told {
    /// With the secret of another book, where one is given: the same keys and origins.
    fn new(month: Month, secret_of: Option<&Told>) -> Told {
        let directory = tempfile::tempdir().unwrap();
        let first = month.events[0].time;
        let book = set_up(directory.path(), &month, first).unwrap();
        if let Some(other) = secret_of {
            let secret = |book: &Book| book.path().join(keyring::FILE_NAME);
            std::fs::copy(secret(&other.book), secret(&book)).unwrap();
        }
        let starts = date(2025, 12, 1);
        for customer in &month.customers {
            sign(&book, customer.id, starts, first).unwrap();
        }
        append(&book, &month.events, month.close).unwrap();
        append(&book, &month.redelivered, month.close).unwrap();
        for customer in &month.customers {
            issue(&book, customer.id, month.close).unwrap();
        }
        append(&book, &month.late, month.next_close).unwrap();
        for customer in &month.customers {
            issue(&book, customer.id, month.next_close).unwrap();
        }
        Told {
            directory,
            book,
            month,
        }
    }

    /// The proof files of a customer: of each statement from the whole log, of the last from the carry.
    fn files(&self, customer: &str) -> Files {
        let account = self.book.account(customer, None).unwrap();
        let numbers: Vec<String> = account.contracts[0]
            .issued
            .iter()
            .map(|own| own.number.clone())
            .collect();
        assert_eq!(numbers.len(), 2, "{customer}");
        let mut files = Files::new();
        for (number, carry) in [
            (&numbers[0], false),
            (&numbers[1], false),
            (&numbers[1], true),
        ] {
            let name = format!("{number}{}", if carry { ".carry" } else { "" });
            let out = self.directory.path().join(&name);
            let at = self.month.next_close;
            let proving = Proving {
                customer,
                number,
                from_carry: carry,
                payloads: &[],
            };
            self.book.prove(&proving, &out, at).unwrap();
            files.insert(name, std::fs::read(&out).unwrap());
        }
        files
    }

    /// Every word and number of the seller's costs that a search can find.
    fn secrets(&mut self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::from([DIGITS.to_owned()]);
        for event in every(&mut self.month) {
            if let Body::Cost(cost) = &event.body {
                let words = [
                    &cost.provider,
                    &cost.model,
                    &cost.agent,
                    &cost.agent_version,
                    &cost.note,
                ];
                secrets.extend(words.into_iter().flatten().cloned());
            }
        }
        secrets
    }

    /// The figures of the margin, and what names the seller-only logs.
    fn derived(&self) -> BTreeSet<String> {
        let asked = Asked {
            customer: None,
            month: date(2025, 12, 1),
            as_of: self.month.next_close,
            title: String::new(),
            command: String::new(),
        };
        let report = report(&self.book, &asked).unwrap();
        let mut figures = BTreeSet::new();
        long_numbers(
            &serde_json::to_value(&report.margins).unwrap(),
            &mut figures,
        );
        assert!(figures.len() > 10, "{figures:?}");
        let keyring = self.book.keyring().unwrap();
        for customer in &self.month.customers {
            let own = keyring.signer(LogKind::Seller, customer.id).unwrap();
            figures.insert(own.verifier_key().name().to_string());
            let store = &self.book.store;
            let head = store.tree_head(customer.id, LogKind::Seller, None).unwrap();
            figures.insert(head.root.to_string());
        }
        figures
    }
}

/// The numbers of more digits behind the point than anything has that is agreed with a buyer.
fn long_numbers(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let behind = text.split_once('.').map_or("", |(_, behind)| behind);
            if behind.len() >= 10 && behind.bytes().all(|own| own.is_ascii_digit()) {
                found.insert(text.trim_start_matches('-').to_owned());
            }
        }
        Value::Array(items) => items.iter().for_each(|own| long_numbers(own, found)),
        Value::Object(members) => members.values().for_each(|own| long_numbers(own, found)),
        _ => {}
    }
}

/// Which of some words stand in bytes.
fn found_in<'a>(bytes: &[u8], words: &'a BTreeSet<String>) -> Vec<&'a String> {
    let text = String::from_utf8_lossy(bytes);
    words
        .iter()
        .filter(|word| text.contains(word.as_str()))
        .collect()
}

#[test]
fn slow_no_proof_file_holds_a_cost_a_model_an_agent_or_a_margin() {
    let mut told = Told::new(marked(), None);
    let mut wanted = told.secrets();
    for known in ["claude-sonnet-4-5", "lang-tagger-7b", "anthropic"] {
        assert!(wanted.contains(known), "{wanted:?}");
    }
    // What is searched for is in the seller-only logs: as often as there are amounts and tokens.
    let (mut numbers, mut unseen) = (0, wanted.clone());
    let customers: Vec<&str> = told.month.customers.iter().map(|own| own.id).collect();
    for customer in customers.iter().copied().chain([work::event::UNASSIGNED]) {
        let size = told.book.store.head(customer, LogKind::Seller).unwrap();
        let store = &told.book.store;
        let entries = store
            .entry_bytes(customer, LogKind::Seller, 0..size)
            .unwrap();
        for entry in entries {
            let entry = entry.unwrap();
            numbers += String::from_utf8_lossy(&entry).matches(DIGITS).count();
            for seen in found_in(&entry, &wanted) {
                unseen.remove(seen);
            }
        }
    }
    assert_eq!(unseen, BTreeSet::new(), "searched for, and nowhere written");
    let costs = |event: &Event| match &event.body {
        Body::Cost(cost) => usize::from(cost.amount.is_some()) + cost.tokens.len(),
        Body::Corrected { target_kind, .. } => usize::from(*target_kind == Kind::CostRecorded),
        _ => 0,
    };
    let all = told.month.events.iter().chain(&told.month.late);
    assert_eq!(numbers, all.map(costs).sum::<usize>());
    assert!(numbers > 4_000, "{numbers}");

    wanted.extend(told.derived());
    for customer in customers {
        for (name, file) in told.files(customer) {
            let archive = Archive::open(&file).unwrap();
            assert!(archive.members().len() > 4, "{name}");
            for member in archive.members() {
                let bytes = member.unpack().unwrap();
                let leaked = found_in(&bytes, &wanted);
                assert!(leaked.is_empty(), "{name}, {}: {leaked:?}", member.name());
                let leaked = found_in(member.name().as_bytes(), &wanted);
                assert!(leaked.is_empty(), "{name}: {leaked:?}");
            }
        }
    }
}

/// Two vendors that did the same work at other costs hand over the same bytes: neither the length of
/// the customer log nor a root, an order or a time in it depends on the seller-only log.
#[test]
fn slow_proof_files_are_the_same_whatever_the_work_cost() {
    let dear = Told::new(marked(), None);
    let cheap = Told::new(cheaper(), Some(&dear));
    let costs = |told: &Told, customer: &str| {
        let store = &told.book.store;
        store.head(customer, LogKind::Seller).unwrap()
    };
    for customer in &dear.month.customers {
        let (dear_costs, cheap_costs) = (costs(&dear, customer.id), costs(&cheap, customer.id));
        assert!(
            cheap_costs > 0 && 2 * cheap_costs < dear_costs,
            "{cheap_costs} of {dear_costs}"
        );
        let (dear, cheap) = (dear.files(customer.id), cheap.files(customer.id));
        assert_eq!(dear.len(), cheap.len());
        for (name, file) in &dear {
            assert!(cheap[name] == *file, "{name} tells what the work cost");
        }
    }
}
