//! `ccx-sec man`: the manual pages, from the definition of the command line.

use std::io::Write;
use std::path::PathBuf;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::context::Context;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing, Mode};

/// Print the manual page, or write those of all commands
#[derive(Debug, clap::Args)]
#[command(hide = true, after_long_help = HELP)]
pub(crate) struct Args {
    /// The directory for the pages of all commands
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
                    files::write(&directory.join(name), page, Mode::Public, Existing::Replace)?;
                }
            }
            None => context.output.raw(pages.first().map_or(&[], |(_, page)| page))?,
        }
        Ok(Exit::Done)
    }
}

/// The file name and text of the page of every command, that of `root` first.
///
/// # Errors
/// Exit 3 when one cannot be made.
pub(crate) fn pages(mut root: clap::Command) -> Result<Vec<(String, Vec<u8>)>> {
    root.build();
    let mut pages = Vec::new();
    collect(&root, &mut pages)
        .map_err(|source| Error::failed("man", "cannot make the manual pages").because(source))?;
    Ok(pages)
}

fn collect(command: &clap::Command, pages: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    let name = command.get_display_name().unwrap_or(command.get_name()).to_owned();
    // The sections in EXAMPLES form follow as sections of their own, not as clap's "EXTRA".
    let extra = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
    let man = Man::new(command.clone().name(name.clone())).manual("ccx-sec manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    sections(&extra, &mut page)?;
    pages.push((format!("{name}.1"), page));
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    visible.into_iter().try_for_each(|sub| collect(sub, pages))
}

/// Lines that begin at the margin are headings; what is indented below them is kept as it is.
fn sections(text: &str, page: &mut Vec<u8>) -> std::io::Result<()> {
    let mut roff = Roff::new();
    let mut open = false;
    for line in text.lines() {
        if line.is_empty() || line.starts_with(' ') {
            roff.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
            continue;
        }
        if open {
            roff.control("fi", []);
        }
        roff.control("SH", [line]);
        roff.control("nf", []);
        open = true;
    }
    if open {
        roff.control("fi", []);
    }
    page.write_all(roff.render().as_bytes())
}
