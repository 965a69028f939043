//! Files put together by hand, so that any part of one can be wrong.

use std::collections::BTreeMap;

use proof::file::{About, Member, manifest};
use proof::tree::Tree;
use proof::zip::{Archive, Writer};
use tlog::{SignerKey, bundle, tile};
use work::Digest;

use super::book::checkpoint;

/// The members of a file by their names.
pub type Members = BTreeMap<String, Vec<u8>>;

/// A file in parts.
#[derive(Clone)]
pub struct Draft {
    pub about: About,
    /// In place of what `about` gives.
    pub about_text: Option<String>,
    pub entries: Vec<Vec<u8>>,
    pub checkpoint: String,
    pub statement: String,
    pub payloads: Vec<(String, Vec<u8>)>,
}

impl Draft {
    /// The parts of a file.
    pub fn of(file: &[u8]) -> Draft {
        let members = members(file);
        let about = About::parse(&members[Member::ABOUT]).unwrap();
        let mut entries = Vec::new();
        for id in bundle::bundles(about.size) {
            let bytes = &members[&format!("log/{id}")];
            let decoded = bundle::decode(id, bytes).unwrap();
            entries.extend(decoded.into_iter().map(<[u8]>::to_vec));
        }
        let text = |name: &str| String::from_utf8(members[name].clone()).unwrap();
        let (checkpoint, statement) = (text(Member::CHECKPOINT), text(Member::STATEMENT));
        let payloads = members
            .into_iter()
            .filter(|(name, _)| name.starts_with("payloads/"));
        Draft {
            about,
            about_text: None,
            entries,
            checkpoint,
            statement,
            payloads: payloads.collect(),
        }
    }

    /// Signs the entries as they are now: the seller's privilege.
    pub fn resign(mut self, key: &SignerKey) -> Draft {
        self.head();
        self.checkpoint = checkpoint(&self.entries, key);
        self
    }

    /// Makes `proof.json` say what the entries give.
    pub fn head(&mut self) {
        let tree = self.tree();
        self.about.size = tree.size();
        self.about.root = tree.root(tree.size()).unwrap();
    }

    fn tree(&self) -> Tree {
        Tree::of(
            self.entries
                .iter()
                .map(|entry| tlog::hash::leaf(entry))
                .collect(),
        )
    }

    /// All members but `MANIFEST`.
    pub fn parts(&self) -> Members {
        let mut members = BTreeMap::new();
        let tree = self.tree();
        for id in tile::tiles(tree.size()) {
            members.insert(format!("log/{id}"), tree.tile(id).unwrap());
        }
        for id in bundle::bundles(tree.size()) {
            let first = usize::try_from(id.index() * 256).unwrap();
            let entries = &self.entries[first..first + usize::from(id.width())];
            members.insert(format!("log/{id}"), bundle::encode(entries).unwrap());
        }
        let about = self
            .about_text
            .clone()
            .unwrap_or_else(|| self.about.to_text());
        members.insert(Member::README.to_owned(), b"For people.\n".to_vec());
        members.insert(
            Member::CHECKPOINT.to_owned(),
            self.checkpoint.clone().into_bytes(),
        );
        members.insert(Member::ABOUT.to_owned(), about.into_bytes());
        members.insert(
            Member::STATEMENT.to_owned(),
            self.statement.clone().into_bytes(),
        );
        members.extend(self.payloads.iter().cloned());
        members
    }

    pub fn file(&self) -> Vec<u8> {
        pack(&listed(self.parts()))
    }
}

/// Members with their `MANIFEST`.
pub fn listed(mut members: Members) -> Members {
    members.remove(Member::MANIFEST);
    let lines = members
        .iter()
        .map(|(name, bytes)| (name.as_str(), Digest::of(bytes)));
    let manifest = manifest(lines);
    members.insert(Member::MANIFEST.to_owned(), manifest.into_bytes());
    members
}

/// The members of a file.
pub fn members(file: &[u8]) -> Members {
    let archive = Archive::open(file).unwrap();
    let members = archive.members().iter();
    members
        .map(|packed| (packed.name().to_owned(), packed.unpack().unwrap()))
        .collect()
}

pub fn pack(members: &Members) -> Vec<u8> {
    pack_as(members, true)
}

/// The members stored, not deflated.
pub fn store(members: &Members) -> Vec<u8> {
    pack_as(members, false)
}

fn pack_as(members: &Members, packs: bool) -> Vec<u8> {
    let mut zip = Writer::new();
    for (name, bytes) in members {
        zip.add(name, bytes, packs).unwrap();
    }
    let mut file = Vec::new();
    zip.finish(&mut file).unwrap();
    file
}
