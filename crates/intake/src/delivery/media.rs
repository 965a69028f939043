//! What a content type says of a body.

use super::DeliveryError;

/// How the events of a delivery are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `application/cloudevents+json`: one event.
    One,
    /// `application/cloudevents-batch+json`: an array of events.
    Batch,
    /// `application/json`: one event or an array of them.
    OneOrBatch,
    /// The attributes are headers, the body is `data`.
    Binary,
}

/// The form that the content type and the presence of `ce-` headers say.
pub(super) fn form(content_type: Option<&str>, binary: bool) -> Result<Form, DeliveryError> {
    let named = content_type.map(str::trim).filter(|text| !text.is_empty());
    let (media, charset) = named.map_or((String::new(), None), split);
    let refused = || DeliveryError::MediaType(named.unwrap_or("no content type").to_owned());
    if charset.is_some_and(|charset| !charset.eq_ignore_ascii_case("utf-8")) {
        return Err(refused());
    }
    match media.as_str() {
        "application/cloudevents+json" => Ok(Form::One),
        "application/cloudevents-batch+json" => Ok(Form::Batch),
        "application/json" | "" if binary => Ok(Form::Binary),
        "application/json" => Ok(Form::OneOrBatch),
        _ => Err(refused()),
    }
}

/// Whether a `datacontenttype` is JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    let (media, charset) = split(media_type);
    media == "application/json" && charset.is_none_or(|text| text.eq_ignore_ascii_case("utf-8"))
}

/// The media type in lower case, and its charset.
fn split(content_type: &str) -> (String, Option<&str>) {
    let mut pieces = content_type.split(';').map(str::trim);
    let media = pieces.next().unwrap_or_default().to_ascii_lowercase();
    let charset = pieces.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"'))
    });
    (media, charset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_say_how_events_are_written() {
        for (content_type, binary, expected) in [
            (Some("application/cloudevents+json"), false, Some(Form::One)),
            (
                Some("Application/CloudEvents+JSON; charset=UTF-8"),
                true,
                Some(Form::One),
            ),
            (
                Some("application/cloudevents-batch+json"),
                false,
                Some(Form::Batch),
            ),
            (Some("application/json"), false, Some(Form::OneOrBatch)),
            (
                Some("application/json; charset=\"utf-8\""),
                true,
                Some(Form::Binary),
            ),
            (None, true, Some(Form::Binary)),
            (None, false, None),
            (Some(""), false, None),
            (Some("application/json; charset=latin1"), false, None),
            (Some("application/cloudevents+xml"), false, None),
            (Some("text/plain"), true, None),
            (Some("application/x-protobuf"), true, None),
        ] {
            assert_eq!(
                form(content_type, binary).ok(),
                expected,
                "{content_type:?}"
            );
        }
    }
}
