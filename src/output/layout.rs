//! Lines that fit a terminal: wrapped at spaces, and never inside a command.

use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;
use unicode_width::UnicodeWidthStr;

use crate::hint::UNBROKEN;

/// The minimum width for wrapping; narrower terminals wrap by themselves.
const LEAST: usize = 20;
/// The last column in which the value of a labelled line may begin.
const LAST_LABEL: usize = 30;
/// Labels at the beginning of a line; further lines are aligned after them.
const LABELS: [&str; 4] = ["hint:", "to do:", "warning:", "because:"];

/// The number of columns of the terminal behind `stream`; `None` if it is not a terminal or reports
/// no useful width.
pub(super) fn width_of(stream: impl AsFd) -> Option<usize> {
    let columns = usize::from(tcgetwinsize(stream).ok()?.ws_col);
    (columns >= LEAST).then_some(columns)
}

/// The number of columns that `text` occupies; colour codes occupy none.
pub(super) fn columns_of(text: &str) -> usize {
    anstream::adapter::strip_str(text).to_string().width()
}

/// Wraps the lines of `text` that are longer than `width`, with a hanging indent below their first
/// word or their value. Without a width, lines stay as they are.
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
/// broken after commas, or stays as one piece. Spaces inside a piece are kept.
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

/// The parts of `text` between which a line may break, each with the number of spaces before it.
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

/// The width of the widest part of `text`, if it is broken wherever possible.
pub(super) fn widest_word(text: &str) -> usize {
    words(text, 0).into_iter().map(|(_, word)| columns_of(word)).max().unwrap_or(0)
}

/// The column in which the second and later pieces of a line begin.
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

/// The column of the value in a line such as `not after     2027-01-01`: after the last gap of two
/// spaces or more near the beginning.
fn value_column(plain: &str, indent: usize) -> Option<usize> {
    let bytes = plain.as_bytes();
    let ends = (indent + 2..bytes.len().min(LAST_LABEL)).rev();
    ends.into_iter()
        .find(|at| bytes[*at] != b' ' && &bytes[at - 2..*at] == b"  ")
        .filter(|at| plain[..*at].is_ascii())
}

/// Replaces [`UNBROKEN`] by spaces.
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
