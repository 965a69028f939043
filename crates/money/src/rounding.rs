//! The rounding modes that a contract may name.

use serde::{Deserialize, Serialize};

/// How a value between two representable ones is decided.
///
/// Rounding happens once per cell (semantics.md D2), in the mode the contract names; half to even
/// is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// To the nearest; a tie goes to the even neighbour ("banker's").
    #[default]
    HalfEven,
    /// To the nearest; a tie goes away from zero ("commercial").
    HalfUp,
    /// Toward zero.
    Down,
    /// Away from zero.
    Up,
}

impl Rounding {
    /// The mode's name in documents: `half_even`, `half_up`, `down`, `up`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Rounding::HalfEven => "half_even",
            Rounding::HalfUp => "half_up",
            Rounding::Down => "down",
            Rounding::Up => "up",
        }
    }

    /// The mode of that name, or `None`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Rounding> {
        [
            Rounding::HalfEven,
            Rounding::HalfUp,
            Rounding::Down,
            Rounding::Up,
        ]
        .into_iter()
        .find(|mode| mode.name() == name)
    }

    /// Whether a magnitude with this quotient and remainder moves one step away from zero.
    ///
    /// `remainder < divisor`, both magnitudes.
    pub(crate) fn rounds_away(self, quotient: u128, remainder: u128, divisor: u128) -> bool {
        if remainder == 0 {
            return false;
        }
        // Compare remainder with divisor / 2 without doubling, which could overflow.
        let against_half = remainder.cmp(&(divisor - remainder));
        match self {
            Rounding::Down => false,
            Rounding::Up => true,
            Rounding::HalfUp => against_half.is_ge(),
            Rounding::HalfEven => {
                against_half.is_gt() || (against_half.is_eq() && !quotient.is_multiple_of(2))
            }
        }
    }
}
