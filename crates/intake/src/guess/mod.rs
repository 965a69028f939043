//! Guessing what a file says, for `piecework try export.csv`.
//!
//! A pure function over the header and the first rows: which ready map fits, or else which column is
//! the work, the customer, the time, the outcome, the cost. What cannot be told is asked, in at most
//! three questions with candidate answers. The result is a map document that the user can keep and
//! change: nothing is guessed again later.

mod column;
mod columns;
mod sample;
mod words;
mod write;

pub use sample::Sample;

use crate::limits::QUESTIONS_MAX;
use crate::ready::Ready;
use columns::{Columns, Reading};
use words::Words;

/// What a guess is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// The column that names the piece of work.
    Work,
    /// The column that names the customer.
    Customer,
    /// When the work began.
    Opened,
    /// When the row happened, or the work was done.
    Time,
    /// The time zone of times that do not say theirs.
    Zone,
    /// The column that tells the outcome.
    Outcome,
    /// The words of the outcome column that mean that the job was done.
    DoneWords,
    /// What performing cost.
    Cost,
    /// The currency of the cost.
    Currency,
    /// The model.
    Model,
    /// Input tokens.
    InputTokens,
    /// Output tokens.
    OutputTokens,
}

impl Role {
    /// The roles' words, as `--set` writes them.
    pub const WORDS: [(&'static str, Role); 12] = [
        ("work", Role::Work),
        ("customer", Role::Customer),
        ("opened", Role::Opened),
        ("time", Role::Time),
        ("zone", Role::Zone),
        ("outcome", Role::Outcome),
        ("done", Role::DoneWords),
        ("cost", Role::Cost),
        ("currency", Role::Currency),
        ("model", Role::Model),
        ("input_tokens", Role::InputTokens),
        ("output_tokens", Role::OutputTokens),
    ];

    /// The role's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS[self as usize].0
    }

    /// The role of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Role> {
        Self::WORDS
            .iter()
            .find(|(own, _)| *own == word)
            .map(|(_, role)| *role)
    }
}

/// How sure a guess is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Worth a question.
    Low,
    /// Name or contents say so.
    Medium,
    /// Name and contents say so.
    High,
}

/// One guess.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guess {
    /// What it is about.
    pub role: Role,
    /// The column, zone, currency or words.
    pub answer: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why, in a few words.
    pub reason: String,
}

/// A question for the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub role: Role,
    /// The question.
    pub text: String,
    /// Candidate answers, the likeliest first. For [`Role::DoneWords`] any number of them, comma
    /// separated.
    pub candidates: Vec<String>,
}

/// What a file seems to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The ready map whose columns are all there; the guesses are moot then.
    pub ready: Option<&'static Ready>,
    /// The guesses.
    pub guesses: Vec<Guess>,
    /// At most [`QUESTIONS_MAX`] questions.
    pub questions: Vec<Question>,
    sample: Sample,
    words: Words,
    time_formats: Vec<String>,
    is_log: bool,
}

/// A file from which no map can be made yet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuessError {
    /// A column is needed and none looks like it.
    #[error(
        "no column looks like {what}; say which one it is with `--set {role}=COLUMN`, out of: {columns}"
    )]
    Needed {
        /// What is missing.
        what: &'static str,
        /// The role's word on the command line.
        role: &'static str,
        /// The columns that there are.
        columns: String,
    },
    /// An answer names no column.
    #[error("there is no column `{0}` in the file")]
    NoColumn(String),
}

/// Guesses from the first rows of a file.
#[must_use]
pub fn guess(sample: &Sample) -> Proposal {
    let ready = Ready::fitting(sample.names(), sample.format());
    let columns = Columns::of(sample);
    let reading = columns.read();
    let guesses = &reading.guesses;
    let find = |role| guesses.iter().find(|guess: &&Guess| guess.role == role);
    let words = match find(Role::Outcome) {
        Some(outcome) => Words::of(&sample.distinct(&outcome.answer)),
        None => Words::default(),
    };
    let mut questions = Vec::new();
    if ready.is_none() {
        questions = columns.questions(guesses);
        if words.needs_asking() {
            questions.push(Question {
                role: Role::DoneWords,
                text: "Which words mean that the job was done?".to_owned(),
                candidates: words.candidates(),
            });
        }
        questions.truncate(QUESTIONS_MAX);
    }
    let Reading {
        guesses,
        time_formats,
        is_log,
    } = reading;
    Proposal {
        ready,
        guesses,
        questions,
        sample: sample.clone(),
        words,
        time_formats,
        is_log,
    }
}

impl Proposal {
    /// The answer for a role: the user's, or the guess. An empty answer of the user's takes the guess back.
    fn answer<'a>(&'a self, answers: &'a [(Role, String)], role: Role) -> Option<&'a str> {
        let given = answers
            .iter()
            .find(|(of, _)| *of == role)
            .map(|(_, text)| text.as_str());
        let answer = given.or_else(|| {
            self.guesses
                .iter()
                .find(|guess| guess.role == role)
                .map(|guess| guess.answer.as_str())
        });
        answer.filter(|own| !own.is_empty())
    }

    /// The map document, with the user's answers over the guesses.
    ///
    /// # Errors
    /// [`GuessError`] where a work or a time column is still unknown, or an answer names no column.
    pub fn map(&self, answers: &[(Role, String)]) -> Result<String, GuessError> {
        match self.ready {
            Some(ready) if answers.is_empty() => Ok(ready.text.to_owned()),
            _ => write::map(self, answers),
        }
    }
}
