//! [`Holdout`]: who gets the software, decided by the hash of a work's id and a salt, so that anybody
//! can check afterwards that nobody chose.
//!
//! The number of a work is the first eight bytes, big-endian, of SHA-256 over
//! `piecework holdout v1`, the salt and the id, each followed by a line feed; a work is held out where
//! number · 1,000,000 / 2⁶⁴ < held-out parts per million. Exact integers, no float decides. The hash
//! function is an argument: this crate has none. Not here: publishing the salt before the first work
//! (a document in the shared log).

use crate::error::{Error, at_most};
use crate::special::chi_squared;

/// What the hash is over, before salt and id.
const DOMAIN: &str = "piecework holdout v1";

/// All parts.
const WHOLE_PPM: u32 = 1_000_000;

/// A holdout: a salt, and the share that is held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holdout {
    salt: String,
    held_out_ppm: u32,
}

/// Where a work was assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arm {
    /// With the software.
    Treated,
    /// Without.
    HeldOut,
}

impl Holdout {
    /// A holdout of so many parts per million. A salt has no line feed, so no two (salt, id) hash the
    /// same text.
    ///
    /// # Errors
    /// More than a million parts, or a salt with a line feed in it.
    pub fn new(salt: impl Into<String>, held_out_ppm: u32) -> Result<Holdout, Error> {
        let salt = salt.into();
        let parts = u64::from(held_out_ppm);
        at_most("held-out parts per million", parts, u64::from(WHOLE_PPM))?;
        let feeds = salt.bytes().filter(|&byte| byte == b'\n').count() as u64;
        at_most("line feeds in a salt", feeds, 0)?;
        Ok(Holdout { salt, held_out_ppm })
    }

    /// Where a unit belongs. For assignment by customer, its id is the customer's.
    pub fn arm(&self, id: &str, sha256: impl Fn(&[u8]) -> [u8; 32]) -> Arm {
        let digest = sha256(format!("{DOMAIN}\n{}\n{id}\n", self.salt).as_bytes());
        let number = digest[..8]
            .iter()
            .fold(0u64, |sum, &byte| sum << 8 | u64::from(byte));
        let parts = (u128::from(number) * u128::from(WHOLE_PPM)) >> 64;
        if parts < u128::from(self.held_out_ppm) {
            Arm::HeldOut
        } else {
            Arm::Treated
        }
    }

    /// The p-value of arms of such sizes (chi-squared, one degree of freedom). Under 0.001 somebody is
    /// missing: Fabijan et al., "Diagnosing sample ratio mismatch", 2019.
    ///
    /// # Errors
    /// The holdout takes nobody or everybody, or there are no units.
    pub fn sample_ratio(&self, treated: u64, held_out: u64) -> Result<f64, Error> {
        let all = treated as f64 + held_out as f64;
        let share = f64::from(self.held_out_ppm) / f64::from(WHOLE_PPM);
        let (out, with) = (all * share, all * (1.0 - share));
        if out <= 0.0 || with <= 0.0 {
            return Err(Error::TooFew {
                what: "units expected in an arm",
                is: 0,
                needs: 1,
            });
        }
        let off = held_out as f64 - out;
        chi_squared::survival(off * off / out + off * off / with, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::close::relative;

    #[test]
    fn the_text_that_is_hashed_and_the_number_that_decides() {
        let holdout = Holdout::new("2026-q3", 100_000).unwrap();
        let first = |byte: u8, second: u8| {
            let mut digest = [0u8; 32];
            (digest[0], digest[1]) = (byte, second);
            digest
        };
        let seen = std::cell::RefCell::new(Vec::new());
        let arm = holdout.arm("work-1", |text| {
            *seen.borrow_mut() = text.to_vec();
            first(0x19, 0x99)
        });
        assert_eq!(*seen.borrow(), b"piecework holdout v1\n2026-q3\nwork-1\n");
        // 0x1999 / 2¹⁶ is just below a tenth, 0x199a above.
        assert_eq!(arm, Arm::HeldOut);
        assert_eq!(holdout.arm("work-1", |_| first(0x19, 0x9a)), Arm::Treated);
        let none = Holdout::new("s", 0).unwrap();
        assert_eq!(none.arm("w", |_| [0; 32]), Arm::Treated);
        let all = Holdout::new("s", 1_000_000).unwrap();
        assert_eq!(all.arm("w", |_| [255; 32]), Arm::HeldOut);
        assert!(Holdout::new("s", 1_000_001).is_err());
        assert!(Holdout::new("s\nt", 1).is_err());
    }

    /// 5,200 and 4,800 of halves: (200² / 5000) · 2 = 16, p = 6.334e-5.
    #[test]
    fn sample_ratio_mismatch() {
        let half = Holdout::new("s", 500_000).unwrap();
        relative(
            half.sample_ratio(5_200, 4_800).unwrap(),
            6.334_248_366_623_973e-5,
            1e-12,
        );
        relative(half.sample_ratio(5_000, 5_000).unwrap(), 1.0, 1e-15);
        assert!(half.sample_ratio(0, 0).is_err());
        assert!(Holdout::new("s", 0).unwrap().sample_ratio(9, 0).is_err());
    }
}
