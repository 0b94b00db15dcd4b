//! Encryption in place on all kinds of devices, and the units that open a volume at boot.

use serde_json::json;

use crate::common::guest::Guest;

/// The hints of the refusal make the free space that the encryption needs.
fn in_place(block: &str) {
    let guest = Guest::new();
    let script = r#"
        mkfs.ext4 -q -b BLOCK /dev/ubda; mkdir /run/mnt/data; mount /dev/ubda /run/mnt/data
        fs_files /run/mnt/data 1000
        encrypt() { v $1 encrypt /dev/ubda --id db-1 --in-place "${@:2}"; }
        encrypt mounted --i-have-a-backup
        cp --sparse=always /dev/ubda $JOB/unclean.img
        umount /run/mnt/data
        check unclean ccx volume encrypt $JOB/unclean.img --id db-2 --in-place --i-have-a-backup
        encrypt full --i-have-a-backup
        hint=$(sed -n 's/^  hint: shrink it: //p' $JOB/checks/full.stderr)
        echo "$hint"
        eval "${hint/e2fsck -f/e2fsck -f -y}" >&2
        encrypt nobody --no-input
        encrypt dry --i-have-a-backup --dry-run -o json
        sha256sum </dev/ubda >/run/before
        encrypt encrypt --i-have-a-backup --mount /run/mnt/data -v
        sum_check /run/mnt/data
        v status status db-1 -o json; v drill test-recovery db-1; v check check /run/mnt/data
        writer /run/mnt/data; v rekey rekey db-1; written
        v close close db-1 --unmount; v open open db-1 --mount
        sum_check /run/mnt/data; sum_check /run/mnt/data $JOB/sums-w
        v close-2 close db-1 --unmount
        v plain-open open db-1
        check fsck e2fsck -f -n /dev/mapper/ccx-db-1"#;
    let hint = guest.volumes(&script.replace("BLOCK", block));
    guest.said_no("mounted", 4, "device-mounted");
    guest.said_no("unclean", 4, "in-place-unclean");
    guest.said_no("full", 4, "in-place-no-room");
    assert_eq!(hint, "e2fsck -f /dev/ubda && resize2fs /dev/ubda 491520K\n");
    assert!(guest.said_no("nobody", 2, "answer-missing").contains("--i-have-a-backup"));
    let steps = guest.told("dry")["steps"].as_array().expect("steps").len();
    assert_eq!(steps, 5, "{}", guest.told("dry"));
    guest.well(&["encrypt", "drill", "check", "rekey", "close", "open", "close-2", "fsck"]);
    let status = guest.told("status");
    let sector = if block == "4096" { 4096 } else { 512 };
    assert_eq!((&status["sector_size"], &status["reencrypting"]), (&json!(sector), &json!(false)));
    assert_eq!(status["volume"]["file_system"], json!({"kind": "ext4"}));
}

#[test]
#[ignore = "needs tests/run"]
fn ext4_with_blocks_of_1024() {
    in_place("1024");
}

#[test]
#[ignore = "needs tests/run"]
fn ext4_with_blocks_of_4096() {
    in_place("4096");
}

#[test]
#[ignore = "needs tests/run"]
fn xfs_needs_room_behind_it() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        pvcreate -q /dev/ubda && vgcreate -q raw /dev/ubda && lvcreate -q -y -L 400M -n data raw
        mkfs_at /run/mnt/data /dev/raw/data xfs; fs_files /run/mnt/data 1000; umount /run/mnt/data
        encrypt() { v $1 encrypt /dev/raw/data --id db-1 --in-place --i-have-a-backup "${@:2}"; }
        encrypt full
        lvextend -q -L +32M /dev/raw/data >&2
        encrypt encrypt --mount /run/mnt/data; sum_check /run/mnt/data
        v close close db-1 --unmount; v open open db-1 --mount; sum_check /run/mnt/data
        v check check /run/mnt/data; v close-2 close db-1 --unmount
        # Neither ext4 nor xfs, and a blank device.
        mkfs.btrfs -q /dev/ubdb
        v btrfs encrypt /dev/ubdb --id db-2 --in-place --i-have-a-backup
        v blank encrypt /dev/ubdc --id db-2 --in-place --i-have-a-backup"#,
    );
    let said = guest.said_no("full", 4, "in-place-no-room");
    assert!(said.contains("lvextend -L +32M"), "{said}");
    guest.well(&["encrypt", "close", "open", "check", "close-2"]);
    guest.said_no("btrfs", 4, "in-place-unknown");
    guest.said_no("blank", 4, "in-place-unknown");
}

#[test]
#[ignore = "needs tests/run"]
fn volumes_lie_on_and_under_others() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        v pv encrypt /dev/ubda --id pv --open
        pvcreate -q /dev/mapper/ccx-pv; vgcreate -q inside /dev/mapper/ccx-pv
        lvcreate -q -y -L 100M -n lv inside; mkfs_at /run/mnt/inside /dev/inside/lv ext4
        v lvm-on-luks check /run/mnt/inside; v pv-busy close pv
        pvcreate -q /dev/ubdb; vgcreate -q raw /dev/ubdb; lvcreate -q -y -L 100M -n lv raw
        v lv encrypt /dev/raw/lv --id lv --mkfs ext4 --mount /run/mnt/lv
        v luks-on-lvm check /run/mnt/lv; v lv-status status lv -o json
        loop=$(loop_of /run/mnt/lv/disk 64M)
        v loop encrypt $loop --id loop --mkfs ext4 --mount /run/mnt/loop
        v on-loop check /run/mnt/loop
        v all check --all -o json; v list list -o json
        v close-loop close loop --unmount; losetup -d $loop
        v close-lv close lv --unmount; v reopen open lv --mount; v lv-again check /run/mnt/lv"#,
    );
    guest.well(&["pv", "lvm-on-luks", "lv", "luks-on-lvm", "loop", "on-loop", "close-loop"]);
    guest.well(&["close-lv", "reopen", "lv-again"]);
    guest.said_no("pv-busy", 3, "device-busy");
    assert_eq!(guest.told("all")["summary"]["failed"], 0);
    let layers = guest.check("on-loop").stdout;
    assert!(layers.contains("luks2 /dev/mapper/ccx-loop > "), "{layers}");
    assert_eq!(guest.told("list")["volumes"].as_array().map(Vec::len), Some(3));
}

/// `--persist` writes and removes only its own lines; the guest has /etc in memory.
#[test]
#[ignore = "needs tests/run"]
fn volume_opens_at_every_boot() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        mkdir -p /etc/systemd/system
        printf '# disks\nUUID=1 /other ext4 noauto 0 0\n/dev/mapper/ccx-db-10 /x ext4 noauto 0 0\n' >/etc/fstab
        cp /etc/fstab $JOB/fstab-before
        v printed encrypt /dev/ubda --id db-0 --mkfs ext4 --mount /run/mnt/0; cmp /etc/fstab $JOB/fstab-before
        mkfs_at /run/mnt/disk /dev/ubdh ext4
        v encrypt encrypt /dev/ubdb --id db-1 --mkfs ext4 --mount '/run/mnt/disk/da ta' --persist \
          --service mariadb -o json
        cp /etc/fstab $JOB/fstab; cp /etc/systemd/system/ccx-volume-db-1.service $JOB/unit
        cp /etc/systemd/system/mariadb.service.d/ccx-volume-db-1.conf $JOB/drop-in
        check findmnt findmnt --verify --tab-file /etc/fstab
        # The commands of the unit with an empty environment, and then the line of fstab.
        line() { sed -n "s/^$1=//p" $JOB/unit; }
        check stop env -i $(line ExecStop)
        umount '/run/mnt/disk/da ta'
        # While it is not mounted, not even root writes there.
        check empty touch '/run/mnt/disk/da ta/file'
        check stop-again env -i $(line ExecStop)
        # The store is missing at first.
        mv $JOB/store $JOB/away
        check start env -i $(line ExecStart) &
        while ! grep -q "retrying" $JOB/checks/start.stderr; do sleep 0.2; done
        mv $JOB/away $JOB/store; wait $!
        check mount mount -a
        mountpoint '/run/mnt/disk/da ta'
        # An erasure removes all of it.
        v erased encrypt /dev/ubdd --id db-3 --mkfs ext4 --mount /run/mnt/disk/3 --persist --service a
        umount /run/mnt/disk/3; v close close db-3
        v erase erase db-3 --confirm ubdd:536870912
        test ! -e /etc/systemd/system/ccx-volume-db-3.service
        test ! -e /etc/systemd/system/a.service.d/ccx-volume-db-3.conf
        if grep db-3 /etc/fstab; then exit 1; fi
        rmdir /run/mnt/disk/3
        # A volume with a passphrase is not opened at boot, and no units are printed.
        printf 'correct horse battery\n' >/run/pass; chmod 600 /run/pass
        v passphrase encrypt /dev/ubde --id db-4 --mkfs ext4 --mount /run/mnt/4 --passphrase \
          --passphrase-file /run/pass
        # A refusal of mkfs comes before anything is written.
        small=$(loop_of /run/tmp/small 200M)
        v small encrypt $small --id db-5 --mkfs xfs; cmp -n 209715200 $small /dev/zero
        v small-ext4 encrypt $small --id db-5 --mkfs ext4; v small-close close db-5
        # No hint destroys a volume.
        v luks encrypt $small --id db-6
        # A unit of another program is not replaced, and the operation can be resumed.
        printf '[Service]\n' >/etc/systemd/system/ccx-volume-db-2.service
        v foreign encrypt /dev/ubdc --id db-2 --mkfs ext4 --mount /run/mnt/2 --persist
        v pending status db-2 -o json
        rm /etc/systemd/system/ccx-volume-db-2.service
        v resume resume db-2; grep -c ccx-db-2 /etc/fstab"#,
    );
    guest.well(&["printed", "encrypt", "stop-again", "start", "mount", "resume"]);
    guest.well(&["erased", "close", "erase", "passphrase", "small-ext4", "small-close"]);
    assert_ne!(guest.check("empty").code, 0);
    let passphrase = guest.check("passphrase");
    assert!(!passphrase.stdout.contains("[Unit]"), "{}", passphrase.stdout);
    assert!(passphrase.stderr.contains("volume open db-4 --mount"), "{}", passphrase.stderr);
    guest.said_no("small", 4, "mkfs-refused");
    let luks = guest.said_no("luks", 4, "device-not-blank");
    assert!(!luks.contains("--overwrite") && !luks.contains("--in-place"), "{luks}");
    let drop_in = std::fs::read_to_string(guest.at("drop-in")).expect("a drop-in");
    assert!(drop_in.ends_with("RequiresMountsFor=\"/run/mnt/disk/da ta\"\n"), "{drop_in}");
    assert_eq!(guest.told("encrypt")["boot"]["services"][0]["text"], drop_in.as_str());
    verify_units(&guest, &drop_in);
    let unit = std::fs::read_to_string(guest.at("unit")).expect("a unit");
    let boot = &guest.told("encrypt")["boot"];
    assert_eq!(boot["unit_text"], unit.as_str());
    assert_eq!(boot["unit"], "/etc/systemd/system/ccx-volume-db-1.service");
    let read = |name: &str| std::fs::read_to_string(guest.at(name)).expect("a table");
    let line = boot["fstab"].as_str().expect("a line");
    assert_eq!(read("fstab"), format!("{}{line}\n", read("fstab-before")));
    assert!(line.starts_with(r"/dev/mapper/ccx-db-1 /run/mnt/disk/da\040ta ext4 "), "{line}");
    let verified = guest.check("findmnt");
    assert!(!verified.stdout.contains("parse error"), "{}{}", verified.stdout, verified.stderr);
    assert!(guest.check("stop").code == 3, "it was mounted");
    assert!(guest.check("printed").stdout.contains("ExecStart=/"));
    let said = guest.check("foreign");
    assert!(said.code == 3 && said.stderr.contains("[unit-foreign]"), "{}", said.stderr);
    assert!(said.stderr.contains("volume resume db-2"), "{}", said.stderr);
    assert_eq!(guest.told("pending")["volume"]["pending"]["operation"], "encrypt");
}

/// systemd-analyze accepts the unit and the drop-in without a warning.
fn verify_units(guest: &Guest, drop_in: &str) {
    let at = tempfile::tempdir().expect("a directory");
    let root = at.path().join("etc/systemd/system");
    let folder = root.join("mariadb.service.d");
    std::fs::create_dir_all(&folder).expect("a directory");
    let unit = std::fs::read_to_string(guest.at("unit")).expect("a unit");
    let path = root.join("ccx-volume-db-1.service");
    std::fs::write(&path, unit).expect("written");
    std::fs::write(folder.join("ccx-volume-db-1.conf"), drop_in).expect("written");
    let engine = root.join("mariadb.service");
    std::fs::write(&engine, "[Service]\nExecStart=/bin/true\n").expect("written");
    let run = crate::common::run(
        assert_cmd::Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .args([&path, &engine])
            .env("SYSTEMD_UNIT_PATH", format!("{}:", root.display())),
    );
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
}
