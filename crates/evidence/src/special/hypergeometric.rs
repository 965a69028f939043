//! The hypergeometric distribution: marked works among those drawn without replacement from a lot.

use super::binomial::probability_of as binomial;
use crate::error::{Error, at_most};
use crate::limits::COUNT_MAX;

/// A lot and a draw from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draw {
    lot: u64,
    marked: u64,
    drawn: u64,
}

impl Draw {
    /// So many drawn from a lot, of which so many are marked.
    ///
    /// # Errors
    /// More marked or drawn than the lot has, or a lot over [`COUNT_MAX`].
    pub fn new(lot: u64, marked: u64, drawn: u64) -> Result<Draw, Error> {
        at_most("works in the lot", lot, COUNT_MAX)?;
        for (what, is) in [("marked", marked), ("drawn", drawn)] {
            if is > lot {
                return Err(Error::More { what, is, of: lot });
            }
        }
        Ok(Draw { lot, marked, drawn })
    }

    /// P(X = hits): three binomial probabilities at the rate drawn / lot (Loader 2000).
    #[must_use]
    pub fn probability(self, hits: u64) -> f64 {
        let Draw { lot, marked, drawn } = self;
        if hits < self.least() || hits > self.most() {
            return 0.0;
        }
        let rate = drawn as f64 / lot as f64;
        if rate == 0.0 || drawn == lot {
            return 1.0;
        }
        binomial(hits, marked, rate) * binomial(drawn - hits, lot - marked, rate)
            / binomial(drawn, lot, rate)
    }

    /// P(X ≤ hits), summed over the shorter side, each term from the one before.
    #[must_use]
    pub fn at_most(self, hits: u64) -> f64 {
        if hits < self.least() {
            return 0.0;
        }
        if hits >= self.most() {
            return 1.0;
        }
        let mean = self.drawn as f64 * (self.marked as f64 / self.lot as f64);
        if (hits as f64) < mean {
            self.sum_down(hits)
        } else {
            1.0 - self.sum_up(hits + 1)
        }
    }

    fn least(self) -> u64 {
        (self.drawn + self.marked).saturating_sub(self.lot)
    }

    fn most(self) -> u64 {
        self.drawn.min(self.marked)
    }

    fn sum_down(self, from: u64) -> f64 {
        let (mut term, mut sum) = (self.probability(from), 0.0);
        let mut hits = from;
        while term > sum * 1e-18 {
            sum += term;
            if hits == self.least() {
                break;
            }
            term *= self.step(hits - 1).recip();
            hits -= 1;
        }
        sum
    }

    fn sum_up(self, from: u64) -> f64 {
        let (mut term, mut sum) = (self.probability(from), 0.0);
        let mut hits = from;
        while term > sum * 1e-18 {
            sum += term;
            if hits == self.most() {
                break;
            }
            term *= self.step(hits);
            hits += 1;
        }
        sum
    }

    /// P(X = hits + 1) / P(X = hits), for hits in [least, most).
    fn step(self, hits: u64) -> f64 {
        let unmarked_left = self.lot - self.marked + hits + 1 - self.drawn;
        ((self.marked - hits) as f64 / (hits + 1) as f64)
            * ((self.drawn - hits) as f64 / unmarked_left as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    /// scipy 1.17: hypergeom.pmf, cdf; the sums of the two largest draws by mpmath.
    #[test]
    fn of_a_grid() {
        for (lot, marked, drawn, hits, exactly, at_most) in [
            (20, 5, 10, 0, 0.016253869969040248, 0.016253869969040248),
            (20, 5, 10, 2, 0.34829721362229105, 0.5),
            (20, 5, 10, 3, 0.34829721362229105, 0.848297213622291),
            (200, 10, 51, 0, 0.048620720777106795, 0.048620720777106795),
            (200, 10, 51, 2, 0.2826356488942758, 0.5083747096451288),
            (200, 10, 51, 3, 0.26007787409989697, 0.7684525837450257),
            (1_000, 50, 57, 0, 0.04923683902735092, 0.04923683902735092),
            (1_000, 50, 57, 2, 0.24061825948876778, 0.44681817595230466),
            (1_000, 50, 57, 4, 0.16716387383558828, 0.8503035546429327),
            (10_000, 500, 59, 0, 0.0480580396141449, 0.0480580396141449),
            (10_000, 500, 59, 2, 0.2300978839520651, 0.42830548601243706),
            (10_000, 500, 59, 4, 0.1698329886664899, 0.8286749187655897),
            (
                1_000_000,
                300_000,
                1_000,
                0,
                1.011567065044547e-155,
                1.011567065044547e-155,
            ),
            (
                1_000_000,
                300_000,
                1_000,
                240,
                3.8131609227787694e-06,
                1.3893725888522815e-05,
            ),
            (
                1_000_000,
                300_000,
                1_000,
                300,
                0.027534774643725304,
                0.5155976519693966,
            ),
            (
                1_000_000,
                300_000,
                1_000,
                331,
                0.002831238730453597,
                0.984566210321344,
            ),
            (10_000_000, 5_000_000, 100_000, 0, 0.0, 0.0),
            (10_000_000, 5_000_000, 100_000, 40_000, 0.0, 0.0),
            (
                10_000_000,
                5_000_000,
                100_000,
                50_000,
                0.002535837259289041,
                0.501_267_918_628_649_6,
            ),
            (
                10_000_000,
                5_000_000,
                100_000,
                55_001,
                4.113894463144922e-223,
                1.0,
            ),
        ] {
            let draw = Draw::new(lot, marked, drawn).unwrap();
            relative(draw.probability(hits), exactly, 1e-9);
            relative(draw.at_most(hits), at_most, 1e-9);
        }
    }

    #[test]
    fn edges() {
        assert!(Draw::new(10, 11, 1).is_err());
        assert!(Draw::new(10, 1, 11).is_err());
        assert!(Draw::new(COUNT_MAX + 1, 1, 1).is_err());
        let all = Draw::new(10, 4, 10).unwrap();
        assert!(all.probability(4) == 1.0 && all.at_most(3) == 0.0 && all.at_most(4) == 1.0);
        let none = Draw::new(10, 4, 0).unwrap();
        assert!(none.probability(0) == 1.0 && none.probability(1) == 0.0);
        let empty = Draw::new(0, 0, 0).unwrap();
        assert!(empty.at_most(0) == 1.0);
        let forced = Draw::new(10, 8, 5).unwrap();
        assert!(forced.at_most(2) == 0.0 && forced.probability(2) == 0.0);
    }
}
