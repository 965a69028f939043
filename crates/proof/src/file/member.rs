//! [`Member`]: what each name in a proof file is.

use tlog::bundle::BundleId;
use tlog::tile::TileId;
use work::Digest;

use crate::limits::{
    ABOUT_BYTES_MAX, BUNDLE_BYTES_MAX, CARRY_BYTES_MAX, CHECKPOINT_BYTES_MAX, MANIFEST_BYTES_MAX,
    PAYLOAD_BYTES_MAX, README_BYTES_MAX, STATEMENT_BYTES_MAX, TILE_BYTES_MAX,
};

/// What a member is, from its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Member {
    /// `MANIFEST`.
    Manifest,
    /// `README.txt`.
    Readme,
    /// `brought`.
    Brought,
    /// `carry`.
    Carry,
    /// `log/checkpoint`.
    Checkpoint,
    /// `log/tile/entries/<N>[.p/<W>]`.
    Bundle(BundleId),
    /// `log/tile/<L>/<N>[.p/<W>]`.
    Tile(TileId),
    /// `payloads/<commitment>`.
    Payload(Digest),
    /// `proof.json`.
    About,
    /// `statement.json`.
    Statement,
}

impl Member {
    /// `MANIFEST`.
    pub const MANIFEST: &'static str = "MANIFEST";
    /// `README.txt`.
    pub const README: &'static str = "README.txt";
    /// `brought`.
    pub const BROUGHT: &'static str = "brought";
    /// `carry`.
    pub const CARRY: &'static str = "carry";
    /// `log/checkpoint`.
    pub const CHECKPOINT: &'static str = "log/checkpoint";
    /// `proof.json`.
    pub const ABOUT: &'static str = "proof.json";
    /// `statement.json`.
    pub const STATEMENT: &'static str = "statement.json";
    /// The members that every file has, beside the log's tiles.
    pub const REQUIRED: [&'static str; 5] = [
        Member::MANIFEST,
        Member::README,
        Member::CHECKPOINT,
        Member::ABOUT,
        Member::STATEMENT,
    ];

    /// What the member of that name is; `None` where the format has none of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Member> {
        match name {
            Member::MANIFEST => return Some(Member::Manifest),
            Member::README => return Some(Member::Readme),
            Member::BROUGHT => return Some(Member::Brought),
            Member::CARRY => return Some(Member::Carry),
            Member::CHECKPOINT => return Some(Member::Checkpoint),
            Member::ABOUT => return Some(Member::About),
            Member::STATEMENT => return Some(Member::Statement),
            _ => {}
        }
        if let Some(commitment) = name.strip_prefix("payloads/") {
            return commitment.parse().ok().map(Member::Payload);
        }
        let path = name.strip_prefix("log/")?;
        let bundle = path.parse().map(Member::Bundle).ok();
        bundle.or_else(|| path.parse().map(Member::Tile).ok())
    }

    /// The most bytes that such a member may have.
    #[must_use]
    pub const fn bytes_max(self) -> u64 {
        match self {
            Member::Manifest => MANIFEST_BYTES_MAX,
            Member::Readme => README_BYTES_MAX,
            Member::Brought | Member::Carry => CARRY_BYTES_MAX,
            Member::Checkpoint => CHECKPOINT_BYTES_MAX,
            Member::Bundle(_) => BUNDLE_BYTES_MAX,
            Member::Tile(_) => TILE_BYTES_MAX,
            Member::Payload(_) => PAYLOAD_BYTES_MAX + crate::commitment::SALT_BYTES as u64,
            Member::About => ABOUT_BYTES_MAX,
            Member::Statement => STATEMENT_BYTES_MAX,
        }
    }
}

/// The name of a bundle's member.
pub(crate) fn bundle_name(id: BundleId) -> String {
    format!("log/{id}")
}

/// The name of a hash tile's member.
pub(crate) fn tile_name(id: TileId) -> String {
    format!("log/{id}")
}

/// The name of a payload's member.
pub(crate) fn payload_name(commitment: Digest) -> String {
    format!("payloads/{commitment}")
}
