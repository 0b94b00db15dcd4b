//! Keys, on real devices: a new key and a new volume key while the volume is written to; a device that
//! moved; passphrases; and recovery with cryptsetup only.

use serde_json::{Value, json};

use crate::common::guest::Guest;

#[test]
#[ignore = "needs tests/run"]
fn keys_change_under_writes() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        v encrypt encrypt /dev/ubda --id db-1 --mkfs xfs --mount /run/mnt/data
        fs_files /run/mnt/data 1000
        secret db-1 key >/run/key-1; secret db-1 header | gunzip >/run/header-1
        writer /run/mnt/data
        v rekey rekey db-1 -o json
        secret db-1 key >/run/key-2; secret db-1 header | gunzip >/run/header-2
        check old-key cryptsetup open --test-passphrase --key-file /run/key-1 /dev/ubda
        check new-key cryptsetup open --test-passphrase --key-file /run/key-2 /dev/ubda
        # The old key with the old header still unlocks it: only a new volume key prevents that.
        check old-both cryptsetup open --test-passphrase --key-file /run/key-1 /run/header-1
        v device-2 status /dev/ubda -o json
        v volume-key rekey db-1 --volume-key -v
        secret db-1 key | cmp - /run/key-2
        written
        v drill test-recovery db-1
        v close close db-1 --unmount; v open open db-1 --mount
        sum_check /run/mnt/data; sum_check /run/mnt/data $JOB/sums-w
        wc -l <$JOB/sums-w
        v close-2 close db-1 --unmount
        # On a closed volume too.
        v offline rekey db-1 --volume-key; v reopen open db-1 --mount
        sum_check /run/mnt/data; sum_check /run/mnt/data $JOB/sums-w
        v close-3 close db-1 --unmount
        # The old header decrypts the data to garbage.
        v old-header status /run/header-1 -o json; v new-header status /dev/ubda -o json
        check old-restored cryptsetup open --header /run/header-2 --key-file /run/key-2 /dev/ubda old
        check old-blkid blkid -p /dev/mapper/old"#,
    );
    guest.well(&[
        "encrypt",
        "rekey",
        "new-key",
        "old-both",
        "volume-key",
        "drill",
        "close",
        "open",
    ]);
    guest.well(&["close-2", "offline", "reopen", "close-3", "old-restored"]);
    assert_eq!(guest.check("old-key").code, 2);
    assert_eq!(guest.told("device-2")["keyslots"].as_array().map(Vec::len), Some(1));
    let steps = guest.check("volume-key").stderr;
    assert!(steps.contains("3/5: reencrypt all data with it\n"), "{steps}");
    assert_eq!(guest.told("old-header")["uuid"], guest.told("new-header")["uuid"]);
    assert_ne!(guest.check("old-blkid").code, 0, "{}", guest.check("old-blkid").stdout);
}

#[test]
#[ignore = "needs tests/run"]
fn volume_is_where_its_header_is() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        open() { v $1 open db-1 -o json "${@:2}"; }
        v encrypt encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/data
        fs_files /run/mnt/data 200; v close close db-1 --unmount
        copy /dev/ubda /dev/ubdb; is_gone /dev/ubda
        open moved --mount; sum_check /run/mnt/data; v status status db-1 -o json
        v rekey rekey db-1 -o json; v close-moved close db-1 --unmount
        copy /dev/ubdb /dev/ubda
        # Two devices carry the header, and differ only in their names.
        open two; v two-status status db-1; v two-drill test-recovery db-1 -o json; v two-rekey rekey db-1
        v two-erase erase db-1 --confirm ubda:$(blockdev --getsize64 /dev/ubda)
        open wrong --device /dev/ubdc; open said --device /dev/ubdb --mount
        sum_check /run/mnt/data
        open other --device /dev/ubda; open same
        v close-said close db-1 --unmount
        copy /dev/ubda /dev/ubdc; cryptsetup luksUUID -q --uuid $(cat /proc/sys/kernel/random/uuid) /dev/ubdc
        open another --device /dev/ubdc
        # Open under a foreign name; then its own name is taken.
        is_gone /dev/ubda
        secret db-1 key | cryptsetup open --key-file - /dev/ubdb strange
        open strange; v strange-status status db-1 -o json; v close-strange close db-1
        luks ccx-db-1 /dev/ubdd; open taken; cryptsetup close ccx-db-1
        # A mount point that holds files is refused.
        touch /run/mnt/data/file; open covered --mount; rm /run/mnt/data/file
        open again --mount; sum_check /run/mnt/data
        v elsewhere open db-1 --mount relative"#,
    );
    guest.well(&["encrypt", "close", "rekey", "close-moved", "close-said"]);
    assert_eq!(guest.told("moved")["device"], "/dev/ubdb");
    assert_eq!(guest.told("status")["device"], "/dev/ubdb");
    for name in ["two", "two-status", "two-rekey", "two-erase"] {
        let said = guest.said_no(name.trim(), 4, "device-ambiguous");
        assert!(said.contains("/dev/ubda and /dev/ubdb"), "{said}");
    }
    assert_eq!(guest.check("two-drill").code, 3);
    guest.said_no("wrong", 4, "volume-other");
    assert_eq!(guest.told("said")["device"], "/dev/ubdb");
    guest.said_no("other", 4, "volume-open-elsewhere");
    assert_eq!(guest.told("same")["device"], "/dev/ubdb");
    guest.said_no("another", 4, "volume-other");
    assert_eq!(guest.told("strange")["mapping"], "/dev/mapper/strange");
    assert_eq!(guest.told("strange-status")["volume"]["is_open"], true);
    guest.well(&["close-strange", "again"]);
    guest.said_no("taken", 4, "mapping-taken");
    guest.said_no("covered", 4, "mount-point-taken");
    guest.said_no("elsewhere", 2, "mount-point");
}

/// The Secret and cryptsetup are enough to recover a volume.
#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_alone_gets_in() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        v encrypt encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/data
        fs_files /run/mnt/data 200; v close close db-1 --unmount
        mine() { secret db-1 key | cryptsetup open --key-file - /dev/ubda mine; }
        mine; mount /dev/mapper/mine /run/mnt/data; sum_check /run/mnt/data
        umount /run/mnt/data; cryptsetup close mine
        v out backup db-1 --out $JOB/header
        secret db-1 header | gunzip >/run/header; cmp /run/header $JOB/header
        cryptsetup luksHeaderBackup /dev/ubda --header-backup-file /run/theirs
        # The two copies of the header and the key slots are equal; the space between is unused.
        cmp -n 32768 /run/header /run/theirs
        check dump cryptsetup luksDump --dump-json-metadata /dev/ubda
        offset() { sed -n 's/.*"offset":"\([0-9]*\)".*/\1/p' $JOB/checks/dump.stdout | head -1; }
        cmp -i $(offset) -n 258048 /run/header /run/theirs
        stat -c %s /run/header /run/theirs | sort -u
        is_gone /dev/ubda
        cryptsetup luksHeaderRestore -q /dev/ubda --header-backup-file /run/header
        mine; mount /dev/mapper/mine /run/mnt/data; sum_check /run/mnt/data
        umount /run/mnt/data; cryptsetup close mine
        # ccx-sec accepts the header that cryptsetup restored.
        is_gone /dev/ubda; cryptsetup luksHeaderRestore -q /dev/ubda --header-backup-file /run/theirs
        v drill test-recovery db-1; v open open db-1 --mount; sum_check /run/mnt/data"#,
    );
    guest.well(&["encrypt", "close", "out", "drill", "open"]);
}

#[test]
#[ignore = "needs tests/run"]
fn with_a_passphrase() {
    let guest = Guest::new();
    guest.volumes(
        r#"
        printf 'correct horse\nnot this line\n' >/run/pass; printf 'wrong' >/run/wrong
        printf '' >/run/empty; p='--passphrase-file /run/pass'
        yes="--confirm ubda:$(blockdev --getsize64 /dev/ubda)"
        v empty encrypt /dev/ubda --id db-1 --passphrase --passphrase-file /run/empty
        v nobody encrypt /dev/ubda --id db-1 --passphrase --no-input
        v encrypt encrypt /dev/ubda --id db-1 --passphrase --mkfs ext4 --mount /run/mnt/data $p -o json
        fs_files /run/mnt/data 200; v close close db-1 --unmount
        v status status db-1 -o json
        v no-open open db-1 --no-input; v bad-open open db-1 --passphrase-file /run/wrong
        v bad-backup backup db-1 --passphrase-file /run/wrong
        v bad-drill test-recovery db-1 --passphrase-file /run/wrong -o json
        v open open db-1 --mount $p;    sum_check /run/mnt/data
        v backup backup db-1 $p;        v drill test-recovery db-1 $p
        v rekey rekey db-1 $p;          v volume-key rekey db-1 --volume-key $p
        sum_check /run/mnt/data;        v close-2 close db-1 --unmount
        v stdin open db-1 --passphrase-file - <<<'correct horse'; v close-3 close db-1
        is_gone /dev/ubda
        v bad-restore restore db-1 $yes --passphrase-file /run/wrong
        v restore restore db-1 $yes $p; v reopen open db-1 --mount $p; sum_check /run/mnt/data
        v close-4 close db-1 --unmount
        # A volume whose passphrase is forgotten can be erased.
        v erase erase db-1 $yes --no-input -o json; v list list -o json"#,
    );
    guest.said_no("empty", 2, "passphrase-file");
    guest.said_no("nobody", 2, "answer-missing");
    let names = ["close", "open", "backup", "drill", "volume-key", "close-2", "stdin", "close-3"];
    guest.well(&names);
    guest.well(&["restore", "reopen", "close-4"]);
    assert_eq!(guest.told("encrypt")["key_source"], "passphrase");
    assert_eq!(guest.told("status")["keyslots"][0]["pbkdf"], "argon2id");
    guest.said_no("no-open", 2, "answer-missing");
    for name in ["bad-open", "bad-backup", "bad-restore"] {
        guest.said_no(name, 3, "key-wrong");
    }
    let drill = guest.check("bad-drill");
    assert_eq!((drill.code, drill.json()["verdict"].clone()), (1, json!("fail")));
    assert!(guest.said_no("rekey", 2, "volume-passphrase").contains("luksChangeKey"));
    let receipt: Value = guest.told("erase");
    assert_eq!(
        (&receipt["secret_deleted"], &guest.told("list")["volumes"]),
        (&json!(true), &json!([]))
    );
}
