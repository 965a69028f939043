//! [`Row`]: the lines of a margin added up, whole or by a dimension.

use std::collections::{BTreeMap, HashSet};

use money::{Amount, Currency, MoneyError, Quantity, Ratio};

use super::lines::{Item, Line};
use super::{CostLines, GrossMargin, Margin, gross_margin};

use crate::statement::unit_name;

/// What a margin is cut by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    /// One row per performed work: customer, definition and scope.
    Work,
    /// The work-unit definition.
    Unit,
    /// The class.
    Class,
    /// The customer.
    Customer,
    /// The plan.
    Plan,
    /// The calendar month: of the rating period for revenue and counts, of the cost for costs.
    Month,
    /// The model on which most was spent in the work.
    Model,
    /// The agent on which most was spent in the work.
    Agent,
    /// Agent and version.
    AgentVersion,
}

impl Dimension {
    /// The dimensions' words.
    pub const WORDS: [(&'static str, Dimension); 9] = [
        ("work", Dimension::Work),
        ("unit", Dimension::Unit),
        ("class", Dimension::Class),
        ("customer", Dimension::Customer),
        ("plan", Dimension::Plan),
        ("month", Dimension::Month),
        ("model", Dimension::Model),
        ("agent", Dimension::Agent),
        ("agent_version", Dimension::AgentVersion),
    ];
}

/// Revenue and cost, added up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Of what; `None` for what belongs to none: unallocated revenue, unassigned costs, works
    /// without a plan or a model.
    pub name: Option<String>,
    /// Works opened.
    pub works: u64,
    /// Units counted, net of what was taken back.
    pub counted: Quantity,
    /// What is owed, after waivers, discounts and credits.
    pub revenue: Amount,
    /// The part of it that was shared out over works by a rule.
    pub revenue_shared: Amount,
    /// What it cost, by line.
    pub costs: CostLines,
    /// The part of the costs that was shared out over works by a rule.
    pub costs_shared: Amount,
    /// The part of the costs spent on works that do not count.
    pub failures: CostLines,
    /// Costs without a price: entries.
    pub unpriced: u64,
    /// Works that have such entries: their true cost is higher.
    pub unpriced_works: u64,
    /// Costs in another currency, which no sum holds: entries.
    pub unconverted: u64,
    /// Works that have such entries: their true cost is higher.
    pub unconverted_works: u64,
}

impl Row {
    fn empty(name: Option<String>, currency: Currency) -> Row {
        let zero = Amount::zero(currency);
        Row {
            name,
            works: 0,
            counted: Quantity::ZERO,
            revenue: zero,
            revenue_shared: zero,
            costs: CostLines::zero(currency),
            costs_shared: zero,
            failures: CostLines::zero(currency),
            unpriced: 0,
            unpriced_works: 0,
            unconverted: 0,
            unconverted_works: 0,
        }
    }

    /// The gross margin.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn gross_margin(&self) -> Result<GrossMargin, MoneyError> {
        gross_margin(self.revenue, &self.costs)
    }

    /// Cost of all works, the failed ones too, per counted unit; `None` where nothing counts.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn cost_per_counted(&self) -> Result<Option<Ratio>, MoneyError> {
        self.per_counted(self.costs.sum()?)
    }

    /// Revenue per counted unit; `None` where nothing counts.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn revenue_per_counted(&self) -> Result<Option<Ratio>, MoneyError> {
        self.per_counted(self.revenue)
    }

    fn per_counted(&self, amount: Amount) -> Result<Option<Ratio>, MoneyError> {
        if self.counted.is_negative() || self.counted.is_zero() {
            return Ok(None);
        }
        Ratio::of(amount.value(), self.counted).map(Some)
    }

    fn add(&mut self, line: &Line<'_>, is_failure: bool) -> Result<(), MoneyError> {
        match line.item {
            Item::Work => self.works += 1,
            Item::Counted(quantity) => self.counted = self.counted.plus(quantity)?,
            Item::Unpriced => self.unpriced += 1,
            Item::Unconverted => self.unconverted += 1,
            Item::Revenue { amount, shared } => {
                self.revenue = self.revenue.plus(amount)?;
                if shared {
                    self.revenue_shared = self.revenue_shared.plus(amount)?;
                }
            }
            Item::Cost {
                line,
                amount,
                shared,
            } => {
                self.costs.add(line, amount)?;
                if shared {
                    self.costs_shared = self.costs_shared.plus(amount)?;
                }
                if is_failure {
                    self.failures.add(line, amount)?;
                }
            }
        }
        Ok(())
    }
}

impl Margin<'_> {
    /// Everything in one row.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn total(&self) -> Result<Row, MoneyError> {
        let rows = self.rows(|_| None)?;
        Ok(rows
            .into_iter()
            .next()
            .unwrap_or_else(|| Row::empty(None, self.currency)))
    }

    /// One row per value of a dimension, by name; what belongs to none comes first.
    ///
    /// The rows sum to [`Margin::total`].
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn by(&self, dimension: Dimension) -> Result<Vec<Row>, MoneyError> {
        self.rows(|line| self.name(line, dimension))
    }

    fn rows(&self, name: impl Fn(&Line<'_>) -> Option<String>) -> Result<Vec<Row>, MoneyError> {
        type Lacking = [HashSet<usize>; 2];
        let mut rows: BTreeMap<Option<String>, (Row, Lacking)> = BTreeMap::new();
        for line in &self.lines {
            let name = name(line);
            let (row, [unpriced, unconverted]) = rows.entry(name).or_insert_with_key(|name| {
                (Row::empty(name.clone(), self.currency), Lacking::default())
            });
            let counts = line.work.is_none_or(|work| {
                let counted = self.works[work].counted;
                !counted.is_zero() && !counted.is_negative()
            });
            row.add(line, !counts)?;
            match (line.item, line.work) {
                (Item::Unpriced, Some(work)) => unpriced.insert(work),
                (Item::Unconverted, Some(work)) => unconverted.insert(work),
                _ => false,
            };
        }
        Ok(rows
            .into_values()
            .map(|(row, [unpriced, unconverted])| Row {
                unpriced_works: unpriced.len() as u64,
                unconverted_works: unconverted.len() as u64,
                ..row
            })
            .collect())
    }

    fn name(&self, line: &Line<'_>, dimension: Dimension) -> Option<String> {
        let work = line.work.map(|work| (&self.units[work], &self.works[work]));
        match dimension {
            Dimension::Customer => Some(line.customer.to_owned()),
            Dimension::Plan => line.plan.map(str::to_owned),
            Dimension::Month => Some(format!("{:04}-{:02}", line.month.0, line.month.1)),
            Dimension::Unit => work.map(|(sold, _)| sold.unit.key.unit.to_string()),
            Dimension::Class => work.map(|(_, own)| own.class.to_owned()),
            Dimension::Model => work.and_then(|(_, own)| own.model.map(str::to_owned)),
            Dimension::Agent => work.and_then(|(_, own)| own.agent.map(str::to_owned)),
            Dimension::AgentVersion => work.and_then(|(_, own)| {
                let version = own.agent_version.map(|version| format!(" {version}"));
                own.agent
                    .map(|agent| format!("{agent}{}", version.unwrap_or_default()))
            }),
            Dimension::Work => {
                work.map(|(sold, _)| format!("{} {}", sold.customer, unit_name(&sold.unit.key)))
            }
        }
    }
}
