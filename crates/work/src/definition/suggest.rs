//! "Did you mean": the nearest of the names that would have been right.

/// A hint for `text`, which is none of `names`: the nearest name, or all of them.
pub(super) fn hint(text: &str, names: &[&str]) -> String {
    match nearest(text, names) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("one of: {}", names.join(", ")),
    }
}

/// The nearest name within a third of its length in edits.
#[must_use]
pub fn nearest<'n>(text: &str, names: &[&'n str]) -> Option<&'n str> {
    let text: Vec<char> = text.to_lowercase().chars().take(WORD_CHARS_MAX).collect();
    names
        .iter()
        .map(|name| (distance(&text, &name.chars().collect::<Vec<char>>()), *name))
        .filter(|(edits, name)| *edits <= 1 + name.chars().count() / 4)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, name)| name)
}

/// Words longer than this are compared by their beginning.
const WORD_CHARS_MAX: usize = 40;

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let same = usize::from(a[i - 1] != b[j - 1]);
            let mut edits = (rows[i - 1][j - 1] + same)
                .min(rows[i - 1][j] + 1)
                .min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                edits = edits.min(rows[i - 2][j - 2] + 1);
            }
            row.push(edits);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_recognised_and_strangers_are_not() {
        let names = ["answered", "verified", "closed", "passed"];
        for (slip, meant) in [
            ("anwsered", "answered"),
            ("Verified", "verified"),
            ("pased", "passed"),
            ("close", "closed"),
        ] {
            assert_eq!(nearest(slip, &names), Some(meant));
        }
        assert_eq!(nearest("resolved", &names), None);
        assert_eq!(
            hint("xyz", &names),
            "one of: answered, verified, closed, passed"
        );
    }
}
