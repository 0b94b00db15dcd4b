//! The program: arguments in, exit status out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ccx_sec::run(std::env::args_os().collect())
}
