//! Conditions: `all / any / not` over `kind where attribute op literal`, plus `quiet` and `elapsed`.
//!
//! ```text
//! condition := "all(" condition {"," condition} [","] ")"
//!            | "any(" condition {"," condition} [","] ")"
//!            | "not(" condition ")"
//!            | "quiet(" span "," anchor ")"
//!            | "elapsed(" span "," anchor ")"
//!            | predicate
//! predicate := kind ["where" test {"and" test}] ["since" anchor | "ever"]
//!            | test                                   (only in `only`: shared headers)
//! test      := attribute op literal | attribute "in" "(" literal {"," literal} ")"
//! op        := "=" | "!=" | "<" | "<=" | ">" | ">="
//! anchor    := "opened" | "first" predicate | "last" predicate
//! literal   := number | "true" | "false" | word | "'" text "'" | "\"" text "\""
//! ```
//!
//! A predicate looks at the facts of the current *episode*: since the unit opened, or since it was
//! last reopened. `since` narrows it to facts after an anchor; `ever` widens it to the whole unit.
//! For `verified` (per check), `rated` and `reviewed` the latest fact speaks; for the others any fact
//! does (S11). `quiet(72h, last answered)` holds once 72 hours have passed since the anchor in which
//! the customer asked no further question and no person replied; `elapsed` looks at the time alone.
//!
//! A condition prints as it is written: `parse(print(c)) == c`. The reader is
//! [`Condition::parse`], in `condition_parse`.

use std::fmt;

use money::Decimal;

use crate::body::Kind;
use crate::{Header, Span};

use super::condition_parse::is_bare_text;

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

impl Attribute {
    /// The name, as written.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Attribute::Header(header) => header.name(),
            Attribute::Own(name) => name,
        }
    }
}

impl Op {
    /// The comparison, as written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "!=",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::In => "in",
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::All(parts) => write_list(f, "all(", parts),
            Condition::Any(parts) => write_list(f, "any(", parts),
            Condition::Not(part) => write!(f, "not({part})"),
            Condition::Fact(predicate) => predicate.fmt(f),
            Condition::Quiet(span, anchor) => write!(f, "quiet({span}, {anchor})"),
            Condition::Elapsed(span, anchor) => write!(f, "elapsed({span}, {anchor})"),
            Condition::Header(test) => test.fmt(f),
        }
    }
}

fn write_list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, open: &str, parts: &[T]) -> fmt::Result {
    f.write_str(open)?;
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        part.fmt(f)?;
    }
    f.write_str(")")
}

impl fmt::Display for Predicate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Kinds without a condition name cannot be parsed; printing such a one by its wire word
        // keeps the text readable.
        f.write_str(
            self.kind
                .condition_name()
                .unwrap_or_else(|| self.kind.word()),
        )?;
        for (index, test) in self.tests.iter().enumerate() {
            write!(f, " {} {test}", if index == 0 { "where" } else { "and" })?;
        }
        match &self.scope {
            Scope::Episode => Ok(()),
            Scope::Ever => f.write_str(" ever"),
            Scope::Since(anchor) => write!(f, " since {anchor}"),
        }
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anchor::Opened => f.write_str("opened"),
            Anchor::First(predicate) => write!(f, "first {predicate}"),
            Anchor::Last(predicate) => write!(f, "last {predicate}"),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.attribute.name(), self.op.symbol())?;
        if self.op == Op::In {
            return write_list(f, "(", &self.literals);
        }
        self.literals.iter().try_for_each(|literal| literal.fmt(f))
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Text(text) if is_bare_text(text) => f.write_str(text),
            Literal::Text(text) => {
                f.write_str("'")?;
                for c in text.chars() {
                    if matches!(c, '\'' | '\\') {
                        f.write_str("\\")?;
                    }
                    write!(f, "{c}")?;
                }
                f.write_str("'")
            }
            Literal::Number(number) => number.fmt(f),
            Literal::Flag(flag) => flag.fmt(f),
        }
    }
}
