//! `docs/reference/otlp.md` says what the table says.

use std::path::Path;

use piecework_intake::limits;
use piecework_intake::otlp::{NORMALISER_VERSION, OWN, TABLE};

#[test]
fn the_page_names_every_attribute_and_every_limit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/otlp.md");
    let page = std::fs::read_to_string(path).unwrap();
    for (field, names) in TABLE {
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let listed = listed.join(", ");
        assert!(page.contains(&listed), "{field}: the page lacks {listed}");
    }
    for name in OWN {
        assert!(page.contains(&format!("`{name}`")), "the page lacks {name}");
    }
    assert!(page.contains(&format!("Version {NORMALISER_VERSION} of the table")));
    for (limit, unit) in [
        (limits::OTLP_BODY_BYTES_MAX >> 20, " MiB"),
        (limits::OTLP_ITEMS_MAX, ""),
        (limits::OTLP_GROUPS_MAX, ""),
        (limits::OTLP_ATTRIBUTES_MAX, ""),
        (limits::OTLP_JSON_ATTRIBUTE_BYTES_MAX >> 10, " KiB"),
        (limits::RESPONSE_ID_BYTES_MIN, ""),
        (limits::OTLP_NOTES_MAX, ""),
        (limits::OTLP_ABOVE_SPANS_MAX, ""),
    ] {
        let digits = limit.to_string();
        let split = digits.len().saturating_sub(3);
        let grouped = if split == 0 {
            digits
        } else {
            format!("{},{}", &digits[..split], &digits[split..])
        };
        assert!(
            page.contains(&format!("{grouped}{unit}")),
            "the page lacks the limit {grouped}{unit}"
        );
    }
}
