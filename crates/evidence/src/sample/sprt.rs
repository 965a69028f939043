//! The sequential probability ratio test (Wald 1945): one work after the other until it is clear. About
//! half as many works as a plan of fixed size, on average.

use crate::error::{Error, inside};

use super::plan::Risks;

/// The test: two parallel lines of defects over works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sprt {
    /// How far below the slope the lot is accepted.
    pub accept_at: f64,
    /// How far above it is refused.
    pub refuse_at: f64,
    /// Defects per work of both lines.
    pub slope: f64,
}

/// What to do after some works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Good enough.
    Accept,
    /// Too bad.
    Refuse,
    /// Look at one more.
    GoOn,
}

impl Sprt {
    /// The test that keeps these risks.
    ///
    /// # Errors
    /// Rates that are not 0 < good < bad < 1, risks outside of (0, ½).
    pub fn new(risks: &Risks) -> Result<Sprt, Error> {
        let (p1, alpha) = (inside("bad rate", risks.bad, 0.0, 1.0)?, risks.good_refused);
        let p0 = inside("good rate", risks.good, 0.0, p1)?;
        inside("risk of refusing a good lot", alpha, 0.0, 0.5)?;
        let beta = inside("risk of accepting a bad lot", risks.bad_accepted, 0.0, 0.5)?;
        let odds = (p1 * (1.0 - p0) / (p0 * (1.0 - p1))).ln();
        Ok(Sprt {
            accept_at: ((1.0 - alpha) / beta).ln() / odds,
            refuse_at: ((1.0 - beta) / alpha).ln() / odds,
            slope: ((1.0 - p0) / (1.0 - p1)).ln() / odds,
        })
    }

    /// What so many defects in so many works decide.
    #[must_use]
    pub fn decide(&self, works: u64, defects: u64) -> Decision {
        let above = defects as f64 - self.slope * works as f64;
        if above <= -self.accept_at {
            Decision::Accept
        } else if above >= self.refuse_at {
            Decision::Refuse
        } else {
            Decision::GoOn
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::decimals;

    #[test]
    fn one_percent_or_five() {
        let risks = Risks {
            good: 0.01,
            good_refused: 0.05,
            bad: 0.05,
            bad_accepted: 0.10,
        };
        let test = Sprt::new(&risks).unwrap();
        decimals(test.accept_at, 1.363_856, 6);
        decimals(test.refuse_at, 1.751_018, 6);
        decimals(test.slope, 0.024_985_4, 7);
        assert_eq!(test.decide(54, 0), Decision::GoOn);
        assert_eq!(test.decide(55, 0), Decision::Accept);
        assert_eq!(test.decide(2, 2), Decision::Refuse);
        assert_eq!(test.decide(0, 0), Decision::GoOn);
        assert!(
            Sprt::new(&Risks {
                bad: 0.005,
                ..risks
            })
            .is_err()
        );
        assert!(
            Sprt::new(&Risks {
                good_refused: 0.6,
                ..risks
            })
            .is_err()
        );
    }
}
