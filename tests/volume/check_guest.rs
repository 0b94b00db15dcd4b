//! `volume check` in the guest, on all kinds of real devices.

use serde_json::Value;

use crate::common::Run;
use crate::common::guest::Guest;

/// Functions for the scripts: `lv NAME` makes /dev/raw/NAME on the plain group on /dev/ubde;
/// `on NAME DEVICE` mounts a new ext4 at /run/mnt/NAME; `look NAME PATH...` is the command.
const WORDS: &str = "
    raw() { pvcreate -q /dev/ubde && vgcreate -q raw /dev/ubde; }
    lv() { lvcreate -q -y -L ${2:-36M} -n $1 raw; }
    on() { mkfs_at /run/mnt/$1 $2 ext4; }
    look() { check $1 ccx volume check -o json \"${@:2}\"; }
    ";

/// Returns the exit status of `look NAME` and, for each path, the reason (or `pass`) and the layers.
fn looked(guest: &Guest, name: &str) -> (i32, Vec<(String, String)>) {
    let run = guest.check(name);
    assert_eq!(run.stderr, "", "{name}");
    (run.code, paths(&run))
}

fn paths(run: &Run) -> Vec<(String, String)> {
    let document = run.json();
    let paths = document["paths"].as_array().expect("paths");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let told = |path: &Value| {
        let layers: Vec<String> = path["layers"].as_array().expect("it").iter().map(text).collect();
        let verdict = text(&path["verdict"]);
        let reason = if verdict == "pass" { verdict } else { text(&path["reason"]) };
        (reason, layers.join(" > "))
    };
    paths.iter().map(told).collect()
}

/// Returns the same for the only path.
fn only(guest: &Guest, name: &str, exit: i32, reason: &str, layers: &str) {
    let expected = (exit, vec![(reason.to_owned(), layers.to_owned())]);
    assert_eq!(looked(guest, name), expected, "{name}");
}

#[test]
#[ignore = "needs tests/run"]
fn storage_layers_are_followed() {
    let guest = Guest::new();
    let script = "
        on plain /dev/ubda;                         look plain /run/mnt/plain
        luks good /dev/ubdb; on good /dev/mapper/good
        look good /run/mnt/good;                    look device /dev/mapper/good
        luks old /dev/ubdc --type luks1; on old /dev/mapper/old
        look luks1 /run/mnt/old
        luks pv /dev/ubdd; pvcreate -q /dev/mapper/pv; vgcreate -q inside /dev/mapper/pv
        lvcreate -q -y -L 40M -n lv inside; on inside /dev/inside/lv
        look lvm-on-luks /run/mnt/inside
        raw; lv enc; luks enc /dev/raw/enc; on enc /dev/mapper/enc
        look luks-on-lvm /run/mnt/enc
        luks leg1 /dev/ubdf; luks leg2 /dev/ubdg
        raid() { mdadm -q --create $1 --run --level=1 --raid-devices=2 $2 $3; }
        raid /dev/md0 /dev/mapper/leg1 /dev/mapper/leg2; on raid /dev/md0
        look raid /run/mnt/raid
        raid /dev/md1 $(loop_of /run/mnt/good/1 20M) $(loop_of /run/mnt/plain/1 20M)
        on half /dev/md1;                           look raid-half /run/mnt/half
        on loop-good $(loop_of /run/mnt/good/2 20M); look loop-good /run/mnt/loop-good
        on loop-plain $(loop_of /run/mnt/plain/2 20M); look loop-plain /run/mnt/loop-plain
        on gone $(loop_of /run/mnt/good/3 20M); rm /run/mnt/good/3; look gone /run/mnt/gone
        addpart /dev/ubdh 1 2048 102400; addpart /dev/ubdh 2 204800 102400
        on part /dev/ubdh1;                         look part /run/mnt/part
        luks part /dev/ubdh2; on part-enc /dev/mapper/part; look part-enc /run/mnt/part-enc
        mkdir /run/mnt/good/sub '/run/mnt/bi nd'; mount --bind /run/mnt/good/sub '/run/mnt/bi nd'
        look bind '/run/mnt/bi nd'
        ln -s /run/mnt/plain/lost+found /run/mnt/good/link; look link /run/mnt/good/link
        lv shut; luks shut /dev/raw/shut; cryptsetup close shut; look shut /dev/raw/shut
        lv shut1; luks shut1 /dev/raw/shut1 --type luks1; cryptsetup close shut1
        look shut1 /dev/raw/shut1; lv none; look none /dev/raw/none
        lv over; luks over /dev/raw/over; cryptsetup close over
        dd if=/dev/zero of=/dev/raw/over bs=4096 count=1 status=none; look over /dev/raw/over
        look memory /run/mnt;                       look nodevice /run/job
        look no-and-unknown /run/mnt/plain /run/mnt/gone
        look file /run/mnt/good/1";
    guest.done(&[WORDS, script].concat());

    let good = "luks2 /dev/mapper/good > /dev/ubdb";
    only(&guest, "plain", 1, "not_encrypted", "disk /dev/ubda");
    for name in ["good", "device", "bind", "file"] {
        only(&guest, name, 0, "pass", good);
    }
    only(&guest, "luks1", 1, "luks1", "luks1 /dev/mapper/old");
    let inside = "lvm /dev/mapper/inside-lv > luks2 /dev/mapper/pv > /dev/ubdd";
    only(&guest, "lvm-on-luks", 0, "pass", inside);
    let (exit, found) = looked(&guest, "luks-on-lvm");
    assert!(exit == 0 && found[0].1.starts_with("luks2 /dev/mapper/enc > /dev/"), "{found:?}");
    only(&guest, "raid", 0, "pass", "raid1 /dev/md0 > luks2 /dev/mapper/leg1 > /dev/ubdf");
    let half = "raid1 /dev/md1 > loop /dev/loop1 (/run/mnt/plain/1) > disk /dev/ubda";
    only(&guest, "raid-half", 1, "not_encrypted", half);
    let inside = format!("loop /dev/loop2 (/run/mnt/good/2) > {good}");
    only(&guest, "loop-good", 0, "pass", &inside);
    let inside = "loop /dev/loop3 (/run/mnt/plain/2) > disk /dev/ubda";
    only(&guest, "loop-plain", 1, "not_encrypted", inside);
    only(&guest, "gone", 3, "missing", "loop /dev/loop4 (/run/mnt/good/3 (deleted))");
    // Devices with closed volumes.
    only(&guest, "shut", 0, "pass", "header /dev/raw/shut");
    only(&guest, "shut1", 1, "luks1", "header /dev/raw/shut1");
    for name in ["none", "over"] {
        assert_eq!(looked(&guest, name).1[0].0, "not_encrypted", "{name}");
    }
    only(&guest, "part", 1, "not_encrypted", "partition /dev/ubdh1");
    only(&guest, "part-enc", 0, "pass", "luks2 /dev/mapper/part > /dev/ubdh2");
    only(&guest, "link", 1, "not_encrypted", "disk /dev/ubda");
    only(&guest, "nodevice", 3, "no_device", "hostfs");
    let (exit, found) = looked(&guest, "no-and-unknown");
    assert_eq!((exit, found.len()), (3, 2));
    // File systems mounted below a path count too.
    let (exit, found) = looked(&guest, "memory");
    assert_eq!((exit, found[0].0.as_str()), (3, "no_volume"), "{found:?}");
    assert!(found.len() > 8, "{found:?}");
}

#[test]
#[ignore = "needs tests/run"]
fn header_that_does_not_say_what_it_must_is_no_pass() {
    let guest = Guest::new();
    let script = "
        raw
        vol() { lv $1; luks $1 /dev/raw/$1 \"${@:2}\"; on $1 /dev/mapper/$1; }
        quick='--pbkdf pbkdf2 --pbkdf-force-iterations 1000'
        vol wiped; dd if=/dev/zero of=/dev/raw/wiped bs=1M count=16 oflag=direct status=none
        vol first; dd if=/dev/zero of=/dev/raw/first bs=4096 count=1 oflag=direct status=none
        vol other; lv spare; luks spare /dev/raw/spare; cryptsetup close spare
        dd if=/dev/raw/spare of=/dev/raw/other bs=1M count=16 oflag=direct status=none
        vol begun
        cryptsetup reencrypt -q --init-only --key-file /run/key $quick /dev/raw/begun
        vol weak --key-size 256
        vol cbc --cipher aes-cbc-essiv:sha256 --key-size 256
        vol erased; cryptsetup erase -q /dev/raw/erased
        vol sealed --integrity hmac-sha256
        lv bare; head -c 64 /dev/urandom >/run/key64
        cryptsetup open --type plain -d /run/key64 -c aes-xts-plain64 -s 512 /dev/raw/bare bare
        on bare /dev/mapper/bare
        lv dead; luks dead /dev/raw/dead; on dead /dev/mapper/dead
        dmsetup suspend raw-dead; echo 0 73728 error | dmsetup load raw-dead; dmsetup resume raw-dead
        for name in wiped first other begun weak cbc erased sealed bare dead; do
          look $name /run/mnt/$name
        done";
    guest.done(&[WORDS, script].concat());
    for (name, exit, reason) in [
        ("wiped", 1, "no_header"),
        ("first", 0, "pass"), // the second copy is whole
        ("other", 1, "header_other"),
        ("begun", 1, "reencryption_pending"),
        ("weak", 1, "key_size"),
        ("cbc", 1, "cipher"),
        ("erased", 1, "no_keyslot"),
        ("sealed", 0, "pass"),
        ("bare", 1, "not_luks2"),
        ("dead", 3, "unreadable"),
    ] {
        let (code, found) = looked(&guest, name);
        assert_eq!((code, found[0].0.as_str(), found.len()), (exit, reason, 1), "{name} {found:?}");
    }
}

/// The check never passes during a reencryption, and passes afterwards.
#[test]
#[ignore = "needs tests/run"]
fn reencryption_in_progress_never_passes() {
    let guest = Guest::new();
    let script = "
        luks re /dev/ubda; on re /dev/mapper/re
        cryptsetup reencrypt -q --key-file /run/key --pbkdf pbkdf2 --pbkdf-force-iterations 1000 \
          --hotzone-size 1M /dev/ubda >/run/out 2>&1 &
        until dmsetup info re-overlay >/run/up 2>&1; do kill -0 $!; done
        for n in 1 2 3; do look during-$n /run/mnt/re; done
        dmsetup info re-overlay >/run/up
        wait $!
        look after /run/mnt/re";
    guest.done(&[WORDS, script].concat());
    for n in 1..=3 {
        let (exit, found) = looked(&guest, &format!("during-{n}"));
        assert_eq!((exit, found[0].0.as_str()), (1, "reencryption_pending"), "{found:?}");
    }
    only(&guest, "after", 0, "pass", "luks2 /dev/mapper/re > /dev/ubda");
}

#[test]
#[ignore = "needs tests/run"]
fn btrfs_is_as_good_as_the_worst_of_its_devices() {
    let guest = Guest::new();
    let script = "
        luks one /dev/ubda; luks two /dev/ubdb
        mkfs.btrfs -q -d raid1 -m raid1 /dev/mapper/one /dev/mapper/two
        btrfs device scan
        mkdir /run/mnt/whole /run/mnt/part
        mount /dev/mapper/one /run/mnt/whole
        btrfs subvolume create /run/mnt/whole/sub
        mount -o subvol=sub /dev/mapper/two /run/mnt/part
        look good /run/mnt/whole;  look sub /run/mnt/whole/sub;  look part /run/mnt/part
        btrfs device add -f /dev/ubdc /run/mnt/whole
        look bad /run/mnt/whole;   look bad-sub /run/mnt/whole/sub;  look bad-part /run/mnt/part";
    guest.done(&[WORDS, script].concat());
    for name in ["good", "sub", "part"] {
        only(&guest, name, 0, "pass", "btrfs > luks2 /dev/mapper/one > /dev/ubda");
    }
    for name in ["bad", "bad-sub", "bad-part"] {
        only(&guest, name, 1, "not_encrypted", "btrfs > disk /dev/ubdc");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn check_covers_submounts_and_swap() {
    let guest = Guest::new();
    let script = "
        luks good /dev/ubda; on good /dev/mapper/good
        look all-good --all
        mkdir /run/mnt/good/wal /run/mnt/good/tmp
        mount -t tmpfs tmp /run/mnt/good/tmp
        look memory-below /run/mnt/good
        mkfs.xfs -q /dev/ubdb; mount /dev/ubdb /run/mnt/good/wal
        mount --bind /run/mnt/good /run/mnt/good/tmp
        look below /run/mnt/good;   look file-below /run/mnt/good/wal
        umount /run/mnt/good/wal
        mkswap /dev/ubdc; swapon /dev/ubdc
        look swap --all
        check quiet ccx volume check --all --quiet";
    guest.done(&[WORDS, script].concat());
    only(&guest, "all-good", 0, "pass", "luks2 /dev/mapper/good > /dev/ubda");
    only(&guest, "memory-below", 0, "pass", "luks2 /dev/mapper/good > /dev/ubda");
    let (exit, found) = looked(&guest, "below");
    let reasons: Vec<&str> = found.iter().map(|(reason, _)| reason.as_str()).collect();
    assert_eq!((exit, reasons), (1, vec!["pass", "not_encrypted", "pass"]), "{found:?}");
    only(&guest, "file-below", 1, "not_encrypted", "disk /dev/ubdb");
    let (exit, found) = looked(&guest, "swap");
    assert_eq!((exit, found.len()), (1, 2), "{found:?}");
    assert_eq!(found[1], ("not_encrypted".to_owned(), "disk /dev/ubdc".to_owned()));
    let quiet = guest.check("quiet");
    assert!(quiet.code == 1 && quiet.stdout.starts_with("fail     /dev/ubdc"), "{}", quiet.stdout);
}

/// Data directories of engines in another mount namespace are found. A renamed program stands for the
/// engine.
#[test]
#[ignore = "needs tests/run"]
fn data_of_engines_are_where_the_engine_sees_them() {
    let guest = Guest::new();
    let script = "
        on plain /dev/ubda; luks good /dev/ubdb; on good /dev/mapper/good
        mkdir /run/mnt/good/data
        cp /bin/sleep /run/mysqld
        start() { /run/mysqld 1000 &>/dev/null & pid=$!; until [ /proc/$pid/exe -ef /run/mysqld ]; do :; done; }
        stop() { kill $pid; wait $pid || true; }
        cd /run/mnt/good/data
        start; look good --data-dirs; stop
        start 3>/run/mnt/plain/log; look log --data-dirs; stop
        cat >/run/contained <<'END'
            mount --bind /run/mnt/plain /run/mnt/good/data
            cd /run/mnt/good/data
            exec /run/mysqld 1000
END
        cd /
        unshare -m bash -e /run/contained &>/dev/null & pid=$!
        until [ /proc/$pid/exe -ef /run/mysqld ]; do :; done
        look contained --data-dirs; stop
        look none --data-dirs";
    guest.done(&[WORDS, script].concat());
    let good = "luks2 /dev/mapper/good > /dev/ubdb";
    only(&guest, "good", 0, "pass", good);
    let (exit, found) = looked(&guest, "log");
    assert_eq!((exit, found.len()), (1, 2), "{found:?}");
    only(&guest, "contained", 1, "not_encrypted", "disk /dev/ubda");
    guest.check("none").assert_error(3, "engines-missing");
}
