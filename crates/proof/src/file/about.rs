//! [`About`]: `proof.json`, which says what a proof file is about.
//!
//! Nothing in it is to be believed for itself: everything that matters is checked against the log.

use jiff::Timestamp;
use tlog::Hash;
use work::Json;

use crate::profile::{self, ProfileError};

/// The number of the format.
const FORMAT: &str = "1";
/// The one kind of proof file.
const KIND: &str = "statement";
/// The number of the rules that decide money.
const SEMANTICS: &str = "1";

/// Whether a file holds the whole log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Full,
    /// It holds the log from this position on, and what came before as a carry.
    Carry {
        /// Entries that the carry stands for.
        from: u64,
    },
}

impl Mode {
    /// The mode's word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Mode::Full => "full",
            Mode::Carry { .. } => "carry",
        }
    }

    /// The first entry that the statement's own part of the log begins with.
    #[must_use]
    pub const fn from(self) -> u64 {
        match self {
            Mode::Full => 0,
            Mode::Carry { from } => from,
        }
    }
}

/// What a proof file is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// Whether the file holds the whole log.
    pub mode: Mode,
    /// The customer.
    pub customer: String,
    /// The contract's id.
    pub contract: String,
    /// The statement's printed number.
    pub number: String,
    /// The statement's cut.
    pub cut: Timestamp,
    /// Which issue of the cut.
    pub revision: u32,
    /// Origin of the customer log.
    pub origin: String,
    /// The log's key, as a vkey; not to be trusted for being here.
    pub vkey: String,
    /// Entries that the statement was computed from.
    pub coverage: u64,
    /// Size of the log's head.
    pub size: u64,
    /// Its root.
    pub root: Hash,
    /// Position of the `statement.issued` entry.
    pub issued: u64,
    /// Version of the time-zone data that the statement was made with.
    pub time_zones: String,
    /// What made the file.
    pub engine: Engine,
}

/// The software that made a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Why bytes are not a `proof.json`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AboutError {
    /// Not in the strict profile.
    #[error("proof.json is not strict JSON at {0}")]
    Profile(#[from] ProfileError),
    /// A member.
    #[error("proof.json: `{0}` is missing or is not what the format says")]
    Member(&'static str),
    /// Another format or kind.
    #[error(
        "proof.json: this is format {format}, kind `{kind}`, semantics {semantics}; \
         a verifier of format {FORMAT} reads kind `{KIND}`, semantics {SEMANTICS}"
    )]
    Unknown {
        /// Its format.
        format: String,
        /// Its kind.
        kind: String,
        /// Its semantics.
        semantics: String,
    },
    /// A member that is not of the format, or another way of writing.
    #[error("proof.json has a member that the format does not have, or a value in another form")]
    NotCanonical,
}

impl About {
    /// The bytes of `proof.json`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let number = |number: u64| Some(Json::text(number.to_string()));
        let text = |text: &str| Some(Json::text(text));
        let integer = |digits: &str| Some(Json::Number(digits.into()));
        let coverage = Json::object([
            ("from", number(self.mode.from())),
            ("until", number(self.coverage)),
        ]);
        let head = Json::object([
            ("root", text(&self.root.to_string())),
            ("size", number(self.size)),
        ]);
        let engine = Json::object([
            ("name", text(&self.engine.name)),
            ("version", text(&self.engine.version)),
        ]);
        Json::object([
            ("v", integer(FORMAT)),
            ("kind", text(KIND)),
            ("mode", text(self.mode.word())),
            ("customer", text(&self.customer)),
            ("contract", text(&self.contract)),
            ("number", text(&self.number)),
            ("cut", text(&self.cut.to_string())),
            ("revision", number(u64::from(self.revision))),
            ("origin", text(&self.origin)),
            ("vkey", text(&self.vkey)),
            ("coverage", Some(coverage)),
            ("head", Some(head)),
            ("issued", number(self.issued)),
            ("semantics", integer(SEMANTICS)),
            ("time_zones", text(&self.time_zones)),
            ("engine", Some(engine)),
        ])
        .to_canonical()
    }

    /// Reads the bytes of `proof.json`.
    ///
    /// # Errors
    /// [`AboutError`].
    pub fn parse(bytes: &[u8]) -> Result<About, AboutError> {
        let json = profile::parse(bytes)?;
        let at = Members(&json);
        let printed = |value: Option<&Json>| match value {
            Some(Json::Number(text) | Json::String(text)) => text.to_string(),
            _ => "none".to_owned(),
        };
        let (format, kind, semantics) = (json.get("v"), json.get("kind"), json.get("semantics"));
        let is_known = format == Some(&Json::Number(FORMAT.into()))
            && kind == Some(&Json::text(KIND))
            && semantics == Some(&Json::Number(SEMANTICS.into()));
        if !is_known {
            return Err(AboutError::Unknown {
                format: printed(format),
                kind: printed(kind),
                semantics: printed(semantics),
            });
        }
        let head = at.object("head")?;
        let engine = at.object("engine")?;
        let coverage = at.object("coverage")?;
        let about = About {
            mode: match at.text("mode")? {
                "full" => Mode::Full,
                "carry" => Mode::Carry {
                    from: coverage.parsed("from")?,
                },
                _ => return Err(AboutError::Member("mode")),
            },
            customer: at.text("customer")?.to_owned(),
            contract: at.text("contract")?.to_owned(),
            number: at.text("number")?.to_owned(),
            cut: at.parsed("cut")?,
            revision: at.parsed("revision")?,
            origin: at.text("origin")?.to_owned(),
            vkey: at.text("vkey")?.to_owned(),
            coverage: coverage.parsed("until")?,
            size: head.parsed("size")?,
            root: head.parsed("root")?,
            issued: at.parsed("issued")?,
            time_zones: at.text("time_zones")?.to_owned(),
            engine: Engine {
                name: engine.text("name")?.to_owned(),
                version: engine.text("version")?.to_owned(),
            },
        };
        if about.to_text().as_bytes() != bytes {
            return Err(AboutError::NotCanonical);
        }
        Ok(about)
    }
}

/// An object whose members are read by name.
struct Members<'a>(&'a Json);

impl<'a> Members<'a> {
    fn text(&self, name: &'static str) -> Result<&'a str, AboutError> {
        let text = self.0.get(name).and_then(Json::as_str);
        text.ok_or(AboutError::Member(name))
    }

    fn parsed<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, AboutError> {
        let value = self.text(name)?.parse();
        value.map_err(|_| AboutError::Member(name))
    }

    fn object(&self, name: &'static str) -> Result<Members<'a>, AboutError> {
        match self.0.get(name) {
            Some(object @ Json::Object(_)) => Ok(Members(object)),
            _ => Err(AboutError::Member(name)),
        }
    }
}
