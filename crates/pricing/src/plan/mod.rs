//! The plan: what is sold, on which of the four surfaces, at which price.
//!
//! A plan is a TOML document named by the digest of its text. Reading it is strict
//! ([`Plan::parse`]); [`check`] asks what needs the definitions as well: whether every class has a
//! price, and whether a lost unit could raise a bill. Not here: who buys it and for how long
//! ([`crate::contract`]), and any quantity.

pub mod check;
mod component;
mod price;
mod read;

use money::{Amount, Currency, Decimal, Quantity};
use work::{Digest, Header};

use crate::period::Interval;
use crate::rating::totals::Totals;
use crate::rating::{Convert, Price};

pub(crate) use component::read_component;
pub(crate) use read::{TotalsTerms, fit_together, read_totals};

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The id.
    pub id: String,
    /// The seller's version number of the plan.
    pub version: u32,
    /// The digest of the document's text.
    pub digest: Digest,
    /// The currency of every price in it.
    pub currency: Currency,
    /// The meters that it prices.
    pub meters: Vec<Meter>,
    /// Its priced lines, in the order of the file.
    pub components: Vec<Component>,
    /// What is done to the sum of a period.
    pub totals: PeriodTotals,
    /// The document's text.
    pub text: String,
}

/// A meter, and what its unit is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    /// The id that `usage.recorded` names.
    pub id: String,
    /// What the unit is.
    pub class: MeterClass,
}

/// What a meter's unit is: a plan that sells a cost unit as an outcome is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MeterClass {
    /// What performing costs: a token, a GPU second, a reviewer's minute.
    Cost,
    /// What the buyer consumes: a message, a document, a call.
    Usage,
    /// What the buyer values: a piece of work.
    Value,
}

/// The four surfaces of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Surface {
    /// For being able to use it.
    Access,
    /// For how much is used.
    Usage,
    /// For work that counts.
    Outcome,
    /// For risk taken over or handed back.
    Risk,
}

impl Surface {
    /// The words of documents.
    pub const WORDS: [(&'static str, Surface); 4] = [
        ("access", Surface::Access),
        ("usage", Surface::Usage),
        ("outcome", Surface::Outcome),
        ("risk", Surface::Risk),
    ];

    /// The word of documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }
}

/// One priced line of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The id, which stays the same over versions of the plan.
    pub id: String,
    /// What is sold and for how much.
    pub terms: Terms,
    /// The rating period: after it, tiers and allowances begin again.
    pub every: Interval,
    /// Discount, cap and minimum of this line alone.
    pub totals: Totals,
    /// The bytes of the document that it was read from.
    pub span: std::ops::Range<usize>,
}

/// What a component sells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Terms {
    /// A fee per period.
    Platform(Platform),
    /// A fee per seat.
    Seats(Seats),
    /// A price of usage.
    Metered(Metered),
    /// A price of counted work.
    Outcome(Outcome),
    /// A factor on another component, by what is known of each unit.
    Risk(Risk),
    /// A premium per counted unit of another component.
    Indemnity(Indemnity),
}

/// A fee per period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Platform {
    /// The fee of a whole period.
    pub amount: Amount,
    /// When it is due.
    pub due: Due,
    /// Whether a part of a period pays for its days only.
    pub prorate: bool,
}

/// When a fee is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// At the start of its period.
    Advance,
    /// At its end.
    Arrears,
}

/// A fee per seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seats {
    /// The price of one seat for a whole period.
    pub price: Price,
    /// Seats that cost nothing.
    pub included: Quantity,
    /// How seats are counted.
    pub count: SeatCount,
}

/// How seats are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SeatCount {
    /// Seat-days: the most that were held at one time of each local day (semantics.md P4).
    Daily,
    /// The most that were held at one time of the period.
    HighWater,
}

/// A price of usage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    /// The meter.
    pub meter: String,
    /// The price.
    pub price: Price,
    /// Units of the meter that cost nothing, per whole period.
    pub allowance: Quantity,
    /// Counting in larger units.
    pub convert: Option<Convert>,
}

/// A price of counted work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Id of the work-unit definition.
    pub unit: String,
    /// The prices, each of one class or of several together, in the order of the file.
    pub groups: Vec<Group>,
    /// Counted units that cost nothing, per whole period.
    pub allowance: Quantity,
    /// What happens where one unit fewer would cost more (D4).
    pub retier: Retier,
    /// The component that sells the same unit, where one work is to be paid twice.
    pub in_addition_to: Option<String>,
}

/// The price of one class, or of several that share their tiers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The classes; none means every class of the unit.
    pub classes: Vec<String>,
    /// The price.
    pub price: Price,
    /// Whether the units use up the allowance.
    pub draws_allowance: bool,
    /// Whether the class was given away on purpose.
    pub free: bool,
}

impl Group {
    /// The name of the group in cells: its classes, or `work` for every class.
    #[must_use]
    pub fn label(&self) -> String {
        if self.classes.is_empty() {
            "work".to_owned()
        } else {
            self.classes.join("+")
        }
    }

    /// Whether a class belongs to the group.
    #[must_use]
    pub fn holds(&self, class: &str) -> bool {
        self.classes.is_empty() || self.classes.iter().any(|own| own == class)
    }
}

impl Outcome {
    /// The group that prices a class.
    #[must_use]
    pub fn group_of(&self, class: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.holds(class))
    }
}

/// What happens where one unit fewer would cost more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retier {
    /// The tier total decides, up or down.
    #[default]
    Full,
    /// No amount rises because of a reversal; the excess is waived.
    NoIncrease,
}

/// A factor on another component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// The component.
    pub modifies: String,
    /// What decides the factor.
    pub by: RiskBy,
    /// The bands, ascending or in the order of the file.
    pub bands: Vec<Band>,
    /// The factor where nothing is known (S11).
    pub missing: Decimal,
}

/// What decides a risk factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RiskBy {
    /// The confidence of the answer that was counted.
    Confidence,
    /// The review level of that answer.
    Review,
    /// A shared header, such as `tier` or `control`.
    Header(Header),
    /// Nothing: one factor for the whole component.
    Everything,
}

/// A band of a risk component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    /// Which units are in it.
    pub holds: BandRange,
    /// The factor.
    pub multiplier: Decimal,
}

/// Which units a band holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BandRange {
    /// A number of at least this, below the next band.
    From(Decimal),
    /// A word.
    Word(String),
}

impl Band {
    /// The band's name in cells.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.holds {
            BandRange::From(bound) => format!("from:{bound}"),
            BandRange::Word(word) => word.clone(),
        }
    }
}

/// A premium per counted unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indemnity {
    /// The component whose units are covered.
    pub modifies: String,
    /// The premium per unit.
    pub premium: Price,
    /// The most that is paid out per unit; reported, not priced.
    pub cover: Option<Amount>,
}

/// What is done to the sum of a period of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PeriodTotals {
    /// The period.
    pub every: Interval,
    /// Discounts, cap and minimum.
    pub totals: Totals,
}

impl Component {
    /// The surface that the component belongs to.
    #[must_use]
    pub fn surface(&self) -> Surface {
        match self.terms {
            Terms::Platform(_) | Terms::Seats(_) => Surface::Access,
            Terms::Metered(_) => Surface::Usage,
            Terms::Outcome(_) => Surface::Outcome,
            Terms::Risk(_) | Terms::Indemnity(_) => Surface::Risk,
        }
    }

    /// The component's kind, as documents name it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.terms {
            Terms::Platform(_) => "platform",
            Terms::Seats(_) => "seats",
            Terms::Metered(_) => "metered",
            Terms::Outcome(_) => "outcome",
            Terms::Risk(_) => "risk",
            Terms::Indemnity(_) => "indemnity",
        }
    }
}

impl Plan {
    /// The component of that id.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.id == id)
    }
}
