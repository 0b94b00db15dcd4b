//! The README, run: every command in a `console` block, in order, and what it prints.
//!
//! `cargo run --release --` stands for the program under test. Numbers that change from run
//! to run (fingerprints, serials, dates, days, the API server's address, the namespace) are
//! compared by their shape; `...` stands for any output.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::db::{Bed, Config, Engine, Server};
use crate::common::kube::{Namespace, kubeconfig};
use crate::common::{Home, env};

/// A command, and what it prints.
pub struct Step {
    pub command: String,
    pub expected: String,
}

/// Those in blocks of this kind.
pub fn steps(readme: &str, kind: &str) -> Vec<Step> {
    let fence = format!("```{kind}");
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for line in readme.lines() {
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
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The server of the examples, which is started with the certificate that they issued.
const EXAMPLE: &str = "rediss://127.0.0.1:16380";

fn example(home: &Home) -> Server {
    let bed = Bed::new(Engine::Redis7);
    let file = |name: &str| fs::read_to_string(home.join("tls").join(name)).expect(name);
    bed.put(&file("ca.pem"), &file("server-cert.pem"), &file("server-key.pem"));
    bed.start(&Config::tls(Engine::Redis7))
}

#[test]
fn every_command_does_what_the_readme_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    let steps = steps(&readme, "console");
    assert!(steps.len() >= 10, "the README's commands were not found");
    assert!(steps[0].command.starts_with("cargo run --release -- ca init"));
    assert_eq!(steps[1].command, "tests/run");

    let home = Home::new();
    let namespace = Namespace::new();
    let configured = home.join("kubeconfig");
    fs::copy(kubeconfig("admin"), &configured).expect("a kubeconfig");
    let program = assert_cmd::cargo::cargo_bin!("ccx-sec");
    let path = format!("{}:{}", program.parent().expect("a folder").display(), env("PATH"));
    let bash = |command: &str| {
        let output = Command::new("bash")
            .args(["-c", command])
            .env_clear()
            .env("PATH", &path)
            .env("HOME", home.path())
            .env("KUBECONFIG", &configured)
            .current_dir(home.path())
            .output()
            .expect("bash");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.success(), text(&output.stdout) + &text(&output.stderr))
    };
    let name = &namespace.name;
    let (chosen, said) = bash(&format!("kubectl config set-context --current --namespace {name}"));
    assert!(chosen, "{said}");

    let mut server = None;
    for Step { command, expected } in &steps {
        if command.contains(EXAMPLE) && server.is_none() {
            server = Some(example(&home));
        }
        let at = server.as_ref().map_or(EXAMPLE.to_owned(), |server| server.url("127.0.0.1"));
        let (command, expected) = (&command.replace(EXAMPLE, &at), &expected.replace(EXAMPLE, &at));
        if command == "tests/run" {
            // This very test is run by it.
            assert!(root.join("tests/run").is_file());
            continue;
        }
        let (ok, said) = bash(&command.replace("cargo run --release --", "ccx-sec"));
        assert!(ok, "{command} failed: {said}");
        if expected != "...\n" {
            assert_eq!(shape(&said, name), shape(expected, "t-readme"), "{command}");
        }
    }
}

#[test]
fn every_command_and_finding_is_in_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(root.join("README.md")).expect("the README");
    for command in [
        "ca init",
        "ca show",
        "ca check",
        "ca export",
        "ca fetch",
        "ca import",
        "cert install",
        "cert issue",
        "cert sign",
        "cert renew",
        "cert needs-renewal",
        "cert list",
        "cert inspect",
        "snippet server",
        "snippet users",
        "snippet client",
        "verify",
        "volume encrypt",
        "volume open",
        "volume close",
        "volume list",
        "volume status",
        "volume check",
        "volume rekey",
        "volume backup",
        "volume restore",
        "volume drill",
        "volume erase",
        "volume resume",
        "volume rollback",
        "volume manifest",
        "serve",
        "doctor",
        "completion",
    ] {
        let row = |line: &str| line.starts_with("| ") && line.contains(&format!("`{command}`"));
        assert!(readme.lines().any(row), "{command} is missing");
    }
    let profile = ["mod", "ca", "issuer", "leaf", "lint", "names"];
    let profile = profile.map(|name| format!("src/pki/profile/{name}.rs"));
    for file in profile.into_iter().chain(["src/store/health.rs".to_owned()]) {
        let code = fs::read_to_string(root.join(&file)).expect("a source file");
        let calls = ["error(", "warning("];
        let mut found = 0;
        for call in calls {
            for (at, _) in code.match_indices(call) {
                let rest = code[at + call.len()..].trim_start();
                let Some(rest) = rest.strip_prefix('"') else { continue };
                let code = rest.split('"').next().expect("a code");
                assert!(readme.contains(&format!("`{code}`")), "the finding {code} is missing");
                found += 1;
            }
        }
        assert!(found > 2, "the findings of {file} were not found");
    }
    let faults = fs::read_to_string(root.join("src/pki/chain/fault.rs")).expect("a source file");
    let reasons = faults.lines().filter_map(|line| line.trim().strip_prefix("Reason::"));
    let names: Vec<_> = reasons.filter_map(|reason| reason.split('"').nth(1)).collect();
    assert!(names.len() > 10, "the reasons of a chain's faults were not found");
    for name in names {
        assert!(readme.contains(&format!("`{name}`")), "the reason {name} is missing");
    }
}
