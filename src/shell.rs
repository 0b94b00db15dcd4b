//! Command lines for people to paste into a POSIX shell.

use std::fmt;
use std::path::{Path, PathBuf};

/// Quotes `text` as one word for a POSIX shell, if it needs quotes.
#[must_use]
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A word that the reader must replace: a name in capitals, such as `DATASTORE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder(pub &'static str);

/// One word of a command line, quoted for the shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word(String);

impl From<Placeholder> for Word {
    fn from(placeholder: Placeholder) -> Self {
        Word(placeholder.0.to_owned())
    }
}

impl From<&str> for Word {
    fn from(text: &str) -> Self {
        Word(quote(text))
    }
}

impl From<String> for Word {
    fn from(text: String) -> Self {
        Word::from(text.as_str())
    }
}

impl From<&String> for Word {
    fn from(text: &String) -> Self {
        Word::from(text.as_str())
    }
}

impl From<&Path> for Word {
    fn from(path: &Path) -> Self {
        Word::from(path.display().to_string())
    }
}

impl From<&PathBuf> for Word {
    fn from(path: &PathBuf) -> Self {
        Word::from(path.as_path())
    }
}

/// The program of a command line, which decides which options of this run it gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CommandProgram {
    CcxSec,
    Kubectl,
    Other(&'static str),
}

/// The options of this run that another command needs to reach the same CA and store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Invocation {
    /// The path by which the program was called, if its name alone would not be found.
    pub program: Option<String>,
    /// `--store` or its environment variable.
    pub store: Option<String>,
    /// `--kubeconfig`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`.
    pub context: Option<String>,
    /// `--namespace`.
    pub namespace: Option<String>,
    /// `--ca`, if it is not the default.
    pub ca: Option<String>,
    /// `--ca-file` of verify.
    pub ca_file: Option<PathBuf>,
    /// `--journal` of the volume commands.
    pub journal: Option<PathBuf>,
    /// `--timeout` as it was written.
    pub timeout: Option<String>,
}

impl Invocation {
    /// Whether the run named a store, a cluster or a CA.
    #[must_use]
    pub fn names_a_place(&self) -> bool {
        self.store.is_some()
            || self.kubeconfig.is_some()
            || self.context.is_some()
            || self.namespace.is_some()
            || self.ca.is_some()
    }

    /// Returns the options that `program` with these first words accepts.
    fn options(&self, program: CommandProgram, words: &[Word]) -> Vec<(&'static str, Word)> {
        let word = |text: &Option<String>| text.as_ref().map(Word::from);
        let store = [("--store", word(&self.store))];
        let cluster = [
            ("--kubeconfig", self.kubeconfig.as_ref().map(Word::from)),
            ("--context", word(&self.context)),
            ("--namespace", word(&self.namespace)),
        ];
        let word_at = |at: usize| words.get(at).map_or("", |word| word.0.as_str());
        let is_verify = word_at(0) == "verify";
        let has_journal = word_at(0) == "volume" && !["check", "manifest"].contains(&word_at(1));
        let ca_file = self.ca_file.as_ref().filter(|_| is_verify).map(Word::from);
        let journal = self.journal.as_ref().filter(|_| has_journal).map(Word::from);
        let ours = [
            ("--journal", journal),
            ("--ca", word(&self.ca)),
            ("--ca-file", ca_file),
            ("--timeout", word(&self.timeout)),
        ];
        let all = match program {
            CommandProgram::CcxSec => [store.as_slice(), &cluster, &ours].concat(),
            // A new namespace is in no namespace.
            CommandProgram::Kubectl if word_at(0) == "create" && word_at(1) == "namespace" => {
                cluster[..2].to_vec()
            }
            CommandProgram::Kubectl => cluster.to_vec(),
            CommandProgram::Other(_) => Vec::new(),
        };
        all.into_iter().filter_map(|(option, value)| Some((option, value?))).collect()
    }
}

/// A command line, quoted for the shell. [`CommandLine::complete`] adds the options of the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandLine {
    program: CommandProgram,
    name: Word,
    words: Vec<Word>,
    next: Option<(&'static str, Box<CommandLine>)>,
}

impl CommandLine {
    fn new(program: CommandProgram, name: &str, words: &str) -> Self {
        let words = words.split_whitespace().map(Word::from).collect();
        CommandLine { program, name: Word::from(name), words, next: None }
    }

    /// `ccx-sec` with a subcommand, such as `ca show`.
    #[must_use]
    pub fn ccx_sec(subcommand: &'static str) -> Self {
        Self::new(CommandProgram::CcxSec, "ccx-sec", subcommand)
    }

    /// `kubectl` with a subcommand, such as `create namespace`.
    #[must_use]
    pub fn kubectl(subcommand: &'static str) -> Self {
        Self::new(CommandProgram::Kubectl, "kubectl", subcommand)
    }

    /// Another program, with its first words, such as `openssl` and `s_client`.
    #[must_use]
    pub fn other(program: &'static str, words: &'static str) -> Self {
        Self::new(CommandProgram::Other(program), program, words)
    }

    /// Adds an option without a value.
    #[must_use]
    pub fn flag(self, flag: &'static str) -> Self {
        self.argument(flag)
    }

    /// Adds an option with its value.
    #[must_use]
    pub fn option(self, option: &'static str, value: impl Into<Word>) -> Self {
        self.argument(option).argument(value)
    }

    /// Adds an option with its value, if there is a value.
    #[must_use]
    pub fn option_if(self, option: &'static str, value: Option<impl Into<Word>>) -> Self {
        match value {
            Some(value) => self.option(option, value),
            None => self,
        }
    }

    /// Adds a word.
    #[must_use]
    pub fn argument(mut self, value: impl Into<Word>) -> Self {
        self.words.push(value.into());
        self
    }

    /// Pipes the output into `next`.
    #[must_use]
    pub fn pipe(mut self, next: CommandLine) -> Self {
        self.next = Some(("|", Box::new(next)));
        self
    }

    /// Runs `next` afterwards, if this command succeeds.
    #[must_use]
    pub fn and(mut self, next: CommandLine) -> Self {
        self.next = Some(("&&", Box::new(next)));
        self
    }

    /// Adds the options of this run that the command accepts and does not have yet.
    pub fn complete(&mut self, run: &Invocation) {
        if let (CommandProgram::CcxSec, Some(program)) = (self.program, &run.program) {
            self.name = Word::from(program);
        }
        for (option, value) in run.options(self.program, &self.words) {
            let short = (option == "--namespace").then_some("-n");
            let has = |word: &Word| word.0 == option || short == Some(word.0.as_str());
            if !self.words.iter().any(has) {
                self.words.extend([Word::from(option), value]);
            }
        }
        if let Some((_, next)) = &mut self.next {
            next.complete(run);
        }
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name.0)?;
        for word in &self.words {
            write!(f, " {}", word.0)?;
        }
        match &self.next {
            Some((joint, next)) => write!(f, " {joint} {next}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_needs_it() {
        assert_eq!(quote("dir:/a/b"), "dir:/a/b");
        assert_eq!(quote("dir:/a b"), "'dir:/a b'");
        assert_eq!(quote("it's"), r"'it'\''s'");
        assert_eq!(quote(""), "''");
        assert_eq!(quote("a\nb"), "'a\nb'");
        assert_eq!(quote("Größe"), "'Größe'");
    }

    #[test]
    fn a_command_gets_the_options_of_the_run_that_it_takes() {
        let run = Invocation {
            context: Some("prod eu".into()),
            namespace: Some("db".into()),
            ca: Some("staging-ca".into()),
            ..Invocation::default()
        };
        let completed = |mut command: CommandLine| {
            command.complete(&run);
            command.to_string()
        };
        let show = CommandLine::ccx_sec("ca show").option("-o", "json");
        let jq = CommandLine::other("jq", "-r").argument(".sha256");
        assert_eq!(
            completed(show.pipe(jq)),
            "ccx-sec ca show -o json --context 'prod eu' --namespace db --ca staging-ca \
             | jq -r .sha256"
        );
        let role = CommandLine::kubectl("create role").argument("ccx-sec").option("-n", "x");
        assert_eq!(completed(role), "kubectl create role ccx-sec -n x --context 'prod eu'");
        let namespace = CommandLine::kubectl("create namespace").argument("y");
        assert_eq!(completed(namespace), "kubectl create namespace y --context 'prod eu'");
        let issue = CommandLine::ccx_sec("cert issue").option("--node", Placeholder("NODE"));
        assert_eq!(
            completed(issue.option("--ca", "other")),
            "ccx-sec cert issue --node NODE --ca other --context 'prod eu' --namespace db"
        );
    }

    #[test]
    fn a_command_on_a_volume_gets_the_journal_of_the_run() {
        let run = Invocation { journal: Some("/srv/j".into()), ..Invocation::default() };
        for (subcommand, expected) in [
            ("volume resume", "ccx-sec volume resume --journal /srv/j"),
            ("volume check", "ccx-sec volume check"),
            ("ca show", "ccx-sec ca show"),
        ] {
            let mut command = CommandLine::ccx_sec(subcommand);
            command.complete(&run);
            assert_eq!(command.to_string(), expected);
        }
    }
}
