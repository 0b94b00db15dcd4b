//! ccx-sec: certificates, TLS modes and encrypted volumes of database services.
//!
//! # Architecture
//!
//! Data flows down, and nothing imports upward; a test (`tests/project/layering.rs`) checks it.
//!
//! ```text
//! main       arguments in, exit status out
//! lib        run(): parse, dispatch, print the error
//! cli        root parser, global options, the one dispatch
//! commands   one file per leaf command: its arguments and its run()
//! volume     operations on volumes, in journalled steps that can be resumed or rolled back
//! report     text and check results that several commands print
//! confirm    the token that every dangerous function demands
//! prompt     questions to a person
//! context    global options, clock, access to the store
//! issuance   credentials for one node or many: assess, issue, write where they belong
//! rotation   changes of the CA over the years: so far, a renewed certificate
//! http       serves the CA: the API, the page, and their access control
//! manifests  PURE: the Kubernetes objects that run all this in a cluster
//! reconfigure  lets a running server load certificate and settings, or rolls everything back
//! store      CA and nodes <-> Secrets: Kubernetes, or a directory
//! block      block devices: LUKS headers, device-mapper, cryptsetup, guards against misuse
//! probe      connects to database servers as clients do, and judges the TLS modes
//! db_client  logs in with a password, and runs statements as an administrator
//! connection addresses, TCP, TLS, and the engines' wire protocols before a login
//! node       names of nodes, inventories, the credentials of a node
//! snippet    PURE: settings of servers, accounts and clients, as text
//! driver     PURE: the clients of databases: their configuration, their behavior
//! engine     the facts of each database engine
//! config     defaults of options, from variables and files
//! process    this process, and the programs that it starts
//! output     the only printer          files    the only user of the file system
//! pki        PURE: keys, certificates, profile, formats
//! error      Error { code, exit, message, cause, hints }
//! hint       next steps: sentences and commands
//! shell      command lines for people to paste, with the options of the run
//! text       foreign text in messages: cut to a length, on one line
//! ```
//!
//! Each outside world has one place: `kube` in `store/kube`, dialoguer in `prompt`,
//! indicatif and stdout in `output`, rustls-pemfile in `pki/pem`, cryptsetup in
//! `block/cryptsetup`, `std::fs` in `files`, sockets in
//! `connection/dial` and `http/listen`, hyper in `http`.

pub mod block;
pub mod cli;
mod commands;
pub mod config;
mod confirm;
pub mod connection;
mod context;
pub mod db_client;
pub mod driver;
pub mod engine;
pub mod error;
mod files;
mod hint;
pub mod http;
pub mod issuance;
pub mod manifests;
pub mod node;
mod output;
pub mod pki;
pub mod probe;
mod process;
mod prompt;
mod reconfigure;
mod report;
pub mod rotation;
pub mod shell;
pub mod snippet;
pub mod store;
mod text;
pub mod volume;

use std::ffi::OsString;
use std::process::ExitCode;

use cli::{Cli, CommandLineError, CommandLineFault};
use output::Output;

/// Runs the command line `arguments`, whose first element is the program's name, prints the result,
/// and returns the exit status.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    process::keep_memory_private();
    let cli = match Cli::read(&arguments) {
        Ok(cli) => cli,
        Err(rejected) => return not_run(&rejected),
    };
    let output = cli.output();
    let exit = cli.run().unwrap_or_else(|error| {
        output.error(&error);
        error.exit()
    });
    ExitCode::from(exit.code())
}

/// Prints the result of a parse that ran no command: help and version go to stdout, everything else
/// is an error. clap's own text is best for syntax errors: it has the usage and similar words.
fn not_run(CommandLineError { cause, format }: &CommandLineError) -> ExitCode {
    let format = *format;
    let error = match cause {
        CommandLineFault::Arguments(error) => error,
        CommandLineFault::Configuration(error) => {
            Output { format, ..Output::default() }.error(error);
            return ExitCode::from(error.exit().code());
        }
    };
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let ours = cli::usage(error);
    if format.is_text() && ours.code() == error::Code::Usage {
        Output::default().message(&error.render().ansi().to_string());
    } else {
        Output { format, ..Output::default() }.error(&ours);
    }
    ExitCode::from(ours.exit().code())
}
