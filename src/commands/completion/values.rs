//! The known values of an argument: its possible values by definition, and names from the
//! kubeconfig and the store that the command line chooses.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ValueHint};

use super::candidate::{Candidate, first_line};
use super::cursor::Cursor;
use crate::driver::catalogue::drivers_for;
use crate::engine::Engine;
use crate::files;
use crate::store::bundle::bundle_name;
use crate::store::kube::names as kube_names;
use crate::store::location::{self, Environment, Location, StoreArguments};
use crate::store::secret::MANAGED_BY;
use crate::store::{StoreOptions, nodes, open};
use crate::volume::stored;

/// The time limit of a completion.
const PATIENCE: Duration = Duration::from_secs(2);

/// Values, and whether files are some too.
#[derive(Debug, Default)]
pub(super) struct CompletionValues {
    pub(super) candidates: Vec<Candidate>,
    pub(super) files: FileCompletion,
    /// The text before the name of a file: `dir:`.
    pub(super) before_file: String,
}

/// The kinds of files that are offered as values.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileCompletion {
    #[default]
    None,
    All,
    Directories,
}

impl CompletionValues {
    pub(super) fn listed(candidates: Vec<Candidate>) -> Self {
        CompletionValues { candidates, ..CompletionValues::default() }
    }
}

/// The values of `argument` at the cursor.
pub(super) fn values_for(argument: &Arg, cursor: &Cursor<'_>) -> CompletionValues {
    if let Some(possible) = argument.get_value_parser().possible_values() {
        let visible = possible.filter(|value| !value.is_hide_set());
        let candidate = visible.map(|value| Candidate {
            value: value.get_name().to_owned(),
            help: first_line(value.get_help()),
        });
        return CompletionValues::listed(candidate.collect());
    }
    let mut values = CompletionValues {
        files: match argument.get_value_hint() {
            ValueHint::AnyPath | ValueHint::FilePath => FileCompletion::All,
            ValueHint::DirPath => FileCompletion::Directories,
            _ => FileCompletion::None,
        },
        ..CompletionValues::default()
    };
    let names = argument.get_value_names().unwrap_or_default();
    let form = names.first().map(|name| name.as_str()).unwrap_or_default();
    form.split('|').for_each(|one| values.add_form(one, cursor.typed));
    if let Some(kind) = kind(argument, form) {
        values.candidates.extend(kind.names(cursor).unwrap_or_default());
    }
    values
}

impl CompletionValues {
    /// Adds the candidates of one form of a value: `k8s` is a word, `dir:PATH` a prefix followed by
    /// a path, `FILE` a path; other capitals are placeholders without candidates.
    fn add_form(&mut self, form: &str, typed: &str) {
        let word = |text: &str| Candidate { value: text.to_owned(), help: String::new() };
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        match form.split_once(':') {
            Some((first, "FILE" | "PATH")) if is_word(first) => {
                let before = format!("{first}:");
                if typed.starts_with(&before) {
                    let is_path = form.ends_with("PATH");
                    self.files =
                        if is_path { FileCompletion::Directories } else { FileCompletion::All };
                    self.before_file = before;
                } else {
                    self.candidates.push(word(&before));
                }
            }
            None if form == "FILE" => self.files = FileCompletion::All,
            None if is_word(form) => self.candidates.push(word(form)),
            _ => {}
        }
    }
}

/// A kind of names that the store or the kubeconfig knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NameKind {
    Context,
    Namespace,
    Ca,
    Secret {
        before: &'static str,
    },
    Datastore,
    Node,
    Volume,
    User,
    /// A client of `snippet client`, of the engine that the line gives.
    Client,
    /// A client of `verify --simulate`, or `all`.
    ClientOrAll,
}

fn kind(argument: &Arg, form: &str) -> Option<NameKind> {
    Some(match (argument.get_id().as_str(), form) {
        ("context", _) => NameKind::Context,
        ("namespace", _) => NameKind::Namespace,
        ("ca", _) => NameKind::Ca,
        ("owner", _) => NameKind::User,
        ("client", _) => NameKind::Client,
        ("clients", _) => NameKind::ClientOrAll,
        ("secret", _) => NameKind::Secret { before: "" },
        (_, form) if form.contains("secret/NAME") => NameKind::Secret { before: "secret/" },
        (_, "UUID") => NameKind::Datastore,
        ("node", _) => NameKind::Node,
        // volume encrypt --id names a volume that is not there yet
        ("id", "ID") if !argument.is_positional() => return None,
        (_, "ID" | "ID|DEVICE") => NameKind::Volume,
        _ => return None,
    })
}

/// The options of the store among the words before the cursor.
fn store_options(cursor: &Cursor<'_>) -> StoreArguments {
    let value = |id: &str| cursor.given.get(id).cloned();
    StoreArguments {
        store: value("store"),
        kubeconfig: value("kubeconfig").map(PathBuf::from),
        context: value("context"),
        namespace: value("namespace"),
        configured: cursor.configured.clone(),
    }
}

fn conditions() -> StoreOptions {
    StoreOptions { timeout: PATIENCE, notice: Box::new(|_| {}) }
}

impl NameKind {
    /// The names of this kind, sorted; `None` where they cannot be read.
    fn names(self, cursor: &Cursor<'_>) -> Option<Vec<Candidate>> {
        let options = &store_options(cursor);
        let names: BTreeSet<String> = match self {
            NameKind::Context => {
                let kubeconfig = options.kubeconfig.clone().map(|path| vec![path]);
                let paths = kubeconfig.unwrap_or_else(|| Environment::detect().kubeconfigs);
                kube_names::contexts(&paths).ok()?.into_iter().collect()
            }
            NameKind::Namespace => {
                match location::choose(options, &Environment::detect()).ok()?.location {
                    Location::Kubernetes(cluster) => {
                        kube_names::namespaces(&cluster, conditions()).ok()?.into_iter().collect()
                    }
                    Location::Directory(_) => return None,
                }
            }
            NameKind::Ca => {
                let ours: BTreeSet<String> =
                    secrets(options, MANAGED_BY.0)?.into_iter().map(|(name, _)| name).collect();
                let is_ca = |name: &&String| ours.contains(&bundle_name(name));
                ours.iter().filter(is_ca).cloned().collect()
            }
            NameKind::Secret { before } => {
                let ours = secrets(options, MANAGED_BY.0)?.into_iter();
                ours.map(|(name, _)| format!("{before}{name}")).collect()
            }
            NameKind::Datastore => values_of(options, nodes::DATASTORE)?,
            NameKind::Node => values_of(options, nodes::NODE)?,
            NameKind::Volume => values_of(options, stored::VOLUME)?,
            NameKind::User => files::local_users().into_iter().collect(),
            NameKind::Client => clients(cursor).collect(),
            NameKind::ClientOrAll => clients(cursor).chain(["all".to_owned()]).collect(),
        };
        let candidate = |value| Candidate { value, help: String::new() };
        Some(names.into_iter().map(candidate).collect())
    }
}

/// The clients that `snippet client` knows, of the engine that the line gives, if it gives one.
fn clients(cursor: &Cursor<'_>) -> impl Iterator<Item = String> + use<> {
    let engine = cursor.given.get("engine").and_then(|name| name.parse::<Engine>().ok());
    drivers_for(engine).map(|client| client.name.to_owned())
}

fn values_of(options: &StoreArguments, label: &str) -> Option<BTreeSet<String>> {
    Some(secrets(options, label)?.into_iter().map(|(_, value)| value).collect())
}

/// The Secrets with `label`: the name of each, and what its label says.
fn secrets(options: &StoreArguments, label: &str) -> Option<Vec<(String, String)>> {
    let location = location::choose(options, &Environment::detect()).ok()?.location;
    let store = open(&location, conditions()).ok()?;
    let mut found = Vec::new();
    let read = store.labels(label, &mut |name, labels| {
        found.extend(labels.get(label).map(|value| (name.to_owned(), value.clone())));
    });
    read.ok().map(|()| found)
}
