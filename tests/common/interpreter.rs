//! Drivers of databases in Python and Node: one process a language runs one small program
//! after the other, so that hundreds of connections take no longer than they must.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use super::env;

/// Takes programs, a line of JSON each, and answers with what each leaves in `answer`, or with
/// all that is known of its failure.
const PYTHON: &str = r#"
import json, os, ssl, sys, traceback
for line in sys.stdin:
    scope = {"os": os, "ssl": ssl}
    try:
        exec(json.loads(line), scope)
        told = {"answer": scope["answer"]}
    except BaseException:
        told = {"error": traceback.format_exc()}
    print(json.dumps(told), flush=True)
"#;

const NODE: &str = r#"
const fs = require("fs");
const Program = Object.getPrototypeOf(async () => {}).constructor;
// a connection that is over may still have something to say: that is no answer
process.on("uncaughtException", () => {});
(async () => {
  for await (const line of require("readline").createInterface({ input: process.stdin })) {
    let told;
    try {
      told = { answer: await new Program("require", "fs", JSON.parse(line))(require, fs) };
    } catch (error) {
      told = { error: String((error && error.stack) || error) };
    }
    console.log(JSON.stringify(told));
  }
})();
"#;

/// A language that runs programs.
pub struct Interpreter {
    process: Child,
    programs: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Interpreter {
    pub fn python() -> Self {
        Interpreter::python_of(&env("CCX_TEST_DRIVERS"))
    }

    /// With the drivers of that folder.
    pub fn python_of(folder: &str) -> Self {
        let program = PathBuf::from(folder).join("venv/bin/python");
        Interpreter::start(Command::new(program).args(["-u", "-c", PYTHON]))
    }

    pub fn node() -> Self {
        Interpreter::node_of(&env("CCX_TEST_DRIVERS"))
    }

    /// With the drivers of that folder.
    pub fn node_of(folder: &str) -> Self {
        let modules = Path::new(folder).join("node_modules");
        Interpreter::start(Command::new("node").args(["-e", NODE]).env("NODE_PATH", modules))
    }

    fn start(command: &mut Command) -> Self {
        // nobody's own files count
        for variable in ["HOME", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"] {
            command.env(variable, "/dev/null/none");
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().expect("it runs");
        let programs = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().expect("piped"));
        Interpreter { process, programs, answers }
    }

    /// Runs a program: its answer, or its error.
    pub fn run(&mut self, program: &str) -> Result<Value, String> {
        let programs = self.programs.as_mut().expect("it runs");
        writeln!(programs, "{}", json!(program)).expect("written");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("read");
        let told: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line:?} to {program}"));
        match told["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(told["answer"].clone()),
        }
    }
}

impl Drop for Interpreter {
    fn drop(&mut self) {
        drop(self.programs.take()); // what ends it
        let _ = self.process.wait();
    }
}
