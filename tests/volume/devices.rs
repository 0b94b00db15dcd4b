//! Devices that grew, moved, were cloned or removed: a volume is recognized by its serial number or
//! header, and its state is reported correctly.

use serde_json::{Value, json};

use crate::common::guest::Guest;

/// Without a device mapper, an encryption that is to open the volume is refused before it changes the
/// device or the store; one that leaves it closed is done. A node without a driver stands for a kernel
/// without a device mapper; the mount keeps cryptsetup from making another.
#[test]
#[ignore = "needs tests/run"]
fn encrypt_needs_a_device_mapper_before_it_changes_anything() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        mv /dev/mapper/control /run/control; mknod /dev/mapper/control c 10 250
        v open encrypt /dev/ubda --id db-1 --open
        v mount encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/data
        cmp -n 33554432 /dev/ubda /dev/zero
        v dry encrypt /dev/ubda --id db-1 --open --dry-run
        v list list -o json
        v closed encrypt /dev/ubda --id db-1
        mv /run/control /dev/mapper/control
        mknod /run/none c 10 250; mount --bind /run/none /dev/mapper/control
        v unopened open db-1
        umount /dev/mapper/control
        v opened open db-1"#,
    );
    for name in ["open", "mount", "unopened"] {
        let said = guest.said_no(name, 3, "device-mapper-missing");
        assert!(said.contains("hint: load it: modprobe -a dm_mod dm_crypt"), "{said}");
    }
    let dry = guest.check("dry");
    assert!(dry.code == 0 && dry.stderr.contains("device mapper is missing"), "{}", dry.stderr);
    assert_eq!(guest.told("list")["volumes"], json!([]));
    guest.well(&["closed", "opened"]);
}

/// A header is restored on a device that grew, and on a disk made from a snapshot, which has another
/// name or serial number. `test-recovery` prints the command for that beforehand. A device that holds
/// something else is refused.
#[test]
#[ignore = "needs tests/run"]
fn header_comes_back_on_a_device_that_changed() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        pvcreate -q /dev/ubda; vgcreate -q vg /dev/ubda; lvcreate -q -y -L 100M -n lv vg
        v encrypt encrypt /dev/vg/lv --id grown --mkfs ext4 --mount /run/mnt/grown
        fs_files /run/mnt/grown 100; v close close grown --unmount
        yes() { echo "--confirm lv:$(blockdev --getsize64 /dev/vg/lv)"; }
        confirm() { sed -n 's/.*--confirm \([^ ]*\).*/\1/p' $JOB/checks/$1.stdout; }
        lvextend -q -L 200M /dev/vg/lv
        v backup backup grown; v rekey rekey grown; v drill test-recovery grown
        lvextend -q -L 300M /dev/vg/lv; v drill-2 test-recovery grown
        is_gone /dev/vg/lv
        v gone-drill test-recovery grown; v gone-status status grown -o json
        v restore restore grown --confirm $(confirm drill-2)
        v open open grown --mount -o json; sum_check /run/mnt/grown; v close-2 close grown --unmount
        v list list -o json
        lvextend -q -L 400M /dev/vg/lv; is_gone /dev/vg/lv
        v named restore grown --device /dev/vg/lv --confirm $(confirm gone-drill | sed 's/:.*//'):419430400
        lvextend -q -L 420M /dev/vg/lv
        v erase erase grown --keep-secret --confirm $(confirm gone-drill | sed 's/:.*//'):440401920
        lvextend -q -L 440M /dev/vg/lv
        v unerase restore grown --confirm $(confirm gone-drill | sed 's/:.*//'):461373440
        v reopen open grown --mount; sum_check /run/mnt/grown; v close-3 close grown --unmount

        # A disk from a snapshot, without a serial number.
        v encrypt-2 encrypt /dev/ubdb --id db-2 --mkfs ext4 --mount /run/mnt/2
        fs_files /run/mnt/2 100 $JOB/sums-2; v close-4 close db-2 --unmount
        copy /dev/ubdb /dev/ubdc; v device-drill test-recovery db-2 --device /dev/ubdc
        is_gone /dev/ubdb; is_gone /dev/ubdc
        on() { v $1 restore db-2 --device $2 --confirm ${2##*/}:$(blockdev --getsize64 $2) "${@:3}"; }
        v unnamed restore db-2 --confirm ubdc:536870912
        small=$(loop_of /run/tmp/small 64M); on small $small
        mkfs.ext4 -q /dev/ubdd; on file-system /dev/ubdd
        v file-system-drill test-recovery db-2 --device /dev/ubdd
        mkdir -p /run/mnt/d; mount /dev/ubdd /run/mnt/d; on mounted /dev/ubdd; umount /run/mnt/d
        luks other /dev/ubde; on held /dev/ubde; cryptsetup close other; on other /dev/ubde
        # A damaged header that still has its UUID.
        dd if=/dev/zero of=/dev/ubde bs=4096 seek=1 count=8 status=none
        dd if=/dev/zero of=/dev/ubde bs=4096 seek=5 count=2043 status=none; on damaged /dev/ubde
        v wrong restore db-2 --device /dev/ubdc --confirm ubdb:536870912
        # Interrupted and undone, the record is unchanged; interrupted again, it is resumed on that device.
        check killed kill_at fsync 9 ccx volume restore db-2 --device /dev/ubdc --confirm ubdc:536870912
        v pending list -o json
        v undone rollback db-2; v undone-list list -o json
        check killed-2 kill_at fsync 7 ccx volume restore db-2 --device /dev/ubdc --confirm ubdc:536870912
        v resume resume db-2; v moved list -o json
        v open-2 open db-2 --mount; sum_check /run/mnt/2 $JOB/sums-2; v close-5 close db-2 --unmount
        is_gone /dev/ubdc; v again restore db-2 --confirm ubdc:536870912
        v erase-2 erase db-2 --confirm ubdc:536870912 -o json"#,
    );
    guest.well(&["encrypt", "close", "backup", "rekey", "drill", "drill-2", "restore", "close-2"]);
    guest.well(&["named", "erase", "unerase", "reopen", "close-3"]);
    guest.well(&["encrypt-2", "close-4", "undone", "resume", "open-2", "close-5", "again"]);
    let drilled = |name: &str| guest.check(name).stdout;
    assert!(drilled("drill-2").contains("volume restore grown "), "{}", drilled("drill-2"));
    let gone = guest.check("gone-drill");
    assert!(gone.code == 3 && gone.stdout.contains("pass     restore "), "{}", gone.stdout);
    assert_eq!(guest.told("open")["size"], 300 << 20);
    let volume = |name: &str, id: &str| {
        let told = guest.told(name);
        let all = told["volumes"].as_array().expect("volumes").iter();
        all.clone().find(|one| one["id"] == id).cloned().expect("a volume")
    };
    assert_eq!(volume("list", "grown")["size"], 300 << 20);

    let shown = drilled("device-drill");
    assert!(shown.contains("restore db-2 --device /dev/ubdc --confirm ubdc:536870912"), "{shown}");
    guest.said_no("unnamed", 4, "not-confirmed");
    let small = guest.said_no("small", 4, "device-too-small");
    assert!(small.contains("536870912"), "{small}");
    guest.said_no("file-system", 4, "device-reused");
    let drill = guest.check("file-system-drill");
    assert!(drill.code == 1 && drill.stdout.contains("fail     restore "), "{}", drill.stdout);
    guest.said_no("mounted", 4, "device-mounted");
    for name in ["held", "other", "damaged"] {
        guest.said_no(name, 4, "volume-other");
    }
    guest.said_no("wrong", 4, "not-confirmed");
    for name in ["killed", "killed-2"] {
        assert_eq!(guest.check(name).code, 137, "{}", guest.check(name).stderr);
    }
    assert_eq!(volume("pending", "db-2")["state"], "pending");
    assert_eq!(volume("undone-list", "db-2")["device"], "/dev/ubdb");
    assert_eq!(volume("moved", "db-2")["device"], "/dev/ubdc");
    assert_eq!(guest.told("erase-2")["device"]["path"], "/dev/ubdc");
}

/// An open copy of a volume, a removed disk and an unreadable sysfs entry are each reported in the row
/// of their volume, and all other rows are printed.
#[test]
#[ignore = "needs tests/run"]
fn clones_lost_disks_and_unreadable_entries_are_rows() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        modprobe sd_mod && modprobe scsi_debug dev_size_mb=64
        until [ -b /dev/sda ]; do sleep 0.1; done
        v encrypt encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/1
        v encrypt-2 encrypt /dev/ubdc --id db-2 --open
        v encrypt-3 encrypt /dev/sda --id db-3 --mkfs ext4 --mount /run/mnt/3
        fs_files /run/mnt/3 10
        v close close db-1 --unmount; copy /dev/ubda /dev/ubdb; v open open db-1 --mount --device /dev/ubda
        secret db-1 key | cryptsetup open --key-file - /dev/ubdb clone
        v cloned list -o json; v cloned-text list; v cloned-status status db-1
        v rekey rekey db-1
        v close-1 close db-1 --unmount -o json; v closed list -o json
        test -e /dev/mapper/clone
        v reopen open db-1 --mount --device /dev/ubda; v reopened list -o json
        v close-2 close db-1 --unmount; cryptsetup close clone
        # The disk is removed, and comes back under another device number.
        sync; echo 1 >/sys/block/sda/device/delete
        v gone list -o json; ls -l /sys/block/dm-*/slaves/ >$JOB/slaves
        echo '- - -' >/sys/class/scsi_host/host0/scan; until [ -b /dev/sdb ]; do sleep 0.1; done
        v lost list -o json; v lost-status status db-3; v lost-open open db-3
        v lost-rekey rekey db-3 --volume-key
        v lost-close close db-3 --unmount; v back open db-3 --mount -o json; sum_check /run/mnt/3
        # The sysfs entry of a mapping is unreadable.
        v close-4 close db-3 --unmount
        entry=$(grep -lx ccx-db-2 /sys/block/dm-*/dm/name | cut -d/ -f4)
        mount --bind /proc/1/mem /sys/block/$entry/dm/uuid
        v unreadable list -o json; v unreadable-status status db-2
        v unreadable-open open db-2; v unreadable-close close db-2; v readable-close close db-1
        umount /sys/block/$entry/dm/uuid
        v last list -o json"#,
    );
    guest.well(&["encrypt", "encrypt-2", "encrypt-3", "close", "open", "rekey", "close-1"]);
    guest.well(&["reopen", "close-2", "lost-close", "close-4", "readable-close"]);
    let states = |name: &str, exit: i32| {
        let run = guest.check(name);
        assert_eq!(run.code, exit, "{name}: {}{}", run.stdout, run.stderr);
        let volumes = run.json()["volumes"].as_array().expect("volumes").clone();
        volumes.iter().map(|one| one["state"].clone()).collect::<Vec<Value>>()
    };
    let copies = |name: &str| guest.told(name)["volumes"][0]["copies"].clone();
    assert_eq!(states("cloned", 0), ["mounted", "open", "mounted"]);
    assert_eq!(copies("cloned"), json!(["/dev/mapper/clone"]));
    assert_eq!(guest.check("cloned-text").stdout.lines().count(), 4);
    assert!(guest.check("cloned-text").stderr.contains("/dev/mapper/clone"));
    assert_eq!(guest.check("cloned-status").code, 0);
    assert_eq!(guest.told("close-1")["is_open"], false);
    assert_eq!(states("closed", 0), ["closed", "open", "mounted"]);
    assert_eq!(copies("closed"), json!(["/dev/mapper/clone"]));
    assert_eq!(states("reopened", 0), ["mounted", "open", "mounted"]);

    assert_eq!(states("gone", 0), ["closed", "open", "lost"]);
    assert_eq!(states("lost", 0), ["closed", "open", "lost"]);
    let status = guest.check("lost-status");
    assert!(status.code == 1 && status.stdout.starts_with("db-3: lost\n"), "{}", status.stdout);
    let lost = guest.said_no("lost-open", 3, "volume-lost");
    assert!(lost.contains("volume close db-3 --unmount"), "{lost}");
    guest.said_no("lost-rekey", 3, "volume-lost");
    assert_eq!(guest.told("back")["device"], "/dev/sdb");

    assert_eq!(states("unreadable", 3), ["closed", "unknown", "closed"]);
    assert!(guest.check("unreadable").stderr.contains("[mapping-unreadable]"));
    for name in ["unreadable-status", "unreadable-open", "unreadable-close"] {
        assert_eq!(guest.check(name).code, 3, "{name}");
    }
    assert_eq!(states("last", 0), ["closed", "open", "closed"]);
}
