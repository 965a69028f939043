//! Statements and credit notes as papers: with whose order they are for, when and how they are paid, what changed
//! and what waits, and what of the log they rest on.
//!
//! A paper is made of what was known when the statement was issued, so that it comes out the same whenever it is
//! made. Only two things reach it from outside of the log: the stationery of the configuration, and that the
//! statement was voided since. Not here: how a paper looks.

use std::io::ErrorKind;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use money::Amount;
use pages::view;
use pricing::account::{Account, Held, Issued};
use pricing::contract::Contract;
use work::LogKind;
use work::body::{Body, Control, Per};
use work::settle::State;

use crate::book::Book;
use crate::credit_notes::notes_of;
use crate::error::Absent;
use crate::limits::{DISPUTED_TOLD_MAX, LOGO_BYTES_MAX};
use crate::statements::Known;
use crate::views::statement::sides;
use crate::{Error, Result, accounts};

/// An issued statement in the log.
struct Entered {
    /// When it was issued.
    at: Timestamp,
    /// Entries of the log with the one that issues it.
    size: u64,
}

impl Book {
    /// An issued statement as a paper.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or statement; where the stationery cannot be read.
    pub fn statement_paper(&self, customer: &str, number: &str) -> Result<view::StatementPaper> {
        let statement = self.issued(customer, number)?;
        let now = self.account(customer, None)?;
        let (own, issued) = found(&now, number)?;
        let entered = self.entered(customer, number)?;
        let then = Known::until(self, customer, issued.coverage)?;
        let held = accounts::contract(&then.account, Some(&own.agreement.id))?;
        let contract = in_force(held, issued.cut);
        let invoice = &contract.invoice;
        let mut stated = Amount::zero(contract.currency);
        for before in held.standing() {
            stated = stated.plus(before.total(contract.currency)?)?;
        }
        let as_of = statement.reconciliation.as_of;
        let (disputed, disputed_total) = disputed(held, as_of);
        Ok(view::StatementPaper {
            issued: entered.at,
            stationery: self.stationery()?,
            po_number: invoice.po_number.clone(),
            due: invoice.due(entered.at.to_zoned(contract.time_zone.clone()).date()),
            covered_through: covered_through(&now, own, issued),
            cost_centres: (invoice.by_cost_centre(statement.total)?.into_iter())
                .map(|(name, share)| (name.to_owned(), share))
                .collect(),
            over_order: invoice.exceeded_by(stated, statement.total)?,
            before: self.before(&then, held, issued)?,
            credit_notes: self.stated_notes(customer, number, entered.size)?,
            disputed,
            disputed_total,
            waiting: waiting(held, as_of),
            basis: self.basis(customer, issued, &entered)?,
            statement,
        })
    }

    /// A credit note as a paper.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or credit note; where the stationery cannot be read.
    pub fn credit_note_paper(&self, customer: &str, number: &str) -> Result<view::CreditNotePaper> {
        let note = self.credit_note(customer, number)?;
        let now = self.account(customer, None)?;
        let (held, stating) = found(&now, &note.statement)?;
        let (_, origin) = found(&now, &note.origin)?;
        let contract = in_force(held, stating.cut);
        let zone = contract.time_zone.clone();
        let mut periods = held.agreement.statement_periods(origin.cut).into_iter();
        let period = periods.find(|period| period.end.at == origin.cut);
        let entered = self.entered(customer, &note.statement)?;
        let (vendor, buyer) = sides(self, customer, &contract.invoice);
        Ok(view::CreditNotePaper {
            stationery: self.stationery()?,
            vendor,
            customer: buyer,
            po_number: contract.invoice.po_number.clone(),
            period: view::Period {
                from: period.map_or(origin.cut, |period| period.start.at),
                until: origin.cut,
                zone: zone.clone(),
            },
            issued: entered.at.to_zoned(zone).date(),
            basis: self.basis(customer, stating, &entered)?,
            note,
        })
    }

    /// A quote as a paper.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or quote; where the stationery cannot be read.
    pub fn quote_paper(
        &self,
        customer: &str,
        number: &str,
        now: Timestamp,
    ) -> Result<view::QuotePaper> {
        let quote = self.quote(customer, number, now)?;
        let account = self.account(customer, None)?;
        let own = account.quote(number);
        let own = own.ok_or_else(|| pricing::quote::QuoteRefusal::Absent(number.to_owned()))?;
        let contract = &own.terms.contract;
        let (vendor, buyer) = sides(self, customer, &contract.invoice);
        let mut steps = quote.steps.iter();
        let sent = steps.clone().find(|step| step.step == "sent");
        let at = sent.or_else(|| steps.next()).map_or(now, |step| step.at);
        Ok(view::QuotePaper {
            stationery: self.stationery()?,
            vendor,
            customer: buyer,
            date: at.to_zoned(contract.time_zone.clone()).date(),
            quote,
        })
    }

    /// How the seller's papers look: what the configuration says, with its files read.
    ///
    /// # Errors
    /// Where a file cannot be read, or is too large.
    pub fn stationery(&self) -> Result<view::Stationery> {
        let own = &self.config.stationery;
        let logo = own.logo.as_ref().map(|path| {
            let unread = |source| Error::File {
                doing: "read",
                path: path.clone(),
                source,
            };
            let bytes = std::fs::read(path).map_err(unread)?;
            if bytes.len() > LOGO_BYTES_MAX {
                let told = format!("a logo has at most {LOGO_BYTES_MAX} bytes");
                return Err(unread(std::io::Error::other(told)));
            }
            let kind = match path.extension().and_then(|own| own.to_str()) {
                Some("png") => view::LogoKind::Png,
                Some("svg") => view::LogoKind::Svg,
                _ => return Err(unread(std::io::Error::other("a logo is a .png or an .svg"))),
            };
            Ok(view::Logo { kind, bytes })
        });
        Ok(view::Stationery {
            size: own.size,
            pay: own.pay.clone(),
            logo: logo.transpose()?,
            fonts: own.fonts.clone(),
        })
    }

    /// Where the log says that a statement was issued.
    fn entered(&self, customer: &str, number: &str) -> Result<Entered> {
        let issues = |body: &Body| match body {
            Body::Control(Control::StatementIssued { number: own, .. }) => own == number,
            _ => false,
        };
        let facts = self.store.facts(
            customer,
            store::FactKind::Statement,
            store::FactsOf::Customer,
        )?;
        for fact in facts {
            let fact = fact?;
            if issues(&fact.event.body) {
                return Ok(Entered {
                    at: fact.event.time,
                    size: fact.entry + 1,
                });
            }
        }
        Err(absent(customer, number))
    }

    fn basis(&self, customer: &str, issued: &Issued, entered: &Entered) -> Result<view::Basis> {
        let size = Some(entered.size);
        let head = self.store.tree_head(customer, LogKind::Shared, size)?;
        Ok(view::Basis {
            origin: self.origin(customer)?,
            coverage: issued.coverage,
            size: head.size,
            root: head.root.to_string(),
            digest: issued.body.to_string(),
        })
    }

    /// The statement that stood for the period before, when this one was made.
    fn before(&self, then: &Known, held: &Held, issued: &Issued) -> Result<Option<view::Before>> {
        let earlier = held.standing().filter(|own| own.cut < issued.cut);
        let Some(last) = earlier.max_by_key(|own| own.cut) else {
            return Ok(None);
        };
        let view = then.view_issued(self, held, last, None)?;
        let corrections = (view.adjustments.iter().map(|own| own.difference))
            .chain(view.tier_effects.iter().map(|own| own.amount))
            .chain(view.absorbed.iter().map(|own| own.amount));
        Ok(Some(view::Before {
            number: last.number.clone(),
            corrections: Amount::sum(view.currency, corrections)?,
            surfaces: (view.surfaces.iter())
                .map(|own| (own.surface, own.subtotal))
                .collect(),
            period: view.period,
            total: view.total,
        }))
    }

    /// The credit notes that a statement states, as they were when it did.
    fn stated_notes(
        &self,
        customer: &str,
        number: &str,
        size: u64,
    ) -> Result<Vec<view::CreditNote>> {
        let mut notes = notes_of(&*self.account(customer, Some(size))?)?;
        notes.retain(|note| note.statement == number);
        Ok(notes)
    }
}

/// A statement that was issued, and its contract.
fn found<'a>(account: &'a Account, number: &str) -> Result<(&'a Held, &'a Issued)> {
    let found = account.statement(number);
    found.ok_or_else(|| absent(&account.customer, number))
}

fn absent(customer: &str, number: &str) -> Error {
    Absent::Statement {
        customer: customer.to_owned(),
        number: number.to_owned(),
    }
    .into()
}

/// The last day of the cover that a statement is paid with, as the statement knew.
fn covered_through(account: &Account, held: &Held, issued: &Issued) -> Option<Date> {
    let through = held.through(issued);
    let per = account.per_on(through, issued.coverage);
    (per == Per::Customer).then_some(through)
}

/// The terms that are in force when a period ends.
pub(crate) fn in_force(held: &Held, cut: Timestamp) -> &Contract {
    let versions = held.agreement.versions.iter().rev();
    let own = versions.clone().find(|version| version.from < cut);
    &own.unwrap_or(held.agreement.latest()).terms.contract
}

/// The first works in dispute at an instant, and how many there are.
fn disputed(held: &Held, as_of: Timestamp) -> (Vec<String>, u64) {
    let units = held.units.iter();
    let open = units.filter(|unit| unit.disputes.iter().any(|own| own.is_open_at(as_of)));
    let mut total = 0;
    let mut names = Vec::new();
    for unit in open {
        total += 1;
        if names.len() < DISPUTED_TOLD_MAX {
            names.push(unit.key.scope.join(", "));
        }
    }
    (names, total)
}

/// How many works are not decided at an instant, without those in dispute.
fn waiting(held: &Held, as_of: Timestamp) -> u64 {
    let units = held.units.iter();
    let waits = units.filter(|unit| {
        unit.opened < as_of
            && *unit.state_at(as_of) == State::Pending
            && !unit.disputes.iter().any(|own| own.is_open_at(as_of))
    });
    waits.count() as u64
}

/// Where documents are kept, in the book's directory.
const KEPT: &str = "documents";

/// A number as a part of a file's name.
#[must_use]
pub fn plain(number: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let plain = number.chars().map(|c| if is_plain(c) { c } else { '_' });
    plain.collect()
}

/// The place of a document that is made once and kept: whoever asks for it again gets the same bytes, also from a
/// later release whose typesetting differs.
#[derive(Debug)]
pub struct KeptDocument {
    path: PathBuf,
}

impl Book {
    /// The place of a document, by its number and the digest of what it is of: the body of the statement, also of
    /// the one that states a credit note, or the text of the quote. Another one where it is marked, as void or a draft.
    #[must_use]
    pub fn kept_document(&self, number: &str, digest: &str, mark: Option<&str>) -> KeptDocument {
        let short: String = digest.chars().take(16).collect();
        let mark = mark.map_or(String::new(), |mark| {
            format!(".{}", plain(&mark.to_lowercase()))
        });
        let name = format!("{}.{short}{mark}.pdf", plain(number));
        KeptDocument {
            path: self.path().join(KEPT).join(name),
        }
    }
}

impl KeptDocument {
    /// The document that is kept, or what `make` makes of it, which is kept from now on. Of two who make it at once
    /// the first is kept, and both get that.
    ///
    /// # Errors
    /// What `make` says; where the file cannot be read or written.
    pub fn or_keep<E: From<Error>>(
        &self,
        make: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        if let Some(kept) = self.read()? {
            return Ok(kept);
        }
        let made = make()?;
        self.keep(&made)?;
        Ok(self.read()?.unwrap_or(made))
    }

    fn read(&self) -> Result<Option<Vec<u8>>> {
        match std::fs::read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(source) => Err(self.failed("read", source)),
        }
    }

    /// Whole or not at all, and never over what is there.
    fn keep(&self, bytes: &[u8]) -> Result<()> {
        let unwritten = |source| self.failed("write", source);
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(unwritten)?;
        }
        let fresh = self.path.with_extension(format!(
            "pdf.{}.{:?}.new",
            std::process::id(),
            std::thread::current().id()
        ));
        let written = std::fs::write(&fresh, bytes)
            .and_then(|()| std::fs::File::open(&fresh)?.sync_all())
            .and_then(|()| match std::fs::hard_link(&fresh, &self.path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
                linked => linked,
            });
        let removed = std::fs::remove_file(&fresh);
        written.and(removed).map_err(unwritten)
    }

    fn failed(&self, doing: &'static str, source: std::io::Error) -> Error {
        Error::File {
            doing,
            path: self.path.clone(),
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_kept_is_not_made_again() {
        let directory = tempfile::tempdir().unwrap();
        let kept = KeptDocument {
            path: directory.path().join("documents").join("a.pdf"),
        };
        let first: Result<Vec<u8>> = kept.or_keep(|| Ok(b"first".to_vec()));
        assert_eq!(first.unwrap(), b"first");
        let second: Result<Vec<u8>> = kept.or_keep(|| Ok(b"second".to_vec()));
        assert_eq!(second.unwrap(), b"first");
        // Who was slower keeps nothing over it, and leaves nothing behind.
        kept.keep(b"third").unwrap();
        assert_eq!(kept.read().unwrap().unwrap(), b"first");
        let files = std::fs::read_dir(directory.path().join("documents")).unwrap();
        assert_eq!(files.count(), 1);
    }
}
