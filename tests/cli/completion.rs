//! Tab in real shells: bash, zsh and fish, each on a terminal of its own.

use std::fs;
use std::process::Command;

use crate::common::kube::kubeconfig;
use crate::common::terminal::Terminal;
use crate::common::{Home, ccx, env, run};

const SHELLS: [&str; 3] = ["bash", "zsh", "fish"];
const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// A home with a CA, a node, a volume and a kubeconfig, and the completions installed as the
/// help of `completion` says.
fn home() -> Home {
    let home = Home::with_ca();
    let node = ["cert", "issue", "--engine", "mysql", "--node", "db-6ae82", "--secret"];
    home.done(&[&node[..], &["--domain", "example.com", "--datastore", DATASTORE]].concat());
    let volume = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: ccx-volume-blue\n  labels:\n    \
                  app.kubernetes.io/managed-by: ccx-sec\n    ccx-sec/volume: blue\ntype: Opaque\n";
    home.write("store/ccx-volume-blue.yaml", volume);
    let context = |name: &str| format!("- {{name: '{name}', context: {{cluster: a, user: a}}}}\n");
    let contexts = context("arn:aws:eks:eu-1:cluster/a") + &context("green");
    home.write("config", format!("apiVersion: v1\nkind: Config\ncontexts:\n{contexts}"));
    home.write("a file.yaml", "");
    for folder in ["folder", "functions"] {
        fs::create_dir(home.join(folder)).expect("a folder");
    }
    for (shell, file) in [("bash", "bash"), ("zsh", "functions/_ccx-sec"), ("fish", "fish")] {
        home.write(file, run(ccx(home.path()).args(["completion", shell])).stdout);
    }
    home.write("rc", format!("PS1='ready> '; source {}\n", home.at("bash")));
    let prompt = "function fish_prompt; echo -n 'ready> '; end; function fish_greeting; end";
    home.write("config.fish", format!("{prompt}\nsource {}\n", home.at("fish")));
    let load = "autoload -U compinit; compinit -u -D";
    let zshrc = format!("PS1='ready> '; fpath=({} $fpath); {load}\n", home.at("functions"));
    home.write(".zshrc", zshrc);
    home
}

fn shell(home: &Home, name: &str) -> Terminal {
    let mut command = Command::new("sh");
    command.args(["-c", "stty echo cols 100; exec \"$@\"", "sh", name]); // shells see it off
    match name {
        "bash" => command.args(["--noprofile", "--rcfile", &home.at("rc"), "-i"]),
        "zsh" => command.arg("-i"),
        _ => command.args(["--no-config", "-C", &format!("source {}", home.at("config.fish"))]),
    };
    let program = assert_cmd::cargo::cargo_bin!("ccx-sec").parent().expect("a folder");
    command.env_clear().env("HOME", home.path()).current_dir(home.path());
    command.env("PATH", format!("{}:{}", program.display(), env("PATH"))).env("TERM", "xterm");
    command.env("CCX_SEC_STORE", format!("dir:{}", home.store().display()));
    command.env("KUBECONFIG", home.join("config"));
    let mut shell = Terminal::start(command);
    shell.expect("ready> ");
    shell
}

/// What is typed before Tab, and how the word ends after it.
const UNIQUE: [(&str, &str); 18] = [
    ("ccx-sec verif", "verify "),
    ("ccx-sec ca che", "ca check "),
    ("ccx-sec ca check --expires-w", "--expires-within "),
    ("ccx-sec --output=prom", "--output=prometheus "),
    ("ccx-sec cert issue --engine postg", "postgresql "),
    ("ccx-sec --store dir:fol", "dir:folder/"),
    ("ccx-sec --store=dir:fol", "--store=dir:folder/"),
    ("ccx-sec serve --auth kub", "kubernetes "),
    ("ccx-sec --context arn", "arn:aws:eks:eu-1:cluster/a "),
    ("ccx-sec --ca ccx", "--ca ccx-ca "),
    ("ccx-sec cert inspect secret/ccx-n", "-db-6ae82 "),
    ("ccx-sec cert list --datastore ", "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10 "),
    ("ccx-sec cert list --node d", "db-6ae82 "),
    ("ccx-sec volume backup b", "blue "),
    ("ccx-sec cert issue --owner nob", "nobody "),
    ("ccx-sec snippet client --engine postgresql --client npg", "npgsql "),
    ("ccx-sec verify --simulate redis-c", "redis-cli "),
    ("ccx-sec ca import --cert a", "a\\ file.yaml "),
];

#[test]
#[ignore = "needs tests/run"]
fn completion_tab_in_real_shells() {
    let home = home();
    let before = home.snapshot();
    for name in SHELLS {
        let mut shell = shell(&home, name);
        let clear = |shell: &mut Terminal| {
            shell.control('u');
            shell.send("echo cl''ear\r");
            let said = shell.expect("clear") + &shell.expect("ready> ");
            assert!(!said.contains("command not found"), "{name}: {said}");
            said
        };
        for (typed, completed) in UNIQUE {
            shell.send(&format!("{typed}\t"));
            shell.expect(completed);
            clear(&mut shell);
        }
        // Where several words fit, they are listed; hidden commands are not.
        shell.send("ccx-sec \t\t");
        let said = shell.expect("cert") + &clear(&mut shell);
        for command in ["snippet", "verify", "doctor"] {
            assert!(said.contains(command), "{name}: {said}");
        }
        assert!(!said.contains("x509") && !said.contains("__complete"), "{name}: {said}");
        // Nothing fits: no file is offered where none is taken, and nothing is run.
        for nothing in ["ca init --organization f", "cert install --owner f", "x509"] {
            shell.send(&format!("ccx-sec {nothing}\t\t"));
            let said = clear(&mut shell);
            assert!(!said.contains("folder") && !said.contains("limbo"), "{name}: {said}");
        }
    }
    fs::remove_dir_all(home.join(".local")).ok(); // fish's
    fs::remove_dir_all(home.join(".config")).ok();
    fs::remove_dir_all(home.join(".cache")).ok();
    assert_eq!(home.snapshot(), before, "Tab changed something");
}

#[test]
#[ignore = "needs tests/run"]
fn completion_knows_the_namespaces_of_a_cluster() {
    let home = Home::new();
    let admin = kubeconfig("admin").display().to_string();
    let words = ["__complete", "--", "ca", "show", "--kubeconfig", &admin, "-n", "kube-sys"];
    let told = run(ccx(home.path()).args(words));
    assert_eq!((told.code, told.stdout.as_str()), (0, "kube-system\t\n:none\t\n"));
    // Nobody who presses Tab wants an error.
    let words = ["__complete", "--", "ca", "show", "--kubeconfig", "/nowhere", "-n", ""];
    let told = run(ccx(home.path()).args(words));
    assert_eq!((told.code, told.stdout.as_str(), told.stderr.as_str()), (0, ":none\t\n", ""));
}
