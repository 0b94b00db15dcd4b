//! The architecture, checked: who may import whom, and who alone may touch the outside.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::project::imports::{Import, Modules, circles};

/// Top to bottom; a module may import those below its own line, and its own kind.
const LAYERS: [&[&str]; 19] = [
    &["lib", "main"],
    &["cli"],
    &["commands"],
    &["volume"],
    &["report", "confirm"],
    &["prompt"],
    &["context"],
    &["issuance", "rotation", "http", "reconfigure", "manifests"],
    &["store", "block", "probe"],
    &["db_client"],
    &["connection"],
    &["node", "snippet"],
    &["driver"],
    &["engine"],
    &["process", "config"],
    &["pki", "output", "files"],
    &["error"],
    &["hint"],
    &["shell", "text"],
];

/// What stands for an outside world, and the only files that may name it.
const OUTSIDE: [(&str, &[&str]); 21] = [
    ("kube::", &["store/kube.rs", "store/kube/"]),
    ("k8s_openapi", &["store/kube.rs", "store/kube/"]),
    ("tokio::", &["store/kube.rs", "store/kube/", "connection/", "db_client/", "probe/", "http/"]),
    ("tokio::net", &["store/kube.rs", "store/kube/", "connection/dial.rs", "http/listen.rs"]),
    ("tokio_rustls", &["connection/", "probe/", "http/"]),
    ("hyper::", &["http/"]),
    ("prometheus::", &["http/metrics.rs", "report/checks/metrics.rs"]),
    ("dialoguer", &["prompt.rs"]),
    ("console::", &["prompt/line.rs"]),
    ("indicatif", &["output/progress.rs"]),
    ("io::stdout", &["output.rs"]),
    ("rustls_pemfile", &["pki/pem.rs"]),
    ("std::fs", &["files.rs", "files/"]),
    ("TcpStream", &["connection/dial.rs", "http/listen.rs"]),
    ("rustls::", &["connection/", "probe/", "http/"]),
    ("std::process::Command", &["process.rs", "process/"]),
    ("process::{Command", &["process.rs", "process/"]),
    ("process::{Child", &["process.rs", "process/"]),
    ("Program::need(\"cryptsetup\"", &["block/cryptsetup.rs"]),
    ("Program::find(\"cryptsetup\"", &["block/cryptsetup.rs"]),
    ("Timestamp::now", &["cli.rs", "commands/doctor.rs", "http/clock.rs", "store/kube/session.rs"]),
];

fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("a source directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every source file under `src`, by its path there, without its unit tests.
pub fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&root, &mut found);
    assert!(found.len() > 20, "the sources were not found");
    found
        .into_iter()
        .map(|path| {
            let name = path.strip_prefix(&root).expect("below src").display().to_string();
            let text = fs::read_to_string(&path).expect("a source file");
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let code: Vec<&str> =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            (name, code.join("\n"))
        })
        .collect()
}

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("the module {module} has no layer: add it to LAYERS"))
}

fn top(name: &str) -> &str {
    name.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

fn imports() -> BTreeSet<Import> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let text = |name: &str| fs::read_to_string(root.join(name)).expect("a source file");
    let files: Vec<(String, String)> =
        files().into_iter().map(|(name, _)| (name.clone(), text(&name))).collect();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let imports = Modules::read(files).imports();
    assert!(imports.len() > 500, "the imports were not found");
    imports
}

#[test]
fn imports_lead_downward() {
    for Import { from, to, room } in imports() {
        let own = top(&from);
        assert!(
            room == own || layer(&room) > layer(own),
            "{from} imports from {to}, and {room} is not below {own}"
        );
    }
}

#[test]
fn imports_go_in_no_circle() {
    let imports = imports();
    let ties: Vec<Vec<String>> = circles(&imports)
        .iter()
        .map(|circle| {
            let is_tie =
                |import: &&Import| circle.contains(&import.from) && circle.contains(&import.to);
            let ties = imports.iter().filter(is_tie);
            ties.map(|tie| format!("{} > {}", tie.from, tie.to)).collect()
        })
        .collect();
    assert!(ties.is_empty(), "files that use each other in a circle: {ties:#?}");
}

#[test]
fn each_outside_world_has_one_place() {
    for (name, code) in files().into_iter().filter(|(name, _)| !holds_programs(name)) {
        // Our own module of that name is no outside world.
        let code = code.replace("store::kube::", "").replace("self::kube::", "");
        for (what, places) in OUTSIDE {
            let ours = places.iter().any(|place| name.starts_with(place));
            let foreign = code.match_indices(what).any(|(at, _)| {
                let before = code[..at].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
            });
            let declared = name == "store/mod.rs" && what == "kube::"; // opens it
            assert!(ours || declared || !foreign, "{name} uses {what}; that is for {places:?}");
        }
    }
}

/// The types that tell engines apart, and the only files that may name their variants: the engines
/// themselves, the tables that map a protocol to its code, and the lists of a client's engines.
const DISTINCTIONS: [(&str, &[&str]); 4] = [
    ("Engine::", &["driver/"]),
    ("WireProtocol::", &["probe/protocol/mod.rs"]),
    ("LoginProtocol::", &["db_client/channel.rs", "db_client/session.rs"]),
    ("ReloadMethod::", &["reconfigure/mod.rs"]),
];

/// A room that needs to know of an engine reads its facts: a new engine then has to state them,
/// and falls into no default.
#[test]
fn engines_differ_by_their_facts_alone() {
    let is_test = |name: &str| name.ends_with("tests.rs") || name.contains("/tests/");
    let mut registered = 0;
    for (name, code) in files().into_iter().filter(|(name, _)| !is_test(name)) {
        for (kind, places) in DISTINCTIONS {
            let variants = code.match_indices(kind).filter(|(at, _)| {
                let before = code[..*at].chars().next_back();
                let mut after = code[at + kind.len()..].chars();
                let is_variant = after.next().is_some_and(char::is_uppercase)
                    && after.next().is_some_and(char::is_lowercase);
                is_variant && !before.is_some_and(char::is_alphanumeric)
            });
            let count = variants.count();
            let is_place = places.iter().any(|place| name.starts_with(place));
            registered += if is_place { count } else { 0 };
            let may = is_place || name.starts_with("engine/");
            assert!(
                may || count == 0,
                "{name}: {count} times {kind}VARIANT; add a fact to the engines instead"
            );
        }
    }
    assert!(registered > 10, "the tables were not found");
}

fn pure(name: &str) -> bool {
    let pure = ["pki/", "snippet/", "driver/", "engine/"].iter().any(|room| name.starts_with(room));
    pure && !holds_programs(name)
}

/// The templates of clients are programs of others, in strings.
fn holds_programs(name: &str) -> bool {
    let types = ["mod.rs", "behavior.rs", "catalogue.rs", "selection.rs", "template.rs"];
    name.strip_prefix("driver/").is_some_and(|file| !types.contains(&file))
}

#[test]
fn pure_core_knows_no_outside() {
    for (name, code) in files().into_iter().filter(|(name, _)| pure(name)) {
        for what in ["std::env", "std::io", "std::fs", "std::net::Tcp", "SystemTime", "Instant"] {
            assert!(!code.contains(what), "{name} uses {what}, and it is pure");
        }
    }
}

#[test]
fn files_are_readable_in_one_go() {
    for (name, code) in files() {
        let lines = code.lines().count();
        assert!(lines <= 500, "{name} has {lines} lines of code: split it");
    }
}

#[test]
fn every_file_says_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (name, _) in files() {
        let text = fs::read_to_string(root.join(&name)).expect("a source file");
        assert!(text.starts_with("//! "), "{name} has no //! head");
    }
}
