//! What is seen of a file from outside: whether it is still what it was, and whether it is a
//! socket.

use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;

/// What changes when a file is written, or another is put in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileFingerprint {
    inode: (u64, u64),
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The stamp of what a path leads to; `None` where nothing is seen.
#[must_use]
pub fn stamp(path: &Path) -> Option<FileFingerprint> {
    let metadata = path.metadata().ok()?;
    Some(FileFingerprint {
        inode: (metadata.dev(), metadata.ino()),
        size: metadata.size(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed: (metadata.ctime(), metadata.ctime_nsec()),
    })
}

/// Takes away the file of a Unix socket, and no other file.
pub fn remove_socket(path: &Path) {
    if path.symlink_metadata().is_ok_and(|metadata| metadata.file_type().is_socket()) {
        let _ = std::fs::remove_file(path);
    }
}
