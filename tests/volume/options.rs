//! Options of the volume commands that could mislead: each does what it says, or is refused.

use std::fs;

use serde_json::json;

use crate::common::Home;

fn made() -> Home {
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    home
}

/// With `--passphrase-file` alone, the key would be a random one in the store.
#[test]
fn passphrase_file_needs_passphrase() {
    let home = Home::new();
    home.disk("disk");
    home.write("secret", "correct horse");
    let words = ["encrypt", "disk", "--id", "db-1", "--passphrase-file", "secret"];
    let said = home.volume_fails(&words, 2, "usage").stderr;
    assert!(said.contains("not provided:\n  --passphrase\n"), "{said}");
    assert!(!home.join("journal").exists());
}

/// The device to encrypt is the argument; a second one would be ignored.
#[test]
fn encrypt_takes_one_device() {
    let home = Home::new();
    home.disk("disk");
    home.volume_fails(&["encrypt", "disk", "--id", "db-1", "--device", "other"], 2, "usage");
}

#[test]
#[ignore = "needs tests/run"]
fn dry_run_names_where_the_key_is() {
    let home = Home::new();
    home.disk("disk");
    let first = |more: &[&str]| {
        let words = [&["encrypt", "disk", "--id", "db-1", "--dry-run"], more].concat();
        home.volume_done(&words)["steps"][0]["does"].as_str().expect("text").to_owned()
    };
    assert_eq!(first(&[]), "write the key to the store, and read it back");
    let without = "write the record to the store, without a key, and read it back";
    assert_eq!(first(&["--passphrase"]), without);
    let disk = home.at("disk");
    crate::common::tool("/usr/sbin/mkfs.ext4", &["-q", &disk, "24M"]);
    assert_eq!(first(&["--in-place"]), "write the key to the store, and read it back");
    assert_eq!(first(&["--in-place", "--passphrase"]), without);
}

/// A dry run says what becomes of the contents, and the confirmation names a volume that would be lost.
#[test]
#[ignore = "needs tests/run"]
fn overwriting_names_what_is_lost() {
    let home = made();
    let again = ["encrypt", "disk", "--id", "db-2", "--overwrite"];
    let dry = home.volume(&[&again[..], &["--dry-run"]].concat()).stdout;
    assert!(dry.contains("; all of it is destroyed\n"), "{dry}");
    let run = home.volume_fails(&[&again[..], &["--confirm", "bla"]].concat(), 4, "not-confirmed");
    assert!(
        run.stderr.contains("because: the volume db-1 of this store will be"),
        "{}",
        run.stderr
    );
    home.volume_done(&[&again[..], &["--confirm", "disk"]].concat());
    let run = home.volume_fails(&["erase", "db-1", "--confirm", "disk"], 4, "volume-other");
    let file = home.secret_file("ccx-volume-db-1").display().to_string();
    let last = format!("only its Secret is left; delete that: rm {file}\n");
    assert!(run.stderr.ends_with(&last), "{}", run.stderr);
}

/// Neither a dry run nor a mistyped ID leaves a directory among the journals.
#[test]
#[ignore = "needs tests/run"]
fn unknown_volume_gets_no_journal() {
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1", "--dry-run"]);
    for verb in ["open", "close", "rekey", "backup", "restore", "erase", "resume", "rollback"] {
        home.volume_fails(&[verb, "db-1"], 1, "volume-unknown");
    }
    assert!(!home.join("journal").exists());
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    assert!(home.join("journal/db-1").exists());
}

#[test]
#[ignore = "needs tests/run"]
fn backup_replaces_a_file_only_with_force() {
    let home = made();
    home.write("header", "precious");
    let words = ["backup", "db-1", "--out", "header"];
    home.volume_fails(&words, 4, "file-exists");
    home.volume_fails(&["backup", "db-1", "--force"], 2, "usage");
    for words in [&[&words[..], &["--force"]].concat()[..], &["backup", "db-1", "--out", "new"]] {
        let run = home.volume(words);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert!(run.stderr.contains(&format!("written: {}", words[3])), "{}", run.stderr);
        assert!(fs::read(home.join(words[3])).expect("read").starts_with(b"LUKS"));
    }
}

#[test]
#[ignore = "needs tests/run"]
fn wrong_confirmation_says_that_nothing_was_changed() {
    let home = made();
    let run = home.volume_fails(&["erase", "db-1", "--confirm", "bla"], 4, "not-confirmed");
    let first = "error: --confirm is \"bla\", not \"disk\": nothing was changed [not-confirmed]\n  \
                 because: an erasure makes the data on the volume db-1 (";
    assert!(run.stderr.starts_with(first), "{}", run.stderr);
    assert!(run.stderr.ends_with("hint: to confirm: --confirm disk\n"), "{}", run.stderr);
}

/// A device that `volume restore` refuses is not proposed for it.
#[test]
#[ignore = "needs tests/run"]
fn recovery_proposes_only_a_restoration_that_is_accepted() {
    let home = made();
    let proposal = "restore the header with the command of the check restore";
    let checks = |words: &[&str]| {
        let run = home.volume(&[&["test-recovery", "db-1", "-o", "json"], words].concat());
        let checks = run.json()["checks"].as_array().expect("checks").clone();
        let one = |name: &str| checks.iter().find(|check| check["check"] == name).cloned();
        (one("restore").expect("a check"), one("device").expect("a check"))
    };
    fs::write(home.join("small"), [7; 1_000_000]).expect("written");
    let (restore, device) = checks(&["--device", "small"]);
    assert_eq!((&restore["verdict"], &device["verdict"]), (&json!("fail"), &json!("unknown")));
    assert!(!device.to_string().contains("; "), "{device}");
    home.disk("disk");
    let (restore, device) = checks(&[]);
    assert_eq!((&restore["verdict"], &device["verdict"]), (&json!("pass"), &json!("unknown")));
    assert!(device.to_string().contains(proposal), "{device}");
}

/// The options of a cluster mean nothing for a directory.
#[test]
#[ignore = "needs tests/run"]
fn unknown_volume_names_stores_that_are_possible() {
    let said = Home::new().volume_fails(&["status", "db-1"], 1, "volume-unknown").stderr;
    assert!(
        said.contains("hint: or name another store: --store dir:PATH, --store k8s\n"),
        "{said}"
    );
}
