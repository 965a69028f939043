//! Covers as a scenario's file shows them, and what differs from it.

use std::fmt::Write as _;

use jiff::Timestamp;
use piecework_pricing::Account;
use piecework_pricing::cover::Cover;
use piecework_pricing::receivable::Ledger;
use toml::Spanned;

use super::file::{CUSTOMER, ExpectedCover, File, Patch};
use super::play::Played;

/// What a cover says: a key of the file, and its value.
fn said(account: &Account, ledger: &Ledger, cover: &Cover) -> [(&'static str, String); 6] {
    let parts = cover.parts.iter();
    let parts: Vec<String> = parts
        .map(|own| format!("{} {}", own.statement, own.total.number()))
        .collect();
    let open = ledger.cover(&cover.number);
    let open = open.map_or("nothing".to_owned(), |own| own.open.number().to_string());
    [
        ("through", cover.through.to_string()),
        ("parts", parts.join(", ")),
        ("total", cover.total.number().to_string()),
        ("payable", cover.payable.number().to_string()),
        ("due", account.cover_due_on(cover).to_string()),
        ("open", open),
    ]
}

fn told<'a>(expected: &'a ExpectedCover, key: &str) -> Option<&'a Spanned<String>> {
    match key {
        "through" => Some(&expected.through),
        "parts" => expected.parts.as_ref(),
        "total" => expected.total.as_ref(),
        "payable" => expected.payable.as_ref(),
        "due" => expected.due.as_ref(),
        _ => expected.open.as_ref(),
    }
}

fn played_covers(played: &Played) -> (Account, Ledger) {
    let account = Account::fold(CUSTOMER, played.contents.clone(), None);
    let ledger = Ledger::of(&account, Timestamp::MAX).unwrap();
    (account, ledger)
}

/// What a file expects otherwise than it is, in words.
pub fn differences(file: &File, played: &Played) -> Vec<String> {
    let (account, ledger) = played_covers(played);
    let expected = &file.scenario.cover;
    let mut differing = Vec::new();
    if account.covers.len() != expected.len() {
        let (issued, told) = (account.covers.len(), expected.len());
        differing.push(format!(
            "{issued} covers are issued, and the file says {told}"
        ));
    }
    for (cover, expected) in account.covers.iter().zip(expected) {
        for (key, found) in said(&account, &ledger, cover) {
            let wanted = told(expected, key).map_or("", |own| own.get_ref().as_str());
            if wanted != found {
                let number = &cover.number;
                differing.push(format!(
                    "the cover {number} has {key} `{found}`, and the file says `{wanted}`"
                ));
            }
        }
    }
    differing
}

/// The changes that make the file expect what is.
pub fn patches(file: &File, played: &Played) -> Vec<Patch> {
    let (account, ledger) = played_covers(played);
    let expected = &file.scenario.cover;
    let mut patches = Vec::new();
    for (cover, expected) in account.covers.iter().zip(expected) {
        let mut missing = String::new();
        let mut end = 0;
        for (key, found) in said(&account, &ledger, cover) {
            match told(expected, key) {
                Some(own) => {
                    end = end.max(own.span().end);
                    patches.push(Patch {
                        place: own.span(),
                        text: format!("\"{found}\""),
                    });
                }
                None => write!(missing, "\n{key} = \"{found}\"").unwrap(),
            }
        }
        patches.push(Patch {
            place: end..end,
            text: missing,
        });
    }
    let mut further = String::new();
    for cover in account.covers.iter().skip(expected.len()) {
        further.push_str("\n[[cover]]\n");
        for (key, found) in said(&account, &ledger, cover) {
            writeln!(further, "{key} = \"{found}\"").unwrap();
        }
    }
    let end = file.text.len();
    patches.push(Patch {
        place: end..end,
        text: further,
    });
    patches
}

/// A cover comes to what its statements come to, and none is under two that stand.
pub fn broken(played: &Played) -> Option<String> {
    let (account, ledger) = played_covers(played);
    for cover in &ledger.covers {
        let sums = [cover.paid, cover.credited, cover.written_off, cover.open];
        let sum = money::Amount::sum(cover.due.currency(), sums).unwrap();
        if sum != cover.due {
            let (number, due) = (&cover.number, cover.due);
            return Some(format!(
                "of the cover {number} {due} is due, and {sum} told"
            ));
        }
    }
    let standing = account.covers.iter().filter(|own| !own.is_voided());
    let mut names: Vec<&str> = standing
        .flat_map(|own| &own.parts)
        .map(|own| own.statement.as_str())
        .collect();
    names.sort_unstable();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    twice.map(|pair| format!("the statement {} is under two covers", pair[0]))
}
