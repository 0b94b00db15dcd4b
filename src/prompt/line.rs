//! A line editor for the terminal, with the usual keys.

use std::io::{self, stdin};

use console::{Key, Term, measure_text_width};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// The minimum width for the answer beside its question, in columns.
const LEAST_ROOM: usize = 20;

/// Asks `question`, with `answer` preset for editing. Returns the text at Enter; `None` at Ctrl-D
/// on an empty line.
pub(super) fn edit(question: &str, answer: &str) -> io::Result<Option<String>> {
    let term = Term::stderr();
    let columns = usize::from(term.size().1);
    let mut question = format!("{question} ");
    if measure_text_width(&question) + LEAST_ROOM > columns {
        term.write_line(question.trim_end())?;
        question = "> ".to_owned();
    }
    let room = columns.saturating_sub(measure_text_width(&question) + 1).max(1);
    let _raw = Raw::enter()?;
    let mut line = EditBuffer { text: answer.chars().collect(), at: answer.chars().count() };
    loop {
        term.clear_line()?;
        let (shown, column) = line.window(room);
        term.write_str(&format!("{question}{shown}"))?;
        term.move_cursor_left(measure_text_width(&shown) - column)?;
        match line.press(term.read_key()?) {
            KeyAction::Edited => {}
            KeyAction::Done => {
                term.write_line("")?;
                return Ok(Some(line.text.into_iter().collect()));
            }
            KeyAction::Left => {
                term.write_line("")?;
                return Ok(None);
            }
        }
    }
}

/// The terminal in raw mode, in which every key reaches this process; restored when dropped.
struct Raw(Termios);

impl Raw {
    fn enter() -> io::Result<Self> {
        let state = tcgetattr(stdin())?;
        let mut raw = state.clone();
        raw.make_raw();
        raw.output_modes = state.output_modes;
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        Ok(Raw(state))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
    }
}

/// The text, and the position of the cursor in it.
#[derive(Debug, Default)]
struct EditBuffer {
    text: Vec<char>,
    at: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum KeyAction {
    Edited,
    Done,
    Left,
}

impl EditBuffer {
    fn press(&mut self, key: Key) -> KeyAction {
        match key {
            Key::Enter => return KeyAction::Done,
            Key::Char('\u{4}') if self.text.is_empty() => return KeyAction::Left,
            Key::Char('\u{4}') | Key::Del => self.delete(self.at, self.at + 1),
            Key::Char('\u{15}') => self.delete(0, self.at),
            Key::Char('\u{b}') => self.delete(self.at, self.text.len()),
            Key::Char('\u{17}') => self.delete(self.word_start(), self.at),
            Key::Backspace => self.delete(self.at.saturating_sub(1), self.at),
            Key::ArrowLeft | Key::Char('\u{2}') => self.at = self.at.saturating_sub(1),
            Key::ArrowRight | Key::Char('\u{6}') => self.at = (self.at + 1).min(self.text.len()),
            Key::Home => self.at = 0,
            Key::End => self.at = self.text.len(),
            Key::Char(typed) if !typed.is_control() => {
                self.text.insert(self.at, typed);
                self.at += 1;
            }
            _ => {}
        }
        KeyAction::Edited
    }

    fn delete(&mut self, from: usize, to: usize) {
        let to = to.min(self.text.len());
        if from < to {
            self.text.drain(from..to);
            self.at = from;
        }
    }

    /// The beginning of the word before the cursor.
    fn word_start(&self) -> usize {
        let before = &self.text[..self.at];
        let word_end = before.iter().rposition(|c| *c != ' ').map_or(0, |last| last + 1);
        before[..word_end].iter().rposition(|c| *c == ' ').map_or(0, |space| space + 1)
    }

    /// The part around the cursor that fits into `room` columns, and the cursor's column in it.
    fn window(&self, room: usize) -> (String, usize) {
        let width = |text: &[char]| measure_text_width(&text.iter().collect::<String>());
        let mut from = 0;
        while width(&self.text[from..self.at]) > room {
            from += 1;
        }
        let mut to = self.text.len();
        while width(&self.text[from..to]) > room {
            to -= 1;
        }
        (self.text[from..to].iter().collect(), width(&self.text[from..self.at]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pressed(text: &str, keys: &[Key]) -> (String, usize) {
        let mut line = EditBuffer { text: text.chars().collect(), at: text.chars().count() };
        for key in keys {
            assert_eq!(line.press(key.clone()), KeyAction::Edited);
        }
        (line.text.into_iter().collect(), line.at)
    }

    #[test]
    fn keys_edit_as_in_any_line_editor() {
        let control = |c: char| Key::Char(char::from(c as u8 & 0x1f));
        assert_eq!(pressed("one two", &[control('w')]), ("one ".to_owned(), 4));
        assert_eq!(pressed("one two  ", &[control('w')]), ("one ".to_owned(), 4));
        assert_eq!(pressed("one", &[control('w'), control('w')]), (String::new(), 0));
        assert_eq!(pressed("one two", &[control('u')]), (String::new(), 0));
        let left = [Key::ArrowLeft, Key::ArrowLeft, control('u')];
        assert_eq!(pressed("abcd", &left), ("cd".to_owned(), 0));
        assert_eq!(
            pressed("abcd", &[Key::Home, Key::ArrowRight, control('k')]),
            ("a".to_owned(), 1)
        );
        assert_eq!(pressed("abcd", &[Key::Home, control('d'), Key::Del]), ("cd".to_owned(), 0));
        assert_eq!(pressed("äß", &[Key::Backspace, Key::Char('x')]), ("äx".to_owned(), 2));
        assert_eq!(
            pressed("ab", &[Key::ArrowLeft, Key::Char('x'), Key::End]),
            ("axb".to_owned(), 3)
        );
        assert_eq!(pressed("a", &[Key::Tab, Key::Escape, control('z')]), ("a".to_owned(), 1));
        assert_eq!(EditBuffer::default().press(control('d')), KeyAction::Left);
        assert_eq!(EditBuffer::default().press(Key::Enter), KeyAction::Done);
    }

    #[test]
    fn a_long_answer_is_shown_around_the_cursor() {
        let text: Vec<char> = ('a'..='j').collect();
        let at = |at| EditBuffer { text: text.clone(), at }.window(4);
        assert_eq!(at(10), ("ghij".to_owned(), 4));
        assert_eq!(at(0), ("abcd".to_owned(), 0));
        assert_eq!(at(5), ("bcde".to_owned(), 4));
    }
}
