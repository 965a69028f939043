//! A strict reader of the HTML and SVG that this crate writes: every element closed in its order,
//! every attribute quoted and given once, every id unique, every reference answered, no number that
//! is none.

use std::collections::HashSet;

const VOID: [&str; 4] = ["meta", "br", "link", "input"];
/// Attributes that say what they say by being there.
const BARE: [&str; 6] = [
    "required", "open", "selected", "checked", "hidden", "readonly",
];

/// Reads a page; says what is wrong with it and where.
#[allow(unreachable_pub)]
pub fn check(page: &str) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = HashSet::new();
    let mut wanted = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    while let Some(at) = rest.find('<') {
        text(&rest[..at])?;
        rest = &rest[at + 1..];
        let end = rest
            .find('>')
            .ok_or_else(|| near("a tag without an end", rest))?;
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            match open.pop() {
                Some(last) if last == name => {}
                last => return Err(format!("</{name}> closes {last:?}")),
            }
            continue;
        }
        let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(near("not an element name", tag));
        }
        element(name, attributes, &mut ids, &mut wanted)?;
        if name == "style" {
            let end = rest.find("</style>").ok_or("a style without an end")?;
            rest = &rest[end..];
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
    }
    text(rest)?;
    if let Some(left) = open.pop() {
        return Err(format!("<{left}> is never closed"));
    }
    match wanted.iter().find(|id| !ids.contains(*id)) {
        Some(id) => Err(format!("nothing has the id {id}")),
        None => Ok(()),
    }
}

fn text(text: &str) -> Result<(), String> {
    if text.contains('>') {
        Err(near("a bare >", text))
    } else {
        Ok(())
    }
}

fn element(
    name: &str,
    attributes: &str,
    ids: &mut HashSet<String>,
    wanted: &mut Vec<String>,
) -> Result<(), String> {
    let mut seen = HashSet::new();
    let mut rest = attributes;
    while !rest.is_empty() {
        let (first, others) = rest.split_once(' ').unwrap_or((rest, ""));
        if BARE.contains(&first) {
            rest = others;
            continue;
        }
        let (key, after) = rest
            .split_once("=\"")
            .ok_or_else(|| near("an unquoted attribute", rest))?;
        let (value, after) = after
            .split_once('"')
            .ok_or_else(|| near("an open quote", after))?;
        if !seen.insert(key) {
            return Err(format!("<{name}> has {key} twice"));
        }
        if value.contains("NaN") || value.contains("inf") && !value.contains("infra") {
            return Err(format!("<{name} {key}={value}> is not a number"));
        }
        match key {
            "id" if !ids.insert(value.to_owned()) => {
                return Err(format!("the id {value} is given twice"));
            }
            "aria-labelledby" | "aria-describedby" => {
                wanted.extend(value.split(' ').map(str::to_owned));
            }
            "href" => wanted.extend(value.strip_prefix('#').map(str::to_owned)),
            _ => {}
        }
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    Ok(())
}

fn near(what: &str, place: &str) -> String {
    format!(
        "{what} near {:?}",
        place.chars().take(60).collect::<String>()
    )
}
