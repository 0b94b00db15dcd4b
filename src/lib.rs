//! ccx-sec: certificates, TLS modes and encrypted volumes for a database service.
//!
//! # Architecture
//!
//! Data flows down, and nothing imports upward; a test (`tests/layering.rs`) checks it.
//!
//! ```text
//! main       arguments in, exit status out
//! lib        run(): parse, dispatch, print the error
//! cli        root parser, global options, the one dispatch
//! commands   one file a leaf command: its arguments and its run()
//! operation  what is done to volumes, in steps that can be carried on or undone
//! report     documents that several commands print
//! confirm    the token that every dangerous function demands
//! prompt     questions to a person
//! context    global options, clock, the way to the store
//! fleet      credentials for one node or many: looked at, made, put where they belong
//! http       hands out the CA: the API, the page, and the gate before them
//! manifests  PURE: what runs all this in a cluster, as objects of Kubernetes
//! install    a running server takes them, and proves it, or all is as it was before
//! store      CA and nodes <-> Secrets: Kubernetes, or a directory
//! volume     what is encrypted, and what is not
//! probe      what clients meet at a database server: dialled, and judged
//! node       who a node is, inventories, what its credentials should be
//! snippet    PURE: what servers, accounts and clients are told, as text
//! engine     what is particular to each database engine
//! process    this process, and the programs that it starts
//! output     the only printer          files    the only user of the file system
//! pki        PURE: keys, certificates, profile, formats
//! error      Error { code, exit, message, cause, hints }
//! hint       what to do about it: sentences and commands
//! shell      command lines for people to paste, with the options of the run
//! ```
//!
//! Each outside world has one place: `kube` in `store/kube`, dialoguer in `prompt`,
//! indicatif and stdout in `output`, rustls-pemfile in `pki/pem`, cryptsetup in
//! `volume/cryptsetup`, `std::fs` in `files`, sockets in `probe/dial`
//! and `http/listen`, hyper in `http`.

pub mod cli;
mod commands;
pub mod confirm;
pub mod context;
pub mod engine;
pub mod error;
pub mod files;
pub mod fleet;
pub mod hint;
pub mod http;
pub mod install;
pub mod manifests;
pub mod node;
pub mod operation;
pub mod output;
pub mod pki;
pub mod probe;
pub mod process;
pub mod prompt;
pub mod report;
pub mod shell;
pub mod snippet;
pub mod store;
pub mod volume;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::Cli;
use output::{Format, Output};

/// Runs the command line `arguments`, the first of which is the program's name; prints what
/// there is to print; what comes back is for the process to return.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    process::keep_memory_private();
    let cli = match Cli::read(&arguments) {
        Ok(cli) => cli,
        Err(error) => return not_parsed(&error, cli::format_wanted(&arguments)),
    };
    let output = cli.output();
    let exit = cli.run().unwrap_or_else(|error| {
        output.error(&error);
        error.exit()
    });
    ExitCode::from(exit.code())
}

/// Help and version are answers, on stdout; the rest is an error. What is wrong with the
/// words themselves clap says best, with the usage and what was perhaps meant.
fn not_parsed(error: &clap::Error, format: Format) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let ours = cli::usage(error);
    if format.is_text() && ours.code() == "usage" {
        Output::default().message(&error.render().ansi().to_string());
    } else {
        Output { format, ..Output::default() }.error(&ours);
    }
    ExitCode::from(ours.exit().code())
}
