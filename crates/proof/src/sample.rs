//! Samples that nobody picks: the seed, and the two ways to draw from it.
//!
//! `docs/reference/proof-file.md` section 7. The seed is of a text that names the head, the range, the
//! stratum and the buyer's nonce; neither times, signatures nor the size of the sample are in it. Not
//! here: which works may be drawn (that needs the statement) and what a sample says (`evidence`).
//! Invariant: a larger sample begins with the items of a smaller one.

use sha2::{Digest as _, Sha256};
use tlog::Hash;
use work::Digest;

const PURPOSE: &str = "piecework/sample/v1";
const TICKET: u8 = 0x02;
const POINT: u8 = 0x03;
const LIMB: u128 = u64::MAX as u128;

/// What a seed is made of.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Origin of the customer log.
    pub origin: &'a str,
    /// Size of the smallest head that holds the statement's entry.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Entries that the statement was computed from.
    pub coverage: u64,
    /// `all`, or `unit:<id>`.
    pub stratum: &'a str,
    /// The buyer's nonce.
    pub nonce: Option<Digest>,
}

/// The seed of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed([u8; 32]);

/// One work's weight in a sample by money: its charge in millionths of the currency's unit.
pub type Weight = u128;

impl Seed {
    /// The seed of a sample.
    #[must_use]
    pub fn of(source: &Source<'_>) -> Seed {
        Seed::with_purpose(PURPOSE, source)
    }

    fn with_purpose(purpose: &str, source: &Source<'_>) -> Seed {
        let Source {
            origin,
            size,
            root,
            coverage,
            stratum,
            nonce,
        } = source;
        let nonce = nonce.map_or_else(|| "none".to_owned(), |nonce| nonce.to_string());
        let text = format!(
            "{purpose}\norigin {origin}\nsize {size}\nroot {root}\nrange 0 {coverage}\n\
             stratum {stratum}\nnonce {nonce}\ndrand none\n"
        );
        Seed(Sha256::digest(text).into())
    }

    /// The seed as entries hold it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::from_bytes(self.0)
    }

    /// Draws every item alike, without replacement: the first `size` in the order of (ticket, item).
    /// `items` are without repetition.
    #[must_use]
    pub fn bottom_k(&self, items: impl IntoIterator<Item = u64>, size: usize) -> Vec<u64> {
        let mut tickets: Vec<([u8; 32], u64)> = items
            .into_iter()
            .map(|item| (self.hash(TICKET, item), item))
            .collect();
        tickets.sort_unstable();
        tickets.truncate(size);
        tickets.into_iter().map(|(_, item)| item).collect()
    }

    /// Draws `size` times by weight, with replacement; `items` are in order. Nothing where nothing has
    /// a weight.
    #[must_use]
    pub fn by_money(&self, items: &[(u64, Weight)], size: usize) -> Vec<u64> {
        let mut bounds: Vec<(Weight, u64)> = Vec::with_capacity(items.len());
        let mut total: Weight = 0;
        for (item, weight) in items {
            total = total.saturating_add(*weight);
            bounds.push((total, *item));
        }
        if total == 0 {
            return Vec::new();
        }
        let draws = 0..u64::try_from(size).unwrap_or(u64::MAX);
        draws
            .map(|draw| {
                let point = self.point(draw, total);
                // The last bound is the total, and a point lies below it.
                let place = bounds.partition_point(|(bound, _)| *bound <= point);
                bounds[place.min(bounds.len() - 1)].1
            })
            .collect()
    }

    /// A point of [0, total): (hash as a number · total) >> 256.
    fn point(&self, draw: u64, total: Weight) -> Weight {
        let hash = self.hash(POINT, draw);
        let (low, high) = (total & LIMB, total >> 64);
        // In limbs of 64 bits, from the least: sum = hash · total, of which the lower four limbs are
        // shifted out as soon as they are known.
        let (mut sum_low, mut sum_high) = (0u128, 0u128);
        for limb in hash.rchunks_exact(8) {
            let limb = limb
                .iter()
                .fold(0, |sum, byte| sum << 8 | u128::from(*byte));
            // sum = (sum + limb · total) >> 64, where sum is below total: no step overflows.
            let least = sum_low + limb * low;
            let rest = sum_high + limb * high + (least >> 64);
            (sum_low, sum_high) = (rest & LIMB, rest >> 64);
        }
        sum_high << 64 | sum_low
    }

    fn hash(&self, domain: u8, number: u64) -> [u8; 32] {
        Sha256::new()
            .chain_update([domain])
            .chain_update(self.0)
            .chain_update(number.to_be_bytes())
            .finalize()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seed() -> Seed {
        let source = Source {
            origin: "vendor.example/log/8f3a",
            size: 8,
            root: "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
                .parse()
                .unwrap(),
            coverage: 8,
            stratum: "all",
            nonce: Some(Digest::from_bytes([0; 32])),
        };
        Seed::with_purpose("revenue-engine.example/sample/v1", &source)
    }

    #[test]
    fn the_vectors_of_the_page() {
        let seed = seed();
        assert_eq!(
            seed.digest().to_string(),
            "f9e3297fba31474a8e3830a2735e0c040e9a4c8ba2a11e728a51661f7b24688d"
        );
        let tickets: Vec<String> = (0..8)
            .map(|item| Digest::from_bytes(seed.hash(TICKET, item)).to_string()[..16].to_owned())
            .collect();
        assert_eq!(
            tickets.join(" "),
            "c19832fb9bc3bcf3 9c6da83ec0818f4b fd4e41c66fee47f9 bef668c994546cd7 \
             32661187ff3d14a0 7fbc6e1fce1a0884 39c304058b653d23 f1c0dba4b6acc368"
        );
        assert_eq!(seed.bottom_k(0..8, 8), [4, 6, 5, 1, 3, 0, 7, 2]);
        let mut ten = seed.bottom_k(0..1000, 10);
        ten.sort_unstable();
        assert_eq!(ten, [73, 96, 336, 358, 368, 548, 682, 803, 975, 989]);
        let items: Vec<(u64, Weight)> = (0..20).map(|i| (i, u128::from(i + 1) * 1000)).collect();
        let points: Vec<Weight> = (0..5).map(|draw| seed.point(draw, 210_000)).collect();
        assert_eq!(points, [89_222, 136_871, 71_489, 42_340, 147_996]);
        assert_eq!(seed.by_money(&items, 5), [12, 16, 11, 8, 16]);
    }

    #[test]
    fn a_nonce_and_a_stratum_make_another_seed_and_a_size_does_not() {
        let seed = seed();
        assert_eq!(seed.bottom_k(0..1000, 60)[..10], seed.bottom_k(0..1000, 10));
        let items: Vec<(u64, Weight)> = (0..9).map(|i| (i, 1)).collect();
        assert_eq!(seed.by_money(&items, 60)[..10], seed.by_money(&items, 10));
    }

    #[test]
    fn nothing_is_drawn_from_nothing() {
        let seed = seed();
        assert_eq!(seed.bottom_k([], 5), []);
        assert_eq!(seed.by_money(&[], 5), []);
        assert_eq!(seed.by_money(&[(7, 0)], 5), []);
        assert_eq!(seed.by_money(&[(7, 0), (9, 1)], 2), [9, 9]);
    }

    /// (hash · total) >> 256 against the same in decimal steps of one byte.
    #[test]
    fn points_are_exact_for_totals_of_any_size() {
        let seed = seed();
        for total in [1, 255, 1 << 64, (1 << 127) + 12_345, u128::MAX] {
            for draw in 0..50 {
                let hash = seed.hash(POINT, draw);
                // Long multiplication from the least byte, keeping what is carried.
                let (mut carried_high, mut carried) = (0u128, 0u128);
                for byte in hash.iter().rev() {
                    let byte = u128::from(*byte);
                    let low = carried + byte * (total & LIMB);
                    let high = carried_high + byte * (total >> 64) + (low >> 64);
                    let low = low & LIMB;
                    carried = (low >> 8) | ((high & 0xff) << 56);
                    carried_high = high >> 8;
                }
                assert_eq!(seed.point(draw, total), carried_high << 64 | carried);
                assert!(seed.point(draw, total) < total);
            }
        }
    }
}
