//! What must hold of every input to a parser: nothing panics, and what is accepted is written back.

use proof::carry::Carry;
use proof::file::{About, manifest};
use proof::verify::{Options, verify as verify_file};
use proof::zip::{Archive, Writer};
use proof::{Entry, Receipt};
use work::Digest;

/// A good file, to put damaged members into.
const GOOD: &[u8] = include_bytes!("seeds/verify/small.proof.zip");

pub fn profile(data: &[u8]) {
    if let Ok(json) = proof::profile::parse(data) {
        let text = json.to_canonical();
        assert_eq!(text.as_bytes(), data);
        assert_eq!(work::Json::parse(&text), Ok(json));
    }
}

pub fn entry(data: &[u8]) {
    if let Ok(entry) = Entry::parse(data) {
        assert_eq!(entry.to_bytes(), data);
    }
}

pub fn about(data: &[u8]) {
    if let Ok(about) = About::parse(data) {
        assert_eq!(about.to_text().as_bytes(), data);
    }
}

pub fn receipt(data: &[u8]) {
    if let Ok(receipt) = Receipt::parse(data) {
        assert_eq!(receipt.to_text().as_bytes(), data);
    }
}

pub fn carry(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(carry) = Carry::from_text(text)
    {
        assert_eq!(carry.to_text(), text);
    }
}

/// What opens and unpacks is what a writer packs: reading that gives the same members.
pub fn zip(data: &[u8]) {
    let Ok(archive) = Archive::open(data) else {
        return;
    };
    let mut again = Writer::new();
    let mut members = Vec::new();
    for packed in archive.members() {
        let Ok(plain) = packed.unpack() else { return };
        again
            .add(packed.name(), &plain, plain.len() % 2 == 0)
            .expect("what was read can be written");
        members.push((packed.name(), plain));
    }
    let mut file = Vec::new();
    again.finish(&mut file).expect("a vector takes everything");
    let archive = Archive::open(&file).expect("what was written can be read");
    for (packed, (name, plain)) in archive.members().iter().zip(members) {
        assert_eq!(packed.name(), name);
        assert_eq!(packed.unpack().as_ref(), Ok(&plain));
    }
}

pub fn verify(data: &[u8]) {
    let report = verify_file(data, &Options::default());
    let _ = report.to_json().to_canonical();
}

/// A member of a good file in place of which the input stands, listed and packed as it should be.
pub fn member(data: &[u8]) {
    let Some((&which, bytes)) = data.split_first() else {
        return;
    };
    let good = Archive::open(GOOD).expect("the seed is a zip");
    let names: Vec<&str> = good
        .members()
        .iter()
        .map(proof::zip::Packed::name)
        .collect();
    let replaced = names[usize::from(which) % names.len()];
    let mut members: Vec<(&str, Vec<u8>)> = Vec::new();
    for packed in good.members() {
        let plain = if packed.name() == replaced {
            bytes.to_vec()
        } else {
            packed.unpack().expect("the seed unpacks")
        };
        members.push((packed.name(), plain));
    }
    if replaced != "MANIFEST" {
        let others = members.iter().filter(|(name, _)| *name != "MANIFEST");
        let list = manifest(others.map(|(name, plain)| (*name, Digest::of(plain))));
        members.retain(|(name, _)| *name != "MANIFEST");
        members.push(("MANIFEST", list.into_bytes()));
    }
    let mut zip = Writer::new();
    for (name, plain) in &members {
        zip.add(name, plain, false)
            .expect("the seed's names are good");
    }
    let mut file = Vec::new();
    zip.finish(&mut file).expect("a vector takes everything");
    verify(&file);
}
