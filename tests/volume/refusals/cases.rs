//! The devices of the refusals, and how each is made.

/// Functions for the scripts. `disk [SIZE]` creates a blank disk, $dev; `put OFFSET BYTES` writes
/// to it; `seen NAME [ARG...]` is the command on $dev, with the checksum of $under before and
/// after. `fake PROGRAM`, with a script on stdin, has that run instead, until `real PROGRAM`.
pub const WORDS: &str = r#"
    trap 'echo "line $LINENO, after $now" >&2' ERR
    now=start n=0 meanwhile= options=
    disk() { n=$((n + 1)); dev=$(loop_of /run/tmp/$n ${1:-48M}); under=$dev; }
    put() { printf "$2" | dd of=$dev bs=64K oflag=seek_bytes seek=$(($1)) conv=notrunc status=none; }
    size() { blockdev --getsize64 $dev; }
    blank() { blkdiscard $dev; }
    sum() { cat $under | sha256sum; }
    scsi() {
      modprobe sd_mod && modprobe scsi_debug dev_size_mb=64
      until [ -b /dev/sda ]; do sleep 0.1; done
      dev=/dev/sda under=
    }
    seen() {
      now=$1
      sync
      local before=$(sum)
      [ -z "$meanwhile" ] || while_it_waits &
      check $1 ccx --store dir:/run/store volume encrypt --id $1 $options "${@:2}" $dev -o json
      [ "$before" = "$(sum)" ] && echo same >$JOB/checks/$1.bytes || echo CHANGED >$JOB/checks/$1.bytes
    }
    md() { mdadm -q --create /dev/md0 --run --level=1 --raid-devices=2 --metadata=$1 $dev missing; }
    crypt() { cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 "$@" $dev /run/key; }
    fake() { cat >/run/fake-$1; chmod 755 /run/fake-$1; mount --bind /run/fake-$1 /usr/local/sbin/$1; }
    real() { umount /usr/local/sbin/$1; }
    gone() { mount --bind /dev/null /usr/local/sbin/$1; mount --bind /dev/null /usr/sbin/$1; }
    while_it_waits() {
      rm -f /run/looked /run/go
      until [ -e /run/looked ]; do sleep 0.1; done
      eval "$meanwhile"
      >/run/go
    }
    back() { umount /usr/local/sbin/$1 /usr/sbin/$1; }
    printf key >/run/key
    "#;

/// A device: its name, the code of the refusal, parts of the message, and the script that creates it.
pub type Case = (&'static str, &'static str, &'static [&'static str], &'static str);

pub const ON_IT: &[Case] = &[
    ("ext4", "device-not-blank", &["ext4 (blkid)", "ext4 (bytes)"], "disk; mkfs.ext4 -q $dev"),
    ("xfs", "device-not-blank", &["xfs (blkid)", "XFS (bytes)"], "disk 304M; mkfs.xfs -q $dev"),
    ("btrfs", "device-not-blank", &["btrfs (blkid)", "btrfs (bytes)"], "disk 128M; mkfs.btrfs -q $dev"),
    ("ntfs", "device-not-blank", &["NTFS (bytes)"],
     r"disk; put 0 '\xeb\x52\x90NTFS    \x00\x02\x08'; put 40 '\xff\xff\x01'; put 48 '\x04'; put 64 '\xf6'
       put 510 '\x55\xaa'; put 4*4096 FILE; put 4*4096+3*1024 FILE"),
    ("swap", "device-not-blank", &["swap (blkid)", "swap (bytes)"], "disk; mkswap $dev >/dev/null"),
    ("luks1", "device-not-blank", &["crypto_LUKS (blkid)", "LUKS1 "], "disk; crypt --type luks1"),
    ("luks2", "device-not-blank", &["crypto_LUKS (blkid)", "LUKS2 "], "disk; crypt"),
    ("luks2-first-copy-gone", "device-not-blank", &["a damaged first copy of the header (header)"],
     "disk; crypt; dd if=/dev/zero of=$dev bs=16K count=1 conv=notrunc status=none"),
    ("luks2-second-copy-alone", "device-not-blank", &["a damaged first copy of the header (header)"],
     r"disk; crypt; dd if=$dev of=/run/copy bs=16K skip=1 count=1 status=none; blank
       dd if=/run/copy of=$dev bs=16K seek=1 conv=notrunc status=none"),
    ("luks-magic-alone", "device-not-blank", &["a damaged LUKS header", "LUKS (bytes)"],
     r"disk; put 0 'LUKS\xba\xbe'"),
    ("luks-half-made", "device-not-blank", &["a damaged LUKS header", "LUKS (bytes)"],
     "disk; crypt; dd if=$dev of=/run/copy bs=4096 count=1 status=none; blank
      dd if=/run/copy of=$dev conv=notrunc status=none"),
    ("luks-header-elsewhere", "device-not-blank", &["which look random", "(bytes)"],
     "disk; crypt --header /run/header; cryptsetup open --header /run/header -d /run/key $dev elsewhere
      mkfs.ext4 -q /dev/mapper/elsewhere; cryptsetup close elsewhere"),
    ("lvm", "device-not-blank", &["LVM2_member (blkid)", "LVM (bytes)"], "disk; pvcreate -q $dev"),
    ("md-1-2", "device-not-blank", &["linux_raid_member (blkid)", "RAID (md 1.2) (bytes)"],
     "disk; md 1.2; mdadm -q --stop /dev/md0"),
    ("md-1-0", "device-not-blank", &["linux_raid_member (blkid)", "RAID (md 1.0) (bytes)"],
     "disk; md 1.0; mdadm -q --stop /dev/md0"),
    ("md-0-90", "device-not-blank", &["linux_raid_member (blkid)", "RAID (md 0.90) (bytes)"],
     "disk; md 0.90; mdadm -q --stop /dev/md0"),
    ("gpt", "device-not-blank", &["gpt (blkid)", "a partition table (GPT) (bytes)"],
     "disk; dd if=$JOB/gpt-first of=$dev conv=notrunc status=none
      dd if=$JOB/gpt-last of=$dev oflag=seek_bytes seek=$(($(size) - 33 * 512)) conv=notrunc status=none"),
    ("gpt-second-copy-alone", "device-not-blank", &["gpt at", "second copy of a partition table (GPT) (bytes)"],
     "disk; dd if=$JOB/gpt-last of=$dev oflag=seek_bytes seek=$(($(size) - 33 * 512)) conv=notrunc status=none"),
    ("mbr", "device-not-blank", &["dos (blkid)", "(MBR)"],
     r"disk; put 446 '\x00\x00\x01\x01\x83\x00\x01\x02\x00\x08\x00\x00\x00\x10\x00\x00'; put 510 '\x55\xaa'"),
    ("zfs-at-the-end", "device-not-blank", &["zfs_member (blkid)", "a ZFS label (bytes)"],
     r"disk 64M; for label in 1 2; do for block in {0..15}; do
         put $(size)-$label*262144+131072+$block*1024 '\x0c\xb1\xba\x00\x00\x00\x00\x00\x88\x13'
       done; done"),
    ("last-byte", "device-not-blank", &["data at byte 50331647 (bytes)"], "disk; put $(size)-1 x"),
    ("first-byte-of-the-end", "device-not-blank", &["data at byte 33554432 (bytes)"], "disk; put 32*1024*1024 x"),
    ("middle-of-the-start", "device-not-blank", &["data at byte 8390117 (bytes)"], "disk; put 8*1024*1024+1509 x"),
    ("last-byte-of-the-start", "device-not-blank", &["data at byte 16777215 (bytes)"], "disk; put 16*1024*1024-1 x"),
    ("ends-wiped", "device-not-blank", &["data at byte"],
     "disk; head -c 8M /dev/urandom >/run/random
      dd if=/run/random of=$dev bs=1M seek=16 conv=notrunc status=none; rm /run/random"),
    ("btrfs-mirror-alone", "device-not-blank", &["data at byte 67108864"],
     "disk 160M; mkfs.btrfs -q $dev; dd if=$dev of=/run/copy bs=4096 skip=16384 count=1 status=none
      blank; dd if=/run/copy of=$dev bs=4096 seek=16384 conv=notrunc status=none"),
    ("f2fs", "device-not-blank", &["F2FS (bytes)"], r"disk; put 1024 '\x10\x20\xf5\xf2\x01\x00'"),
    ("vfat", "device-not-blank", &["vfat (blkid)", "FAT16 (bytes)"],
     r"disk; put 0 '\xeb\x3c\x90mkfs.fat\x00\x02\x04\x04\x00\x02\x00\x02\x00\x00\xf8\x80\x00'
       put 32 '\x00\x00\x02\x00\x80\x00\x29\x01\x02\x03\x04NO NAME    FAT16   '; put 510 '\x55\xaa'"),
    ("iso9660", "device-not-blank", &["iso9660 (blkid)", "ISO 9660 (bytes)"], r"disk; put 32768 '\x01CD001\x01'"),
    ("squashfs", "device-not-blank", &["squashfs (blkid)", "squashfs (bytes)"],
     r"disk; put 0 hsqs; put 28 '\x04'"),
    ("bcachefs", "device-not-blank", &["bcachefs (bytes)"],
     r"disk; put 4096+24 '\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef'"),
    ("ceph-bluestore", "device-not-blank", &["Ceph BlueStore (bytes)"],
     r"disk; put 0 'bluestore block device\n5c2f0ab9-0f3c-4b53-8e3e-0c3d3cf0f0a1\n'"),
];

pub const IN_USE: &[Case] = &[
    ("mounted", "device-mounted", &["/run/mnt/a (ext4)"],
     "disk; mkfs.ext4 -q $dev; mkdir /run/mnt/a; mount -o ro $dev /run/mnt/a"),
    ("mounted-in-a-container", "device-mounted", &["/run/mnt/b (ext4) in the mount namespace of process"],
     r#"disk; mkfs.ext4 -q $dev; mkdir /run/mnt/b
       unshare -m sh -c "mount -o ro $dev /run/mnt/b && >/run/up && exec sleep 1000" &
       until [ -e /run/up ]; do sleep 0.1; done"#),
    ("mounted-where-nobody-is", "device-busy", &[],
     "disk; mkfs.ext4 -q $dev; mkdir /run/mnt/c /run/ns; mount --bind /run/ns /run/ns
      mount --make-private /run/ns; touch /run/ns/m
      unshare --mount=/run/ns/m mount -o ro $dev /run/mnt/c"),
    ("btrfs-second-device", "device-mounted", &["btrfs"],
     "disk 128M; first=$dev; disk 128M; mkfs.btrfs -q $first $dev; btrfs device scan >/dev/null
      mkdir /run/mnt/d; mount -o ro $first /run/mnt/d"),
    ("ext4-journal", "device-busy", &[],
     "disk; journal=$dev; mke2fs -q -O journal_dev -b 4096 $dev; disk; mkfs.ext4 -q -b 4096 -J device=$journal $dev
      mkdir /run/mnt/e; mount -o ro $dev /run/mnt/e; dev=$journal under=$dev"),
    ("lvm-active", "device-held", &["/dev/mapper/vg-lv"],
     "disk; pvcreate -q $dev; vgcreate -q vg $dev; lvcreate -q -y -L 8M -n lv vg"),
    ("mapped", "device-held", &["/dev/mapper/linear"],
     "disk; echo 0 2048 linear $dev 0 | dmsetup create linear"),
    ("luks-open", "device-held", &["/dev/mapper/opened"],
     "disk; crypt; cryptsetup open -d /run/key $dev opened"),
    ("md-running", "device-held", &["/dev/md0"], "disk; md 1.2"),
    ("loop-on-it", "device-looped", &["/dev/loop"], "disk; losetup -f $dev"),
    ("file-with-a-loop", "device-looped", &["/dev/loop"], "disk; dev=/run/tmp/$n"),
    ("file-open", "device-open", &["(sleep)"],
     "dev=/run/tmp/open under=$dev; truncate -s 48M $dev; sleep 1000 7<>$dev & until [ -e /proc/$!/fd/7 ]; do :; done"),
    ("open-for-writing", "device-open", &["(sleep)"],
     "disk; sleep 1000 7<>$dev & until [ -e /proc/$!/fd/7 ]; do :; done"),
    ("swap-in-use", "device-swap", &[], "disk; mkswap $dev >/dev/null; swapon $dev"),
    ("partitions", "device-partitioned", &["ubdb1"], "dev=/dev/ubdb under=$dev; addpart $dev 1 2048 102400"),
    ("part-of-a-disk-in-use", "device-held", &["/dev/ubdc", "/run/mnt/f"],
     "dev=/dev/ubdc; mkfs.ext4 -q $dev; mkdir /run/mnt/f; mount -o ro $dev /run/mnt/f
      addpart $dev 1 2048 204800; dev=/dev/ubdc1 under=$dev"),
    ("suspended", "device-suspended", &[],
     "disk; echo 0 $(blockdev --getsz $dev) linear $dev 0 | dmsetup create asleep; dmsetup suspend asleep; dev=/dev/mapper/asleep"),
    ("read-only", "device-readonly", &[], "disk; blockdev --setro $dev"),
    ("file-read-only", "device-readonly", &[],
     "mkdir /run/ro; mount -t tmpfs t /run/ro; truncate -s 48M /run/ro/file; mount -o remount,ro /run/ro
      dev=/run/ro/file under=$dev"),
    ("too-small", "device-too-small", &[], "disk 16M"),
    ("nothing-there", "file-missing", &[], "disk; dev=/run/none"),
    ("not-a-device", "not-a-device", &[], "disk; dev=/dev/null"),
];

pub const UNREADABLE: &[Case] = &[
    (
        "errors-at-the-start",
        "device-unreadable",
        &[],
        "disk; errors e1 $dev 0 8; dev=/dev/mapper/e1",
    ),
    (
        "errors-at-the-end",
        "device-unreadable",
        &[],
        "disk; errors e2 $dev 98296 8; dev=/dev/mapper/e2",
    ),
    (
        "errors-between",
        "device-unreadable",
        &[],
        "disk; errors e3 $dev 40000 2048; dev=/dev/mapper/e3",
    ),
    (
        "errors-behind-ext4",
        "device-unreadable",
        &[],
        "disk; mkfs.ext4 -q $dev; errors e4 $dev 98296 8; dev=/dev/mapper/e4",
    ),
    (
        "medium-error",
        "device-unreadable",
        &[],
        "scsi; echo 2 >/sys/bus/pseudo/drivers/scsi_debug/opts",
    ),
    (
        "blkid-missing",
        "program-missing",
        &["blkid"],
        "echo 0 >/sys/bus/pseudo/drivers/scsi_debug/opts; disk; gone blkid",
    ),
    ("blkid-missing-ext4", "program-missing", &["blkid"], "disk; mkfs.ext4 -q $dev"),
    (
        "blkid-fails",
        "probe-failed",
        &["blkid", "cannot"],
        "back blkid; disk; fake blkid <<<'#!/bin/sh
      echo cannot >&2; exit 4'",
    ),
    (
        "blkid-fails-like-blank",
        "probe-failed",
        &["blkid", "cannot"],
        "real blkid; disk; fake blkid <<<'#!/bin/sh
      echo cannot >&2; exit 2'",
    ),
    (
        "blkid-killed",
        "probe-failed",
        &["blkid", "signal"],
        "real blkid; disk; fake blkid <<<'#!/bin/sh
      kill -9 $$'",
    ),
    (
        "blkid-found-nothing-it-says",
        "probe-failed",
        &["blkid"],
        "real blkid; disk; fake blkid <<<'#!/bin/sh
      exit 0'",
    ),
    (
        "blkid-does-not-start",
        "program-failed",
        &["blkid"],
        "real blkid; disk; fake blkid <<<'#!/none'",
    ),
    (
        "blkid-blind",
        "device-not-blank",
        &["ext4 at 0x438 (wipefs)", "(bytes)"],
        "real blkid; disk; mkfs.ext4 -q $dev; fake blkid <<<'#!/bin/sh
      exit 2'",
    ),
    (
        "both-blind",
        "device-not-blank",
        &["ext2, ext3 or ext4 (bytes)"],
        r#"disk; mkfs.ext4 -q $dev; fake wipefs <<<'#!/bin/sh
      echo "{\"signatures\": []}"'"#,
    ),
    (
        "wipefs-fails",
        "probe-failed",
        &["wipefs"],
        "real blkid; real wipefs; disk; fake wipefs <<<'#!/bin/sh
      exit 1'",
    ),
    (
        "wipefs-silent",
        "probe-failed",
        &["wipefs"],
        "real wipefs; disk; fake wipefs <<<'#!/bin/sh
      exit 0'",
    ),
    ("wipefs-missing", "program-missing", &["wipefs"], "real wipefs; disk; gone wipefs"),
];

/// Devices that change during the check.
pub const CHANGED: &[Case] = &[
    ("link-swapped", "device-changed", &["/run/link"],
     r#"cp /usr/sbin/wipefs /run/wipefs; fake wipefs <<<'#!/bin/sh
        /run/wipefs "$@" && >/run/looked; until [ -e /run/go ]; do sleep 0.1; done'
        disk; other=$dev; disk; ln -s $dev /run/link; under="$dev $other" dev=/run/link
        meanwhile='ln -sfn $other /run/link'"#),
    ("node-swapped", "device-changed", &["/run/node"],
     "disk; other=$dev; disk; cp -a $dev /run/node; under=\"$dev $other\" dev=/run/node
      meanwhile='cp -a --remove-destination $other /run/node'"),
    ("shrunk", "device-changed", &["25165824 bytes"],
     "disk; echo 0 $(blockdev --getsz $dev) linear $dev 0 | dmsetup create sized; dev=/dev/mapper/sized
      meanwhile='echo 0 49152 linear $under 0 | dmsetup load sized; dmsetup suspend sized; dmsetup resume sized'"),
    ("pulled", "device-changed", &["/dev/sda"],
     "scsi; meanwhile='echo 1 >/sys/block/sda/device/delete; while [ -e /dev/sda ]; do sleep 0.1; done'"),
];

/// Devices that `--overwrite` refuses, and those that it accepts.
pub const OVERWRITTEN: &[Case] = &[
    (
        "overwrite-mounted",
        "device-mounted",
        &[],
        "disk; mkfs.ext4 -q $dev; mkdir /run/mnt/a; mount -o ro $dev /run/mnt/a
         options=\"--overwrite --confirm $(basename $dev):$(size)\"",
    ),
    (
        "overwrite-held",
        "device-held",
        &[],
        "disk; crypt; cryptsetup open -d /run/key $dev opened
         options=\"--overwrite --confirm $(basename $dev):$(size)\"",
    ),
    (
        "overwrite-unreadable",
        "device-unreadable",
        &[],
        "disk; mkfs.ext4 -q $dev; errors e1 $dev 98296 8; dev=/dev/mapper/e1
         options=\"--overwrite --confirm e1:$(size)\"",
    ),
    ("overwrite-unasked", "answer-missing", &[], "disk; mkfs.ext4 -q $dev; options=--overwrite"),
    ("overwrite-wrong-word", "not-confirmed", &["ext4"], "options='--overwrite --confirm yes'"),
    (
        "overwrite-other-disk",
        "not-confirmed",
        &["ext4"],
        "other=$dev; disk; mkfs.ext4 -q $dev
         options=\"--overwrite --confirm $(basename $other):$(size)\"",
    ),
    (
        "overwrite-name-alone",
        "not-confirmed",
        &["ext4"],
        "options=\"--overwrite --confirm $(basename $dev)\"",
    ),
    (
        "overwrite-name-not-serial",
        "not-confirmed",
        &["ext4"],
        "scsi; mkfs.ext4 -q $dev; under=$dev; options=\"--overwrite --confirm sda:$(size)\"",
    ),
];

/// Devices that must be accepted; with `--dry-run`, so that they stay unchanged too.
pub const TAKEN: &[(&str, &str)] = &[
    ("blank", "disk"),
    ("blank-file", "dev=/run/tmp/file under=$dev; truncate -s 48M $dev"),
    ("blank-disk", "dev=/dev/ubda under=$dev"),
    (
        "blank-lv",
        "pvcreate -q /dev/ubdb; vgcreate -q vg /dev/ubdb; lvcreate -q -y -L 48M -n lv vg
                  dev=/dev/vg/lv under=$dev",
    ),
    ("blank-partition", "addpart /dev/ubdc 1 2048 204800; dev=/dev/ubdc1 under=$dev"),
    ("blank-by-link", "disk; ln -s $dev /run/link; dev=/run/link"),
    ("blank-scsi", "scsi; under=$dev"),
    ("overwrite-by-serial", "mkfs.ext4 -q $dev; options='--overwrite --confirm 2000'"),
    (
        "overwrite-by-name-and-size",
        "disk; mkfs.ext4 -q $dev; options=\"--overwrite --confirm $(basename $dev):$(size)\"",
    ),
    ("blank-again", "options=; disk; mkfs.ext4 -q $dev; blank"),
];
