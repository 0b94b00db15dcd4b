//! `ccx-sec volume backup`: a copy of the header is taken, and kept in the store.

use std::path::PathBuf;

use super::selector::{VolumeSelector, VolumeSession};
use super::status_document::{JSON, VolumeStatus};
use crate::block::image::Image;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::files::{self, ExistingFile, FileMode};
use crate::volume::header_copy::check_opens;
use crate::volume::locate;
use crate::volume::record::{Backup, StoredVolume, VolumeId, with_image, with_record};

/// Take a copy of the header of a volume, open it with the key, and keep it in the store
///
/// That is done by itself whenever the header changes. Without its header nothing on a volume
/// can be read; without the key, nothing in the copy helps.
#[derive(Debug, clap::Args)]
#[command(after_long_help = help())]
pub(crate) struct Args {
    /// The volume
    #[arg(value_name = "ID")]
    id: VolumeId,
    /// Write it into a file too, as cryptsetup luksHeaderRestore takes it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    out: Option<PathBuf>,
    #[command(flatten)]
    way: VolumeSelector,
}

fn help() -> String {
    format!(
        "\
{JSON}

EXAMPLES
  ccx-sec volume backup db-6ae82
  ccx-sec volume backup db-6ae82 --out /mnt/usb/db-6ae82.header

EXIT STATUS
  0  it is in the store
  1  there is no such volume
  2  usage
  3  it could not be done: the header is damaged, or the key does not open it
  4  refused: something is pending"
    )
}

impl Args {
    pub(crate) fn run(self, context: &Context) -> Result<Exit> {
        let session = VolumeSession::open(context, &self.id, &self.way.journals)?;
        let StoredVolume { mut record, secret } = session.settled(&self.id)?;
        let stored = StoredVolume { record: record.clone(), secret: secret.clone() };
        let device = locate::with_header(&record, self.way.device())?;
        let key = self.way.key(context, &stored)?;
        let image = Image::take(&device, &device.path().display().to_string())?;
        check_opens(session.cryptsetup(), &record, &image, &key)?;
        if let Some(path) = &self.out {
            files::write(path, image.bytes(), FileMode::Private, ExistingFile::Replace)?;
        }
        record.backup = Some(Backup::of(&image, context.now));
        record.follow(device.identity());
        let wished = with_record(with_image(secret, &image)?, &record)?;
        if !session.store().replace(&wished)? {
            return Err(crate::volume::contended(session.store(), &self.id));
        }
        let read = StoredVolume::load_required(session.store(), &self.id)?;
        read.image()?;
        let told =
            VolumeStatus::from_record(&read.record, session.store(), context.now).on(device.path());
        told.tell(context, "backed up")?;
        Ok(Exit::Done)
    }
}
