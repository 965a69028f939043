//! From text to [`Condition`], with the place of every fault.
//!
//! Recursive descent over the grammar of [`super::condition`]; tests of attributes are in `test_parse`. A wrong name or literal is noted and
//! reading goes on, so that one pass finds them all; a broken form ends the reading of this
//! condition. Not here: what conditions mean together (`check`). Invariant: a condition that is
//! returned holds only attributes of its kinds and literals those attributes can have.

use std::ops::Range;

use money::Decimal;

use super::condition::{Anchor, Condition, Predicate, Scope};
use super::read::{DefinitionError, Fault};
use super::suggest;
use super::token::{Token, TokenKind, is_word_char, tokens};
use crate::body::Kind;
use crate::limits::CONDITION_DEPTH_MAX;
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

pub(super) fn number(word: &str) -> Option<Decimal> {
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
pub(super) struct Broken;

pub(super) struct Parser<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    pub(super) at: usize,
    only: bool,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    pub(super) fn note(
        &mut self,
        span: Range<usize>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) {
        self.faults.push(Fault {
            span,
            problem: problem.into(),
            hint,
        });
    }

    pub(super) fn broken<T>(
        &mut self,
        span: Range<usize>,
        problem: impl Into<String>,
        hint: Option<String>,
    ) -> Result<T, Broken> {
        self.note(span, problem, hint);
        Err(Broken)
    }

    pub(super) fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    /// The bytes of the next token, or the end of the text.
    pub(super) fn here(&self) -> Range<usize> {
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
    pub(super) fn written(&self) -> String {
        match self.tokens.get(self.at) {
            Some(token) => format!("`{}`", &self.text[token.span.clone()]),
            None => "the end".to_owned(),
        }
    }

    pub(super) fn peek_word(&self) -> Option<&str> {
        match self.peek() {
            Some(TokenKind::Word(word)) => Some(word),
            _ => None,
        }
    }

    pub(super) fn takes_word(&mut self, word: &str) -> bool {
        let found = self.peek_word() == Some(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn takes(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == Some(kind);
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(
        &mut self,
        kind: &TokenKind,
        sign: &str,
        after: &str,
    ) -> Result<(), Broken> {
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
