//! What a server, its accounts and its clients are told about TLS, as text to copy. PURE:
//! facts and names in, text out.

pub mod accounts;
pub mod client;
pub mod clients;
pub mod exception;
pub mod quote;
pub mod server;
pub mod template;
pub mod users;

use serde::Serialize;

/// What is claimed in a snippet, and where that is said or was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourcedClaim {
    /// The setting, or what the claim is about.
    pub what: String,
    /// The claim.
    pub says: String,
    /// Where it is said; `seen:` what we saw a server or a client do.
    pub source: &'static str,
}

/// A file, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnippetFile {
    /// What it may be called.
    pub name: String,
    /// Where it goes, and how it is put in force.
    pub place: String,
    /// What is in it.
    pub text: String,
    /// What is claimed in it.
    pub claims: Vec<SourcedClaim>,
}

/// The longest line of a comment.
const WIDTH: usize = 96;

/// Comment lines with `text` in them. Whatever is in it, nothing of it is on a line of its own.
fn comment(sign: &str, text: &str) -> String {
    let mut lines = vec![sign.to_owned()];
    let safe: String = text.chars().flat_map(visible).collect();
    for word in safe.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.last().map_or(0, |line| line.chars().count());
        if last > sign.len() && last + 1 + word.chars().count() > WIDTH {
            lines.push(sign.to_owned());
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.into_iter().map(|line| line + "\n").collect()
}

/// A character as it can be shown; what would end a line or move a cursor by its number.
fn visible(c: char) -> Vec<char> {
    let ends_line = matches!(c, '\u{2028}' | '\u{2029}');
    if c.is_control() || ends_line { c.escape_unicode().collect() } else { vec![c] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_stays_one() {
        assert_eq!(comment("#", "a  b"), "# a b\n");
        assert_eq!(comment("--", "a\nDROP\r\u{2028}"), "-- a\\u{a}DROP\\u{d}\\u{2028}\n");
        let long = comment("#", &"word ".repeat(40));
        assert!(long.lines().count() > 1, "{long}");
        assert!(long.lines().all(|line| line.starts_with("# word") && line.len() <= WIDTH));
        assert_eq!(comment("#", &"x".repeat(200)).lines().count(), 1, "a word is not broken");
    }
}
