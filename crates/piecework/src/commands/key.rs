//! `piecework key`: who signs what.
//!
//! The seller's keys follow from the book's secret. A buyer makes its key on its own machine, without
//! a book, and only its public half ever comes to the seller.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use book::acts::{PublishedKey, key_entry};
use book::keyring::{self, Keyring};
use jiff::SignedDuration;
use proof::signature::{prove_possession, proves_possession, sign};
use serde::{Deserialize, Serialize};
use tlog::{CosignerKey, SignerKey, VerifierKey};
use work::body::Holder;
use work::event::Authorship;
use work::{Event, LogKind};
use zeroize::Zeroizing;

use crate::Done;
use crate::cli::{AnnounceKey, CreateKey, KeyCommand, PublishKey, RotateKeys, ShowKeys};
use crate::commands::sign::checked;
use crate::context::Context;
use crate::output::table;
use crate::random;

/// Runs the command.
pub fn run(context: &Context, command: &KeyCommand) -> Result<Done> {
    match command {
        KeyCommand::Create(args) => create(context, args),
        KeyCommand::Show(args) => show(context, args),
        KeyCommand::Rotate(args) => rotate(context, args),
        KeyCommand::Announce(args) => announce(context, args),
        KeyCommand::Publish(args) => publish(context, args),
    }
}

fn create(context: &Context, args: &CreateKey) -> Result<Done> {
    let (Some(name), Some(out)) = (&args.buyer, &args.out) else {
        let config = context.config()?;
        let log = config.proof.log.as_deref();
        Keyring::create(&config.book, log, &random::source(), context.now)?;
        context.out.line(format!(
            "made the secret of the book; keep a copy of {} apart from the book",
            config.book.join(keyring::FILE_NAME).display()
        ))?;
        return Ok(Done::Well);
    };
    let name = name.parse().with_context(|| {
        format!(
            "`{name}` is no name for a key; take a URL without scheme, e.g. `acme.example/buyer`"
        )
    })?;
    let key = SignerKey::from_seed(name, &*random::bytes32()?);
    let text = Zeroizing::new(format!("{}\n", &*key.to_secret_text()));
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(out)
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .with_context(|| format!("cannot write the key to {}", out.display()))?;
    #[derive(Serialize)]
    struct Made {
        vkey: String,
        file: String,
    }
    let made = Made {
        vkey: key.verifier_key().to_string(),
        file: out.display().to_string(),
    };
    context.out.value(&made, |made| {
        vec![
            format!("wrote {}: keep it to yourself", made.file),
            format!("public half: {}", made.vkey),
        ]
    })?;
    Ok(Done::Well)
}

#[derive(Serialize)]
struct LogKey {
    customer: String,
    log: &'static str,
    origin: String,
    vkey: String,
}

fn show(context: &Context, args: &ShowKeys) -> Result<Done> {
    let book = context.book()?;
    let mut keys = Vec::new();
    for customer in book.chosen(args.customer.as_deref())? {
        for log in [LogKind::Shared, LogKind::Seller] {
            for signer in book.keyring()?.signers(log, &customer, context.now)? {
                keys.push(LogKey {
                    customer: customer.clone(),
                    log: log.name(),
                    origin: signer.verifier_key().name().to_string(),
                    vkey: signer.verifier_key().to_string(),
                });
            }
        }
    }
    let (generations, since) = book.keyring()?.generation();
    context.out.value(&keys, |keys| {
        let rows = keys
            .iter()
            .map(|own| vec![own.customer.clone(), own.log.to_owned(), own.vkey.clone()]);
        vec![
            table(&["customer", "log", "key"], rows),
            format!("generation {generations}, signing since {since}"),
            "The key of the shared log belongs in the contract: the buyer pins it.".to_owned(),
        ]
    })?;
    Ok(Done::Well)
}

fn rotate(context: &Context, args: &RotateKeys) -> Result<Done> {
    let book = context.book()?;
    let overlap = SignedDuration::from_hours(24 * i64::from(args.overlap_days));
    let until = context
        .now
        .checked_add(overlap)
        .context("the overlap is too long")?;
    let announced = book.rotate_keys(until, &args.by, context.now)?;
    context.out.line(format!(
        "new keys sign from now on, the old ones beside them until {until}; announced in {announced} \
         customer logs"
    ))?;
    Ok(Done::Well)
}

/// What a buyer sends to the seller.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Announcement {
    origin: String,
    vkey: String,
    possession: String,
}

fn announce(context: &Context, args: &AnnounceKey) -> Result<Done> {
    let key = read_key(&args.key)?;
    if let (Some(before), Some(customer), Some(by)) = (&args.succeeds, &args.customer, &args.by) {
        return succeed(context, args, &key, before, customer, by);
    }
    let announcement = Announcement {
        origin: args.origin.clone(),
        vkey: key.verifier_key().to_string(),
        possession: prove_possession(&args.origin, &key),
    };
    context.out.value(&announcement, |announcement| {
        vec![serde_json::to_string_pretty(announcement).unwrap_or_default()]
    })?;
    Ok(Done::Well)
}

/// A successor publishes itself, signed with the key before it.
fn succeed(
    context: &Context,
    args: &AnnounceKey,
    key: &SignerKey,
    before: &Path,
    customer: &str,
    by: &str,
) -> Result<Done> {
    let before = read_key(before)?;
    let possession = prove_possession(&args.origin, key);
    let own = PublishedKey {
        customer,
        key: key.verifier_key(),
        possession: &possession,
        by,
    };
    let event = key_entry(Holder::Buyer, &own, context.now);
    let event = Event {
        source: before.verifier_key().name().to_string().into(),
        authorship: Authorship::Buyer,
        ..event
    };
    #[derive(Serialize)]
    struct Succeeded {
        event: String,
    }
    let succeeded = Succeeded {
        event: checked(&sign(event, &args.origin, &before)?)?,
    };
    context
        .out
        .value(&succeeded, |succeeded| vec![succeeded.event.clone()])?;
    Ok(Done::Well)
}

fn publish(context: &Context, args: &PublishKey) -> Result<Done> {
    let path = args.announcement.display();
    let text = std::fs::read_to_string(&args.announcement)
        .with_context(|| format!("cannot read {path}"))?;
    let announcement: Announcement = serde_json::from_str(&text)
        .with_context(|| format!("{path} is not what `piecework key announce` prints"))?;
    let book = context.book()?;
    book.chosen(Some(&args.customer))?;
    let origin = book.keyring()?.origin(LogKind::Shared, &args.customer)?;
    if announcement.origin != origin.as_str() {
        bail!(
            "{path} is for the log `{}`, and the log of {} is `{origin}`; ask the buyer to announce \
             its key for that one",
            announcement.origin,
            args.customer
        );
    }
    let key: VerifierKey = announcement
        .vkey
        .parse()
        .with_context(|| format!("the key in {path} cannot be used"))?;
    if !proves_possession(origin.as_str(), &key, &announcement.possession) {
        bail!(
            "{path} does not show that its sender has the key; let the buyer run `piecework key \
             announce` with the key itself"
        );
    }
    let own = PublishedKey {
        customer: &args.customer,
        key: &key,
        possession: &announcement.possession,
        by: &args.by,
    };
    let published = book.publish_key(&own, context.now);
    if (published.with_context(|| format!("{path} cannot be published"))?).is_known {
        context.out.line(format!("{key} is published already"))?;
        return Ok(Done::Well);
    }
    context.out.line(format!(
        "{} signs with {key} from now on; what it signs only it takes back",
        args.customer
    ))?;
    Ok(Done::Well)
}

/// Reads a buyer's key, to cosign heads with.
///
/// # Errors
/// As [`read_key`].
pub fn read_cosigner(path: &Path) -> Result<CosignerKey> {
    Ok(read_key(path)?.cosigner())
}

/// Reads a buyer's key.
///
/// # Errors
/// Where the file is not one; the message never repeats it.
pub fn read_key(path: &Path) -> Result<SignerKey> {
    let text = std::fs::read_to_string(path)
        .map(Zeroizing::new)
        .with_context(|| format!("cannot read the key {}", path.display()))?;
    text.trim().parse().with_context(|| {
        format!(
            "{} is not a key; `piecework key create --buyer NAME --out FILE` makes one",
            path.display()
        )
    })
}
