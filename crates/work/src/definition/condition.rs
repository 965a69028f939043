//! Conditions: `all / any / not` over `kind where attribute op literal`, plus `quiet` and `elapsed`.
//!
//! ```text
//! condition := "all(" condition {"," condition} ")"
//!            | "any(" condition {"," condition} ")"
//!            | "not(" condition ")"
//!            | "quiet(" span "," anchor ")"
//!            | "elapsed(" span "," anchor ")"
//!            | predicate
//! predicate := kind ["where" test {"and" test}] ["since" anchor | "ever"]
//!            | test                                   (only in `only`: shared headers)
//! test      := attribute op literal | attribute "in" "(" literal {"," literal} ")"
//! op        := "=" | "!=" | "<" | "<=" | ">" | ">="
//! anchor    := "opened" | "first" predicate | "last" predicate
//! ```
//!
//! A predicate looks at the facts of the current *episode*: since the unit opened, or since it was
//! last reopened. `since` narrows it to facts after an anchor; `ever` widens it to the whole unit.
//! For `verified` (per check), `rated` and `reviewed` the latest fact speaks; for the others any fact
//! does (S11). `quiet(72h, last answered)` holds once 72 hours have passed since the anchor in which
//! the customer asked no further question and no person replied; `elapsed` looks at the time alone.

use money::Decimal;

use crate::body::Kind;
use crate::{Header, Span};

/// A condition over the facts of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every part holds.
    All(Vec<Condition>),
    /// Some part holds.
    Any(Vec<Condition>),
    /// The part does not hold.
    Not(Box<Condition>),
    /// A fact is there.
    Fact(Predicate),
    /// Nothing disturbed the anchor for so long.
    Quiet(Span, Anchor),
    /// So long has passed since the anchor.
    Elapsed(Span, Anchor),
    /// A shared header has a value (only in `only`).
    Header(Test),
}

/// A fact of a kind, with tests on its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate {
    /// The kind.
    pub kind: Kind,
    /// Tests that all hold of it.
    pub tests: Vec<Test>,
    /// Where it is looked for.
    pub scope: Scope,
}

/// Where a predicate looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Since the unit opened or was last reopened.
    Episode,
    /// In the whole unit.
    Ever,
    /// After an anchor in the episode.
    Since(Box<Anchor>),
}

/// An instant made by facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// The unit's opening, or its last reopening.
    Opened,
    /// The first fact of the episode that matches.
    First(Predicate),
    /// The last one.
    Last(Predicate),
}

/// A test of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Test {
    /// The attribute.
    pub attribute: Attribute,
    /// The comparison.
    pub op: Op,
    /// What it is compared with; more than one only for [`Op::In`].
    pub literals: Vec<Literal>,
}

/// An attribute of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// A shared header.
    Header(Header),
    /// An attribute of the kind, from its closed list.
    Own(&'static str),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal; also where the attribute is missing.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// One of several.
    In,
}

/// A literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// A word, bare or in quotes.
    Text(String),
    /// A number.
    Number(Decimal),
    /// `true` or `false`.
    Flag(bool),
}
