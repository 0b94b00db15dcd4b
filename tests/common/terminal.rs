//! A real terminal with a person at it.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rexpect::process::{PtyProcess, WaitStatus};
use rexpect::reader::Options;
use rexpect::session::PtySession;

use super::Home;

/// The program on a terminal of its own: stdin, stdout and stderr.
pub struct Terminal(PtySession);

impl Home {
    /// Starts the program on a terminal, on the directory store.
    pub fn terminal(&self, arguments: &[&str]) -> Terminal {
        let program = self.ccx(arguments);
        let mut command = Command::new(program.get_program());
        command.args(program.get_args()).env_clear().current_dir(self.path());
        command.env("HOME", self.path()).env("TERM", "xterm");
        Terminal::start(command)
    }
}

impl Terminal {
    /// Starts a program on a terminal of its own.
    pub fn start(command: Command) -> Self {
        let options = Options::new().timeout_ms(Some(180_000)).strip_ansi_escape_codes(true);
        let mut process = PtyProcess::new(command).expect("a terminal");
        process.set_kill_timeout(Some(2_000)); // a shell ignores SIGTERM
        Terminal(PtySession::new(process, options).expect("a session"))
    }

    /// Types keys, without Enter.
    pub fn send(&mut self, keys: &str) {
        self.0.send(keys).expect("sent");
        self.0.flush().expect("sent");
    }

    /// Waits for a text; gives what came before it.
    pub fn expect(&mut self, text: &str) -> String {
        self.0.exp_string(text).unwrap_or_else(|error| panic!("expected {text:?}: {error}"))
    }

    /// Waits for a question, and answers it. One for a secret is answered when the terminal shows
    /// no more what is typed: what comes before that is thrown away.
    pub fn answer(&mut self, question: &str, answer: &str) {
        self.expect(question);
        if ["assphrase", "assword", "Again"].iter().any(|secret| question.contains(secret)) {
            let echoes = |terminal: &Self| {
                let state = rustix::termios::tcgetattr(
                    terminal.0.process().get_file_handle().expect("a terminal"),
                );
                state.expect("a state").local_modes.contains(rustix::termios::LocalModes::ECHO)
            };
            let end = Instant::now() + Duration::from_secs(180);
            while echoes(self) && Instant::now() < end {
                thread::sleep(Duration::from_millis(5));
            }
        }
        self.0.send_line(answer).expect("sent");
    }

    /// Presses Control and a key.
    pub fn control(&mut self, key: char) {
        self.0.send_control(key).expect("sent");
    }

    /// Waits for the end; gives the exit status and what was said since the last wait.
    pub fn end(self) -> (i32, String) {
        self.end_as(|said| said.replace('\r', ""))
    }

    /// As [`Terminal::end`]; of a line that was written over, what stays.
    pub fn end_as_shown(self) -> (i32, String) {
        let shown = |line: &str| line.rsplit('\r').next().map(|line| format!("{line}\n"));
        self.end_as(|said| said.replace("\r\n", "\n").lines().filter_map(shown).collect())
    }

    fn end_as(mut self, change: impl Fn(&str) -> String) -> (i32, String) {
        let said = change(&self.0.exp_eof().expect("an end"));
        match self.0.process().wait().expect("a status") {
            WaitStatus::Exited(_, status) => (status, said),
            WaitStatus::Signaled(_, signal, _) => (128 + signal as i32, said),
            other => panic!("{other:?}: {said}"),
        }
    }
}
