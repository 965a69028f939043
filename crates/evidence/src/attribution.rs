//! Attribution, derived from facts instead of declared: may the seller say that an outcome is its
//! product's?
//!
//! Five questions, each with a finding; the verdict is the weakest of them. What counts is what can be
//! shown to a buyer who doubts it, so a finding is never outvoted by the others, and what nobody looked at is never the
//! best answer.

use crate::interval::Confidence;
use crate::lift::{Lift, PriceBasis, Tier};
use crate::rate::Share;

/// How far the outcome is the product's; the greatest is the weakest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribution {
    /// The product's, and it can be shown.
    Defensible,
    /// Of the product and of others: a price needs a share, not the whole.
    Shared,
    /// It cannot be shown to be the product's.
    Not,
}

impl Attribution {
    /// The word of reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Attribution::Defensible => "defensible",
            Attribution::Shared => "shared",
            Attribution::Not => "not",
        }
    }
}

/// Who states the fact that decides whether a work counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Decider {
    /// The seller's own system, and nobody else.
    Seller,
    /// The buyer.
    Buyer,
    /// Somebody whom neither controls: a test suite, a platform's webhook, a payment.
    ThirdParty,
}

/// What is known of how the outcome would be without the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Counterfactual {
    /// The design's tier.
    pub tier: Tier,
    /// Whether a result of the design is there, and not the design alone.
    pub has_result: bool,
    /// A check of the design failed.
    pub failed: bool,
    /// The interval holds no effect.
    pub may_be_nothing: bool,
}

impl Counterfactual {
    /// A design that is declared, and nothing that it gave.
    #[must_use]
    pub const fn declared(tier: Tier) -> Counterfactual {
        Counterfactual {
            tier,
            has_result: false,
            failed: false,
            may_be_nothing: false,
        }
    }

    /// Whether a price of the difference may rest on it: as [`Lift::price_basis`] says of a result.
    #[must_use]
    pub fn may_carry_a_price(self) -> bool {
        self.tier < Tier::D && !self.failed
    }
}

impl From<&Lift> for Counterfactual {
    fn from(lift: &Lift) -> Counterfactual {
        Counterfactual {
            tier: lift.tier,
            has_result: true,
            failed: matches!(lift.price_basis(), PriceBasis::Cannot(_)) && lift.tier < Tier::D,
            may_be_nothing: lift.interval().is_some_and(|interval| interval.holds(0.0)),
        }
    }
}

/// What is known of a work unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    /// Steps from the trigger to the outcome; `None` if nobody says which there are.
    pub steps: Option<u32>,
    /// Of those, steps that the product controls.
    pub steps_controlled: u32,
    /// Who is to state the deciding fact.
    pub decided_by: Decider,
    /// Counted works that the seller's own facts decided, of those that counted; `None` if none did.
    pub decided_by_the_seller: Option<Share>,
    /// Counted works that a person touched, of those looked at; `None` if nobody looked.
    pub touched_by_people: Option<Share>,
    /// The greatest share of works that people may touch, as it was agreed.
    pub touched_at_most: Option<f64>,
    /// Counted works that others' automation answered in as well; `None` if nobody looked.
    pub other_automation: Option<Share>,
    /// What would have been without the product; `None` if nobody asked.
    pub counterfactual: Option<Counterfactual>,
}

/// One question's answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Finding {
    /// How many steps the product controls.
    Steps {
        /// Controlled.
        controlled: u32,
        /// Of so many, where somebody says.
        of: Option<u32>,
    },
    /// Who states the deciding fact.
    Decided {
        /// Who is to.
        declared: Decider,
        /// Works that the seller decided alone.
        by_the_seller: Option<Share>,
    },
    /// How many works people touched.
    Touched {
        /// As measured.
        share: Option<Share>,
        /// As agreed.
        at_most: Option<f64>,
    },
    /// In how many works other automation answered.
    OtherAutomation(Option<Share>),
    /// What would have been.
    Counterfactual(Option<Counterfactual>),
}

/// The verdict, with all findings, in the order of the questions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// The weakest of the findings.
    pub attribution: Attribution,
    /// All five.
    pub findings: [Finding; 5],
}

/// Up to this share of works, surely, others are no part of the outcome.
const SELDOM: f64 = 0.2;

/// From this share on, surely, the outcome is others'.
const MOSTLY: f64 = 0.5;

/// Derives the attribution of a work unit's outcome.
#[must_use]
pub fn derive(facts: &Facts) -> Verdict {
    let findings = [
        Finding::Steps {
            controlled: facts.steps_controlled,
            of: facts.steps,
        },
        Finding::Decided {
            declared: facts.decided_by,
            by_the_seller: facts.decided_by_the_seller,
        },
        Finding::Touched {
            share: facts.touched_by_people,
            at_most: facts.touched_at_most,
        },
        Finding::OtherAutomation(facts.other_automation),
        Finding::Counterfactual(facts.counterfactual),
    ];
    let weakest = findings.iter().map(Finding::supports).max();
    Verdict {
        attribution: weakest.unwrap_or(Attribution::Not),
        findings,
    }
}

impl Verdict {
    /// The findings that keep the verdict from being better: the reasons.
    pub fn reasons(&self) -> impl Iterator<Item = Finding> + '_ {
        let keeps = |finding: &Finding| finding.supports() == self.attribution;
        self.findings.into_iter().filter(keeps)
    }
}

impl Finding {
    /// The best attribution that this finding allows.
    #[must_use]
    pub fn supports(&self) -> Attribution {
        match *self {
            Finding::Steps { controlled: 0, .. } => Attribution::Not,
            Finding::Steps { of: None, .. } => Attribution::Shared,
            Finding::Steps {
                controlled,
                of: Some(of),
            } => match controlled.cmp(&of) {
                std::cmp::Ordering::Greater => Attribution::Not,
                std::cmp::Ordering::Less => Attribution::Shared,
                std::cmp::Ordering::Equal => Attribution::Defensible,
            },
            Finding::Decided { by_the_seller, .. } => seldom(by_the_seller, SELDOM),
            Finding::Touched { share, at_most } => {
                if share.is_some_and(|own| own.wilson(Confidence::P95).low > MOSTLY) {
                    Attribution::Not
                } else {
                    seldom(share, at_most.map_or(SELDOM, |own| own.min(SELDOM)))
                }
            }
            Finding::OtherAutomation(share) => match share {
                Some(share) if share.hits() == 0 => Attribution::Defensible,
                _ => Attribution::Shared,
            },
            Finding::Counterfactual(None) => Attribution::Not,
            Finding::Counterfactual(Some(known)) => known.supports(),
        }
    }

    /// Whether surely more than agreed was measured: the definition does not hold.
    #[must_use]
    pub fn breaks_what_was_agreed(&self) -> bool {
        match *self {
            Finding::Touched {
                share: Some(share),
                at_most: Some(at_most),
            } => share.wilson(Confidence::P95).low > at_most,
            Finding::Decided {
                declared: Decider::Buyer | Decider::ThirdParty,
                by_the_seller: Some(share),
            } => share.wilson(Confidence::P95).low > MOSTLY,
            _ => false,
        }
    }

    /// For people.
    #[must_use]
    pub fn sentence(&self) -> String {
        match *self {
            Finding::Steps {
                controlled,
                of: Some(of),
            } => format!("the product controls {controlled} of {of} steps"),
            Finding::Steps {
                controlled,
                of: None,
            } => format!(
                "the product controls {controlled} {}, and nobody says which others there are",
                if controlled == 1 { "step" } else { "steps" }
            ),
            Finding::Decided {
                declared,
                by_the_seller,
            } => {
                let who = match declared {
                    Decider::Seller => "the seller's own system is to say",
                    Decider::Buyer => "the buyer is to say",
                    Decider::ThirdParty => "a third party is to say",
                };
                let what = "that the outcome happened";
                match by_the_seller {
                    None => format!("{who} {what}, and nothing has counted yet"),
                    Some(share) => format!(
                        "{who} {what}; the seller's facts alone decided {}",
                        so_many(share)
                    ),
                }
            }
            Finding::Touched { share: None, .. } => {
                "nobody looked how many works people touched".to_owned()
            }
            Finding::Touched {
                share: Some(share),
                at_most,
            } => match at_most {
                None => format!("people touched {}", so_many(share)),
                Some(at_most) => format!(
                    "people touched {}, of at most {} %",
                    so_many(share),
                    trimmed(100.0 * at_most)
                ),
            },
            Finding::OtherAutomation(None) => {
                "nobody looked whether other automation works on the same works".to_owned()
            }
            Finding::OtherAutomation(Some(share)) if share.hits() == 0 => format!(
                "nobody else's automation answered in {} works",
                share.trials()
            ),
            Finding::OtherAutomation(Some(share)) => {
                format!("others' automation answered in {}", so_many(share))
            }
            Finding::Counterfactual(None) => {
                "nobody asked what would have been without the product".to_owned()
            }
            Finding::Counterfactual(Some(known)) => known.sentence(),
        }
    }
}

/// Whether others surely had a part in no more than so many works.
fn seldom(share: Option<Share>, at_most: f64) -> Attribution {
    match share {
        Some(share) if share.wilson(Confidence::P95).high <= at_most => Attribution::Defensible,
        _ => Attribution::Shared,
    }
}

fn so_many(share: Share) -> String {
    let interval = share.wilson(Confidence::P95);
    format!(
        "{} of {} works ({:.1} % to {:.1} %)",
        share.hits(),
        share.trials(),
        100.0 * interval.low,
        100.0 * interval.high
    )
}

/// One digit behind the point, and none where it is zero.
fn trimmed(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

impl Counterfactual {
    fn supports(self) -> Attribution {
        if self.failed || self.tier == Tier::E {
            Attribution::Not
        } else if !self.has_result || self.may_be_nothing || self.tier >= Tier::C {
            Attribution::Shared
        } else {
            Attribution::Defensible
        }
    }

    fn sentence(self) -> String {
        let tier = self.tier.name();
        if self.tier == Tier::E {
            format!("what would have been without the product is of tier {tier}")
        } else if !self.has_result {
            format!("a design of tier {tier} is declared, and no result of it is recorded")
        } else if self.failed {
            format!("what would have been is of tier {tier}, and a check of it failed")
        } else if self.may_be_nothing {
            format!("what would have been is of tier {tier}, and may have been the same")
        } else {
            format!("what would have been is of tier {tier}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(hits: u64, trials: u64) -> Option<Share> {
        Share::new(hits, trials).ok()
    }

    fn sound() -> Facts {
        Facts {
            steps: Some(4),
            steps_controlled: 4,
            decided_by: Decider::Buyer,
            decided_by_the_seller: share(20, 1_000),
            touched_by_people: share(30, 1_000),
            touched_at_most: Some(0.1),
            other_automation: share(0, 1_000),
            counterfactual: Some(Counterfactual {
                tier: Tier::A,
                has_result: true,
                failed: false,
                may_be_nothing: false,
            }),
        }
    }

    #[track_caller]
    fn check(facts: Facts, attribution: Attribution, reason: &str) {
        let verdict = derive(&facts);
        assert_eq!(verdict.attribution, attribution);
        let reasons: Vec<String> = verdict
            .reasons()
            .map(|finding| finding.sentence())
            .collect();
        assert!(
            reasons.iter().any(|sentence| sentence.contains(reason)),
            "{reasons:?}"
        );
    }

    #[test]
    fn one_doubt_is_enough() {
        use Attribution::{Defensible, Not, Shared};
        check(sound(), Defensible, "4 of 4 steps");
        let steps = |steps_controlled, steps| Facts {
            steps_controlled,
            steps,
            ..sound()
        };
        check(steps(3, Some(4)), Shared, "3 of 4 steps");
        check(steps(0, Some(4)), Not, "0 of 4 steps");
        check(steps(0, Some(0)), Not, "0 of 0 steps");
        check(steps(2, None), Shared, "nobody says which others");
        let decided = |decided_by, decided_by_the_seller| Facts {
            decided_by,
            decided_by_the_seller,
            ..sound()
        };
        let all = share(1_000, 1_000);
        check(
            decided(Decider::Seller, all),
            Shared,
            "the seller's own system",
        );
        check(
            decided(Decider::ThirdParty, share(0, 1_000)),
            Defensible,
            "a third party",
        );
        // It is measured, and what was declared does not outvote it.
        check(
            decided(Decider::Buyer, all),
            Shared,
            "decided 1000 of 1000 works",
        );
        check(
            decided(Decider::Buyer, None),
            Shared,
            "nothing has counted yet",
        );
        let others = |other_automation| Facts {
            other_automation,
            ..sound()
        };
        check(
            others(share(1, 1_000)),
            Shared,
            "others' automation answered in 1 of 1000",
        );
        check(
            others(None),
            Shared,
            "nobody looked whether other automation",
        );
        let touched = |touched_by_people, touched_at_most| Facts {
            touched_by_people,
            touched_at_most,
            ..sound()
        };
        check(touched(None, None), Shared, "nobody looked how many");
        check(
            touched(share(300, 1_000), None),
            Shared,
            "people touched 300 of 1000",
        );
        check(
            touched(share(600, 1_000), None),
            Not,
            "people touched 600 of 1000",
        );
        // What was agreed is the bound where it is less; agreeing on more makes nothing seldom.
        check(
            touched(share(80, 1_000), Some(0.05)),
            Shared,
            "of at most 5 %",
        );
        check(
            touched(share(80, 1_000), None),
            Defensible,
            "people touched 80 of 1000",
        );
        check(
            touched(share(600, 1_000), Some(1.0)),
            Not,
            "of at most 100 %",
        );
        // None of five is not yet "seldom".
        check(
            touched(share(0, 5), None),
            Shared,
            "0 of 5 works (0.0 % to 43.4 %)",
        );
    }

    #[test]
    fn what_was_agreed_is_broken_only_surely() {
        let broken = |finding: Finding| finding.breaks_what_was_agreed();
        let touched = |hits, trials| Finding::Touched {
            share: share(hits, trials),
            at_most: Some(0.1),
        };
        assert!(broken(touched(200, 1_000)));
        assert!(!broken(touched(2, 10)), "ten works say nothing surely");
        let decided = |declared| Finding::Decided {
            declared,
            by_the_seller: share(900, 1_000),
        };
        assert!(broken(decided(Decider::Buyer)));
        assert!(!broken(decided(Decider::Seller)), "it was declared so");
    }

    #[test]
    fn the_tier_of_the_counterfactual() {
        use Attribution::{Defensible, Not, Shared};
        let with = |tier, failed, may_be_nothing| Facts {
            counterfactual: Some(Counterfactual {
                tier,
                has_result: true,
                failed,
                may_be_nothing,
            }),
            ..sound()
        };
        check(with(Tier::B, false, false), Defensible, "tier B");
        check(with(Tier::C, false, false), Shared, "tier C");
        check(with(Tier::D, false, false), Shared, "tier D");
        check(with(Tier::E, false, false), Not, "tier E");
        check(with(Tier::A, true, false), Not, "a check of it failed");
        check(with(Tier::A, false, true), Shared, "may have been the same");
        check(
            Facts {
                counterfactual: None,
                ..sound()
            },
            Not,
            "nobody asked",
        );
        // A plan to look is no result.
        let declared = Facts {
            counterfactual: Some(Counterfactual::declared(Tier::A)),
            ..sound()
        };
        check(declared, Shared, "no result of it is recorded");
    }

    #[test]
    fn a_price_of_the_difference_rests_on_tiers_a_to_c() {
        let carries = |tier| Counterfactual::declared(tier).may_carry_a_price();
        assert_eq!(
            [Tier::A, Tier::B, Tier::C, Tier::D, Tier::E].map(carries),
            [true, true, true, false, false]
        );
    }

    #[test]
    fn a_lift_is_a_counterfactual() {
        let guess = crate::lift::assumed(0.3).unwrap();
        let known = Counterfactual::from(&guess);
        assert_eq!(
            (
                known.tier,
                known.has_result,
                known.failed,
                known.may_be_nothing
            ),
            (Tier::E, true, false, false)
        );
    }
}
