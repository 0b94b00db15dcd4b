//! A directory store with something wrong in it, through the binary: each fault has its own
//! exit status and code, nothing is changed, and no message shows what stands in a file.

use std::fs;
use std::os::unix::fs::symlink;

use assert_cmd::Command;
use serde_json::json;

use crate::common::{Home, base64, ccx, chmod, copy_program, run, unprivileged};

/// What a fault in the store is told as, by every command that reads it.
fn in_the_store(spoil: impl FnOnce(&Home), exit: i32, code: &str) {
    let home = Home::new();
    home.init();
    spoil(&home);
    let before = home.snapshot();
    for arguments in [
        &["ca", "show"][..],
        &["ca", "check"],
        &["ca", "init", "--common-name", "X"],
        &["ca", "init", "--common-name", "X", "--if-not-exists", "-o", "json"],
        &["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"],
    ] {
        let told = run(&mut unprivileged(&home.ccx(arguments)));
        told.assert_error(exit, code);
        assert!(!told.stderr.contains("HUNTER2"), "{}", told.stderr);
    }
    assert_eq!(home.snapshot(), before, "{code}");
    if home.store().is_dir() {
        chmod(&home.store(), 0o700); // so that it can be removed
    }
}

#[test]
fn stores_that_cannot_be_read() {
    let ca = |home: &Home| home.secret_file("ccx-ca");
    in_the_store(|home| chmod(&home.store(), 0), 3, "file-permission");
    in_the_store(|home| chmod(&ca(home), 0), 3, "file-permission");
    in_the_store(|home| chmod(&home.store(), 0o750), 4, "permissions-too-wide");
    in_the_store(|home| chmod(&ca(home), 0o604), 4, "permissions-too-wide");
    let becomes_file = |home: &Home| {
        fs::remove_dir_all(home.store()).expect("removed");
        home.write("store", "x");
    };
    in_the_store(becomes_file, 2, "store-not-a-directory");
    let becomes_directory = |home: &Home| {
        fs::remove_file(ca(home)).expect("removed");
        fs::create_dir(ca(home)).expect("made");
        chmod(&ca(home), 0o700);
    };
    in_the_store(becomes_directory, 2, "file-is-directory");
    let dangles = |home: &Home| {
        fs::remove_file(ca(home)).expect("removed");
        symlink("absent", ca(home)).expect("made");
    };
    in_the_store(dangles, 3, "file-missing");
    let grows = |home: &Home| {
        let open = fs::File::options().write(true).open(ca(home)).expect("open");
        open.set_len(2 << 30).expect("a sparse file");
    };
    in_the_store(grows, 2, "file-too-large");
}

#[test]
fn store_of_another_user() {
    let home = Home::new();
    let mut command = if rustix::process::geteuid().is_root() {
        // Nobody cannot get at where the program was built.
        home.init();
        chmod(home.path(), 0o755);
        let program = home.join("ccx-sec");
        copy_program(home.ccx(&[]).get_program(), &program);
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
        nobody.arg("--store").arg(format!("dir:{}", home.store().display()));
        nobody.env("HOME", home.path());
        nobody
    } else {
        let mut command = ccx(home.path());
        command.args(["--store", "dir:/root"]);
        command
    };
    run(command.args(["ca", "show"])).assert_error(4, "owner-other");
}

#[test]
fn store_that_cannot_be_written() {
    let home = Home::new();
    fs::create_dir(home.store()).expect("made");
    chmod(&home.store(), 0o500);
    let init = home.ccx(&["ca", "init", "--common-name", "X"]);
    run(&mut unprivileged(&init)).assert_error(3, "file-unwritable");
    assert_eq!(fs::read_dir(home.store()).expect("there").count(), 0);
}

#[test]
fn store_that_another_process_writes() {
    let home = Home::new();
    home.init();
    let lock = fs::File::options().write(true).open(home.store().join(".lock")).expect("the lock");
    lock.lock().expect("locked");
    home.done(&["ca", "show"]);
    home.done(&["ca", "check", "--strict"]);
    let init = ["ca", "init", "--common-name", "X", "--ca", "second", "--timeout", "1s"];
    home.fails(&init, 3, "store-locked");
    lock.unlock().expect("unlocked");
    home.done(&init);
}

#[test]
fn manifests_that_are_none() {
    let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: ccx-ca}\n";
    let mut bomb =
        "a0: &a0 [HUNTER2, HUNTER2, HUNTER2, HUNTER2, HUNTER2, HUNTER2, HUNTER2]\n".to_owned();
    for n in 1..20 {
        let many = vec![format!("*a{}", n - 1); 9].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{many}]\n"));
    }
    let began = std::time::Instant::now();
    for text in [
        String::new(),
        "HUNTER2".to_owned(),
        "\0".to_owned(),
        "\u{feff}".to_owned(),
        head[..head.len() - 3].to_owned(),
        head.replace("Secret", "ConfigMap"),
        format!("{head}data:\n  tls.crt: HUNTER2*\n"),
        format!("{head}data: {{tls.crt: [HUNTER2]}}\n"),
        format!("{head}data:\n  tls.crt: aGk=\n  tls.crt: aGk=\n"),
        format!("{head}---\n{head}"),
        format!("{bomb}{head}"),
        format!("{head}data: {bomb}"),
        "[".repeat(100_000),
        format!("{head}data: {{tls.crt: {}", "{x: ".repeat(100_000)),
    ] {
        let write = |home: &Home| fs::write(home.secret_file("ccx-ca"), &text).expect("written");
        in_the_store(write, 3, "manifest-damaged");
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "a bomb went off");
    let write = |home: &Home| home.edit("ccx-ca", |secret| secret["metadata"]["name"] = json!("b"));
    in_the_store(write, 3, "manifest-name");
}

#[test]
fn secrets_with_a_missing_or_wrong_key() {
    let other = Home::new();
    other.init();
    let (crt, key) = (other.value("ccx-ca", "tls.crt"), other.value("ccx-ca", "tls.key"));
    let twice = |text: &str| Some(text.repeat(2));
    let text = |text: &str| Some(text.to_owned());
    for (name, value, of_show, of_backup) in [
        ("tls.crt", None, "secret-key-missing", "secret-key-missing"),
        ("tls.crt", text(""), "ca-damaged", "ca-damaged"),
        ("tls.crt", text("hello"), "ca-damaged", "ca-damaged"),
        ("tls.crt", text(&key), "ca-damaged", "ca-damaged"),
        ("tls.crt", twice(&crt), "ca-damaged", "ca-damaged"),
        ("tls.crt", text(&crt), "", "key-mismatch"),
        ("tls.key", None, "", "secret-key-missing"),
        ("tls.key", text("hello"), "", "ca-damaged"),
        ("tls.key", text(&crt), "", "ca-damaged"),
        ("tls.key", twice(&key), "", "ca-damaged"),
        ("tls.key", text(&key[..key.len() - 30]), "", "ca-damaged"),
        ("tls.key", text(&key), "", "key-mismatch"),
    ] {
        let home = Home::new();
        home.init();
        home.edit("ccx-ca", |secret| {
            let data = secret["data"].as_object_mut().expect("data");
            match value {
                Some(value) => data.insert(name.to_owned(), base64(value)),
                None => data.remove(name),
            };
        });
        if of_show.is_empty() {
            home.done(&["ca", "show"]);
        } else {
            home.fails(&["ca", "show"], 3, of_show);
            home.fails(&["ca", "init", "--if-not-exists", "-o", "json"], 3, of_show);
        }
        assert_eq!(home.run(&["ca", "check"]).code, 1, "{name} {of_backup}");
        let backup = ["ca", "export", "--with-key", "--yes-export-private-key", "--no-passphrase"];
        home.fails(&[&backup[..], &["--out", "backup"]].concat(), 3, of_backup);
    }
}
