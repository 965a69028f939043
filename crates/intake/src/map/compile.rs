//! From the text of templates and conditions to what runs.

use std::ops::Range;

use toml::de::DeValue;

use super::condition::After;
use super::template::{Filter, Part, Slot, SlotOf, Template, Value, number};
use super::toml_section::{Entry, Faults};
use super::{LookupSpec, Reference, Table, TimeOf};
use crate::nearest::nearest;

/// The filters that are no table and no lookup.
pub(super) const FILTERS: [&str; 9] = [
    "or", "lower", "nonzero", "point", "comma", "times", "over", "minus", "digest",
];

/// What templates of one file are compiled against.
pub(crate) struct Compiler<'m> {
    pub(crate) tables: &'m [Table],
    pub(crate) lookups: &'m mut Vec<LookupSpec>,
    pub(crate) references: Vec<Reference>,
    pub(crate) lets: Vec<(String, Value)>,
    pub(crate) afters: Vec<After>,
    /// When a row happened: the `time` of its file, which `after` compares.
    pub(crate) time: Option<TimeOf>,
    /// Whether the event being read has `each`, so that `{item.x}` means something.
    pub(crate) items: bool,
}

impl Compiler<'_> {
    /// A value: a template, a list of alternatives, or a plain constant.
    pub(crate) fn value(&mut self, entry: Entry<'_>, faults: &mut Faults) -> Option<Value> {
        let alternatives = match entry.get() {
            DeValue::Array(items) if !items.is_empty() => {
                let templates: Option<Vec<Template>> = items
                    .iter()
                    .map(|item| self.constant_or_template(item.get_ref(), item.span(), faults))
                    .collect();
                templates?
            }
            single => vec![self.constant_or_template(single, entry.span(), faults)?],
        };
        Some(Value { alternatives })
    }

    fn constant_or_template(
        &mut self,
        value: &DeValue<'_>,
        span: Range<usize>,
        faults: &mut Faults,
    ) -> Option<Template> {
        match value {
            DeValue::String(text) => self.template(text, span, faults),
            _ => match constant(value) {
                Some(text) => Some(Template {
                    written: text.clone(),
                    parts: vec![Part::Text(text)],
                }),
                None => {
                    faults.add(
                        span,
                        "expected a template such as \"{column}\", or a list of them",
                    );
                    None
                }
            },
        }
    }

    pub(super) fn template(
        &mut self,
        text: &str,
        span: Range<usize>,
        faults: &mut Faults,
    ) -> Option<Template> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            literal.push_str(before);
            if from.starts_with("{{") || from.starts_with("}}") {
                literal.push_str(&from[..1]);
                rest = &from[2..];
                continue;
            }
            let Some(end) = from.find('}').filter(|_| from.starts_with('{')) else {
                faults.hint(
                    span,
                    format!("a brace without its partner in `{text}`"),
                    "write `{{` or `}}` for a brace itself",
                );
                return None;
            };
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Slot(self.slot(
                &from[1..end],
                span.clone(),
                faults,
            )?));
            rest = &from[end + 1..];
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Text(literal));
        }
        Some(Template {
            written: text.to_owned(),
            parts,
        })
    }

    /// `column|filter|filter`.
    pub(super) fn slot(
        &mut self,
        text: &str,
        span: Range<usize>,
        faults: &mut Faults,
    ) -> Option<Slot> {
        let mut pieces = text.split('|');
        let column = pieces.next().unwrap_or_default();
        let of = self.slot_of(column, span.clone(), faults)?;
        let filters: Option<Vec<Filter>> = pieces
            .map(|piece| self.filter(piece.trim(), span.clone(), faults))
            .collect();
        Some(Slot {
            of,
            filters: filters?,
        })
    }

    fn slot_of(&mut self, name: &str, span: Range<usize>, faults: &mut Faults) -> Option<SlotOf> {
        match name {
            "" => {
                faults.add(span, "an empty slot `{}`; name a column");
                return None;
            }
            "$type" => return Some(SlotOf::Type),
            "$row" => return Some(SlotOf::Row),
            name if name.starts_with('$') => {
                faults.hint(
                    span,
                    format!("`{{{name}}}` is not known"),
                    "there are `{$type}` and `{$row}`",
                );
                return None;
            }
            _ => {}
        }
        if let Some(index) = self.lets.iter().position(|(known, _)| known == name) {
            return Some(SlotOf::Let(index));
        }
        let (name, optional) = match name.strip_suffix('?') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (name, of_item) = match name.strip_prefix("item.") {
            Some(member) if self.items => (member, true),
            _ => (name, false),
        };
        let known = self.references.iter_mut().position(|reference| {
            reference.name == name && reference.of_item == of_item && reference.optional == optional
        });
        Some(SlotOf::Column(known.unwrap_or_else(|| {
            self.references.push(Reference {
                name: name.to_owned(),
                optional,
                of_item,
                span,
            });
            self.references.len() - 1
        })))
    }

    fn filter(&mut self, text: &str, span: Range<usize>, faults: &mut Faults) -> Option<Filter> {
        let (word, argument) = match text.split_once(' ') {
            Some((word, argument)) => (word, Some(argument)),
            None => (text, None),
        };
        let decimal = |faults: &mut Faults| {
            let decimal = argument
                .and_then(|text| number(text).ok())
                .filter(|n| !n.is_zero());
            if decimal.is_none() {
                faults.hint(
                    span.clone(),
                    format!("`{text}` needs a number that is not zero"),
                    format!("for example `{{seconds|{word} 60}}`"),
                );
            }
            decimal
        };
        match (word, argument) {
            ("or", Some(text)) => Some(Filter::Or(text.to_owned())),
            ("lower", None) => Some(Filter::Lower),
            ("nonzero", None) => Some(Filter::Nonzero),
            ("point", None) => Some(Filter::Point),
            ("comma", None) => Some(Filter::Comma),
            ("digest", None) => Some(Filter::Digest),
            ("minus", Some(name)) => {
                let known = self.lets.iter().position(|(known, _)| known == name);
                if known.is_none() {
                    faults.hint(
                        span,
                        format!("`{name}` is not a value of `[let]`"),
                        "name what is taken away above: [let] and a line `cached = \"{cached tokens|or 0}\"`",
                    );
                }
                known.map(Filter::Minus)
            }
            ("times", _) => decimal(faults).map(Filter::Times),
            ("over", _) => {
                let divisor = decimal(faults)?;
                if divisor.is_negative() {
                    faults.add(span, "`over` divides by a positive number");
                    return None;
                }
                Some(Filter::Over(divisor))
            }
            _ => self.table_or_lookup(text, span, faults),
        }
    }

    fn table_or_lookup(
        &mut self,
        text: &str,
        span: Range<usize>,
        faults: &mut Faults,
    ) -> Option<Filter> {
        if let Some(index) = self.tables.iter().position(|table| table.name == text) {
            return Some(Filter::Table(index));
        }
        if let Some((name, column)) = text.split_once('.')
            && let Some(index) = self.lookups.iter().position(|lookup| lookup.name == name)
        {
            let lookup = &mut self.lookups[index];
            let known = lookup
                .references
                .iter()
                .position(|reference| reference.name == column);
            let column = known.unwrap_or_else(|| {
                lookup.references.push(Reference {
                    name: column.to_owned(),
                    optional: false,
                    of_item: false,
                    span,
                });
                lookup.references.len() - 1
            });
            return Some(Filter::Lookup(index, column));
        }
        let known = FILTERS
            .into_iter()
            .chain(self.tables.iter().map(|table| table.name.as_str()));
        let hint = match nearest(text, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "a filter is a `[table.NAME]`, a `lookup.column`, or one of: {}",
                FILTERS.join(", ")
            ),
        };
        faults.hint(span, format!("`{text}` is no filter"), hint);
        None
    }
}

/// A scalar as the text it is written with.
pub(super) fn constant(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().to_owned()),
        DeValue::Float(float) => Some(float.as_str().to_owned()),
        _ => None,
    }
}
