//! What is printed on terminals of 80 and 40 columns and into a pipe; what a run says that was
//! interrupted.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

use crate::common::terminal::Terminal;
use crate::common::{Home, run};

const DATASTORE: &str = "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10";

/// What the program prints on a terminal of so many columns, and its exit status.
fn on(home: &Home, columns: u16, arguments: &[&str]) -> (i32, String) {
    let program = home.ccx(arguments);
    let mut command = Command::new("sh");
    command.args(["-c", &format!("stty cols {columns} rows 50; exec \"$@\""), "sh"]);
    command.arg(program.get_program()).args(program.get_args()).env_clear();
    command.current_dir(home.path()).env("PATH", crate::common::env("PATH"));
    command.env("HOME", home.path()).env("TERM", "xterm");
    Terminal::start(command).end_as_shown()
}

/// The lines that are too wide. A command to paste, and one word of a value, may be.
fn too_wide(text: &str, columns: usize) -> Vec<&str> {
    let is_command = |line: &str| line.trim_start().starts_with("ccx-sec ");
    let is_word =
        |line: &str| line.trim_start().split(' ').filter(|word| !word.is_empty()).count() < 2;
    let wide = text.lines().filter(|line| line.chars().count() > columns);
    wide.filter(|line| !is_command(line) && !is_word(line)).collect()
}

/// The words of a text, however they are laid out.
fn words(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    words.sort_unstable();
    words.dedup();
    words
}

/// A port on which somebody listens, and says nothing; tells of each connection.
fn silent() -> (u16, Receiver<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept() {
            held.push(stream);
            if sender.send(()).is_err() {
                return;
            }
        }
    });
    (port, receiver)
}

/// A port on which nobody listens.
fn closed() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|one| one.local_addr()).expect("a port").port()
}

/// A home with a CA, a fleet in files, and the certificates of two nodes in the store.
fn furnished() -> Home {
    let home = Home::with_ca();
    for node in ["db-1", "a-node-with-a-long-name"] {
        let mut issue = vec!["cert", "issue", "--datastore", DATASTORE, "--node", node];
        issue.extend(["--engine", "postgresql", "--domain", "ccx.example.com", "--secret"]);
        issue.extend(["--dns", "primary.ccx.example.com", "--dns", "replica.ccx.example.com"]);
        home.done(&issue);
    }
    home.done(&["ca", "export", "--out", "ca.pem"]);
    home
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let home = furnished();
    let port = closed();
    let url = format!("postgresql://127.0.0.1:{port}/a_database_with_a_long_name");
    let other = format!("postgresql://localhost:{port}/app");
    let verify = ["verify", "--ca-file", "ca.pem", &url];
    let fleet = ["verify", "--ca-file", "ca.pem", &url, &other];
    let simulated =
        ["verify", "--ca-file", "ca.pem", "--simulate", "psql", "--simulate", "pgjdbc", &url];
    let commands: [&[&str]; 13] = [
        &["ca", "show"],
        &["ca", "check"],
        &["cert", "list"],
        &["cert", "list", "-o", "wide"],
        &["cert", "inspect", "ca.pem"],
        &["cert", "inspect", "--lint", "ca.pem"],
        &["volume", "list"],
        &["doctor", "--fix-hints"],
        &verify,
        &fleet,
        &simulated,
        &["volume", "status", "/nowhere/that/exists/on/this/machine/at/all"],
        &["cert", "issue", "--datastore", DATASTORE, "--node", "db-2", "--engine", "mysql"],
    ];
    for arguments in commands {
        let piped = run(&mut home.ccx(arguments));
        for columns in [80, 40] {
            let (code, said) = on(&home, columns, arguments);
            assert_eq!(code, piped.code, "{arguments:?}: {said}");
            let wide = too_wide(&said, columns.into());
            assert!(wide.is_empty(), "{arguments:?} at {columns}: {wide:#?}\n{said}");
            // Nothing is left out but heads that are not repeated, and colour.
            let said = said.replace('\u{1b}', "");
            let (all, said) = (piped.stdout.clone() + &piped.stderr, words(&said));
            let volatile =
                |word: &str| word.trim_matches(['(', 'd']).parse::<u64>().is_ok() || word.len() < 3;
            let gone: Vec<&str> = words(&all)
                .into_iter()
                .filter(|word| !said.contains(word) && !volatile(word))
                .collect();
            let may_go = ["ENDPOINT", "MODE", "VERDICT", "REASON"];
            let joined = |word: &&str| word.contains(',') || may_go.contains(word);
            assert!(
                gone.iter().all(joined),
                "{arguments:?} at {columns} lost {gone:?}:\n{}",
                said.join(" ")
            );
        }
    }
}

#[test]
fn pipe_output_is_not_wrapped() {
    let home = furnished();
    let wide = home.done(&["cert", "list", "-o", "wide"]).stdout;
    let lines: Vec<&str> = wide.lines().collect();
    assert_eq!(lines.len(), 3, "{wide}");
    assert!(lines.iter().all(|line| line.len() > 200), "{wide}");
    let column = lines[0].find("NOT AFTER").expect("a head");
    assert!(lines[1..].iter().all(|line| line[column..].starts_with("20")), "{wide}");
}

#[test]
fn command_to_paste_stays_on_one_line() {
    let home = Home::new();
    let (code, said) = on(&home, 40, &["ca", "show", "--ca", "the-ca-of-another-service"]);
    assert_eq!(code, 1, "{said}");
    let command = said.lines().find(|line| line.trim_start().starts_with("ccx-sec "));
    let command = command.unwrap_or_else(|| panic!("no command on a line of its own: {said}"));
    assert!(command.contains("--ca the-ca-of-another-service") && command.len() > 40, "{said}");
}

#[test]
fn silent_servers_take_a_line_each_and_one_hint() {
    let home = Home::with_ca();
    let servers: Vec<_> = (0..20).map(|_| silent()).collect();
    let urls: Vec<String> =
        servers.iter().map(|(port, _)| format!("postgresql://127.0.0.1:{port}")).collect();
    let mut arguments = vec!["verify", "--timeout", "1s"];
    arguments.extend(urls.iter().map(String::as_str));
    let found = run(&mut home.ccx(&arguments));
    assert_eq!(found.code, 3, "{}{}", found.stdout, found.stderr);
    let rows = found.stdout.lines().filter(|line| line.starts_with("postgresql://"));
    let rows: Vec<&str> = rows.collect();
    assert_eq!(rows.len(), 20, "{}", found.stdout);
    assert!(rows.iter().all(|row| row.contains(" all ") && row.contains(" unknown ")));
    assert_eq!(found.stdout.matches("to do:").count(), 1, "{}", found.stdout);
    assert_eq!(found.stdout.lines().count(), 1 + 20 + 2 + 2, "{}", found.stdout);
    assert!(found.stdout.ends_with("passed 0, failed 0, unknown 20\n  unknown: timeout 20\n"));
}

/// Starts the program with its output in pipes.
fn start(home: &Home, arguments: &[&str]) -> Child {
    let program = home.ccx(arguments);
    let mut command = Command::new(program.get_program());
    command.args(program.get_args()).env_clear().current_dir(home.path());
    command.env("HOME", home.path()).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started")
}

/// Presses Control and C; gives the exit status, stdout and stderr.
fn interrupt(child: Child) -> (Option<i32>, String, String) {
    let id = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).expect("interrupted");
    let output = child.wait_with_output().expect("an end");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn interrupted_verify_says_what_it_found() {
    let home = Home::with_ca();
    for format in ["text", "wide", "json", "yaml", "junit", "sarif", "prometheus"] {
        let (silent, connected) = silent();
        let urls = [closed(), silent, closed()].map(|port| format!("redis://127.0.0.1:{port}"));
        let mut arguments = vec!["verify", "--jobs", "1", "--timeout", "10m", "-o", format];
        arguments.extend(urls.iter().map(String::as_str));
        let child = start(&home, &arguments);
        connected.recv().expect("a connection to the second server");
        let (code, stdout, stderr) = interrupt(child);
        assert_eq!(code, Some(130), "{format}: {stdout}{stderr}");
        assert!(stdout.contains(&urls[0]) && stdout.contains("refused"), "{format}: {stdout}");
        assert!(stderr.contains("interrupted: 2 of 3 servers were not checked"), "{stderr}");
        match format {
            "text" | "wide" => assert!(stdout.contains("not checked 2"), "{stdout}"),
            "json" => {
                let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
                assert_eq!(document["interrupted"], true);
                assert_eq!(document["result"], "unknown");
                assert_eq!(document["skipped"].as_array().map(Vec::len), Some(2));
            }
            _ => {}
        }
    }
}

#[test]
fn rows_come_as_servers_are_done() {
    let home = Home::with_ca();
    let (silent, connected) = silent();
    let urls = [silent, closed()].map(|port| format!("redis://127.0.0.1:{port}"));
    let arguments = ["verify", "--timeout", "10m", &urls[0], &urls[1]];
    let mut child = start(&home, &arguments);
    let stdout = child.stdout.take().expect("a pipe");
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(stdout));
    let mut next = || lines.next().expect("a line").expect("UTF-8");
    assert!(next().starts_with("ENDPOINT "));
    let row = next();
    assert!(row.starts_with(&urls[1]) && row.ends_with("refused"), "{row}");
    connected.recv().expect("a connection to the first server");
    assert_eq!(interrupt(child).0, Some(130));
}

#[test]
fn person_is_soon_told_what_is_waited_for() {
    let home = Home::new();
    let (port, connected) = silent();
    let kubeconfig = format!(
        "{{apiVersion: v1, kind: Config, current-context: x, \
         contexts: [{{name: x, context: {{cluster: x, user: x}}}}], users: [{{name: x, user: {{}}}}], \
         clusters: [{{name: x, cluster: {{server: 'http://127.0.0.1:{port}'}}}}]}}"
    );
    let kubeconfig = home.write("kubeconfig", kubeconfig);
    let show = ["ca", "show", "--store", "k8s", "--kubeconfig", &kubeconfig, "--timeout", "10m"];
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("ccx-sec"));
    command.args(show).env_clear().env("HOME", home.path()).env("TERM", "xterm");
    let mut terminal = Terminal::start(command);
    connected.recv().expect("a connection to the API server");
    terminal.expect("no answer for 2 s; waiting for 600 s in all (--timeout)");
    terminal.control('c');
    assert_eq!(terminal.end().0, 130);
}

#[test]
fn interrupted_issue_says_what_it_did() {
    let home = Home::with_ca();
    let nodes = (0..400)
        .map(|n| format!("- {{datastore: {DATASTORE}, node: db-{n}, key_type: rsa-3072}}\n"));
    let defaults = "defaults: {domain: ccx.example.com, engine: mysql}\nnodes:\n".to_owned();
    home.write("nodes.yaml", defaults + &nodes.collect::<String>());
    let issue = ["cert", "issue", "--inventory", "nodes.yaml", "--out", "fleet", "-o", "json"];
    let child = start(&home, &issue);
    while !home.join("fleet").join(DATASTORE).exists() {
        thread::sleep(std::time::Duration::from_millis(5));
    }
    let (code, stdout, stderr) = interrupt(child);
    assert_eq!(code, Some(130), "{stdout}{stderr}");
    let document: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let count = |what: &str| document["summary"][what].as_u64().expect("a number");
    assert!(count("issued") > 0 && count("skipped") > 0, "{}", document["summary"]);
    assert_eq!(count("issued") + count("skipped"), 400);
    assert!(stderr.contains(&format!("{} of 400 nodes were not done", count("skipped"))));
    let listed = home.done(&["cert", "list", "--dir", "fleet", "-o", "json"]).json();
    let there = listed["certificates"].as_array().expect("certificates").len() as u64;
    assert_eq!(there, count("issued"));
}
