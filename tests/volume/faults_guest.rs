//! Operations with real dm-crypt in which cryptsetup is killed or the power is cut: they are resumed,
//! and the files are unchanged.

use crate::common::guest::Guest;
use crate::common::random::say;

/// `v WORDS` is `ccx volume WORDS`, with store and journal on /dev/ubdb, which outlast the power;
/// `whole` opens the volume, mounts it and compares its files, `made` creates it;
/// `kills CALL NTH WORDS` has cryptsetup killed as it enters that system call for the nth time,
/// where its command line has these words, until `spares`.
const WORDS: &str = r#"
    mkdir -p /run/mnt/state /run/mnt/data
    on_state() { mount /dev/ubdb /run/mnt/state; }
    v() { ccx --store dir:/run/mnt/state/store volume "$@" --journal /run/mnt/state/journal; }
    pending() { v list -o json | grep -q '"pending"'; }
    whole() {
      v test-recovery db-1 >/run/drill 2>&1 || { cat /run/drill >&2; return 1; }
      ! pending
      v open db-1 >/dev/null
      mountpoint -q /run/mnt/data || mount /dev/mapper/ccx-db-1 /run/mnt/data
      echo 3 >/proc/sys/vm/drop_caches
      sum_check /run/mnt/data
    }
    made() {
      mkfs.ext4 -q /dev/ubdb; on_state
      v encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/data >/dev/null
      fs_files /run/mnt/data 200; sync
    }
    real=$(PATH=/usr/sbin:/sbin:/usr/bin:/bin command -v cryptsetup)
    cat >/usr/local/sbin/cryptsetup <<END
#!/bin/sh
export DM_DISABLE_UDEV=1
if [ -e /run/kill ]; then
  read -r call nth words </run/kill
  case "\$*" in
    *test-passphrase*|--version) ;;
    *\$words*) exec strace -qq -o /run/trace -e trace=\$call -e inject=\$call:signal=SIGKILL:when=\$nth \
         $real "\$@" ;;
  esac
fi
exec $real "\$@"
END
    kills() { echo "$*" >/run/kill; }
    spares() { rm /run/kill; }
    "#;

/// A key change of a mounted volume is killed, and then resumed or undone at once.
#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_is_killed() {
    let guest = Guest::new().with_limit(280);
    let script = r#"
        made
        try() { # NTH COMMAND...
          local nth=$1 status=0; shift
          kills write $nth
          v "$@" >/run/out 2>&1 || status=$?
          spares
          [ $status -ne 0 ] || { echo "$* $nth: it was through"; whole; return 0; }
          grep -q 'hint: ' /run/out || { cat /run/out >&2; return 1; }
          if [ $((nth % 2)) -eq 0 ] && v rollback db-1 >/run/out 2>&1; then how=rollback
          else v resume db-1 >/run/out 2>&1 || { cat /run/out >&2; return 1; }; how=resume; fi
          whole
          echo "$* $nth: $how"
        }
        for nth in 1 2 3 4 5 6 8 12; do try $nth rekey db-1; done
        for nth in 1 2 3 4 5 6 8 12; do try $nth rekey db-1 --volume-key; done"#;
    let table = guest.done(&[WORDS, script].concat());
    say("cryptsetup killed", &table);
    assert!(table.lines().filter(|line| line.contains("resume")).count() >= 4, "{table}");
}

/// A reencryption of a mounted volume is killed. If a part is left suspended, commands report it and do
/// not wait; after a restart the reencryption is resumed.
#[test]
#[ignore = "needs tests/run"]
fn cryptsetup_is_killed_and_the_machine_restarts() {
    let guest = Guest::new();
    let script = "
        made; kills fsync 9999 --resume-only; v rekey db-1 --volume-key >/dev/null; spares; whole
        grep -c ^fsync /run/trace; umount /run/mnt/data; v close db-1 >/dev/null";
    let count = guest.done(&[WORDS, script].concat());
    let last: u32 = count.lines().find_map(|line| line.parse().ok()).expect("a number");
    let (mut before, mut told) = ("on_state; whole", Vec::new());
    for nth in [4, last - 6, last - 4, last - 2] {
        let script = format!(
            r#"{before}
            kills fsync {nth} --resume-only
            ! v rekey db-1 --volume-key >/run/out 2>&1
            spares
            for words in resume "close --unmount"; do
              status=0; v $words db-1 >/run/out 2>&1 || status=$?
              echo "$words $status $(sed -n 's/^error:.*\[\(.*\)\]$/\1/p' /run/out)"
            done
            power_cut"#
        );
        let cut = guest.run(&[WORDS, &script].concat());
        assert_eq!(cut.code, 137, "{nth}: {}{}", cut.stdout, cut.stderr);
        told.push(format!("{nth} of {last}: {}", cut.stdout.replace('\n', "; ")));
        before = "on_state; v resume db-1 >/dev/null; whole";
    }
    guest.done(&[WORDS, before].concat());
    let told = told.join("\n");
    say("killed, then restarted", &told);
    assert!(told.contains("resume 0 ") && told.contains("resume 3 volume-suspended"), "{told}");
}

/// The power is cut several times during one operation.
#[test]
#[ignore = "needs tests/run"]
fn power_is_cut() {
    for (words, seconds) in [
        ("rekey db-1", 0.9),
        ("rekey db-1", 1.4),
        ("rekey db-1 --volume-key", 1.2),
        ("rekey db-1 --volume-key", 2.1),
    ] {
        let guest = Guest::new();
        let script =
            format!("made; power_cut_in {seconds}; while :; do v {words} >/dev/null; done");
        let cut = guest.run(&[WORDS, &script].concat());
        assert_eq!(cut.code, 137, "{words}: {}{}", cut.stdout, cut.stderr);
        let script = "on_state; pending && echo pending; v resume db-1 >/dev/null; whole";
        let said = guest.done(&[WORDS, script].concat());
        say("power cut", &format!("{words}, after {seconds} s: {said}whole"));
    }
}

/// The power is cut during an encryption in place of 1,000 files.
#[test]
#[ignore = "needs tests/run"]
fn power_is_cut_in_place() {
    let mut pending = 0;
    for seconds in [0.4, 0.8, 1.3, 2.0, 3.0] {
        let guest = Guest::new();
        let script = format!(
            "mkfs.ext4 -q /dev/ubdb; on_state
             mkfs.ext4 -q /dev/ubda 400M; mount /dev/ubda /run/mnt/data
             fs_files /run/mnt/data 1000; umount /run/mnt/data; sync
             power_cut_in {seconds}
             v encrypt /dev/ubda --id db-1 --in-place --i-have-a-backup
             power_cut"
        );
        let cut = guest.run(&[WORDS, &script].concat());
        assert_eq!(cut.code, 137, "{}{}", cut.stdout, cut.stderr);
        let script = "
            on_state
            if v resume db-1 >/run/out 2>&1 && grep -q finished: /run/out; then echo resumed
            elif ! cryptsetup isLuks /dev/ubda; then
              echo 'not begun'; mount /dev/ubda /run/mnt/data; sum_check /run/mnt/data; exit 0
            fi
            whole";
        let said = guest.done(&[WORDS, script].concat());
        pending += usize::from(said.contains("resumed"));
        say("power cut in place", &format!("after {seconds} s: {said}"));
    }
    assert!(pending >= 1, "it was never cut while it went on");
}
