//! The test bed's guest: it has what encrypted volumes need, our program runs in it, and however
//! a script ends is told.

use std::fs;

use serde_json::{Value, json};

use crate::common::guest::Guest;

#[test]
#[ignore = "needs tests/run"]
fn guest_encrypts_and_keeps_data() {
    let guest = Guest::new();
    guest.done(
        "for fs in ext4 xfs; do
           luks $fs /dev/ubda --type luks2
           mkfs_at /run/mnt/$fs /dev/mapper/$fs $fs
           head -c 20M /dev/urandom >/run/mnt/$fs/data
           sha256sum /run/mnt/$fs/data >/run/sum
           umount /run/mnt/$fs
           cryptsetup close $fs
           ! grep -qs /run/mnt/$fs /proc/self/mounts
           luks_open $fs /dev/ubda
           mount /dev/mapper/$fs /run/mnt/$fs
           check $fs sha256sum -c /run/sum
           umount /run/mnt/$fs
           cryptsetup close $fs
         done
         pvcreate -q /dev/ubdb
         vgcreate -q group /dev/ubdb
         lvcreate -q -y -L 64M -n volume group
         mkfs_at /run/mnt/lvm /dev/group/volume ext4
         mdadm --create /dev/md0 --run --level=1 --raid-devices=2 \
           $(loop_of /run/one 32M) $(loop_of /run/two 32M)
         mkfs_at /run/mnt/md /dev/md0 ext4
         check doctor ccx --store dir:/run/store doctor -o json",
    );
    for fs in ["ext4", "xfs"] {
        assert_eq!(guest.check(fs).stdout, format!("/run/mnt/{fs}/data: OK\n"));
    }
    let doctor = guest.check("doctor").json();
    let status = |name: &str| {
        let checks = doctor["checks"].as_array().expect("checks").iter();
        let found: Vec<&Value> = checks.filter(|check| check["name"] == name).collect();
        assert_eq!(found.len(), 1, "{name}: {doctor}");
        found[0]["status"].clone()
    };
    assert_eq!((status("device_mapper"), status("cryptsetup")), (json!("ok"), json!("ok")));
}

/// As our program starts them: from fixed folders, with an empty environment, and only what none
/// but root can have put there.
#[test]
#[ignore = "needs tests/run"]
fn guest_programs_need_no_environment() {
    let guest = Guest::new();
    let found = guest.done(
        "printf 'correct horse' >/run/key
         fixed=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
         clean() { env -i PATH=$fixed LC_ALL=C \"$@\"; }
         clean cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 /dev/ubda /run/key
         clean cryptsetup open --key-file /run/key /dev/ubda one
         mkdir /run/mnt/one
         clean mkfs.xfs -q /dev/mapper/one
         clean mount /dev/mapper/one /run/mnt/one
         clean umount /run/mnt/one
         clean wipefs -q -a /dev/mapper/one
         clean mkfs.ext4 -q /dev/mapper/one 64M
         clean e2fsck -f -p /dev/mapper/one >&2
         clean resize2fs /dev/mapper/one >&2
         clean mount /dev/mapper/one /run/mnt/one
         clean blkid -o value -s TYPE /dev/mapper/one
         clean lsblk -n -o TYPE,MOUNTPOINT /dev/mapper/one
         fs_files /run/mnt/one 20
         clean umount /run/mnt/one
         clean cryptsetup close one
         for program in cryptsetup blkid lsblk mkfs.ext4 mkfs.xfs mount umount e2fsck resize2fs wipefs; do
           at=$(PATH=$fixed command -v $program)
           while stat -c '%u %A' $at; [ $at != / ]; do at=$(dirname $at); done
         done | sort -u",
    );
    assert_eq!(found, "ext4\ncrypt /run/mnt/one\n0 -rwxr-xr-x\n0 drwxr-xr-x\n");
    // The files come back, and a wrong one is told.
    guest.done(
        "luks_open one /dev/ubda
         mkdir /run/mnt/other
         mount /dev/mapper/one /run/mnt/other
         check all sum_check /run/mnt/other
         rm /run/mnt/other/file-0003
         check gone sum_check /run/mnt/other
         echo x >>/run/mnt/other/file-0004
         check changed sum_check /run/mnt/other",
    );
    let all = guest.check("all");
    assert_eq!((all.code, all.stdout.as_str(), all.stderr.as_str()), (0, "", ""));
    for name in ["gone", "changed"] {
        assert_eq!(guest.check(name).code, 1, "{name}");
    }
}

/// Killed as it starts cryptsetup, as it waits for it, which goes on alone, and later.
#[test]
#[ignore = "needs tests/run"]
fn command_is_killed_at_each_of_its_points() {
    let guest = Guest::new();
    let table = guest.done(
        "printf 'correct horse' >/run/key
         fast='--pbkdf pbkdf2 --pbkdf-force-iterations 1000'
         fresh() { wipefs -q -a /dev/ubda; rm -f /run/done; }
         judge() {
           if cryptsetup isLuks /dev/ubda; then printf LUKS; else printf none; fi
           [ ! -e /run/done ] || printf ' and more'
         }
         at_each_point fresh judge \
           sh -c \"cryptsetup luksFormat -q $fast /dev/ubda /run/key; echo 1 >/run/done\"",
    );
    let rows: Vec<(&str, &str)> = table
        .lines()
        .map(|line| {
            let columns: Vec<&str> = line.split(" | ").collect();
            (columns[2].split(' ').next().expect("a word"), columns[3])
        })
        .collect();
    let expected = [
        ("", "none"), // about to start it
        ("cryptsetup", "LUKS"),
        ("", "LUKS"), // about to open a file
        ("", "LUKS and more"),
        ("", "LUKS and more"), // about to end
    ];
    assert_eq!(rows, expected, "{table}");
}

/// What our program says is done, is on the disk.
#[test]
#[ignore = "needs tests/run"]
fn power_is_cut_where_a_command_is() {
    let guest = Guest::new();
    let store = "mkdir -p /run/mnt/one; mount /dev/ubda /run/mnt/one; store=dir:/run/mnt/one/store";
    let points = guest.done(&format!(
        "mkfs.ext4 -q /dev/ubda; {store}; points ccx --store $store ca init --common-name X 2>/dev/null"
    ));
    let writes = points.lines().filter(|line| line.starts_with("renameat2\t")).count();
    assert_eq!(writes, 2, "{points}");
    for (point, expected) in [("renameat2 2", "bundle-missing"), ("exit_group 1", "")] {
        let cut = guest.run(&format!(
            "mkfs.ext4 -q -F /dev/ubda; {store}; cut_at {point} ccx --store $store ca init --common-name X"
        ));
        assert_eq!(cut.code, 137, "{}{}", cut.stdout, cut.stderr);
        guest.done(&format!("{store}; check left ccx --store $store ca check --no-repair -o json"));
        let left = guest.check("left").json();
        let codes = left["findings"].as_array().expect("findings").iter();
        let codes: Vec<_> = codes.filter_map(|finding| finding["code"].as_str()).collect();
        assert_eq!(codes.join(" "), expected, "{point}: {left}");
    }
}

#[test]
#[ignore = "needs tests/run"]
fn guest_reports_how_a_script_ended() {
    let guest = Guest::new();
    let failed = guest.run("echo out; echo err >&2; (exit 7); echo not reached");
    assert_eq!(
        (failed.code, failed.stdout.as_str(), failed.stderr.as_str()),
        (7, "out\n", "err\n")
    );
    let guest = guest.with_limit(3);
    let hung = guest.run("echo before; while :; do sleep 1; done");
    assert_eq!((hung.code, hung.stdout.as_str()), (124, "before\n"));
    assert_eq!(hung.stderr, "guest-run: the script ran out of time\n");
    let guest = guest.with_limit(60);
    let crashed = guest.run("echo c >/proc/sysrq-trigger");
    assert_eq!(crashed.code, 125, "{}", crashed.stderr);
    assert!(crashed.stderr.contains("Kernel panic"), "{}", crashed.stderr);
}

#[test]
#[ignore = "needs tests/run"]
fn power_cut_keeps_what_was_synced() {
    let guest = Guest::new();
    let cut = guest.run(
        "luks one /dev/ubda
         mkfs_at /run/mnt/one /dev/mapper/one ext4
         echo kept >/run/mnt/one/synced
         sync
         echo lost >/run/mnt/one/only-in-memory
         power_cut
         echo still here",
    );
    assert_eq!((cut.code, cut.stdout.as_str()), (137, ""), "{}", cut.stderr);
    let after = guest.done(
        "luks_open one /dev/ubda
         mkdir /run/mnt/one
         mount /dev/mapper/one /run/mnt/one
         cat /run/mnt/one/synced
         [ ! -s /run/mnt/one/only-in-memory ]",
    );
    assert_eq!(after, "kept\n");
}

/// The second run reads how far the first had come.
#[test]
#[ignore = "needs tests/run"]
fn power_cut_comes_while_something_runs() {
    let guest = Guest::new();
    let cut = guest.run(
        "power_cut_in 3
         for ((i = 1; ; i++)); do echo $i | dd of=/dev/ubda bs=512 conv=sync oflag=direct status=none; done",
    );
    assert_eq!(cut.code, 137, "{}{}", cut.stdout, cut.stderr);
    let written = guest.done("head -n 1 /dev/ubda | tr -d '\\0'");
    assert!(written.trim().parse::<u32>().expect("a number") > 0, "{written}");
    // From outside it is the same.
    std::thread::scope(|scope| {
        let run = scope.spawn(|| guest.run("touch $JOB/up; while :; do sleep 1; done"));
        while !guest.at("up").exists() {
            assert!(!run.is_finished(), "it ended by itself");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        fs::write(guest.at("cut"), "").expect("written");
        assert_eq!(run.join().expect("a run").code, 137);
    });
}

#[test]
#[ignore = "needs tests/run"]
fn devices_fail_as_they_are_told() {
    let guest = Guest::new();
    guest.done(
        "errors broken /dev/ubda 2048 8
         read_at() { dd if=$1 of=/dev/null bs=512 count=1 iflag=direct skip=$2 status=none; }
         write_at() { dd if=/dev/zero of=$1 bs=512 count=1 oflag=direct seek=$2 status=none; }
         read_at /dev/mapper/broken 2047
         read_at /dev/mapper/broken 2056
         check read read_at /dev/mapper/broken 2048
         check write write_at /dev/mapper/broken 2055
         flakey up /dev/ubdb 3600 0
         write_at /dev/mapper/up 0
         flakey down /dev/ubdb 0 3600
         check down read_at /dev/mapper/down 0
         flakey unwritable /dev/ubdb 0 3600 error_writes
         read_at /dev/mapper/unwritable 0
         check unwritable write_at /dev/mapper/unwritable 0
         flakey forgetful /dev/ubdb 0 3600 drop_writes
         echo never | dd of=/dev/mapper/forgetful bs=512 conv=sync oflag=direct status=none
         check forgotten head -c 5 /dev/ubdb",
    );
    for name in ["read", "write", "down", "unwritable"] {
        let failed = guest.check(name);
        assert_eq!(failed.code, 1, "{name}");
        assert!(failed.stderr.contains("Input/output error"), "{name}: {}", failed.stderr);
    }
    assert_eq!(guest.check("forgotten").stdout, "\0".repeat(5));
}
