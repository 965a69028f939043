//! What stands around every screen of a server: who looks, where one is, where one can go.

use super::Entry;

/// The frame of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Who sells.
    pub vendor: String,
    /// Who looks, in words.
    pub reader: String,
    /// The title of the screen.
    pub title: String,
    /// The screens that there are for this reader, in the order of the data.
    pub places: Vec<Place>,
    /// The screens above this one, the outermost first.
    pub trail: Vec<Step>,
    /// What became of what the reader did last.
    pub told: Option<Told>,
}

impl Frame {
    /// The frame of a screen with forms, which says so where one was not taken.
    #[must_use]
    pub fn with(mut self, entry: Option<&Entry>) -> Frame {
        if let Some(refused) = entry.and_then(|entry| entry.refused.as_ref()) {
            self.told = Some(Told::Refused(format!("Nothing was done. {refused}")));
        }
        self
    }
}

/// A screen that is always one step away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its name.
    pub name: &'static str,
    /// Its address.
    pub address: String,
    /// Whether the reader is on it, or on a screen below it.
    pub is_here: bool,
}

/// A screen above this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its name, which may be foreign text.
    pub name: String,
    /// Its address.
    pub address: String,
}

/// By what a listing is narrowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing {
    /// The parameter.
    pub name: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// What is shown while it is left empty.
    pub placeholder: &'static str,
    /// What was asked for, which may be foreign text; empty where nothing was.
    pub value: String,
}

/// What became of an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// It was done.
    Done(String),
    /// It was not, and why.
    Refused(String),
}

/// Why there is no screen: a refusal, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What it means.
    pub title: String,
    /// What was wrong, and what to do.
    pub detail: String,
    /// The page that explains this kind of refusal.
    pub about: String,
    /// Where signing in may help: the first page, which returns to the address that was asked for.
    pub sign_in: Option<String>,
    /// The id under which the server's own log has the request.
    pub request: String,
}
