//! A seller that reckons with other documents or facts than the log holds, and signs the result:
//! every hash and signature is good, and the money is wrong.

use pricing::statement::{Statement, draw_up};
use proof::file::{About, Mode};
use work::body::{Audience, Body, Control};
use work::effective::Content;
use work::{Digest, Event};

use super::assemble::Draft;
use super::book::{Book, CONTRACT, CUSTOMER, checkpoint, engine};
use super::seller::truncated;
use super::story::{CUT_JANUARY, JANUARY, World, coverage_of};

/// The contents that January was computed from.
pub fn january(world: &World) -> Vec<Content> {
    world.book.contents[..coverage_of(&world.book, world.january)].to_vec()
}

/// January's statement as it would be if the log held other contents; signed contract and plan are
/// claimed to be the honest ones.
pub fn statement(world: &World, name: &str, edit: impl FnOnce(&mut Vec<Content>)) -> Statement {
    let honest = draw_up(
        CUSTOMER,
        &january(world),
        None,
        CONTRACT,
        CUT_JANUARY.parse().unwrap(),
    )
    .unwrap();
    let mut contents = january(world);
    edit(&mut contents);
    let cut = CUT_JANUARY.parse().unwrap();
    let mut evil = draw_up(CUSTOMER, &contents, None, CONTRACT, cut).unwrap();
    evil.documents.clone_from(&honest.documents);
    assert!(evil.body() != honest.body(), "{name} changes no money");
    evil
}

/// A file in which the honest log issues that statement.
pub fn issued(world: &World, statement: &Statement) -> Vec<u8> {
    let body = statement.body();
    file(world, &body, statement)
}

/// A file in which the honest log issues a body with the cells of that statement.
pub fn file(world: &World, body: &str, statement: &Statement) -> Vec<u8> {
    let mut book = truncated(&world.book, coverage_of(&world.book, world.january));
    book.issue_with(JANUARY, statement, Digest::of(body.as_bytes()));
    let issued = book.entries.len() - 1;
    book.story("02-01T10:00 answered case=z00");
    draft(&book, issued, body, statement).file()
}

/// The parts of a file about the statement that a book issues at a position.
pub fn draft(book: &Book, issued: usize, body: &str, statement: &Statement) -> Draft {
    let key = &book.parties.seller;
    let size = book.entries.len();
    let head = book.head_at(size);
    Draft {
        about: About {
            mode: Mode::Full,
            customer: CUSTOMER.to_owned(),
            contract: CONTRACT.to_owned(),
            number: "acme-0001".to_owned(),
            cut: statement.cut,
            revision: statement.revision,
            origin: book.parties.origin().to_owned(),
            vkey: key.verifier_key().to_string(),
            coverage: coverage_of(book, issued) as u64,
            size: head.size,
            root: head.root,
            issued: issued as u64,
            time_zones: proof::time_zones().to_owned(),
            engine: engine(),
        },
        about_text: None,
        checkpoint: checkpoint(&book.entries, key),
        entries: book.entries.clone(),
        statement: body.to_owned(),
        payloads: Vec::new(),
    }
}

/// Puts other words into the documents of a log, with all digests that follow.
pub fn rewrite(contents: &mut [Content], old: &str, new: &str) {
    let mut renamed: Vec<(String, String)> = vec![(old.to_owned(), new.to_owned())];
    let mut touched = false;
    for content in contents {
        match &mut content.event.body {
            Body::Control(Control::DocumentPublished { text, audience, .. })
                if *audience == Audience::Shared =>
            {
                let before = Digest::of(text.as_bytes());
                for (old, new) in &renamed {
                    *text = text.replace(old, new);
                }
                let after = Digest::of(text.as_bytes());
                if before != after {
                    touched = true;
                    renamed.push((before.to_string(), after.to_string()));
                }
            }
            Body::Control(
                Control::ContractSigned { document, .. }
                | Control::ContractAmended { document, .. },
            ) => {
                let found = renamed.iter().find(|(old, _)| *old == document.to_string());
                if let Some((_, new)) = found {
                    *document = new.parse().unwrap();
                }
            }
            _ => {}
        }
    }
    assert!(touched, "no document says {old}");
}

/// Changes the event of an id.
pub fn change(contents: &mut [Content], id: &str, edit: impl FnOnce(&mut Event)) {
    let found = contents.iter_mut().find(|content| content.event.id == id);
    edit(&mut found.unwrap_or_else(|| panic!("no event {id}")).event);
}

/// Leaves the event of an id out.
pub fn omit(contents: &mut Vec<Content>, id: &str) {
    let before = contents.len();
    contents.retain(|content| content.event.id != id);
    assert!(contents.len() < before, "no event {id}");
}

/// Adds an event that is not in the log.
pub fn add(contents: &mut Vec<Content>, event: Event) {
    let entry = contents.len() as u64;
    contents.push(Content { entry, event });
}
