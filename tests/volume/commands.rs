//! Output and refusals of the volume commands, on files that stand for disks, without a device
//! mapper.

use std::fs;

use serde_json::{Value, json};

use crate::common::volumes::SIZE;
use crate::common::{Home, base64, tool};

/// Creates a home with the volume `db-1` on the file `disk`.
fn made() -> Home {
    let home = Home::new();
    home.disk("disk");
    home.volume_done(&["encrypt", "disk", "--id", "db-1"]);
    home
}

const YES: [&str; 2] = ["--confirm", "disk"];

/// All commands on one volume.
fn all() -> Vec<Vec<&'static str>> {
    vec![
        vec!["status", "db-1"],
        vec!["open", "db-1"],
        vec!["close", "db-1"],
        vec!["rekey", "db-1"],
        vec!["rekey", "db-1", "--volume-key"],
        vec!["backup", "db-1"],
        vec!["test-recovery", "db-1"],
        vec!["restore", "db-1", "--confirm", "disk"],
        vec!["erase", "db-1", "--confirm", "disk"],
    ]
}

#[test]
#[ignore = "needs tests/run"]
fn missing_volumes_and_devices_are_reported() {
    let home = Home::new();
    home.disk("disk");
    fs::create_dir(home.join("folder")).expect("a folder");
    home.write("file", "text");
    for id in ["", "DB", "a.b", "-a", "a_b", "ä", &"a".repeat(64), "../x"] {
        let id = format!("--id={id}");
        assert_eq!(home.volume(&["encrypt", "disk", &id]).code, 2, "{id}");
    }
    let encrypt = |more: &[&'static str]| [&["encrypt", "disk", "--id", "db-1"], more].concat();
    for (words, exit, code) in [
        (vec!["encrypt", "folder", "--id", "a"], 2, "not-a-device"),
        (vec!["encrypt", "/dev/null", "--id", "a"], 2, "not-a-device"),
        (vec!["encrypt", "missing", "--id", "a"], 3, "file-missing"),
        (vec!["encrypt", "file", "--id", "a"], 4, "device-too-small"),
        (vec!["encrypt", "disk"], 2, "usage"),
        (encrypt(&["--mount", "/mnt/x"]), 2, "mount-without-mkfs"),
        (encrypt(&["--mkfs", "btrfs"]), 2, "usage"),
        (encrypt(&["--mkfs", "ext4", "--in-place"]), 2, "usage"),
        (encrypt(&["--in-place", "--overwrite"]), 2, "usage"),
        (encrypt(&["--confirm", "disk"]), 2, "usage"),
        (encrypt(&["--i-have-a-backup"]), 2, "usage"),
        (encrypt(&["--persist"]), 2, "usage"),
        (encrypt(&["--mkfs", "ext4", "--mount", "relative"]), 2, "mount-point"),
        (encrypt(&["--mkfs", "ext4", "--mount", "/proc"]), 4, "mount-point-taken"),
        (encrypt(&["--label", "a\nb"]), 2, "volume-label"),
        (encrypt(&["--passphrase"]), 2, "answer-missing"),
        (encrypt(&["--passphrase", "--passphrase-file", "missing"]), 3, "file-missing"),
        (encrypt(&["--in-place", "--i-have-a-backup"]), 4, "in-place-unknown"),
        (vec!["status", "folder/"], 2, "not-a-device"),
        (vec!["status", "NO"], 2, "volume-id"),
        (vec!["open"], 2, "usage"),
    ] {
        home.volume_fails(&words, exit, code);
    }
    for words in all() {
        home.volume_fails(&words, 1, "volume-unknown");
    }
    for verb in ["resume", "rollback"] {
        home.volume_fails(&[verb, "db-1"], 1, "volume-unknown");
    }
    assert_eq!(home.volume_done(&["list"])["volumes"], json!([]));
}

/// A Secret that another program made is not changed.
#[test]
#[ignore = "needs tests/run"]
fn secret_of_another_is_not_touched() {
    let home = made();
    home.edit("ccx-volume-db-1", |secret| secret["metadata"]["labels"] = json!({}));
    for words in all() {
        home.volume_fails(&words, 4, "secret-foreign");
    }
    home.disk("other");
    home.volume_fails(&["encrypt", "other", "--id", "db-1"], 4, "secret-foreign");
}

#[test]
#[ignore = "needs tests/run"]
fn damaged_volume_secrets_are_reported() {
    let damage = |key: &str, value: Value| {
        let home = made();
        home.edit("ccx-volume-db-1", |secret| match &value {
            Value::Null => drop(secret["data"].as_object_mut().expect("data").remove(key)),
            value => secret["data"][key] = value.clone(),
        });
        home
    };
    for text in ["", "{", "[]", "{\"version\": 1}"] {
        let home = damage("volume.json", base64(text));
        for words in all() {
            let told = home.volume(&words);
            let code = if text == "[]" { "volume-version" } else { "volume-damaged" };
            let code = if text.starts_with("{\"v") { "volume-damaged" } else { code };
            told.assert_error(3, code);
        }
        let list = home.volume(&["list", "-o", "json"]);
        assert_eq!((list.code, list.json()["volumes"].clone()), (3, json!([])));
        assert!(list.stderr.contains("ccx-volume-db-1"), "{}", list.stderr);
    }
    let home = damage("volume.json", base64("{\"version\": 2}"));
    assert!(home.volume_fails(&["open", "db-1"], 3, "volume-version").stderr.contains("newer"));

    for (value, code) in [
        (base64([7; 63]), "key-damaged"),
        (base64([0; 64]), "key-damaged"),
        (Value::Null, "key-missing"),
    ] {
        let home = damage("key", value);
        for verb in ["open", "backup", "rekey"] {
            home.volume_fails(&[verb, "db-1"], 3, code);
        }
        home.volume_fails(&["restore", "db-1", YES[0], YES[1]], 3, code);
        let drill = home.volume(&["test-recovery", "db-1", "-o", "json"]);
        assert_eq!((drill.code, drill.json()["verdict"].clone()), (1, json!("fail")));
        // An erasure needs no valid key.
        home.volume_done(&["erase", "db-1", YES[0], YES[1]]);
    }
    // An intact copy of another volume.
    let home = damage("key", base64((0..64).collect::<Vec<u8>>()));
    for words in [&["backup", "db-1"][..], &["restore", "db-1", YES[0], YES[1]]] {
        home.volume_fails(words, 3, "key-wrong");
    }
    assert_eq!(home.volume(&["test-recovery", "db-1"]).code, 1);
    let rekey = home.volume(&["rekey", "db-1"]);
    assert!(rekey.code == 3 && rekey.stderr.contains("volume rollback db-1"), "{}", rekey.stderr);
    home.volume_done(&["rollback", "db-1"]);

    let other = made();
    let text = fs::read_to_string(other.secret_file("ccx-volume-db-1")).expect("a manifest");
    let secret: Value = serde_saphyr::from_str(&text).expect("YAML");
    for (value, code) in [
        (base64("nonsense"), "header-damaged"),
        (secret["data"]["header"].clone(), "backup-other"),
        (Value::Null, "backup-missing"),
    ] {
        let home = damage("header", value);
        home.volume_fails(&["restore", "db-1", YES[0], YES[1]], 3, code);
        let drill = home.volume(&["test-recovery", "db-1", "-o", "json"]);
        assert_eq!((drill.code, drill.json()["checks"][1]["verdict"].clone()), (1, json!("fail")));
        home.volume_done(&["backup", "db-1"]);
        home.volume_done(&["test-recovery", "db-1"]);
    }
}

#[test]
#[ignore = "needs tests/run"]
fn dry_run_reports_and_changes_nothing() {
    let home = made();
    home.disk("blank");
    let before = home.without_journal();
    let dry = |words: &[&str]| home.volume_done(&[&["encrypt"], words, &["--dry-run"]].concat());
    let steps = |told: &Value| {
        let steps = told["steps"].as_array().expect("steps").iter();
        steps.map(|step| step["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let told = dry(&["blank", "--id", "db-2"]);
    assert_eq!(steps(&told), ["record", "format", "backup", "done"]);
    assert_eq!((&told["device"]["size"], &told["holds"]), (&json!(SIZE), &json!([])));
    let told = dry(&["blank", "--id", "db-2", "--mkfs", "ext4", "--mount", "/mnt/x", "--persist"]);
    let all = ["record", "format", "backup", "open", "mkfs", "mount", "persist", "done"];
    assert_eq!(steps(&told), all);
    let told = dry(&["disk", "--id", "db-2", "--overwrite"]);
    assert!(told["holds"].to_string().contains("LUKS2"), "{told}");
    home.volume_fails(&["encrypt", "disk", "--id", "db-2", "--dry-run"], 4, "device-not-blank");
    let taken = ["encrypt", "blank", "--id", "db-1", "--dry-run"];
    home.volume_fails(&taken, 4, "volume-exists");
    assert_eq!(home.without_journal(), before);
    assert!(!home.join("journal/db-2").exists());
}

#[test]
#[ignore = "needs tests/run"]
fn device_is_named_by_who_has_it_overwritten() {
    let home = made();
    let secret = fs::read(home.secret_file("ccx-volume-db-1")).expect("a Secret");
    let again = ["encrypt", "disk", "--id", "db-2", "--overwrite"];
    home.volume_fails(&again, 2, "answer-missing");
    for wrong in ["", "DISK", "disk ", "db-1"] {
        home.volume_fails(&[&again[..], &["--confirm", wrong]].concat(), 4, "not-confirmed");
        home.volume_fails(&["erase", "db-1", "--confirm", wrong], 4, "not-confirmed");
        home.volume_fails(&["restore", "db-1", "--confirm", wrong], 4, "not-confirmed");
    }
    home.volume_done(&[&again[..], &YES].concat());
    // The overwritten volume is reported as missing, and its Secret stays.
    assert_eq!(fs::read(home.secret_file("ccx-volume-db-1")).expect("a Secret"), secret);
    home.volume_fails(&["open", "db-1"], 3, "device-missing");
    for verb in ["restore", "erase"] {
        home.volume_fails(&[verb, "db-1", YES[0], YES[1]], 4, "volume-other");
    }
    home.volume_done(&["test-recovery", "db-2"]);
}

/// Key slots that a person added are kept as long as their copy fits into a Secret.
#[test]
#[ignore = "needs tests/run"]
fn key_slots_are_limited_by_the_size_of_the_secret() {
    let home = made();
    let add = || {
        let text = fs::read_to_string(home.secret_file("ccx-volume-db-1")).expect("a manifest");
        let secret: Value = serde_saphyr::from_str(&text).expect("YAML");
        let pass = home.write("mine", format!("{:?}", std::time::Instant::now()));
        let text = secret["data"]["key"].as_str().expect("a key").to_owned();
        let key = home.write("key.b64", text);
        let fast = "--pbkdf pbkdf2 --pbkdf-force-iterations 1000";
        let disk = home.at("disk");
        let script = format!(
            "base64 -d {key} | /usr/sbin/cryptsetup luksAddKey -q {fast} --key-file - {disk} {pass}"
        );
        tool("sh", &["-c", &script]);
    };
    let slots = || home.volume_done(&["status", "db-1"])["keyslots"].as_array().map(Vec::len);
    let size =
        || fs::metadata(home.secret_file("ccx-volume-db-1")).expect("a Secret").len() * 3 / 4;
    add();
    home.volume_done(&["rekey", "db-1"]);
    assert_eq!(slots(), Some(2));
    add();
    home.volume_done(&["backup", "db-1"]);
    home.volume_done(&["test-recovery", "db-1"]);
    assert!(slots() == Some(3) && size() < 1 << 20, "{}", size());
    // A key change would need four.
    let told = home.volume_fails(&["rekey", "db-1"], 4, "too-many-slots");
    assert!(told.stderr.contains("luksKillSlot"), "{}", told.stderr);
    assert!(told.stderr.contains("nothing was changed"), "{}", told.stderr);
    add();
    home.volume_fails(&["backup", "db-1"], 4, "too-many-slots");
    home.volume_fails(&["rekey", "db-1", "--volume-key"], 4, "too-many-slots");
    assert_eq!(home.volume_done(&["test-recovery", "db-1"])["verdict"], "pass");
    assert_eq!(home.volume_done(&["status", "db-1"])["volume"]["pending"], Value::Null);
}

/// After an encryption in place, the other commands write only to the header.
#[test]
#[ignore = "needs tests/run"]
fn encrypt_in_place_keeps_the_data() {
    let home = Home::new();
    home.disk("disk");
    fs::File::options()
        .write(true)
        .open(home.join("disk"))
        .expect("it")
        .set_len(SIZE * 2)
        .expect("a size");
    tool("/usr/sbin/mkfs.ext4", &["-q", &home.at("disk"), "90M"]);
    home.volume_done(&["encrypt", "disk", "--id", "db-1", "--in-place", "--i-have-a-backup"]);
    home.volume_done(&["rekey", "db-1"]);
    home.volume_done(&["rekey", "db-1", "--volume-key"]);
    let bytes = fs::read(home.join("disk")).expect("read");
    let file = fs::File::options().write(true).open(home.join("disk")).expect("it");
    std::os::unix::fs::FileExt::write_all_at(&file, &vec![0; 16 << 20], 0).expect("zeros");
    // A program that has the device open for writing may be using it.
    home.volume_fails(&["restore", "db-1", YES[0], YES[1]], 4, "device-open");
    drop(file);
    home.volume_fails(&["open", "db-1"], 3, "header-missing");
    home.volume_done(&["restore", "db-1", YES[0], YES[1]]);
    let restored = fs::read(home.join("disk")).expect("read");
    assert!(restored[16 << 20..] == bytes[16 << 20..]);
    home.volume_done(&["erase", "db-1", YES[0], YES[1], "--keep-secret"]);
    home.volume_done(&["restore", "db-1", YES[0], YES[1]]);
    home.volume_done(&["test-recovery", "db-1"]);
}

/// A device of less than 48 MiB is refused: cryptsetup moves 16 MiB at once, and would lose data.
#[test]
#[ignore = "needs tests/run"]
fn device_too_small_for_a_header_is_unchanged() {
    let home = Home::new();
    for (mib, size) in [(40, "8M"), (47, "15M")] {
        let file = fs::File::create(home.join("disk")).expect("a file");
        file.set_len(mib << 20).expect("a size");
        drop(file);
        tool("/usr/sbin/mkfs.ext4", &["-q", &home.at("disk"), size]);
        let words = ["encrypt", "disk", "--id", "db-1", "--in-place", "--i-have-a-backup"];
        let before = fs::read(home.join("disk")).expect("read");
        home.volume_fails(&words, 4, "device-too-small");
        assert!(fs::read(home.join("disk")).expect("read") == before);
    }
}
