//! Strict reading of one JSON object: every member is taken once, and what is left is an error.

use jiff::Timestamp;
use money::{Amount, Decimal};
use smol_str::SmolStr;

use crate::event::EventError;
use crate::json::Json;
use crate::limits::{ID_BYTES_MAX, TEXT_BYTES_MAX};

/// The members of an object that are still to be read, and where the object stands.
pub(crate) struct Fields<'a> {
    pointer: SmolStr,
    members: Vec<(&'a str, &'a Json)>,
}

impl<'a> Fields<'a> {
    /// The members of `value`, which must be an object.
    pub(crate) fn of(value: &'a Json, pointer: &str) -> Result<Fields<'a>, EventError> {
        match value {
            Json::Object(members) => Ok(Fields {
                pointer: pointer.into(),
                members: members.iter().map(|(k, v)| (k.as_str(), v)).collect(),
            }),
            _ => Err(EventError::new(pointer, "expected an object")),
        }
    }

    /// The pointer of a member.
    pub(crate) fn at(&self, key: &str) -> String {
        format!(
            "{}/{}",
            self.pointer,
            key.replace('~', "~0").replace('/', "~1")
        )
    }

    /// An error at a member.
    pub(crate) fn fault(&self, key: &str, problem: impl Into<String>) -> EventError {
        EventError::new(self.at(key), problem)
    }

    /// Takes a member; `null` counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<&'a Json> {
        let index = self.members.iter().position(|(k, _)| *k == key)?;
        let (_, value) = self.members.swap_remove(index);
        (*value != Json::Null).then_some(value)
    }

    fn required<T>(&self, key: &str, value: Option<T>) -> Result<T, EventError> {
        value.ok_or_else(|| self.fault(key, "this member is required"))
    }

    /// Takes a string of at most `bytes_max` bytes.
    fn bounded(&mut self, key: &str, bytes_max: usize) -> Result<Option<&'a SmolStr>, EventError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::String(text)) if text.is_empty() => {
                Err(self.fault(key, "must not be empty; leave the member out instead"))
            }
            Some(Json::String(text)) if text.len() > bytes_max => {
                Err(self.fault(key, format!("longer than {bytes_max} bytes")))
            }
            Some(Json::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.fault(key, "expected a string")),
        }
    }

    /// An identifier.
    pub(crate) fn id<T: From<SmolStr>>(&mut self, key: &str) -> Result<Option<T>, EventError> {
        let id = self.bounded(key, ID_BYTES_MAX)?;
        if let Some(id) = id
            && id.chars().any(char::is_control)
        {
            return Err(self.fault(key, "must not hold control characters"));
        }
        Ok(id.cloned().map(T::from))
    }

    /// An identifier that must be there.
    pub(crate) fn need_id<T: From<SmolStr>>(&mut self, key: &str) -> Result<T, EventError> {
        let id = self.id(key)?;
        self.required(key, id)
    }

    /// Identifiers, at most so many, each once; none where the member is absent.
    pub(crate) fn ids(&mut self, key: &str, most: usize) -> Result<Vec<String>, EventError> {
        let items = match self.take(key) {
            None => return Ok(Vec::new()),
            Some(Json::Array(items)) if !items.is_empty() && items.len() <= most => items,
            Some(_) => {
                let problem = format!("expected an array of 1 to {most} names, or no member");
                return Err(self.fault(key, problem));
            }
        };
        let mut names: Vec<String> = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let item = Json::object([("name", Some(item.clone()))]);
            let mut fields = Fields::of(&item, &format!("{}/{index}", self.at(key)))?;
            let name = fields.need_id("name")?;
            if names.contains(&name) {
                return Err(self.fault(key, format!("`{name}` stands in it twice")));
            }
            names.push(name);
        }
        Ok(names)
    }

    /// Free text.
    pub(crate) fn text(&mut self, key: &str) -> Result<Option<String>, EventError> {
        Ok(self.bounded(key, TEXT_BYTES_MAX)?.map(SmolStr::to_string))
    }

    /// Text of any length below the event's own bound.
    pub(crate) fn document(&mut self, key: &str) -> Result<Option<String>, EventError> {
        Ok(self.bounded(key, usize::MAX)?.map(SmolStr::to_string))
    }

    /// A boolean.
    pub(crate) fn flag(&mut self, key: &str) -> Result<Option<bool>, EventError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.fault(key, "expected true or false")),
        }
    }

    /// One word of a closed list.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, EventError> {
        let Some(text) = self.bounded(key, ID_BYTES_MAX)? else {
            return Ok(None);
        };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => Ok(Some(*value)),
            None => {
                let list: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                Err(self.fault(key, format!("`{text}` is not one of: {}", list.join(", "))))
            }
        }
    }

    /// One word of a closed list that must be there.
    pub(crate) fn need_word<T: Copy>(
        &mut self,
        key: &str,
        words: &[(&str, T)],
    ) -> Result<T, EventError> {
        let word = self.word(key, words)?;
        self.required(key, word)
    }

    /// A decimal number, as a JSON number or a string, of either sign.
    pub(crate) fn signed(&mut self, key: &str) -> Result<Option<Decimal>, EventError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::Number(text) | Json::String(text)) => text
                .parse()
                .map(Some)
                .map_err(|e: money::MoneyError| self.fault(key, e.to_string())),
            Some(_) => Err(self.fault(key, "expected a decimal number, best as a string")),
        }
    }

    /// A decimal number that is not negative.
    pub(crate) fn decimal(&mut self, key: &str) -> Result<Option<Decimal>, EventError> {
        let value = self.signed(key)?;
        if value.is_some_and(Decimal::is_negative) {
            return Err(self.fault(
                key,
                "must not be negative; correct the earlier event with `event.corrected` instead",
            ));
        }
        Ok(value)
    }

    /// A non-negative decimal that must be there.
    pub(crate) fn need_decimal(&mut self, key: &str) -> Result<Decimal, EventError> {
        let value = self.decimal(key)?;
        self.required(key, value)
    }

    /// A whole number between two bounds, as a string of digits or a number, that must be there.
    pub(crate) fn need_whole(
        &mut self,
        key: &str,
        least: u64,
        most: u64,
    ) -> Result<u64, EventError> {
        let value = self.need_decimal(key)?;
        let whole = value.is_integer().then(|| u64::try_from(value.mantissa()));
        match whole {
            Some(Ok(whole)) if (least..=most).contains(&whole) => Ok(whole),
            _ => Err(self.fault(
                key,
                format!("expected a whole number from {least} to {most}"),
            )),
        }
    }

    /// Positions in a log, each a string of digits, at most so many; the array must be there.
    pub(crate) fn need_positions(
        &mut self,
        key: &str,
        most: usize,
    ) -> Result<Vec<u64>, EventError> {
        let Some(Json::Array(items)) = self.take(key) else {
            return Err(self.fault(key, "expected an array of positions in the log"));
        };
        if items.len() > most {
            return Err(self.fault(key, format!("at most {most} positions fit an entry")));
        }
        let position = |item: &Json| {
            let text = item.as_str()?;
            let number: u64 = text.parse().ok()?;
            (number.to_string() == text).then_some(number)
        };
        let positions: Option<Vec<u64>> = items.iter().map(position).collect();
        positions.ok_or_else(|| self.fault(key, "a position is a whole number in a string"))
    }

    /// An amount: `{"amount": "2.50", "currency": "USD"}` or `"2.50 USD"`.
    pub(crate) fn amount(&mut self, key: &str) -> Result<Option<Amount>, EventError> {
        match self.take(key) {
            None => Ok(None),
            Some(Json::String(text)) => text
                .parse()
                .map(Some)
                .map_err(|e: money::MoneyError| self.fault(key, e.to_string())),
            Some(value @ Json::Object(_)) => {
                let mut parts = Fields::of(value, &self.at(key))?;
                let number = parts.signed("amount")?;
                let number = parts.required("amount", number)?;
                let code: SmolStr = parts.need_id("currency")?;
                let currency = code
                    .parse()
                    .map_err(|e: money::MoneyError| parts.fault("currency", e.to_string()))?;
                parts.finish()?;
                Ok(Some(Amount::new(number, currency)))
            }
            Some(_) => Err(self.fault(key, "expected an amount such as \"2.50 USD\"")),
        }
    }

    /// An amount that must be there.
    pub(crate) fn need_amount(&mut self, key: &str) -> Result<Amount, EventError> {
        let value = self.amount(key)?;
        self.required(key, value)
    }

    /// An RFC 3339 instant with an offset.
    pub(crate) fn instant(&mut self, key: &str) -> Result<Option<Timestamp>, EventError> {
        let Some(text) = self.bounded(key, ID_BYTES_MAX)? else {
            return Ok(None);
        };
        text.parse().map(Some).map_err(|_| {
            self.fault(
                key,
                format!(
                    "`{text}` is not an RFC 3339 time with an offset, e.g. 2026-01-31T09:00:00Z"
                ),
            )
        })
    }

    /// An instant that must be there.
    pub(crate) fn need_instant(&mut self, key: &str) -> Result<Timestamp, EventError> {
        let value = self.instant(key)?;
        self.required(key, value)
    }

    /// A digest.
    pub(crate) fn digest(&mut self, key: &str) -> Result<Option<crate::Digest>, EventError> {
        let Some(text) = self.bounded(key, ID_BYTES_MAX)? else {
            return Ok(None);
        };
        text.parse()
            .map(Some)
            .map_err(|e: crate::digest::DigestError| self.fault(key, e.to_string()))
    }

    /// A digest that must be there.
    pub(crate) fn need_digest(&mut self, key: &str) -> Result<crate::Digest, EventError> {
        let value = self.digest(key)?;
        self.required(key, value)
    }

    /// A nested object, `None` where absent.
    pub(crate) fn object(&mut self, key: &str) -> Result<Option<Fields<'a>>, EventError> {
        match self.take(key) {
            None => Ok(None),
            Some(value) => Fields::of(value, &self.at(key)).map(Some),
        }
    }

    /// A nested object that must be there.
    pub(crate) fn need_object(&mut self, key: &str) -> Result<Fields<'a>, EventError> {
        let value = self.object(key)?;
        self.required(key, value)
    }

    /// Refuses whatever was not taken.
    pub(crate) fn finish(self) -> Result<(), EventError> {
        match self.members.iter().map(|(key, _)| *key).min() {
            None => Ok(()),
            Some(key) => Err(self.fault(key, "unknown member; check its spelling or remove it")),
        }
    }
}
