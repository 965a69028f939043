//! `[checks]` of the configuration: what the house asks of its prices.

use money::Decimal;
use serde::Deserialize;

/// What the file says of checks.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checks {
    /// The least share of counted works that carry each evidence of their definition; 0.95 where absent.
    #[serde(default)]
    evidence_at_least: Option<Portion>,
    /// The least gross margin; without it the margin blocks nothing.
    #[serde(default)]
    margin_at_least: Option<Portion>,
    /// Which outcome prices need to know what would have been without the product.
    #[serde(default)]
    counterfactual: Needs,
}

/// Which outcome prices need a counterfactual of a tier better than D.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Needs {
    /// Those that charge for the difference made: a share of a measured value, or of what came to more than a
    /// baseline.
    #[default]
    PricesOfTheDifference,
    /// All of them, those of a counted unit too.
    EveryOutcome,
}

/// A share from 0 to 1.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Portion(Decimal);

impl TryFrom<String> for Portion {
    type Error = String;

    fn try_from(text: String) -> Result<Portion, String> {
        let refused = || format!("`{text}` is no share from 0 to 1, such as \"0.95\"");
        let share: Decimal = text.parse().map_err(|_| refused())?;
        if share.is_negative() || share > Decimal::ONE {
            return Err(refused());
        }
        Ok(Portion(share))
    }
}

impl Checks {
    /// The least share of counted works with each evidence.
    pub(crate) fn evidence_at_least(&self) -> Decimal {
        let usual = Decimal::new(95, 2).unwrap_or(Decimal::ONE); // 0.95 has two digits
        self.evidence_at_least.map_or(usual, |own| own.0)
    }

    /// The least gross margin, where there is one.
    pub(crate) fn margin_at_least(&self) -> Option<Decimal> {
        self.margin_at_least.map(|own| own.0)
    }

    /// Which outcome prices need a counterfactual.
    pub(crate) const fn needs(&self) -> Needs {
        self.counterfactual
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_where_nothing_is_said_and_what_is_no_share() {
        let usual = Checks::default();
        assert_eq!(usual.evidence_at_least().to_string(), "0.95");
        assert_eq!(
            (usual.margin_at_least(), usual.needs()),
            (None, Needs::PricesOfTheDifference)
        );
        let read = |text: &str| toml::from_str::<Checks>(text);
        let own = read("margin_at_least = \"0.5\"\ncounterfactual = \"every_outcome\"").unwrap();
        assert_eq!(own.margin_at_least().unwrap().to_string(), "0.5");
        assert_eq!(own.needs(), Needs::EveryOutcome);
        for wrong in [
            "margin_at_least = \"70\"",
            "evidence_at_least = \"-0.1\"",
            "evidence = \"0.9\"",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
