//! [`Damaged`]: what is in the book cannot be read back, or does not give what it gave.

use std::string::FromUtf8Error;

use pricing::model_costs::{MergeError, ModelCostsError};
use pricing::statement::StatementError;
use proof::draws::DrawError;
use proof::entry::EntryError;
use proof::file::BuildError;
use proof::signers::SignerError;
use proof::verdicts::SampleError;
use store::StoreError;
use store::admission::AdmissionError;
use tlog::checkpoint::CheckpointError;
use tlog::frontier::FrontierError;
use tlog::note::NoteError;
use tlog::tlog_proof::TlogProofError;
use tlog::vkey::KeyError;
use work::Digest;

use super::Error;

/// What is in the book cannot be read back, or does not give what it gave.
#[derive(Debug, thiserror::Error)]
pub enum Damaged {
    /// An entry.
    #[error("entry {index} of the log of {customer} is damaged")]
    Entry {
        /// Whose log.
        customer: String,
        /// The entry.
        index: u64,
        /// What is wrong with it.
        source: EntryError,
    },
    /// The keys of a log.
    #[error(transparent)]
    Admission(Box<AdmissionError>),
    /// Something that must be there.
    #[error("{0} is not there")]
    Missing(&'static str),
    /// A log without entries, where there must be some.
    #[error("the log has no entries")]
    NoEntries,
    /// The statement comes out otherwise.
    #[error(
        "the log does not give the statement `{number}` as it was issued: `piecework verify` of its proof \
         file tells where they differ"
    )]
    NotAsIssued {
        /// The statement.
        number: String,
    },
    /// The entry that issues a statement.
    #[error("no entry issues the statement `{number}`")]
    NoIssue {
        /// The statement.
        number: String,
    },
    /// A statement's cell.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// The proof file of a statement.
    #[error(transparent)]
    Proof(BuildError<StoreError>),
    /// Imported model costs that are gone.
    #[error("the imported model costs {commitment} are gone; import them again")]
    NoModelCosts {
        /// Their commitment.
        commitment: Digest,
    },
    /// Imported model costs that are no text.
    #[error("the model costs {commitment} are not text")]
    NotText {
        /// Their commitment.
        commitment: Digest,
        /// Where not.
        source: FromUtf8Error,
    },
    /// Imported model costs.
    #[error(transparent)]
    ModelCosts(#[from] ModelCostsError),
    /// Two lists of model costs.
    #[error(transparent)]
    Merge(#[from] MergeError),
    /// A published key.
    #[error("entry {index} of the log of {customer} publishes no key")]
    Key {
        /// Whose log.
        customer: String,
        /// The entry.
        index: u64,
        /// What is wrong with it.
        source: SignerError,
    },
    /// A published key that cannot cosign.
    #[error(transparent)]
    CosignerKey(KeyError),
    /// The tree of a log.
    #[error(transparent)]
    Frontier(#[from] FrontierError),
    /// The head of a log.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A signed head.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// A proof that an entry is in the log.
    #[error(transparent)]
    Inclusion(#[from] TlogProofError),
    /// A statement that was issued and does not stand.
    #[error("`{number}` was issued and does not stand; `piecework doctor` looks for what is wrong")]
    NotStanding {
        /// The statement.
        number: String,
    },
    /// A draw that the log must not hold.
    #[error("entry {entry} of the customer log")]
    Draw {
        /// The entry.
        entry: u64,
        /// Why not.
        source: DrawError,
    },
    /// Samples that cannot be told.
    #[error(transparent)]
    Sample(#[from] SampleError),
    /// A document that cannot be written down.
    #[error("writing {what}")]
    Document {
        /// Which.
        what: &'static str,
        /// Why.
        source: toml::ser::Error,
    },
}

impl From<MergeError> for Error {
    fn from(error: MergeError) -> Error {
        Damaged::from(error).into()
    }
}

impl From<ModelCostsError> for Error {
    fn from(error: ModelCostsError) -> Error {
        Damaged::from(error).into()
    }
}

impl From<FrontierError> for Error {
    fn from(error: FrontierError) -> Error {
        Damaged::from(error).into()
    }
}

impl From<CheckpointError> for Error {
    fn from(error: CheckpointError) -> Error {
        Damaged::from(error).into()
    }
}

impl From<NoteError> for Error {
    fn from(error: NoteError) -> Error {
        Damaged::from(error).into()
    }
}

impl From<TlogProofError> for Error {
    fn from(error: TlogProofError) -> Error {
        Damaged::from(error).into()
    }
}
