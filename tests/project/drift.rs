//! What is generated from the command line's definition and committed: completions and
//! manual pages. `UPDATE=1 tests/run -- drift` rewrites them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

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
