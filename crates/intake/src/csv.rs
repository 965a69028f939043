//! Rows of a CSV file, strictly, with recovery from broken ones.
//!
//! RFC 4180 with any delimiter and quote. The reader is our own because the ready ones are lenient
//! where money is read: they take a stray quote as text and may swallow a thousand rows into one
//! field without a word. Here text after a closing quote, a quote that never closes and a wrong
//! number of fields are faults, and a fault in a row of several lines refuses its first line only and
//! reads on at the second, so that one stray quote costs one row.

use std::collections::VecDeque;
use std::io;
use std::ops::Range;

use crate::limits::{COLUMNS_MAX, ROW_BYTES_MAX, ROW_LINES_MAX};
use crate::lines::{Line, Lines};

/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) delimiter: u8,
    /// `None` where the file knows no quotes.
    pub(crate) quote: Option<u8>,
}

impl Default for Dialect {
    fn default() -> Dialect {
        Dialect {
            delimiter: b',',
            quote: Some(b'"'),
        }
    }
}

/// What a read came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// The file has ended.
    End,
    /// A row: see [`Csv::field`].
    Row,
    /// A row that is not one; reading may go on.
    Broken(String),
}

pub(crate) struct Csv {
    lines: Lines,
    dialect: Dialect,
    /// Fields that every row must have; 0 until the first row has told.
    columns: usize,
    /// Lines of a broken row that are still to be read on their own.
    pending: VecDeque<(u64, Vec<u8>)>,
    line: u64,
    raw: Vec<u8>,
    first_line_len: usize,
    text: Vec<u8>,
    fields: Vec<Range<usize>>,
    buffer: Vec<u8>,
}

impl Csv {
    pub(crate) fn new(lines: Lines, dialect: Dialect) -> Csv {
        Csv {
            lines,
            dialect,
            columns: 0,
            pending: VecDeque::new(),
            line: 0,
            raw: Vec::new(),
            first_line_len: 0,
            text: Vec::new(),
            fields: Vec::new(),
            buffer: Vec::new(),
        }
    }

    /// The line where the current row begins.
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// The current row as it stands in the file.
    pub(crate) fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// The number of fields of the current row.
    pub(crate) fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field of the current row; empty beyond its end.
    pub(crate) fn field(&self, index: usize) -> &str {
        let bytes = self
            .fields
            .get(index)
            .map_or(&[][..], |range| &self.text[range.clone()]);
        // `read` has checked the whole row, and fields are cut at ASCII bytes.
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    /// Reads the next row. The first one, usually the header, fixes the number of fields.
    pub(crate) fn read(&mut self) -> io::Result<Read> {
        loop {
            match self.first_line()? {
                Line::End => return Ok(Read::End),
                Line::TooLong => {
                    return Ok(Read::Broken(format!(
                        "the line is longer than {ROW_BYTES_MAX} bytes; only its beginning is kept here"
                    )));
                }
                Line::Whole => {}
            }
            if self
                .raw
                .iter()
                .all(|byte| matches!(byte, b'\r' | b'\n' | b' '))
            {
                continue;
            }
            let problem = match self.split()? {
                None => match self.check() {
                    None => {
                        self.columns = self.fields.len();
                        return Ok(Read::Row);
                    }
                    // The structure of the row is sound: it is refused as a whole.
                    Some((problem, true)) => return Ok(Read::Broken(problem)),
                    Some((problem, false)) => problem,
                },
                Some(problem) => problem,
            };
            return Ok(Read::Broken(self.give_back(problem)));
        }
    }

    /// Reads the first line of a row into `raw`.
    fn first_line(&mut self) -> io::Result<Line> {
        let read = match self.pending.pop_front() {
            Some((number, line)) => {
                self.line = number;
                self.raw = line;
                Line::Whole
            }
            None => {
                let read = self.lines.read_first(&mut self.raw)?;
                self.line = self.lines.number();
                read
            }
        };
        self.first_line_len = self.raw.len();
        Ok(read)
    }

    /// Appends the next line to `raw`; false at the end of the file.
    fn next_line(&mut self) -> io::Result<bool> {
        if let Some((_, line)) = self.pending.pop_front() {
            self.raw.extend_from_slice(&line);
            return Ok(true);
        }
        let read = self.lines.read_next(&mut self.buffer)?;
        self.raw.extend_from_slice(&self.buffer);
        Ok(read != Line::End)
    }

    /// Splits the row that begins in `raw`, reading further lines while a quote is open.
    fn split(&mut self) -> io::Result<Option<String>> {
        let mut splitter = Splitter::new(self.dialect);
        self.text.clear();
        self.fields.clear();
        let mut lines = 1;
        loop {
            match splitter.run(&self.raw, &mut self.text, &mut self.fields) {
                Split::Done => return Ok(None),
                Split::TextAfterQuote => {
                    return Ok(Some(format!(
                        "field {}: text after a closing quote; write a quote inside a quoted field twice",
                        self.fields.len() + 1
                    )));
                }
                Split::Open => {}
            }
            let field = self.fields.len() + 1;
            if lines == ROW_LINES_MAX || self.raw.len() >= ROW_BYTES_MAX || !self.next_line()? {
                return Ok(Some(format!(
                    "field {field}: the quote that opens here is never closed"
                )));
            }
            lines += 1;
        }
    }

    /// What is wrong with the row that was split, and whether it is nevertheless one row.
    fn check(&self) -> Option<(String, bool)> {
        let count = self.fields.len();
        if self.columns > 0 && count != self.columns {
            return Some((
                format!(
                    "{count} cells instead of {}; put quotes around a cell that holds the delimiter",
                    self.columns
                ),
                false,
            ));
        }
        if count > COLUMNS_MAX {
            return Some((format!("more than {COLUMNS_MAX} cells"), false));
        }
        let bad = self
            .fields
            .iter()
            .position(|f| std::str::from_utf8(&self.text[f.clone()]).is_err());
        bad.map(|index| {
            (
                format!("field {} is not UTF-8; save the file as UTF-8", index + 1),
                true,
            )
        })
    }

    /// Keeps the first line as the broken row and puts the others back.
    fn give_back(&mut self, problem: String) -> String {
        if self.raw.len() == self.first_line_len {
            return problem;
        }
        let rest = self.raw.split_off(self.first_line_len);
        let mut number = self.line;
        let mut lines: Vec<(u64, Vec<u8>)> = Vec::new();
        for line in rest.split_inclusive(|byte| *byte == b'\n') {
            number += 1;
            lines.push((number, line.to_vec()));
        }
        for line in lines.into_iter().rev() {
            self.pending.push_front(line);
        }
        format!("{problem} (the row runs over several lines; only its first is refused)")
    }
}

enum Split {
    Done,
    Open,
    TextAfterQuote,
}

#[derive(Clone, Copy)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    /// A quote inside a quoted field: its end, or half of a doubled quote.
    QuoteInQuoted,
}

struct Splitter {
    dialect: Dialect,
    state: State,
    at: usize,
    field_start: usize,
}

impl Splitter {
    fn new(dialect: Dialect) -> Splitter {
        Splitter {
            dialect,
            state: State::FieldStart,
            at: 0,
            field_start: 0,
        }
    }

    /// Goes on through `raw`, which has grown since the last call.
    fn run(&mut self, raw: &[u8], text: &mut Vec<u8>, fields: &mut Vec<Range<usize>>) -> Split {
        while let Some(&byte) = raw.get(self.at) {
            self.at += 1;
            let is_quote = Some(byte) == self.dialect.quote;
            match self.state {
                State::FieldStart if is_quote => self.state = State::Quoted,
                State::Quoted if is_quote => self.state = State::QuoteInQuoted,
                State::Quoted => text.push(byte),
                State::QuoteInQuoted if is_quote => {
                    text.push(byte);
                    self.state = State::Quoted;
                }
                _ if byte == self.dialect.delimiter => self.end_field(text, fields),
                _ if byte == b'\n' => {
                    self.end_row(text, fields);
                    return Split::Done;
                }
                State::QuoteInQuoted if byte == b'\r' => {}
                State::QuoteInQuoted => return Split::TextAfterQuote,
                State::FieldStart | State::Unquoted => {
                    text.push(byte);
                    self.state = State::Unquoted;
                }
            }
        }
        match self.state {
            State::Quoted => Split::Open,
            _ => {
                self.end_row(text, fields);
                Split::Done
            }
        }
    }

    fn end_row(&mut self, text: &mut Vec<u8>, fields: &mut Vec<Range<usize>>) {
        if matches!(self.state, State::Unquoted) && text.last() == Some(&b'\r') {
            text.pop();
        }
        self.end_field(text, fields);
    }

    fn end_field(&mut self, text: &[u8], fields: &mut Vec<Range<usize>>) {
        fields.push(self.field_start..text.len());
        self.field_start = text.len();
        self.state = State::FieldStart;
    }
}
