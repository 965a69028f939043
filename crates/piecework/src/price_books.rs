//! The model costs of a book: the built-in list, and what was imported, each from its date on.
//!
//! An imported list is too large for a log entry, so its text lies in the book's `documents/` under
//! its digest, and an `evidence.attached` entry in the log of what belongs to no customer names it.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use pricing::model_costs::ModelCosts;
use store::{Outcome, Store};
use work::body::Body;
use work::event::{Authorship, UNASSIGNED};
use work::{Digest, Event, Headers, LogKind};

/// The evidence name of an imported list.
const EVIDENCE: &str = "model_costs";
/// Where imported lists lie in a book.
const DIRECTORY: &str = "documents";

/// Keeps an imported list in the book.
pub fn keep(book: &Path, store: &dyn Store, costs: &ModelCosts, now: Timestamp) -> Result<Digest> {
    let text = costs.to_toml();
    let digest = Digest::of(text.as_bytes());
    let directory = book.join(DIRECTORY);
    std::fs::create_dir_all(&directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let path = directory.join(format!("{digest}.toml"));
    let partial = directory.join(format!("{digest}.partial"));
    // Complete or not there: the name appears only after the text is on disk.
    std::fs::write(&partial, &text)
        .and_then(|()| std::fs::File::open(&partial)?.sync_all())
        .and_then(|()| std::fs::rename(&partial, &path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    let mut headers = Headers::default();
    headers.set(work::Header::Document, "model-costs");
    let event = Event {
        id: digest.to_string(),
        source: "piecework/model-costs".to_owned(),
        customer: UNASSIGNED.to_owned(),
        time: now,
        work: None,
        traceparent: None,
        signature: None,
        authorship: Authorship::Seller,
        headers,
        body: Body::Evidence {
            name: EVIDENCE.to_owned(),
            digest,
            media_type: Some("application/toml".to_owned()),
        },
    };
    match store.append(&[event], now)?.pop() {
        Some(Outcome::Refused { problem, .. }) => bail!("the list was not kept: {problem}"),
        _ => Ok(digest),
    }
}

/// The model costs in force: built in, then imported, each from its date on.
pub fn load(book: &Path, store: &dyn Store) -> Result<ModelCosts> {
    let mut lists = vec![ModelCosts::built_in().clone()];
    let head = store.head(UNASSIGNED, LogKind::Shared)?;
    for entry in store.entries(UNASSIGNED, LogKind::Shared, 0..head)? {
        if let Body::Evidence { name, digest, .. } = entry?.event.body
            && name == EVIDENCE
        {
            let path = book.join(DIRECTORY).join(format!("{digest}.toml"));
            let text = std::fs::read_to_string(&path).with_context(|| {
                format!(
                    "the imported model costs {} are gone; import them again",
                    path.display()
                )
            })?;
            if Digest::of(text.as_bytes()) != digest {
                bail!(
                    "{} was changed; import the price book again",
                    path.display()
                );
            }
            lists.push(ModelCosts::parse(&text)?);
        }
    }
    lists.sort_by_key(ModelCosts::date);
    let mut lists = lists.into_iter();
    let first = lists.next().context("no model costs")?;
    lists.try_fold(first, |all, next| Ok(all.followed_by(&next)?))
}
