//! Names the data on a device, for people. A device with any data is refused, so this list has only
//! common signatures and some that an old libblkid does not know.

use std::io;

use crate::block::device::Device;

/// Bytes that are read at either end.
const REACH: u64 = 1024 * 1024;
const ZFS_LABEL_SIZE: u64 = 256 * 1024;

/// Where a magic number is.
#[derive(Debug, Clone, Copy)]
enum SignatureOffset {
    /// From the start.
    Start(u64),
    /// From the end.
    End(u64),
    /// From the end rounded down to a multiple: the multiple, and the distance.
    RoundedEnd(u64, u64),
}
use SignatureOffset::{End, RoundedEnd, Start};

const RAID: &[u8] = b"\xfc\x4e\x2b\xa9";
const BCACHE: &[u8] = b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81";
const BCACHEFS: &[u8] = b"\xc6\x85\x73\xf6\x66\xce\x90\xa9\xd9\x6a\x60\xcf\x80\x3d\xf7\xef";

const KNOWN: [(&str, SignatureOffset, &[u8]); 29] = [
    ("LUKS", Start(0), b"LUKS\xba\xbe"),
    ("ext2, ext3 or ext4", Start(0x438), b"\x53\xef"),
    ("XFS", Start(0), b"XFSB"),
    ("btrfs", Start(0x1_0040), b"_BHRfS_M"),
    ("NTFS", Start(3), b"NTFS    "),
    ("exFAT", Start(3), b"EXFAT   "),
    ("FAT32", Start(82), b"FAT32   "),
    ("FAT16", Start(54), b"FAT16   "),
    ("F2FS", Start(0x400), b"\x10\x20\xf5\xf2"),
    ("ISO 9660", Start(0x8001), b"CD001"),
    ("squashfs", Start(0), b"hsqs"),
    ("swap", Start(4096 - 10), b"SWAPSPACE2"),
    ("Ceph BlueStore", Start(0), b"bluestore block device"),
    ("bcache or bcachefs", Start(4096 + 24), BCACHE),
    ("bcachefs", Start(4096 + 24), BCACHEFS),
    ("LVM", Start(0), b"LABELONE"),
    ("LVM", Start(512), b"LABELONE"),
    ("LVM", Start(1024), b"LABELONE"),
    ("LVM", Start(1536), b"LABELONE"),
    ("RAID (md 1.1)", Start(0), RAID),
    ("RAID (md 1.2)", Start(4096), RAID),
    ("RAID (md 1.0)", RoundedEnd(4096, 8192), RAID),
    ("RAID (md 0.90)", RoundedEnd(65536, 65536), RAID),
    ("DRBD", RoundedEnd(4096, 4096 - 60), b"\x83\x74\x02"),
    ("a partition table (GPT)", Start(512), b"EFI PART"),
    ("a partition table (GPT)", Start(4096), b"EFI PART"),
    ("the second copy of a partition table (GPT)", End(512), b"EFI PART"),
    ("the second copy of a partition table (GPT)", End(4096), b"EFI PART"),
    ("a partition table (MBR) or a boot sector", Start(510), b"\x55\xaa"),
];

/// Returns the names of the signatures on a device.
pub(super) fn find_signatures(device: &Device, size: u64) -> io::Result<Vec<String>> {
    let tail_from = size.saturating_sub(REACH) / 4096 * 4096;
    let ends = DeviceEnds {
        head: device.read_at(0, REACH.min(size) as usize)?,
        tail: device.read_at(tail_from, (size - tail_from) as usize)?,
        tail_from,
        size,
    };
    let mut found: Vec<String> = Vec::new();
    for (name, place, magic) in KNOWN {
        if ends.from(place).starts_with(magic) && !found.iter().any(|one| one == name) {
            found.push(name.to_owned());
        }
    }
    if ends.zfs() {
        found.push("a ZFS label".to_owned());
    }
    Ok(found)
}

struct DeviceEnds {
    head: Vec<u8>,
    tail: Vec<u8>,
    tail_from: u64,
    size: u64,
}

impl DeviceEnds {
    /// Returns the bytes from an offset on; none outside of the ends.
    fn from(&self, place: SignatureOffset) -> &[u8] {
        let (bytes, at) = match place {
            Start(offset) => (&self.head, Some(offset)),
            End(back) => (&self.tail, self.size.checked_sub(back + self.tail_from)),
            RoundedEnd(unit, back) => {
                let end = self.size / unit * unit;
                (&self.tail, end.checked_sub(back + self.tail_from))
            }
        };
        at.and_then(|at| bytes.get(at as usize..)).unwrap_or_default()
    }

    /// Returns whether a ZFS label is found. There are two at either end; their second half consists
    /// of uberblocks, which begin with a magic number in either byte order.
    fn zfs(&self) -> bool {
        const UBERBLOCK: u64 = 0x00ba_b10c;
        let labels = [
            Start(0),
            Start(ZFS_LABEL_SIZE),
            RoundedEnd(ZFS_LABEL_SIZE, 2 * ZFS_LABEL_SIZE),
            RoundedEnd(ZFS_LABEL_SIZE, ZFS_LABEL_SIZE),
        ];
        let is_uberblock = |block: &[u8]| {
            block.first_chunk::<8>().is_some_and(|first| {
                [u64::from_le_bytes(*first), u64::from_be_bytes(*first)].contains(&UBERBLOCK)
            })
        };
        labels.into_iter().any(|label| {
            let blocks = self.from(label).chunks(1024);
            blocks.skip(128).take(128).any(is_uberblock)
        })
    }
}
