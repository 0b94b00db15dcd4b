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
    assert_eq!(home.done(&["--version"]).stdout, version);
    let document = home.done(&["version", "-o", "json"]).json();
    // The commit and its date are there where the source is a git work tree.
    let built = ["commit", "date"].map(|name| document[name].as_str().map(str::to_owned));
    let wanted = match &built {
        [Some(commit), Some(date)] => {
            assert!(
                commit.len() >= 12 && commit.bytes().all(|c| c.is_ascii_hexdigit()),
                "{commit}"
            );
            assert!(date.len() == 10 && date.starts_with("20"), "{date}");
            format!("{} ({commit}, {date})\n", version.trim_end())
        }
        _ => {
            assert_eq!(built, [None, None]);
            version.clone()
        }
    };
    let has_git = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".git").exists();
    assert_eq!(built[0].is_some(), has_git);
    assert_eq!(home.done(&["version"]).stdout, wanted);
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
    for word in ["remove", "rm", "delete", "destroy", "umount"] {
        let said = said(&["volume", word]);
        assert!(said.contains("'close'") && !said.contains("erase"), "{said}");
    }
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
#[ignore = "needs tests/run"]
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

#[test]
fn words_of_cert_inspect_name_a_server_or_a_file_of_the_store() {
    let home = Home::with_ca();
    home.fails(&["cert", "inspect", "127.77.0.1:3306"], 3, "server-refused");
    let told = home.fails(&["cert", "inspect", "db.example.com:7"], 2, "url");
    assert!(told.stderr.contains("ENGINE://db.example.com:7"), "{}", told.stderr);
    home.fails(&["cert", "inspect", "a/db:3306"], 3, "file-missing");
    let shown = |input: &str| {
        let document = home.done(&["cert", "inspect", input, "-o", "json"]).json();
        let certificates = document["certificates"].as_array().expect("certificates").clone();
        certificates.iter().map(|certificate| certificate["sha256"].clone()).collect::<Vec<_>>()
    };
    for secret in ["ccx-ca", "ccx-ca-bundle"] {
        let file = home.secret_file(secret).display().to_string();
        let of_secret = shown(&format!("secret/{secret}"));
        assert_eq!(shown(&file), of_secret);
    }
}

#[test]
fn words_for_times_have_one_grammar() {
    let home = Home::with_ca();
    let list = |time: &str| home.run(&["ca", "check", "--expires-within", time]).code;
    assert_eq!((list("30"), list("30d"), list("4000"), list("4000d")), (0, 0, 1, 1));
    let told = home.fails(&["ca", "check", "--expires-within", "soon"], 2, "duration").stderr;
    assert!(told.contains("without a unit, days"), "{told}");
    home.done(&["ca", "check", "--timeout", "5"]);
    let told = home.run(&["ca", "check", "--timeout", "soon"]).stderr;
    assert!(told.contains("without a unit, seconds"), "{told}");
}

#[test]
fn words_of_a_dry_run_are_the_same_everywhere() {
    let home = Home::with_ca();
    home.done(&["ca", "export", "--out", "ca.pem"]);
    let node = ["--datastore", "5b0d8c1e-7a55-4f0e-9a52-0c3f8f3f1f10", "--node", "db-1"];
    let node = [&node[..], &["--engine", "mysql", "--domain", "ccx.example.com"]].concat();
    let key = ["--with-key", "--yes-export-private-key", "--passphrase-file", "word"];
    home.write("word", "correct horse");
    home.done(&[&["ca", "export", "--out", "all.pem"][..], &key].concat());
    let import = ["ca", "import", "--cert", "all.pem", "--passphrase-file", "word", "--ca", "b"];
    let commands: [Vec<&str>; 3] = [
        vec!["ca", "init", "--ca", "c", "--common-name", "C"],
        import.to_vec(),
        [&["cert", "issue", "--out", "tls"][..], &node].concat(),
    ];
    for command in commands {
        let before = home.snapshot();
        for option in ["--dry-run", "--dry-run=server", "--dry-run=client"] {
            let told = home.done(&[&command[..], &[option]].concat());
            assert!(told.stderr.contains("dry run: nothing was"), "{command:?}: {}", told.stderr);
            assert_eq!(home.snapshot(), before, "{command:?} {option}");
        }
        let wrong = home.run(&[&command[..], &["--dry-run=maybe"]].concat());
        assert_eq!(wrong.code, 2, "{}", wrong.stderr);
        home.done(&[&command[..], &["--dry-run=none"]].concat());
        assert_ne!(home.snapshot(), before, "{command:?}");
    }
}

#[test]
fn words_of_an_empty_list_name_the_other_place() {
    let home = Home::with_ca();
    let listed = home.done(&["cert", "list"]);
    assert!(listed.stderr.contains("cert list --dir DIR lists"), "{}", listed.stderr);
    assert_eq!(home.done(&["cert", "list", "--quiet"]).stderr, "");
}

#[test]
fn words_mode_disabled_is_still_taken_for_plaintext() {
    let home = Home::with_ca();
    let url = "redis://localhost:1";
    let json = run(&mut home.ccx(&["verify", "--mode", "disabled", url, "-o", "json"]));
    assert!(json.stderr.contains("--mode DISABLED is now called --mode PLAINTEXT"));
    let verdict = &json.json()["endpoints"][0]["verdicts"][0];
    assert_eq!((&verdict["mode"], &verdict["verdict"]), (&"PLAINTEXT".into(), &"unknown".into()));
    let metrics = run(&mut home.ccx(&["verify", "--mode", "PLAINTEXT", url, "-o", "prometheus"]));
    assert_eq!(metrics.stderr, "");
    assert!(metrics.stdout.contains("pass means that clients without TLS are refused"));
    assert!(metrics.stdout.contains(r#"mode="PLAINTEXT",node="",result="unknown""#));
    assert!(!run(ccx(home.path()).args(["verify", "--help"])).stdout.contains("DISABLED"));
}
