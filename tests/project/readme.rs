//! The README and the guide, run: every command in a `console` block, in order, and what it
//! prints.
//!
//! Numbers that change from run to run (fingerprints, serials, dates, days, the API server's
//! address, the namespace) are compared by their shape; `...` stands for any output. A command
//! succeeds, unless the next one is `echo $?`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::install::Scene;
use crate::common::kube::{Namespace, kubeconfig};
use crate::common::{Home, env};

/// A command, and what it prints.
pub struct Step {
    pub command: String,
    pub expected: String,
}

/// The steps in the blocks of this kind.
pub fn steps(page: &str, kind: &str) -> Vec<Step> {
    let fence = format!("```{kind}");
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        match line {
            "```" => inside = false,
            fenced if fenced == fence => inside = true,
            _ if !inside => {}
            _ => match line.strip_prefix("$ ") {
                Some(command) => {
                    steps.push(Step { command: command.to_owned(), expected: String::new() });
                }
                None => {
                    let step = steps.last_mut().expect("output follows a command");
                    step.expected.push_str(line);
                    step.expected.push('\n');
                }
            },
        }
    }
    steps
}

/// Words by their shape, so that two runs of the same command come out the same.
pub fn shape(text: &str, namespace: &str) -> String {
    let text = text.replace(namespace, "t-readme");
    let word = |word: &str| {
        let bare = word.trim_matches(['(', ')']);
        if bare.len() >= 30 && bare.bytes().all(|b| b.is_ascii_hexdigit()) {
            "HEX".to_owned()
        } else if bare.len() == 20 && bare.ends_with('Z') && bare.as_bytes()[10] == b'T' {
            "TIME".to_owned()
        } else if bare.starts_with("https://127.0.0.1:") {
            "SERVER".to_owned()
        } else if bare.strip_suffix('d').unwrap_or(bare).parse::<u32>().is_ok() {
            "NUMBER".to_owned()
        } else {
            word.to_owned()
        }
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The text of a page, by its path in the project.
pub fn page(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// A reader of a page who pastes its commands, one after the other, into a shell.
struct Reader<'a> {
    home: &'a Home,
    namespace: Namespace,
    kubeconfig: PathBuf,
    /// What the page's commands exported.
    exported: BTreeMap<String, String>,
    /// The exit status of the last command.
    status: i32,
    /// Words of the page, and what stands for them on this machine.
    here: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    fn new(home: &'a Home) -> Self {
        let namespace = Namespace::new();
        let configured = home.join("kubeconfig");
        fs::copy(kubeconfig("admin"), &configured).expect("a kubeconfig");
        let mut reader = Reader {
            home,
            namespace,
            kubeconfig: configured,
            exported: BTreeMap::new(),
            status: 0,
            here: Vec::new(),
        };
        let name = reader.namespace.name.clone();
        let chosen = format!("kubectl config set-context --current --namespace {name}");
        let said = reader.paste(&chosen);
        assert_eq!(reader.status, 0, "{said}");
        reader
    }

    /// Runs a command in bash, in the home; returns both of its outputs.
    fn paste(&mut self, command: &str) -> String {
        let program = assert_cmd::cargo::cargo_bin!("ccx-sec");
        let path = format!("{}:{}", program.parent().expect("a folder").display(), env("PATH"));
        let output = Command::new("bash")
            .args(["-c", &format!("(exit {}); {command}", self.status)])
            .env_clear()
            .envs(&self.exported)
            .env("PATH", &path)
            .env("HOME", self.home.path())
            .env("KUBECONFIG", &self.kubeconfig)
            .current_dir(self.home.path())
            .output()
            .expect("bash");
        self.status = output.status.code().expect("an exit status");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        text(&output.stdout) + &text(&output.stderr)
    }

    /// Pastes these steps, and compares what each prints.
    fn follow(&mut self, steps: &[Step]) {
        let here = |text: &str, pairs: &[(String, String)]| {
            pairs.iter().fold(text.to_owned(), |text, (page, here)| text.replace(page, here))
        };
        for (number, Step { command, expected }) in steps.iter().enumerate() {
            let (name, pairs) = (self.namespace.name.clone(), self.here.clone());
            if let Some((key, value)) =
                command.strip_prefix("export ").and_then(|export| export.split_once('='))
            {
                let here = self.home.path().to_string_lossy();
                self.exported.insert(key.to_owned(), value.replace("$PWD", &here));
                continue;
            }
            let said = self.paste(&here(command, &pairs));
            let next = steps.get(number + 1).map(|next| next.command.as_str());
            assert!(self.status == 0 || next == Some("echo $?"), "{command} failed: {said}");
            if expected != "...\n" {
                let (said, expected) = (shape(&said, &name), here(expected, &pairs));
                assert_eq!(said, shape(&expected, "t-readme"), "{command}");
            }
        }
    }
}

/// The Redis of the guide's examples, with the certificate that `reader` issued into `tls`.
fn redis(home: &Home) -> (Server, Vec<(String, String)>) {
    let bed = Bed::new(Engine::Redis7);
    let file = |name: &str| fs::read_to_string(home.join("tls").join(name)).expect(name);
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    let server = bed.start(&Config::tls(Engine::Redis7));
    let url = server.url("127.0.0.1");
    (server, vec![("rediss://127.0.0.1:16380".to_owned(), url)])
}

/// Follows a page of the guide, after the commands that its reader has run before.
fn guide(name: &str, before: &[&str]) {
    let home = Home::new();
    let mut reader = Reader::new(&home);
    let steps = steps(&page(&format!("man/guide/{name}.md")), "console");
    assert!(!steps.is_empty(), "the commands of {name} were not found");
    for command in before {
        let said = reader.paste(command);
        assert_eq!(reader.status, 0, "{command}: {said}");
    }
    let server = home.join("tls").exists().then(|| redis(&home));
    if let Some((_, here)) = &server {
        reader.here.clone_from(here);
    }
    reader.follow(&steps);
}

const CA: &str = "ccx-sec ca init --common-name 'Acme DB CA' --quiet";
const EXPORT: &str = "ccx-sec ca export --out ca.pem --quiet";
const ISSUE: &str = "ccx-sec cert issue --datastore 5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 \
                     --node db-6ae82 --engine redis --domain ccx.example.com --ip 127.0.0.1 \
                     --out ./tls --quiet";

#[test]
#[ignore = "needs tests/run"]
fn guide_of_certificates_does_what_it_says() {
    guide("certificates", &[]);
}

#[test]
#[ignore = "needs tests/run"]
fn guide_of_rotation_does_what_it_says() {
    guide("rotation", &[CA, EXPORT]);
}

#[test]
#[ignore = "needs tests/run"]
fn guide_of_servers_does_what_it_says() {
    guide("servers", &[]);
}

#[test]
#[ignore = "needs tests/run"]
fn guide_of_verify_does_what_it_says() {
    guide("verify", &[CA, ISSUE]);
}

#[test]
#[ignore = "needs tests/run"]
fn guide_of_clients_does_what_it_says() {
    guide("clients", &[CA, EXPORT, ISSUE]);
}

#[test]
#[ignore = "needs tests/run"]
fn guide_of_clusters_does_what_it_says() {
    guide("clusters", &[]);
}

#[test]
#[ignore = "needs tests/run"]
fn readme_takes_a_server_from_plain_text_to_proved_tls() {
    let home = Home::new();
    let scene = Scene::without_ca(Engine::Pg17);
    let mut reader = Reader::new(&home);
    let (server, port) = (&scene.server, scene.server.port());
    let (dir, url) = (server.dir().display(), server.url("localhost"));
    reader.here = [
        ("postgresql://localhost:5432", url.clone()),
        ("/run/postgresql/.s.PGSQL.5432", format!("{dir}/.s.PGSQL.{port}")),
        ("/etc/postgresql/tls", server.tls().display().to_string()),
    ]
    .map(|(page, here)| (page.to_owned(), here))
    .into();
    let readme = page("README.md");
    let mut steps = steps(&readme, "console");
    assert!(steps.len() > 8, "the README's commands were not found");
    for step in &mut steps {
        // A URL without a port means PostgreSQL's own.
        let dialled = |word: &str| {
            if word == "postgresql://localhost" { url.clone() } else { word.to_owned() }
        };
        step.command = step.command.split(' ').map(dialled).collect::<Vec<_>>().join(" ");
    }
    reader.follow(&steps);
}

#[test]
fn readme_is_short_and_names_every_command() {
    let readme = page("README.md");
    assert!(readme.lines().count() <= 200, "the README has over 200 lines");
    for command in commands() {
        // `ca export`; `ca fetch` on the client
        let code = |line: &str| line.split('`').skip(1).step_by(2).any(|c| c.starts_with(&command));
        let row = |line: &str| line.starts_with("| ") && code(line);
        assert!(readme.lines().any(row), "{command} is missing");
    }
}

/// Every command that has a manual page, but the groups.
fn commands() -> Vec<String> {
    let pages = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("man")).expect("man");
    let names: Vec<String> = pages
        .map(|page| page.expect("a page").file_name().into_string().expect("UTF-8"))
        .filter_map(|name| Some(name.strip_prefix("ccx-sec-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    assert!(names.len() > 35, "the manual pages were not found");
    let groups = ["ca-rotate", "ca", "cert", "config", "snippet", "volume"];
    let word = |name: &String| {
        let rest = |group: &&str| name.strip_prefix(*group)?.strip_prefix('-');
        match groups.iter().find_map(|group| Some((group, rest(group)?))) {
            Some((group, command)) => format!("{} {command}", group.replace('-', " ")),
            None => name.clone(),
        }
    };
    names.iter().filter(|name| !groups.contains(&name.as_str())).map(word).collect()
}
