//! `ccx-sec volume backup`: copies the header to the store.

use std::path::{Path, PathBuf};

use super::selector::{VolumeSelector, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::image::Image;
use crate::context::Context;
use crate::error::{Code, Error, Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::volume::header_copy::check_opens;
use crate::volume::locate;
use crate::volume::record::{Backup, VolumeId};
use crate::volume::stored::{StoredVolume, with_image, with_record};

/// Copy the header of a volume to the store
///
/// Use it after another program, such as cryptsetup, changed the header; ccx-sec makes a copy itself
/// whenever it changes the header. Refuses a header that the key does not unlock. Without a header, no data on a volume can be read; without
/// the key, a copy of the header is useless.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Also write a file for cryptsetup luksHeaderRestore
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    /// Replace an existing file
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    pub(super) selector: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume backup db-6ae82
  ccx-sec volume backup db-6ae82 --out /mnt/usb/db-6ae82.header

EXIT STATUS
  0  the copy is in the store
  1  no such volume
  2  usage error
  3  failed: the header is damaged, or the key does not unlock it
  4  refused: an operation is pending, or the file exists"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        if let Some(path) = self.out.as_deref().filter(|_| !self.force)
            && files::try_exists(path)?
        {
            return Err(file_exists(path));
        }
        let session = VolumeSession::open(context, &self.id, &self.selector.journals)?;
        let StoredVolume { mut record, secret } = session.settled(&self.id)?;
        let stored = StoredVolume { record: record.clone(), secret: secret.clone() };
        let device = locate::with_header(&record, self.selector.device())?;
        let key = self.selector.key(context, &stored)?;
        let image = Image::take(&device, &device.path().display().to_string())?;
        check_opens(session.cryptsetup(), &record, &image, &key)?;
        record.backup = Some(Backup::of(&image, context.now));
        record.follow(device.identity());
        let wanted = with_record(with_image(secret, &image)?, &record)?;
        if !session.store().replace(&wanted)? {
            return Err(crate::volume::stored::contended(session.store(), &self.id));
        }
        let read = StoredVolume::load_required(session.store(), &self.id)?;
        read.image()?;
        let status = VolumeStatus::from_record(&read.record, session.store(), context.now)
            .with_device(device.path());
        status.print(context, "backed up")?;
        if let Some(path) = &self.out {
            self.write_file(path, &image)?;
            context.output.note(&format!("written: {}", path.display()));
        }
        Ok(Exit::Done)
    }

    fn write_file(&self, path: &Path, image: &Image) -> Result<()> {
        let existing = if self.force { ExistingFile::Replace } else { ExistingFile::Keep };
        match files::write(path, image.bytes(), FileMode::Private, existing)? || self.force {
            true => Ok(()),
            false => Err(file_exists(path)),
        }
    }
}

/// The error for a file that exists and may be the only good copy of another header.
fn file_exists(path: &Path) -> Error {
    Error::refused(Code::FileExists, format!("{} exists already", path.display()))
        .hint("give another name, or --force to replace it")
}
