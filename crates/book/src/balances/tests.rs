//! Balances beside what folding and rating the whole log gives.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use money::Decimal;
use pricing::cell::accrued;
use pricing::credit::LiveLot;
use store::Outcome;
use store::conformance::{Draw, definition, event, feed};
use tempfile::TempDir;
use work::body::{Audience, Body, Control, DocumentKind, Grant, GrantScope, Kind, RESTORE_DAYS};
use work::{Digest, Event, Headers};
use zeroize::Zeroizing;

use super::{Balance, ContractBalance};
use crate::book::Book;
use crate::config::Config;
use crate::limits::TAKINGS_FRESH_MINUTES;
use crate::works;

const PLAN: &str = r#"
id = "plan"
version = 1
currency = "USD"
[[meter]]
id = "pages"
class = "usage"
[[component]]
id = "platform"
kind = "platform"
amount = "31"
due = "arrears"
[[component]]
id = "works"
kind = "outcome"
unit = "by.work"
allowance = 2
[[component.class]]
name = "verified"
price = "1.501"
[[component.class]]
names = ["confirmed", "assumed"]
price = { graduated = [{ up_to = 3, unit = "0.333" }, { unit = "0.25" }] }
[[component]]
id = "cases"
kind = "outcome"
unit = "by.case"
price = { volume = [{ up_to = 4, unit = 2 }, { unit = "0.7" }] }
[[component]]
id = "pages"
kind = "metered"
meter = "pages"
price = { package = { size = 3, price = "0.10" } }
"#;

struct Fixture {
    directory: TempDir,
    book: Book,
    definitions: Vec<String>,
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

impl Fixture {
    fn new() -> Fixture {
        Fixture::of(PLAN)
    }

    fn of(plan: &str) -> Fixture {
        let directory = tempfile::tempdir().unwrap();
        let definitions = vec![
            definition("by.work", r#""work""#, r#""none""#, "24h"),
            definition("by.case", r#""case""#, r#""none""#, "48h"),
        ];
        let write = |name: &str, text: &str| {
            std::fs::write(directory.path().join(name), text).unwrap();
        };
        write("work.toml", &definitions[0]);
        write("case.toml", &definitions[1]);
        write("plan.toml", plan);
        let file = directory.path().join("piecework.toml");
        let text =
            "[documents]\ndefinitions = [\"work.toml\", \"case.toml\"]\nplan = \"plan.toml\"\n";
        std::fs::write(&file, text).unwrap();
        let random = Arc::new(|| Ok(Zeroizing::new([7; 32])));
        let config = Config::read(&file).unwrap();
        let book = Book::create(config, random, at("2026-01-01T00:00:00Z")).unwrap();
        Fixture {
            directory,
            book,
            definitions,
        }
    }

    fn append(&self, events: &[Event]) {
        let outcomes = self.book.store.append(events, at("2026-03-01T00:00:00Z"));
        for outcome in outcomes.unwrap() {
            assert!(!matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
        }
    }

    fn publish(&self, document: DocumentKind, text: &str) {
        let control = Control::DocumentPublished {
            document,
            text: text.to_owned(),
            audience: Audience::Shared,
            by: "seller".to_owned(),
        };
        self.control(
            &format!("document-{}", Digest::of(text.as_bytes())),
            control,
        );
    }

    fn control(&self, id: &str, control: Control) {
        let mut event = event("acme", id, Kind::Opened, "w0", 1, "");
        event.work = None;
        event.headers = Headers::default();
        event.source = work::event::PIECEWORK.into();
        event.body = Body::Control(control);
        self.append(&[event]);
    }

    /// Signs a contract over the documents in force from the first day of the year.
    fn sign(&self) {
        let documents = self.book.documents().unwrap();
        let starts = "2026-01-01".parse().unwrap();
        let (text, _) = self
            .book
            .terms(&documents, "acme", "acme-2026", starts)
            .unwrap();
        self.publish(DocumentKind::Plan, &documents.texts.plan);
        for text in &self.definitions {
            self.publish(DocumentKind::Definition, text);
        }
        self.publish(DocumentKind::Contract, &text);
        let document = Digest::of(text.as_bytes());
        let by = "buyer".to_owned();
        let contract = "acme-2026".to_owned();
        self.control(
            "signed",
            Control::ContractSigned {
                contract,
                document,
                by,
            },
        );
    }

    /// What the balance must be: the whole log folded and rated.
    fn rated(&self, now: Timestamp) -> Vec<ContractBalance> {
        let account = self.book.account("acme", None).unwrap();
        let balances = account.contracts.iter().filter_map(|held| {
            let cells = accrued(&held.agreement, &held.facts(), now).unwrap();
            ContractBalance::of(&held.agreement, &cells, now).unwrap()
        });
        balances.collect()
    }
}

#[test]
fn a_balance_is_what_rating_the_whole_log_gives() {
    let fixture = Fixture::new();
    let mut draw = Draw(0x0123_4567_89AB_CDEF);
    let events = feed("acme", 240, &mut draw);
    let mut now = at("2026-01-05T00:00:00Z");
    let mut spent = Vec::new();
    let mut left = events.as_slice();
    while !left.is_empty() {
        let (batch, rest) = left.split_at(left.len().min(1 + draw.below(12)));
        left = rest;
        fixture.append(batch);
        if rest.len() < 120
            && fixture
                .book
                .store
                .find("acme", "piecework", "signed")
                .unwrap()
                .is_none()
        {
            fixture.sign();
        }
        let hours = i64::try_from(draw.below(16)).unwrap();
        now += SignedDuration::from_hours(hours);
        let balance: Balance = fixture.book.balance("acme", now).unwrap();
        assert_eq!(balance.as_of, now);
        assert_eq!(balance.contracts, fixture.rated(now), "at {now}");
        spent.extend(balance.contracts.iter().map(|own| own.spent));
    }
    spent.dedup();
    assert!(spent.len() > 10, "the balance moved {} times", spent.len());
    drop(fixture.directory);
}

/// After the one acknowledged commit the balance has it, and after the quiet days without any.
#[test]
fn a_balance_is_current_after_one_commit_and_follows_time() {
    let fixture = Fixture::new();
    fixture.sign();
    let spent = |now: &str| {
        let balance = fixture.book.balance("acme", at(now)).unwrap();
        balance.contracts[0]
            .by_component
            .get("works")
            .map(|own| own.number())
    };
    assert_eq!(spent("2026-01-06T00:00:00Z"), None);
    let facts = |work: &str| {
        [
            event("acme", &format!("{work}-1"), Kind::Opened, work, 6, ""),
            event(
                "acme",
                &format!("{work}-2"),
                Kind::Answered,
                work,
                6,
                r#""kind":"answer""#,
            ),
        ]
    };
    for work in ["w1", "w2", "w3"] {
        fixture.append(&facts(work));
    }
    assert_eq!(spent("2026-01-06T12:00:00Z"), None);
    // The allowance covers two; the third is the first of its tier.
    assert_eq!(spent("2026-01-07T12:00:00Z"), Some("0.33".to_owned()));
    fixture.append(&[event("acme", "w3-3", Kind::Reopened, "w3", 8, "")]);
    assert_eq!(spent("2026-01-08T12:00:00Z"), Some("0.00".to_owned()));
}

/// Credits are current with what was acknowledged, by running totals and, where a grant begins or expires
/// within what is not stated, by the facts; both are what a statement of that instant would draw.
#[test]
fn d9_credits_are_current_with_every_commit() {
    let fixture = Fixture::new();
    fixture.sign();
    let grant = |id: &str, amount: &str, expires: Option<&str>| {
        let granted = Grant {
            grant: id.to_owned(),
            contract: None,
            amount: amount.parse().unwrap(),
            paid: None,
            priority: 0,
            starts: Some(at("2026-01-01T00:00:00Z")),
            expires: expires.map(at),
            scope: GrantScope::default(),
            restore_days: RESTORE_DAYS,
            by: "finance".to_owned(),
        };
        fixture.control(&format!("grant-{id}"), Control::CreditGranted(granted));
    };
    let left = |now: &str| -> Vec<String> {
        let balance = fixture.book.balance("acme", at(now)).unwrap();
        let show = |lot: &LiveLot| format!("{} {}", lot.lot, lot.left.number());
        balance.credits.iter().map(show).collect()
    };
    assert_eq!(left("2026-01-05T00:00:00Z"), Vec::<String>::new());
    grant("first", "32.00 USD", None);
    // The fee in arrears has accrued.
    assert_eq!(left("2026-01-05T12:00:00Z"), ["first 1.00"]);
    let pages = |id: &str, day: u32, quantity: u32| {
        let data = format!(r#""meter":"pages","quantity":"{quantity}""#);
        let mut own = event("acme", id, Kind::Usage, "w9", day, &data);
        own.work = None;
        own.headers = Headers::default();
        fixture.append(&[own]);
    };
    pages("u1", 6, 6);
    assert_eq!(left("2026-01-07T00:00:00Z"), ["first 0.80"]);
    // A grant that ended on the 6th pays for the 5th and not for the 6th: known only by the facts.
    grant("short", "5.00 USD", Some("2026-01-06T00:00:00Z"));
    pages("u2", 5, 6);
    assert_eq!(left("2026-01-08T00:00:00Z"), ["short 4.80", "first 0.80"]);
}

/// A cap that stops is answered before the budget, by what was done in its own period; a soft one is told alone.
#[test]
fn a_cap_that_stops_says_no_when_it_would_be_passed() {
    let capped = |mode: &str| format!("{PLAN}[totals.cap]\namount = 32\nmode = \"{mode}\"\n");
    let pages = |id: &str, quantity: &str| {
        let mut own = event("acme", id, Kind::Opened, "w0", 2, "");
        own.work = None;
        own.headers = Headers::default();
        own.body = Body::Usage {
            meter: "pages".to_owned(),
            quantity: quantity.parse().unwrap(),
            amount: None,
            item: None,
        };
        own
    };
    let now = at("2026-01-20T00:00:00Z");
    let ask = |fixture: &Fixture, amount: &str| {
        let asked = Some(amount.parse().unwrap());
        fixture.book.spending("acme", asked, now).unwrap()
    };
    let fixture = Fixture::of(&capped("stop"));
    fixture.sign();
    assert!(fixture.book.has_cap("acme").unwrap());
    // The fee of 31.00 has accrued, and 0.90 of pages.
    fixture.append(&[pages("a", "27")]);
    assert!(ask(&fixture, "0.10 USD").allowed);
    let no = ask(&fixture, "0.11 USD");
    assert!(!no.allowed);
    assert_eq!(
        no.reason,
        "the cap of 32.00 USD in the contract `acme-2026` is reached, and it stops"
    );
    // What is done all the same is not charged, and stands beside the cap.
    fixture.append(&[pages("b", "30")]);
    let spending = fixture.book.spending("acme", None, now).unwrap();
    let cap = spending.contracts[0].cap.as_ref().unwrap();
    assert_eq!(spending.spent, Some("32.00 USD".parse().unwrap()));
    assert_eq!(cap.done, "32.90 USD".parse().unwrap());
    assert_eq!(cap.remaining, "-0.90 USD".parse().unwrap());
    assert!(cap.reached && !spending.allowed);

    let fixture = Fixture::of(&capped("soft"));
    fixture.sign();
    fixture.append(&[pages("a", "57")]);
    let spending = fixture.book.spending("acme", None, now).unwrap();
    assert!(spending.allowed && spending.contracts[0].cap.as_ref().unwrap().reached);
    assert_eq!(spending.spent, Some("32.90 USD".parse().unwrap()));
    assert!(!Fixture::new().book.has_cap("acme").unwrap());
}

/// What a work is owed by component and class, from the least to the most.
fn owed(story: &pages::view::WorkStory) -> BTreeMap<(String, String), (Decimal, Decimal)> {
    let mut sums: BTreeMap<(String, String), (Decimal, Decimal)> = BTreeMap::new();
    for own in &story.owed {
        let key = (own.component.clone(), own.part.clone());
        let sum = sums.entry(key).or_default();
        sum.0 = sum.0.plus(own.amount.value()).unwrap();
        sum.1 = sum
            .1
            .plus(own.with_coin.unwrap_or(own.amount).value())
            .unwrap();
    }
    sums
}

/// The screen of a work and whoever folds the account tell the same, but for whose the last coin of a line is.
#[test]
fn a_work_at_hand_is_the_work_of_the_folded_account() {
    let bands = format!(
        "{PLAN}[[component]]\nid = \"risk\"\nkind = \"risk\"\nmodifies = \"cases\"\nby = \"confidence\"\n\
         missing = \"1.1\"\n[[component.band]]\nfrom = 0\nmultiplier = \"0.8\"\n"
    );
    let (mut exact, mut coins) = (0, 0);
    for plan in [PLAN, &bands] {
        let fixture = Fixture::of(plan);
        let mut draw = Draw(0x0fed_cba9_8765_4321);
        let mut left = &*feed("acme", 200, &mut draw);
        let costs = (0..14).map(|work| {
            let data = format!(r#""line":"model","amount":"0.0{work} USD""#);
            let id = format!("cost-{work}");
            event(
                "acme",
                &id,
                Kind::CostRecorded,
                &format!("w{work}"),
                6,
                &data,
            )
        });
        fixture.append(&costs.collect::<Vec<_>>());
        let mut now = at("2026-01-09T00:00:00Z");
        while !left.is_empty() {
            let (batch, rest) = left.split_at(left.len().min(50));
            left = rest;
            fixture.append(batch);
            if rest.len() == 100 {
                fixture.sign();
            }
            now += SignedDuration::from_hours(150);
            let account = fixture.book.account("acme", None).unwrap();
            let mut names: Vec<String> = works::units(&account)
                .flat_map(|(_, unit)| {
                    let works = unit.works.iter().map(ToString::to_string);
                    works.chain([unit.key.scope.join(", ")]).collect::<Vec<_>>()
                })
                .collect();
            names.sort();
            names.dedup();
            for name in names {
                let mut folded = fixture.book.work("acme", &name, true, now).unwrap();
                let mut at_hand = fixture.book.work_at_hand("acme", &name, now).unwrap();
                let key = |own: &pages::view::WorkStory| {
                    (own.row.unit.clone(), own.row.work.clone(), own.row.opened)
                };
                folded.sort_by_key(key);
                at_hand.sort_by_key(key);
                assert_eq!(folded.len(), at_hand.len(), "{name}");
                for (folded, at_hand) in folded.iter_mut().zip(&mut at_hand) {
                    assert!(at_hand.is_owed_told);
                    let (one, other) = (owed(folded), owed(at_hand));
                    for (key, (least, most)) in &other {
                        let (whole, _) = one.get(key).copied().unwrap_or_default();
                        let (least, most) = (least.min(most), least.max(most));
                        assert!(
                            (least..=most).contains(&&whole),
                            "{name} {key:?}: {one:?} {other:?}"
                        );
                        exact += usize::from(least == most);
                        coins += usize::from(least != most);
                    }
                    assert!(
                        one.keys().all(|key| other.contains_key(key)),
                        "{one:?} {other:?}"
                    );
                    // The margin follows from what is owed.
                    for own in [&mut *folded, &mut *at_hand] {
                        own.owed = Vec::new();
                        own.costs.as_mut().unwrap().margin = None;
                    }
                    assert_eq!(folded, at_hand, "{name}");
                }
            }
            // Whoever looks changes nothing.
            let balance = fixture.book.balance("acme", now).unwrap();
            assert_eq!(balance.contracts, fixture.rated(now));
        }
    }
    assert!(
        exact > 50 && coins > 5,
        "{exact} exact, {coins} with a coin left over"
    );
}

/// The sums of everybody are those of each, by month and surface, and each month is what rating the whole log gives.
#[test]
fn takings_are_what_rating_each_log_gives() {
    let fixture = Fixture::new();
    let mut draw = Draw(0x1357_9bdf_0246_8ace);
    let feeds = ["acme", "bcme"].map(|customer| feed(customer, 200, &mut draw));
    let mut now = at("2026-01-09T00:00:00Z");
    let mut seen = Vec::new();
    for part in 0..5 {
        for feed in &feeds {
            fixture.append(&feed[part * 40..(part + 1) * 40]);
        }
        if part == 2 {
            fixture.sign();
        }
        now += SignedDuration::from_hours(400);
        while fixture.book.follow_takings(1, now).unwrap() > 0 {}
        let takings = fixture.book.takings(0, now).unwrap();
        assert_eq!(
            (takings.customers, takings.behind, takings.failed),
            (2, 0, 0)
        );
        let mut expected: BTreeMap<jiff::civil::Date, Decimal> = BTreeMap::new();
        for customer in ["acme", "bcme"] {
            let account = fixture.book.account(customer, None).unwrap();
            for held in &account.contracts {
                for (key, cell) in accrued(&held.agreement, &held.facts(), now).unwrap() {
                    let begins = key.period.to_zoned(jiff::tz::TimeZone::UTC).date();
                    let sum = expected.entry(begins.first_of_month()).or_default();
                    *sum = sum.plus(cell.charged().unwrap().value()).unwrap();
                }
            }
        }
        let months = takings.months.iter();
        let told: BTreeMap<_, _> = months
            .map(|own| (own.month, own.taken.total().unwrap().value()))
            .collect();
        assert_eq!(told, expected, "{now}");
        seen.push(told);
    }
    seen.dedup();
    assert!(seen.len() > 3, "the sums moved {} times", seen.len());
    // After an hour everybody is asked again, because time alone may have made a work count.
    assert_eq!(fixture.book.takings(0, now).unwrap().behind, 0);
    let later = now + SignedDuration::from_mins(TAKINGS_FRESH_MINUTES);
    assert_eq!(fixture.book.takings(0, later).unwrap().behind, 2);
    assert_eq!(fixture.book.takings(1, later).unwrap().behind, 1);
    let currency = money::Currency::USD;
    let month = "2026-01-01".parse().unwrap();
    let largest = fixture.book.largest_takings(month, currency, 1).unwrap();
    assert_eq!(largest.len(), 1);
}
