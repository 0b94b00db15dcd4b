//! Hints, pasted into a shell as they are printed: what they promise is so afterwards.

use crate::common::kube::Namespace;
use crate::common::nodes::DOMAIN;
use crate::common::operator::paste;
use crate::common::{Home, Run, hints, run};

/// The commands among the hints of a run, each as its line has it.
fn commands(run: &Run) -> Vec<String> {
    let lines = hints::hints(run)
        .into_iter()
        .flat_map(|hint| hint.lines().map(str::to_owned).collect::<Vec<_>>());
    let programs = ["ccx-sec ", "kubectl "];
    lines
        .filter_map(|line| {
            let program = programs.into_iter().find(|program| {
                line.starts_with(program) || line.contains(&format!(": {program}"))
            })?;
            Some(line[line.rfind(program)?..].to_owned())
        })
        .collect()
}

#[test]
fn hints_never_create_another_ca() {
    let home = Home::with_ca();
    let before = home.snapshot();
    for arguments in [
        &["ca", "show", "--ca", "staging-ca"][..],
        &["ca", "check", "--ca", "staging-ca"],
        &["cert", "issue", "--ca", "staging-ca", "--out", "tls"],
    ] {
        let told = home.run(arguments);
        assert_eq!(told.code, 1, "{}{}", told.stdout, told.stderr);
        let commands = commands(&told);
        assert!(!commands.is_empty(), "{}{}", told.stdout, told.stderr);
        for command in commands {
            assert_eq!(paste(&home, &command).code, 0, "{command}");
        }
    }
    assert_eq!(home.snapshot(), before, "a hint changed something");

    // Where there is nothing at all, on-call, from home: nothing is made there either.
    let nowhere = Home::new();
    let told = run(crate::common::ccx(nowhere.path()).args(["cert", "issue", "--out", "tls"]));
    assert_eq!(told.code, 1, "{}", told.stderr);
    let before = nowhere.snapshot();
    for command in commands(&told) {
        assert_eq!(paste(&nowhere, &command).code, 0, "{command}");
    }
    assert_eq!(nowhere.snapshot(), before);
}

#[test]
fn other_ca_of_a_store_is_shown() {
    let home = Home::with_ca();
    let told = home.run(&["ca", "show", "--ca", "staging-ca"]);
    let shown = paste(&home, &commands(&told)[0]);
    assert!(shown.stdout.starts_with("subject       CN=Test CA\n"), "{}", shown.stdout);
}

#[test]
fn missing_node_options_are_named_at_once() {
    let home = Home::with_ca();
    // A node without its datastore is told all that is missing, too.
    let named = home.fails(&["cert", "issue", "--out", "tls", "--node", "db-1"], 2, "node-missing");
    for option in ["--datastore", "--engine", "--domain"] {
        assert!(named.stderr.contains(option), "{}", named.stderr);
    }
    let told = home.fails(&["cert", "issue", "--out", "tls"], 2, "node-missing");
    for option in ["--datastore UUID", "--node NAME", "--engine ENGINE", "--domain DOMAIN"] {
        assert!(told.stderr.contains(option), "{}", told.stderr);
    }
    let hint = hints::hints(&told).remove(0);
    let words = hint.split_once(": ").expect("words to paste").1;
    let domain = format!("--engine mysql --domain {DOMAIN} --out tls");
    let name = if words.contains("--node ") { "" } else { "--node db-1" };
    let store = home.store().display().to_string();
    let line = format!("ccx-sec cert issue --store dir:{store} {words} {name} {domain}");
    let issued = paste(&home, &line);
    assert_eq!(issued.code, 0, "{line}: {}", issued.stderr);
}

#[test]
fn bundle_that_is_gone_is_made_again() {
    let home = Home::with_ca();
    std::fs::remove_file(home.secret_file("ccx-ca-bundle")).expect("removed");
    let told = home.run(&["ca", "check", "--no-repair"]);
    assert_eq!(told.code, 1, "{}", told.stdout);
    assert_eq!(paste(&home, &commands(&told)[0]).code, 0);
    assert_eq!(home.run(&["ca", "check", "--no-repair"]).code, 0);
}

#[test]
#[ignore = "needs tests/run"]
fn secret_that_another_program_labelled_is_taken_over() {
    let namespace = Namespace::new();
    namespace.init();
    let helm = "app.kubernetes.io/managed-by=Helm";
    namespace.kubectl(&["label", "--overwrite", "secret", "ccx-ca", helm]);
    let told = run(&mut namespace.ccx(&["ca", "check"]));
    let commands = commands(&told);
    let [label] = commands.as_slice() else { panic!("{}", told.stdout) };
    let pasted = paste(&namespace.home, label);
    assert_eq!(pasted.code, 0, "{label}: {}", pasted.stderr);
    let strict = run(&mut namespace.ccx(&["ca", "check", "--strict"]));
    assert_eq!(strict.code, 0, "{}", strict.stdout);
}
