//! The words and signs of a condition, with their places.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A run of letters, digits and `_ . - / : @ + %`: a name, a number, a span, a bare literal.
    Word(String),
    /// Text in quotes, without them.
    Quoted(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`, or a comparison that other languages have, such as `==`.
    Comparison(String),
}

/// A token and the bytes it stands at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Range<usize>,
}

/// A character that no token begins with, or a quote without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LexFault {
    pub(super) span: Range<usize>,
    pub(super) problem: String,
}

/// Whether a character may stand in a word.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ':' | '@' | '+' | '%')
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, LexFault> {
    let mut out = Vec::new();
    let mut rest = text.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        let kind = match c {
            c if c.is_whitespace() => continue,
            '(' => TokenKind::Open,
            ')' => TokenKind::Close,
            ',' => TokenKind::Comma,
            '\'' | '"' => TokenKind::Quoted(quoted(start, c, &mut rest)?),
            '=' | '!' | '<' | '>' => {
                let mut sign = String::from(c);
                while let Some((_, c)) = rest.next_if(|(_, c)| matches!(c, '=' | '<' | '>')) {
                    sign.push(c);
                }
                TokenKind::Comparison(sign)
            }
            c if is_word_char(c) => {
                let mut word = String::from(c);
                while let Some((_, c)) = rest.next_if(|(_, c)| is_word_char(*c)) {
                    word.push(c);
                }
                TokenKind::Word(word)
            }
            c => {
                return Err(LexFault {
                    span: start..start + c.len_utf8(),
                    problem: format!("`{c}` has no meaning in a condition"),
                });
            }
        };
        let end = rest.peek().map_or(text.len(), |(at, _)| *at);
        out.push(Token {
            kind,
            span: start..end,
        });
    }
    Ok(out)
}

fn quoted(
    start: usize,
    quote: char,
    rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>,
) -> Result<String, LexFault> {
    let mut text = String::new();
    let fault = |end: usize, problem: &str| {
        Err(LexFault {
            span: start..end,
            problem: problem.to_owned(),
        })
    };
    while let Some((at, c)) = rest.next() {
        match c {
            c if c == quote => return Ok(text),
            '\\' => match rest.next() {
                Some((_, c @ ('\\' | '\'' | '"'))) => text.push(c),
                _ => return fault(at + 1, "after `\\` only a quote or another `\\` may stand"),
            },
            c if c.is_control() => return fault(at, "quoted text stays on one line"),
            c => text.push(c),
        }
    }
    fault(start + 1, "this quote has no end")
}
