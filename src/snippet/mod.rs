//! TLS settings of servers, accounts and clients, as text to copy. PURE: facts and names in, text
//! out.

pub mod client;
pub mod exception;
pub mod quote;
mod request;
pub mod server;
pub mod template;
pub mod users;

use serde::Serialize;

use crate::engine::settings::SourcedClaim;

/// A file, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SnippetFile {
    /// The suggested file name.
    pub name: String,
    /// Where to put the file, and how it takes effect.
    pub place: String,
    /// The content.
    pub text: String,
    /// The claims in the file, with their sources.
    pub claims: Vec<SourcedClaim>,
}

/// The maximum width of a comment line, in characters.
const WIDTH: usize = 96;

/// Returns `text` as comment lines. Line ends in `text` cannot end the comment.
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

/// Returns a character, or its escape if it would end a line or control a terminal.
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
