//! Copies of a volume's header, which recover the volume together with its key.

use super::record::Record;
use super::stored::StoredVolume;
use crate::block::cryptsetup::Cryptsetup;
use crate::block::image::Image;
use crate::block::key::VolumeKey;
use crate::error::{Code, Error, Result};
use crate::shell::{CommandLine, Placeholder};

/// Refuses a copy of the header that the key does not unlock: it could not recover the volume.
///
/// # Errors
/// Exit 3 `key-wrong`.
pub fn check_opens(
    cryptsetup: &Cryptsetup,
    record: &Record,
    image: &Image,
    key: &VolumeKey,
) -> Result<()> {
    if cryptsetup.opens_image(&image.in_memory()?, key)? {
        return Ok(());
    }
    let message = format!("the key does not unlock the copy of the header of {}", record.id);
    Err(Error::failed(Code::KeyWrong, message).hint((
        "check the volume",
        CommandLine::ccx_sec("volume test-recovery").argument(record.id.to_string()),
    )))
}

/// Returns the copy of the header in the Secret.
///
/// # Errors
/// Exit 3 `backup-missing` when the Secret has none; and as [`StoredVolume::image`].
pub fn required_image(stored: Option<&StoredVolume>) -> Result<Image> {
    stored.map_or(Ok(None), StoredVolume::image)?.ok_or_else(|| {
        Error::failed(Code::BackupMissing, "the store has no copy of the header of this volume")
            .hint((
                "restore a copy from a file, if there is one",
                CommandLine::other("cryptsetup", "luksHeaderRestore")
                    .argument(Placeholder("DEVICE"))
                    .option("--header-backup-file", Placeholder("FILE")),
            ))
    })
}
