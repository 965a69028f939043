//! Physical lines of a file, each bounded, with their numbers.
//!
//! Also the place where a file of refused rows (see [`crate::refused`]) loses its remarks again, so
//! that a repaired one reads like any other file.

use std::io::{self, BufRead as _};

use crate::input::Contents;
use crate::limits::ROW_BYTES_MAX;
use crate::refused::{ESCAPE, REMARK, TITLE};

/// What a read came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// The file has ended.
    End,
    /// A line, its line feed included where the file has one.
    Whole,
    /// The first bytes of a line that is longer than [`ROW_BYTES_MAX`]; the rest was skipped.
    TooLong,
}

pub(crate) struct Lines {
    contents: Contents,
    number: u64,
    of_refused_rows: bool,
}

impl Lines {
    pub(crate) fn new(contents: Contents) -> Lines {
        Lines {
            contents,
            number: 0,
            of_refused_rows: false,
        }
    }

    /// The number of the line last read, from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// Reads the line that begins a row.
    pub(crate) fn read_first(&mut self, line: &mut Vec<u8>) -> io::Result<Line> {
        loop {
            let read = self.read_next(line)?;
            if self.number == 1 && read != Line::End {
                begin(line)?;
                self.of_refused_rows = line.starts_with(TITLE);
            }
            if self.of_refused_rows && read != Line::End {
                if line.starts_with(ESCAPE) {
                    line.drain(..ESCAPE.len());
                } else if line.starts_with(REMARK) {
                    continue;
                }
            }
            return Ok(read);
        }
    }

    /// Reads a line that continues a row.
    pub(crate) fn read_next(&mut self, line: &mut Vec<u8>) -> io::Result<Line> {
        line.clear();
        let (mut any, mut too_long) = (false, false);
        loop {
            let chunk = match self.contents.fill_buf() {
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let used = end.map_or(chunk.len(), |at| at + 1);
            let room = ROW_BYTES_MAX - line.len();
            too_long |= used > room;
            line.extend_from_slice(&chunk[..used.min(room)]);
            self.contents.consume(used);
            if end.is_some() {
                break;
            }
        }
        if !any {
            return Ok(Line::End);
        }
        self.number += 1;
        Ok(if too_long { Line::TooLong } else { Line::Whole })
    }
}

/// Takes a byte-order mark off the first line, and refuses the encodings that are not read.
fn begin(line: &mut Vec<u8>) -> io::Result<()> {
    if line.starts_with(&[0xEF, 0xBB, 0xBF]) {
        line.drain(..3);
    } else if line.starts_with(&[0xFF, 0xFE]) || line.starts_with(&[0xFE, 0xFF]) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is UTF-16; save it as UTF-8 (in Excel: `CSV UTF-8`)",
        ));
    }
    Ok(())
}
