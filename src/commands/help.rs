//! The layout of the help: examples come before the options. They consist of captions, which are
//! prose, and of commands: a command that is too long is continued after a backslash, so that a
//! user can paste it.

use clap::Command;
use clap::builder::StyledStr;

/// The columns of a line of help.
const WIDTH: usize = 80;
const EXAMPLES: &str = "EXAMPLES";

/// A section of a command's help: a heading at the margin, and indented lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// The heading.
    pub(crate) name: String,
    /// The lines below it.
    pub(crate) lines: Vec<String>,
}

/// Reads the sections of a text; its examples are first, their lines at most 80 columns wide
/// where a shell allows it.
pub(crate) fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for line in text.lines() {
        match sections.last_mut() {
            Some(section) if line.is_empty() || line.starts_with(' ') => {
                section.lines.push(line.to_owned());
            }
            _ => sections.push(Section { name: line.to_owned(), lines: Vec::new() }),
        }
    }
    for section in &mut sections {
        while section.lines.last().is_some_and(String::is_empty) {
            section.lines.pop();
        }
        if section.name == EXAMPLES {
            let broken = section.lines.iter().flat_map(|line| break_code(line));
            section.lines = broken.collect();
        }
    }
    sections.sort_by_key(|section| section.name != EXAMPLES);
    sections
}

/// Moves the examples of a command, and of all below it, from the end of its help to the end of
/// its description; the short help ends with them.
pub(crate) fn arrange(command: Command) -> Command {
    let names: Vec<String> =
        command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    let command =
        names.into_iter().fold(command, |command, name| command.mut_subcommand(name, arrange));
    let text = |styled: Option<&StyledStr>| styled.map(ToString::to_string);
    let Some(after) = text(command.get_after_long_help()) else { return command };
    let mut sections = sections(&after);
    if sections.first().is_none_or(|section| section.name != EXAMPLES) {
        return command;
    }
    let about = text(command.get_long_about().or(command.get_about())).unwrap_or_default();
    let examples = written(&[sections.remove(0)]);
    let description = format!("{about}\n\n{examples}");
    command.after_help(examples).long_about(description).after_long_help(written(&sections))
}

fn written(sections: &[Section]) -> String {
    let write = |section: &Section| format!("{}\n{}", section.name, section.lines.join("\n"));
    sections.iter().map(write).collect::<Vec<_>>().join("\n\n")
}

/// Whether a line of the examples is the caption of the commands below it.
fn is_caption(line: &str) -> bool {
    line.ends_with(':') && line.len() - line.trim_start().len() == 2
}

/// Breaks a shell command that is too wide, before an option if possible, else between two words.
fn break_code(line: &str) -> Vec<String> {
    if is_caption(line) {
        return vec![line.to_owned()];
    }
    let indent = line.len() - line.trim_start().len();
    let (mut lines, mut rest) = (Vec::new(), line.to_owned());
    while rest.chars().count() > WIDTH {
        let Some(at) = gap(&rest) else { break };
        let more = format!("{:indent$}  {}", "", &rest[at + 1..]);
        lines.push(format!("{} \\", &rest[..at]));
        rest = more;
    }
    lines.push(rest);
    lines
}

/// Returns the last blank between two words of a command that leaves room for a backslash, not in
/// quotes, parentheses or a comment. Prefers a blank before an option or a pipe, so that an option
/// stays beside its value.
fn gap(line: &str) -> Option<usize> {
    let (mut quote, mut depth, mut found, mut begun) = (None, 0_usize, None, false);
    let mut before_option = None;
    for (column, (at, c)) in line.char_indices().enumerate() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, '#') if begun => break,
            (None, ' ') if begun && depth == 0 && column + 2 <= WIDTH => {
                found = Some(at);
                if line[at + 1..].starts_with(['-', '|', '&']) {
                    before_option = found;
                }
            }
            _ => {}
        }
        begun |= c != ' ';
    }
    before_option.or(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_examples_come_first_and_stay_code() {
        let long = "  ccx-sec cert install --engine mariadb --socket /run/mysqld/mysqld.sock \
                    --restart-command 'systemctl restart mariadb'";
        let text = format!("MODES\n  a\n\nEXAMPLES\n{long}\n\nEXIT STATUS\n  0  done");
        let read = sections(&text);
        let names: Vec<&str> = read.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["EXAMPLES", "MODES", "EXIT STATUS"]);
        let lines = &read[0].lines;
        assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= WIDTH), "{lines:?}");
        // A shell joins continued lines.
        let joined = lines.join("\n").replace("\\\n", " ");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&joined), words(long));
        assert!(lines.iter().any(|line| line.contains("'systemctl restart mariadb'")), "{lines:?}");
    }

    #[test]
    fn a_caption_is_not_broken_and_an_option_stays_beside_its_value() {
        let caption =
            format!("  Nodes get it with their next renewal, {}with:", "and clients ".repeat(5));
        assert!(caption.len() > WIDTH);
        let command = "    ccx-sec cert install --engine postgresql --datastore 5b0d8c1e-7a55-4f0e \
                       --node db-6ae82 --domain ccx.example.com";
        let read = sections(&format!("EXAMPLES\n{caption}\n{command}"));
        let expected = [
            caption.as_str(),
            "    ccx-sec cert install --engine postgresql --datastore 5b0d8c1e-7a55-4f0e \\",
            "      --node db-6ae82 --domain ccx.example.com",
        ];
        assert_eq!(read[0].lines, expected);
    }
}
