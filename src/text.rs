//! Shortens foreign text for messages, and puts it on one line.

/// Cuts `text` to its first `limit` characters, and marks the cut with `…`: a peer or a file may
/// hold many pages.
#[must_use]
pub(crate) fn clip(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Puts `text` on one line of at most `limit` characters: control characters become spaces.
#[must_use]
pub(crate) fn one_line(text: &str, limit: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clip(plain.trim(), limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clip_counts_characters_and_marks_the_cut() {
        assert_eq!(clip("größer", 6), "größer");
        assert_eq!(clip("größer", 4), "größ…");
        assert_eq!(clip("", 0), "");
    }

    #[test]
    fn one_line_has_no_control_characters() {
        assert_eq!(one_line("\x1b[2Jno\r\n", 20), "[2Jno");
        assert_eq!(one_line("a\nb\tc", 3), "a b…");
    }
}
