//! The five outcomes of support work (Brynjolfsson, Li and Raymond, "Generative AI at Work", QJE 140(2),
//! 2025, 889-942) as the default table of lift, by the agents' skill before and by their tenure.
//!
//! Each cell is a difference in differences over agents: the change of those that got the software less
//! the change of those that did not. In the paper the raw gap is 0.8 resolutions an hour, the effect
//! 0.30; and it is 0.5 in the lowest fifth and none in the highest, so one number for all hides most of
//! it. Starts at different times belong in [`crate::lift::staggered`].

use crate::error::{Error, at_least, at_most, within};
use crate::interval::Confidence;
use crate::lift::did::{self, ErrorOf};
use crate::lift::{Assumption, Lift, Threat, Tier};
use crate::limits::OBSERVATIONS_MAX;

/// One of the five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// Resolved chats per hour worked.
    ResolutionsPerHour,
    /// Minutes per chat.
    HandleTime,
    /// Chats per hour worked.
    ChatsPerHour,
    /// Resolved chats / chats.
    ResolutionRate,
    /// The mean score that customers gave (net promoter score in the paper).
    Satisfaction,
}

/// What the paper found for an outcome (agent-months, agent, month and tenure effects; errors clustered
/// by agent).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// The effect.
    pub coefficient: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Agent-months.
    pub observations: u32,
    /// The mean of the outcome over them.
    pub mean: f64,
}

impl Outcome {
    /// All five, in the order of the table.
    pub const ALL: [Outcome; 5] = [
        Outcome::ResolutionsPerHour,
        Outcome::HandleTime,
        Outcome::ChatsPerHour,
        Outcome::ResolutionRate,
        Outcome::Satisfaction,
    ];

    /// For people, with the unit.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Outcome::ResolutionsPerHour => "resolutions per hour",
            Outcome::HandleTime => "handle time, minutes",
            Outcome::ChatsPerHour => "chats per hour",
            Outcome::ResolutionRate => "resolution rate",
            Outcome::Satisfaction => "satisfaction",
        }
    }

    /// Whether more is better; of handle time, less is.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        self != Outcome::HandleTime
    }

    /// The paper's number: of resolutions per hour the preferred one, with tenure effects.
    #[must_use]
    pub fn published(self) -> Published {
        let (coefficient, standard_error, observations, mean) = match self {
            Outcome::ResolutionsPerHour => (0.301, 0.032_9, 12_295, 2.176),
            Outcome::HandleTime => (-3.746, 0.369, 21_839, 40.64),
            Outcome::ChatsPerHour => (0.365, 0.034_5, 21_839, 2.559),
            Outcome::ResolutionRate => (0.013_2, 0.008_82, 12_295, 0.822),
            Outcome::Satisfaction => (-0.119, 0.524, 12_541, 79.59),
        };
        Published {
            coefficient,
            standard_error,
            observations,
            mean,
        }
    }
}

/// What an agent did in some time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Performance {
    /// Hours worked.
    pub hours: f64,
    /// Chats ended.
    pub chats: u64,
    /// Of those, resolved.
    pub resolved: u64,
    /// Minutes in chats.
    pub handle_minutes: f64,
    /// Customers who gave a score.
    pub scores: u64,
    /// The sum of their scores.
    pub score_sum: f64,
}

/// An agent before and after the start.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Agent {
    /// Whether it got the software at the start.
    pub treated: bool,
    /// Whole months of tenure at the start.
    pub tenure_months: u32,
    /// What it did before.
    pub before: Performance,
    /// What it did after.
    pub after: Performance,
}

/// Which agents a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Slice {
    /// All.
    All,
    /// A fifth of the agents by resolutions per hour before the start; 1 is the lowest.
    Quintile(u8),
    /// By tenure at the start.
    Tenure(Tenure),
}

/// Months of tenure at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tenure {
    /// Less than one.
    New,
    /// 1 or 2.
    OneToTwo,
    /// 3 to 6.
    ThreeToSix,
    /// 7 to 12.
    SevenToTwelve,
    /// More than 12.
    OverTwelve,
}

impl Tenure {
    /// All, ascending.
    pub const ALL: [Tenure; 5] = [
        Tenure::New,
        Tenure::OneToTwo,
        Tenure::ThreeToSix,
        Tenure::SevenToTwelve,
        Tenure::OverTwelve,
    ];

    /// The band of so many months.
    #[must_use]
    pub fn of(months: u32) -> Tenure {
        match months {
            0 => Tenure::New,
            1..=2 => Tenure::OneToTwo,
            3..=6 => Tenure::ThreeToSix,
            7..=12 => Tenure::SevenToTwelve,
            _ => Tenure::OverTwelve,
        }
    }
}

/// How it came that some agents got the software.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    /// By chance: tier A.
    AtRandom,
    /// By somebody: tier B, the trend before not tested.
    ByChoice,
}

/// A cell of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What is measured.
    pub outcome: Outcome,
    /// Of whom.
    pub slice: Slice,
    /// The treated agents' mean before, to say the effect in percent of.
    pub before: Option<f64>,
    /// The effect, or why there is none to say.
    pub lift: Result<Lift, Error>,
}

/// The table: five outcomes by all, quintiles and tenure, in this order.
///
/// # Errors
/// Fewer than two agents, more than [`OBSERVATIONS_MAX`], or a performance that contradicts itself
/// (more resolved than chats, negative hours).
pub fn table(
    agents: &[Agent],
    assigned: Assigned,
    confidence: Confidence,
) -> Result<Vec<Cell>, Error> {
    at_least("agents", agents.len() as u64, 2)?;
    at_most("agents", agents.len() as u64, OBSERVATIONS_MAX as u64)?;
    for performance in agents.iter().flat_map(|agent| [agent.before, agent.after]) {
        performance.consistent()?;
    }
    let quintiles = quintiles(agents);
    let slices = std::iter::once(Slice::All)
        .chain((1..=5).map(Slice::Quintile))
        .chain(Tenure::ALL.map(Slice::Tenure));
    let mut cells = Vec::new();
    for slice in slices {
        let members: Vec<&Agent> = agents
            .iter()
            .zip(&quintiles)
            .filter(|(agent, quintile)| match slice {
                Slice::All => true,
                Slice::Quintile(of) => **quintile == Some(of),
                Slice::Tenure(of) => Tenure::of(agent.tenure_months) == of,
            })
            .map(|(agent, _)| agent)
            .collect();
        for outcome in Outcome::ALL {
            cells.push(cell(outcome, slice, &members, assigned, confidence));
        }
    }
    Ok(cells)
}

fn cell(
    outcome: Outcome,
    slice: Slice,
    agents: &[&Agent],
    assigned: Assigned,
    confidence: Confidence,
) -> Cell {
    let side = |treated: bool| -> Vec<(f64, f64)> {
        let of = agents.iter().filter(|agent| agent.treated == treated);
        of.filter_map(|agent| Some((agent.before.of(outcome)?, agent.after.of(outcome)?)))
            .collect()
    };
    let (treated, control) = (side(true), side(false));
    let before = treated.iter().map(|(before, _)| before).sum::<f64>() / treated.len() as f64;
    let lift = did::panel(&treated, &control, ErrorOf::Welch, confidence).map(|mut lift| {
        if assigned == Assigned::AtRandom {
            lift.tier = Tier::A;
            lift.assumptions = vec![Assumption::RandomAssignment, Assumption::NoInterference];
            lift.threats
                .retain(|threat| *threat != Threat::PreTrendUntested);
        }
        lift
    });
    Cell {
        outcome,
        slice,
        before: (!treated.is_empty()).then_some(before),
        lift,
    }
}

/// The fifth of each agent by resolutions per hour before; `None` without any.
fn quintiles(agents: &[Agent]) -> Vec<Option<u8>> {
    let skill = |agent: &Agent| agent.before.of(Outcome::ResolutionsPerHour);
    let mut order: Vec<(f64, usize)> = agents
        .iter()
        .enumerate()
        .filter_map(|(index, agent)| Some((skill(agent)?, index)))
        .collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut quintiles = vec![None; agents.len()];
    for (rank, (_, index)) in order.iter().enumerate() {
        // 0 to 4: below the number of agents.
        quintiles[*index] = u8::try_from(rank * 5 / order.len())
            .ok()
            .map(|fifth| fifth + 1);
    }
    quintiles
}

impl Performance {
    /// The outcome of it; `None` where there is nothing to divide by.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> Option<f64> {
        let (above, below) = match outcome {
            Outcome::ResolutionsPerHour => (self.resolved as f64, self.hours),
            Outcome::HandleTime => (self.handle_minutes, self.chats as f64),
            Outcome::ChatsPerHour => (self.chats as f64, self.hours),
            Outcome::ResolutionRate => (self.resolved as f64, self.chats as f64),
            Outcome::Satisfaction => (self.score_sum, self.scores as f64),
        };
        (below > 0.0).then_some(above / below)
    }

    fn consistent(&self) -> Result<(), Error> {
        within("hours", self.hours, 0.0, 1e9)?;
        within("handle minutes", self.handle_minutes, 0.0, 1e12)?;
        within("sum of scores", self.score_sum, -1e15, 1e15)?;
        for (what, is, of) in [
            ("resolved", self.resolved, self.chats),
            ("scores", self.scores, self.chats),
        ] {
            if is > of {
                return Err(Error::More { what, is, of });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 100 agents of 2 to 3.65 resolutions an hour; the software adds 0.5 to the lowest fifth, 0.1 to the
    /// others, on top of 0.2 that everybody gains.
    fn agents() -> Vec<Agent> {
        (0..100u32)
            .map(|n| {
                let treated = n % 2 == 0;
                let hours = 100.0;
                let resolved = 200 + 5 * u64::from(n / 3);
                let gain = match (treated, n < 20) {
                    (false, _) => 20,
                    (true, true) => 70,
                    (true, false) => 30,
                };
                let with = |resolved| Performance {
                    hours,
                    chats: 1_000,
                    resolved,
                    handle_minutes: 40_000.0 + f64::from(n % 7),
                    scores: 10,
                    score_sum: 790.0 + f64::from(n % 3),
                };
                Agent {
                    treated,
                    tenure_months: n % 15,
                    before: with(resolved),
                    after: with(resolved + gain + u64::from(n % 5)),
                }
            })
            .collect()
    }

    fn find(cells: &[Cell], outcome: Outcome, slice: Slice) -> &Cell {
        cells
            .iter()
            .find(|cell| cell.outcome == outcome && cell.slice == slice)
            .unwrap()
    }

    #[test]
    fn the_lowest_fifth_gains_most() {
        let cells = table(&agents(), Assigned::ByChoice, Confidence::P95).unwrap();
        assert_eq!(cells.len(), 5 * 11);
        let effect = |slice| {
            let lift = find(&cells, Outcome::ResolutionsPerHour, slice)
                .lift
                .as_ref();
            lift.unwrap().estimate
        };
        assert!((effect(Slice::Quintile(1)) - 0.5).abs() < 0.02);
        assert!((effect(Slice::Quintile(5)) - 0.1).abs() < 0.02);
        assert!((effect(Slice::All) - 0.18).abs() < 0.02);
        let all = find(&cells, Outcome::ResolutionsPerHour, Slice::All);
        assert_eq!(all.lift.as_ref().unwrap().tier, Tier::B);
        assert!(all.before.unwrap() > 2.0);
        // Nothing changed in it, so nothing can be said of its error.
        let score = find(&cells, Outcome::Satisfaction, Slice::All);
        assert_eq!(score.lift, Err(Error::NoVariation { what: "outcome" }));
        let random = table(&agents(), Assigned::AtRandom, Confidence::P95).unwrap();
        let lift = find(&random, Outcome::ChatsPerHour, Slice::All)
            .lift
            .as_ref();
        assert!(lift.is_err());
        let lift = find(&random, Outcome::ResolutionRate, Slice::All)
            .lift
            .as_ref()
            .unwrap();
        assert_eq!((lift.tier, lift.threats.len()), (Tier::A, 0));
    }

    #[test]
    fn the_paper() {
        for outcome in Outcome::ALL {
            let published = outcome.published();
            let sure = (published.coefficient / published.standard_error).abs() > 1.96;
            let wanted = !matches!(outcome, Outcome::ResolutionRate | Outcome::Satisfaction);
            assert_eq!(sure, wanted, "{}", outcome.name());
            assert_eq!(outcome.more_is_better(), published.coefficient > -1.0);
        }
        // 15 % of the mean before.
        let effect = Outcome::ResolutionsPerHour.published().coefficient;
        assert!((effect / 1.97 - 0.152).abs() < 0.001);
    }

    #[test]
    fn degenerate_agents() {
        assert!(table(&agents()[..1], Assigned::ByChoice, Confidence::P95).is_err());
        let mut broken = agents();
        broken[3].after.resolved = 1_001;
        assert!(table(&broken, Assigned::ByChoice, Confidence::P95).is_err());
        let idle = Performance::default();
        assert!(
            Outcome::ALL
                .iter()
                .all(|&outcome| idle.of(outcome).is_none())
        );
        let bands = [0, 1, 2, 3, 6, 7, 12, 13].map(Tenure::of);
        assert_eq!(bands[0], Tenure::New);
        assert_eq!(
            (bands[2], bands[3], bands[6], bands[7]),
            (
                Tenure::OneToTwo,
                Tenure::ThreeToSix,
                Tenure::SevenToTwelve,
                Tenure::OverTwelve
            )
        );
    }
}
