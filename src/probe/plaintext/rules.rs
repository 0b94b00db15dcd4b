//! The conditions of a pass of `PLAINTEXT`, as a table from the facts of the engines. The manual
//! page prints the table, and a test compares the guide with it.

use crate::engine::Engine;
use crate::engine::protocol::PassRule;

/// The rules of all engines, each rule once.
fn pass_rules() -> Vec<&'static PassRule> {
    let mut rules: Vec<&PassRule> = Vec::new();
    for engine in Engine::ALL {
        for rule in engine.facts().protocol.pass_rules {
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
    }
    rules
}

/// The table as a section of a manual page.
pub(crate) fn text() -> String {
    let rules = pass_rules().into_iter().map(|rule| {
        let PassRule { engines, refused_by, control, holds_for } = rule;
        let lines = [
            format!("refused by: {refused_by}"),
            format!("control: {control}"),
            format!("holds for: {holds_for}"),
        ];
        let lines = lines.iter().map(|line| wrapped(line)).collect::<String>();
        format!("  {engines}\n{lines}").replace('`', "")
    });
    let rules: String = rules.collect();
    format!("WHAT MAKES A PASS OF PLAINTEXT\n{rules}")
}

/// Wraps `text` at 92 characters; the first line is indented by four, the others by six.
fn wrapped(text: &str) -> String {
    const WIDTH: usize = 92;
    let mut lines = String::new();
    let mut line = String::from("   ");
    for word in text.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            lines.push_str(&line);
            lines.push('\n');
            line = String::from("     ");
        }
        line.push(' ');
        line.push_str(word);
    }
    format!("{lines}{line}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_has_the_same_table() {
        let guide = include_str!("../../../man/guide/verify.md");
        let rows = pass_rules().into_iter().map(|rule| {
            let PassRule { engines, refused_by, control, holds_for } = rule;
            format!("| {engines} | {refused_by} | {control} | {holds_for} |\n")
        });
        let table: String = rows.collect();
        assert!(guide.contains(&table), "man/guide/verify.md is to have:\n{table}");
    }
}
