//! The template of a client's configuration, as data. `snippet` fills it in.

/// How to configure a client in each mode.
#[derive(Debug)]
pub struct SnippetTemplate {
    /// The language of the template.
    pub language: Language,
    /// The text; `%{tls}` stands for the mode's part. See [`crate::snippet::template`].
    pub template: &'static str,
    /// REQUIRED, VERIFY_CA and VERIFY_IDENTITY.
    pub modes: [ModeSupport; 3],
    /// Remarks for every mode.
    pub notes: &'static [&'static str],
    /// How the template was tested.
    pub proof: Evidence,
    /// The documentation; with `seen:`, the versions that were tested.
    pub source: &'static str,
}

/// The support of a client for a mode.
#[derive(Debug, Clone, Copy)]
pub enum ModeSupport {
    /// The part of the template for this mode; a template itself.
    Exact(&'static str),
    /// The client lacks the mode, for this reason; VERIFY_IDENTITY takes its place.
    Stronger(&'static str),
    /// The client has neither the mode nor a stronger one, for this reason.
    None(&'static str),
}

/// How a statement about a client was tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    /// A test runs the snippet against real servers.
    Run,
    /// A test runs the snippet against a scripted peer, written from the specification.
    Peer,
    /// No test: written from documentation.
    Documentation,
}

/// The language of a snippet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// A command line for a POSIX shell.
    Shell,
    /// A connection string, which has no comments.
    ConnectionString,
    /// A Java properties file.
    Properties,
    /// Python.
    Python,
    /// JavaScript for Node.
    JavaScript,
    /// Go.
    Go,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// Rust.
    Rust,
}

impl Language {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Language::Shell => "shell",
            Language::ConnectionString => "connection-string",
            Language::Properties => "properties",
            Language::Python => "python",
            Language::JavaScript => "javascript",
            Language::Go => "go",
            Language::Php => "php",
            Language::Ruby => "ruby",
            Language::Rust => "rust",
        }
    }

    /// The beginning of a comment; empty if the language has none.
    pub(crate) fn comment(self) -> &'static str {
        match self {
            Language::Shell | Language::Properties | Language::Python | Language::Ruby => "#",
            Language::JavaScript | Language::Go | Language::Php | Language::Rust => "//",
            Language::ConnectionString => "",
        }
    }
}
