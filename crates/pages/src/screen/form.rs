//! Forms: fields with their labels, what was entered and what is wrong with it beside each.
//!
//! A form needs no script: it is posted to the address of its screen, which is shown again where something is wrong.
//! Invariant: every field has a label, and a fault is tied to its field for whoever does not see the page.

use maud::{Markup, html};

use crate::format::{clean, prose};
use crate::view::Entry;

/// One form of a screen, while it is written.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    entry: &'a Entry,
    acts: &'a [(&'a str, &'a str)],
}

/// A field of one line.
#[derive(Clone, Copy, Default)]
pub(super) struct Line<'a> {
    /// What is asked for.
    pub(super) label: &'a str,
    /// What stands there before anybody entered anything.
    pub(super) begins: &'a str,
    /// More about what is asked for.
    pub(super) hint: &'a str,
    /// Whether it may be left empty.
    pub(super) may_be_empty: bool,
}

impl<'a> Form<'a> {
    /// The form of a screen that does one of some acts: the word of each, and what its button says.
    pub(super) fn of(entry: &'a Entry, acts: &'a [(&'a str, &'a str)]) -> Form<'a> {
        Form { entry, acts }
    }

    /// Whether it was sent, and is shown again with what was entered.
    pub(super) fn is_again(&self) -> bool {
        self.acts.iter().any(|(act, _)| *act == self.entry.act)
    }

    /// The whole form, posted to `address`.
    pub(super) fn whole(&self, address: &str, fields: &Markup) -> Markup {
        html! {
            form.act method="post" action=(address) {
                input type="hidden" name="once" value=(self.entry.once);
                @if let Some(refused) = self.refused() { p.fault { (prose(refused)) } }
                (fields)
                p.does {
                    @for (act, does) in self.acts { button name="act" value=(act) { (does) } " " }
                }
            }
        }
    }

    /// Why nothing was done, where no field says it.
    fn refused(&self) -> Option<&'a str> {
        let is_said = !self.entry.faults.is_empty();
        let refused = self.entry.refused.as_deref();
        refused.filter(|_| self.is_again() && !is_said)
    }

    /// The same, folded under what it is about until somebody opens it.
    pub(super) fn folded(&self, address: &str, about: &str, fields: &Markup) -> Markup {
        html! {
            details.act open[self.is_again()] {
                summary { (about) }
                (self.whole(address, fields))
            }
        }
    }

    /// A field of one line.
    pub(super) fn line(&self, name: &str, line: Line<'_>) -> Markup {
        self.input("text", name, line)
    }

    /// A field for a day.
    pub(super) fn day(&self, name: &str, line: Line<'_>) -> Markup {
        self.input("date", name, line)
    }

    /// A field for a text of several lines, such as a document.
    pub(super) fn text(&self, name: &str, rows: u8, line: Line<'_>) -> Markup {
        let value = self.value(name, line.begins);
        self.field(name, line, &html! {
            textarea name=(name) rows=(rows) spellcheck="false" required[!line.may_be_empty]
                aria-invalid=[self.invalid(name)] aria-describedby=[self.described(name, line.hint)] {
                // The line feed after the tag is not of the text.
                "\n" (entered(value))
            }
        })
    }

    /// A choice of one among words, each with what it says.
    pub(super) fn choice(&self, name: &str, line: Line<'_>, among: &[(&str, &str)]) -> Markup {
        let value = self.value(name, line.begins);
        self.field(name, line, &html! {
            select name=(name) aria-invalid=[self.invalid(name)] aria-describedby=[self.described(name, line.hint)] {
                @for (word, says) in among {
                    option value=(clean(word)) selected[*word == value] { (clean(says)) }
                }
            }
        })
    }

    /// A value that nobody enters.
    pub(super) fn hidden(name: &str, value: &str) -> Markup {
        html! { input type="hidden" name=(name) value=(value); }
    }

    fn input(&self, kind: &str, name: &str, line: Line<'_>) -> Markup {
        let value = self.value(name, line.begins);
        self.field(name, line, &html! {
            input type=(kind) name=(name) value=(entered(value)) required[!line.may_be_empty] autocomplete="off"
                aria-invalid=[self.invalid(name)] aria-describedby=[self.described(name, line.hint)];
        })
    }

    fn field(&self, name: &str, line: Line<'_>, input: &Markup) -> Markup {
        html! {
            div.field {
                label {
                    span { (line.label) @if line.may_be_empty { small { " (may be left empty)" } } }
                    (input)
                }
                @if !line.hint.is_empty() { p.hint id=(self.about(name, "hint")) { (line.hint) } }
                @if self.is_faulty(name) {
                    div.fault id=(self.about(name, "fault")) {
                        @for fault in self.faults(name) { p { (prose(&fault.says)) } }
                    }
                }
            }
        }
    }

    fn value<'v>(&'v self, name: &str, begins: &'v str) -> &'v str {
        if !self.is_again() {
            return begins;
        }
        self.entry.fields.get(name).map_or("", String::as_str)
    }

    fn faults(&self, name: &str) -> impl Iterator<Item = &'a crate::view::FieldFault> {
        let faults = self.entry.faults.iter();
        let is_again = self.is_again();
        faults.filter(move |fault| is_again && fault.field == name)
    }

    fn is_faulty(&self, name: &str) -> bool {
        self.faults(name).next().is_some()
    }

    fn invalid(&self, name: &str) -> Option<&'static str> {
        self.is_faulty(name).then_some("true")
    }

    fn described(&self, name: &str, hint: &str) -> Option<String> {
        let hint = (!hint.is_empty()).then(|| self.about(name, "hint"));
        let fault = self.is_faulty(name).then(|| self.about(name, "fault"));
        let ids: Vec<String> = hint.into_iter().chain(fault).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn about(&self, name: &str, what: &str) -> String {
        let act = self.acts.first().map_or("", |(act, _)| act);
        format!("{act}-{name}-{what}")
    }
}

/// What was entered, whole: but for what no page may carry.
fn entered(text: &str) -> String {
    let carried = |own: &char| matches!(own, '\n' | '\t') || !own.is_control();
    let carried = text.chars().filter(carried);
    carried
        .map(|own| match own {
            '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            own => own,
        })
        .collect()
}
