//! Verification: is this file the proof that it says it is?
//!
//! `docs/reference/proof-file.md` section 6: fifteen checks in one order, each a function of its own;
//! the first that fails refuses the file and is named. Nothing in the file is believed for itself: the
//! key comes from the verifier's pins, everything else from the key's signature over the head, and the
//! money from computing it again. Not here: reading files, asking anyone. Invariant: [`verify()`] is
//! total, and gives the same report for the same bytes and options, whatever the number of threads.

mod container;
mod covered;
mod covers;
mod documents;
mod hashes;
mod head;
mod log;
mod refusal;
mod report;
mod samples;
mod statement;

use tlog::{Hash, VerifierKey};
use work::Digest;

use self::covered::Covered;
use crate::carry::LogEntry;
use crate::draws::Drawing;
use crate::file::{About, Mode};
use crate::issued::Issued;
use crate::recompute::Recomputed;

pub use refusal::{Code, Refusal};
pub use report::{Cosigned, Covering, Document, Log, Redacted, Report, Sampled, Which};

/// What the verifier brings along.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The log's key, from the contract or the first file verified. Without it the key in the file is
    /// used, and the report says so.
    pub key: Option<VerifierKey>,
    /// The last head verified of this log.
    pub head: Option<Head>,
    /// Keys whose cosignatures are known.
    pub cosigners: Vec<VerifierKey>,
    /// Threads to verify with; none is one. The report is the same for any number.
    pub threads: usize,
}

/// The head of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Entries in the log.
    pub size: u64,
    /// Root over them.
    pub root: Hash,
}

/// Verifies a proof file.
#[must_use]
pub fn verify(file: &[u8], options: &Options) -> Report {
    let mut report = Report::default();
    report.refusal = match check(file, options, &mut report) {
        Err(refusal) => Some(refusal),
        Ok(()) => report.voided_by.map(|entry| {
            let reason = format!(
                "everything agrees, and entry {entry} voids the statement: it is what it was, and \
                 nobody owes it"
            );
            Refusal::new(Code::Void, reason)
        }),
    };
    report
}

/// The log of a file in mode `full` that was verified before, in order.
///
/// # Errors
/// [`Refusal`] where the file was not verified, and has no log that can be read.
pub fn entries(file: &[u8]) -> Result<Vec<LogEntry>, Refusal> {
    container::entries_again(&container::open(file)?, u64::MAX)
}

fn check(file: &[u8], options: &Options, report: &mut Report) -> Result<(), Refusal> {
    let archive = container::open(file)?; // 1
    let mut members = container::read(&archive, options.threads)?;
    members.check_manifest()?; // 2
    let about = head::about(&members)?; // 3
    report.statement = Some(Which {
        customer: about.customer.clone(),
        contract: about.contract.clone(),
        number: about.number.clone(),
        cut: about.cut,
        revision: about.revision,
        coverage: about.coverage,
        issued: about.issued,
    });
    let key = head::key(&about, options)?; // 4
    let (note, cosigned) = head::checkpoint(&members, &about, &key, options)?; // 5
    report.cosignatures = cosigned;
    report.log = Some(Log {
        key,
        is_key_pinned: options.key.is_some(),
        is_head_pinned: options.head.is_some(),
        size: about.size,
        root: about.root,
    });
    let (hashes, carry, entries) = head::tree(&mut members, &about)?.parts(); // 6
    head::pin(&hashes, options)?; // 7
    let size = about.issued.saturating_add(1);
    report.drawn_from = hashes.root(size).map(|root| Head { size, root });
    let beginning = log::beginning(carry, members.brought.as_deref())?; // 8
    let kept = beginning
        .iter()
        .flat_map(|own| own.carry.kept.iter().chain(&own.brought));
    let kept = kept.map(|own| (own.index, Ok(own.entry.clone())));
    let entries = log::entries(kept.chain(entries), &about)?;
    report.entries = log::kinds(&entries);
    log::identities(&entries)?; // 9
    log::signatures(&entries, &about, &note, &mut report.cosignatures)?; // 10
    (report.said_by_buyer, report.signed_by_buyer) = log::by_buyer(&entries);
    report.redactions = samples::redactions(&entries);
    let ledger = statement::ledger(&entries, &about);
    let stated = statement::issued(&entries, &ledger, &about, &members.statement)?; // 11
    report.voided_by = stated.voided;
    let commitments = samples::commitments(&entries);
    let acknowledged = documents::acknowledged(&entries);
    let statements = statement::all(&entries);
    report.rests_on = rests_on(&about, &statements, members.carry.as_deref())?;
    let drawings = samples::drawings(&entries, about.issued);
    let covers = covers::all(&entries, &ledger);
    let mut cover = covers::of(&ledger, &about.number);
    let covered = Covered::of(&archive, &about, beginning, entries, options.threads)?; // 12
    let drawn = statement::draw(&covered, &about, about.coverage, &about.contract, about.cut)?;
    let drawn = drawn.map_err(|problem| Refusal::new(Code::Recompute, problem))?;
    statement::check_recomputed(&drawn, &about, &members.statement, &stated.cells)?;
    statement::check_carry(&covered, &about, &drawn, &hashes, stated.carry)?;
    if let Some(cover) = &mut cover {
        covers::computed(&covered, &about, &ledger, cover)?;
    }
    report.take(&drawn, &acknowledged);
    samples::payloads(&members.payloads, &commitments)?; // 13
    let (drawings, turn) = drawings?;
    report.turn = turn;
    for own in &drawings {
        let drawing = &own.drawing;
        if about.mode != Mode::Full && drawing.issued.index != about.issued {
            report.other_samples += 1;
            continue;
        }
        let other = drawn_from(&covered, &about, drawing)?; // 14
        let drawn = other.as_ref().unwrap_or(&drawn);
        let origin = &about.origin;
        let sampled = samples::check_draw(own, drawn, &hashes, origin)?;
        report.samples.push(sampled);
    }
    report.drawings = drawings.into_iter().map(|own| own.drawing).collect();
    covers?; // 15
    report.cover = cover;
    Ok(())
}

/// Check 12, the carry that a file goes on from: an earlier statement of the contract names it.
fn rests_on(
    about: &About,
    statements: &[Issued],
    carry: Option<&[u8]>,
) -> Result<Option<String>, Refusal> {
    let (Mode::Carry { from }, Some(carry)) = (about.mode, carry) else {
        return Ok(None);
    };
    let digest = Digest::of(carry);
    let named = statements.iter().find(|own| {
        own.contract == about.contract
            && own.coverage == from
            && own.carry == digest
            && own.index < about.issued
    });
    match named {
        Some(own) => Ok(Some(own.number.clone())),
        None => Err(Refusal::new(
            Code::Recompute,
            format!(
                "no earlier statement of `{}` names {digest} as the carry of the first {from} entries",
                about.contract
            ),
        )),
    }
}

/// The statement that a sample was drawn from, where it is not the file's own.
fn drawn_from(
    covered: &Covered<'_>,
    about: &About,
    drawing: &Drawing,
) -> Result<Option<Recomputed>, Refusal> {
    let issued = &drawing.issued;
    if issued.index == about.issued {
        return Ok(None);
    }
    let coverage = issued.coverage.min(issued.index);
    let drawn = statement::draw(covered, about, coverage, &issued.contract, issued.cut)?;
    match drawn {
        Ok(drawn) => Ok(Some(drawn)),
        Err(problem) => Err(Refusal::new(
            Code::Sample,
            format!(
                "the statement `{}` cannot be computed: {problem}",
                issued.number
            ),
        )),
    }
}
