//! The nearest known word to a misspelt one, for messages.

/// The candidate with the fewest edits from `word`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = fold(word);
    let limit = (wanted.len() / 3).max(2);
    candidates
        .into_iter()
        .map(|candidate| (edits(&wanted, &fold(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Letters and digits in lower case: `Created at` and `created_at` are the same word to a reader.
fn fold(word: &str) -> Vec<char> {
    word.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .take(64)
        .collect()
}

fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelt_word_finds_its_neighbour_and_a_strange_one_finds_none() {
        let words = ["case_id", "activity", "Created at"];
        assert_eq!(nearest("case_ID", words), Some("case_id"));
        assert_eq!(nearest("activty", words), Some("activity"));
        assert_eq!(nearest("created_at", words), Some("Created at"));
        assert_eq!(nearest("colour", words), None);
    }
}
