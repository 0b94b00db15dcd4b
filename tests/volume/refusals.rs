//! Devices that must not be written to, in the guest: each is refused with its code, and stays
//! unchanged byte for byte. `--nocapture` shows the table.
//!
//! For changes between check and use, a stand-in for wipefs does its work, reports that, and waits
//! before it ends.

mod cases;

use std::fs;

use crate::common::guest::Guest;
use cases::{CHANGED, Case, IN_USE, ON_IT, OVERWRITTEN, TAKEN, UNREADABLE, WORDS};

/// A row of the table.
struct Row {
    name: String,
    exit: i32,
    code: String,
    same: bool,
    message: String,
}

/// Runs the steps in a guest.
fn boot(steps: &str) -> Guest {
    let guest = Guest::new().with_limit(900);
    fs::write(guest.at("gpt-first"), gpt(true)).expect("written");
    fs::write(guest.at("gpt-last"), gpt(false)).expect("written");
    guest.done(&[WORDS, steps].concat());
    guest
}

/// Reads the result of a case.
fn row(guest: &Guest, name: &str) -> Row {
    let run = guest.check(name);
    let bytes = fs::read_to_string(guest.at("checks").join(format!("{name}.bytes")));
    let same = bytes.expect("it") == "same\n";
    let (code, message) = match run.code {
        0 => Default::default(),
        _ => {
            let error = run.error();
            let message = error["message"].as_str().expect("text");
            (run.error_code(), format!("{message} {}", error["causes"]))
        }
    };
    Row { name: name.to_owned(), exit: run.code, code, same, message }
}

/// The table.
#[allow(clippy::print_stdout)]
fn print(rows: &[Row]) {
    for Row { name, exit, code, same, message } in rows {
        let bytes = if *same { "same" } else { "CHANGED" };
        println!("{name:<28} {exit} {code:<18} {bytes:<7} {message}");
    }
}

fn refused(cases: &'static [Case]) {
    let steps = cases.iter().map(|(name, .., how)| format!("{how}\nseen {name}\n"));
    let guest = boot(&steps.collect::<String>());
    let rows: Vec<Row> = cases.iter().map(|(name, ..)| row(&guest, name)).collect();
    print(&rows);
    let mut wrong = Vec::new();
    for ((name, code, says, _), row) in cases.iter().zip(&rows) {
        let exit = match *code {
            "not-a-device" | "answer-missing" => 2,
            "file-missing" | "device-unreadable" | "probe-failed" | "program-missing"
            | "program-failed" => 3,
            _ => 4,
        };
        let said = says.iter().all(|part| row.message.contains(part));
        if (row.exit, row.code.as_str(), row.same, said) != (exit, code, true, true) {
            wrong.push(format!("{name}: expected {exit} {code} {says:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
#[ignore = "needs tests/run"]
fn device_with_contents_is_refused() {
    refused(ON_IT);
}

#[test]
#[ignore = "needs tests/run"]
fn device_in_use_is_refused() {
    refused(IN_USE);
}

#[test]
#[ignore = "needs tests/run"]
fn unreadable_device_is_refused() {
    refused(UNREADABLE);
}

#[test]
#[ignore = "needs tests/run"]
fn swapped_device_is_refused() {
    refused(CHANGED);
}

#[test]
#[ignore = "needs tests/run"]
fn overwriting_is_no_way_round() {
    refused(OVERWRITTEN);
}

/// A link is swapped after cryptsetup was started: its new target stays unchanged, because programs get
/// the node of the device that was checked.
#[test]
#[ignore = "needs tests/run"]
fn programs_get_devices_and_no_links() {
    let steps = r#"
        cp /usr/local/sbin/cryptsetup /run/real-cryptsetup; fake cryptsetup <<'END'
#!/bin/sh
case "$*" in *luksFormat*) >/run/looked; until [ -e /run/go ]; do sleep 0.1; done; esac
exec /run/real-cryptsetup "$@"
END
        disk; other=$dev; disk; named=$dev; ln -s $dev /run/link; under=$other dev=/run/link
        meanwhile='ln -sfn $other /run/link'; seen swapped
        check named ccx volume status $named"#;
    let guest = boot(steps);
    let rows = [row(&guest, "swapped")];
    print(&rows);
    let [Row { exit, code, same, .. }] = &rows;
    // Too late to refuse: the device was formatted.
    assert_eq!((*exit, code.as_str(), *same), (3, "device-changed", true));
    assert_eq!(guest.check("named").code, 0, "what was named is no volume");
}

/// With reads that fail every other second, ext4 never counts as blank, and a blank device counts as
/// blank or unreadable.
#[test]
#[ignore = "needs tests/run"]
fn device_that_fails_now_and_then() {
    let steps = "
        disk; mkfs.ext4 -q $dev; flakey ext4 $dev 1 1; dev=/dev/mapper/ext4
        for try in {1..8}; do seen ext4-$try; done
        disk; flakey blank $dev 1 1; dev=/dev/mapper/blank
        for try in {1..8}; do seen blank-$try --dry-run; done";
    let guest = boot(steps);
    let rows = |kind| (1..=8).map(|n| row(&guest, &format!("{kind}-{n}"))).collect();
    let (ext4, blank): (Vec<Row>, Vec<Row>) = (rows("ext4"), rows("blank"));
    print(&ext4);
    print(&blank);
    assert!(ext4.iter().chain(&blank).all(|row| row.same));
    assert!(ext4.iter().all(|row| [3, 4].contains(&row.exit)));
    assert!(blank.iter().all(|row| [0, 3].contains(&row.exit)));
    let failed = ext4.iter().chain(&blank).filter(|row| row.code == "device-unreadable").count();
    assert!(failed > 0, "it never failed");
}

#[test]
#[ignore = "needs tests/run"]
fn blank_one_is_taken() {
    let steps = TAKEN.iter().map(|(name, how)| format!("{how}\nseen {name} --dry-run\n"));
    let guest = boot(&steps.collect::<String>());
    let rows: Vec<Row> = TAKEN.iter().map(|(name, _)| row(&guest, name)).collect();
    print(&rows);
    assert!(rows.iter().all(|row| row.exit == 0 && row.same), "one is refused, or was changed");
}

/// An accepted device becomes a volume, and is not blank any more.
#[test]
#[ignore = "needs tests/run"]
fn accepted_device_is_changed() {
    let steps = "
        disk; seen blank; check blank-status ccx volume status $dev; seen again
        disk; mkfs.ext4 -q $dev; seen overwritten --overwrite --confirm $(basename $dev):$(size)
        check overwritten-status ccx volume status $dev";
    let guest = boot(steps);
    let rows: Vec<Row> = ["blank", "again", "overwritten"].map(|name| row(&guest, name)).into();
    print(&rows);
    let seen = rows.iter().map(|row| (row.exit, row.code.as_str(), row.same));
    let taken = (0, "", false);
    assert_eq!(seen.collect::<Vec<_>>(), [taken, (4, "device-not-blank", true), taken]);
    for status in ["blank-status", "overwritten-status"] {
        assert_eq!(guest.check(status).code, 0, "{status}");
    }
}

/// A GUID partition table with one partition for a disk of 48 MiB: protective MBR and first copy, or
/// the second copy.
fn gpt(is_first: bool) -> Vec<u8> {
    const LAST: u64 = 48 * 2048 - 1;
    let mut entries = vec![0; 128 * 128];
    entries[..16]
        .copy_from_slice(b"\xaf\x3d\xc6\x0f\x83\x84\x72\x47\x8e\x79\x3d\x69\xd8\x47\x7d\xe4");
    entries[16..32].fill(7);
    entries[32..40].copy_from_slice(&2048_u64.to_le_bytes());
    entries[40..48].copy_from_slice(&4095_u64.to_le_bytes());
    let (here, there, at) = if is_first { (1, LAST, 2) } else { (LAST, 1, LAST - 32) };
    let mut header = b"EFI PART\0\0\x01\0\x5c\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    for number in [here, there, 34, LAST - 33] {
        header.extend(number.to_le_bytes());
    }
    header.extend([9; 16]);
    header.extend(u64::to_le_bytes(at));
    for number in [128, 128, crc32(&entries)] {
        header.extend(u32::to_le_bytes(number));
    }
    let sum = crc32(&header);
    header[16..20].copy_from_slice(&sum.to_le_bytes());
    header.resize(512, 0);
    if !is_first {
        return [entries, header].concat();
    }
    let mut boot = vec![0; 512];
    boot[446..462].copy_from_slice(b"\0\0\x02\0\xee\xff\xff\xff\x01\0\0\0\xff\xff\x01\0");
    boot[510..].copy_from_slice(b"\x55\xaa");
    [boot, header, entries].concat()
}

/// The checksum of zip(1) and of partition tables.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32, _| if sum & 1 == 1 { sum >> 1 ^ 0xedb8_8320 } else { sum >> 1 };
    !bytes.iter().fold(!0, |sum, byte| (0..8).fold(sum ^ u32::from(*byte), step))
}
