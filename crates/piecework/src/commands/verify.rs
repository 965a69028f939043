//! `piecework verify` and `replay`: a proof file checked and computed again, without a book.

use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use book::proof_report::{Prefix, proof_report};
use book::views::statement::by_signature;
use pages::view::ProofReport;
use proof::verify::{Code, Head, Options, Report, entries, verify};
use serde::Serialize;
use tlog::VerifierKey;
use work::event::Authorship;

use crate::Done;
use crate::cli::{Replay, Verify};
use crate::commands::report::digest;
use crate::context::Context;
use crate::output::{money, table};
use crate::pins::Pins;
use crate::printed::by_signature as told_by_signature;

/// Runs `verify`.
pub fn run(context: &Context, args: &Verify) -> Result<Done> {
    let (options, pins) = options(args.key.as_deref(), args.pins.as_deref(), &args.cosigner)?;
    let report = verify(&read(&args.file)?, &options);
    let holds = report
        .refusal
        .as_ref()
        .is_none_or(|own| own.code == Code::Void);
    if let (Some(path), Some(log), true) = (&args.pins, &report.log, holds) {
        let head = Head {
            size: log.size,
            root: log.root,
        };
        let renewed = pins.as_ref().is_none_or(|pins| pins.head.size <= head.size);
        if renewed {
            let key = log.key.clone();
            Pins { key, head }.write(path)?;
        }
    }
    print(context, &report)?;
    Ok(if report.is_valid() {
        Done::Well
    } else {
        Done::Failed
    })
}

/// What the verifier brings along, and the pins that were there.
///
/// # Errors
/// Where a key or the pins cannot be read.
pub fn options(
    key: Option<&str>,
    pins: Option<&Path>,
    cosigners: &[String],
) -> Result<(Options, Option<Pins>)> {
    let pins = match pins {
        Some(path) => Pins::read(path)?,
        None => None,
    };
    let options = Options {
        key: match (key, &pins) {
            (Some(key), _) => Some(read_key(key)?),
            (None, Some(pins)) => Some(pins.key.clone()),
            (None, None) => None,
        },
        head: pins.as_ref().map(|pins| pins.head),
        cosigners: cosigners
            .iter()
            .map(|key| read_key(key))
            .collect::<Result<_>>()?,
        threads: std::thread::available_parallelism().map_or(1, Into::into),
    };
    Ok((options, pins))
}

/// Runs `replay`.
pub fn replay(context: &Context, args: &Replay) -> Result<Done> {
    if let Some(given) = &args.report {
        return replay_report(context, args, given.as_deref());
    }
    let report = verify(&read(&args.file)?, &Options::default());
    let Some(statement) = &report.statement else {
        print(context, &report)?;
        return Ok(Done::Failed);
    };
    if context.out.json {
        print(context, &report)?;
    } else {
        let verdict = match &report.refusal {
            None => "equal, byte for byte".to_owned(),
            Some(refusal) => refusal.to_string(),
        };
        context.out.line(format!(
            "{} from the first {} entries of the log: {verdict}",
            statement.number, statement.coverage
        ))?;
    }
    Ok(if report.is_valid() {
        Done::Well
    } else {
        Done::Failed
    })
}

/// What the proof report of a file's statement came to.
#[derive(Serialize)]
struct Replayed {
    number: String,
    size: u64,
    digest: String,
    given: Option<String>,
    equal: Option<bool>,
    report: ProofReport,
}

/// Makes the proof report of a file's statement again, and compares it with the digest given.
fn replay_report(context: &Context, args: &Replay, given: Option<&str>) -> Result<Done> {
    let bytes = read(&args.file)?;
    let checked = verify(&bytes, &Options::default());
    must_hold(&checked, &args.file)?;
    if let Some(number) = &checked.rests_on {
        bail!(
            "{} goes on from the carry of statement {number} and has not the whole log; ask for one \
             made without --carry",
            args.file.display()
        );
    }
    let (Some(which), Some(log)) = (&checked.statement, &checked.log) else {
        bail!("{} names no statement", args.file.display());
    };
    let size = args.size.unwrap_or(log.size);
    if size > log.size {
        bail!(
            "{} has {} entries, and the report is of {size}; ask for a newer proof file",
            args.file.display(),
            log.size
        );
    }
    let mut entries = entries(&bytes).map_err(|refusal| anyhow!("{refusal}"))?;
    entries.retain(|own| own.index < size);
    let report = proof_report(Prefix {
        customer: which.customer.clone(),
        number: which.number.clone(),
        origin: log.key.name().as_str().to_owned(),
        vkey: log.key.to_string(),
        entries,
    })?;
    let html = pages::proof_report_page(&report);
    if let Some(out) = &args.out {
        std::fs::write(out, &html).with_context(|| format!("cannot write {}", out.display()))?;
    }
    let digest = digest(&html);
    let given = given.map(|own| format!("sha256:{}", own.strip_prefix("sha256:").unwrap_or(own)));
    let replayed = Replayed {
        number: which.number.clone(),
        size,
        equal: given.as_ref().map(|own| *own == digest),
        digest,
        given,
        report,
    };
    context.out.value(&replayed, |own| {
        let told = match own.equal {
            None => String::new(),
            Some(true) => ": equal, byte for byte".to_owned(),
            Some(false) => format!(
                ": DIFFERENT from {}; it is of another number of entries (--size), was made by \
                 another version, or is not what the log gives",
                own.given.as_deref().unwrap_or_default()
            ),
        };
        vec![format!(
            "the proof report of {} from the first {} entries is {}{told}",
            own.number, own.size, own.digest
        )]
    })?;
    Ok(match replayed.equal {
        Some(false) => Done::Failed,
        _ => Done::Well,
    })
}

/// Reads a file whole.
///
/// # Errors
/// Where it cannot be read.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads a key given on the command line.
///
/// # Errors
/// Where it is none, or a weak one.
pub fn read_key(text: &str) -> Result<VerifierKey> {
    text.parse()
        .with_context(|| format!("`{text}` cannot be used as a key"))
}

fn print(context: &Context, report: &Report) -> Result<()> {
    if context.out.json {
        let json: serde_json::Value = serde_json::from_str(&report.to_json().to_canonical())?;
        return context.out.value(&json, |_| Vec::new());
    }
    for line in told(report)? {
        context.out.line(line)?;
    }
    Ok(())
}

/// The report for people.
fn told(report: &Report) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    match &report.refusal {
        None => lines.push("VALID".to_owned()),
        Some(refusal) if refusal.code == Code::Void => {
            lines.push(format!("VOID: {}", refusal.reason));
        }
        Some(refusal) => {
            lines.push(format!(
                "REFUSED ({}): {}",
                refusal.code.word(),
                refusal.reason
            ));
            if report.total.is_none() {
                return Ok(lines);
            }
        }
    }
    if let Some(own) = &report.statement {
        lines.push(format!(
            "statement {} of {} under {}, everything due by {}, from {} entries",
            own.number, own.customer, own.contract, own.cut, own.coverage
        ));
    }
    if let Some(total) = report.total {
        lines.push(format!("total {}, before tax", money(total)));
        let rows = report.authorship.iter().map(|(author, share)| {
            let word = author.map_or("agreed, not decided", |author| match author {
                Authorship::Seller => "the seller alone",
                Authorship::Buyer => "the buyer",
                Authorship::ThirdParty => "a third party",
            });
            vec![word.to_owned(), money(*share)]
        });
        lines.push(table(&["decided by", ">money"], rows));
        if let Some(parts) = report.by_signature
            && report.authorship.contains_key(&Some(Authorship::Buyer))
        {
            lines.push(format!(
                "the buyer's part: {}",
                told_by_signature(by_signature(parts))
            ));
        }
        lines.push(format!(
            "of {} entries in the buyer's name the buyer signed {}",
            report.said_by_buyer, report.signed_by_buyer
        ));
    }
    if let Some(log) = &report.log {
        lines.push(format!("log {} with {} entries", log.key.name(), log.size));
        lines.push(if log.is_key_pinned {
            format!("key {}, as you pinned it", log.key)
        } else {
            format!(
                "key {}: NOT PINNED, it came with the file; compare it with your contract, and use \
                 --key or --pins",
                log.key
            )
        });
        if log.is_head_pinned {
            lines.push("the log continues the one that you verified before".to_owned());
        }
    }
    if let Some(own) = &report.cover {
        lines.push(format!(
            "paid with the cover {} through {}: {}; total {}, payable {} by {}. {}",
            own.number,
            own.through,
            own.statements.join(", "),
            own.total,
            own.payable,
            own.due_on,
            match own.is_computed {
                true => "Each of them was computed again: this file proves them all",
                false => "What the others come to their own files show",
            }
        ));
    }
    if let Some(number) = &report.rests_on {
        lines.push(format!(
            "rests on the carry of statement {number}: what came before is proved by that statement's \
             own file"
        ));
    }
    let documents = report.documents.iter().map(|own| {
        let by = match own.acknowledged {
            Some(entry) => format!("acknowledged by the buyer in entry {entry}"),
            None => "not acknowledged by the buyer".to_owned(),
        };
        let by = match (own.acknowledged, own.before_first_work) {
            (Some(_), Some(true)) => format!("{by}, before the first work under it"),
            (Some(_), Some(false)) => format!("{by}, NOT before the first work under it"),
            _ => by,
        };
        format!("{} {}: {by}", own.what, own.digest.short())
    });
    lines.extend(documents);
    lines.extend(report.cosignatures.iter().map(|own| {
        let time = i64::try_from(own.time)
            .ok()
            .and_then(|time| jiff::Timestamp::from_second(time).ok())
            .map_or_else(|| own.time.to_string(), |time| time.to_string());
        format!("head acknowledged by {} at {time}", own.name)
    }));
    lines.extend(report.samples.iter().map(|own| {
        let nonce = if own.by_buyers_nonce {
            "seeded by the buyer's nonce"
        } else {
            "SELLER-SEEDED, NOT PROOF: without the buyer's nonce the seller could have picked"
        };
        format!(
            "sample {} of statement {}: {} of {} works, {nonce}{}",
            own.sample,
            own.statement,
            own.items.len(),
            own.population,
            match own.failed.len() {
                0 => String::new(),
                count => format!(", {count} failed by redaction after the draw"),
            }
        )
    }));
    for (count, what) in [
        (report.redactions.len(), "payloads redacted"),
        (
            report.conflicts.len(),
            "identities with several contents and no decision",
        ),
        (report.ignored.len(), "entries that changed nothing"),
    ] {
        if count > 0 {
            lines.push(format!("{count} {what}; --json lists them"));
        }
    }
    if report.other_samples > 0 {
        lines.push(format!(
            "{} samples of other statements were not drawn again: the file does not hold their works",
            report.other_samples
        ));
    }
    Ok(lines)
}

/// Refuses to go on with a file that is not valid.
///
/// # Errors
/// Where the file is refused, but for being void.
pub fn must_hold(report: &Report, path: &Path) -> Result<()> {
    match &report.refusal {
        Some(refusal) if refusal.code != Code::Void => {
            bail!(
                "{} is refused ({}): {}",
                path.display(),
                refusal.code.word(),
                refusal.reason
            )
        }
        _ => Ok(()),
    }
}
