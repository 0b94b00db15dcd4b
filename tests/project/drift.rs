//! What is generated from the command line's definition and committed: completions and
//! manual pages. `UPDATE=1 tests/run -- drift` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ccx_sec::block::reason::EncryptionReason;
use ccx_sec::error::{Code, Reason};

use crate::common::{Home, ccx, run, tool};

type Files = BTreeMap<String, String>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder, without the folders in it.
fn read(directory: &Path) -> Files {
    let entries = fs::read_dir(directory).map(|entries| entries.flatten().collect::<Vec<_>>());
    entries
        .unwrap_or_default()
        .into_iter()
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a text file");
            (entry.file_name().to_string_lossy().into_owned(), text)
        })
        .collect()
}

fn compare(folder: &str, generated: &Files) {
    let committed: PathBuf = root().join(folder);
    if std::env::var_os("UPDATE").is_some() {
        for name in read(&committed).keys() {
            fs::remove_file(committed.join(name)).expect("removed");
        }
        for (name, text) in generated {
            fs::write(committed.join(name), text).expect("written");
        }
    }
    let there = read(&committed);
    assert_eq!(
        there.keys().collect::<Vec<_>>(),
        generated.keys().collect::<Vec<_>>(),
        "{folder}/ has other files than the program generates; UPDATE=1 rewrites them"
    );
    for (name, text) in generated {
        assert!(there[name] == *text, "{folder}/{name} has drifted; UPDATE=1 rewrites it");
    }
}

/// The page of the guide that lists every code, made from the enums.
fn codes_page() -> String {
    let mut page = "# Codes

The stable codes of errors and findings, and the reasons of verdicts, which scripts may rely on.

This page is generated. A code is in kebab case, a reason in snake case; neither is ever renamed.

## Errors and findings

An error has its code in brackets at the end of its line, and in `error.code` with `-o json`; the
HTTP API has it in `code` of a problem document. A finding of `ca check`, `cert inspect --lint` and
`doctor` has a code, too. Findings that are errors fail a check; warnings do so with `--strict`. A
finding can become an error: `ca import` fails with the code of the first finding that is an error.
"
    .to_owned();
    push_tables(&mut page, Code::GROUPS, "code", |code| (code.name(), code.meaning()));
    page += "
## Reasons of verify and cert inspect --verify

A verdict that is not a pass has one reason, and so has a client of `verify --simulate`. `cert
inspect --verify` answers as a client (or with `--purpose client` a server) would, and names the
certificate at fault, the rule and the remedy. A chain passes if RFC 5280 and OpenSSL agree, because
psql, mysql, mariadb and redis-cli use OpenSSL. If only others refuse it (Python from 3.13 on, Go,
Java, GnuTLS, rustls), that is a warning that names them in `refused_by`. `verify` has the same
`warnings` beside a verdict.
";
    push_tables(&mut page, Reason::GROUPS, "reason", |reason| (reason.name(), reason.meaning()));
    page += "\n## Reasons of volume check\n";
    let groups = EncryptionReason::GROUPS;
    push_tables(&mut page, groups, "reason", |reason| (reason.name(), reason.meaning()));
    page
}

fn push_tables<T: Copy>(
    page: &mut String,
    groups: &[(&str, &[T])],
    head: &str,
    row: impl Fn(T) -> (&'static str, &'static str),
) {
    for (title, codes) in groups {
        *page += &format!("\n### {title}\n\n| {head} | meaning |\n|---|---|\n");
        for code in *codes {
            let (name, meaning) = row(*code);
            *page += &format!("| `{name}` | {meaning} |\n");
        }
    }
}

fn compare_codes_page() {
    let path = root().join("man/guide/codes.md");
    let page = codes_page();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &page).expect("written");
    }
    let committed = fs::read_to_string(&path).expect("man/guide/codes.md");
    assert!(committed == page, "man/guide/codes.md has drifted; UPDATE=1 rewrites it");
}

#[test]
fn drift_codes_page_is_that_of_the_enums() {
    compare_codes_page();
}

#[test]
fn completions_are_those_of_this_command_line() {
    let home = Home::new();
    let shells = [
        ("bash", "ccx-sec.bash"),
        ("zsh", "_ccx-sec"),
        ("fish", "ccx-sec.fish"),
        ("powershell", "_ccx-sec.ps1"),
        ("elvish", "ccx-sec.elv"),
    ];
    let generate = |(shell, file): (&str, &str)| {
        let printed = run(ccx(home.path()).args(["completion", shell]));
        assert_eq!((printed.code, printed.stderr.as_str()), (0, ""), "{shell}");
        assert!(!printed.stdout.contains("x509"), "{shell} offers a hidden command");
        (file.to_owned(), printed.stdout)
    };
    compare("completions", &shells.map(generate).into());
}

#[test]
#[ignore = "needs tests/run"]
fn manual_pages_are_those_of_this_command_line() {
    let home = Home::new();
    let out = home.join("man");
    fs::create_dir(&out).expect("a directory");
    let printed = run(ccx(home.path()).arg("man").arg("--out").arg(&out));
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let pages = read(&out);
    assert!(pages.contains_key("ccx-sec.1") && pages.contains_key("ccx-sec-ca-init.1"));
    for (name, page) in &pages {
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            assert!(page.contains(section), "{name} has no {section}");
        }
        // A group of commands has none of its own.
        let groups = [
            "ccx-sec-ca.1",
            "ccx-sec-cert.1",
            "ccx-sec-config.1",
            "ccx-sec-snippet.1",
            "ccx-sec-volume.1",
        ];
        if !groups.contains(&name.as_str()) {
            assert!(page.contains(".SH EXAMPLES"), "{name} has no EXAMPLES");
            assert!(page.contains(".SH \"EXIT STATUS\""), "{name} has no EXIT STATUS");
        }
    }
    compare_codes_page();
    let guide = home.join("guide");
    fs::create_dir(&guide).expect("a directory");
    tool(
        &root().join("tests/bed/guide-pages").display().to_string(),
        &[&guide.display().to_string()],
    );
    let guide = read(&guide);
    assert!(guide.contains_key("ccx-sec-guide-verify.7"));
    compare("man", &pages.into_iter().chain(guide).collect());
}
