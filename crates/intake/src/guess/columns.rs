//! Which column plays which role, and what has to be asked.

use super::column::Column;
use super::{Confidence, Guess, Question, Role, Sample};

/// Two columns this near in points are worth a question.
const NEAR_POINTS: u32 = 3;
/// Points of a column that its cells alone speak for.
const MEDIUM_POINTS: u32 = 12;
/// Columns offered as candidates.
const CANDIDATES_MAX: usize = 6;

/// The columns of a sample with what their cells look like.
pub(super) struct Columns {
    all: Vec<Column>,
    rows: usize,
}

/// What the columns say together.
pub(super) struct Reading {
    pub(super) guesses: Vec<Guess>,
    /// How the times are written, in the map's words.
    pub(super) time_formats: Vec<String>,
    /// Whether a piece of work has many rows (a log), not one (a list).
    pub(super) is_log: bool,
}

impl Columns {
    pub(super) fn of(sample: &Sample) -> Columns {
        let names = sample.names().iter().enumerate();
        // A name with a brace or a bar cannot stand in a template.
        let all = names
            .filter(|(_, name)| !name.contains(['{', '}', '|']))
            .map(|(index, name)| {
                let cells: Vec<&str> = sample.cells(index).collect();
                Column::of(name, &cells, sample.rows())
            });
        Columns {
            all: all.collect(),
            rows: sample.rows(),
        }
    }

    pub(super) fn read(&self) -> Reading {
        let work = self.best(Role::Work, &Column::as_work);
        let work_column = work.as_ref().and_then(|guess| self.named(&guess.answer));
        let is_log = work_column.is_some_and(|column| column.distinct < self.rows);
        let (opened, time) = self.clocks(is_log);
        let clocks = [&time, &opened].into_iter().flatten();
        let clocks: Vec<&Column> = clocks
            .filter_map(|guess| self.named(&guess.answer))
            .collect();
        let mut guesses = Vec::new();
        if clocks.iter().any(|column| !column.has_offset) {
            guesses.push(Guess {
                role: Role::Zone,
                answer: "UTC".to_owned(),
                confidence: Confidence::Low,
                reason: "the times name no zone".to_owned(),
            });
        }
        let mut time_formats: Vec<String> = Vec::new();
        for form in clocks.iter().filter_map(|column| column.time) {
            if !time_formats.iter().any(|known| known == form) {
                time_formats.push(form.to_owned());
            }
        }
        let cost = self.best(Role::Cost, &Column::as_cost);
        if let Some(column) = cost.as_ref().and_then(|guess| self.named(&guess.answer)) {
            guesses.push(column.currency());
        }
        guesses.extend([work, opened, time, cost].into_iter().flatten());
        guesses.extend(self.best(Role::Outcome, &Column::as_outcome));
        guesses.extend(self.best(Role::Customer, &Column::as_customer));
        guesses.extend(self.best(Role::Model, &Column::as_model));
        let input = |column: &Column| column.as_tokens(&["input", "prompt", "in"]);
        let output =
            |column: &Column| column.as_tokens(&["output", "completion", "out", "generated"]);
        guesses.extend(self.best(Role::InputTokens, &input));
        guesses.extend(self.best(Role::OutputTokens, &output));
        guesses.sort_by_key(|guess| guess.role);
        Reading {
            guesses,
            time_formats,
            is_log,
        }
    }

    /// The columns that say when the work began, and when the row happened.
    fn clocks(&self, is_log: bool) -> (Option<Guess>, Option<Guess>) {
        // In a log the row's own time is the one that varies most; a time that stands on every row
        // of a work may look into its future.
        let varied = self
            .all
            .iter()
            .filter(|c| c.time.is_some())
            .map(|c| c.distinct)
            .max();
        let as_time = |column: &Column| match column.as_time() {
            Some(score) if !is_log => Some(score),
            Some(score) if Some(column.distinct) == varied => Some(score.max(MEDIUM_POINTS)),
            _ => None,
        };
        let time = self.best(Role::Time, &as_time);
        let is_time = |guess: &Guess| {
            time.as_ref()
                .is_some_and(|time| time.answer == guess.answer)
        };
        let opened = self
            .best(Role::Opened, &Column::as_opening)
            .filter(|guess| !is_time(guess));
        (opened, time)
    }

    /// What to ask about columns, the most important first.
    pub(super) fn questions(&self, guesses: &[Guess]) -> Vec<Question> {
        let unsure = |role| {
            let mut of_role = guesses.iter().filter(|guess| guess.role == role);
            !of_role.any(|guess| guess.confidence > Confidence::Low)
        };
        let mut questions = Vec::new();
        if unsure(Role::Work) || self.is_close(&Column::as_work) {
            questions.push(Question {
                role: Role::Work,
                text: "Which column names the piece of work (ticket, conversation, document)?"
                    .to_owned(),
                candidates: self.names_by(&|column| Some(column.as_work().unwrap_or(0))),
            });
        }
        if unsure(Role::Time) {
            questions.push(Question {
                role: Role::Time,
                text: "Which column says when it was done? A date stands for all rows.".to_owned(),
                candidates: self.names_by(&Column::as_time),
            });
        }
        if guesses.iter().any(|guess| guess.role == Role::Zone) {
            let zones = [
                "UTC",
                "Europe/Berlin",
                "America/New_York",
                "America/Los_Angeles",
            ];
            questions.push(Question {
                role: Role::Zone,
                text: "In which time zone are the times? They do not say.".to_owned(),
                candidates: zones.map(str::to_owned).to_vec(),
            });
        }
        questions
    }

    fn named(&self, name: &str) -> Option<&Column> {
        self.all.iter().find(|column| column.name == name)
    }

    /// Columns by falling score; of equals the first in the file.
    fn ranked(&self, score: &dyn Fn(&Column) -> Option<u32>) -> Vec<(u32, &Column)> {
        let scored = self
            .all
            .iter()
            .filter_map(|column| Some((score(column)?, column)));
        let mut ranked: Vec<(u32, &Column)> = scored.collect();
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        ranked
    }

    fn names_by(&self, score: &dyn Fn(&Column) -> Option<u32>) -> Vec<String> {
        let ranked = self.ranked(score).into_iter().take(CANDIDATES_MAX);
        ranked.map(|(_, column)| column.name.clone()).collect()
    }

    fn best(&self, role: Role, score: &dyn Fn(&Column) -> Option<u32>) -> Option<Guess> {
        self.ranked(score)
            .first()
            .map(|(score, column)| column.guess(role, *score))
    }

    /// Whether two columns contend for a role.
    fn is_close(&self, score: &dyn Fn(&Column) -> Option<u32>) -> bool {
        match self.ranked(score).as_slice() {
            [(first, _), (second, _), ..] => first - second < NEAR_POINTS,
            _ => false,
        }
    }
}
