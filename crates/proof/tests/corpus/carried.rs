//! Files that go on from a carry, good and tampered with.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proof::carry::Carry;
use proof::file::{About, Mode, Request, build_from_carry, first_entry};
use proof::verify::Head;

use super::Case;
use super::assemble::{listed, members, pack};
use super::book::{Book, engine};
use super::story::{AGAIN, CUT_JANUARY, FEBRUARY, JANUARY, World, aged, coverage_of, issued_at};

type Members = BTreeMap<String, Vec<u8>>;

pub fn cases(world: &World) -> Vec<Case> {
    let old = aged();
    let good = file(&world.book, AGAIN);
    let mut cases = vec![
        Case::new("carry-good", "valid", good.clone()),
        Case::new("carry-good-of-a-longer-log", "valid", file(&old, FEBRUARY)),
        Case::new("carry-good-voided", "void", file(&world.book, FEBRUARY)),
    ];
    let from = coverage_of(&world.book, issued_at(&world.book, JANUARY));
    cases.push(
        Case::new("carry-head-pinned", "valid", good.clone()).head(world.book.head_at(from + 1)),
    );
    cases.push(
        Case::new("carry-head-pinned-before", "pin", good.clone())
            .head(world.book.head_at(from - 1)),
    );
    let forked = Head {
        size: from as u64 + 1,
        root: tlog::hash::empty(),
    };
    cases.push(Case::new("carry-head-forked", "pin", good.clone()).head(forked));
    let mut whole = members(&world.book.file(JANUARY));
    about(&mut whole, |about| about.mode = Mode::Carry { from: 0 });
    cases.push(Case::new("carry-of-nothing", "tree", pack(&listed(whole))));
    let good = members(&good);
    for (name, code, edit) in TAMPERED {
        let mut tampered = good.clone();
        edit(&mut tampered);
        assert_ne!(tampered, good, "{name} changes nothing");
        cases.push(Case::new(
            &format!("carry-{name}"),
            code,
            pack(&listed(tampered)),
        ));
    }
    let mut earlier = members(&file(&old, FEBRUARY));
    let bundle = earlier
        .keys()
        .find(|name| name.starts_with("log/tile/entries/"));
    let bundle = bundle.unwrap().clone();
    // The first entry of the first bundle stands before the carry's end.
    earlier.get_mut(&bundle).unwrap()[40] ^= 1;
    cases.push(Case::new(
        "carry-entry-before-its-end-altered",
        "tree",
        pack(&listed(earlier)),
    ));
    cases
}

type Tampering = fn(&mut Members);

/// Kinds of tampering with a good file: name, code, what is done.
const TAMPERED: [(&str, &str, Tampering); 12] = [
    ("missing", "tree", |own| drop(own.remove("carry"))),
    ("brought-missing", "tree", |own| drop(own.remove("brought"))),
    ("with-a-hash-tile", "tree", |own| {
        drop(own.insert("log/tile/0/000.p/1".to_owned(), vec![0; 32]));
    }),
    ("in-mode-full", "tree", |own| {
        about(own, |about| about.mode = Mode::Full);
    }),
    ("of-fewer-entries", "tree", |own| {
        about(own, |about| {
            about.mode = Mode::Carry {
                from: about.mode.from() - 1,
            };
        });
    }),
    ("count-altered", "recompute", |own| {
        // One case counted in another class: a dearer past.
        text(
            own,
            "carry",
            "\"class\":\"assumed\"",
            "\"class\":\"confirmed\"",
        );
    }),
    ("kept-entry-altered", "recompute", |own| {
        text(
            own,
            "carry",
            "\"received_at\":\"2026-01",
            "\"received_at\":\"2025-01",
        );
    }),
    ("white-space", "tree", |own| {
        text(own, "carry", "{\"carry\"", "{ \"carry\"");
    }),
    ("line-left-out", "tree", |own| {
        let carry = own.get_mut("carry").unwrap();
        let lines = String::from_utf8(carry.clone()).unwrap();
        let last = lines.lines().last().unwrap();
        *carry = lines.as_bytes()[..lines.len() - last.len() - 1].to_vec();
    }),
    ("nothing-brought", "recompute", |own| {
        own.insert("brought".to_owned(), Vec::new());
    }),
    ("brought-altered", "recompute", |own| {
        text(
            own,
            "brought",
            "\"received_at\":\"2026-01",
            "\"received_at\":\"2025-01",
        );
    }),
    ("brought-twice", "entry", |own| {
        let brought = own.get_mut("brought").unwrap();
        let again = brought.clone();
        brought.extend(again);
    }),
];

fn about(members: &mut Members, edit: impl FnOnce(&mut About)) {
    let mut about = About::parse(&members["proof.json"]).unwrap();
    edit(&mut about);
    members.insert("proof.json".to_owned(), about.to_text().into_bytes());
}

fn text(members: &mut Members, name: &str, old: &str, new: &str) {
    let text = String::from_utf8(members[name].clone()).unwrap();
    members.insert(name.to_owned(), text.replacen(old, new, 1).into_bytes());
}

/// The carry that a statement goes on from: that of January.
fn january(book: &Book) -> Carry {
    let issued = issued_at(book, JANUARY);
    book.first(coverage_of(book, issued))
        .carry(CUT_JANUARY.parse().unwrap())
}

/// A statement's file that goes on from January, as the product makes it.
pub fn file(book: &Book, number: &str) -> Vec<u8> {
    let carry = january(book);
    let checkpoint = book.checkpoint();
    let request = Request {
        number,
        checkpoint: &checkpoint,
        key: book.parties.seller.verifier_key(),
        payloads: &[],
        engine: engine(),
    };
    let begin = usize::try_from(first_entry(carry.coverage())).unwrap();
    let entries = book.entries[begin..].iter().map(Ok::<_, Infallible>);
    let fetch = |index: u64| Ok(&book.entries[usize::try_from(index).unwrap()]);
    let mut out = Vec::new();
    build_from_carry(&request, carry, entries, fetch, &mut out).unwrap();
    out
}
