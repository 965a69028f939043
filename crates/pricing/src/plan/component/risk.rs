//! `risk`: a factor on another component, by what is known of each unit.

use money::Decimal;
use work::Header;

use super::Terms;
use crate::document::Table;
use crate::limits::GROUPS_MAX;

/// The band of those of which nothing is known.
const MISSING: &str = "missing";

/// The band of works whose confidence is not calibrated.
pub const FALLBACK: &str = "fallback";

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
    /// The factor of works whose confidence is not calibrated when they count.
    pub fallback: Option<Fallback>,
}

/// What holds while a price may not depend on confidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The subject of the calibrations.
    pub calibration: String,
    /// The factor.
    pub multiplier: Decimal,
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

impl Risk {
    /// The band of what is known, and its factor; `missing` where nothing is.
    #[must_use]
    pub fn band_of(&self, number: Option<Decimal>, word: Option<&str>) -> (String, Decimal) {
        let found = self.bands.iter().rev().find(|band| match &band.holds {
            BandRange::From(bound) => number.is_some_and(|number| number >= *bound),
            BandRange::Word(own) => word == Some(own.as_str()),
        });
        match found {
            Some(band) => (band.label(), band.multiplier),
            None => (MISSING.to_owned(), self.missing),
        }
    }

    /// The names of every band, `missing` and `fallback` last.
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        let fallback = self.fallback.iter().map(|_| FALLBACK.to_owned());
        self.bands
            .iter()
            .map(Band::label)
            .chain([MISSING.to_owned()])
            .chain(fallback)
            .collect()
    }
}

pub(super) fn read(table: &Table<'_>) -> Option<Terms> {
    let modifies = table.need("modifies", table.id("modifies"));
    let by = match table.text("by").as_deref() {
        None => RiskBy::Everything,
        Some("confidence") => RiskBy::Confidence,
        Some("review") => RiskBy::Review,
        Some(text) => match text.strip_prefix("header ").and_then(Header::from_name) {
            Some(header) => RiskBy::Header(header),
            None => {
                table.fault(
                    "by",
                    format!("`{text}` is not `confidence`, `review` or `header NAME`"),
                    Some("the headers are listed in docs/reference/events.md, e.g. `header tier`"),
                );
                return None;
            }
        },
    };
    if by == RiskBy::Everything {
        let multiplier = table.need("multiplier", table.quantity("multiplier"));
        return Some(Terms::Risk(Risk {
            modifies: modifies?,
            by,
            bands: Vec::new(),
            missing: multiplier?,
            fallback: None,
        }));
    }
    let bands: Vec<Band> = table
        .tables("band", GROUPS_MAX)
        .iter()
        .filter_map(|band_table| band(band_table, by))
        .collect();
    if bands.is_empty() && table.faults.is_empty() {
        table.fault(
            "band",
            "a risk component has at least one [[component.band]]",
            None,
        );
    }
    let rises = bands
        .windows(2)
        .all(|pair| match (&pair[0].holds, &pair[1].holds) {
            (BandRange::From(lower), BandRange::From(upper)) => lower < upper,
            _ => true,
        });
    if !rises {
        table.fault("band", "`from` must rise from band to band", None);
    }
    let missing = table.need("missing", table.quantity("missing"));
    let fallback = match by {
        RiskBy::Confidence => table.table("fallback").and_then(|table| fallback(&table)),
        _ => None, // elsewhere the key is none
    };
    Some(Terms::Risk(Risk {
        modifies: modifies?,
        by,
        bands,
        missing: missing?,
        fallback,
    }))
}

fn fallback(table: &Table<'_>) -> Option<Fallback> {
    let calibration = table.need("calibration", table.id("calibration"));
    let multiplier = table.need("multiplier", table.quantity("multiplier"));
    table.finish();
    Some(Fallback {
        calibration: calibration?,
        multiplier: multiplier?,
    })
}

fn band(table: &Table<'_>, by: RiskBy) -> Option<Band> {
    let multiplier = table.need("multiplier", table.quantity("multiplier"));
    let holds = if by == RiskBy::Confidence {
        table
            .need("from", table.quantity("from"))
            .map(BandRange::From)
    } else {
        table.need("is", table.text("is")).map(BandRange::Word)
    };
    if holds == Some(BandRange::Word(MISSING.to_owned())) {
        table.fault(
            "is",
            "`missing` is the band of those of which nothing is known",
            Some("its factor is the component's own key `missing`"),
        );
    }
    table.finish();
    Some(Band {
        holds: holds?,
        multiplier: multiplier?,
    })
}
