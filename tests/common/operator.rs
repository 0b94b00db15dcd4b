//! An operator who does what a hint says, line by line, on a real server: pastes commands into
//! a shell, statements into the server's client, lines into its files.

use std::fs;
use std::path::PathBuf;

use super::db::{Family, Server};
use super::terminal::Terminal;
use super::{Home, Run, env};

/// Lines that say what a person has to find out or to decide: nothing in them can be pasted.
pub const FOR_A_PERSON: [(&str, &str); 4] = [
    ("look into the server's log", "where it is, is the server's matter"),
    ("where it refuses the files, its log says why", "only if it does"),
    (
        "an account that logs in over TLS tells, where the server knows it then",
        "not every method of login lets a server know its accounts",
    ),
    ("see VERIFY_IDENTITY: the server's certificate comes first", "its own hint is followed"),
];

/// The steps of each way that a hint offers; a line that begins with "or" begins another.
pub fn ways(hint: &str) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for line in hint.lines() {
        if line.starts_with("or ") {
            ways.push(Vec::new());
        }
        ways.last_mut().expect("one").push(line.to_owned());
    }
    ways
}

/// What the operator works on, and what stands for the words in capitals.
pub struct Operator<'a> {
    pub home: &'a Home,
    pub server: &'a mut Server,
    pub words: Vec<(&'static str, String)>,
}

impl Operator<'_> {
    /// Does the steps of a way. Returns the options for the next run.
    pub fn follow(&mut self, way: &[String]) -> Vec<String> {
        way.iter().flat_map(|line| self.step(line)).collect()
    }

    /// Puts in what stands for the words in capitals; panics where one is left.
    fn fill(&self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_uppercase() || c == '_';
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_part) {
            let (before, from) = rest.split_at(start);
            let word = &from[..from.find(|c| !is_part(c)).unwrap_or(from.len())];
            let in_a_word = before.ends_with(|c: char| c.is_ascii_alphanumeric())
                || from[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
            let value = self.words.iter().find(|(name, _)| *name == word && !in_a_word);
            filled.push_str(before);
            filled.push_str(value.map_or(word, |(_, value)| value));
            rest = &from[word.len()..];
        }
        filled + rest
    }

    fn step(&mut self, line: &str) -> Vec<String> {
        if FOR_A_PERSON.iter().any(|(known, _)| *known == line) {
            return Vec::new();
        }
        if line == "then restart it" {
            self.server.restart();
            return Vec::new();
        }
        let (prose, text) = line.split_once(": ").unwrap_or_else(|| panic!("not a step: {line}"));
        let text = self.fill(text);
        let first = text.split_whitespace().next().expect("a word");
        match first {
            "ccx-sec" | "openssl" | "getent" | "ss" | "date" | "cat" => self.shell(first, &text),
            _ if first.starts_with("--") => {
                return text.split_whitespace().map(str::to_owned).collect();
            }
            _ if prose.contains("option file") => {
                let section = prose.rsplit(' ').next().expect("a section");
                let old = self.read("server.conf");
                self.server.put_file("server.conf", &format!("{old}\n{section}\n{text}\n"));
            }
            _ if prose.contains("at the top of pg_hba.conf") => {
                // The rule by which the test itself gets in stays the first.
                let old = self.read("pg_hba.conf");
                self.server.put_file("pg_hba.conf", &format!("{text}\n{old}"));
            }
            "\\password" => panic!("typed with the statement before it: {line}"),
            _ => self.statement(&text),
        }
        Vec::new()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.server.dir().join(name)).unwrap_or_default()
    }

    fn statement(&self, text: &str) {
        let said = self.server.paste(text);
        let printed = said.unwrap_or_else(|error| panic!("{text}: {error}"));
        if self.server.engine().family() == Family::Redis && text.starts_with("CONFIG SET") {
            assert!(printed.starts_with("OK"), "{text}: {printed}");
        }
        if text.contains("pg_reload_conf") {
            self.server.reload().expect("the server takes its files");
        }
    }

    fn shell(&self, program: &str, text: &str) {
        let mut text = text.to_owned();
        if text.contains(" cert install ") {
            // A server of the test bed reads no option files in /etc.
            let folder = self.server.dir().join("conf.d");
            if folder.exists() {
                text += &format!(" --config {}/zz-ccx-sec.cnf", folder.display());
            }
        }
        let run = paste(self.home, &text);
        match program {
            // A client without an account is sent away afterwards.
            "openssl" => assert!(run.stdout.contains("CONNECTED("), "{text}: {}", run.stderr),
            // What it says of other modes is not this hint's matter.
            _ if text.contains("ccx-sec verify --dir ") => {
                let loaded = run.stdout.lines().find(|line| line.contains(" LOADED "));
                assert!(
                    loaded.is_some_and(|line| line.contains(" pass ")),
                    "{text}: {}",
                    run.stdout
                );
            }
            // 2: no such name.
            "getent" => assert!([0, 2].contains(&run.code), "{text}: {}", run.stderr),
            _ => assert_eq!(run.code, 0, "{text}: {}{}", run.stdout, run.stderr),
        }
    }
}

/// Runs a line in a shell that knows the program by its name, and `systemctl` if the home has
/// one.
pub fn paste(home: &Home, line: &str) -> Run {
    let program = assert_cmd::cargo::cargo_bin!("ccx-sec");
    let folder = program.parent().expect("a folder").display();
    let mut shell = assert_cmd::Command::new("sh");
    let path = format!("{}:{folder}:{}", home.join("bin").display(), env("PATH"));
    shell.env_clear().env("PATH", path).env("HOME", home.path());
    super::run(shell.current_dir(home.path()).args(["-c", line]))
}

/// A shell on a terminal, that runs the admin's client of a PostgreSQL server.
pub fn psql(server: &Server) -> Terminal {
    let client: PathBuf = server.engine().client();
    let mut command = std::process::Command::new(client);
    command.env_clear().env("PATH", env("PATH")).env("TERM", "dumb").env("PAGER", "cat");
    command.args(["--no-psqlrc", "--username=postgres", "--dbname=postgres"]);
    command.args(["--port", &server.port().to_string()]);
    command.arg(format!("--host={}", server.socket().display()));
    Terminal::start(command)
}
