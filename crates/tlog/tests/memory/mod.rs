//! A tree in memory, by the recursive definition of RFC 6962.

use std::convert::Infallible;

use tlog::proof::{NodeId, NodeReader};
use tlog::{Hash, hash};

/// The hashes of a log: leaves, then the nodes over two, over four, and so on.
pub(crate) struct Leaves(Vec<Vec<Hash>>);

impl Leaves {
    pub(crate) fn of(leaves: impl IntoIterator<Item = Hash>) -> Leaves {
        let mut levels = vec![leaves.into_iter().collect::<Vec<_>>()];
        while let Some(below) = levels.last().filter(|below| below.len() > 1) {
            let pairs = below.as_chunks::<2>().0.iter();
            levels.push(pairs.map(|[left, right]| hash::node(left, right)).collect());
        }
        Leaves(levels)
    }

    #[allow(dead_code, reason = "not every test binary asks for single leaves")]
    pub(crate) fn leaf(&self, index: u64) -> Hash {
        self.at(0, index)
    }

    /// MTH of the first `size` leaves.
    pub(crate) fn root(&self, size: u64) -> Hash {
        match size {
            0 => hash::empty(),
            _ => self.mth(0, size),
        }
    }

    fn mth(&self, first: u64, leaves: u64) -> Hash {
        if leaves.is_power_of_two() {
            return self.at(leaves.ilog2(), first / leaves);
        }
        let left = leaves.next_power_of_two() / 2;
        hash::node(
            &self.mth(first, left),
            &self.mth(first + left, leaves - left),
        )
    }

    fn at(&self, level: u32, index: u64) -> Hash {
        self.0[level as usize][usize::try_from(index).unwrap()]
    }
}

impl NodeReader for Leaves {
    type Error = Infallible;

    fn node(&self, id: NodeId) -> Result<Hash, Infallible> {
        Ok(self.at(id.level, id.index))
    }
}

#[allow(dead_code, reason = "not every test binary shows proofs")]
pub(crate) fn shown(proof: &[Hash]) -> String {
    let hashes: Vec<_> = proof.iter().map(Hash::to_string).collect();
    hashes.join(" ")
}
