//! The fingerprint of a file, which tells whether it has changed; and Unix sockets.

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// Metadata that differ once a file is written or replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileFingerprint {
    inode: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The fingerprint of the file that a path leads to; `None` if it cannot be read.
#[must_use]
pub(crate) fn stamp(path: &Path) -> Option<FileFingerprint> {
    let metadata = path.metadata().ok()?;
    Some(FileFingerprint {
        inode: (metadata.dev(), metadata.ino()),
        size: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Removes the file of a Unix socket; leaves other files alone.
pub(crate) fn remove_socket(path: &Path) {
    if path.symlink_metadata().is_ok_and(|metadata| metadata.file_type().is_socket()) {
        let _ = std::fs::remove_file(path);
    }
}
