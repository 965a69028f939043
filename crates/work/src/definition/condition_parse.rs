//! From text to [`Condition`], with the place of every fault.
//!
//! Recursive descent over the grammar of [`super::condition`]. A wrong name or literal is noted and
//! reading goes on, so that one pass finds them all; a broken form ends the reading of this
//! condition. Not here: what conditions mean together (`check`). Invariant: a condition that is
//! returned holds only attributes of its kinds and literals those attributes can have.

use std::ops::Range;

use money::Decimal;

use super::attribute::{Values, values};
use super::condition::{Anchor, Attribute, Condition, Literal, Op, Predicate, Scope, Test};
use super::read::{DefinitionError, Fault};
use super::suggest;
use super::token::{Token, TokenKind, is_word_char, tokens};
use crate::body::Kind;
use crate::limits::{CONDITION_DEPTH_MAX, ID_BYTES_MAX};
use crate::{Header, Span};

impl Condition {
    /// Reads a condition over facts, as in `when`.
    ///
    /// # Errors
    /// Every fault, with its bytes in `text`.
    pub fn parse(text: &str) -> Result<Condition, DefinitionError> {
        read(text, |parser| parser.condition(0))
    }

    /// Reads a condition over shared headers alone, as in `only`.
    ///
    /// # Errors
    /// Every fault, with its bytes in `text`.
    pub fn parse_only(text: &str) -> Result<Condition, DefinitionError> {
        read(text, |parser| {
            parser.only = true;
            parser.condition(0)
        })
    }
}

impl Predicate {
    /// Reads a predicate about a single fact, as in `acts` and `on`: without `since` or `ever`.
    ///
    /// # Errors
    /// Every fault, with its bytes in `text`.
    pub fn parse_single(text: &str) -> Result<Predicate, DefinitionError> {
        read(text, |parser| {
            let predicate = parser.predicate(0)?;
            if predicate.scope != Scope::Episode {
                parser.note(
                    0..text.len(),
                    "`since` and `ever` have no meaning here: the predicate is about one fact",
                    Some("leave them out".to_owned()),
                );
            }
            Ok(predicate)
        })
    }
}

/// Whether text can stand as a literal without quotes and be read back as the same text.
pub(super) fn is_bare_text(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(is_word_char)
        && !matches!(text, "true" | "false")
        && number(text).is_none()
}

fn number(word: &str) -> Option<Decimal> {
    word.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        .then(|| word.parse().ok())
        .flatten()
}

fn read<T>(
    text: &str,
    part: impl FnOnce(&mut Parser<'_>) -> Result<T, Broken>,
) -> Result<T, DefinitionError> {
    let tokens = tokens(text).map_err(|fault| DefinitionError {
        faults: vec![Fault {
            span: fault.span,
            problem: fault.problem,
            hint: Some(format!(
                "the grammar knows {FORMS}, and facts such as `answered`"
            )),
        }],
    })?;
    let mut parser = Parser {
        text,
        tokens,
        at: 0,
        only: false,
        faults: Vec::new(),
    };
    let read = part(&mut parser);
    if read.is_ok() {
        parser.end();
    }
    match read {
        Ok(value) if parser.faults.is_empty() => Ok(value),
        _ => Err(DefinitionError {
            faults: parser.faults,
        }),
    }
}

const FORMS: &str =
    "`all(...)`, `any(...)`, `not(...)`, `quiet(span, anchor)`, `elapsed(span, anchor)`";
const FORM_NAMES: [&str; 5] = ["all", "any", "not", "quiet", "elapsed"];

/// The form is broken; the fault is noted.
struct Broken;

struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    at: usize,
    only: bool,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn note(&mut self, span: Range<usize>, problem: impl Into<String>, hint: Option<String>) {
        self.faults.push(Fault {
            span,
            problem: problem.into(),
            hint,
        });
    }

    fn broken<T>(
        &mut self,
        span: Range<usize>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) -> Result<T, Broken> {
        self.note(span, problem, hint);
        Err(Broken)
    }

    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The bytes of the next token, or the end of the text.
    fn here(&self) -> Range<usize> {
        match self.tokens.get(self.at) {
            Some(token) => token.span.clone(),
            None => {
                let last = self.text.trim_end().len();
                let start = self.text[..last]
                    .char_indices()
                    .next_back()
                    .map_or(0, |(at, _)| at);
                start..last
            }
        }
    }

    /// The next token as it is written.
    fn written(&self) -> String {
        match self.tokens.get(self.at) {
            Some(token) => format!("`{}`", &self.text[token.span.clone()]),
            None => "the end".to_owned(),
        }
    }

    fn peek_word(&self) -> Option<&str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == Some(word);
        self.at += usize::from(found);
        found
    }

    fn takes(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == Some(kind);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, kind: &TokenKind, sign: &str, after: &str) -> Result<(), Broken> {
        if self.takes(kind) {
            return Ok(());
        }
        let (here, written) = (self.here(), self.written());
        self.broken(
            here,
            format!("expected `{sign}` {after}, found {written}"),
            None,
        )
    }

    /// Notes what stands after a finished condition.
    fn end(&mut self) {
        if self.at == self.tokens.len() {
            return;
        }
        let (span, written) = (self.here(), self.written());
        let hint = match self.peek_word() {
            Some("and") => Some("to ask for both write `all(…, …)`".to_owned()),
            Some("or") => Some("to ask for either write `any(…, …)`".to_owned()),
            Some(word) => suggest::nearest(word, &["where", "since", "ever", "and"])
                .map(|near| format!("did you mean `{near}`?")),
            None => None,
        };
        self.note(
            span,
            format!("the condition should end before {written}"),
            hint,
        );
    }

    fn condition(&mut self, depth: usize) -> Result<Condition, Broken> {
        if depth > CONDITION_DEPTH_MAX {
            let here = self.here();
            return self.broken(
                here,
                format!("conditions nest at most {CONDITION_DEPTH_MAX} deep"),
                Some("split the rule into several classes".to_owned()),
            );
        }
        let opens = matches!(self.tokens.get(self.at + 1), Some(t) if t.kind == TokenKind::Open);
        let compares = match self.tokens.get(self.at + 1).map(|t| &t.kind) {
            Some(TokenKind::Comparison(_)) => true,
            Some(TokenKind::Word(word)) => word == "in",
            _ => false,
        };
        match self.peek_word().map(str::to_owned) {
            Some(form) if opens => self.form(&form, depth),
            Some(_) if self.only => Ok(Condition::Header(self.test(None)?)),
            Some(name) if compares => {
                let span = self.here();
                let hint = match Header::from_name(&name) {
                    Some(_) => {
                        "a shared header is tested of a fact, e.g. `answered where channel = chat`, or in `only`"
                    }
                    None => "name the fact first, e.g. `verified where result = passed`",
                };
                self.broken(
                    span,
                    format!("`{name}` is tested of no fact"),
                    Some(hint.to_owned()),
                )
            }
            Some(_) => Ok(Condition::Fact(self.predicate(depth)?)),
            None => {
                let (here, written) = (self.here(), self.written());
                self.broken(here, format!("expected a condition, found {written}"), None)
            }
        }
    }

    fn form(&mut self, form: &str, depth: usize) -> Result<Condition, Broken> {
        let span = self.here();
        if !FORM_NAMES.contains(&form) {
            let hint = missing_feature(form)
                .map_or_else(|| suggest::hint(form, &FORM_NAMES), str::to_owned);
            return self.broken(span, format!("there is no `{form}(…)`"), Some(hint));
        }
        if self.only && matches!(form, "quiet" | "elapsed") {
            return self.broken(
                span,
                format!("`only` looks at shared headers, not at time: `{form}` cannot stand here"),
                Some("move it into a class's `when`".to_owned()),
            );
        }
        self.at += 2; // the name and its parenthesis, which `condition` has seen
        let condition = match form {
            "all" => Condition::All(self.parts(form, depth)?),
            "any" => Condition::Any(self.parts(form, depth)?),
            "not" => Condition::Not(Box::new(self.condition(depth + 1)?)),
            timed => {
                let length = self.span(timed)?;
                self.expect(
                    &TokenKind::Comma,
                    ",",
                    &format!("after the span of `{timed}`"),
                )?;
                let anchor = self.anchor(depth + 1)?;
                match timed {
                    "quiet" => Condition::Quiet(length, anchor),
                    _ => Condition::Elapsed(length, anchor),
                }
            }
        };
        self.expect(&TokenKind::Close, ")", &format!("to end `{form}(`"))?;
        Ok(condition)
    }

    fn parts(&mut self, form: &str, depth: usize) -> Result<Vec<Condition>, Broken> {
        if self.peek() == Some(&TokenKind::Close) {
            let here = self.here();
            return self.broken(
                here,
                format!("`{form}()` is empty, which says nothing"),
                Some(format!(
                    "list conditions, e.g. `{form}(answered, not(escalated))`"
                )),
            );
        }
        let mut parts = vec![self.condition(depth + 1)?];
        while self.takes(&TokenKind::Comma) && self.peek() != Some(&TokenKind::Close) {
            parts.push(self.condition(depth + 1)?);
        }
        Ok(parts)
    }

    fn span(&mut self, form: &str) -> Result<Span, Broken> {
        let (here, written) = (self.here(), self.written());
        let Some(word) = self.peek_word() else {
            return self.broken(
                here,
                format!("expected a span first in `{form}(`, found {written}"),
                Some(format!("e.g. `{form}(72h, last answered)`")),
            );
        };
        let parsed = word.parse::<Span>();
        self.at += 1;
        match parsed {
            Ok(Span::Forever) => {
                self.note(here, format!("`{form}(forever, …)` can never hold"), None);
                Ok(Span::Forever)
            }
            Ok(Span::Minutes(0) | Span::Hours(0) | Span::Days(0)) => {
                self.note(
                    here,
                    format!("a span of zero makes `{form}` hold at once"),
                    None,
                );
                Ok(Span::Hours(0))
            }
            Ok(span) => Ok(span),
            Err(error) => self.broken(here, error.to_string(), None),
        }
    }

    fn anchor(&mut self, depth: usize) -> Result<Anchor, Broken> {
        let span = self.here();
        if self.takes_word("opened") {
            return Ok(Anchor::Opened);
        }
        if self.takes_word("first") {
            return Ok(Anchor::First(self.predicate(depth)?));
        }
        if self.takes_word("last") {
            return Ok(Anchor::Last(self.predicate(depth)?));
        }
        let written = self.written();
        let hint = match self
            .peek_word()
            .map(|word| (word, Kind::from_condition_name(word)))
        {
            Some((word, Some(_))) => format!("which one: `first {word}` or `last {word}`?"),
            _ => "an anchor is `opened`, `first <fact>` or `last <fact>`".to_owned(),
        };
        self.broken(
            span,
            format!("expected an anchor, found {written}"),
            Some(hint),
        )
    }

    fn predicate(&mut self, depth: usize) -> Result<Predicate, Broken> {
        if depth > CONDITION_DEPTH_MAX {
            let here = self.here();
            return self.broken(
                here,
                format!("conditions nest at most {CONDITION_DEPTH_MAX} deep"),
                None,
            );
        }
        let (span, written) = (self.here(), self.written());
        let Some(word) = self.peek_word().map(str::to_owned) else {
            return self.broken(span, format!("expected a fact, found {written}"), None);
        };
        self.at += 1;
        if FORM_NAMES.contains(&word.as_str()) {
            let hint = Some(format!("write `{word}(…)`"));
            return self.broken(span, format!("`{word}` needs its parentheses"), hint);
        }
        let kind = Kind::from_condition_name(&word);
        if kind.is_none() {
            let hint = suggest::hint(&word, &kind_names());
            self.note(span, format!("`{word}` is not a kind of fact"), Some(hint));
        }
        let mut tests = Vec::new();
        if self.takes_word("where") {
            tests.push(self.test(Some(kind))?);
            while self.takes_word("and") {
                tests.push(self.test(Some(kind))?);
            }
        }
        let scope = if self.takes_word("ever") {
            Scope::Ever
        } else if self.takes_word("since") {
            Scope::Since(Box::new(self.anchor(depth + 1)?))
        } else {
            Scope::Episode
        };
        // An unknown kind is noted above and the whole is refused; any kind serves to read on.
        Ok(Predicate {
            kind: kind.unwrap_or(Kind::Opened),
            tests,
            scope,
        })
    }

    /// A test of a fact's attribute; `None` for a test of a shared header in `only`, and
    /// `Some(None)` where the kind is unknown and its attributes cannot be checked.
    fn test(&mut self, of: Option<Option<Kind>>) -> Result<Test, Broken> {
        let (span, written) = (self.here(), self.written());
        let Some(name) = self.peek_word().map(str::to_owned) else {
            return self.broken(
                span,
                format!("expected an attribute, found {written}"),
                None,
            );
        };
        self.at += 1;
        let own = of
            .flatten()
            .and_then(|kind| kind.attributes().iter().find(|a| **a == name));
        let attribute = match (own, Header::from_name(&name)) {
            (Some(own), _) => Some(Attribute::Own(own)),
            (None, Some(header)) => Some(Attribute::Header(header)),
            (None, None) => None,
        };
        if attribute.is_none() && of != Some(None) {
            self.unknown_attribute(span, &name, of.flatten());
            if Kind::from_condition_name(&name).is_some() {
                return Err(Broken); // another fact begins here: its tests are not ours
            }
        }
        let types = match (of.flatten(), &attribute) {
            (Some(kind), Some(attribute)) => Some(values(kind, attribute)),
            (None, Some(_)) => Some(Values::Text),
            _ => None,
        };
        let op = self.op(&name, types.as_ref())?;
        let literals = match op {
            Op::In => self.literals(&name, types.as_ref())?,
            _ => vec![self.literal(&name, types.as_ref())?],
        };
        // An unknown attribute is noted above and the whole is refused.
        Ok(Test {
            attribute: attribute.unwrap_or(Attribute::Header(Header::Work)),
            op,
            literals,
        })
    }

    fn unknown_attribute(&mut self, span: Range<usize>, name: &str, kind: Option<Kind>) {
        let headers = Header::ALL.map(Header::name);
        let (problem, hint) = match kind {
            None => {
                let hint = match Kind::from_condition_name(name) {
                    Some(_) => {
                        "facts are asked for in `when`; `only` looks at headers alone".to_owned()
                    }
                    None => suggest::hint(name, &headers),
                };
                (format!("`{name}` is not a shared header"), hint)
            }
            Some(kind) => {
                let own = kind.attributes();
                let kind = kind.condition_name().unwrap_or_default();
                let all: Vec<&str> = own.iter().copied().chain(headers).collect();
                let hint = match (
                    Kind::from_condition_name(name),
                    suggest::nearest(name, &all),
                ) {
                    (Some(_), _) => {
                        format!("to ask for another fact write `all({kind} …, {name} …)`")
                    }
                    (_, Some(near)) => format!("did you mean `{near}`?"),
                    (_, None) if own.is_empty() => {
                        format!(
                            "`{kind}` has only the shared headers: {}",
                            headers.join(", ")
                        )
                    }
                    (_, None) => {
                        format!("`{kind}` has {}, and the shared headers", own.join(", "))
                    }
                };
                (format!("`{name}` is not an attribute of `{kind}`"), hint)
            }
        };
        self.note(span, problem, Some(hint));
    }

    fn op(&mut self, name: &str, types: Option<&Values>) -> Result<Op, Broken> {
        let (span, written) = (self.here(), self.written());
        let op = match self.peek() {
            Some(TokenKind::Comparison(sign)) => match sign.as_str() {
                "=" => Op::Eq,
                "!=" => Op::Ne,
                "<" => Op::Lt,
                "<=" => Op::Le,
                ">" => Op::Gt,
                ">=" => Op::Ge,
                other => {
                    let hint = match other {
                        "==" => "equality is written `=`",
                        "<>" => "inequality is written `!=`",
                        _ => "the comparisons are `=`, `!=`, `<`, `<=`, `>`, `>=` and `in (…)`",
                    };
                    return self.broken(
                        span,
                        format!("{written} is not a comparison"),
                        Some(hint.to_owned()),
                    );
                }
            },
            Some(TokenKind::Word(word)) if word == "in" => Op::In,
            _ => {
                let hint = match types {
                    Some(Values::Flag) => format!("write `{name} = true`"),
                    _ => "the comparisons are `=`, `!=`, `<`, `<=`, `>`, `>=` and `in (…)`"
                        .to_owned(),
                };
                return self.broken(
                    span,
                    format!("expected a comparison after `{name}`, found {written}"),
                    Some(hint),
                );
            }
        };
        self.at += 1;
        let orders = matches!(op, Op::Lt | Op::Le | Op::Gt | Op::Ge);
        if orders && matches!(types, Some(Values::Words(_) | Values::Text | Values::Flag)) {
            self.note(
                span,
                format!(
                    "`{name}` is not a number, so `{}` cannot order it",
                    op.symbol()
                ),
                Some("use `=`, `!=` or `in (…)`".to_owned()),
            );
        }
        Ok(op)
    }

    fn literals(&mut self, name: &str, types: Option<&Values>) -> Result<Vec<Literal>, Broken> {
        self.expect(&TokenKind::Open, "(", "after `in`")?;
        let mut literals: Vec<Literal> = Vec::new();
        loop {
            let span = self.here();
            let literal = self.literal(name, types)?;
            if literals.contains(&literal) {
                self.note(span, format!("`{literal}` stands twice in this list"), None);
            }
            literals.push(literal);
            if !self.takes(&TokenKind::Comma) {
                break;
            }
        }
        self.expect(&TokenKind::Close, ")", "to end the list of `in`")?;
        Ok(literals)
    }

    fn literal(&mut self, name: &str, types: Option<&Values>) -> Result<Literal, Broken> {
        let (span, written) = (self.here(), self.written());
        let literal = match self.peek() {
            Some(TokenKind::Quoted(text)) => Literal::Text(text.clone()),
            // A header such as `tier` is text whatever it looks like: `tier = 1` needs no quotes.
            Some(TokenKind::Word(word)) if types == Some(&Values::Text) => {
                Literal::Text(word.clone())
            }
            Some(TokenKind::Word(word)) => match (word.as_str(), number(word)) {
                ("true", _) => Literal::Flag(true),
                ("false", _) => Literal::Flag(false),
                (_, Some(number)) => Literal::Number(number),
                (text, None) => Literal::Text(text.to_owned()),
            },
            _ => {
                return self.broken(
                    span,
                    format!("expected a value of `{name}`, found {written}"),
                    None,
                );
            }
        };
        self.at += 1;
        if let Some(types) = types
            && let Some((problem, hint)) = misfit(name, types, &literal)
        {
            self.note(span, problem, Some(hint));
        }
        Ok(literal)
    }
}

/// Why an attribute of this type can never have this value, and what to write.
fn misfit(name: &str, types: &Values, literal: &Literal) -> Option<(String, String)> {
    match (types, literal) {
        (Values::Words(words), Literal::Text(text)) if words.contains(&text.as_str()) => None,
        (Values::Words(words), literal) => {
            let written = match literal {
                Literal::Text(text) => text.clone(),
                other => other.to_string(),
            };
            Some((
                format!("`{name}` is never `{written}`"),
                suggest::hint(&written, words),
            ))
        }
        (Values::Text, Literal::Text(text)) if text.is_empty() => Some((
            format!("`{name}` is never empty; an event without it has no `{name}` at all"),
            format!("`{name} != x` also holds where the event has no `{name}`"),
        )),
        (Values::Text, Literal::Text(text)) if text.len() > ID_BYTES_MAX => Some((
            format!("longer than {ID_BYTES_MAX} bytes"),
            "shorten it".to_owned(),
        )),
        (Values::Text, _) => None,
        (Values::Share, Literal::Number(n)) if n.is_negative() || *n > Decimal::ONE => Some((
            format!("`{name}` lies between 0 and 1, never at `{n}`"),
            "write a share such as `0.8`".to_owned(),
        )),
        (Values::Number | Values::Share, Literal::Number(_)) => None,
        (Values::Number | Values::Share, other) => Some((
            format!("`{name}` is a number, and `{other}` is not"),
            "write a number such as `4` or `0.8`".to_owned(),
        )),
        (Values::Flag, Literal::Flag(_)) => None,
        (Values::Flag, other) => Some((
            format!("`{name}` is `true` or `false`, never `{other}`"),
            format!("write `{name} = true` or `{name} = false`"),
        )),
    }
}

/// What people ask for that the language does not have, and the way round.
fn missing_feature(form: &str) -> Option<&'static str> {
    match form {
        "count" | "sum" | "min" | "max" | "avg" | "average" | "at_least" => Some(
            "conditions do not count or add facts: let the sender say the result in one fact, \
             e.g. `verified where check = turn_limit and result = passed`",
        ),
        "after" | "before" | "within" | "between" => Some(
            "time is asked with `elapsed(span, anchor)`, `quiet(span, anchor)` and \
             `<fact> since <anchor>`; what happens after settlement belongs into `[[after]]`",
        ),
        _ => None,
    }
}

fn kind_names() -> Vec<&'static str> {
    Kind::CONDITIONS
        .iter()
        .filter_map(|kind| kind.condition_name())
        .collect()
}
