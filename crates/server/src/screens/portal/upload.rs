//! [`Upload`]: a form with a file, `multipart/form-data` (RFC 7578) as browsers write it.
//!
//! Read whole, within [`UPLOAD_BYTES_MAX`]. Not here: parts within parts, encodings of parts, which no browser sends.
//! Invariant: a body that is not what its boundary says is refused, never read in part.

use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;

use crate::body;
use crate::limits::{FORM_FIELDS_MAX, UPLOAD_BYTES_MAX};
use crate::problem::{Code, Problem};

/// A form with a file.
#[derive(Debug)]
pub(super) struct Upload {
    parts: Vec<Part>,
}

#[derive(Debug)]
struct Part {
    name: String,
    /// What the file was called where it came from; nothing for a field.
    file: Option<String>,
    text: String,
}

impl Upload {
    /// What stands in a field, without blanks around it; nothing where it was left empty.
    pub(super) fn given(&self, name: &str) -> Option<&str> {
        let own = self
            .parts
            .iter()
            .find(|own| own.name == name && own.file.is_none());
        own.map(|own| own.text.trim()).filter(|own| !own.is_empty())
    }

    /// The file, where one was chosen: its name and its text.
    pub(super) fn file(&self) -> Option<(&str, &str)> {
        let mut files = self.parts.iter().filter(|own| !own.text.is_empty());
        files.find_map(|own| Some((own.file.as_deref()?, own.text.as_str())))
    }

    /// The text of the file, or what was pasted in its place.
    ///
    /// # Errors
    /// [`Code::BadRequest`] where there is neither.
    pub(super) fn text(&self) -> Result<&str, Problem> {
        let file = self.file().map(|(_, text)| text);
        let text = file.or_else(|| {
            let pasted = self
                .parts
                .iter()
                .find(|own| own.name == "text" && own.file.is_none());
            pasted
                .map(|own| own.text.as_str())
                .filter(|own| !own.trim().is_empty())
        });
        text.ok_or_else(|| Problem::new(Code::BadRequest, "choose a file, or paste its text"))
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Upload, Problem> {
        let said = request.headers().get(CONTENT_TYPE);
        let boundary = said.and_then(|own| own.to_str().ok()).and_then(boundary);
        let boundary = boundary.ok_or_else(|| {
            let detail = "a screen with a file reads `multipart/form-data`; programs use the API";
            Problem::new(Code::UnsupportedMediaType, detail)
        })?;
        let bytes = body::within(request.into_body(), UPLOAD_BYTES_MAX).await?;
        let parts = parts(&bytes, &boundary);
        let parts =
            parts.map_err(|why| Problem::new(Code::BadRequest, format!("the form: {why}")))?;
        Ok(Upload { parts })
    }
}

/// The boundary that a media type names.
fn boundary(media_type: &str) -> Option<String> {
    let mut said = media_type.split(';').map(str::trim);
    let is_form = said.next()?.eq_ignore_ascii_case("multipart/form-data");
    let own = said.find_map(|own| {
        let (name, value) = own.split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then_some(value)
    })?;
    let own = own.trim_matches('"');
    let is_plain = (1..=70).contains(&own.len()) && own.bytes().all(|byte| byte.is_ascii_graphic());
    (is_form && is_plain).then(|| own.to_owned())
}

/// The parts of a body, each between two boundaries.
fn parts(bytes: &[u8], boundary: &str) -> Result<Vec<Part>, String> {
    let opening = format!("--{boundary}");
    let between = format!("\r\n--{boundary}");
    let cut_off = || "it is cut off, or not what its boundary says".to_owned();
    let mut rest = bytes.strip_prefix(opening.as_bytes()).ok_or_else(cut_off)?;
    let mut parts = Vec::new();
    loop {
        if rest.starts_with(b"--") {
            return Ok(parts);
        }
        rest = rest.strip_prefix(b"\r\n").ok_or_else(cut_off)?;
        let end = find(rest, between.as_bytes()).ok_or_else(cut_off)?;
        if parts.len() == FORM_FIELDS_MAX {
            return Err(format!("it has more than {FORM_FIELDS_MAX} fields"));
        }
        parts.push(part(&rest[..end])?);
        rest = &rest[end + between.len()..];
    }
}

/// One part: its headers, an empty line, what it holds.
fn part(bytes: &[u8]) -> Result<Part, String> {
    let end = find(bytes, b"\r\n\r\n").ok_or("a part has no headers")?;
    let headers = std::str::from_utf8(&bytes[..end]).map_err(|_| "a header is not UTF-8")?;
    let mut lines = headers
        .split("\r\n")
        .filter_map(|line| line.split_once(':'));
    let disposition = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"));
    let (_, disposition) = disposition.ok_or("a part has no name")?;
    let name = parameter(disposition, "name").ok_or("a part has no name")?;
    let text = std::str::from_utf8(&bytes[end + 4..]);
    let text = text.map_err(|_| format!("`{name}` is not UTF-8; save it as UTF-8 first"))?;
    let text = text.trim_start_matches('\u{feff}');
    let file = parameter(disposition, "filename");
    Ok(Part {
        // Browsers end the lines of what is pasted in two characters; a file stays as it is.
        text: match &file {
            Some(_) => text.to_owned(),
            None => text.replace("\r\n", "\n"),
        },
        file,
        name,
    })
}

/// A parameter of a header, as browsers quote it: `"` is written `%22`.
fn parameter(header: &str, name: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, after)) = rest.split_once(';') {
        let (own, value) = after.trim_start().split_once("=\"")?;
        let (value, behind) = value.split_once('"')?;
        if own.eq_ignore_ascii_case(name) {
            return Some(value.replace("%22", "\""));
        }
        rest = behind;
    }
    None
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|own| own == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As Chromium writes it.
    const SENT: &str = "--B\r\nContent-Disposition: form-data; name=\"statement\"\r\n\r\nacme-0001\r\n--B\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"a%22;b.csv\"\r\nContent-Type: text/csv\r\n\r\n\u{feff}a,b\r\n1,2\r\n\r\n--B--\r\n";

    #[test]
    fn a_form_with_a_file_is_read_as_browsers_write_it() {
        let upload = Upload {
            parts: parts(SENT.as_bytes(), "B").unwrap(),
        };
        assert_eq!(upload.given("statement"), Some("acme-0001"));
        assert_eq!(upload.given("file"), None);
        assert_eq!(upload.file(), Some(("a\";b.csv", "a,b\r\n1,2\r\n")));
        assert_eq!(upload.text().unwrap(), "a,b\r\n1,2\r\n");
    }

    #[test]
    fn a_file_that_was_not_chosen_leaves_what_was_pasted() {
        let sent = "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--B\r\n\
            Content-Disposition: form-data; name=\"text\"\r\n\r\nx\r\ny\r\n--B--\r\n";
        let upload = Upload {
            parts: parts(sent.as_bytes(), "B").unwrap(),
        };
        assert_eq!((upload.file(), upload.text().unwrap()), (None, "x\ny"));
    }

    #[test]
    fn a_boundary_is_plain_and_of_a_form() {
        for (media_type, expected) in [
            (
                "multipart/form-data; boundary=----WebKitFormBoundaryAb1",
                Some("----WebKitFormBoundaryAb1"),
            ),
            (
                "Multipart/Form-Data; charset=utf-8; Boundary=\"x\"",
                Some("x"),
            ),
            ("multipart/form-data", None),
            ("multipart/mixed; boundary=x", None),
            ("multipart/form-data; boundary=", None),
            ("multipart/form-data; boundary=a b", None),
        ] {
            assert_eq!(boundary(media_type).as_deref(), expected, "{media_type}");
        }
        assert!(boundary(&format!("multipart/form-data; boundary={}", "x".repeat(71))).is_none());
    }

    #[test]
    fn what_is_cut_off_or_has_too_many_fields_is_refused() {
        for end in 0..SENT.len() - "--\r\n".len() {
            if SENT.is_char_boundary(end) {
                assert!(parts(&SENT.as_bytes()[..end], "B").is_err(), "{end}");
            }
        }
        let field = "\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n\r\n--B";
        let of = |count: usize| format!("--B{}--", field.repeat(count));
        assert!(parts(of(FORM_FIELDS_MAX).as_bytes(), "B").is_ok());
        assert!(parts(of(FORM_FIELDS_MAX + 1).as_bytes(), "B").is_err());
    }

    proptest! {
        #[test]
        fn no_body_makes_it_fail(bytes in "(--B|\r\n|[a-z=\";: -]|Content-Disposition){0,40}") {
            let _ = parts(bytes.as_bytes(), "B");
        }
    }
}
