//! The bridge from the last statement to one that was issued: both as they were issued, from what was known then.

use pages::view;
use pricing::account::{Held, Issued};
use pricing::bridge::{Bridge, Cause, Side, bridge};
use pricing::statement::Statement;

use crate::Result;
use crate::accounts;
use crate::book::Book;
use crate::error::Absent;
use crate::statements::Known;

impl Book {
    /// Why the total of a statement is another than that of the last one of its contract: the one with the latest
    /// earlier cut that stood when this one was issued.
    ///
    /// # Errors
    /// [`Absent`] where there is no such customer or statement; where an amount does not fit.
    pub fn bridge(&self, customer: &str, number: &str) -> Result<view::Bridge> {
        self.chosen(Some(customer))?;
        let account = self.account(customer, None)?;
        let (held, issued) = account.statement(number).ok_or_else(|| Absent::Statement {
            customer: customer.to_owned(),
            number: number.to_owned(),
        })?;
        let contract = &held.agreement.id;
        let now = Known::until(self, customer, issued.coverage)?;
        let now_held = accounts::contract(&now.account, Some(contract))?;
        let statement = now.draw(self, now_held, issued.cut)?;
        let of_now = Side {
            statement: &statement,
            agreement: &now_held.agreement,
        };
        let Some(last) = last(now_held, issued) else {
            return shown(
                &bridge(None, of_now)?,
                (customer, contract),
                None,
                (issued, &statement),
            );
        };
        let then = Known::until(self, customer, last.coverage)?;
        let then_held = accounts::contract(&then.account, Some(contract))?;
        let before = then.draw(self, then_held, last.cut)?;
        let of_then = Side {
            statement: &before,
            agreement: &then_held.agreement,
        };
        let bridge = bridge(Some(of_then), of_now)?;
        let last = Some((last, &before));
        shown(&bridge, (customer, contract), last, (issued, &statement))
    }
}

/// The statement that one follows, of those that stood when it was drawn up.
fn last<'a>(held: &'a Held, issued: &Issued) -> Option<&'a Issued> {
    let earlier = held.standing().filter(|own| own.cut < issued.cut);
    earlier.max_by_key(|own| own.cut)
}

fn shown(
    bridge: &Bridge,
    (customer, contract): (&str, &str),
    last: Option<(&Issued, &Statement)>,
    this: (&Issued, &Statement),
) -> Result<view::Bridge> {
    let end = |(issued, statement): (&Issued, &Statement)| view::BridgeEnd {
        number: issued.number.clone(),
        cut: issued.cut,
        total: statement.total,
    };
    let part = |cause: Cause| -> Result<view::BridgePart> {
        let components = bridge.parts.get(&cause).into_iter().flatten();
        let components = components.map(|(component, amount)| view::BridgeComponent {
            component: component.clone(),
            amount: *amount,
        });
        Ok(view::BridgePart {
            part: cause.word().to_owned(),
            words: words(cause).to_owned(),
            amount: bridge.part(cause)?,
            components: components.collect(),
        })
    };
    Ok(view::Bridge {
        customer: customer.to_owned(),
        contract: contract.to_owned(),
        last: last.map(end),
        this: end(this),
        change: bridge.after.minus(bridge.before)?,
        parts: Cause::ALL.into_iter().map(part).collect::<Result<_>>()?,
    })
}

/// A cause in words.
fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::Volume => "more or less was done, at the last mean price",
        Cause::Mix => "it was done in other classes",
        Cause::Tier => "another place in tiers, packages and allowances",
        Cause::Price => "another price",
        Cause::Fees => "platform fees and seats",
        Cause::Risk => "bands and premiums",
        Cause::LateFacts => "facts of earlier periods that came late",
        Cause::Reversals => "what was taken back of earlier periods",
        Cause::Terms => "discounts, caps and minimums",
        Cause::Holdback => "held back, and released",
        Cause::Credits => "goodwill and credits by decision",
    }
}
