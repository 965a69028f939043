//! CloudEvents from a file: one event a line, or one JSON array (`piecework ingest`).

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use work::Event;

use crate::input::{self, InputError, Progress};
use crate::json_items::{Item, JsonItems};
use crate::refused::Refused;

/// The events of a file, in its order; each fault with its line and JSON pointer.
///
/// Memory is bounded by one event; a `.gz` file is read as it is.
pub struct CloudEvents {
    path: PathBuf,
    items: JsonItems,
    received_at: Option<Timestamp>,
    done: bool,
}

impl CloudEvents {
    /// Opens a file; `progress` learns its size and how far reading has come.
    ///
    /// # Errors
    /// [`InputError`] where the file cannot be opened.
    pub fn open(path: &Path, progress: &Progress) -> Result<CloudEvents, InputError> {
        progress.expect(input::size(path)?);
        let contents = input::open(path, progress)?;
        let items = JsonItems::new(contents).map_err(|source| InputError {
            path: path.to_owned(),
            source,
        })?;
        Ok(CloudEvents {
            path: path.to_owned(),
            items,
            received_at: None,
            done: false,
        })
    }

    /// Refuses, with their lines, events that claim to happen long after they arrived.
    #[must_use]
    pub fn received_at(mut self, instant: Timestamp) -> CloudEvents {
        self.received_at = Some(instant);
        self
    }

    /// The line at which the last event began, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.items.line()
    }

    fn event(&self) -> Result<Event, Refused> {
        let event = Event::parse(self.items.text()).and_then(|event| match self.received_at {
            Some(at) => event.check_arrival(at).map(|()| event),
            None => Ok(event),
        });
        event.map_err(|error| self.refused(error.pointer, error.problem))
    }

    fn refused(&self, pointer: String, problem: String) -> Refused {
        Refused {
            file: self.path.display().to_string(),
            line: self.items.line(),
            pointer,
            problem,
            raw: crate::one_line(self.items.raw()),
            header: None,
        }
    }
}

impl Iterator for CloudEvents {
    type Item = Result<Event, Refused>;

    fn next(&mut self) -> Option<Result<Event, Refused>> {
        if self.done {
            return None;
        }
        match self.items.read() {
            Ok(Item::End) => {
                self.done = true;
                None
            }
            Ok(Item::Value) => Some(self.event()),
            Ok(Item::Broken(problem)) => Some(Err(self.refused(String::new(), problem))),
            Err(error) => {
                self.done = true;
                let problem =
                    format!("reading stopped here: {error}; the events before it were read");
                let mut refused = self.refused(String::new(), problem);
                refused.raw.clear();
                Some(Err(refused))
            }
        }
    }
}
