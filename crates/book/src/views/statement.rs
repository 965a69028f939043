//! A drawn statement as the page, the table and the JSON show it.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::{Amount, Decimal, Quantity};
use pages::view;
use pricing::account::{Held, Rated};
use pricing::cell::{Awaited, CREDIT, CellKey, Owed, Part, ROLLED, Source, TOTALS, WITH_WORK};
use pricing::contract::{Invoice, Party};
use pricing::credit::CreditLine;
use pricing::plan::{Component, Surface, Terms};
use pricing::statement::{Line, LineKind, Share, Statement, explain};
use work::event::Authorship;
use work::settle::FactRef;

use super::facts::Facts;
use crate::Result;
use crate::book::Book;
use crate::papers::in_force;

/// Works listed under a line of a page.
const WORKS_MAX: usize = 100;
/// Facts listed under a work, and entries under a line.
const FACTS_MAX: usize = 60;

/// A statement with everything that explains it.
pub struct Drawn<'a> {
    /// The book.
    pub book: &'a Book,
    /// The contract.
    pub held: &'a Held,
    /// The statement.
    pub statement: &'a Statement,
    /// What is owed at it.
    pub owed: Arc<Owed>,
    /// The facts of the log.
    pub facts: Facts<'a>,
    /// Whether it was issued; a draft where absent.
    pub status: Option<view::Status>,
    /// What earlier periods that are not stated add, and from when to when they are.
    pub earlier: Option<(Amount, (Timestamp, Timestamp))>,
    /// The only work to list under the lines, by its scope; all where absent.
    pub work: Option<&'a str>,
}

impl<'a> Drawn<'a> {
    /// Gathers what explains a statement.
    pub fn new(
        book: &'a Book,
        (rated, held): (&Rated<'_>, &'a Held),
        statement: &'a Statement,
        status: Option<view::Status>,
    ) -> Result<Drawn<'a>> {
        Ok(Drawn {
            book,
            held,
            statement,
            owed: rated.owed(held, statement.as_of)?,
            facts: Facts {
                book,
                customer: &statement.customer,
            },
            status,
            earlier: None,
            work: None,
        })
    }

    fn zone(&self) -> TimeZone {
        self.held
            .agreement
            .latest()
            .terms
            .contract
            .time_zone
            .clone()
    }

    fn period(&self, (from, until): (Timestamp, Timestamp)) -> view::Period {
        view::Period {
            from,
            until,
            zone: self.zone(),
        }
    }

    /// The statement's period in the words of the command line.
    pub fn period_argument(&self) -> String {
        self.statement
            .service
            .0
            .to_zoned(self.zone())
            .strftime("%Y-%m")
            .to_string()
    }

    fn command(&self, verb: &str) -> String {
        format!(
            "piecework statement {verb} --customer {} --period {}",
            self.statement.customer,
            self.period_argument()
        )
    }

    /// Lists only the works whose scope is `work`, if one is named.
    pub fn about(mut self, work: Option<&'a str>) -> Drawn<'a> {
        self.work = work;
        self
    }

    /// Tells what earlier periods that are not stated add to it.
    pub fn beside(mut self, amount: Amount, periods: (Timestamp, Timestamp)) -> Drawn<'a> {
        self.earlier = Some((amount, periods));
        self
    }

    fn earlier(&self) -> Result<Option<view::Earlier>> {
        let Some((amount, periods)) = self.earlier else {
            return Ok(None);
        };
        let customer = &self.statement.customer;
        let mut known = self.held.agreement.statement_periods(periods.1).into_iter();
        let last = known.find(|period| period.end.at == periods.1);
        let begins = last.map_or(periods.0, |last| last.start.at);
        let month = begins.to_zoned(self.zone()).strftime("%Y-%m");
        Ok(Some(view::Earlier {
            period: self.period(periods),
            amount,
            together: self.statement.total.plus(amount)?,
            command: if self.statement.is_draft {
                format!("piecework statement preview --customer {customer} --period {month}")
            } else {
                format!(
                    "piecework statement issue --customer {customer} --contract {} --through {month} --by ROLE",
                    self.statement.contract
                )
            },
        }))
    }

    /// The view model.
    pub fn view(&self, reconciliation: view::Reconciliation) -> Result<view::Statement> {
        let statement = self.statement;
        let status = self.status.clone().unwrap_or_else(|| view::Status::Draft {
            blocked_by: statement.is_draft.then(|| {
                format!(
                    "cannot be issued: nobody signed a contract; `{}`",
                    sign_command(&statement.customer, self.held)
                )
            }),
        });
        let invoice = &in_force(self.held, statement.cut).invoice;
        let (vendor, customer) = sides(self.book, &statement.customer, invoice);
        Ok(view::Statement {
            vendor,
            customer,
            contract: statement.contract.clone(),
            period: self.period(statement.service),
            status,
            currency: statement.currency,
            surfaces: self.surfaces()?,
            adjustments: self
                .of_kind(LineKind::Adjustment)
                .map(|line| self.adjustment(line))
                .collect::<Result<_>>()?,
            tier_effects: self
                .of_kind(LineKind::TierEffect)
                .map(|line| view::TierEffect {
                    cell: self.cell(&line.cell),
                    explanation:
                        "the tier was rated again; works that did not move pay differently"
                            .to_owned(),
                    amount: line.amount,
                })
                .collect(),
            total: statement.total,
            credits: statement.credits.iter().map(applied).collect(),
            payable: statement.payable,
            retained: statement.retained,
            earlier: self.earlier()?,
            awaited: statement
                .awaited
                .iter()
                .map(|own| self.awaited(own))
                .collect(),
            waived: statement
                .lines
                .iter()
                .filter_map(|line| {
                    let (reason, amount) = line.waived.as_ref()?;
                    Some(view::WaivedCell {
                        cell: self.cell(&line.cell),
                        reason: reason.clone(),
                        amount: *amount,
                    })
                })
                .collect(),
            absorbed: self
                .of_kind(LineKind::Absorbed)
                .map(|line| view::AbsorbedEffect {
                    by: part(&line.cell.part),
                    explanation: "the other side of the adjustments above".to_owned(),
                    amount: line.amount,
                })
                .collect(),
            authorship: authorship(&self.owed, statement)?,
            agreed: statement.authorship.get(&None).copied(),
            documents: self.documents(),
            reconciliation,
            command: self.command("preview"),
        })
    }

    fn of_kind(&self, kind: LineKind) -> impl Iterator<Item = &Line> {
        self.statement
            .lines
            .iter()
            .filter(move |line| line.kind == kind)
    }

    /// Charges and credits, by surface and component.
    fn surfaces(&self) -> Result<Vec<view::SurfaceLines>> {
        type Groups<'l> = BTreeMap<(String, (Timestamp, Timestamp)), Vec<&'l Line>>;
        let mut surfaces: BTreeMap<view::Surface, Groups<'_>> = BTreeMap::new();
        for line in &self.statement.lines {
            if !matches!(
                line.kind,
                LineKind::Charge | LineKind::Goodwill | LineKind::Credit
            ) {
                continue;
            }
            surfaces
                .entry(surface(line.surface))
                .or_default()
                .entry((line.cell.component.clone(), line.service))
                .or_default()
                .push(line);
        }
        surfaces
            .into_iter()
            .map(|(surface, groups)| {
                let lines = groups
                    .into_iter()
                    .map(|((component, service), cells)| self.line(&component, service, &cells))
                    .collect::<Result<Vec<_>>>()?;
                let subtotal = Amount::sum(
                    self.statement.currency,
                    lines.iter().map(|line| line.amount),
                )?;
                Ok(view::SurfaceLines {
                    surface,
                    lines,
                    subtotal,
                })
            })
            .collect()
    }

    fn line(
        &self,
        component: &str,
        service: (Timestamp, Timestamp),
        cells: &[&Line],
    ) -> Result<view::Line> {
        let counts = |line: &&&Line| counts(&line.cell.part);
        let quantity = cells
            .iter()
            .filter(counts)
            .try_fold(Quantity::ZERO, |sum, line| sum.plus(line.quantity))?;
        let shares = self.shares(cells)?;
        let (works, entries): (Vec<_>, Vec<_>) =
            shares.into_iter().partition(|share| share.class.is_some());
        let total = works.len() as u64;
        let asked =
            |share: &&Share<'_>| self.work.is_none_or(|work| work_name(&share.name) == work);
        let shown = works
            .iter()
            .filter(asked)
            .take(WORKS_MAX)
            .map(|share| self.work(share))
            .collect::<Result<_>>()?;
        let references: Vec<FactRef> = entries
            .iter()
            .flat_map(|share| share.causes.iter().cloned())
            .collect();
        Ok(view::Line {
            component: component.to_owned(),
            description: self.description(component, cells),
            service: (service != self.statement.service).then(|| self.period(service)),
            quantity: (!quantity.is_zero()).then_some(quantity),
            noun: self.noun(component),
            rate: None,
            amount: Amount::sum(
                self.statement.currency,
                cells.iter().map(|line| line.amount),
            )?,
            cells: cells
                .iter()
                .map(|line| view::CellRow {
                    cell: self.cell(&line.cell),
                    quantity: (!line.quantity.is_zero()).then_some(line.quantity),
                    rate: None,
                    amount: line.amount,
                })
                .collect(),
            works: view::WorkList { shown, total },
            entries: self.facts.named(&references, FACTS_MAX)?,
            entries_total: references.len() as u64,
            command: format!("{} --line {component}", self.command("explain")),
        })
    }

    /// The shares of the works under several cells, each work once.
    ///
    /// A cell of a risk or a premium is about works that stand under their own component already.
    fn shares(&self, cells: &[&Line]) -> Result<Vec<Share<'a>>> {
        let mut merged: BTreeMap<String, Share<'a>> = BTreeMap::new();
        for line in cells {
            let Some(explained) = explain(self.held, &self.owed, &line.cell)? else {
                continue;
            };
            let is_tier = counts(&line.cell.part);
            for share in explained.shares {
                match merged.get_mut(&share.name) {
                    Some(known) => {
                        known.amount = known.amount.plus(share.amount)?;
                    }
                    None => {
                        let quantity = if is_tier {
                            share.quantity
                        } else {
                            Quantity::ZERO
                        };
                        merged.insert(share.name.clone(), Share { quantity, ..share });
                    }
                }
            }
        }
        Ok(merged.into_values().collect())
    }

    fn work(&self, share: &Share<'_>) -> Result<view::Work> {
        Ok(view::Work {
            id: share.name.clone(),
            class: share.class.unwrap_or_default().to_owned(),
            settled: share.at,
            quantity: share.quantity,
            share: share.amount,
            decided_by: share.authorship,
            facts: self.facts.named(share.facts, FACTS_MAX)?,
        })
    }

    fn awaited(&self, own: &Awaited) -> view::Awaited {
        view::Awaited {
            component: own.component.clone(),
            document: own.document.word().to_owned(),
            subject: own.subject.clone(),
            period: self.period(own.period),
            command: format!(
                "piecework publish {} FILE --customer {} --by ROLE",
                own.document.word(),
                self.statement.customer
            ),
        }
    }

    fn adjustment(&self, line: &Line) -> Result<view::Adjustment> {
        let (old_quantity, old_amount) = line.before.unzip();
        let (new_quantity, new_amount) = line.after.unzip();
        let zero = Amount::zero(self.statement.currency);
        let cell = line.cell.to_string();
        let origin = self
            .held
            .standing()
            .filter(|issued| issued.cells.iter().any(|stated| stated.cell == cell))
            .map(|issued| issued.number.clone())
            .next();
        Ok(view::Adjustment {
            cell: self.cell(&line.cell),
            description: self.description(&line.cell.component, &[line]),
            old_quantity,
            new_quantity,
            old_amount: old_amount.unwrap_or(zero),
            new_amount: new_amount.unwrap_or(zero),
            difference: line.amount,
            origin,
            works: line.works.clone(),
            causes: self.facts.named(&line.causes, FACTS_MAX)?,
            command: format!("{} --line {}", self.command("explain"), line.cell.component),
        })
    }

    fn cell(&self, key: &CellKey) -> view::Cell {
        let periods = self
            .component(&key.component)
            .map(|component| component.every);
        let period = periods
            .and_then(|every| {
                self.held
                    .agreement
                    .rating_periods(every, self.statement.cut)
                    .into_iter()
                    .find(|period| period.start.at == key.period)
            })
            .map_or(self.statement.service, |period| {
                (period.start.at, period.end.at)
            });
        view::Cell {
            component: key.component.clone(),
            period: self.period(period),
            version: key.version,
            part: part(&key.part),
            tax_category: self.held.tax_category(key).map(str::to_owned),
        }
    }

    /// The component of that id in the latest version that has it.
    fn component(&self, id: &str) -> Option<&Component> {
        self.held
            .agreement
            .versions
            .iter()
            .rev()
            .find_map(|version| version.component(id))
    }

    fn description(&self, component: &str, cells: &[&Line]) -> String {
        if component == CREDIT {
            let mut notes: Vec<&str> = cells
                .iter()
                .filter_map(|line| line.note.as_deref())
                .collect();
            notes.dedup();
            return format!("Credit: {}", notes.join("; "));
        }
        if component == TOTALS {
            let said = |line: &&Line| match &line.note {
                Some(note) => format!("{} ({note})", part(&line.cell.part)),
                None => part(&line.cell.part),
            };
            let parts: Vec<String> = cells.iter().map(said).collect();
            return capitalised(&parts.join(", "));
        }
        let name = capitalised(&component.replace(['-', '_'], " "));
        match self.component(component).map(|component| &component.terms) {
            Some(Terms::Outcome(outcome)) => {
                let question = self
                    .held
                    .agreement
                    .latest()
                    .terms
                    .definitions
                    .get(&outcome.unit)
                    .map(|definition| definition.question.clone());
                question.map_or(name.clone(), |question| format!("{name}: {question}"))
            }
            // What was published decides these, and the line says which document.
            Some(Terms::Risk(_) | Terms::ServiceLevel(_) | Terms::Aggregate(_)) => {
                let notes = cells.iter().filter_map(|line| line.note.as_deref());
                let mut all: Vec<&str> = notes.collect();
                all.dedup();
                match all.is_empty() {
                    true => name,
                    false => format!("{name}: {}", all.join("; ")),
                }
            }
            _ => name,
        }
    }

    fn noun(&self, component: &str) -> Option<String> {
        Some(match &self.component(component)?.terms {
            Terms::Seats(_) => "seat-days".to_owned(),
            Terms::Metered(metered) => metered.meter.clone(),
            Terms::Outcome(_) | Terms::Risk(_) | Terms::Indemnity(_) => "works".to_owned(),
            Terms::Platform(_) | Terms::ServiceLevel(_) | Terms::Aggregate(_) => return None,
        })
    }

    fn documents(&self) -> Vec<view::Document> {
        let terms = &self.held.agreement.latest().terms;
        let mut documents = vec![
            view::Document {
                name: format!("contract {}", self.statement.contract),
                digest: terms.contract.digest.to_string(),
            },
            view::Document {
                name: "plan".to_owned(),
                digest: terms.plan.to_string(),
            },
        ];
        documents.extend(terms.definitions.values().map(|definition| view::Document {
            name: format!("definition {}", definition.id),
            digest: definition.digest.to_string(),
        }));
        documents
    }
}

/// Who sells and who buys, as the contract names them; by the configuration where it does not.
pub(crate) fn sides(book: &Book, customer: &str, invoice: &Invoice) -> (view::Party, view::Party) {
    let side = |own: Option<&Party>, id: &str, name: String| view::Party {
        name: own.map_or(name, |own| own.name.clone()),
        id: id.to_owned(),
        details: own.map(details).unwrap_or_default(),
    };
    let vendor = book.config.vendor.clone();
    let vendor = vendor.unwrap_or_else(|| "The seller".to_owned());
    (
        side(invoice.seller.as_ref(), "seller", vendor),
        side(
            invoice.buyer.as_ref(),
            customer,
            book.customer_name(customer),
        ),
    )
}

fn details(own: &Party) -> Vec<String> {
    let attention = own
        .attention
        .iter()
        .map(|role| format!("Attention: {role}"));
    let tax_id = own.tax_id.iter().map(|id| format!("Tax id: {id}"));
    (attention.chain(own.address.iter().cloned()).chain(tax_id)).collect()
}

/// What people call a work: its scope, without the definition and the event that opened it.
pub fn work_name(unit: &str) -> &str {
    let Some((_, rest)) = unit.split_once('[') else {
        return unit;
    };
    rest.split_once("]@").map_or(unit, |(scope, _)| scope)
}

/// The money of works by who authored the deciding fact; what was agreed is not among it.
pub fn authorship(owed: &Owed, statement: &Statement) -> Result<Vec<view::AuthorshipShare>> {
    let decided: Vec<(Authorship, Amount)> = statement
        .authorship
        .iter()
        .filter_map(|(author, amount)| author.map(|author| (author, *amount)))
        .collect();
    let total = Amount::sum(
        statement.currency,
        decided.iter().map(|(_, amount)| *amount),
    )?;
    let mut works: BTreeMap<Authorship, i64> = BTreeMap::new();
    let charges = statement.lines.iter();
    for line in charges.filter(|line| line.kind == LineKind::Charge && is_class(&line.cell.part)) {
        let cell = owed.cells.get(&line.cell);
        let of_works = cell.into_iter().flat_map(|cell| cell.contributions.iter());
        for own in of_works.filter(|own| !matches!(own.source, Source::Usage(_))) {
            *works.entry(own.authorship).or_default() += 1;
        }
    }
    let share = |(authorship, amount)| {
        Ok(view::AuthorshipShare {
            authorship,
            amount,
            share: share_of(amount, total)?,
            works: Decimal::from_int(works.get(&authorship).copied().unwrap_or(0)),
            by_signature: (authorship == Authorship::Buyer)
                .then(|| by_signature(statement.by_signature)),
        })
    };
    decided.into_iter().map(share).collect()
}

/// What the buyer's part of a statement's money rests on.
pub fn by_signature(parts: pricing::statement::BySignature) -> view::BySignature {
    view::BySignature {
        signed: parts.signed,
        unsigned: parts.unsigned,
        not_at_hand: parts.not_at_hand,
    }
}

/// The command that signs what a draft contract stands for.
pub fn sign_command(customer: &str, held: &Held) -> String {
    let starts = held.agreement.latest().terms.contract.starts;
    format!("piecework contract sign --customer {customer} --from {starts} --by ROLE")
}

/// `part / whole` with six digits; nothing of nothing is nothing.
pub fn share_of(part: Amount, whole: Amount) -> Result<Decimal> {
    if whole.is_zero() {
        return Ok(Decimal::ZERO);
    }
    let (part, whole) = if whole.is_negative() {
        (part.negated(), whole.negated())
    } else {
        (part, whole)
    };
    Ok(money::Ratio::of(part.value(), whole.value())?.rounded(6, money::Rounding::HalfEven)?)
}

pub(crate) fn surface(surface: Option<Surface>) -> view::Surface {
    match surface {
        Some(Surface::Access) => view::Surface::Access,
        Some(Surface::Usage) => view::Surface::Usage,
        Some(Surface::Outcome) => view::Surface::Outcome,
        Some(Surface::Risk) => view::Surface::Risk,
        None => view::Surface::Terms,
    }
}

/// Whether the quantity of a cell counts units, not what was done to their price.
fn counts(part: &Part) -> bool {
    matches!(
        part,
        Part::Seats(_)
            | Part::Overage(_)
            | Part::Usage(_)
            | Part::Class(..)
            | Part::Included(_)
            | Part::Attempt(_)
    )
}

fn is_class(part: &Part) -> bool {
    matches!(part, Part::Class(_, 0))
}

/// What a grant pays.
fn applied(line: &CreditLine) -> view::AppliedCredit {
    view::AppliedCredit {
        credit: line.lot.to_string(),
        drawn: line.drawn,
        restored: line.restored,
    }
}

/// A part of a component in words.
pub fn part(part: &Part) -> String {
    let tier = |name: &str, tier: u16| match tier {
        0 => name.to_owned(),
        tier => format!("{name}, tier {}", u32::from(tier) + 1),
    };
    match part {
        Part::Fee => "fee".to_owned(),
        Part::Seats(n) => tier("seat-days", *n),
        Part::Overage(n) => tier("beyond what was committed", *n),
        Part::Usage(n) => tier("usage", *n),
        Part::Class(label, n) => tier(label, *n),
        Part::Included(label) if label.is_empty() => "included".to_owned(),
        Part::Included(label) if label == ROLLED => "included, left of earlier periods".to_owned(),
        Part::Included(label) if label == WITH_WORK => {
            "included in the price of its work".to_owned()
        }
        Part::Included(label) => format!("{label}, included"),
        Part::Band(band, label) => format!("{label}, band {}", band.replace(':', " ")),
        Part::Premium(n) => tier("premium", *n),
        Part::Discount(_) => "discount".to_owned(),
        Part::Drawn => "drawn on the minimum commitment".to_owned(),
        Part::Cap => "spend cap".to_owned(),
        Part::Minimum => "minimum commitment".to_owned(),
        Part::Goodwill(..) => "credit".to_owned(),
        Part::Holdback => "held back".to_owned(),
        Part::Attempt(n) => tier("attempts", *n),
        Part::Release => "holdback released".to_owned(),
        Part::ServiceLevel => "paid back for the level that was reached".to_owned(),
        Part::Value => "value over the baseline".to_owned(),
        Part::Opened(_) => "billed before the contract".to_owned(),
        Part::Credited(_, _, cell) => match cell.parse::<CellKey>() {
            Ok(cell) => format!("credited: {}, {}", cell.component, self::part(&cell.part)),
            Err(_) => "credited".to_owned(),
        },
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::work_name;

    #[test]
    fn people_call_a_work_by_its_scope() {
        assert_eq!(work_name("support.case[T-1]@desk:T-1/opened [a]@b"), "T-1");
        assert_eq!(work_name("lead[a,b]@crm:7"), "a,b");
        assert_eq!(work_name("crm:7"), "crm:7");
    }
}
