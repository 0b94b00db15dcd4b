//! The first screen of each command's help (`-h`), one snapshot for each group of commands. The
//! global options, which are the same for all, are in that of the program alone.

use super::assert_snapshot;
use crate::common::{Home, ccx, run};

/// The names in the list of commands of a help text, without `help`.
fn commands(help: &str) -> Vec<String> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let list = list.take_while(|line| !line.is_empty());
    let names = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn help(words: &[&str]) -> String {
    run(ccx(Home::new().path()).args(words).arg("-h")).stdout
}

/// The help text up to the global options.
fn own(help: &str) -> String {
    let (own, _) = help.split_once("\nGlobal options:\n").expect("global options");
    own.to_owned()
}

#[test]
fn help_of_each_command() {
    let root = help(&[]);
    assert_snapshot("help", &root);
    let groups = commands(&root);
    assert!(groups.len() >= 9, "{groups:?}");
    for group in groups {
        let mut all = own(&help(&[&group]));
        for command in commands(&all) {
            all += &format!("\n\n{} {group} {command}\n\n", "=".repeat(20));
            all += &own(&help(&[&group, &command]));
        }
        assert_snapshot(&format!("help-{group}"), &all);
    }
}
