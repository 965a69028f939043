//! Crediting a statement or a line of it: a decision, whose amount follows from what is still charged of it
//! (semantics.md D6).

use jiff::Timestamp;
use money::Amount;
use pages::view;
use serde::Serialize;
use work::Digest;
use work::body::Control;

use super::{Acted, control};
use crate::Result;
use crate::approvals::{Effect, Leave, LimitedAct, Request};
use crate::book::Book;
use crate::error::Absent;

/// What of which statement is not to be paid.
#[derive(Debug, Clone, Copy)]
pub struct CreditStatement<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The printed number.
    pub number: &'a str,
    /// The line, by its component or by the key of its cell; the whole statement where absent.
    pub line: Option<&'a str>,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// Id of the API key that it is asked for with; nothing where it is no key.
    pub key: Option<&'a str>,
    /// The id of the entry; made of its content where absent.
    pub id: Option<&'a str>,
}

/// A statement of which something was credited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credited {
    /// The customer's id.
    pub customer: String,
    /// The printed number.
    pub statement: String,
    /// The keys of the cells of the lines; nothing for the whole statement.
    pub lines: Vec<String>,
    /// What the statement charged of it. The next statement gives back what of it is still charged.
    #[serde(serialize_with = "view::json::amount")]
    pub charged: Amount,
    /// Why.
    pub reason: String,
    /// Who approved it (a role).
    pub by: String,
}

impl Book {
    /// Credits a statement, or a line of it.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or statement; [`Refused`](crate::error::Refused) where it is
    /// voided, or has no such line.
    pub fn credit_statement(
        &self,
        act: &CreditStatement<'_>,
        now: Timestamp,
    ) -> Result<Acted<Credited>> {
        self.credit_statement_under(act, &Leave::Asked, now)
    }

    pub(crate) fn credit_statement_under(
        &self,
        act: &CreditStatement<'_>,
        leave: &Leave,
        now: Timestamp,
    ) -> Result<Acted<Credited>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let account = self.account(act.customer, None)?;
        let Some((held, issued)) = account.statement(act.number) else {
            return Err(Absent::Statement {
                customer: act.customer.to_owned(),
                number: act.number.to_owned(),
            }
            .into());
        };
        let currency = held.agreement.latest().terms.contract.currency;
        let lines = act.line.map(|line| {
            let groups = issued.charged().map(|(key, _)| key.group());
            let groups = groups.filter(|key| key.component == line);
            let mut named: Vec<String> = groups.map(|key| key.to_string()).collect();
            named.dedup();
            if named.is_empty() {
                named.push(line.to_owned());
            }
            named
        });
        let each: Vec<Option<&str>> = match &lines {
            None => vec![None],
            Some(lines) => lines.iter().map(|line| Some(line.as_str())).collect(),
        };
        let mut entries = Vec::new();
        let mut charged = Amount::zero(currency);
        for line in &each {
            let (_, stated) = account.may_credit(act.number, *line)?;
            let sum = Amount::sum(currency, stated.iter().map(|(_, amount)| *amount))?;
            charged = charged.plus(sum)?;
            entries.push(Control::StatementCredited {
                number: act.number.to_owned(),
                line: line.map(str::to_owned),
                reason: act.reason.to_owned(),
                by: act.by.to_owned(),
            });
        }
        let credited = Credited {
            customer: act.customer.to_owned(),
            statement: act.number.to_owned(),
            lines: lines.clone().unwrap_or_default(),
            charged,
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        };
        let first = entries[0].clone(); // one line at least, or the whole
        let before = self.done_before(act.customer, act.id, |_, said| {
            (*said == first).then(|| credited.clone())
        })?;
        if let Some(before) = before {
            return Ok(Acted::before(before));
        }
        let mut written = self.leave(leave, &act.effect(&credited), now)?;
        let id = |index: usize| match (act.id, index) {
            (Some(id), 0) => id.to_owned(),
            (Some(id), index) => format!("{id}/{index}"),
            (None, index) => {
                // The same decision at the same instant is the same decision.
                let line = each[index].unwrap_or_default();
                let content = format!("{}/{line}/{}/{}/{now}", act.number, act.reason, act.by);
                format!("credited/{}", Digest::of(content.as_bytes()).short())
            }
        };
        let entries = entries.into_iter().enumerate();
        written.extend(entries.map(|(index, entry)| control(act.customer, id(index), now, entry)));
        self.write(&written, now)?;
        Ok(Acted::now(credited))
    }
}

impl CreditStatement<'_> {
    /// What the decision does, for whoever has to approve it.
    fn effect(&self, credited: &Credited) -> Effect<'_> {
        let of = match self.line {
            Some(line) => format!("{line} of {}", self.number),
            None => self.number.to_owned(),
        };
        let charged = credited.charged;
        let mut parts = vec![self.number.to_owned(), charged.to_string()];
        parts.extend(credited.lines.iter().cloned());
        Effect {
            customer: self.customer,
            act: LimitedAct::Decision,
            amount: charged,
            what: format!("credit {of}, which charges {charged}: {}", self.reason),
            before: Some(charged.to_string()),
            after: Some("not to be paid".to_owned()),
            parts,
            request: Request::CreditStatement {
                number: self.number.to_owned(),
                line: self.line.map(str::to_owned),
                reason: self.reason.to_owned(),
                id: self.id.map(str::to_owned),
            },
            by: self.by,
            key: self.key,
        }
    }
}
