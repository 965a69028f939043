//! A tree in memory, by the recursive definition of RFC 6962: slow and obviously right.

use std::convert::Infallible;

use tlog::proof::{NodeId, NodeReader};
use tlog::{Hash, hash};

/// The leaf hashes of a log.
pub(crate) struct Leaves(Vec<Hash>);

impl Leaves {
    pub(crate) fn of(leaves: impl IntoIterator<Item = Hash>) -> Leaves {
        Leaves(leaves.into_iter().collect())
    }

    #[allow(dead_code, reason = "not every test binary asks for single leaves")]
    pub(crate) fn leaf(&self, index: u64) -> Hash {
        self.0[usize::try_from(index).unwrap()]
    }

    /// MTH of the first `size` leaves.
    pub(crate) fn root(&self, size: u64) -> Hash {
        mth(&self.0[..usize::try_from(size).unwrap()])
    }
}

impl NodeReader for Leaves {
    type Error = Infallible;

    fn node(&self, id: NodeId) -> Result<Hash, Infallible> {
        let first = usize::try_from(id.index << id.level).unwrap();
        Ok(mth(&self.0[first..first + (1 << id.level)]))
    }
}

fn mth(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => hash::empty(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            hash::node(&mth(left), &mth(right))
        }
    }
}

#[allow(dead_code, reason = "not every test binary shows proofs")]
pub(crate) fn shown(proof: &[Hash]) -> String {
    let hashes: Vec<_> = proof.iter().map(Hash::to_string).collect();
    hashes.join(" ")
}
