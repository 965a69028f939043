//! Covers: choosing them, issuing one over the statements that wait, voiding one.

use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;
use pages::view;
use pricing::cover::CoverRefusal;
use work::body::{Control, CoverEntry, Per};

use super::{Acted, control};
use crate::Result;
use crate::book::Book;
use crate::error::Refused;

/// What a customer is sent one document to pay for, from a day on.
#[derive(Debug, Clone, Copy)]
pub struct ChooseCovers<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// All its statements of a day, or each for itself.
    pub per: Per,
    /// The first day that it is for, the last of a statement's period; today where absent.
    pub from: Option<Date>,
    /// Who chose it (a role).
    pub by: &'a str,
    /// The id of the entry; made of its content where absent.
    pub id: Option<&'a str>,
}

/// Which statements become one document to pay.
#[derive(Debug, Clone, Copy)]
pub struct IssueCover<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// Those through this day; where absent, the only day of which some wait.
    pub through: Option<Date>,
    /// Those in this currency; where absent, the only one.
    pub currency: Option<Currency>,
    /// Who issues it (a role).
    pub by: &'a str,
    /// The id of the entry; made of the number where absent.
    pub id: Option<&'a str>,
}

/// Which cover is voided, and why.
#[derive(Debug, Clone, Copy)]
pub struct VoidCover<'a> {
    /// The customer's id.
    pub customer: &'a str,
    /// The printed number.
    pub number: &'a str,
    /// Why.
    pub reason: &'a str,
    /// Who approves it (a role).
    pub by: &'a str,
    /// The id of the entry; made of the number where absent.
    pub id: Option<&'a str>,
}

impl Book {
    /// Writes what a customer chose to be sent one document for.
    ///
    /// # Errors
    /// Where there is no such customer, or the id is another act's.
    pub fn choose_covers(
        &self,
        act: &ChooseCovers<'_>,
        now: Timestamp,
    ) -> Result<Acted<view::CoverChoice>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let today = now.to_zoned(self.books_zone()?).date();
        let from = act.from.unwrap_or(today);
        let chosen = |at, from| view::CoverChoice {
            per: act.per.word().to_owned(),
            from,
            at,
            by: act.by.to_owned(),
        };
        let before = self.done_before(act.customer, act.id, |known, said| match said {
            Control::Cover(CoverEntry::Chosen { per, from, by })
                if *per == act.per && by == act.by && act.from.is_none_or(|own| own == *from) =>
            {
                Some(chosen(known.event.time, *from))
            }
            _ => None,
        })?;
        if let Some(before) = before {
            return Ok(Acted::before(before));
        }
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("covers/{}/{from}/{now}", act.per.word()),
        };
        let entry = Control::Cover(CoverEntry::Chosen {
            per: act.per,
            from,
            by: act.by.to_owned(),
        });
        self.write(&[control(act.customer, id, now, entry)], now)?;
        Ok(Acted::now(chosen(now, from)))
    }

    /// Issues a cover over all statements that wait for it.
    ///
    /// # Errors
    /// [`Refused`] where none waits, or where it is not said which.
    pub fn issue_cover(&self, act: &IssueCover<'_>, now: Timestamp) -> Result<Acted<view::Cover>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let before = self.done_before(act.customer, act.id, |_, said| match said {
            Control::Cover(CoverEntry::Issued {
                number,
                through,
                total,
                by,
                ..
            }) if by == act.by
                && act.through.is_none_or(|own| own == *through)
                && act.currency.is_none_or(|own| own == total.currency()) =>
            {
                Some(number.clone())
            }
            _ => None,
        })?;
        if let Some(number) = before {
            return Ok(Acted::before(self.cover(act.customer, &number)?));
        }
        let account = self.account(act.customer, None)?;
        let (through, currency) = act.only_awaited(account.awaited_covers())?;
        let entry = account.draft_cover(through, currency, act.by)?;
        let entry = entry.ok_or(CoverRefusal::Nothing { through, currency })?;
        let number = account.next_cover();
        let id = act.id.map_or(format!("cover/{number}"), str::to_owned);
        let entry = Control::Cover(entry);
        self.write(&[control(act.customer, id, now, entry)], now)?;
        drop(account);
        Ok(Acted::now(self.cover(act.customer, &number)?))
    }

    /// Voids a cover: its statements stand, and wait for another.
    ///
    /// # Errors
    /// [`Refused`] where it is not there, voided already, or paid on.
    pub fn void_cover(&self, act: &VoidCover<'_>, now: Timestamp) -> Result<Acted<view::Cover>> {
        self.chosen(Some(act.customer))?;
        let _turn = self.turns.take(act.customer);
        let entry = Control::Cover(CoverEntry::Voided {
            number: act.number.to_owned(),
            reason: act.reason.to_owned(),
            by: act.by.to_owned(),
        });
        let is_known = self.done_before(act.customer, act.id, |_, said| {
            (*said == entry).then_some(())
        })?;
        if is_known.is_some() {
            return Ok(Acted::before(self.cover(act.customer, act.number)?));
        }
        let account = self.account(act.customer, None)?;
        account.may_void_cover(act.number)?;
        let id = match act.id {
            Some(id) => id.to_owned(),
            None => format!("cover/{}/void", act.number),
        };
        self.write(&[control(act.customer, id, now, entry)], now)?;
        drop(account);
        Ok(Acted::now(self.cover(act.customer, act.number)?))
    }
}

impl IssueCover<'_> {
    /// The one day and currency that is meant, of those that statements wait for.
    fn only_awaited(&self, awaited: Vec<(Date, Currency)>) -> Result<(Date, Currency)> {
        let is_meant = |own: &(Date, Currency)| {
            self.through.is_none_or(|day| day == own.0)
                && self.currency.is_none_or(|currency| currency == own.1)
        };
        let meant: Vec<(Date, Currency)> = awaited.into_iter().filter(is_meant).collect();
        match meant.as_slice() {
            [only] => Ok(*only),
            several => {
                let several = several.iter();
                let customer = self.customer.to_owned();
                let awaited: Vec<String> = several
                    .map(|(day, currency)| format!("{currency} through {day}"))
                    .collect();
                Err(Refused::WhichCover { customer, awaited }.into())
            }
        }
    }
}
