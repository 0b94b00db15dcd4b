//! The life of a volume on real devices, from a blank disk to the erasure.

use std::fs;

use serde_json::json;

use crate::common::guest::Guest;

/// Encrypts a blank disk, opens and closes it in every way, destroys and restores its header, tests the
/// recovery, erases it, restores it, and erases it for good. Compares the files after each step.
fn life(kind: &str) {
    let guest = Guest::new();
    let script = r#"
        dev=/dev/ubda at=/run/mnt/data yes="--confirm ubda:$(blockdev --getsize64 /dev/ubda)"
        v encrypt encrypt $dev --id db-1 --mkfs KIND --mount $at --label data -o json
        fs_files $at 1000
        v status status db-1 -o json;         v status-text status db-1
        v device status $dev -o json;         v list list -o json;    v list-text list
        v check check $at -o json
        v open-again open db-1 -o json;       v open-elsewhere open db-1 --mount /run/mnt/other
        v writable open db-1 --read-only;     v taken encrypt $dev --id db-2
        v again encrypt $dev --id db-1;       v erase-open erase db-1 $yes
        v restore-open restore db-1 $yes;     v mounted close db-1
        (cd $at && v busy close db-1 --unmount)
        v close close db-1 --unmount -o json; v close-again close db-1 --unmount
        v read-only open db-1 --read-only --mount
        if touch $at/new 2>/run/no; then exit 1; fi
        sum_check $at
        v still-read-only open db-1;          v close-ro close db-1 --unmount
        v plain open db-1
        (exec 3<>/dev/mapper/ccx-db-1; v held close db-1)
        v close-plain close db-1

        is_gone $dev
        v gone-status status db-1 -o json;    v gone-open open db-1
        v gone-backup backup db-1;            v gone-rekey rekey db-1
        v gone-drill test-recovery db-1 -o json;      v unconfirmed restore db-1 --no-input
        v wrong restore db-1 --confirm ubdb;  v restore restore db-1 $yes -o json
        v back open db-1 --mount;             sum_check $at
        v close-back close db-1 --unmount

        v drill test-recovery db-1 -o json
        v erase erase db-1 $yes --keep-secret -o json --receipt $JOB/receipt
        v erased-open open db-1;              v erased-status status db-1
        v erased-list list -o json;           v erased-drill test-recovery db-1
        v erased-rekey rekey db-1;            v erased-encrypt encrypt $dev --id db-1
        v unerase restore db-1 $yes;          v unerased open db-1 --mount -o json
        sum_check $at
        v close-unerased close db-1 --unmount
        secret db-1 key >/run/key;            secret db-1 header | gunzip >/run/header
        v receipt-there erase db-1 $yes --receipt $JOB/receipt
        v receipt-nowhere erase db-1 $yes --receipt /nonexistent/receipt
        v still-drill test-recovery db-1
        v gone erase db-1 $yes -o json
        v none-open open db-1;                v none-list list -o json
        check none-key cryptsetup open --test-passphrase --key-file /run/key $dev
        cmp -n 16777216 $dev /dev/zero
        # A new volume with the same ID is another volume.
        v random encrypt $dev --id db-1; v next encrypt $dev --id db-1 --overwrite $yes -o json
        check next-key cryptsetup open --test-passphrase --key-file /run/key $dev
        "#;
    guest.volumes(&script.replace("KIND", kind));

    let made = guest.told("encrypt");
    let uuid = made["uuid"].as_str().expect("a UUID");
    assert_eq!((&made["file_system"]["kind"], &made["label"]), (&json!(kind), &json!("data")));
    assert_eq!(made["mounted"], json!(["/run/mnt/data"]));
    let fstab = made["boot"]["fstab"].as_str().expect("a line");
    assert!(fstab.starts_with(&format!("/dev/mapper/ccx-db-1 /run/mnt/data {kind} ")), "{fstab}");
    let unit = made["boot"]["unit_text"].as_str().expect("a unit");
    let end = "volume open --wait db-1 --store dir:/run/job/store --journal /run/job/journal\n";
    assert!(unit.contains(end) && unit.contains(&end.replace("open --wait", "close")), "{unit}");

    let status = guest.told("status");
    assert_eq!((&status["uuid"], &status["format"]), (&json!(uuid), &json!("luks2")));
    assert_eq!((&status["cipher"], &status["key_bits"]), (&json!("aes-xts-plain64"), &json!(512)));
    assert_eq!(status["keyslots"], json!([{"slot": "0", "key_bits": 512, "pbkdf": "pbkdf2"}]));
    let volume = &status["volume"];
    for field in ["id", "uuid", "device", "size", "mapping", "mounted", "backup", "secret"] {
        assert_eq!(volume[field], made[field], "{field}");
    }
    assert_eq!(volume["backup"]["age_days"], 0);
    let text = guest.check("status-text").stdout;
    for line in ["db-1: mounted\n", "  open         /dev/mapper/ccx-db-1\n", "/dev/ubda: luks2\n"] {
        assert!(text.contains(line), "{line}: {text}");
    }
    let mut device = guest.told("device");
    device["volume"] = volume.clone();
    assert_eq!(device, status);
    assert_eq!(guest.told("list")["volumes"], json!([volume]));
    let table = guest.check("list-text").stdout;
    let row = table.lines().nth(1).expect("a row").split_whitespace().collect::<Vec<_>>();
    assert_eq!(row, ["db-1", "mounted", "(none)", "/dev/ubda", "0d", "/run/mnt/data"]);
    let check = guest.told("check");
    let layers = json!(["luks2 /dev/mapper/ccx-db-1", "/dev/ubda"]);
    assert_eq!((&check["summary"]["passed"], &check["paths"][0]["layers"]), (&json!(1), &layers));

    assert_eq!(guest.told("open-again")["mounted"], json!(["/run/mnt/data"]));
    assert!(guest.check("open-elsewhere").stdout.starts_with("already open: db-1\n"));
    guest.said_no("writable", 4, "volume-open");
    guest.said_no("taken", 4, "device-held");
    guest.said_no("again", 4, "volume-exists");
    guest.said_no("erase-open", 4, "volume-open");
    guest.said_no("restore-open", 4, "volume-open");
    assert!(guest.said_no("mounted", 3, "device-busy").contains("volume close db-1 --unmount"));
    assert!(guest.said_no("busy", 3, "unmount-failed").contains("fuser -vm /run/mnt/data"));
    let closed = guest.told("close");
    assert_eq!((&closed["is_open"], &closed["mounted"]), (&json!(false), &json!([])));
    assert!(guest.check("close-again").stdout.starts_with("already closed: db-1\n"));
    guest.well(&["read-only", "still-read-only", "close-ro", "plain", "close-plain"]);
    assert!(guest.check("still-read-only").stderr.contains("is open read-only"));
    guest.said_no("held", 3, "device-busy");

    let gone = guest.check("gone-status");
    assert_eq!((gone.code, &gone.json()["format"]), (1, &json!("none")));
    assert_eq!(gone.json()["volume"]["uuid"], uuid);
    assert!(gone.stderr.contains("ccx-sec volume restore db-1"), "{}", gone.stderr);
    for name in ["gone-open", "gone-backup", "gone-rekey"] {
        let said = guest.said_no(name, 3, "header-missing");
        assert!(
            said.contains("ccx-sec volume test-recovery db-1")
                && said.contains("volume restore db-1")
        );
    }
    // The key unlocks the copy, but without a header on the device the copy cannot be compared.
    let drill = guest.check("gone-drill");
    let told = drill.json();
    assert_eq!(
        (drill.code, &told["verdict"], told["checks"].as_array().map(Vec::len)),
        (3, &json!("unknown"), Some(5))
    );
    guest.said_no("unconfirmed", 2, "answer-missing");
    guest.said_no("wrong", 4, "not-confirmed");
    assert_eq!(guest.told("restore")["uuid"], uuid);
    guest.well(&["back", "close-back"]);

    let drill = guest.told("drill");
    let checks = drill["checks"].as_array().expect("checks").iter();
    let checks: Vec<_> = checks.map(|check| (&check["check"], &check["verdict"])).collect();
    let passed = ["key", "backup", "unlocks", "restore", "device", "same"]
        .map(|name| (json!(name), json!("pass")));
    assert_eq!(checks, passed.iter().map(|(name, pass)| (name, pass)).collect::<Vec<_>>());

    let mut receipt = guest.told("erase");
    // Every document has this field too.
    receipt.as_object_mut().and_then(|fields| fields.remove("format_version"));
    assert_eq!((&receipt["uuid"], &receipt["secret_deleted"]), (&json!(uuid), &json!(false)));
    assert_eq!(receipt["header_sha256"], made["backup"]["sha256"]);
    let file = std::fs::read_to_string(guest.at("receipt")).expect("a receipt");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&file).expect("JSON"), receipt);
    for name in ["erased-open", "erased-drill", "erased-rekey"] {
        guest.said_no(name, 4, "volume-erased");
    }
    assert_eq!(guest.check("erased-status").code, 1);
    assert!(guest.check("erased-status").stdout.starts_with("db-1: erased\n"));
    assert_eq!(guest.told("erased-list")["volumes"][0]["erased"], receipt["erased"]);
    guest.said_no("erased-encrypt", 4, "volume-exists");
    guest.well(&["unerase", "unerased", "close-unerased"]);
    assert_eq!(guest.told("unerased")["erased"], json!(null));
    guest.said_no("receipt-there", 4, "file-exists");
    guest.said_no("receipt-nowhere", 3, "file-unwritable");
    guest.well(&["still-drill"]);
    assert_eq!(guest.told("gone")["secret_deleted"], true);
    guest.said_no("none-open", 1, "volume-unknown");
    assert_eq!(guest.told("none-list")["volumes"], json!([]));
    assert_ne!(guest.check("none-key").code, 0);
    guest.said_no("random", 4, "device-not-blank");
    assert_ne!(guest.told("next")["uuid"], uuid);
    assert_eq!(guest.check("next-key").code, 2);
}

#[test]
#[ignore = "needs tests/run"]
fn life_with_ext4() {
    life("ext4");
}

#[test]
#[ignore = "needs tests/run"]
fn life_with_xfs() {
    life("xfs");
}

/// The volume is found on the disk although the kernel sees a partition that begins where the disk does:
/// some kernels take a header whose first 512 bytes have the right sum for a partition table.
#[test]
#[ignore = "needs tests/run"]
fn life_on_a_device_that_looks_partitioned() {
    let guest = Guest::new();
    guest.volumes(
        r#"v made encrypt /dev/ubda --id db-1
        sum() { head -c $1 /dev/ubda | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n }'; }
        n=$(((512 - (42 + $(sum 511)) % 256) % 256))
        # In the unused bytes of the checksum field.
        printf "\\x$(printf %x $n)" | dd of=/dev/ubda bs=1 seek=500 conv=notrunc status=none
        blockdev --rereadpt /dev/ubda
        cat /sys/block/ubda/ubda1/start >$JOB/start
        v drill test-recovery db-1
        v rekey rekey db-1
        v open open db-1
        v close close db-1
        v erase erase db-1 --confirm ubda:$(blockdev --getsize64 /dev/ubda)"#,
    );
    assert_eq!(fs::read_to_string(guest.at("start")).expect("a partition"), "0\n");
    guest.well(&["made", "drill", "rekey", "open", "close", "erase"]);
}
