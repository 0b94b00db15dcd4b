//! Words of the command line that people bring along, and the text that answers them.

use std::fs;

use crate::common::{Home, ccx, run};

#[test]
fn words_help_version_and_ls_are_understood() {
    let home = Home::with_ca();
    let help = home.done(&["help"]).stdout;
    assert_eq!(help, home.done(&["--help"]).stdout);
    assert_eq!(home.done(&["help", "verify"]).stdout, home.done(&["verify", "--help"]).stdout);
    let version = format!("ccx-sec {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(home.done(&["version"]).stdout, version);
    assert_eq!(home.done(&["--version"]).stdout, version);
    let document = home.done(&["version", "-o", "json"]).json();
    assert_eq!(document["name"], "ccx-sec");
    assert_eq!(document["version"], env!("CARGO_PKG_VERSION"));
    for list in ["cert", "volume"] {
        assert_eq!(home.done(&[list, "ls"]).stdout, home.done(&[list, "list"]).stdout);
    }
    let server = ["snippet", "server", "--engine-version", "17", "--dir", "/tls", "--engine"];
    let snippet = |engine| home.done(&[&server[..], &[engine]].concat()).stdout;
    assert_eq!(snippet("postgres"), snippet("postgresql"));
}

#[test]
fn words_that_destroy_or_mean_the_opposite_are_not_suggested() {
    let home = Home::new();
    let said = |words: &[&str]| run(ccx(home.path()).args(words)).stderr;
    let create = said(&["volume", "create"]);
    assert!(create.contains("volume encrypt"), "{create}");
    for word in ["erase", "restore", "rekey"] {
        assert!(!create.contains(word), "{create}");
    }
    assert!(!said(&["volume", "eras"]).contains("similar"));
    let revoke = said(&["cert", "revoke"]);
    assert!(!revoke.contains("renew"), "{revoke}");
    assert!(said(&["ca", "create"]).contains("'init'"));
    assert!(said(&["cert", "create"]).contains("'issue'"));
    let cn = said(&["ca", "init", "--cn", "X"]);
    assert!(cn.contains("--common-name") && !cn.contains("--context"), "{cn}");
    // A slip of the finger is still understood.
    assert!(said(&["cert", "renwe"]).contains("'renew'"));
    assert!(said(&["ca", "shw"]).contains("'show'"));
}

#[test]
fn words_host_and_port_are_answered_with_the_url() {
    let home = Home::new();
    for (given, url) in [
        ("localhost:5432", "postgresql://localhost:5432\n"),
        ("db.example.com:3306", "mysql://db.example.com:3306\n"),
        ("[::1]:6379", "redis://[::1]:6379\n"),
        ("db.example.com", "ENGINE://db.example.com\n"),
    ] {
        let told = home.fails(&["verify", given], 2, "url");
        assert!(told.stderr.contains(url), "{}", told.stderr);
    }
}

#[test]
fn words_quiet_silences_the_note_about_the_store() {
    let home = Home::new();
    let list = ["cert", "list"];
    assert!(run(ccx(home.path()).args(list)).stderr.contains("using the directory"));
    assert_eq!(run(ccx(home.path()).args(list).arg("--quiet")).stderr, "");
}

#[test]
fn words_a_dash_is_standard_output_and_a_file_is_refused_before_questions() {
    let home = Home::with_ca();
    let before = home.snapshot();
    assert_eq!(
        home.done(&["ca", "export", "--out", "-"]).stdout,
        home.done(&["ca", "export"]).stdout
    );
    assert_eq!(home.snapshot(), before);
    home.write("there.pem", "x");
    let export = ["ca", "export", "--with-key", "--out", "there.pem"];
    let mut terminal = home.terminal(&export);
    let said = terminal.expect("[file-exists]");
    assert!(!said.contains("Type") && !said.contains("Passphrase"), "{said}");
    assert_eq!(terminal.end().0, 4);
    let short = home.write("short", "x");
    let new = ["--yes-export-private-key", "--passphrase-file", &short, "--out", "new.pem"];
    home.fails(&[&["ca", "export", "--with-key"][..], &new].concat(), 2, "passphrase-file");
}

#[test]
fn words_of_a_pasted_block_are_no_answer() {
    let home = Home::new();
    let mut terminal = home.terminal(&["ca", "init"]);
    terminal.send("ccx-sec ca show\r");
    terminal.expect("Make it? [Y/n]");
    terminal.send("y\r");
    let (exit, said) = terminal.end();
    assert!(exit == 0 && !said.contains("answer y or n"), "{said}");
    home.done(&["ca", "show"]);
}

/// Examples are code, and come before the options.
#[test]
fn words_of_the_help_fit_and_examples_come_early() {
    let home = Home::new();
    for group in ["", "ca init", "cert install", "cert issue", "verify", "volume encrypt", "serve"]
    {
        let words: Vec<&str> = group.split_whitespace().chain(["--help"]).collect();
        let help = home.done(&words).stdout;
        let place = |word: &str| help.find(word).unwrap_or_else(|| panic!("{word}: {help}"));
        assert!(place("\nEXAMPLES") < place("\nUsage:") || place("EXAMPLES") < place("Options:"));
        let examples = &help[place("EXAMPLES")..];
        let end = examples.find("\n\nUsage:").expect("an end");
        for line in examples[..end].lines() {
            assert!(line.chars().count() <= 80, "{group}: {line}");
        }
    }
}

#[test]
fn words_of_the_manual_please_mandoc() {
    let home = Home::new();
    fs::create_dir(home.join("man")).expect("a folder");
    home.done(&["man", "--out", &home.at("man")]);
    let pages = fs::read_dir(home.join("man")).expect("the pages");
    let guide = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/man")).expect("the guide");
    let guide = guide.flatten().filter(|page| page.path().extension().is_some_and(|e| e == "7"));
    let pages: Vec<_> = pages.flatten().chain(guide).map(|entry| entry.path()).collect();
    assert!(pages.len() > 45);
    let mut lint = std::process::Command::new("mandoc");
    let said = lint.args(["-T", "lint", "-W", "warning"]).args(&pages).output().expect("mandoc");
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said, "");
    let page = fs::read_to_string(home.join("man/ccx-sec-verify.1")).expect("a page");
    let place = |word: &str| page.find(word).unwrap_or_else(|| panic!("{word}: {page}"));
    assert!(place(".SH EXAMPLES") < place(".SH OPTIONS"));
    assert!(place(".SH \"EXIT STATUS\"") < place(".SH \"SEE ALSO\""));
}
