//! The command line: arguments, prompts, terminals, hints, output formats.

mod bad_input;
mod check_formats;
mod completion;
mod config;
mod doctor;
mod hints;
mod hints_pasted;
mod output;
mod prompts;
mod terminals;
mod words;
