//! Checks 1 and 2: the zip, and its list of members.
//!
//! Every member is unpacked once; what the later checks need of it is taken at once (the hashes and
//! events of entries), so that the file is never in memory unpacked. Members are independent of one
//! another, so several threads may share them; the outcome is the same for any number.

use std::collections::BTreeSet;
use std::thread;

use tlog::bundle::{self, BundleId};
use tlog::tile::TileId;
use tlog::{Hash, hash};
use work::Digest;

use super::refusal::{Code, Refusal};
use crate::carry::LogEntry;
use crate::commitment;
use crate::entry::{Entry, EntryError};
use crate::file::{Member, manifest};
use crate::zip::{Archive, Packed, ZipError};

/// The members of a file, unpacked as far as they are needed.
#[derive(Default)]
pub(super) struct Members {
    digests: Vec<(String, Digest)>,
    manifest: Vec<u8>,
    pub(super) checkpoint: Vec<u8>,
    pub(super) about: Vec<u8>,
    pub(super) statement: Vec<u8>,
    /// In mode `carry`.
    pub(super) brought: Option<Vec<u8>>,
    pub(super) carry: Option<Vec<u8>>,
    pub(super) bundles: Vec<(BundleId, Result<Bundle, String>)>,
    pub(super) tiles: Vec<(TileId, Vec<u8>)>,
    /// Payloads: their names, and the commitments that their bytes give.
    pub(super) payloads: Vec<(Digest, Option<Digest>)>,
}

/// The entries of a bundle, hashed and read.
pub(super) struct Bundle {
    pub(super) leaves: Vec<Hash>,
    pub(super) entries: Vec<Result<Entry, EntryError>>,
}

/// What a member came to.
struct Loaded {
    digest: Digest,
    part: Part,
}

enum Part {
    Bytes(Vec<u8>),
    Bundle(BundleId, Result<Bundle, String>),
    Tile(TileId, Vec<u8>),
    Payload(Digest, Option<Digest>),
    Nothing,
}

fn zip(error: &ZipError) -> Refusal {
    Refusal::new(Code::Zip, error)
}

/// Check 1, the structure: only members of the format, none missing, none too large.
pub(super) fn open(file: &[u8]) -> Result<Archive<'_>, Refusal> {
    let refuse = |reason: String| Err(Refusal::new(Code::Zip, reason));
    let archive = Archive::open(file).map_err(|error| zip(&error))?;
    for packed in archive.members() {
        let (name, bytes) = (packed.name(), packed.bytes());
        let Some(member) = Member::of(name) else {
            return refuse(format!("the format has no member `{name}`"));
        };
        let most = member.bytes_max();
        if bytes > most {
            return refuse(format!(
                "the member `{name}` has {bytes} bytes, at most {most} are read"
            ));
        }
    }
    for name in Member::REQUIRED {
        if archive.member(name).is_none() {
            return refuse(format!("the member `{name}` is missing"));
        }
    }
    Ok(archive)
}

/// Check 1, the contents: everything unpacks.
pub(super) fn read(archive: &Archive<'_>, threads: usize) -> Result<Members, Refusal> {
    let packed = archive.members();
    let threads = threads.clamp(1, packed.len());
    let mut loaded: Vec<Option<Result<Loaded, ZipError>>> = Vec::new();
    loaded.resize_with(packed.len(), || None);
    if threads == 1 {
        for (slot, member) in loaded.iter_mut().zip(packed) {
            *slot = Some(load(member));
        }
    } else {
        // Each thread takes every so-manyth member: large ones stand beside one another.
        thread::scope(|scope| {
            let share = |thread: usize| {
                let own = packed.iter().enumerate().skip(thread).step_by(threads);
                own.map(|(place, member)| (place, load(member)))
                    .collect::<Vec<_>>()
            };
            let others: Vec<_> = (1..threads)
                .map(|thread| scope.spawn(move || share(thread)))
                .collect();
            let own = share(0);
            let joined = others
                .into_iter()
                .map(|other| other.join().unwrap_or_default());
            for (place, member) in joined.flatten().chain(own) {
                loaded[place] = Some(member);
            }
        });
    }
    let mut members = Members::default();
    for (packed, loaded) in packed.iter().zip(loaded) {
        let missing = || Refusal::new(Code::Zip, "the file could not be read to its end");
        let loaded = loaded.ok_or_else(missing)?.map_err(|error| zip(&error))?;
        members.take(packed.name(), loaded);
    }
    Ok(members)
}

fn load(packed: &Packed<'_>) -> Result<Loaded, ZipError> {
    let bytes = packed.unpack()?;
    let digest = Digest::of(&bytes);
    let part = match Member::of(packed.name()) {
        Some(Member::Bundle(id)) => Part::Bundle(id, Bundle::read(id, &bytes)),
        Some(Member::Tile(id)) => Part::Tile(id, bytes),
        Some(Member::Payload(name)) => Part::Payload(name, commitment::of_member(&bytes)),
        Some(Member::Readme) | None => Part::Nothing,
        Some(_) => Part::Bytes(bytes),
    };
    Ok(Loaded { digest, part })
}

impl Members {
    fn take(&mut self, name: &str, loaded: Loaded) {
        self.digests.push((name.to_owned(), loaded.digest));
        match loaded.part {
            Part::Bundle(id, bundle) => self.bundles.push((id, bundle)),
            Part::Tile(id, bytes) => self.tiles.push((id, bytes)),
            Part::Payload(name, commitment) => self.payloads.push((name, commitment)),
            Part::Nothing => {}
            Part::Bytes(bytes) => match name {
                Member::MANIFEST => self.manifest = bytes,
                Member::CHECKPOINT => self.checkpoint = bytes,
                Member::ABOUT => self.about = bytes,
                Member::BROUGHT => self.brought = Some(bytes),
                Member::CARRY => self.carry = Some(bytes),
                _ => self.statement = bytes,
            },
        }
    }

    /// Check 2: `MANIFEST` is the list of the other members with their digests.
    pub(super) fn check_manifest(&self) -> Result<(), Refusal> {
        let others = self
            .digests
            .iter()
            .filter(|(name, _)| name != Member::MANIFEST);
        let must = manifest(others.map(|(name, digest)| (name.as_str(), *digest)));
        if must.as_bytes() == self.manifest {
            return Ok(());
        }
        let is = String::from_utf8_lossy(&self.manifest);
        let reason = match is.lines().zip(must.lines()).find(|(is, must)| is != must) {
            None => "MANIFEST lists more or fewer members than there are".to_owned(),
            Some((is, must)) => match (is.split_once("  "), must.split_once("  ")) {
                (Some((_, listed)), Some((_, name))) if listed == name => {
                    format!(
                        "the member `{name}` has another digest than MANIFEST lists: it was altered"
                    )
                }
                (_, Some((_, name))) => format!(
                    "MANIFEST does not list the members in order: `{name}` should come where it says {:?}",
                    is.chars().take(120).collect::<String>()
                ),
                _ => "MANIFEST is not a list of digests and names".to_owned(),
            },
        };
        Err(Refusal::new(Code::Manifest, reason))
    }
}

impl Bundle {
    fn read(id: BundleId, bytes: &[u8]) -> Result<Bundle, String> {
        let entries = bundle::decode(id, bytes).map_err(|error| error.to_string())?;
        Ok(Bundle {
            leaves: entries.iter().map(|entry| hash::leaf(entry)).collect(),
            entries: entries.iter().map(|entry| Entry::parse(entry)).collect(),
        })
    }
}

/// The first so many entries, read once more out of a file that was read before and has them all.
pub(super) fn entries_again(archive: &Archive<'_>, until: u64) -> Result<Vec<LogEntry>, Refusal> {
    some_again(archive, until, |_| true)
}

/// The entries at some positions, out of a file that was read before and has them all.
pub(super) fn entries_at(
    archive: &Archive<'_>,
    positions: &BTreeSet<u64>,
) -> Result<Vec<LogEntry>, Refusal> {
    let until = positions.last().map_or(0, |last| last + 1);
    some_again(archive, until, |index| positions.contains(&index))
}

fn some_again(
    archive: &Archive<'_>,
    until: u64,
    is_wanted: impl Fn(u64) -> bool,
) -> Result<Vec<LogEntry>, Refusal> {
    let damaged = || Refusal::new(Code::Entry, "an entry could not be read again");
    let mut entries = Vec::new();
    let members = archive.members().iter();
    let bundles = members.filter_map(|packed| match Member::of(packed.name()) {
        Some(Member::Bundle(id)) => Some((id, packed)),
        _ => None,
    });
    let mut next = 0..until;
    for (id, packed) in bundles {
        if next.is_empty() {
            break;
        }
        let bytes = packed.unpack().map_err(|error| zip(&error))?;
        let decoded = bundle::decode(id, &bytes).map_err(|_| damaged())?;
        for (bytes, index) in decoded.into_iter().zip(&mut next) {
            if is_wanted(index) {
                let entry = Entry::parse(bytes).map_err(|_| damaged())?;
                entries.push(LogEntry { index, entry });
            }
        }
    }
    Ok(entries)
}
