//! The first page of a server.

/// Who looks at it, and what there is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Who sells.
    pub vendor: String,
    /// Who looks; nobody known where absent.
    pub reader: Option<Reader>,
    /// What became of the last try to sign in.
    pub told: Option<String>,
    /// The address of this server that was asked for before signing in, to which the reader returns.
    pub next: Option<String>,
}

/// Somebody who is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Who it is, in words.
    pub who: String,
    /// What the reader may do, in words.
    pub may: Vec<String>,
    /// What there is to see: a name and an address on this server.
    pub places: Vec<(String, String)>,
}
