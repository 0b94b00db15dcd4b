//! Operations on volumes with real dm-crypt: cryptsetup itself is killed, and the power is cut;
//! then they are carried on, and the files are as they were.

use crate::common::guest::Guest;
use crate::common::random::say;

/// `v WORDS` is `ccx volume WORDS`, with store and journal on /dev/ubdb, which outlast the power;
/// `whole` opens the volume, mounts it and looks at all of its files.
const WORDS: &str = "
    mkdir -p /run/mnt/state /run/mnt/data
    on_state() { mount /dev/ubdb /run/mnt/state; }
    v() { ccx --store dir:/run/mnt/state/store volume \"$@\" --journal /run/mnt/state/journal; }
    pending() { v list -o json | grep -q '\"pending\"'; }
    whole() {
      v drill db-1 >/run/drill 2>&1 || { cat /run/drill >&2; return 1; }
      ! pending
      v open db-1 >/dev/null
      mountpoint -q /run/mnt/data || mount /dev/mapper/ccx-db-1 /run/mnt/data
      sum_check /run/mnt/data
    }
    made() {
      mkfs.ext4 -q /dev/ubdb; on_state
      v encrypt /dev/ubda --id db-1 --mkfs ext4 --mount /run/mnt/data >/dev/null
      fs_files /run/mnt/data 200; sync
    }
    ";

/// cryptsetup is killed as it writes for the nth time, while the volume is mounted.
#[test]
fn cryptsetup_is_killed() {
    let guest = Guest::new().with_limit(280);
    let script = "
        made
        real=$(PATH=/usr/sbin:/sbin:/usr/bin:/bin command -v cryptsetup)
        cat >/usr/local/sbin/cryptsetup <<END
#!/bin/sh
export DM_DISABLE_UDEV=1
if [ -e /run/kill ]; then
  case \"\\$*\" in
    *test-passphrase*|--version) ;;
    *) exec strace -qq -o /run/trace -e trace=write,pwrite64 \\
         -e inject=write:signal=SIGKILL:when=\\$(cat /run/kill) $real \"\\$@\" ;;
  esac
fi
exec $real \"\\$@\"
END
        try() { # NTH COMMAND...
          local nth=$1 status=0; shift
          echo $nth >/run/kill
          v \"$@\" >/run/out 2>&1 || status=$?
          rm /run/kill
          [ $status -ne 0 ] || { echo \"$* $nth: it was through\"; whole; return 0; }
          grep -q 'hint: ' /run/out || { cat /run/out >&2; return 1; }
          if [ $((nth % 2)) -eq 0 ] && v rollback db-1 >/run/out 2>&1; then how=rollback
          else v resume db-1 >/run/out 2>&1 || { cat /run/out >&2; return 1; }; how=resume; fi
          whole
          echo \"$* $nth: $how\"
        }
        for nth in 1 2 3 4 5 6 8 12; do try $nth rekey db-1; done
        for nth in 1 2 3 4 5 6 8 12; do try $nth rekey db-1 --volume-key; done";
    let table = guest.done(&[WORDS, script].concat());
    say("cryptsetup killed", &table);
    assert!(table.lines().filter(|line| line.contains("resume")).count() >= 4, "{table}");
}
