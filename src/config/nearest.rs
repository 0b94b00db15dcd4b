//! PURE: recognizes misspelled names.

/// Whether the edit distance of two names is at most a third of the length of `other`.
pub(crate) fn is_near(one: &str, other: &str) -> bool {
    distance(one, other) * 3 <= other.chars().count().max(3)
}

/// Returns the Damerau-Levenshtein distance (optimal string alignment: no substring is edited
/// twice).
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for i in 0..one.len() {
        let mut row = vec![i + 1];
        for j in 0..other.len() {
            let changed = last[j] + usize::from(one[i] != other[j]);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && one[i] == other[j - 1] && one[i - 1] == other[j] {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestion_is_a_slip_of_the_finger_away() {
        for (typed, meant) in
            [("renwe", "renew"), ("gett", "get"), ("lst", "list"), ("--otuput", "--output")]
        {
            assert!(is_near(typed, meant), "{typed} {meant}");
        }
        for (typed, other) in [("revoke", "renew"), ("version", "verify"), ("create", "rekey")] {
            assert!(!is_near(typed, other), "{typed} {other}");
        }
    }
}
