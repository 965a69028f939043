//! Tests of attributes: `attribute op literal`, with the faults of names and literals.
//!
//! The other half of [`super::condition_parse`]. A literal that its attribute can never have is a
//! fault: the condition would be read, and never hold.

use std::ops::Range;

use money::Decimal;

use super::attribute::{Values, values};
use super::condition::{Attribute, Literal, Op, Test};
use super::condition_parse::{Broken, Parser, number};
use super::suggest;
use super::token::TokenKind;
use crate::Header;
use crate::body::Kind;
use crate::limits::ID_BYTES_MAX;

impl Parser<'_> {
    /// A test of a fact's attribute; `None` for a test of a shared header in `only`, and
    /// `Some(None)` where the kind is unknown and its attributes cannot be checked.
    pub(super) fn test(&mut self, of: Option<Option<Kind>>) -> Result<Test, Broken> {
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
