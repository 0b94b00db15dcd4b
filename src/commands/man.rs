//! `ccx-sec man`: the manual pages, from the definition of the command line.

use std::io::Write;
use std::path::PathBuf;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use super::help::{self, Section};
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};

/// The day of this release, as the pages show it.
const RELEASED: &str = "2026-11-25";

/// Print the manual page, or write those of all commands
#[derive(Debug, clap::Args)]
#[command(hide = true, after_long_help = HELP)]
pub(crate) struct Args {
    /// Directory for the pages of all commands
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    out: Option<PathBuf>,
}

const HELP: &str = "\
EXAMPLES
  ccx-sec man | man -l -
  ccx-sec man --out /usr/local/share/man/man1

EXIT STATUS
  0  printed, or written
  3  a page cannot be written";

impl Args {
    /// Runs the command; `root` is the whole command line.
    ///
    /// # Errors
    /// Exit 3 when a page, or stdout, cannot be written.
    pub(crate) fn run(self, context: &Context, root: clap::Command) -> Result<Exit> {
        let pages = pages(root)?;
        match self.out {
            Some(directory) => {
                for (name, page) in &pages {
                    files::write(
                        &directory.join(name),
                        page,
                        FileMode::Public,
                        ExistingFile::Replace,
                    )?;
                }
            }
            None => context.output.raw(pages.first().map_or(&[], |(_, page)| page))?,
        }
        Ok(Exit::Done)
    }
}

/// The file name and the text of each command's manual page, that of `root` first.
///
/// # Errors
/// Exit 3 when a page cannot be rendered.
pub(crate) fn pages(mut root: clap::Command) -> Result<Vec<(String, Vec<u8>)>> {
    root.build();
    let mut pages = Vec::new();
    collect(&root, &[], &mut pages).map_err(|source| {
        Error::failed(Code::Man, "cannot make the manual pages").because(source)
    })?;
    Ok(pages)
}

/// Adds the pages of a command and of those below it. `above` are the commands that it is
/// below, the root first.
fn collect<'a>(
    command: &'a clap::Command,
    above: &[&'a clap::Command],
    pages: &mut Vec<(String, Vec<u8>)>,
) -> std::io::Result<()> {
    let name = page_name(command);
    let man = Man::new(command.clone().name(name.clone()))
        .title(name.to_uppercase())
        .date(RELEASED)
        .manual("ccx-sec manual");
    // The sections in EXAMPLES form follow as sections of their own, not as clap's "EXTRA".
    let extra = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let mut extra = help::sections(&extra);
    let examples = extra.iter().take_while(|section| section.name == "EXAMPLES").count();
    let others = extra.split_off(examples);
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    sections(&extra, &mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&others, &mut page)?;
    see_also(command, above, &mut page)?;
    pages.push((format!("{name}.1"), fold(&String::from_utf8_lossy(&page)).into_bytes()));
    let above = [above, &[command]].concat();
    subcommands(command).try_for_each(|sub| collect(sub, &above, pages))
}

fn page_name(command: &clap::Command) -> String {
    command.get_display_name().unwrap_or(command.get_name()).to_owned()
}

fn subcommands(command: &clap::Command) -> impl Iterator<Item = &clap::Command> {
    command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
}

/// Writes sections whose lines are kept as they are.
fn sections(sections: &[Section], page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    for Section { name, lines } in sections {
        roff.control("SH", [name.as_str()]);
        roff.control("nf", []);
        for line in lines {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        roff.control("fi", []);
    }
    page.write_all(roff.render().as_bytes())
}

/// Names the pages of the commands above, beside and below this one.
fn see_also(
    command: &clap::Command,
    above: &[&clap::Command],
    page: &mut Vec<u8>,
) -> std::io::Result<()> {
    let beside = above.last().into_iter().flat_map(|parent| subcommands(parent));
    let beside = beside.filter(|other| other.get_name() != command.get_name());
    let below = subcommands(command);
    let others = above.iter().copied().chain(beside).chain(below);
    let names: Vec<String> = others.map(|other| format!("{}(1)", page_name(other))).collect();
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"]);
    roff.text([roman(names.join(", "))]);
    page.write_all(roff.render().as_bytes())
}

/// Breaks the lines of a page's running text, which a reader fills again, at 80 columns, and
/// takes away blanks at their ends. Lines between `.nf` and `.fi` stay.
fn fold(page: &str) -> String {
    const WIDTH: usize = 78;
    let (mut folded, mut is_filled) = (String::new(), true);
    // A blank line between two breaks is a blank line; a backslash has a name of its own.
    let page = page.replace(".br\n\n.br\n", ".sp\n").replace("\\\\", "\\e");
    for line in page.lines() {
        is_filled = match line {
            ".nf" => false,
            ".fi" => true,
            _ => is_filled,
        };
        let mut rest = line.trim_end();
        while is_filled && rest.len() > WIDTH && !rest.starts_with(['.', '\'']) {
            // Do not break where the next line would begin with a roff control character.
            let may_break = |at: &usize| !rest[at + 1..].starts_with(['.', '\'']);
            let blanks = rest.match_indices(' ').map(|(at, _)| at).filter(may_break);
            let all: Vec<usize> = blanks.filter(|at| *at > 0).collect();
            let fitting = all.iter().rev().find(|at| **at <= WIDTH).or(all.first());
            let Some(&at) = fitting else { break };
            folded.push_str(rest[..at].trim_end());
            folded.push('\n');
            rest = rest[at..].trim_start();
        }
        folded.push_str(rest);
        folded.push('\n');
    }
    folded
}
