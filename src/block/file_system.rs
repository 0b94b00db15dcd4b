//! Reads the superblocks of the file systems that can be encrypted in place: ext4 (Linux kernel,
//! "ext4 Data Structures and Algorithms", The Super Block) and xfs ("XFS Algorithms & Data
//! Structures", Superblocks). PURE.

use std::io;

use super::luks::ReadAt;

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// `ext4` (ext2 and ext3 too) or `xfs`.
    pub kind: &'static str,
    /// The size in bytes, from the beginning of the device.
    pub size: u64,
    /// The smallest number of bytes that it reads or writes: a block, or for xfs a sector.
    pub unit: u32,
    /// Whether it was unmounted cleanly and is not marked as having errors.
    pub is_clean: bool,
}

/// Reads the file system of a device; `None` if it is neither ext4 nor xfs.
///
/// # Errors
/// The I/O error of the device.
pub fn read(device: &(impl ReadAt + ?Sized)) -> io::Result<Option<FileSystem>> {
    let head = device.read_at(0, 4096)?;
    Ok(ext4(&head).or_else(|| xfs(&head)))
}

fn ext4(head: &[u8]) -> Option<FileSystem> {
    /// The journal has to be replayed first (`EXT4_FEATURE_INCOMPAT_RECOVER`).
    const RECOVER: u32 = 0x4;
    /// The number of blocks has 64 bits (`EXT4_FEATURE_INCOMPAT_64BIT`).
    const WIDE: u32 = 0x80;
    /// `s_state`: unmounted cleanly, without errors (only `EXT4_VALID_FS`).
    const VALID: u16 = 1;
    let block = head.get(1024..2048)?;
    let u16_at = |at: usize| Some(u16::from_le_bytes(block.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_le_bytes(block.get(at..at + 4)?.try_into().ok()?));
    if u16_at(0x38)? != 0xef53 {
        return None;
    }
    let incompatible = u32_at(0x60)?;
    let high = if incompatible & WIDE == 0 { 0 } else { u32_at(0x150)? };
    let blocks = u64::from(high) << 32 | u64::from(u32_at(0x4)?);
    let block_size = 1024_u32.checked_shl(u32_at(0x18)?).filter(|size| *size <= 65536)?;
    Some(FileSystem {
        kind: "ext4",
        size: blocks.checked_mul(u64::from(block_size))?,
        unit: block_size,
        is_clean: u16_at(0x3a)? == VALID && incompatible & RECOVER == 0,
    })
}

fn xfs(head: &[u8]) -> Option<FileSystem> {
    if !head.starts_with(b"XFSB") {
        return None;
    }
    let block_size = u32::from_be_bytes(head.get(4..8)?.try_into().ok()?);
    let blocks = u64::from_be_bytes(head.get(8..16)?.try_into().ok()?);
    // Only the log shows whether it was unmounted cleanly; the caller has to make sure.
    let is_busy = *head.get(126)? != 0; // sb_inprogress: mkfs was interrupted
    Some(FileSystem {
        kind: "xfs",
        size: blocks.checked_mul(u64::from(block_size))?,
        unit: u16::from_be_bytes(head.get(102..104)?.try_into().ok()?).into(), // sb_sectsize
        is_clean: !is_busy,
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn as_mkfs_makes_them() {
        let at = tempfile::NamedTempFile::new().expect("a file");
        at.as_file().set_len(64 << 20).expect("a size");
        for (block, size) in [("1024", "40M"), ("4096", "48M")] {
            let path = at.path().display().to_string();
            let words = ["-q", "-F", "-b", block, &path, size];
            assert!(
                Command::new("/usr/sbin/mkfs.ext4").args(words).status().expect("mkfs").success()
            );
            let bytes = std::fs::read(at.path()).expect("read");
            let found = read(bytes.as_slice()).expect("read").expect("ext4");
            assert_eq!((found.kind, found.is_clean), ("ext4", true));
            assert_eq!(found.unit.to_string(), block);
            assert_eq!(format!("{}M", found.size >> 20), size);
        }
    }

    #[test]
    fn what_is_none_or_not_clean() {
        assert_eq!(read(&[0; 4096][..]).expect("read"), None);
        assert_eq!(read(&[][..]).expect("read"), None);
        let mut head = vec![0; 4096];
        head[..4].copy_from_slice(b"XFSB");
        head[4..8].copy_from_slice(&4096_u32.to_be_bytes());
        head[8..16].copy_from_slice(&100_u64.to_be_bytes());
        head[102..104].copy_from_slice(&512_u16.to_be_bytes());
        let found = read(head.as_slice()).expect("read").expect("xfs");
        assert_eq!(
            (found.kind, found.size, found.unit, found.is_clean),
            ("xfs", 409_600, 512, true)
        );
        head[126] = 1;
        assert!(!read(head.as_slice()).expect("read").expect("xfs").is_clean);
        // Numbers that do not fit are no file system.
        head[8..16].fill(0xff);
        assert_eq!(read(head.as_slice()).expect("read"), None);
    }
}
