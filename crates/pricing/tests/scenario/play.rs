//! Plays a scenario: writes what arrives into a log and draws the statements.

use jiff::Timestamp;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Amount;
use piecework_pricing::Statement;
use piecework_pricing::account::Account;
use piecework_pricing::contract::{InForce, Opening};
use piecework_pricing::cover::CoverRefusal;
use piecework_pricing::plan::check::check;
use piecework_pricing::published::Document;
use piecework_pricing::receivable::{Ledger, Moved, over_cover};
use piecework_pricing::statement::{Issue, draw_up};
use piecework_pricing::{Contract, Plan};
use work::body::{
    Action, Audience, Body, Control, CoverEntry, DocumentKind, Grant, GrantAmended, GrantScope,
    Payment, RESTORE_DAYS,
};
use work::effective::Content;
use work::event::{Authorship, PIECEWORK};
use work::{Definition, Digest, Event, Headers};

use super::file::{CONTRACT, CUSTOMER, Expected, File, Texts, starts};
use super::timeline::{Line, Terms, What, instant, read};

/// A log, what was drawn up from it, and when each entry arrived.
#[derive(Default)]
pub struct Played {
    pub contents: Vec<Content>,
    pub received: Vec<Timestamp>,
    pub drawn: Vec<Drawn>,
    control: u64,
}

/// A statement that was drawn up.
pub struct Drawn {
    /// Entries that it was drawn up from.
    pub coverage: usize,
    pub statement: Statement,
    /// The place of what is expected, in the file.
    pub expected: Option<usize>,
    /// Its number, where it was issued.
    pub number: Option<String>,
}

/// Plays a scenario.
pub fn play(file: &File) -> Result<Played, String> {
    play_with(file, false)
}

/// Plays a scenario in which whatever is refused is left out.
pub fn play_leniently(file: &File) -> Result<Played, String> {
    play_with(file, true)
}

fn play_with(file: &File, is_lenient: bool) -> Result<Played, String> {
    let definitions = file.definitions()?;
    let every = file.scenario.every_event.as_deref().unwrap_or("");
    let lines = read(&file.scenario.timeline, &file.zone, &definitions, every)?;
    let mut player = Player::new(file)?;
    player.begin()?;
    for line in &lines {
        player.draw_before(line.arrival, &lines)?;
        match player.line(line) {
            Err(error) if !is_lenient => {
                return Err(format!("timeline, line {}: {error}", line.number));
            }
            _ => {}
        }
    }
    player.draw_before(Timestamp::MAX, &lines)?;
    Ok(player.played)
}

/// What was played so far.
pub struct Player<'a> {
    file: &'a File,
    /// The cuts of the expected statements.
    cuts: Vec<Timestamp>,
    pub played: Played,
}

impl<'a> Player<'a> {
    fn new(file: &'a File) -> Result<Player<'a>, String> {
        let cuts = file.scenario.statement.iter();
        let cuts = cuts.map(|expected| instant(expected.cut.get_ref(), &file.zone));
        Ok(Player {
            file,
            cuts: cuts.collect::<Result<_, _>>()?,
            played: Played::default(),
        })
    }

    /// Publishes the documents of the contract, and signs it.
    fn begin(&mut self) -> Result<(), String> {
        let start: Date = starts(&self.file.texts.contract);
        let signed = start.saturating_sub(14.days());
        let at = self.file.zone.to_timestamp(signed.at(9, 0, 0, 0)).unwrap();
        self.sign(&self.file.texts.clone(), at)
    }

    /// Draws the statements whose cut is not after an instant, where the timeline does not say when.
    fn draw_before(&mut self, arrival: Timestamp, lines: &[Line]) -> Result<(), String> {
        for (index, expected) in self.file.scenario.statement.iter().enumerate() {
            let cut = self.cuts[index];
            let id = expected.contract.as_deref().unwrap_or(CONTRACT);
            let is_told = |line: &Line| match &line.what {
                What::Issue {
                    contract,
                    cut: told,
                } => *told == cut && contract.as_deref().unwrap_or(CONTRACT) == id,
                _ => false,
            };
            let is_drawn = |drawn: &Drawn| drawn.expected == Some(index);
            if cut > arrival || self.played.drawn.iter().any(is_drawn) {
                continue;
            }
            // Of several statements of one cut the first is issued at the cut, the others as told.
            let told = lines.iter().filter(|line| is_told(line)).count();
            let of_this_cut = |(other, own): (usize, &Expected)| {
                self.cuts[other] == cut
                    && !own.preview
                    && own.contract.as_deref().unwrap_or(CONTRACT) == id
            };
            let all = self.file.scenario.statement.iter().enumerate();
            let nth = all
                .clone()
                .take(index)
                .filter(|own| of_this_cut(*own))
                .count();
            let all = all.filter(|own| of_this_cut(*own)).count();
            if !expected.preview && nth >= all.saturating_sub(told) {
                continue;
            }
            self.draw(id, cut, Some(index), (!expected.preview).then_some(cut))?;
        }
        Ok(())
    }

    fn draw(
        &mut self,
        contract: &str,
        cut: Timestamp,
        expected: Option<usize>,
        issued_at: Option<Timestamp>,
    ) -> Result<(), String> {
        let contents = &self.played.contents;
        let coverage = contents.len();
        let statement = draw_up(CUSTOMER, contents, None, contract, cut)
            .map_err(|error| format!("the statement of {cut}: {error}"))?;
        let mut number = None;
        if let Some(at) = issued_at {
            let account = self.account();
            let held = account.contract(contract).unwrap();
            let next = account.next_number(held);
            let issue = Issue {
                number: &next,
                coverage: account.coverage,
                carry: Digest::of(b"a carry"),
                at,
                by: "finance",
            };
            for entry in statement.issue(&issue).map_err(|error| error.to_string())? {
                self.push(entry, at);
            }
            number = Some(next);
        }
        self.played.drawn.push(Drawn {
            coverage,
            statement,
            expected,
            number,
        });
        Ok(())
    }

    /// The account of everything that arrived.
    pub fn account(&self) -> Account {
        Account::fold(CUSTOMER, self.played.contents.clone(), None)
    }

    /// Writes an entry; the same content under the same id once.
    fn push(&mut self, event: Event, received: Timestamp) {
        let known = self.played.contents.iter().any(|own| own.event == event);
        if known {
            return;
        }
        let entry = u64::try_from(self.played.contents.len()).unwrap();
        self.played.contents.push(Content { entry, event });
        self.played.received.push(received);
    }

    fn control(&mut self, control: Control, at: Timestamp) {
        self.control_as(None, control, at);
    }

    /// Writes a control entry, under a name where it has one.
    pub fn control_as(&mut self, name: Option<String>, control: Control, at: Timestamp) {
        self.played.control += 1;
        let numbered = || format!("control-{}", self.played.control);
        let event = Event {
            id: name.unwrap_or_else(numbered).into(),
            source: PIECEWORK.into(),
            customer: CUSTOMER.into(),
            time: at,
            work: None,
            traceparent: None,
            signature: None,
            authorship: Authorship::Seller,
            headers: Headers::default(),
            body: Body::Control(control),
        };
        self.push(event, at);
    }

    fn publish(&mut self, texts: &Texts, at: Timestamp) {
        let documents = std::iter::once((DocumentKind::Plan, &texts.plan))
            .chain(
                texts
                    .definitions
                    .iter()
                    .map(|text| (DocumentKind::Definition, text)),
            )
            .chain([(DocumentKind::Contract, &texts.contract)]);
        for (document, text) in documents {
            let is_published = self.played.contents.iter().any(|content| {
                matches!(&content.event.body,
                    Body::Control(Control::DocumentPublished { text: own, .. }) if own == text)
            });
            if is_published {
                continue;
            }
            let (text, audience, by) = (text.clone(), Audience::Shared, "finance".to_owned());
            let published = Control::DocumentPublished {
                document,
                text,
                audience,
                by,
            };
            self.control(published, at);
        }
    }

    fn publish_numbers(&mut self, name: &str, at: Timestamp) -> Result<(), String> {
        let published = self.file.scenario.published.get(name);
        let own = published.ok_or_else(|| format!("there is no [published.{name}]"))?;
        let words = DocumentKind::WORDS
            .iter()
            .find(|(word, _)| *word == own.kind);
        let (_, document) = *words.ok_or_else(|| format!("`{}` is no document", own.kind))?;
        let read = Document::parse(document, &own.text).map_err(|error| format!("{error:#?}"))?;
        self.account()
            .may_publish(&read)
            .map_err(|error| error.to_string())?;
        let published = Control::DocumentPublished {
            document,
            text: own.text.clone(),
            audience: Audience::Shared,
            by: "finance".to_owned(),
        };
        self.control(published, at);
        Ok(())
    }

    fn sign(&mut self, texts: &Texts, at: Timestamp) -> Result<(), String> {
        let terms = in_force(texts)?;
        let account = self.account();
        account
            .may_sign(&terms)
            .map_err(|error| error.to_string())?;
        self.publish(texts, at);
        let signed = Control::ContractSigned {
            contract: texts.id.clone(),
            document: Digest::of(texts.contract.as_bytes()),
            by: "buyer".to_owned(),
        };
        self.control(signed, at);
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<(), String> {
        let done = self.what(line);
        match (done, &line.refused) {
            (Ok(()), None) => Ok(()),
            (Err(error), Some(told)) if error.contains(told.as_str()) => Ok(()),
            (Err(error), Some(told)) => Err(format!("refused, but not with `{told}`: {error}")),
            (Ok(()), Some(_)) => Err("it is not refused".to_owned()),
            (Err(error), None) => Err(error),
        }
    }

    fn what(&mut self, line: &Line) -> Result<(), String> {
        let at = line.arrival;
        match &line.what {
            What::Events(events) => {
                for event in events {
                    event.check_arrival(at).map_err(|error| error.to_string())?;
                    self.push(event.clone(), at);
                }
            }
            What::Withdraw(id) => self.correct(line, id, 1, Action::Void, None)?,
            What::Replace(id, event) => {
                let mut event = event.clone();
                event.id = id.as_str().into();
                self.correct(line, id, 1, Action::Replace, Some(event))?;
            }
            What::Choose(id, which) => self.correct(line, id, *which, Action::Choose, None)?,
            What::Sign(name) => {
                let texts = self.further(name)?;
                self.sign(&texts, at)?;
            }
            What::Publish(name) => self.publish_numbers(name, at)?,
            What::Amend {
                name,
                from,
                reprice,
            } => {
                let texts = self.further(name)?;
                let terms = in_force(&texts)?;
                self.account()
                    .may_amend(&texts.id, &terms, *from, reprice.is_some())
                    .map_err(|error| error.to_string())?;
                self.publish(&texts, at);
                let amended = Control::ContractAmended {
                    contract: texts.id,
                    document: Digest::of(texts.contract.as_bytes()),
                    effective: *from,
                    reprice: reprice.clone(),
                    by: "buyer".to_owned(),
                };
                self.control(amended, at);
            }
            What::Open => {
                let own = self.file.scenario.opening.as_deref();
                let own = own.ok_or("the scenario has no `opening`")?;
                let currency = in_force(&self.file.texts)?.contract.currency;
                let text = format!(
                    "contract = \"{CONTRACT}\"\ncurrency = \"{currency}\"\nsystem = \"the former system\"\n{own}"
                );
                let opening = Opening::parse(&text).map_err(|error| format!("{error:#?}"))?;
                self.account()
                    .may_open(CONTRACT, &opening, "buyer", at)
                    .map_err(|error| error.to_string())?;
                let document = Control::DocumentPublished {
                    document: DocumentKind::Opening,
                    text,
                    audience: Audience::Shared,
                    by: "finance".to_owned(),
                };
                self.control(document, at);
                let opened = Control::ContractOpened {
                    contract: CONTRACT.to_owned(),
                    document: opening.digest,
                    by: "buyer".to_owned(),
                };
                self.control(opened, at);
            }
            What::End { contract, from } => {
                let ended = Control::ContractEnded {
                    contract: contract.clone().unwrap_or_else(|| CONTRACT.to_owned()),
                    effective: *from,
                    by: "buyer".to_owned(),
                };
                self.control(ended, at);
            }
            What::Issue { contract, cut } => {
                let id = contract.as_deref().unwrap_or(CONTRACT);
                let expected = self.expected(id, *cut);
                self.draw(id, *cut, expected, Some(at))?;
            }
            What::Void(number) => {
                let number = self.number(*number)?;
                self.account()
                    .may_void(&number)
                    .map_err(|error| error.to_string())?;
                let voided = Control::StatementVoided {
                    number,
                    reason: "wrong".to_owned(),
                    by: "finance".to_owned(),
                };
                self.control(voided, at);
            }
            What::Credit { amount, reason } => {
                let credit = Control::CreditIssued {
                    contract: CONTRACT.to_owned(),
                    amount: self.amount(amount)?,
                    reason: reason.clone(),
                    by: "finance".to_owned(),
                };
                self.control(credit, at);
            }
            What::CreditStatement {
                component,
                number,
                reason,
            } => {
                let number = self.number(*number)?;
                let account = self.account();
                let (_, issued) = account.statement(&number).ok_or("no such statement")?;
                let mut lines = vec![None];
                if let Some(component) = component {
                    let groups = issued.charged().map(|(key, _)| key.group());
                    let groups = groups.filter(|key| key.component == *component);
                    lines = groups.map(|key| Some(key.to_string())).collect();
                    lines.dedup();
                }
                for line in lines {
                    account
                        .may_credit(&number, line.as_deref())
                        .map_err(|error| error.to_string())?;
                    let credited = Control::StatementCredited {
                        number: number.clone(),
                        line,
                        reason: reason.clone(),
                        by: "finance".to_owned(),
                    };
                    self.control(credited, at);
                }
            }
            What::Money(money) => self.move_money(money, at)?,
            What::Covers { per, from } => {
                let chosen = CoverEntry::Chosen {
                    per: *per,
                    from: *from,
                    by: "buyer".to_owned(),
                };
                self.control(Control::Cover(chosen), at);
            }
            What::Cover { through, currency } => {
                let plan = Plan::parse(&self.file.texts.plan).map_err(|e| format!("{e:#?}"))?;
                let currency = currency.as_deref().map(str::parse).transpose();
                let currency = currency.map_err(|error| format!("{error}"))?;
                let currency = currency.unwrap_or(plan.currency);
                let drafted = self.account().draft_cover(*through, currency, "finance");
                let drafted = drafted.map_err(|error| error.to_string())?;
                let (through, drafted) = (*through, drafted);
                let entry = drafted
                    .ok_or_else(|| CoverRefusal::Nothing { through, currency }.to_string())?;
                self.control(Control::Cover(entry), at);
            }
            What::VoidCover(number) => {
                let number = self.cover(*number)?;
                self.account()
                    .may_void_cover(&number)
                    .map_err(|error| error.to_string())?;
                let voided = CoverEntry::Voided {
                    number,
                    reason: "wrong".to_owned(),
                    by: "finance".to_owned(),
                };
                self.control(Control::Cover(voided), at);
            }
            What::PayCover { amount, number } => {
                let cover = self.cover(*number)?;
                let amount = self.amount(amount)?;
                let ledger = Ledger::of(&self.account(), at).map_err(|error| error.to_string())?;
                let paid = Payment {
                    amount,
                    statement: None,
                    allocations: over_cover(&ledger, &cover, amount)
                        .map_err(|error| error.to_string())?,
                    reference: None,
                };
                self.account()
                    .may_move(&Moved::Paid(paid.clone()))
                    .map_err(|error| error.to_string())?;
                self.control(Control::PaymentRecorded(paid), at);
            }
            What::Grant(terms) => {
                let grant = self.grant(terms)?;
                self.control(Control::CreditGranted(grant), at);
                // Whether it may be given is asked of what the log makes of it.
                let flags = self.account().flags;
                let own = self.played.contents.last().map(|content| content.entry);
                if let Some(flag) = flags.into_iter().find(|flag| Some(flag.entry) == own) {
                    self.played.contents.pop();
                    self.played.received.pop();
                    return Err(flag.problem);
                }
            }
            What::Regrant(terms, reason) => {
                let amount = terms.amount.as_deref().map(|text| self.amount(text));
                let amended = GrantAmended {
                    grant: terms.grant.clone(),
                    amount: amount.transpose()?,
                    priority: terms.priority,
                    expires: terms.expires,
                    reason: reason.clone(),
                    by: "finance".to_owned(),
                };
                self.account()
                    .may_amend_grant(&amended)
                    .map_err(|error| error.to_string())?;
                self.control(Control::CreditAmended(amended), at);
            }
            What::VoidGrant(grant, reason) => {
                self.account()
                    .may_void_grant(grant)
                    .map_err(|error| error.to_string())?;
                let voided = Control::CreditVoided {
                    grant: grant.clone(),
                    reason: reason.clone(),
                    by: "finance".to_owned(),
                };
                self.control(voided, at);
            }
        }
        Ok(())
    }

    fn grant(&self, terms: &Terms) -> Result<Grant, String> {
        let paid = terms.paid.as_deref().map(|text| self.amount(text));
        Ok(Grant {
            grant: terms.grant.clone(),
            contract: terms.contract.clone(),
            amount: self.amount(terms.amount.as_deref().unwrap_or_default())?,
            paid: paid.transpose()?,
            priority: terms.priority.unwrap_or_default(),
            starts: terms.starts,
            expires: terms.expires,
            scope: GrantScope {
                surfaces: terms.surfaces.clone(),
                components: terms.components.clone(),
            },
            restore_days: terms.restore_days.unwrap_or(RESTORE_DAYS),
            by: "finance".to_owned(),
        })
    }

    /// The first statement of a cut that is expected and not drawn yet.
    fn expected(&self, id: &str, cut: Timestamp) -> Option<usize> {
        let expected = self.file.scenario.statement.iter().enumerate();
        let mut open = expected.filter(|(index, expected)| {
            self.cuts[*index] == cut
                && !expected.preview
                && expected.contract.as_deref().unwrap_or(CONTRACT) == id
                && !self
                    .played
                    .drawn
                    .iter()
                    .any(|drawn| drawn.expected == Some(*index))
        });
        open.next().map(|(index, _)| index)
    }

    fn further(&self, name: &str) -> Result<Texts, String> {
        let found = self.file.further.get(name);
        found
            .cloned()
            .ok_or_else(|| format!("there is no `[further.{name}]` in the file"))
    }

    /// The printed number of the n-th statement issued.
    pub fn number(&self, nth: usize) -> Result<String, String> {
        let mut issued = self
            .played
            .drawn
            .iter()
            .filter_map(|own| own.number.as_ref());
        issued
            .nth(nth.wrapping_sub(1))
            .cloned()
            .ok_or_else(|| format!("no statement {nth} was issued yet"))
    }

    /// The printed number of the n-th cover issued.
    fn cover(&self, nth: usize) -> Result<String, String> {
        let covers = self.account().covers;
        let found = covers.get(nth.wrapping_sub(1));
        let number = found.map(|own| own.number.clone());
        number.ok_or_else(|| format!("no cover {nth} was issued yet"))
    }

    /// An amount in the plan's currency.
    pub fn amount(&self, text: &str) -> Result<Amount, String> {
        let plan = Plan::parse(&self.file.texts.plan).map_err(|error| format!("{error:#?}"))?;
        let number = text.parse().map_err(|_| format!("`{text}` is no amount"))?;
        Ok(Amount::new(number, plan.currency))
    }

    fn correct(
        &mut self,
        line: &Line,
        id: &str,
        which: usize,
        action: Action,
        replacement: Option<Box<Event>>,
    ) -> Result<(), String> {
        // A replacement is itself a content that may be corrected: the last one stands.
        let contents = self.played.contents.iter().map(|content| &content.event);
        let mut own: Vec<Event> = Vec::new();
        for event in contents {
            match &event.body {
                Body::Corrected {
                    replacement: Some(replacement),
                    ..
                } if replacement.id == id && action != Action::Choose => {
                    own = vec![(**replacement).clone()];
                }
                _ if event.id == id => own.push(event.clone()),
                _ => {}
            }
        }
        let target = own
            .get(which.wrapping_sub(1))
            .ok_or_else(|| format!("nothing arrived under `id={id}` before"))?;
        let event = Event {
            id: format!("correction-{:03}", line.number).into(),
            source: "desk".into(),
            time: line.arrival,
            work: None,
            headers: Headers::default(),
            body: Body::Corrected {
                target_source: target.source.clone(),
                target_id: target.id.clone(),
                target_digest: target.digest(),
                target_kind: target.body.tag(),
                action,
                replacement: replacement.map(|mut event| {
                    event.source = target.source.clone();
                    event
                }),
                reason: None,
            },
            ..target.clone()
        };
        self.push(event, line.arrival);
        Ok(())
    }
}

/// The terms that documents make.
fn in_force(texts: &Texts) -> Result<InForce, String> {
    let contract = Contract::parse(&texts.contract).map_err(|error| format!("{error:#?}"))?;
    let plan = Plan::parse(&texts.plan).map_err(|error| format!("{error:#?}"))?;
    let definitions: Vec<Definition> = texts
        .definitions
        .iter()
        .map(|text| Definition::parse(text).map_err(|error| format!("{error:#?}")))
        .collect::<Result<_, _>>()?;
    let definitions: Vec<&Definition> = definitions.iter().collect();
    let terms = contract
        .resolve(&plan, &definitions)
        .map_err(|error| format!("{error:#?}"))?;
    // What publishing refuses no scenario sells.
    let faults = check(&terms.components, &definitions);
    match faults.as_slice() {
        [] => Ok(terms),
        faults => Err(format!("{faults:#?}")),
    }
}

/// The zone that dates of a statement are shown in.
pub fn date(at: Timestamp, zone: &TimeZone) -> String {
    let zoned = at.to_zoned(zone.clone());
    let is_midnight = zoned
        .start_of_day()
        .is_ok_and(|start| start.timestamp() == at);
    let form = if is_midnight { "%F" } else { "%F %H:%M" };
    zoned.strftime(form).to_string()
}
