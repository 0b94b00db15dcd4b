//! Lines that fit a terminal: wrapped at spaces, and never inside a command.

use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;
use unicode_width::UnicodeWidthStr;

use crate::hint::UNBROKEN;

/// A terminal narrower than this is left to wrap by itself.
const LEAST: usize = 20;
/// The farthest column in which the value of a line with labels begins.
const LAST_LABEL: usize = 30;
/// Words that end in a colon and begin a line, and what follows is aligned after them.
const LABELS: [&str; 4] = ["hint:", "to do:", "warning:", "because:"];

/// Returns how many columns the terminal behind `stream` has; nothing where it is no terminal,
/// or does not know.
pub(super) fn width_of(stream: impl AsFd) -> Option<usize> {
    let columns = usize::from(tcgetwinsize(stream).ok()?.ws_col);
    (columns >= LEAST).then_some(columns)
}

/// Returns how many columns `text` takes; colours take none.
pub(super) fn columns_of(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

/// Wraps the lines of `text` that are longer than `width`, each with an indent below its first
/// word or its value. Without a width the lines stay as they are.
pub(super) fn fit(text: &str, width: Option<usize>) -> String {
    let Some(width) = width else { return release(text) };
    let mut fitted = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (content, end) = match line.strip_suffix('\n') {
            Some(content) => (content, "\n"),
            None => (line, ""),
        };
        if columns_of(content) <= width {
            fitted.push_str(content);
        } else {
            let mut hang = hang_of(content, width);
            if widest_word(content) > width - hang {
                hang = hang.min(4);
            }
            let indent = content.len() - content.trim_start_matches(' ').len();
            let pieces = pieces(&content[indent..], width - indent.min(width), width - hang);
            fitted.push_str(&content[..indent]);
            fitted.push_str(&pieces.join(&format!("\n{:hang$}", "")));
        }
        fitted.push_str(end);
    }
    release(&fitted)
}

/// Breaks `text` at spaces into pieces of at most `first`, then `rest` columns. A longer word is
/// broken after commas, if it has some, and else is a piece of its own. Spaces inside a piece stay.
pub(super) fn pieces(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for (gap, word) in words(text, rest) {
        let room = if pieces.len() == 1 { first } else { rest };
        let columns = columns_of(word);
        if used > 0 && used + gap + columns > room {
            pieces.push(String::new());
            used = 0;
        } else if let Some(piece) = pieces.last_mut() {
            piece.push_str(&" ".repeat(gap));
            used += gap;
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(word);
            used += columns;
        }
    }
    pieces
}

/// Returns the parts of `text` between which a line may break, each with the spaces before it.
fn words(text: &str, room: usize) -> Vec<(usize, &str)> {
    let (mut words, mut gap) = (Vec::new(), 0);
    for (at, word) in text.split(' ').enumerate() {
        gap += usize::from(at > 0);
        if word.is_empty() {
            continue;
        }
        if columns_of(word) > room && !word.contains(UNBROKEN) {
            for part in word.split_inclusive(',') {
                words.push((std::mem::take(&mut gap), part));
            }
        } else {
            words.push((std::mem::take(&mut gap), word));
        }
    }
    words
}

/// Returns the columns that the widest part of `text` takes when it is broken wherever it may be.
pub(super) fn widest_word(text: &str) -> usize {
    words(text, 0).into_iter().map(|(_, word)| columns_of(word)).max().unwrap_or(0)
}

/// Returns the column in which the second and later pieces of a line begin.
fn hang_of(line: &str, width: usize) -> usize {
    let plain = anstream::adapter::strip_str(line).to_string();
    let indent = plain.len() - plain.trim_start_matches(' ').len();
    let content = &plain[indent..];
    let label = LABELS.iter().find(|label| content.starts_with(**label));
    let hang = match label {
        Some(label) if indent > 0 => indent + label.len() + 1,
        _ => value_column(&plain, indent).unwrap_or(indent + 2),
    };
    if hang * 2 > width { indent.min(2) + 2 } else { hang }
}

/// Returns where the value begins in a line such as `not after     2027-01-01`: after the last
/// gap of two spaces or more among the first columns.
fn value_column(plain: &str, indent: usize) -> Option<usize> {
    let bytes = plain.as_bytes();
    let ends = (indent + 2..bytes.len().min(LAST_LABEL)).rev();
    ends.into_iter()
        .find(|at| bytes[*at] != b' ' && &bytes[at - 2..*at] == b"  ")
        .filter(|at| plain[..*at].is_ascii())
}

/// Puts the spaces back that hold a command together.
pub(super) fn release(text: &str) -> String {
    text.replace(UNBROKEN, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(text: &str, width: usize) -> String {
        fit(text, Some(width))
    }

    #[test]
    fn lines_break_at_spaces_and_continue_below_their_value() {
        assert_eq!(fitted("a short line\n", 20), "a short line\n");
        assert_eq!(
            fitted("error: the store cannot be read\n", 20),
            "error: the store\n  cannot be read\n"
        );
        assert_eq!(
            fitted("names         one, two, three, four, five\n", 30),
            "names         one, two, three,\n              four, five\n"
        );
        assert_eq!(
            fitted("  hint: give another name, or leave it out\n", 24),
            "  hint: give another\n        name, or leave\n        it out\n"
        );
        assert_eq!(fit("one two three four five six seven", None).lines().count(), 1);
    }

    #[test]
    fn colours_take_no_columns_and_long_words_stay_whole() {
        let red = "\u{1b}[31mred\u{1b}[0m";
        assert_eq!(columns_of(red), 3);
        assert_eq!(
            fitted(&format!("{red} {red} 901234567890\n"), 20),
            format!("{red} {red} 901234567890\n")
        );
        let word = "x".repeat(30);
        assert_eq!(fitted(&format!("a {word} b"), 20), format!("a\n  {word}\n  b"));
    }

    #[test]
    fn a_command_stays_on_one_line() {
        let command = "ccx-sec ca show --ca other".replace(' ', &UNBROKEN.to_string());
        assert_eq!(
            fitted(&format!("  hint: look at it: {command}"), 24),
            "  hint: look at it:\n    ccx-sec ca show --ca other"
        );
        assert_eq!(fit(&command, None), "ccx-sec ca show --ca other");
    }
}
